package session

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/journal"
	"safepublish/runner"
	"safepublish/runner/npmargs"
)

// once makes one attempt and finds out what it came to.
func (s *session) once(ctx context.Context) (*end, error) {
	e := &end{}
	e.pkg, _ = remedy.Load(s.npm.Dir, s.attempt.Args, s.major) // npm says what is wrong with it
	if s.guarded(ctx, e) {
		e.dry = s.npm.DryRun(ctx, s.attempt.Args)
		return e, nil
	}
	_, asJSON := npmargs.Get(s.attempt.Args, "json", s.major)
	folded := s.ui.Group(prompts.Publishing)
	result, err := s.npm.Publish(ctx, runner.Attempt{Args: s.attempt.Args, Env: s.attempt.Env, Stage: s.attempt.Stage, Hold: asJSON, Alone: s.opt.OTPCommand != "", Begins: func(logs string) {
		s.book.Sending = &journal.Sending{Name: e.pkg.Name, Version: e.pkg.Version, Logs: logs, Began: time.Now()}
		_ = s.book.Save() // without it a publish is as safe as npm's own
	}})
	s.guard.taken(result.Got)
	fault.Point("npm-ended")
	folded()
	if err != nil {
		s.book.Sending = nil
		return nil, err
	}
	s.held.Close()
	e.result, s.held, s.lost = result, result.Stdout, result.Lost
	if now, err := remedy.Load(s.npm.Dir, s.attempt.Args, s.major); err == nil {
		e.moved = now.Version != e.pkg.Version || now.Name != e.pkg.Name
		e.pkg = now // a script may have rewritten it
	}
	e.c = s.newCase(ctx, e)
	s.find(ctx, e)
	return e, nil
}

// newCase is what is known of an attempt without asking the registry.
func (s *session) newCase(ctx context.Context, e *end) *classify.Case {
	c := &classify.Case{Transcript: e.result.Transcript, Local: classify.Local{
		Name: e.pkg.Name, Version: e.pkg.Version, Private: e.pkg.Private, PublishConfig: e.pkg.Config, Terminal: s.npmAsks(),
		Tag: s.given("tag", e.pkg), Access: s.given("access", e.pkg), OTP: runner.Getenv(s.attempt.Env, "npm_config_otp") != "",
	}}
	if c.Local.Access == "" && s.major < 9 { // an .npmrc or the environment; later npms say it in their notice
		c.Local.Access = s.npm.Config(ctx, s.attempt.Args)["access"]
	}
	c.Local.Sent = s.sent[c.Name()+"@"+c.Version()]
	if c.Registry() == "" && c.Name() != "" {
		c.Local.Registry = s.npm.Registry(ctx, c.Name(), s.attempt.Args, e.pkg.Config)
	}
	return c
}

// given returns the value of a key as the command line or publishConfig has it.
func (s *session) given(key string, pkg remedy.Package) string {
	if v, ok := npmargs.Get(s.attempt.Args, key, s.major); ok && (s.major > 9 || pkg.Config[key] == "") {
		return v
	}
	return pkg.Config[key]
}

// npmAsks tells whether npm can ask for a second factor itself.
func (s *session) npmAsks() bool {
	return s.npm.Ask && s.opt.OTPCommand == "" && term.IsTerminal(int(s.std.In.Fd())) && term.IsTerminal(int(s.std.Out.Fd()))
}

// find asks the registry what must be known, diagnoses, and asks what the
// remedies for that cause want to know besides.
func (s *session) find(ctx context.Context, e *end) {
	for s.askRegistry(ctx, e.c, classify.Questions(e.c)) {
	}
	if slices.Contains(e.c.Facts.Put, classify.AskThis) && e.result.Got == nil {
		s.insist(ctx, e.c)
	}
	s.remember(e.c)
	if e.diag, e.failed = classify.Diagnose(e.c); !e.failed {
		return
	}
	e.dry = e.c.DryRun || s.npm.DryRun(ctx, s.attempt.Args)
	s.askRegistry(ctx, e.c, slices.DeleteFunc(remedy.Needs(e.diag.Cause.ID), func(q classify.Question) bool { return slices.Contains(e.c.Facts.Put, q) }))
}

// askRegistry adds the answers to questions to the facts of a case, and reports
// whether anything was asked.
func (s *session) askRegistry(ctx context.Context, c *classify.Case, questions []classify.Question) bool {
	if len(questions) == 0 || c.Registry() == "" || c.Name() == "" {
		return false
	}
	defer s.ui.Step(prompts.Asking(c.Registry()))()
	c.Facts = c.Facts.With(s.npm.Facts(ctx, c.Registry(), c.Name(), c.Version(), questions), questions)
	return true
}

// keepable returns a registry's address as it may be kept on disk: "" where it
// carries a secret, which npm's settings then have to tell anew.
func (s *session) keepable(registry string) string {
	if safe := s.red.Line(registry); safe != registry || strings.Contains(safe, "***") {
		return ""
	}
	return registry
}

// pauses lie between the questions about an upload whose answer was lost: a
// registry may store it and show it a little later.
var pauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// insist asks for the version of an open upload until it is shown or the pauses
// are used up. Whoever pressed ^C is not made to wait.
func (s *session) insist(ctx context.Context, c *classify.Case) {
	for _, pause := range pauses {
		open := c.Last().Upload.State == transcript.Open && c.Facts.This.Found != classify.Yes
		if !open || s.played || c.Canceled || c.Signal == "interrupt" || ctx.Err() != nil || s.ask == nil && s.waited+pause > s.opt.MaxWait {
			return
		}
		s.waited += pause
		why := prompts.LooksAgain(c.Name(), c.Version())
		if s.pause(ctx, func(ctx context.Context) error { return s.ui.Wait(ctx, why, pause) }) != nil {
			return
		}
		this := "npm view " + c.Name() + "@" + c.Version()
		c.Facts.Asked = slices.DeleteFunc(c.Facts.Asked, func(a classify.Asked) bool { return a.From == this })
		s.askRegistry(ctx, c, []classify.Question{classify.AskThis})
	}
}

// pause waits; ^C ends the wait and nothing else.
func (s *session) pause(ctx context.Context, wait func(context.Context) error) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer s.guard.pause(end)()
	err := wait(ctx)
	if errors.Is(err, prompts.ErrGivenUp) {
		<-ctx.Done() // the guard gets the same signal, and must not take it for ours
	}
	return err
}

// remember keeps an upload open over the attempts and the runs that follow it:
// until the registry shows that version, an answer to a later attempt says
// nothing about the earlier one.
func (s *session) remember(c *classify.Case) {
	s.taken = s.taken || c.Published() == "yes"
	for i := range c.Packages {
		p, last := &c.Packages[i], i == len(c.Packages)-1
		name, version := p.Name, p.Version
		if last {
			name, version = c.Name(), c.Version()
		}
		key := name + "@" + version
		switch {
		case p.Upload.State == transcript.Accepted, last && c.Facts.This.Found == classify.Yes && c.Facts.This.Shasum != "":
			s.book.Settled(name, version)
		case p.Upload.State == transcript.Open:
			s.book.Sent(journal.NewUpload(name, version, s.keepable(c.Registry()), p.Shasum))
		case s.book.IsOpen(name, version):
			p.Upload.State = transcript.Open
		}
		if p.Upload.State != transcript.NotSent && p.Shasum != "" {
			s.sent[key] = append(s.sent[key], p.Shasum)
		}
	}
	s.book.Sending = nil
	_ = s.book.Save()
	fault.Point("upload-noted")
}
