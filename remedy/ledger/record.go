package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
)

// StateError means that what earlier runs left cannot be known, or that what this
// run does could not be kept: nothing may be sent then.
type StateError struct {
	Path  string // the file or folder in question; "" where there is no state folder at all
	Doing string // "read", "written", "locked"
	Err   error
}

func (e *StateError) Error() string {
	if e.Path == "" {
		return "there is no folder for safepublish's state: " + e.Err.Error()
	}
	return fmt.Sprintf("%s cannot be %s: %v", e.Path, e.Doing, e.Err)
}

func (e *StateError) Unwrap() error { return e.Err }

func stateError(path, doing string, err error) error {
	return &StateError{Path: path, Doing: doing, Err: edit.Reason(err)}
}

// Owner returns the name of the user whose the file or folder is, and whether that is
// another than this process's. What is not there is judged by the folder that it would
// be in; "somebody" where nothing tells.
func (e *StateError) Owner() (name string, others bool) {
	for path := e.Path; path != ""; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil && path == filepath.Dir(path) {
			break
		}
		if err != nil {
			continue
		}
		uid, _, ok := edit.Owner(info)
		if !ok {
			break
		}
		id := strconv.Itoa(uid)
		if u, err := user.LookupId(id); err == nil {
			id = u.Username
		}
		return id, uid != os.Geteuid()
	}
	return "somebody", false
}

// form is the number of the records' form. Form 1 kept the uploads in the record of
// their folder; it is read, and taken over.
const form = 2

// Folder is the record of one folder: what a run there was doing when it ended.
type Folder struct {
	Schema  int             `json:"schema"`
	Path    string          `json:"folder"`            // for the person who reads it; the file's name is its hash
	Fixes   []string        `json:"fixes,omitempty"`   // every --fix that would have made the last edit: "bump=1.0.1", "bump=patch"
	Edits   json.RawMessage `json:"edits,omitempty"`   // in the form of who makes them
	Sending *Sending        `json:"sending,omitempty"` // npm publish was started, and nothing was noted after it
}

func (f Folder) empty() bool { return len(f.Edits) == 0 && f.Sending == nil }

func unknownForm(n int) error {
	return fmt.Errorf("it has the format %d, which this version of safepublish does not know", n)
}

// Sending is an npm publish that was started.
type Sending struct {
	Name, Version string // of package.json; "" where npm was to publish something else
	Logs          string // the folder of its debug log; "" where it has none of ours
	Began         time.Time
}

// record is what is kept of one package at one registry: its open uploads.
type record struct {
	Schema   int    `json:"schema"`
	Registry string `json:"registry"`
	Name     string `json:"name"`
	Uploads  []kept `json:"uploads"`
}

// kept is an Upload as it is written down.
type kept struct {
	Version   string    `json:"version"`
	Shasum    string    `json:"shasum,omitempty"`
	Integrity string    `json:"integrity,omitempty"`
	Sent      time.Time `json:"sent"`
	Folder    string    `json:"folder,omitempty"`
	Left      string    `json:"left,omitempty"`
	As        string    `json:"as,omitempty"`
	Staged    bool      `json:"staged,omitempty"`
}

// parseFolder reads a folder's record, and the uploads that form 1 kept in it.
func parseFolder(text []byte) (Folder, []Upload, error) {
	var f struct {
		Folder
		Open []struct {
			Name, Version, Registry string
			Shasums                 []string
			Sent                    time.Time
		} `json:"open"`
	}
	if err := json.Unmarshal(text, &f); err != nil {
		return Folder{}, nil, err
	}
	if f.Schema < 1 || f.Schema > form {
		return Folder{}, nil, unknownForm(f.Schema)
	}
	var open []Upload
	for _, o := range f.Open {
		u := Upload{Target: At(o.Registry, o.Name, o.Version), State: transcript.Open, Began: o.Sent}
		if len(o.Shasums) == 0 {
			open = append(open, u)
		}
		for _, sum := range o.Shasums {
			u.Contents.Shasum = sum
			open = append(open, u)
		}
	}
	if string(f.Edits) == "null" {
		f.Edits = nil
	}
	f.Schema = form
	return f.Folder, open, nil
}

func (k kept) upload(registry, name string) Upload {
	return Upload{
		Target: Target{registry, name, k.Version}, Contents: npm.Contents{Shasum: k.Shasum, Integrity: k.Integrity},
		State: transcript.Open, Began: k.Sent, Folder: k.Folder, Left: k.Left, As: k.As, Staged: k.Staged, Earlier: true,
	}
}

// each hands over every record of a folder.
func each(dir string, do func(path string, text []byte) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return stateError(dir, "read", err)
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) != ".json" {
			continue
		}
		path := filepath.Join(dir, e.Name())
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) { // another run has just settled it
			continue
		}
		if err != nil {
			return stateError(path, "read", err)
		}
		if err := do(path, text); err != nil {
			return err
		}
	}
	return nil
}

// put replaces a record at once or not at all, on the disk before it returns; an
// empty one is taken away.
func put(path string, record any, empty bool) error {
	if empty {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stateError(path, "written", err)
		}
		return nil
	}
	text, err := json.Marshal(record)
	if err == nil { // nobody else writes path.new: the lock is ours
		err = edit.Replace(path, text, edit.New{Temp: path + ".new", Mode: 0o600, Fault: "journal"})
	}
	if err != nil {
		return stateError(path, "written", err)
	}
	return nil
}
