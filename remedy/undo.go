package remedy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"

	"safepublish/remedy/fault"
)

// Journal is what a plan did, in order, as plain data.
type Journal struct {
	Entries []Entry `json:"entries"`
}

// Entry is one thing that was done: a file that was changed, or a command that
// only the person can take back.
type Entry struct {
	Path    string   `json:"path,omitempty"`
	Before  []byte   `json:"before,omitempty"`
	After   []byte   `json:"after,omitempty"`
	InPlace bool     `json:"in_place,omitempty"` // written over, so that a kill may have left a part of it
	Done    string   `json:"done,omitempty"`     // the command, for the person
	Undo    []string `json:"undo,omitempty"`     // commands that take it back; printed, never run
	Undone  bool     `json:"undone,omitempty"`

	begun bool // the file may have been changed
}

// Undo puts every changed file back, byte for byte, the last one first. A file
// that somebody changed meanwhile is left alone, and one that is as it was is not
// spoken of. It returns lines for the person,
// the commands that would take back a commit or a tag among them. A second call
// does nothing.
func (j *Journal) Undo() ([]string, error) {
	var lines []string
	var errs []error
	for i := len(j.Entries) - 1; i >= 0; i-- {
		e := &j.Entries[i]
		if e.Undone {
			continue
		}
		e.Undone = true
		line, err := e.undo()
		if err != nil {
			e.Undone = false
			errs = append(errs, err)
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, errors.Join(errs...)
}

// Finish makes the edits of which a run that was cut off has made only some. A
// file that somebody changed meanwhile is left alone.
func (j *Journal) Finish() error {
	for i := range j.Entries {
		e := &j.Entries[i]
		if side := e.Holds(); side != Before && side != Torn {
			continue
		}
		if err := e.write(e.After, nil); err != nil {
			return fmt.Errorf("writing %s: %w", filepath.Base(e.Path), cause(err))
		}
	}
	return nil
}

// Left tells whether any file is as the journal's edits made it, wholly or in part,
// so that there is something to finish or to undo.
func (j *Journal) Left() bool {
	return slices.ContainsFunc(j.Entries, func(e Entry) bool { return !e.Undone && e.Holds() >= After })
}

func (e *Entry) undo() (string, error) {
	if e.Path == "" {
		return "what " + e.Done + " did stays; to look at it or take it back: " + strings.Join(e.Undo, "; "), nil
	}
	name := filepath.Base(e.Path)
	now, err := os.ReadFile(e.Path)
	switch {
	case err != nil:
		return "", fmt.Errorf("putting %s back: %w", name, cause(err))
	case e.holds(now) == Before:
		return "", nil
	case e.holds(now) == Strange:
		return name + " was changed by somebody else meanwhile and stays as it is", nil
	}
	if err := e.write(e.Before, nil); err != nil {
		return "", fmt.Errorf("putting %s back: %w", name, cause(err))
	}
	return name + " is as it was before", nil
}

// Side says which side of an edit a file is on.
type Side int

// The sides of an edit.
const (
	Strange Side = iota // what neither it nor safepublish wrote
	Before
	After
	Torn // a part of what was written in place when it was cut off
)

// Holds reads the entry's file and says which side of the edit it is on; Strange
// where it cannot be read or where the entry is of a command.
func (e *Entry) Holds() Side {
	now, err := os.ReadFile(e.Path)
	if e.Path == "" || err != nil {
		return Strange
	}
	return e.holds(now)
}

func (e *Entry) holds(now []byte) Side {
	switch {
	case bytes.Equal(now, e.Before):
		return Before
	case bytes.Equal(now, e.After):
		return After
	case e.InPlace && torn(now, e.Before, e.After):
		return Torn
	}
	return Strange
}

// torn tells whether a file that was being rewritten in place from one text to
// another, or back, can hold this: the one up to somewhere, then the other.
func torn(now, a, b []byte) bool {
	mixed := func(first, second []byte) bool {
		n := 0
		for n < len(now) && n < len(first) && now[n] == first[n] {
			n++
		}
		return n == len(now) || len(now) == len(second) && bytes.Equal(now[n:], second[n:])
	}
	return mixed(a, b) || mixed(b, a)
}

// write puts text into the entry's file at once or not at all, with the file's
// mode and owner; of a symbolic link into the target. Where the folder, the owner
// or a mount (a single file bound into a container cannot be renamed over) forbids
// that, it is written over in place: note, where not nil, is told so before.
func (e *Entry) write(text []byte, note func() error) error {
	path, err := filepath.EvalSymlinks(e.Path)
	if err != nil {
		return err
	}
	was, err := os.Stat(path)
	if err != nil {
		return err
	}
	err = rename(path, text, was)
	if !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EBUSY) {
		return err
	}
	e.InPlace = true
	if note != nil {
		if err := note(); err != nil {
			return err
		}
	}
	return overwrite(path, text)
}

// overwrite writes over what a file holds, without emptying it first: on a full
// disk the blocks that it has are still its own.
func overwrite(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(text[:len(text)/2])
	fault.Point("in-place")
	if err == nil {
		_, err = f.Write(text[len(text)/2:])
	}
	if err == nil {
		err = f.Truncate(int64(len(text)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// Leftovers is the pattern of what a kill in the middle of an edit leaves beside
// the file. npm packs no *.swp of a package that does not list its files by "*"
// (npm-packlist 1 to 10, measured with npm 6 to 12).
const Leftovers = ".safepublish-*.swp"

func rename(path string, data []byte, was os.FileInfo) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), Leftovers)
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // it is gone after the rename
	fault.Point("edit-created")
	_, err = tmp.Write(data)
	fault.Point("edit-written")
	if err == nil {
		err = tmp.Sync()
	}
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if uid, gid, ok := owner(was); err == nil && ok {
		err = os.Chown(tmp.Name(), uid, gid)
	}
	if err == nil { // after the owner: chown takes set-id bits away
		err = os.Chmod(tmp.Name(), was.Mode())
	}
	fault.Point("edit-synced")
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	fault.Point("edit-renamed")
	if err == nil {
		err = SyncFolder(filepath.Dir(path))
	}
	return err
}

// SyncFolder makes sure that a rename in a folder is on the disk. What a system
// has no such call for (Windows, some network drives) is no error.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	if err := f.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) && runtime.GOOS != "windows" {
		return err
	}
	return nil
}

// Tidy removes what a killed run left beside the files of its edits. The caller
// makes sure that no other safepublish is at work in the folder.
func (j *Journal) Tidy() {
	for _, e := range j.Entries {
		path, err := filepath.EvalSymlinks(e.Path)
		if e.Path == "" || err != nil {
			continue
		}
		dir, err := os.ReadDir(filepath.Dir(path))
		for _, left := range dir {
			if ok, _ := filepath.Match(Leftovers, left.Name()); ok && err == nil && left.Type().IsRegular() {
				_ = os.Remove(filepath.Join(filepath.Dir(path), left.Name()))
			}
		}
	}
}
