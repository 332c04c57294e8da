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
	"time"

	"safepublish/classify/npm"
	"safepublish/remedy/fault"
)

// Load reads what npm would publish from dir with these arguments: a folder, its
// manifest and the files that follow its version; a tarball, workspaces or
// something remote, of which Kind and Why tell. The error says in words what is
// wrong with the package; it need not stop anybody, for npm will say the same, and
// the Package holds what could be read.
func Load(dir string, args []string, major int) (Package, error) {
	pkg, err := load(dir, npm.Parse(args, major), disk{
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
// "publish", additions to its environment, npm's major version, 0 if unknown, and
// whether it is npm stage publish.
type Attempt struct {
	Args  []string
	Env   []string
	NPM   int
	Stage bool
}

// Doer does what a plan needs and this package does not: it runs a command in
// the package's folder on the person's terminal, waits where ^C can end it, and
// keeps on disk what is about to be done. An error ends the plan, and what it had
// changed is put back; Run's names the command. Note is called before an edit is
// made and before a command is run, and again when more is known of it.
type Doer interface {
	Note(j *Journal) error
	Run(ctx context.Context, dir string, argv []string) error
	Wait(ctx context.Context, d time.Duration, why string) error
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
	next := Attempt{slices.Clone(a.Args), slices.Clone(a.Env), a.NPM, a.Stage}
	err := j.plan(plan, do)
	for _, c := range plan.Changes {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = j.do(ctx, c, &next, do)
		}
	}
	if err == nil {
		return next, j, nil
	}
	j.Entries = slices.DeleteFunc(j.Entries, func(e Entry) bool { return e.Path != "" && !e.begun })
	lines, undoErr := j.Undo()
	if len(lines) > 0 {
		err = fmt.Errorf("%w (%s)", err, strings.Join(lines, "; "))
	}
	return a, j, errors.Join(err, undoErr)
}

// plan notes every edit of a plan before the first is made, so that a run that is
// cut off between two of them can be finished as well as undone.
func (j *Journal) plan(plan Plan, do Doer) error {
	for _, c := range plan.Changes {
		if c, ok := c.(Edit); ok {
			j.Entries = append(j.Entries, Entry{Path: c.Path, Before: c.Before, After: c.After})
		}
	}
	if len(j.Entries) == 0 {
		return nil
	}
	if err := do.Note(j); err != nil {
		return fmt.Errorf("nothing was written, for the journal that could take it back cannot be: %w", err)
	}
	fault.Point("edit-noted")
	return nil
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
	case Stage:
		next.Stage = true
	case Wait:
		return do.Wait(ctx, c.For, c.Why)
	case Edit:
		return j.edit(c, do)
	case Command:
		return j.run(ctx, c, do)
	}
	return nil
}

// edit makes one edit that was noted.
func (j *Journal) edit(c Edit, do Doer) error {
	e := &j.Entries[slices.IndexFunc(j.Entries, func(e Entry) bool { return e.Path == c.Path && !e.begun })]
	e.begun = true
	if err := e.write(c.After, func() error { return do.Note(j) }); err != nil {
		e.begun = e.Holds() >= After
		return fmt.Errorf("writing %s: %w", c.name(), cause(err))
	}
	return nil
}

// look are the commands that show how far one got that may have committed.
var look = []string{"git status", "git log -1"}

// run runs a command and notes what it did to its files. One with Undo commands
// may have committed the files, so that putting them back would undo the half of
// it: then the commands are for the person.
func (j *Journal) run(ctx context.Context, c Command, do Doer) error {
	line := strings.Join(c.Argv, " ")
	if len(c.Files) > 0 { // what a killed run leaves behind
		j.Entries = append(j.Entries, Entry{Done: line, Undo: look})
		if err := do.Note(j); err != nil {
			j.Entries = j.Entries[:len(j.Entries)-1]
			return fmt.Errorf("nothing was run, for the journal that could take it back cannot be written: %w", err)
		}
	}
	err := do.Run(ctx, c.Dir, c.Argv)
	if len(c.Files) > 0 {
		j.Entries = j.Entries[:len(j.Entries)-1]
	}
	changed := false
	for _, f := range c.Files {
		now, readErr := os.ReadFile(f.Path)
		if readErr != nil || bytes.Equal(now, f.Before) {
			continue
		}
		changed = true
		if len(c.Undo) == 0 {
			j.Entries = append(j.Entries, Entry{Path: f.Path, Before: f.Before, After: now, begun: true})
		}
	}
	if changed && len(c.Undo) > 0 {
		e := Entry{Done: line, Undo: c.Undo}
		if err != nil { // half done, it may have committed or not: the commands would guess
			e.Undo = look
		}
		j.Entries = append(j.Entries, e)
	}
	if err = errors.Join(err, do.Note(j)); err != nil {
		return err // it names the command
	}
	if c.Proof != nil {
		if err := do.Run(ctx, c.Dir, c.Proof); err != nil {
			return fmt.Errorf("%s did not take: %w", strings.Join(c.Argv[:min(2, len(c.Argv))], " "), err)
		}
	}
	return nil
}
