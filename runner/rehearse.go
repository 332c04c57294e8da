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
	switch {
	case r.List:
		for _, sc := range registry.Scenarios() {
			_, _ = fmt.Fprintf(std.Out, "%-24s %s\n", sc.ID, sc.Title)
		}
		return 0, nil
	case r.All:
		return rehearseAll(ctx, guard, words, r.WithScripts, opt, env, std)
	}
	sc, ok := registry.Find(r.Scenario)
	if !ok {
		return 0, &npm.UsageError{Problem: "there is no scenario " + r.Scenario, Instead: "type safepublish rehearse --list"}
	}
	s, status, err := play(ctx, guard, sc, words, r.WithScripts, opt, env, std)
	if err == nil && s != nil {
		s.ui.Line("")
		s.ui.Line(prompts.WasRehearsal)
	}
	return status, err
}

// play rehearses one scenario: with the person where there is a terminal, with
// the scenario's own answers where there is none. The session is nil where a signal
// came before it began.
func play(ctx context.Context, guard *guard, sc registry.Scenario, words npm.Words, scripts bool,
	opt Options, env []string, std Streams,
) (*session, int, error) {
	person := prompts.CanAsk(std.In, std.Err, opt.NoInput, env)
	dir, err := os.Getwd()
	if err != nil {
		return nil, 0, fmt.Errorf("finding the current folder: %w", err)
	}
	box, err := registry.Open(ctx, registry.Options{
		Source: dir, Env: env, Args: words.NPM, WithScripts: scripts, Scenario: sc, Interactive: person,
	})
	if err != nil {
		return nil, 0, err
	}
	shut := func() { _ = box.Close() } // a folder that cannot be removed is no failure of the rehearsal
	defer shut()
	words.NPM = box.Args
	words.Checked = len(box.Args)
	if ctx.Err() != nil {
		return nil, guard.status(classify.ExitInterrupted), nil
	}
	s, err := newSession(ctx, guard, box.Dir, box.Env, words, opt, std)
	if err != nil {
		return nil, 0, err
	}
	if slices.ContainsFunc(sc.Causes, func(id string) bool { return strings.HasPrefix(id, "otp-") }) {
		s.remind = prompts.CodeOfRehearsal(box.OTP)
	}
	s.closing = shut
	s.ui.Line(prompts.RehearsalOf(sc.Title, s.npm.Version(ctx)))
	for _, note := range box.Notes {
		s.ui.Note(note)
	}
	if !person {
		s.ask = prompts.NewPlayer(s.ui, answers(sc, box))
		s.ui.Note(prompts.Played)
		s.played = true
	}
	status := s.publish(ctx)
	return s, status, nil
}

func answers(sc registry.Scenario, box *registry.Sandbox) []prompts.Answer {
	var all []prompts.Answer
	for _, a := range sc.Answers {
		if a.Choose == registry.GiveUp {
			a.Choose = prompts.GiveUp
		}
		all = append(all, prompts.Answer{Choose: a.Choose, Secret: box.Fill(a.Secret), Text: box.Fill(a.Text), Confirm: a.Confirm})
	}
	return all
}

// rehearseAll plays every scenario with its own answers and prints a table.
func rehearseAll(ctx context.Context, guard *guard, words npm.Words, scripts bool,
	opt Options, env []string, std Streams,
) (int, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close() // nothing was written
	opt.NoInput = true
	unexpected := 0
	line := func(cells ...any) { _, _ = fmt.Fprintf(std.Out, "%-24s %-34s %-16s %s\n", cells...) }
	line("SCENARIO", "CAUSE FOUND", "FIX", "END")
	for _, sc := range registry.Scenarios() {
		s, status, err := play(ctx, guard, sc, words, scripts, opt, env, Streams{In: null, Out: null, Err: null})
		if err != nil {
			return 0, err
		}
		if ctx.Err() != nil {
			return guard.status(classify.ExitInterrupted), nil
		}
		ended := s.ended(status)
		if ended != sc.End || !slices.Equal(s.walls, sc.Causes) {
			unexpected++
			ended += " (expected " + strings.Join(sc.Causes, ", ") + ": " + sc.End + ")"
		}
		line(sc.ID, strings.Join(s.walls, ", "), strings.Join(s.fixes, ", "), ended)
	}
	_, _ = fmt.Fprintf(std.Out, "%d scenarios, %d not as expected\n", len(registry.Scenarios()), unexpected)
	return min(unexpected, 1), nil
}

// ended says how a rehearsal ended, in the words of registry.Scenario.
func (s *session) ended(status int) string {
	if len(s.walls) == 0 {
		return registry.Published
	}
	last := classify.Lookup(s.walls[len(s.walls)-1])
	switch {
	case last != nil && last.ID == "already-published" && status == 0:
		return registry.AlreadyPublished
	case s.records.outcome() == ledger.Published:
		return registry.Published
	case s.records.outcome() == ledger.Unsettled:
		return registry.Unknown
	case last != nil && last.Exit == classify.ExitTempFail:
		return registry.TryLater
	}
	return registry.OnlyYou
}
