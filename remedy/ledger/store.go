package ledger

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
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"safepublish/remedy/edit"
)

// ErrBusy means that another safepublish is at work with this package; it is a *BusyError.
var ErrBusy = errors.New("another safepublish is at work with this package")

// BusyError is ErrBusy with the process that is at work, 0 where it is not known.
type BusyError struct{ Process int }

func (e *BusyError) Error() string {
	if e.Process == 0 {
		return ErrBusy.Error()
	}
	return fmt.Sprintf("another safepublish (process %d) is at work with this package", e.Process)
}

// Unwrap returns ErrBusy.
func (e *BusyError) Unwrap() error { return ErrBusy }

// Store is the ledger's copy on disk: a record for each folder (folders/) and one for
// each package at each registry (uploads/), so that a package is known again
// however it is named: by its folder, by -w, as a tarball, in a second checkout.
// Records are written before the fact, whole and synced, and removed when there is
// nothing left to tell. A Store is held by one process, until Close.
type Store struct {
	Folder
	state string
	locks []*flock.Flock
}

// OpenStore takes the records of the folder and of the packages of these names ("" for
// one that is not known) from state, the user's state folder, and holds them. Its
// error is ErrBusy or a *StateError.
func OpenStore(state, folder string, names ...string) (*Store, error) {
	if state == "" {
		return nil, &StateError{Err: errors.New("neither HOME nor XDG_STATE_HOME is set")}
	}
	s := &Store{state: state, Folder: Folder{Schema: form, Path: edit.Real(folder)}}
	for _, dir := range []string{s.folders(), s.uploads()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, stateError(dir, "written", err)
		}
	}
	locks := []string{s.folderFile(s.Path) + ".lock"}
	for _, name := range names {
		if name != "" {
			locks = append(locks, filepath.Join(s.uploads(), hash(name)+".lock"))
		}
	}
	err := s.lock(locks)
	if err == nil {
		err = s.readFolder()
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) folders() string { return filepath.Join(s.state, "folders") }
func (s *Store) uploads() string { return filepath.Join(s.state, "uploads") }

func (s *Store) folderFile(folder string) string {
	return filepath.Join(s.folders(), hash(folder)+".json")
}

func (s *Store) uploadsFile(registry, name string) string {
	return filepath.Join(s.uploads(), hash(registry+"\x00"+name)+".json")
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}

// lock takes every lock or none. A drive that knows no locks is no place for a
// record: two could write it at once.
func (s *Store) lock(paths []string) error {
	slices.Sort(paths) // two runs that want the same ones wait for no one
	for _, path := range paths {
		l := flock.New(path, flock.SetPermissions(0o600))
		locked, err := l.TryLock()
		if err != nil {
			return stateError(path, "locked", err)
		}
		if !locked {
			text, _ := os.ReadFile(path) // Windows lets nobody read it
			process, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			return &BusyError{process}
		}
		s.locks = append(s.locks, l)
		_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600) // for who is told that it is busy
	}
	return nil
}

// Close lets go of the records. It may be called more than once, and on nil.
func (s *Store) Close() {
	if s == nil {
		return
	}
	for _, l := range s.locks {
		_ = l.Close()
	}
	s.locks = nil
}

func (s *Store) readFolder() error {
	path := s.folderFile(s.Path)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return stateError(path, "read", err)
	}
	f, open, err := parseFolder(text)
	if err != nil {
		return stateError(path, "read", err)
	}
	f.Path = s.Path
	if s.Folder = f; len(open) == 0 {
		return nil
	}
	for i := range open {
		open[i].Folder = s.Path
	}
	if err := s.Keep(open); err != nil { // first there, then no longer here
		return err
	}
	return s.Save()
}

// Save writes the folder's record, and takes it away where nothing is left to tell.
// Its error, a *StateError, means that the old one still stands.
func (s *Store) Save() error {
	return put(s.folderFile(s.Path), s.Folder, s.empty())
}

// Any tells whether there is any record of an upload, or of a publish that may have
// been cut off, whoever's it is.
func (s *Store) Any() bool {
	for _, dir := range []string{s.folders(), s.uploads()} {
		entries, err := os.ReadDir(dir)
		if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return filepath.Ext(e.Name()) == ".json" }) {
			return true
		}
	}
	return false
}

