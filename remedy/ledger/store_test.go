package ledger

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

var sent = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func open(t *testing.T, state, folder string, names ...string) *Store {
	t.Helper()
	s, err := OpenStore(state, folder, names...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func upload(name, version, folder string) Upload {
	return Upload{
		Target: At("http://127.0.0.1:1", name, version), Contents: npm.Contents{Shasum: strings.Repeat("a", 40)}, State: transcript.Open, Began: sent, Folder: folder,
		Left: version, Earlier: true,
	}
}

func found(t *testing.T, s *Store, names ...string) []Upload {
	t.Helper()
	all, err := s.Pending(names...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// A package is known again however it is named: by its folder, from the root, as a
// tarball, in a second checkout, under another name in the same folder. Another
// package is not.
func TestUploadsAreFoundAgain(t *testing.T) {
	state, root := filepath.Join(t.TempDir(), "state"), t.TempDir()
	folder := filepath.Join(root, "packages", "demo")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, state, folder, "demo")
	want := []Upload{upload("demo", "1.0.0", folder)}
	for range 2 { // noted once
		if err := s.Keep(want); err != nil {
			t.Fatal(err)
		}
	}
	s.Close()
	for title, c := range map[string]struct {
		folder, name string
		want         []Upload
	}{
		"folder":          {folder, "demo", want},
		"from the root":   {root, "", want},
		"second checkout": {t.TempDir(), "demo", want},
		"renamed":         {folder, "other", want},
		"another package": {filepath.Join(root, "packages", "else"), "else", nil},
		"elsewhere":       {t.TempDir(), "else", nil},
	} {
		s := open(t, state, c.folder, c.name)
		if got := found(t, s, c.name); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", title, got, c.want)
		}
		if title == "second checkout" {
			if info, err := os.Stat(s.Where(want[0])); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info, err)
			}
		}
		s.Close()
	}
	again := open(t, state, t.TempDir(), "demo")
	if err := again.Drop(want); err != nil || again.Any() {
		t.Errorf("%v, still there: %v", err, again.Any())
	}
}

// One run at a time has a package, whatever folder it is published from, and a folder,
// whatever its package is called.
func TestOneAtATime(t *testing.T) {
	state, folder := t.TempDir(), t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(folder, link); err != nil {
		t.Skip(err)
	}
	s := open(t, state, folder, "demo")
	for _, c := range [][2]string{{folder, "other"}, {link, "other"}, {t.TempDir(), "demo"}} {
		if _, err := OpenStore(state, c[0], c[1]); !errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
			t.Errorf("%v: %v", c, err)
		}
	}
	open(t, state, t.TempDir(), "other")
	s.Close()
	open(t, state, link, "demo")
}

func TestFolderSurvives(t *testing.T) {
	state, folder := t.TempDir(), t.TempDir()
	s := open(t, state, folder)
	s.Fixes, s.Edits = []string{"bump=1.0.1"}, json.RawMessage(`[{"entries":[]}]`)
	s.Sending = &Sending{Name: "demo", Version: "1.0.0", Logs: "/x", Began: sent}
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	want := s.Folder
	s.Close()
	s = open(t, state, folder)
	if !reflect.DeepEqual(s.Folder, want) {
		t.Errorf("%+v, want %+v", s.Folder, want)
	}
	s.Edits, s.Sending = nil, nil
	if err := s.Save(); err != nil || s.Any() {
		t.Errorf("%v: an empty record was kept", err)
	}
}

// A record of the form before this one is taken over, with all that it knows.
func TestFormOneIsTakenOver(t *testing.T) {
	state, folder := t.TempDir(), t.TempDir()
	s := open(t, state, folder)
	path := s.folderFile(s.Path)
	s.Close()
	old := `{"schema":1,"folder":"/elsewhere","fixes":["bump=1.0.1"],"edits":[{"entries":[{"path":"/x/package.json"}]}],
		"open":[{"Name":"demo","Version":"1.0.0","Registry":"http://R:80","Shasums":["aa","bb"],"Sent":"2026-01-02T03:04:05Z"},
		{"Name":"blind","Version":"2.0.0","Registry":"","Shasums":null,"Sent":"2026-01-02T03:04:05Z"}]}`
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is of this form
		s = open(t, state, folder)
		var got []string
		for _, u := range found(t, s) {
			got = append(got, u.Registry+" "+u.Name+" "+u.Version+" "+u.Contents.Shasum+" "+u.Began.String())
		}
		slices.Sort(got)
		want := []string{" blind 2.0.0  " + sent.String(), "http://r/ demo 1.0.0 aa " + sent.String(), "http://r/ demo 1.0.0 bb " + sent.String()}
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if s.Schema != form || len(s.Edits) == 0 || !slices.Equal(s.Fixes, []string{"bump=1.0.1"}) {
			t.Errorf("%+v", s.Folder)
		}
		s.Close()
	}
}

