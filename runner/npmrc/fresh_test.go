//go:build unix

package npmrc

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Settings that were read are good for as long as no file that npm may read has been
// written, made or removed; what is added to a copy is not added to them.
func TestFresh(t *testing.T) {
	from := installed(t)
	home := from.Env[0][len("HOME="):]
	user := filepath.Join(home, ".npmrc")
	for _, step := range []struct {
		name   string
		change func()
	}{
		{"made", func() { write(t, user, "tag=one\n") }},
		{"written, as long as before", func() {
			write(t, user, "tag=two\n")
			if err := os.Chtimes(user, time.Time{}, time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}},
		{"the file that it leads to", func() { write(t, user, "globalconfig="+home+"/other\n") }},
		{"made where it leads to", func() { write(t, filepath.Join(home, "other"), "tag=three\n") }},
		{"removed", func() { _ = os.Remove(user) }},
	} {
		s := Read(from)
		if !s.Fresh() || !s.Clone().Fresh() {
			t.Fatalf("%s: not fresh before", step.name)
		}
		places := len(s.places)
		s.Clone().Also(filepath.Join(home, "further"))
		if step.change(); s.Fresh() || len(s.places) != places {
			t.Errorf("%s: fresh, %d places of %d", step.name, len(s.places), places)
		}
	}
}
