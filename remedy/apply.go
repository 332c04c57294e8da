package remedy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"safepublish/runner/npmargs"
)

// Load reads what npm would publish from dir with these arguments: a folder, its
// manifest and the files that follow its version; a tarball, workspaces or
// something remote, of which Kind and Why tell. The error says in words what is
// wrong with the package; it need not stop anybody, for npm will say the same, and
// the Package holds what could be read.
func Load(dir string, args []string, npm int) (Package, error) {
	pkg, err := load(dir, npmargs.Parse(args, npm), disk{
		read: os.ReadFile,
		isDir: func(path string) bool {
			s, err := os.Stat(path)
			return err == nil && s.IsDir()
		},
		exist: func(path string) bool {
			_, err := os.Lstat(path)
			return !errors.Is(err, fs.ErrNotExist)
		},
	})
	if err == nil && pkg.Why == "" && pkg.Name != "" {
		pkg.Mentions = scan(&pkg)
	}
	return pkg, err
}

// The bounds of the search for a package's name among its files.
const (
	maxScanned  = 2000
	maxSize     = 256 << 10
	maxMentions = 20
)

var errEnough = errors.New("enough")

// scan lists where the files of a package name it, lock files and what npm
// installed aside.
func scan(pkg *Package) []string {
	var found []string
	seen := 0
	_ = filepath.WalkDir(pkg.Dir, func(path string, e fs.DirEntry, err error) error {
		if seen++; seen > maxScanned || len(found) >= maxMentions {
			return errEnough
		}
		if err != nil { // unreadable: nobody is kept from renaming by it
			return nil
		}
		if e.IsDir() {
			if path != pkg.Dir && (e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".")) {
				return fs.SkipDir
			}
			return nil
		}
		for _, line := range scanFile(pkg, path, e) {
			if len(found) < maxMentions {
				found = append(found, fmt.Sprintf("%s:%d", pkg.rel(path), line))
			}
		}
		return nil
	})
	return found
}

func scanFile(pkg *Package, path string, e fs.DirEntry) []int {
	info, err := e.Info()
	lock := slices.ContainsFunc(pkg.Files, func(f File) bool { return f.Path == path && f.Role == "lock" })
	if err != nil || lock || !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil || bytes.IndexByte(data, 0) >= 0 {
		return nil
	}
	skip := 0
	if m, ok := find(data, "name"); ok && slices.ContainsFunc(pkg.Files, func(f File) bool { return f.Path == path }) {
		skip = 1 + bytes.Count(data[:m.start], []byte("\n"))
	}
	return mentions(data, pkg.Name, skip)
}

// Attempt is what the next npm publish will be given: its arguments after
// "publish", additions to its environment, and npm's major version, 0 if unknown.
type Attempt struct {
	Args []string
	Env  []string
	NPM  int
}

// Doer does what a plan needs and this package does not: it runs a command in
// the package's folder on the person's terminal, and waits where ^C can end it.
// An error ends the plan, and what it had changed is put back; Run's names the
// command.
type Doer interface {
	Run(ctx context.Context, dir string, argv []string) error
	Wait(ctx context.Context, d time.Duration, why string) error
}

// Journal is what a plan did, in order, as plain data.
type Journal struct {
	Entries []Entry `json:"entries"`
}

// Entry is one thing that was done: a file that was changed, or a command that
// only the person can take back.
type Entry struct {
	Path   string   `json:"path,omitempty"`
	Before []byte   `json:"before,omitempty"`
	After  []byte   `json:"after,omitempty"`
	Done   string   `json:"done,omitempty"` // the command, for the person
	Undo   []string `json:"undo,omitempty"` // commands that take it back; printed, never run
	Undone bool     `json:"undone,omitempty"`
}

// Apply does what the plan says and returns the attempt to make next. Of several
// files all are changed or none: before the first is written, every one must be
// writable and still hold what the plan was made from. On an error everything is
// put back that can be, and the attempt returned is the one given. The journal is
// never nil; where it holds commands after an error, Undo says how to take them
// back.
func Apply(ctx context.Context, plan Plan, a Attempt, do Doer) (Attempt, *Journal, error) {
	j := &Journal{}
	if err := untouched(plan); err != nil {
		return a, j, err
	}
	next := Attempt{slices.Clone(a.Args), slices.Clone(a.Env), a.NPM}
	for _, c := range plan.Changes {
		err := ctx.Err()
		if err == nil {
			err = j.do(ctx, c, &next, do)
		}
		if err != nil {
			lines, undoErr := j.Undo()
			if len(lines) > 0 {
				err = fmt.Errorf("%w (%s)", err, strings.Join(lines, "; "))
			}
			return a, j, errors.Join(err, undoErr)
		}
	}
	return next, j, nil
}

