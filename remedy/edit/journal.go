package edit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
}

// Make makes edits: all of them, or those up to the one that failed. Before the
// first every file must be writable and hold what its edit was planned from, and note
// is told of all of them, so that a run that is cut off between two can be finished
// as well as undone.
func (j *Journal) Make(edits []Edit, note func() error) error {
	for _, e := range edits {
		if err := Untouched(File{Path: e.Path, Before: e.Before}); err != nil {
			return err
		}
	}
	first := len(j.Entries)
	for _, e := range edits {
		j.Entries = append(j.Entries, Entry{Path: e.Path, Before: e.Before, After: e.After})
	}
	if err := note(); err != nil {
		j.Entries = j.Entries[:first]
		return fmt.Errorf("nothing was written, because the record needed to undo it cannot be written: %w", err)
	}
	fault.Point("edit-noted")
	for i, e := range edits {
		entry := &j.Entries[first+i]
		if err := entry.write(e.After, note); err != nil {
			j.Entries = j.Entries[:first+i]
			if entry.Holds() >= After {
				j.Entries = append(j.Entries, *entry)
			}
			return fmt.Errorf("writing %s: %w", e.Name, Reason(err))
		}
	}
	return nil
}

// Untouched returns an error where a file cannot be written, or does not hold any
// more what a plan was made from.
func Untouched(f File) error {
	name := filepath.Base(f.Path)
	now, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("nothing was written, because %s cannot be read: %w", name, Reason(err))
	}
	if !bytes.Equal(now, f.Before) {
		return fmt.Errorf("%s changed meanwhile; nothing was written", name)
	}
	open, err := os.OpenFile(f.Path, os.O_WRONLY, 0)
	if err != nil { // a rename would replace a read-only file, which is not what its owner meant
		return fmt.Errorf("nothing was written, because %s cannot be written: %w", name, Reason(err))
	}
	return open.Close()
}

// Reason is an error of the file system without the system call and the path, for a
// sentence that names the file.
func Reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// Undo puts every changed file back, byte for byte, the last one first. A file
// that somebody changed meanwhile is left alone, and one that is as it was is not
// spoken of. It returns lines for the person, the commands that would take back a
// commit or a tag among them. A second call does nothing.
func (j *Journal) Undo() ([]string, error) {
	var lines []string
	var errs []error
	for i := len(j.Entries) - 1; i >= 0; i-- {
		e := &j.Entries[i]
		if e.Undone {
			continue
		}
		line, err := e.undo()
		e.Undone, errs = err == nil, append(errs, err)
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
		if side := e.Holds(); side == Before || side == Torn {
			if err := e.write(e.After, nil); err != nil {
				return fmt.Errorf("writing %s: %w", filepath.Base(e.Path), Reason(err))
			}
		}
	}
	return nil
}

// Left returns the entries whose file is as they made it, wholly or in part, so that there
// is something to finish or to undo.
func (j *Journal) Left() (left []Entry) {
	for _, e := range j.Entries {
		if !e.Undone && e.Holds() >= After {
			left = append(left, e)
		}
	}
	return left
}

// LeftIn tells whether the package.json in one folder is Left, or with below one in a folder
// in it.
func (j *Journal) LeftIn(dir string, below bool) bool {
	return slices.ContainsFunc(j.Left(), func(e Entry) bool {
		in, name := filepath.Split(Real(e.Path))
		here := filepath.Clean(in) == Real(dir) || below && strings.HasPrefix(in, Real(dir)+string(filepath.Separator))
		return name == "package.json" && here
	})
}

// Real is where a path leads to, so that a link is no second place; the path itself,
// cleaned, where that is not known.
func Real(path string) string {
	if to, err := filepath.EvalSymlinks(path); err == nil {
		return to
	}
	return filepath.Clean(path)
}

func (e *Entry) undo() (string, error) {
	if e.Path == "" {
		return "what " + e.Done + " did is not undone; to look at it or undo it: " + strings.Join(e.Undo, "; "), nil
	}
	name := filepath.Base(e.Path)
	now, err := os.ReadFile(e.Path)
	switch {
	case err != nil:
		return "", fmt.Errorf("putting %s back: %w", name, Reason(err))
	case e.holds(now) == Before:
		return "", nil
	case e.holds(now) == Strange:
		return name + " was changed by something else meanwhile and stays as it is", nil
	}
	if err := e.write(e.Before, nil); err != nil {
		return "", fmt.Errorf("putting %s back: %w", name, Reason(err))
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

// Tidy removes what a killed run left beside the files of its edits. The caller
// makes sure that no other safepublish is at work in the folder.
func (j *Journal) Tidy() {
	for _, e := range j.Entries {
		if path, err := filepath.EvalSymlinks(e.Path); err == nil && e.Path != "" {
			_ = os.Remove(tempOf(path)) // most runs leave none
		}
	}
}
