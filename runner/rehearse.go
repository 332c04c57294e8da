package runner

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy/ledger"
	"safepublish/runner/registry"
)

// Rehearsal says what to rehearse.
type Rehearsal struct {
	Scenario    string // its ID
	All, List   bool   // all of them with their own answers; or only their names
	WithScripts bool   // the package's lifecycle scripts run
}

// Rehearse plays one wall, or all of them, against the embedded registry, and
// returns the status to end with. Its error is bad input.
func Rehearse(words npm.Words, r Rehearsal, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	in := setup{env: env, words: words, opt: opt, std: std, guard: guard}
	switch {
	case r.List:
		list(prompts.New(std.In, std.Out, env, asItIs))
		return 0, nil
	case r.All:
		return rehearseAll(ctx, in, r.WithScripts)
	}
	sc, ok := registry.Find(r.Scenario)
	if !ok {
		instead := "type safepublish rehearse --list"
		if near := npm.Nearest(r.Scenario, registry.IDs()); near != "" {
			instead = "did you mean " + near + "?"
		}
		return 0, &npm.UsageError{Problem: "there is no scenario " + r.Scenario, Instead: instead}
	}
	went, err := rehearse(ctx, in, sc, r.WithScripts)
	return went.status, err
}

// play is a rehearsal under way.
type play struct {
	answers []string // to its own questions, where there is no person
	close   func()   // takes its folders away
}

// rehearsed is how a rehearsal went.
type rehearsed struct {
	met, applied []string // causes and remedies, in order
	status       int
	outcome      ledger.Outcome
}

// rehearse plays one scenario: with the person where there is a terminal, with the
// scenario's own answers where there is none.
func rehearse(ctx context.Context, in setup, sc registry.Scenario, scripts bool) (rehearsed, error) {
	person := prompts.CanAsk(in.std.In, in.std.Err, in.opt.NoInput, in.env)
	dir, err := os.Getwd()
	if err != nil {
		return rehearsed{}, fmt.Errorf("finding the current folder: %w", err)
	}
	box, err := registry.Open(registry.Options{
		Source: dir, Env: in.env, Args: in.words.NPM, WithScripts: scripts, Scenario: sc, Interactive: person,
	})
	if err != nil {
		return rehearsed{}, err
	}
	shut := func() { _ = box.Close() } // a folder that cannot be removed is no failure of the rehearsal
	defer shut()
	if ctx.Err() != nil {
		return rehearsed{status: in.guard.status(classify.ExitInterrupted)}, nil
	}
	in.dir, in.env, in.play = box.Dir, box.Env, &play{answers: box.Answers, close: shut}
	in.words.NPM, in.words.Checked = box.Args, len(box.Args)
	r, first, err := newRelease(ctx, in)
	if err != nil {
		return rehearsed{}, err
	}
	r.say(fmt.Sprintf("Rehearsal with npm %s against a registry on 127.0.0.1: %s.", r.version, sc.Title))
	for _, note := range box.Notes {
		r.ui.Note(note)
	}
	if r.scripted() {
		r.ui.Note("there is no terminal here, so the rehearsal answers its own questions")
	}
	last, e := r.publish(ctx, first)
	e = r.conclude(e)
	went := rehearsed{last.met, last.applied, e.status, r.records.outcome()}
	r.say("", "This was a rehearsal: nothing left this machine; your files and your login are as they were.", went.next())
	return went, nil
}

// rehearseAll plays every scenario with its own answers and prints a table.
func rehearseAll(ctx context.Context, in setup, scripts bool) (int, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close() // nothing was written
	out := prompts.New(in.std.In, in.std.Out, in.env, asItIs)
	in.opt.NoInput, in.std = true, Streams{In: null, Out: null, Err: null}
	unexpected := 0
	line := func(cells ...any) { out.Line(fmt.Sprintf("%-23s  %-28s  %-13s  %s", cells...)) }
	line("SCENARIO", "CAUSE FOUND", "FIX", "END")
	for _, sc := range registry.Scenarios() {
		went, err := rehearse(ctx, in, sc, scripts)
		if err != nil {
			return 0, err
		}
		if ctx.Err() != nil {
			return in.guard.status(classify.ExitInterrupted), nil
		}
		line(sc.ID, strings.Join(went.met, ", "), strings.Join(went.applied, ", "), went.end())
		if went.end() != sc.End || !slices.Equal(went.met, sc.Causes) {
			unexpected++
			line("  expected:", strings.Join(sc.Causes, ", "), "", sc.End)
		}
	}
	as := "all as expected"
	if unexpected > 0 {
		as = fmt.Sprintf("%d not as expected", unexpected)
	}
	out.Line(fmt.Sprintf("%d scenarios, %s", len(registry.Scenarios()), as))
	return min(unexpected, 1), nil
}

// list prints the scenarios.
func list(out *prompts.UI) {
	var rows [][]string
	for _, sc := range registry.Scenarios() {
		rows = append(rows, []string{sc.ID, sc.Title})
	}
	out.Table(rows)
}

// next says what a person may do after a rehearsal.
func (w rehearsed) next() string {
	const others = "safepublish rehearse --list names the other failures."
	if len(w.met) > 0 && w.outcome != ledger.Published && w.end() != registry.AlreadyPublished {
		return "Next: safepublish explain " + w.met[len(w.met)-1] + " says more; " + others
	}
	return "Next: in a package of yours, type safepublish instead of npm publish; " + others
}

// end says how a rehearsal ended, in the words of registry.Scenario.
func (w rehearsed) end() string {
	if len(w.met) == 0 {
		return registry.Published
	}
	last := classify.Lookup(w.met[len(w.met)-1])
	switch {
	case last != nil && last.ID == "already-published" && w.status == 0:
		return registry.AlreadyPublished
	case w.outcome == ledger.Published:
		return registry.Published
	case w.outcome == ledger.Unsettled:
		return registry.Unknown
	case last != nil && last.Exit == classify.ExitTempFail:
		return registry.TryLater
	}
	return registry.NeedsYou
}
