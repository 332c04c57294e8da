package edit

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const manifest = `{
  "name": "@acme/widget",
  "version": "1.0.0",
  "repository": "github:acme/widget"
}
`

const lock = `{
  "name": "@acme/widget",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "@acme/widget",
      "version": "1.0.0"
    },
    "node_modules/other": {
      "version": "1.0.0"
    }
  }
}
`

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// bumped are the edits that make the package in dir 1.0.1.
func bumped(t *testing.T, dir string) []Edit {
	t.Helper()
	pkg, err := Load(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := pkg.Draft()
	if !d.Follow("version", "1.0.1") {
		t.Fatal("no version to follow")
	}
	return d.Edits()
}

func noted() error { return nil }

func TestMakeAndUndo(t *testing.T) {
	before := strings.ReplaceAll(manifest, "\n", "\r\n")
	dir := folder(t, map[string]string{"package.json": before, "package-lock.json": lock})
	path := filepath.Join(dir, "package.json")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	j := &Journal{}
	err := j.Make(bumped(t, dir), noted)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, path), strings.Replace(before, "1.0.0", "1.0.1", 1); got != want {
		t.Errorf("package.json is %q", got)
	}
	if got, want := read(t, dir, "package-lock.json"), strings.Replace(lock, `"1.0.0"`, `"1.0.1"`, 2); got != want {
		t.Errorf("package-lock.json is\n%s", got)
	}
	if s, _ := os.Stat(path); s.Mode().Perm() != 0o640 {
		t.Errorf("mode is %v", s.Mode())
	}

	// what is written down must be enough to undo it
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	var again Journal
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	lines, err := again.Undo()
	if want := []string{"package-lock.json is as it was before", "package.json is as it was before"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
	if read(t, path) != before || read(t, dir, "package-lock.json") != lock {
		t.Error("undo did not give the files back")
	}
	if lines, err := again.Undo(); len(lines) > 0 || err != nil {
		t.Errorf("the second undo: %q, %v", lines, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 2 {
		t.Errorf("left behind: %v", left)
	}
}

func TestMakeFollowsLinks(t *testing.T) {
	dir := folder(t, map[string]string{"real/manifest.json": manifest})
	link := filepath.Join(dir, "package.json")
	if err := os.Symlink(filepath.Join("real", "manifest.json"), link); err != nil {
		t.Skip(err)
	}
	if err := new(Journal).Make(bumped(t, dir), noted); err != nil {
		t.Fatal(err)
	}
	if s, _ := os.Lstat(link); s.Mode()&fs.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	if got := read(t, dir, "real/manifest.json"); !strings.Contains(got, `"1.0.1"`) {
		t.Errorf("the target is %s", got)
	}
}

func TestMakeChangedMeanwhile(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	plan := bumped(t, dir)
	touched := lock + "\n"
	if err := os.WriteFile(filepath.Join(dir, "package-lock.json"), []byte(touched), 0o644); err != nil {
		t.Fatal(err)
	}
	err := new(Journal).Make(plan, noted)
	if err == nil || err.Error() != "package-lock.json changed meanwhile; nothing was written" {
		t.Errorf("%v", err)
	}
	if read(t, dir, "package.json") != manifest || read(t, dir, "package-lock.json") != touched {
		t.Error("something was written")
	}
}

func TestUndoLeavesOthersChanges(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, "package-lock.json": lock})
	j := &Journal{}
	err := j.Make(bumped(t, dir), noted)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"mine":1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	lines, err := j.Undo()
	if want := []string{"package-lock.json is as it was before", "package.json was changed by something else meanwhile and stays as it is"}; err != nil || !slices.Equal(lines, want) {
		t.Errorf("%q, %v", lines, err)
	}
	if read(t, dir, "package.json") != `{"mine":1}` || read(t, dir, "package-lock.json") != lock {
		t.Error("the wrong file was put back")
	}
}

func TestUndoSaysWhatItCannot(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest})
	j := &Journal{}
	err := j.Make(bumped(t, dir), noted)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "package.json")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if lines, err := j.Undo(); err == nil || !strings.HasPrefix(err.Error(), "putting package.json back: ") || len(lines) > 0 {
		t.Errorf("%q, %v", lines, err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Undo(); err != nil || read(t, path) != manifest {
		t.Errorf("undo after the file came back: %v", err)
	}
}

func TestRootLockFollows(t *testing.T) {
	before := `{"version":"9.9.9","packages":{"":{"version":"9.9.9"},"packages/a":{"version":"1.0.0"}}}`
	root := folder(t, map[string]string{"package-lock.json": before, "packages/a/package.json": manifest})
	if err := new(Journal).Make(bumped(t, filepath.Join(root, "packages/a")), noted); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, root, "package-lock.json"), strings.Replace(before, "1.0.0", "1.0.1", 1); got != want {
		t.Errorf("got %s", got)
	}
}

// TestNothingUnnoted: what could not be taken back is not done.
func TestNothingUnnoted(t *testing.T) {
	dir, full := folder(t, map[string]string{"package.json": manifest}), errors.New("the disk is full")
	j := &Journal{}
	if err := j.Make(bumped(t, dir), func() error { return full }); !errors.Is(err, full) || len(j.Entries) > 0 {
		t.Errorf("%v, %v", err, j.Entries)
	}
	if read(t, dir, "package.json") != manifest {
		t.Error("it was written")
	}
}

// TestTorn: a file that was cut off while it was written in place is put back, or
// finished; one that somebody else wrote is left alone.
func TestTorn(t *testing.T) {
	before, after := "{\n  \"version\": \"1.0.0\"\n}\n", "{\n  \"version\": \"1.0.10\"\n}\n"
	for _, c := range []struct {
		now  string
		side Side
	}{
		{after[:21] + before[21:], Torn},
		{after[:5], Torn},
		{"", Torn},
		{before, Before},
		{after, After},
		{"{}", Strange},
	} {
		for _, end := range []string{before, after} {
			path := filepath.Join(folder(t, map[string]string{"package.json": c.now}), "package.json")
			j := Journal{[]Entry{{Path: path, Before: []byte(before), After: []byte(after), InPlace: true}}}
			if side := j.Entries[0].Holds(); side != c.side {
				t.Errorf("%q is on side %d, want %d", c.now, side, c.side)
			}
			var err error
			if end == after {
				err = j.Finish()
			} else {
				_, err = j.Undo()
			}
			if c.side == Strange {
				end = c.now
			}
			if got := read(t, path); err != nil || got != end {
				t.Errorf("%q became %q, want %q (%v)", c.now, got, end, err)
			}
		}
	}
}

// TestTidy: what a kill in the middle of an edit leaves beside the file goes, and
// nothing else.
func TestTidy(t *testing.T) {
	dir := folder(t, map[string]string{"package.json": manifest, ".safepublish-package.json.swp": "{", "notes.swp": "mine"})
	j := Journal{[]Entry{{Path: filepath.Join(dir, "package.json")}, {Done: "npm version 1.0.1"}}}
	j.Tidy()
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if want := []string{"notes.swp", "package.json"}; !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
}
