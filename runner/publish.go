// Package runner makes a release: npm publish, a record of what was sent, a
// diagnosis, the offers, a choice, the choice applied, npm publish again.
//
// One publish is read here, from top to bottom. An attempt is what the next npm
// publish is given, a finding is what became of it, an end is how the run ends. What is true of the release (what was sent, what
// may follow, the outcome) is asked of the ledger, through records.
package runner

import (
	"context"
	"errors"
	"fmt"

	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
	"safepublish/runner/report"
)

// Publish publishes what lies in the current folder and returns the status to end
// with. Its error is bad input, for which npm was not started; that is reported
// too: the report of an earlier run must not stand for this one.
func Publish(words npm.Words, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	rec, err := report.Open(opt.Report, npmexec.StateDir(env), npmexec.Shell(env))
	if err != nil {
		return 0, err
	}
	r, first, err := newRelease(ctx, setup{env: env, words: words, opt: opt, std: std, guard: guard, rec: rec})
	var e end
	if err == nil {
		e, err = r.publishAll(ctx, first)
	}
	if err != nil {
		return 0, errors.Join(err, rec.End(ledger.NotPublished, exitOf(err), err.Error()))
	}
	e = r.conclude(e)
	if npmrc.Getenv(env, "GITHUB_ACTIONS") == "true" {
		_ = rec.Summarize(npmrc.Getenv(env, "GITHUB_STEP_SUMMARY")) // a summary that fails is no failure of the publish
		if err := rec.Output(npmrc.Getenv(env, "GITHUB_OUTPUT")); err != nil {
			r.say(err.Error())
		}
	}
	return e.status, nil
}

// release is what one invocation of safepublish works with. It is made once, and
// nothing in it is replaced.
type release struct {
	opt     Options
	npm     *npmexec.Runner
	version npm.Version // npm's
	ui      *prompts.UI
	shell   npm.Shell     // what a person types into
	ask     prompts.Asker // nil: nobody is asked
	rec     *report.Recorder
	records *records     // what was sent and edited, and what may follow
	guard   *guard       // what a signal does
	waits   *budget      // how long this run may still wait when nobody is asked
	codes   *codes       // --otp-command; nil without one
	output  *output      // npm's stdout, where it is held back
	pkg     edit.Package // as it was before anything was done
	dry     bool         // npm is set to publish nothing
	play    *play        // the rehearsal that this is; nil for a real release
	queued  *queued      // what tells this package from the others of a queue; nil where it is the only one
}

// attempt is what the next npm publish is given, and what led to it.
type attempt struct {
	remedy.Attempt
	number  int         // 1 for the first; a code that was mistyped at npm's own question does not count
	fixes   []string    // the --fix that were not used yet
	used    []string    // the --fix that were
	told    bool        // it was said why no --fix applies
	met     []string    // the causes so far
	applied []string    // the remedies so far
	retries int         // how many of them were a retry
	word    ledger.Word // who wants this attempt
	same    bool        // it is known to send bytes that were sent before
	build   string      // the release that a person wants built although it is there
	tarball tarball     // what --pack-with has packed
	stray   misplaced   // the git tag of a refused number that is not of this commit
	browser bool        // the registry wants a second factor in the browser, which npm alone can open
}

// end is how a run ends, or one package of a queue.
type end struct {
	status int
	cause  string // why; "" where nothing failed
	line   string // the last line; "" for none
	queue  bool   // it goes on with the packages of the workspace instead
	// resumed is set where the run ends with what an earlier one has left: its edits
	// stay as they are, and this is the outcome.
	resumed ledger.Outcome
	outcome ledger.Outcome // what became of the package; "" for what the ledger says
}

// publishAll publishes the one package that the arguments name, or several one after
// another. Its error is bad input, or that npm did not say which.
func (r *release) publishAll(ctx context.Context, first attempt) (e end, err error) {
	all, err := r.several(ctx, first.Args)
	if err != nil {
		return end{}, err
	}
	if len(all) > 1 || len(all) == 1 && r.opt.PackWith != "" {
		return r.publishEach(ctx, first, all)
	}
	a, e := r.publish(ctx, first)
	if !e.queue {
		return e, nil
	}
	if all, err = r.several(ctx, a.Args); err != nil {
		return end{}, err
	}
	first.Args = a.Args
	return r.publishEach(ctx, first, all)
}

// publish makes attempts until the package is published, nothing can or may be done,
// the person gives up, or --max-attempts are used up.
// It returns the last attempt and how the run ended.
func (r *release) publish(ctx context.Context, first attempt) (a attempt, e end) {
	r.guard.finishBy(r.endBy, r.ui.Hurry)
	defer r.records.close()
	defer r.recovered(&e)
	a, stop := r.resumePrevious(ctx, first)
	for stop == nil {
		a, stop = r.once(ctx, a)
	}
	a.tarball.remove()
	if stop.queue {
		return a, *stop
	}
	e = r.finish(a, *stop)
	r.sayLeft(ctx, a)
	return a, e
}

