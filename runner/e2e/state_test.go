//go:build !windows

package e2e

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// State that cannot be read, locked or understood is not empty: nothing is sent,
// and one line says whose it is and how to mend it.
func TestRealStateThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newStage(t, npm11, demo, "")
	s.monorepo(false)
	s.regs[0].Befall(hiding()...)
	s.play("folder", 0)
	s.regs[0].Befall()
	state := filepath.Join(s.p.home, "state", "safepublish")
	if len(records(t, state, ".json")) == 0 {
		t.Fatal("the first run left no record")
	}
	kept := filepath.Join(t.TempDir(), "state")
	if err := os.CopyFS(kept, os.DirFS(state)); err != nil {
		t.Fatal(err)
	}
	s.raise("1.0.1")
	for _, c := range breakages(t, state) {
		t.Run(c.name, func(t *testing.T) {
			if err := os.RemoveAll(state); err != nil {
				t.Fatal(err)
			}
			if err := os.CopyFS(state, os.DirFS(kept)); err != nil {
				t.Fatal(err)
			}
			c.damage(t)
			s.t = t
			p := s.play("folder", 0)
			s.sentNothing()
			checkUnreadable(t, p, state)
		})
	}
}

// breakage is one way in which the state cannot be read.
type breakage struct {
	name   string
	damage func(*testing.T)
}

func breakages(t *testing.T, state string) []breakage {
	t.Helper()
	all := []breakage{{"a file in place of the folder", func(t *testing.T) { inPlace(t, state, false) }}}
	for _, suffix := range []string{".json", ".lock"} {
		all = append(all, breakage{"folders in place of " + suffix, func(t *testing.T) {
			for _, name := range records(t, state, suffix) {
				inPlace(t, name, true)
			}
		}})
	}
	folders := map[string]bool{}
	for _, name := range records(t, state, ".json") {
		folders[filepath.Dir(name)] = true
	}
	for folder := range folders {
		all = append(all, breakage{"a file in place of " + filepath.Base(folder), func(t *testing.T) { inPlace(t, folder, false) }})
	}
	for i, name := range records(t, state, ".json") {
		all = append(all, breakage{fmt.Sprintf("record %d is cut off", i), func(t *testing.T) { overwrite(t, name, "{") }})
	}
	for _, text := range []string{"", "{", "null", "[]", "\x00\x01", `{"schema":99}`, `"garbage"`} {
		all = append(all, breakage{fmt.Sprintf("records are %q", text), func(t *testing.T) {
			for _, name := range records(t, state, ".json") {
				overwrite(t, name, text)
			}
		}})
	}
	return all
}

func overwrite(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// records returns the files of the state with that suffix.
func records(t *testing.T, state, suffix string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(state, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(path, suffix) {
			all = append(all, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// inPlace puts an empty file or folder in the place of another.
func inPlace(t *testing.T, name string, folder bool) {
	t.Helper()
	err := os.RemoveAll(name)
	if folder && err == nil {
		err = os.Mkdir(name, 0o700)
	} else if err == nil {
		err = os.WriteFile(name, nil, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

var mends = regexp.MustCompile(`\b(rm|mv|chown|chmod) `)

func checkUnreadable(t *testing.T, p *play, state string) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	line := lastLine(p.err)
	if p.status != 78 || !strings.HasPrefix(line, "safepublish: state-unreadable: ") || strings.Count(p.err, "\n") != 1 {
		t.Errorf("status %d\n%s", p.status, p.err)
	}
	if !strings.Contains(line, state) || !strings.Contains(line, me.Username) || !mends.MatchString(line) {
		t.Errorf("it does not say what, whose, and how to mend it: %s", line)
	}
}