// untouched checks every file that the plan will rewrite before any is.
func untouched(plan Plan) error {
	for _, c := range plan.Changes {
		var files []File
		switch c := c.(type) {
		case Edit:
			files = []File{{Path: c.Path, Before: c.Before}}
		case Command:
			files = c.Files
		}
		for _, f := range files {
			if err := writable(f); err != nil {
				return err
			}
		}
	}
	return nil
}

func writable(f File) error {
	name := filepath.Base(f.Path)
	now, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("nothing was written, for %s cannot be read: %w", name, cause(err))
	}
	if !bytes.Equal(now, f.Before) {
		return fmt.Errorf("%s changed meanwhile; nothing was written", name)
	}
	open, err := os.OpenFile(f.Path, os.O_WRONLY, 0)
	if err != nil { // a rename would replace a read-only file, which is not what its owner meant
		return fmt.Errorf("nothing was written, for %s cannot be: %w", name, cause(err))
	}
	return open.Close()
}

// cause drops the system call and the path: the sentence around it names the file.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

func (j *Journal) do(ctx context.Context, c Change, next *Attempt, do Doer) error {
	switch c := c.(type) {
	case Flag:
		next.Args = setFlag(next.Args, c, next.NPM)
	case Secret:
		next.Env = setEnv(next.Env, c)
	case Wait:
		return do.Wait(ctx, c.For, c.Why)
	case Edit:
		if err := replace(c.Path, c.After); err != nil {
			return fmt.Errorf("writing %s: %w", c.name(), cause(err))
		}
		j.Entries = append(j.Entries, Entry{Path: c.Path, Before: c.Before, After: c.After})
	case Command:
		return j.run(ctx, c, do)
	}
	return nil
}

// run runs a command and notes what it did to its files. One with Undo commands
// may have committed the files, so that putting them back would undo the half of
// it: then the commands are for the person.
func (j *Journal) run(ctx context.Context, c Command, do Doer) error {
	line := strings.Join(c.Argv, " ")
	err := do.Run(ctx, c.Dir, c.Argv)
	changed := false
	for _, f := range c.Files {
		now, readErr := os.ReadFile(f.Path)
		if readErr != nil || bytes.Equal(now, f.Before) {
			continue
		}
		changed = true
		if len(c.Undo) == 0 {
			j.Entries = append(j.Entries, Entry{Path: f.Path, Before: f.Before, After: now})
		}
	}
	if changed && len(c.Undo) > 0 {
		e := Entry{Done: line, Undo: c.Undo}
		if err != nil { // half done, it may have committed or not: the commands would guess
			e.Undo = []string{"git status", "git log -1"}
		}
		j.Entries = append(j.Entries, e)
	}
	if err != nil {
		return err // it names the command
	}
	if c.Proof != nil {
		if err := do.Run(ctx, c.Dir, c.Proof); err != nil {
			return fmt.Errorf("%s did not take: %w", strings.Join(c.Argv[:min(2, len(c.Argv))], " "), err)
		}
	}
	return nil
}

// Undo puts every changed file back, byte for byte, the last one first. A file
// that somebody changed meanwhile is left alone. It returns lines for the person,
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
		lines = append(lines, line)
	}
	return lines, errors.Join(errs...)
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
	case bytes.Equal(now, e.Before):
		return name + " is as it was before", nil
	case !bytes.Equal(now, e.After):
		return name + " was changed by somebody else meanwhile and stays as it is", nil
	}
	if err := replace(e.Path, e.Before); err != nil {
		return "", fmt.Errorf("putting %s back: %w", name, cause(err))
	}
	return name + " is as it was before", nil
}

// replace rewrites a file at once or not at all, with its mode and its owner; of
// a symbolic link the target. Where the folder, the owner or a mount (a single
// file bound into a container cannot be renamed over) forbids that, it is
// rewritten in place.
func replace(path string, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	was, err := os.Stat(path)
	if err != nil {
		return err
	}
	err = rename(path, data, was)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EBUSY) {
		return os.WriteFile(path, data, was.Mode().Perm())
	}
	return err
}

func rename(path string, data []byte, was os.FileInfo) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".safepublish-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // it is gone after the rename
	_, err = tmp.Write(data)
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
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	return err
}