// once makes one attempt, and returns the next one or how the run ends.
func (r *release) once(ctx context.Context, a attempt) (attempt, *end) {
	if ctx.Err() != nil {
		return a, r.interrupted()
	}
	f, stop := r.try(ctx, &a)
	if stop != nil {
		return a, stop
	}
	a.browser = a.browser || f.c.AuthURL != ""
	r.rec.Attempt(a.Args, f.result.Elapsed, f.c, f.failure())
	return r.answer(ctx, a, f)
}

// answer says what became of an attempt, and returns the next one or how the run ends.
func (r *release) answer(ctx context.Context, a attempt, f finding) (attempt, *end) {
	if a, stop := r.ends(ctx, a, f); stop != nil {
		return a, stop
	}
	if ctx.Err() != nil { // ^C while the registry was asked
		return a, r.interrupted()
	}
	r.show(a, f)
	if len(f.later) > 0 {
		known, said := r.learn(ctx, a, f, f.later), f.diag.Cause
		known.later = nil
		if ctx.Err() != nil {
			return a, r.interrupted()
		}
		r.rec.Learned(known.c, known.failure())
		if !known.failed || known.diag.Cause != said { // the version is there, whatever npm was told
			return r.answer(ctx, a, known)
		}
		f = known
	}
	a.met = append(a.met, f.diag.Cause.ID)
	if f.dry {
		return a, r.last(f)
	}
	offers := r.offers(ctx, a, f)
	switch {
	case f.c.Published() == "yes":
		return a, r.last(f)
	case a.number >= r.opt.MaxAttempts && !f.mayBuild: // what was refused early was no attempt
		r.say(fmt.Sprintf("Attempt %d failed, and --max-attempts allows no more.", a.number))
		return a, r.last(f)
	}
	return r.next(ctx, a, f, offers)
}

// try looks for a refusal that is certain before anything is started, else runs npm
// publish, records what it sent and diagnoses what became of it.
func (r *release) try(ctx context.Context, a *attempt) (finding, *end) {
	from, _ := r.load(ctx, *a)
	var stop *end
	if *a, stop = r.pack(ctx, *a, from.pkg); stop != nil {
		return finding{}, stop
	}
	from, _ = r.load(ctx, *a)
	if f, stop, there := r.foundThere(ctx, *a, from); there {
		return f, stop
	}
	f, refused, l := r.refusedEarly(ctx, a, from)
	if refused {
		return f, nil
	}
	ran, err := r.run(ctx, *a, from, l)
	l.close()
	switch {
	case errors.Is(err, errNoRecord):
		return finding{}, r.notRecorded(err)
	case err != nil && ctx.Err() != nil:
		return finding{}, r.interrupted()
	case err != nil:
		return finding{}, &end{status: exitOf(err), line: complaint(err)}
	}
	c := r.newCase(ctx, *a, ran)
	r.noted(r.records.noteEnd(uploads(c, ran)))
	if f, stopped := l.stoppedBy(finding{run: ran, c: c, dry: r.dry}); stopped {
		return f, nil
	}
	return r.diagnose(ctx, *a, ran, c), nil
}

// next applies one of the offers, and returns the attempt that follows from it.
func (r *release) next(ctx context.Context, a attempt, f finding, offers []remedy.Offer) (attempt, *end) {
	for {
		chosen, err := r.choose(ctx, &a, f, offers)
		switch {
		case errors.Is(err, errSkipped):
			return a, &end{outcome: ledger.Skipped}
		case errors.Is(err, errBuild):
			a.build = theVersion(f.c)
			return a, nil
		case err != nil:
			return a, r.interrupted()
		}
		if chosen == nil {
			return a, r.last(f)
		}
		a.stray = r.wrongTag(ctx, a, f, chosen.Offer)
		after, err := r.apply(ctx, a, *chosen)
		switch {
		case err == nil && chosen.ID == remedy.WorkspacesID:
			return after, &end{queue: true}
		case err == nil:
			return r.permitted(ctx, after)
		case errors.Is(err, prompts.ErrGivenUp) || ctx.Err() != nil:
			return a, r.interrupted()
		}
		r.say(err.Error())
		if r.ask == nil {
			return a, r.last(f)
		}
		a.fixes, _ = moved(chosen.fix, a.fixes, nil) // it would only fail again: the person chooses
	}
}

// permitted lets an attempt through where the ledger does.
func (r *release) permitted(ctx context.Context, a attempt) (attempt, *end) {
	from, _ := r.load(ctx, a)
	return r.permit(ctx, a, from.sent)
}

// say prints lines of ours.
func (r *release) say(lines ...string) {
	for _, line := range lines {
		r.ui.Line(line)
	}
}

// step says what is being done where somebody is there to wait: a publish that
// goes well prints nothing of ours.
func (r *release) step(what string) (done func()) {
	if r.ask == nil {
		return func() {}
	}
	return r.ui.Step(what)
}

// scripted tells whether a rehearsal answers its own questions, so that nobody is
// there to wait.
func (r *release) scripted() bool { return r.play != nil && !r.npm.Ask }
