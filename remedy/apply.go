package remedy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"safepublish/remedy/edit"
)

// Attempt is what the next npm publish will be given: its arguments after
// "publish", additions to its environment, and
// whether it is npm stage publish.
type Attempt struct {
	Args  []string
	Env   []string
	Stage bool
}

// Doer does what a plan needs and this package does not: it runs a command in
// the package's folder on the person's terminal, waits where ^C can end it, and
// keeps on disk what is about to be done. An error ends the plan, and what it had
// changed is put back; Run's names the command. Note is called before an edit is
// made and before a command is run, and again when more is known of it.
type Doer interface {
	Note(j *edit.Journal) error
	Run(ctx context.Context, dir string, argv []string) error
	// Knows returns an error where a registry is sure not to know the login that npm uses.
	Knows(ctx context.Context, registry string) error
	Wait(ctx context.Context, d time.Duration, why string) error
}

// run is a plan that is being carried out.
type run struct {
	next    Attempt
	journal *edit.Journal
	by      Doer
}

func (r *run) note() error { return r.by.Note(r.journal) }

// Apply does what the plan says and returns the attempt to make next. On an error
// everything is put back that can be, and the attempt returned is the one given.
func Apply(ctx context.Context, plan Plan, a Attempt, by Doer) (Attempt, error) {
	r := &run{Attempt{slices.Clone(a.Args), slices.Clone(a.Env), a.Stage}, &edit.Journal{}, by}
	var err error
	for _, c := range plan {
		if err = ctx.Err(); err == nil {
			err = c.do(ctx, r)
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		return r.next, nil
	}
	lines, undoErr := r.journal.Undo()
	if len(lines) > 0 {
		err = fmt.Errorf("%w (%s)", err, strings.Join(lines, "; "))
	}
	return a, errors.Join(err, undoErr)
}