// What cannot be read is not empty, and the error names the file.
func TestUnreadable(t *testing.T) {
	broken := func(t *testing.T, spoil func(s *Store) string) {
		t.Helper()
		state, folder := t.TempDir(), t.TempDir()
		s := open(t, state, folder, "demo")
		path := spoil(s)
		s.Close()
		s, err := OpenStore(state, folder, "demo")
		if err == nil {
			_, err = s.Pending("demo")
			s.Close()
		}
		var state2 *StateError
		if !errors.As(err, &state2) || !strings.HasPrefix(state2.Path, path) || state2.Error() == "" {
			t.Errorf("%v, want it about %s", err, path)
		}
	}
	write := func(path, text string) string {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, text := range []string{"", "{", "[]", `{"schema":3}`, `{"schema":0}`, `{"schema":2,"sending":1}`} {
		broken(t, func(s *Store) string { return write(s.folderFile(s.Path), text) })
		broken(t, func(s *Store) string { return write(filepath.Join(s.uploads(), "x.json"), text) })
	}
	for _, place := range []func(s *Store) string{
		func(s *Store) string { return s.folderFile(s.Path) },
		func(s *Store) string { return filepath.Join(s.uploads(), "x.json") },
		func(s *Store) string { return s.folderFile(s.Path) + ".lock" },
	} {
		broken(t, func(s *Store) string { // a folder where a file should be
			path := place(s)
			_ = os.Remove(path)
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
			return path
		})
	}
	file := write(filepath.Join(t.TempDir(), "file"), "")
	for _, state := range []string{"", file, filepath.Join(file, "state")} {
		var e *StateError
		if _, err := OpenStore(state, t.TempDir()); !errors.As(err, &e) || e.Error() == "" {
			t.Errorf("%q: %v", state, err)
		}
	}
}

// A publish that was cut off in another checkout is found by the package's name; one
// that is still under way is waited for.
func TestCutOffElsewhere(t *testing.T) {
	state, mine, theirs := t.TempDir(), t.TempDir(), t.TempDir()
	other := open(t, state, theirs)
	other.Sending = &Sending{Name: "demo", Version: "1.0.0", Began: sent}
	if err := other.Save(); err != nil {
		t.Fatal(err)
	}
	s := open(t, state, mine)
	if _, err := s.CutOff("demo"); !errors.Is(err, ErrBusy) {
		t.Errorf("under way: %v", err)
	}
	if found, err := s.CutOff("else"); err != nil || len(found) > 0 {
		t.Errorf("another package: %v, %v", found, err)
	}
	other.Close()
	cut, err := s.CutOff("demo")
	if err != nil || len(cut) != 1 || cut[0].Sending.Version != "1.0.0" {
		t.Fatalf("cut off: %v, %v", cut, err)
	}
	cut[0].Close()
}

// FuzzStore: no record makes it fail but by its error.
func FuzzStore(f *testing.F) {
	f.Add([]byte(`{"schema":2,"registry":"http://r/","name":"demo","uploads":[{"version":"1.0.0","shasum":"aa"}]}`))
	f.Add([]byte(`{"schema":1,"open":[{"Name":"demo"}],"edits":[null],"sending":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		state, folder := t.TempDir(), t.TempDir()
		s := open(t, state, folder, "demo")
		for _, path := range []string{s.folderFile(s.Path), s.uploadsFile("http://r/", "demo")} {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
		s, err := OpenStore(state, folder, "demo")
		if err != nil {
			return
		}
		defer s.Close()
		all, err := s.Pending("demo")
		if err != nil {
			return
		}
		if err := s.Drop(all); err != nil {
			t.Fatal(err)
		}
		if again, err := s.Pending("demo"); err != nil || len(again) > 0 {
			t.Errorf("%v, %v", again, err)
		}
	})
}
