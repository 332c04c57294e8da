package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy"
)

func open(t *testing.T, state, dir string) *Book {
	t.Helper()
	b, err := Open(state, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestRecordSurvives(t *testing.T) {
	state, dir := filepath.Join(t.TempDir(), "state"), t.TempDir()
	b := open(t, state, dir)
	b.Edits = []*remedy.Journal{{Entries: []remedy.Entry{{Path: filepath.Join(dir, "package.json"), Before: []byte("\xef\xbb\xbf{}\r\n"), After: []byte("{ }")}}}}
	b.Fixes = []string{"bump=1.0.1"}
	b.Sent(NewUpload("demo", "1.0.0", "http://127.0.0.1:1/", strings.Repeat("a", 40)))
	if err := b.Save(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(b.Path()); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if _, err := Open(state, dir); !errors.Is(err, ErrBusy) {
		t.Errorf("held twice: %v", err)
	}
	b.Close()

	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	again := open(t, state, link)
	if !reflect.DeepEqual(again.Record, b.Record) {
		t.Errorf("read\n%+v\nwritten\n%+v", again.Record, b.Record)
	}
	again.Edits, again.Open = nil, nil
	if err := again.Save(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(b.Path()); err == nil {
		t.Error("an empty record was kept")
	}
	if other := open(t, state, t.TempDir()); !other.empty() {
		t.Errorf("another folder has %+v", other.Record)
	}
}

// What cannot be read must not be taken for a folder in which nothing was left.
func TestUnreadableRecord(t *testing.T) {
	state, dir := t.TempDir(), t.TempDir()
	path := open(t, state, dir)
	path.Close()
	for _, text := range []string{"", "{", "[]", `{"schema":2}`, `{"schema":1,"edits":"x"}`} {
		if err := os.WriteFile(path.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(state, dir); err == nil || errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), path.Path()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Without a folder for it nothing can be kept, and an edit is refused.
func TestNowhereToKeepIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, state := range []string{"", filepath.Join(file, "state")} {
		b, err := Open(state, t.TempDir())
		if err != nil {
			t.Fatalf("%q: %v", state, err)
		}
		b.Fixes = []string{"bump=1.0.1"}
		b.Edits = []*remedy.Journal{{}}
		if b.Save() == nil {
			t.Errorf("%q: saved nowhere", state)
		}
		b.Close()
	}
}

func TestJudge(t *testing.T) {
	now := time.Now()
	mine, theirs := strings.Repeat("a", 40), strings.Repeat("b", 40)
	known := Upload{Name: "demo", Version: "1.0.0", Shasums: []string{strings.ToUpper(mine)}, Sent: now.Add(-time.Hour)}
	blind := Upload{Name: "demo", Version: "1.0.0", Sent: now.Add(-time.Hour)}
	old := Upload{Name: "demo", Version: "1.0.0", Shasums: []string{mine}, Sent: now.Add(-25 * time.Hour)}
	for _, c := range []struct {
		u    Upload
		this classify.Published
		want Fate
	}{
		{known, classify.Published{Found: classify.Yes, Shasum: mine}, Ours},
		{known, classify.Published{Found: classify.Yes, Shasum: theirs}, Others},
		{known, classify.Published{Found: classify.Yes}, Unknown},
		{known, classify.Published{Found: classify.No}, Unknown},
		{known, classify.Published{}, Unknown},
		{blind, classify.Published{Found: classify.Yes, Shasum: theirs}, There},
		{old, classify.Published{Found: classify.No}, Lost},
		{old, classify.Published{}, Unknown},
		{old, classify.Published{Found: classify.Yes, Shasum: mine}, Ours},
	} {
		if got := c.u.Judge(c.this, now); got != c.want {
			t.Errorf("%+v by %+v: %v, want %v", c.u, c.this, got, c.want)
		}
	}
}

func TestCutOff(t *testing.T) {
	edits := []*remedy.Journal{{}}
	began := time.Now().Add(-time.Minute)
	pkg := func(s transcript.State) transcript.Transcript {
		return transcript.Transcript{HasLog: true, Packages: []transcript.Package{{Name: "demo", Version: "1.0.1", Shasum: "c", Upload: transcript.Upload{State: s}}}}
	}
	for name, c := range map[string]struct {
		log               transcript.Transcript
		taken, open, kept int
	}{
		"no log":   {transcript.Transcript{}, 0, 1, 1},
		"not sent": {pkg(transcript.NotSent), 0, 0, 1},
		"refused":  {pkg(transcript.Refused), 0, 0, 1},
		"open":     {pkg(transcript.Open), 0, 1, 1},
		"accepted": {pkg(transcript.Accepted), 1, 0, 0},
	} {
		b := &Book{Record: Record{Edits: edits, Sending: &Sending{Name: "demo", Version: "1.0.1", Began: began}}}
		taken := b.CutOff(c.log, "http://127.0.0.1:1/")
		if len(taken) != c.taken || len(b.Open) != c.open || len(b.Edits) != c.kept || b.Sending != nil {
			t.Errorf("%s: %+v, %+v", name, taken, b.Record)
		}
		for _, u := range b.Open {
			if u.Registry != "http://127.0.0.1:1/" || !u.Sent.Equal(began) || !u.Is("demo", "1.0.1") {
				t.Errorf("%s: %+v", name, u)
			}
		}
	}
}

// FuzzRecovery: whatever a record says and whatever a file holds, undoing and
// finishing leave it as it was before or after the edit if it was one of the two,
// and alone if somebody else wrote it.
func FuzzRecovery(f *testing.F) {
	f.Add([]byte(`{"schema":1}`), []byte(`{"version":"1.0.0"}`), []byte(`{"version":"1.0.1"}`), []byte(`{"version":"1.0.1"}`), true, true)
	f.Add([]byte(`{"schema":1,"edits":[null],"open":[{}],"sending":{}}`), []byte("a"), []byte("ab"), []byte("a"), false, true)
	f.Add([]byte(`{"schema":1,"edits":[{"entries":[{}]}]}`), []byte(""), []byte("x"), []byte("y"), true, false)
	f.Fuzz(func(t *testing.T, record, before, after, now []byte, undo, inPlace bool) {
		if r, err := parse(record); err == nil {
			b := &Book{Record: r}
			if b.Sending != nil {
				b.CutOff(transcript.Transcript{}, "")
			}
			if _, err := json.Marshal(b.Record); err != nil {
				t.Fatal(err)
			}
		}
		path := filepath.Join(t.TempDir(), "package.json")
		if err := os.WriteFile(path, now, 0o644); err != nil {
			t.Fatal(err)
		}
		j := &remedy.Journal{Entries: []remedy.Entry{{Path: path, Before: before, After: after, InPlace: inPlace}}}
		side, want := j.Entries[0].Holds(), before
		var err error
		if undo {
			_, err = j.Undo()
		} else {
			err, want = j.Finish(), after
		}
		if side == remedy.Strange {
			want = now
		}
		if !undo && side == remedy.After || undo && side == remedy.Before {
			want = now
		}
		if got, _ := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q (side %d) became %q, want %q: %v", now, side, got, want, err)
		}
	})
}
