package runner

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// The statuses of ends that no cause stands for.
const (
	exitDefect = 70 // a defect of safepublish itself (EX_SOFTWARE)
	exitOutput = 74 // npm's stdout could not be passed on after a publish that went well (EX_IOERR): a script that reads it has nothing
)

// shownLater are the causes after which the registry may show the version in a while.
var shownLater = []string{"version-staged", "upload-open"}

// ends tells whether a run ends here without an offer, and says so.
func (r *release) ends(ctx context.Context, a attempt, f finding) (attempt, *end) {
	switch {
	case f.result.SignalToUs != nil:
		r.sayCutShort(f)
		e := r.interrupted()
		e.status = 128 + signalNumber(f.result.SignalToUs)
		return a, e
	case !f.failed && f.c.DryRun:
		return a, &end{status: f.result.Exit}
	case !f.failed:
		if r.records.edited() || len(a.applied) > 0 {
			r.sayPublished(f.c.Name(), f.c.Version(), f.c.Registry(), f.c.Staged())
		}
		r.sayUnusable(f)
		return a, r.follow(ctx, f, &end{status: f.result.Exit})
	case f.diag.Cause.ID == "already-published":
		return r.alreadyPublished(ctx, a, f)
	case f.diag.Cause.ID == "version-exists" && r.opt.SkipExisting && !f.several():
		return a, r.skip(f.c)
	case slices.Contains(shownLater, f.diag.Cause.ID) && r.opt.Wait > 0 && !f.dry:
		return r.followStaged(ctx, a, f)
	case f.diag.Cause.ID == "interrupted":
		r.sayCutShort(f)
		return a, r.last(f)
	}
	return a, nil
}

// last is the end of a run whose last attempt failed.
func (r *release) last(f finding) *end {
	e := &end{status: f.exit(), cause: f.diag.Cause.ID}
	r.records.with(func(l *ledger.Ledger) { e.status = l.Exit(e.status) })
	e.line = r.lastLine(f.diag.Cause.ID, f.diag.Title())
	return e
}

// interrupted is the end of a run that somebody ended.
func (r *release) interrupted() *end {
	return &end{status: classify.ExitInterrupted, cause: "interrupted", line: r.lastLine("interrupted", classify.Lookup("interrupted").Title)}
}

// lastLine is the line that a run without questions ends with, "" where a person is
// asked.
func (r *release) lastLine(cause, title string) string {
	if r.ask != nil {
		return ""
	}
	return prompts.LastLine(cause, title)
}

// notRecorded is the end of a run whose next step could not be noted: nothing is sent
// then.
func (r *release) notRecorded(err error) *end {
	return &end{status: classify.ExitConfig, cause: "state-unreadable", line: stateUnreadable(r.shell, err)}
}

// alreadyPublished ends where these very bytes are on the registry. A dist-tag that
// they lack is added where a --fix names it, and else named.
func (r *release) alreadyPublished(ctx context.Context, a attempt, f finding) (attempt, *end) {
	a.met = append(a.met, f.diag.Cause.ID)
	if f.c.Settings.Tag == "" { // an .npmrc or the environment may name one
		c := *f.c
		c.Settings.Tag = r.npm.Config(ctx, a.Args)["tag"]
		f.c = &c
	}
	p := r.problem(ctx, a, f)
	var more []string
	if tags := remedy.TagsHere(p); len(tags) > 0 {
		more = append(more, "its dist-tags: "+strings.Join(tags, ", "))
	}
	if f.several() {
		more = append(more, "npm stopped there and did not try the packages after it; publish each with -w NAME")
	}
	r.ui.Settled(settled(f), f.diag.Cause.ID, f.diag.Evidence, more...)
	e := r.last(f)
	if f.several() {
		e.status = max(f.result.Exit, 1)
		return a, e
	}
	offers := remedy.Offers(p)
	r.rec.Offered(offers, func(o remedy.Offer) string { return o.Runs(r.shell) })
	if f.dry {
		return a, e
	}
	c, refused := fixed(offers, a.fixes)
	if a.told = len(refused) > 0; r.queued == nil { // one of several may need what another does not
		r.say(refused...)
	}
	if c != nil {
		after, err := r.apply(ctx, a, *c)
		if err != nil {
			return a, &end{status: 1, line: prompts.LastLine("unknown", err.Error())}
		}
		a = after
	} else if len(offers) > 0 && offers[0].Runs(r.shell) != "" {
		r.say("The dist-tag " + offers[0].Value + " does not point at it. This adds it:")
		r.ui.Bare("    " + offers[0].Runs(r.shell))
	}
	return a, r.follow(ctx, f, e)
}

