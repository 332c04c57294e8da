package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
)

// What a run that was killed has changed is shown line by line; what somebody has put
// right meanwhile is not.
func TestPreviewOfWhatIsLeft(t *testing.T) {
	dir := t.TempDir()
	var entries []edit.Entry
	for name, now := range map[string]string{"package.json": "1.0.1", "packages/a/package.json": "1.0.0"} {
		e := edit.Entry{Path: filepath.Join(dir, name)}
		text := func(version string) []byte {
			return []byte("{\n  \"name\": \"demo\",\n  \"version\": \"" + version + "\"\n}\n")
		}
		e.Before, e.After = text("1.0.0"), text("1.0.1")
		if err := os.MkdirAll(filepath.Dir(e.Path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.Path, text(now), 0o644); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	got := strings.Join(preview([]*edit.Journal{{Entries: entries}}, dir), "\n")
	if want := "package.json:\n-  \"version\": \"1.0.0\"\n+  \"version\": \"1.0.1\""; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// An upload that is open elsewhere, or of another number, says nothing of the edits that a
// killed run has left.
func TestOpenUploadOfWhatIsOnDisk(t *testing.T) {
	for _, c := range []struct {
		kind, name, version, left string
		want                      bool
	}{
		{"folder", "demo", "1.0.1", "", true},
		{"folder", "demo", "1.0.2", "1.0.1", true}, // a script raised it
		{"folder", "demo", "1.0.0", "1.0.0", false},
		{"folder", "other", "1.0.1", "", false},
		{"workspaces", "other", "1.0.0", "", true},
	} {
		r, _ := quiet(t)
		r.pkg = edit.Package{Kind: c.kind, Name: "demo", Version: "1.0.1"}
		r.records.led.Earlier(ledger.Upload{
			Target: ledger.At("http://127.0.0.1/", c.name, c.version), State: transcript.Open, Left: c.left,
		})
		if got := r.isOpen(); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
