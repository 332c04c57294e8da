package remedy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

// Change is one of Flag, Secret, Stage, Files, Command and Wait. It previews and does
// itself; what it did to files stands in the journal, which takes it back.
type Change interface {
	// Preview returns lines that say exactly what will change; none where the
	// offer's title says it all.
	Preview(npm.Shell) []string
	do(context.Context, *run) error
}

// Flag puts --Key=Value among npm's arguments, in place of the key wherever it
// stands, else before the first "--".
type Flag struct{ Key, Value string }

// Preview returns the flag as npm will get it.
func (f Flag) Preview(npm.Shell) []string { return []string{"npm publish --" + f.Key + "=" + f.Value} }

func (f Flag) do(_ context.Context, r *run) error {
	r.next.Args = npm.Set(r.next.Args, f.Key, f.Value)
	return nil
}

// Secret puts a value into npm's environment alone: never into argv, which
// everybody on the machine can read. An empty value takes it out.
type Secret struct{ Env, Value string }

// Preview says that a secret travels, never which. That npm asks for one is said
// in the offer's title.
func (s Secret) Preview(npm.Shell) []string {
	if s.Value == "" {
		return nil
	}
	return []string{"npm publish with " + s.Env + " in its environment"}
}

// do puts the variable among the additions, in place of itself however it was
// spelled: npm reads its own in any case (@npmcli/config, lib/index.js). An empty one
// means to npm that there is none, so it also hides an inherited one.
func (s Secret) do(_ context.Context, r *run) error {
	r.next.Env = slices.DeleteFunc(r.next.Env, func(entry string) bool {
		key, _, _ := strings.Cut(entry, "=")
		return strings.EqualFold(key, s.Env)
	})
	r.next.Env = append(r.next.Env, s.Env+"="+s.Value)
	return nil
}

// Stage makes the next attempt npm stage publish: what it uploads waits until a
// person approves it (npm 11.15 and later).
type Stage struct{}

// Preview names the command that takes npm publish's place.
func (Stage) Preview(npm.Shell) []string {
	return []string{"npm stage publish instead of npm publish"}
}

func (Stage) do(_ context.Context, r *run) error {
	r.next.Stage = true
	return nil
}

// Files edits files of the package: all of them, or none.
type Files []edit.Edit

// Preview returns the lines that go and come.
func (f Files) Preview(npm.Shell) []string {
	var lines []string
	for _, e := range f {
		lines = append(lines, e.Preview()...)
	}
	return lines
}

func (f Files) do(_ context.Context, r *run) error { return r.journal.Make(f, r.note) }

// Wait waits before the next attempt.
type Wait struct {
	For time.Duration
	Why string
}

// Preview is empty: who waits says how long and what for.
func (w Wait) Preview(npm.Shell) []string { return nil }

func (w Wait) do(ctx context.Context, r *run) error { return r.by.Wait(ctx, w.For, w.Why) }

// Command runs a program in the package's folder, on the person's terminal.
// Undo lists the commands that would take it back; they are printed, never run.
type Command struct {
	Dir   string      // where it runs; "" for the folder that npm publish runs in
	Argv  []string    // Argv[0] "npm" stands for the npm in use
	Files []edit.File // files it may rewrite, so that they can be put back
	Login string      // the registry that it logs in to, which must know the login afterwards; "" for none
	Undo  []string
}

// Preview returns the command line, and what would take it back.
func (c Command) Preview(shell npm.Shell) []string {
	out := []string{shell.Quote(c.Argv...)}
	if len(c.Undo) > 0 {
		out = append(out, "to undo it: "+strings.Join(c.Undo, "; "))
	}
	return out
}

// look are the commands that show how far one got that may have committed.
var look = []string{"git status", "git log -1"}

// do runs the command and notes what it did to its files.
func (c Command) do(ctx context.Context, r *run) error {
	for _, f := range c.Files {
		if err := edit.Untouched(f); err != nil {
			return err
		}
	}
	line, before := strings.Join(c.Argv, " "), r.journal.Entries
	if len(c.Files) > 0 { // what a killed run leaves behind
		r.journal.Entries = append(slices.Clip(before), edit.Entry{Done: line, Undo: look})
		if err := r.note(); err != nil {
			r.journal.Entries = before
			return fmt.Errorf("nothing was run, because the record needed to undo it cannot be written: %w", err)
		}
	}
	err := r.by.Run(ctx, c.Dir, c.Argv)
	r.journal.Entries = append(before, c.changed(line, err != nil)...)
	if err = errors.Join(err, r.note()); err != nil {
		return err // it names the command
	}
	if c.Login != "" {
		return r.by.Knows(ctx, c.Login)
	}
	return nil
}

// changed returns how to take back what the command did to its files. One with Undo
// commands may have committed them, so that putting them back would undo half of it:
// then the commands are for the person.
func (c Command) changed(line string, failed bool) []edit.Entry {
	var all []edit.Entry
	for _, f := range c.Files {
		if now, err := os.ReadFile(f.Path); err == nil && !bytes.Equal(now, f.Before) {
			all = append(all, edit.Entry{Path: f.Path, Before: f.Before, After: now})
		}
	}
	switch {
	case len(all) == 0 || len(c.Undo) == 0:
		return all
	case failed: // half done, it may have committed or not: the commands would guess
		return []edit.Entry{{Done: line, Undo: look}}
	}
	return []edit.Entry{{Done: line, Undo: c.Undo}}
}
