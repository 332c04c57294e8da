// Package journal keeps on disk what must outlive safepublish: the edits that a
// run has made and not yet settled, the npm publish that it had under way, and
// the uploads of which nobody knows whether the registry took them.
//
// There is one record for each package folder, in the user's state folder, and
// one safepublish at a time may hold it. It is written before what it tells of
// happens, whole or not at all, so that a kill or a power cut at any instant
// leaves enough for the next safepublish in that folder.
package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"safepublish/remedy"
	"safepublish/remedy/fault"
)

// ErrBusy means that another safepublish is at work in the folder.
var ErrBusy = errors.New("another safepublish is at work in this folder")

// schema is the version of the record's form.
const schema = 1

// Record is what is known of one package folder between two runs. The zero value
// is a folder in which nothing was left.
type Record struct {
	Schema  int               `json:"schema"`
	Folder  string            `json:"folder"`            // for the person who reads it; the file's name is its hash
	Fixes   []string          `json:"fixes,omitempty"`   // every --fix that would have made the last edit: "bump=1.0.1", "bump=patch"
	Edits   []*remedy.Journal `json:"edits,omitempty"`   // in the order in which they were made
	Sending *Sending          `json:"sending,omitempty"` // npm publish was started and has not been settled
	Open    []Upload          `json:"open,omitempty"`
}

// Sending is an npm publish that was started.
type Sending struct {
	Name, Version string // of the manifest, "" where npm was to publish something else
	Logs          string // the folder of its debug log; "" where it has none of ours
	Began         time.Time
}

// Upload is an upload that was sent, and of which no answer proves that it was
// refused.
type Upload struct {
	Name, Version, Registry string
	Shasums                 []string // of what was sent, the last one last; nil where it is not known
	Sent                    time.Time
}

// NewUpload returns an upload that was sent just now. shasum is "" where npm did
// not print it.
func NewUpload(name, version, registry, shasum string) Upload {
	u := Upload{Name: name, Version: version, Registry: registry, Sent: time.Now().UTC().Truncate(time.Second)}
	if shasum != "" {
		u.Shasums = []string{shasum}
	}
	return u
}

// Is tells whether the upload is of that name and version.
func (u Upload) Is(name, version string) bool { return u.Name == name && u.Version == version }

// Book is the record of one folder, held by this process alone until Close.
type Book struct {
	Record
	path string // "" keeps nothing
	lock *flock.Flock
}

// Open takes the record of the package folder dir from state, the user's state
// folder, and holds it. ErrBusy means that another process holds it. Where state
// is "" or cannot be written the Book is usable and empty, and Save fails.
func Open(state, dir string) (*Book, error) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	b := &Book{Record: Record{Schema: schema, Folder: dir}}
	if state == "" {
		return b, nil
	}
	folders := filepath.Join(state, "folders")
	sum := sha256.Sum256([]byte(dir))
	b.path = filepath.Join(folders, hex.EncodeToString(sum[:16])+".json")
	if os.MkdirAll(folders, 0o700) != nil {
		return b, nil
	}
	lock := flock.New(b.path+".lock", flock.SetPermissions(0o600))
	switch locked, err := lock.TryLock(); {
	case err == nil && !locked:
		return nil, ErrBusy
	case err == nil: // else a drive that knows no locks
		b.lock = lock
	}
	return b, b.read()
}

// read takes the record in. What is not there is empty; what cannot be read must
// not be taken for it.
func (b *Book) read() error {
	text, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var r Record
	if err == nil {
		r, err = parse(text)
	}
	if err != nil {
		b.Close()
		return fmt.Errorf("reading what an earlier run left in this folder (%s): %w", b.path, err)
	}
	r.Folder = b.Folder
	b.Record = r
	return nil
}

func parse(text []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return Record{}, err
	}
	if r.Schema != schema {
		return Record{}, fmt.Errorf("it is of form %d, which this version of safepublish does not know", r.Schema)
	}
	r.Edits = slices.DeleteFunc(r.Edits, func(j *remedy.Journal) bool { return j == nil })
	return r, nil
}

// Save writes the record, and takes it away where nothing is left to tell. Its
// error means that the old one still stands.
func (b *Book) Save() error {
	if b.path == "" {
		if b.empty() {
			return nil
		}
		return errors.New("there is no folder for it: neither HOME nor XDG_STATE_HOME is set")
	}
	if b.empty() {
		err := os.Remove(b.path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	text, err := json.Marshal(b.Record)
	if err != nil {
		return err
	}
	return write(b.path, text)
}

// Finish makes the edits that a run which was cut off had only begun to make.
func (b *Book) Finish() error {
	for _, j := range b.Edits {
		if err := j.Finish(); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) empty() bool { return len(b.Edits) == 0 && len(b.Open) == 0 && b.Sending == nil }

// Path is where the record lies, "" where none is kept.
func (b *Book) Path() string { return b.path }

// Close lets go of the record. It may be called more than once.
func (b *Book) Close() {
	if b.lock != nil {
		_ = b.lock.Close()
	}
}

// write replaces a file of ours at once or not at all, on the disk before it
// returns.
func write(path string, text []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	tmp := path + ".new" // nobody else writes it: the folder's lock is ours
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	fault.Point("journal-written")
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	fault.Point("journal-synced")
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return err
	}
	fault.Point("journal-renamed")
	return remedy.SyncFolder(dir)
}