// finish ends the publish of one package: edits stay where something was published or
// may have been, and are undone otherwise.
func (r *release) finish(a attempt, e end) end {
	lost := r.output.passOn(r.guard.hurried)
	e.outcome = r.became(e)
	if lost != nil {
		r.say(outputLost(lost, e.outcome == ledger.Published))
		if e.status == 0 {
			e.status = exitOutput
		}
	}
	if e.outcome == ledger.NotPublished && e.resumed == "" && r.ask != nil && e.status >= 128 && r.queued == nil {
		r.say("Nothing was published.")
	}
	e.status = r.guard.status(e.status)
	if e.status == 0 && r.queued == nil { // one of several may need what another does not
		r.say(a.unneeded()...)
	}
	if d := r.rec.Failure(); d != nil && e.line != "" && e.status != 0 {
		r.ui.Annotate(d.Cause, d.Title, d.First(), d.Commands())
	}
	return e
}

// became returns what became of the package, once it is decided what becomes of the
// edits.
func (r *release) became(e end) ledger.Outcome {
	if e.resumed != "" {
		return e.resumed
	}
	became := r.settleEdits()
	if e.outcome == "" || became != ledger.NotPublished {
		return became
	}
	return e.outcome
}

// conclude ends a run: the report stays as it is, and the last line is printed.
func (r *release) conclude(e end) end {
	if e.status != 0 {
		r.rec.Because(e.cause)
	}
	if err := r.rec.End(e.outcome, e.status, ""); err != nil {
		r.say(err.Error())
	}
	if e.line != "" {
		r.ui.Bare(e.line)
	}
	return e
}

// unneeded says which --fix were given in vain, where others were needed.
func (a attempt) unneeded() (lines []string) {
	if len(a.met) == 0 || a.told {
		return nil
	}
	for _, fix := range a.fixes {
		lines = append(lines, "--fix "+fix+" was not needed.")
	}
	return lines
}

// settleEdits decides what becomes of the edits, says so, and returns what became of
// the release.
func (r *release) settleEdits() ledger.Outcome {
	said, err := r.records.settle()
	r.say(said...)
	r.noted(err)
	return r.records.outcome()
}

// takeBack takes edits back, the last one first. It returns those that could not be,
// and what to say of it.
func takeBack(edits []*edit.Journal) (left []*edit.Journal, said []string) {
	for _, j := range slices.Backward(edits) {
		lines, err := j.Undo()
		said = append(said, lines...)
		if err != nil {
			said = append(said, err.Error())
			left = append([]*edit.Journal{j}, left...)
		}
		fault.Point("undone")
	}
	return left, said
}

// endBy ends the process for a signal, in order. The loop stands still meanwhile,
// at a question.
func (r *release) endBy(sig os.Signal) {
	time.AfterFunc(time.Second, r.ui.Hurry)
	r.ui.Restore()
	outcome := r.settleEdits()
	if r.queued != nil {
		outcome = r.queued.cut(outcome)
	}
	if r.play != nil {
		r.play.close()
	}
	status := 128 + signalNumber(sig)
	_ = r.rec.End(outcome, status, "")
	npmexec.EndQuestions()
	os.Exit(status) // with the guard's lock held: the loop must not start npm again
}

// recovered makes of a defect of ours an end in order: the terminal given back,
// and the edits as at any end.
func (r *release) recovered(e *end) {
	defect := recover()
	if defect == nil {
		return
	}
	r.ui.Restore()
	outcome := r.settleEdits()
	if r.queued == nil { // else the others are still to be told of
		_ = r.rec.End(outcome, exitDefect, "")
	}
	became := "nothing was published"
	switch outcome {
	case ledger.Unsettled:
		became = "it is not known whether anything was published; run safepublish here again, it asks the registry first"
	case ledger.Published:
		became = "it was published"
	}
	r.say(fmt.Sprintf("safepublish has a defect (%v): %s.", defect, became))
	*e = end{status: exitDefect, outcome: outcome}
}