// Pending returns the uploads of earlier runs that May would look at for what is
// published from the folder, under these names.
func (s *Store) Pending(names ...string) ([]Upload, error) {
	var all []Upload
	err := each(s.uploads(), func(path string, text []byte) error {
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return stateError(path, "read", err)
		}
		if r.Schema != form {
			return stateError(path, "read", unknownForm(r.Schema))
		}
		if path != s.uploadsFile(r.Registry, r.Name) {
			return stateError(path, "read", errors.New("it is about another package than its name says"))
		}
		for _, k := range r.Uploads {
			if u := k.upload(r.Registry, r.Name); s.concerns(u, names) {
				all = append(all, u)
			}
		}
		return nil
	})
	return all, err
}

// concerns tells whether an upload may be one of what is published from the folder
// under these names: it has such a name, or came from there or from a folder in it, for
// a root holds its workspaces. One whose name is not known may also have come from a
// folder that holds this one, or from anywhere.
func (s *Store) concerns(u Upload, names []string) bool {
	named := slices.Contains(names, u.Name) || u.As != "" && slices.Contains(names, u.As)
	return named || within(s.Path, u.Folder) || u.Name == "" && (u.Folder == "" || within(u.Folder, s.Path))
}

// within tells whether one folder is the other or holds it: a root holds its
// workspaces.
func within(folder, inner string) bool {
	rel, err := filepath.Rel(folder, inner)
	return inner != "" && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Keep adds open uploads to what is kept of their packages.
func (s *Store) Keep(uploads []Upload) error {
	return s.change(uploads, func(r *record, u Upload) {
		k := kept{u.Version, u.Contents.Shasum, u.Contents.Integrity, u.Began.UTC(), u.Folder, u.Left, u.As, u.Staged}
		if !slices.ContainsFunc(r.Uploads, func(old kept) bool {
			return old.Version == k.Version && strings.EqualFold(old.Shasum, k.Shasum) && old.Integrity == k.Integrity && old.Folder == k.Folder
		}) {
			r.Uploads = append(r.Uploads, k)
		}
	})
}

// Drop takes uploads off the record: what became of them is known.
func (s *Store) Drop(uploads []Upload) error {
	return s.change(uploads, func(r *record, u Upload) {
		r.Uploads = slices.DeleteFunc(r.Uploads, func(k kept) bool { return k.Version == u.Version })
	})
}

func (s *Store) change(uploads []Upload, do func(*record, Upload)) error {
	for _, u := range uploads {
		path := s.uploadsFile(u.Registry, u.Name)
		r := record{Schema: form, Registry: u.Registry, Name: u.Name}
		text, err := os.ReadFile(path)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return stateError(path, "read", err)
		}
		do(&r, u)
		if err := put(path, r, len(r.Uploads) == 0); err != nil {
			return err
		}
	}
	return nil
}

// Where returns the file that keeps an upload, for the person who knows better.
func (s *Store) Where(u Upload) string { return s.uploadsFile(u.Registry, u.Name) }

// EditedFrom returns the folder of another package for whose publish files were changed
// that are still so, where it tells that one of them is of this package; "" for none.
// edited is asked of the edits, in the form of who makes them. ErrBusy means that it is
// being published.
func (s *Store) EditedFrom(edited func(edits json.RawMessage) bool) (folder string, err error) {
	err = each(s.folders(), func(path string, text []byte) error {
		f, _, err := parseFolder(text)
		if err != nil {
			return stateError(path, "read", err)
		}
		if f.Path == s.Path || len(f.Edits) == 0 || !edited(f.Edits) {
			return nil
		}
		other, err := OpenStore(s.state, f.Path)
		if err != nil {
			return err
		}
		other.Close()
		folder = f.Path
		return nil
	})
	return folder, err
}

// CutOff returns the records of other folders in which npm publish was under way
// when its safepublish was ended without a word, for a package of one of these names
// or of a name that is not known. ErrBusy means that one is still at work.
func (s *Store) CutOff(names ...string) ([]*Store, error) {
	var found []*Store
	err := each(s.folders(), func(path string, text []byte) error {
		f, _, err := parseFolder(text)
		if err != nil {
			return stateError(path, "read", err)
		}
		if f.Sending == nil || f.Path == s.Path {
			return nil
		}
		unnamed := f.Sending.Name == "" // several packages, or one that is not here: npm's log names them
		if !unnamed && !slices.Contains(names, f.Sending.Name) {
			return nil
		}
		other, err := OpenStore(s.state, f.Path)
		if unnamed && errors.Is(err, ErrBusy) && !within(s.Path, f.Path) && !within(f.Path, s.Path) {
			return nil
		}
		if err == nil {
			found = append(found, other)
		}
		return err
	})
	return found, err
}
