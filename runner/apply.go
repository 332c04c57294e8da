package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/fault"
)

// apply carries a choice out and returns the attempt that follows from it. After an
// error the files are as they were (remedy.Apply).
func (r *release) apply(ctx context.Context, a attempt, c choice) (attempt, error) {
	var lines []string
	for _, change := range c.Plan {
		lines = append(lines, change.Preview(r.shell)...)
	}
	r.ui.Changes(lines)
	next, err := remedy.Apply(ctx, c.Plan, a.Attempt, doer{r, a.Env, c.Names()})
	fault.Point("applied")
	if err != nil {
		return a, err
	}
	r.rec.Chosen(c.Offer, lines)
	a.Attempt, a.word = next, c.word
	a.applied = append(a.applied, c.ID)
	a.fixes, a.used = moved(c.fix, a.fixes, a.used)
	if c.ID == "retry" {
		a.retries++
	}
	if c.ID != "otp" || r.codes != nil { // a code may be mistyped as often as needed
		a.number++
	}
	return a, nil
}

// moved takes a --fix that was used from those that are left.
func moved(fix string, left, used []string) (_, _ []string) {
	i := slices.Index(left, fix)
	if i < 0 {
		return left, used
	}
	return slices.Delete(slices.Clone(left), i, i+1), append(slices.Clone(used), fix)
}

// doer does for a plan what only the runner can (remedy.Doer).
type doer struct {
	*release
	env   []string
	fixes []string // every --fix that would make this plan
}

// Note keeps on disk what a plan is about to do.
func (d doer) Note(j *edit.Journal) error { return d.records.noteEdit(j, d.fixes) }

// Knows asks a registry who uses it after npm login. One that cannot say so proves nothing.
func (d doer) Knows(ctx context.Context, registry string) error {
	defer d.ui.Step(asking(registry))()
	id := d.npm.Facts(ctx, registry, "", "", []classify.Question{classify.AskIdentity}).Identity
	if id.Known == classify.No {
		return fmt.Errorf("npm login did not help: %s still does not know the login that npm uses (npm whoami)", npm.Host(registry))
	}
	return nil
}

// Run runs a command of a plan on the person's terminal.
func (d doer) Run(ctx context.Context, dir string, argv []string) error {
	if argv[1] != "dist-tag" {
		return d.command(ctx, dir, argv, nil)
	}
	err := d.command(ctx, dir, argv, d.env)
	if err == nil || d.codes == nil {
		return err
	}
	code, err := d.codes.fresh(ctx) // npm's status does not tell, but most accounts want one
	if err != nil {
		return err
	}
	return d.command(ctx, dir, argv, []string{"npm_config_otp=" + code})
}

func (d doer) command(ctx context.Context, dir string, argv, env []string) error {
	status, err := d.npm.Interactive(ctx, dir, argv, env)
	if err == nil && status != 0 {
		err = fmt.Errorf("%s ended with status %d", strings.Join(argv, " "), status)
	}
	return err
}

// Wait waits for a plan, and says so.
func (d doer) Wait(ctx context.Context, wait time.Duration, why string) error {
	if d.scripted() {
		d.ui.Note(prompts.NotWaited(why, wait))
		return nil
	}
	return d.ui.Wait(ctx, why, wait)
}
