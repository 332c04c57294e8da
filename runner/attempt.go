package runner

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// once makes one attempt and finds out what it came to.
func (s *session) once(ctx context.Context) (*end, error) {
	e := &end{dry: s.dry}
	e.pkg, _ = remedy.Load(s.npm.Dir, s.attempt.Args, s.major) // npm says what is wrong with it
	e.out = s.outgoing(ctx, e.pkg)
	if s.guarded(ctx, e) {
		return e, nil
	}
	e.built = builds(e.out, s.attempt.Args, s.major)
	began := time.Now()
	result, err := s.publishNPM(ctx, e, began)
	s.guard.taken(result.Got)
	fault.Point("npm-ended")
	if err != nil {
		return nil, err
	}
	before := e.out
	s.held.Close()
	e.result, s.held, s.lost = result, result.Stdout, result.Lost
	if now, err := remedy.Load(s.npm.Dir, s.attempt.Args, s.major); err == nil {
		e.pkg, e.out = now, s.outgoing(ctx, now) // a script may have rewritten it
		e.moved = identityOf(e.out) != identityOf(before)
	}
	s.nameSent(ctx, e, before)
	e.c = s.newCase(ctx, e)
	s.compare(ctx, e)
	if err := s.records.ended(uploads(e.c, e.out.Dir, before.Name, e.out.Version, began)); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
	s.find(ctx, e)
	return e, nil
}

// publishNPM runs npm publish, and notes before and while it runs what it is about to
// send. Bytes that are known to be those of an earlier upload are sent without
// building them again.
func (s *session) publishNPM(ctx context.Context, e *end, began time.Time) (npmexec.Result, error) {
	args, after := s.attempt.Args, []string(nil)
	if s.same && e.built {
		args, after = npm.Set(args, "ignore-scripts", "true", s.major), afterUpload(e.out)
		e.built = false
		s.ui.Note(prompts.NothingIsBuilt)
	}
	s.same = false
	_, asJSON := npm.Get(args, "json", s.major)
	folded := s.ui.Group(prompts.Publishing)
	defer folded()
	a := npmexec.Attempt{
		Args: args, Env: s.attempt.Env, Stage: s.attempt.Stage, Hold: asJSON, Alone: s.opt.OTPCommand != "",
		DryRun: s.dry, Several: e.out.Kind == "workspaces",
		Begins: func(logs string) error {
			return s.records.starts(ledger.Sending{Name: e.out.Name, Version: e.out.Version, Logs: logs, Began: began})
		},
	}
	if e.out.Kind == "folder" {
		a.Manifest = filepath.Join(e.out.Dir, "package.json")
		a.Uploads = func(manifest []byte) {
			sent := remedy.Manifest(manifest)
			s.records.uploads(sent.Name, sent.Version)
		}
	}
	result, err := s.npm.Publish(ctx, a)
	if err == nil && len(after) > 0 && result.Last().Upload.State == transcript.Accepted && result.Got == nil {
		s.npm.RunAfter(ctx, a, &result, after)
	}
	return result, err
}

// outgoing is the package that is sent: that of a single workspace in place of its
// root, so that it is the same package however it is named.
func (s *session) outgoing(ctx context.Context, pkg remedy.Package) remedy.Package {
	if pkg.Kind != "workspaces" {
		return pkg
	}
	folder := s.npm.WorkspaceFolder(ctx, s.attempt.Args)
	if folder == "" {
		return pkg
	}
	one, _ := remedy.Load(folder, nil, s.major) // npm says what is wrong with it
	return one
}

// afterUpload are the scripts that npm publish runs after the upload, and that this
// package has.
func afterUpload(pkg remedy.Package) []string {
	return slices.DeleteFunc([]string{"publish", "postpublish"}, func(s string) bool { return !slices.Contains(pkg.Scripts, s) })
}

// nameSent makes the transcript's last package the one that was really sent.
func (s *session) nameSent(ctx context.Context, e *end, before remedy.Package) {
	t := &e.result.Transcript
	if s.several(e) {
		s.nameSeveral(ctx, e)
		return
	}
	if len(t.Packages) == 0 { // with --json npm names nothing before it sends
		t.Packages = []transcript.Package{{}}
	}
	last := &t.Packages[len(t.Packages)-1]
	sent := sentAs(*last, e.result, before, e.out, e.built)
	if sent.Version == "" && last.Upload.State != transcript.NotSent { // the registry decides, by the bytes
		registry := last.Registry
		if registry == "" {
			registry = s.npm.Registry(ctx, sent.Name, s.attempt.Args, e.out.Config)
		}
		sent.Version = s.npm.Carries(ctx, registry, sent.Name, npm.Contents{Shasum: last.Shasum, Integrity: last.Integrity})
	}
	last.Name, last.Version = sent.Name, sent.Version
}

// nameSeveral takes the version off every workspace whose package.json says another
// than npm has listed: a script has raised it, and which one was sent the registry
// tells, if anybody.
func (s *session) nameSeveral(ctx context.Context, e *end) {
	for i := range e.result.Packages {
		p := &e.result.Packages[i]
		if p.Name == "" || p.Upload.State == transcript.NotSent || npmexec.VersionBelow(e.out.Dir, p.Name) == p.Version {
			continue
		}
		if as := refusedAs(*p, e.result); as.Version != "" {
			p.Version = as.Version
			continue
		}
		p.Version = s.npm.Carries(ctx, p.Registry, p.Name, npm.Contents{Shasum: p.Shasum, Integrity: p.Integrity})
	}
}

// newCase is what is known of an attempt without asking the registry.
func (s *session) newCase(ctx context.Context, e *end) *classify.Case {
	c := &classify.Case{Transcript: e.result.Transcript, Local: classify.Local{
		Name: e.out.Name, Version: e.out.Version, Private: e.out.Private, PublishConfig: e.out.Config, Terminal: s.npmAsks(), Built: e.built,
		Tag: s.given("tag", e.out), Access: s.given("access", e.out), OTP: npmexec.Getenv(s.attempt.Env, "npm_config_otp") != "",
	}}
	if len(c.Packages) > 0 && c.Last().Version == "" && c.Last().Upload.State != transcript.NotSent {
		c.Local.Version = "" // what is on disk is not what was sent
	}
	if c.Local.Access == "" && s.major < 9 { // an .npmrc or the environment; later npms say it in their notice
		c.Local.Access = s.npm.Config(ctx, s.attempt.Args)["access"]
	}
	if c.Registry() == "" && c.Name() != "" && (c.Failed || c.Unproven || c.Last().Upload.State != transcript.NotSent) {
		c.Local.Registry = s.npm.Registry(ctx, c.Name(), s.attempt.Args, e.out.Config)
	}
	s.records.ask(func(l *ledger.Ledger) { c.Local.Sent = l.Sent(target(c)) })
	return c
}

// target is where the last package of a case went, or was to go.
func target(c *classify.Case) ledger.Target { return ledger.At(c.Registry(), c.Name(), c.Version()) }

// given returns the value of a key as the command line or publishConfig has it.
func (s *session) given(key string, pkg remedy.Package) string {
	if v, ok := npm.Get(s.attempt.Args, key, s.major); ok && (s.major > 9 || pkg.Config[key] == "") {
		return v
	}
	return pkg.Config[key]
}

// npmAsks tells whether npm can ask for a second factor itself.
func (s *session) npmAsks() bool {
	return s.npm.Ask && s.opt.OTPCommand == "" && term.IsTerminal(int(s.std.In.Fd())) && term.IsTerminal(int(s.std.Out.Fd()))
}

// compare packs the package again, without its scripts, where npm did not say which
// bytes it has sent and the answer was lost: the next run must know them.
func (s *session) compare(ctx context.Context, e *end) {
	last := e.c.Last()
	known := last.Shasum != "" || last.Integrity != ""
	if known || e.c.NeverStarted || e.c.Local.Repacked.Known() || e.out.Kind == "remote" || s.several(e) {
		return
	}
	if e.c.Facts.This.Found == classify.Yes || last.Upload.State == transcript.Open {
		e.c.Local.Repacked = s.repack(ctx, e.out)
	}
}

// repack returns what would be sent now if no script ran.
func (s *session) repack(ctx context.Context, pkg remedy.Package) npm.Contents {
	defer s.step(prompts.Packing(pkg.Name))()
	return s.npm.Repack(ctx, s.attempt.Args, pkg.Name, pkg.Version)
}

// find asks the registry what must be known, diagnoses, and asks what the
// remedies for that cause want to know besides.
func (s *session) find(ctx context.Context, e *end) {
	e.dry = e.dry || e.c.Unproven && s.npm.DryRun(ctx, s.attempt.Args)
	if e.dry {
		s.records.ask((*ledger.Ledger).DryRun)
		e.c.DryRun, e.c.Unproven = true, false
	}
	for s.askRegistry(ctx, e, classify.Questions(e.c)) {
	}
	if slices.Contains(e.c.Facts.Put, classify.AskThis) && e.result.Got == nil && !e.c.Unproven {
		s.insist(ctx, e)
	}
	if e.diag, e.failed = classify.Diagnose(e.c); !e.failed {
		return
	}
	more := remedy.Needs(e.diag.Cause.ID)
	if s.mustBeSeen(e) {
		more = append(more, classify.AskThis)
	}
	more = slices.DeleteFunc(more, func(q classify.Question) bool { return slices.Contains(e.c.Facts.Put, q) })
	if s.askRegistry(ctx, e, more) {
		e.diag, e.failed = classify.Diagnose(e.c)
	}
}

// mustBeSeen tells whether the registry is asked if the version is there although the
// cause does not turn on it: whatever it answered, it may have stored what it was
// sent, and nothing else is sent before it has said that it has not. A code, a login
// or a wait needs no answer: it sends the same number again.
func (s *session) mustBeSeen(e *end) bool {
	if e.dry || e.c.Last().Upload.State == transcript.NotSent {
		return false
	}
	return s.ask == nil && s.opt.OTPCommand == "" || slices.ContainsFunc(remedy.For(e.diag.Cause.ID), func(r remedy.Remedy) bool {
		return !r.Same && r.Safety > remedy.Never
	})
}

// askRegistry adds the answers to questions to the facts of a case, notes whether the
// version is there, and reports whether anything was asked.
func (s *session) askRegistry(ctx context.Context, e *end, questions []classify.Question) bool {
	c := e.c
	if len(questions) == 0 || c.Registry() == "" || c.Name() == "" {
		return false
	}
	done := s.ui.Step(prompts.Asking(c.Registry()))
	c.Facts = c.Facts.With(s.npm.Facts(ctx, c.Registry(), c.Name(), c.Version(), questions), questions)
	done()
	if slices.Contains(questions, classify.AskThis) {
		s.noteSight(ctx, e)
	}
	return true
}

// noteSight tells the ledger what the registry shows of the version, and the case
// what follows from it.
func (s *session) noteSight(ctx context.Context, e *end) {
	c := e.c
	s.compare(ctx, e)
	this := c.Facts.This
	if same, known := c.Local.Repacked.Same(this.Contents()); !c.Local.Built || same && known { // else a script may have built other bytes
		s.records.ask(func(l *ledger.Ledger) { l.Packed(target(c), c.Local.Repacked) })
	}
	if this.Found == classify.Yes && this.GitHead != "" && c.Local.Head == "" {
		c.Local.Head = s.npm.Head(ctx, e.out.Dir)
	}
	if this.Found == classify.Unknown && ctx.Err() != nil { // who ended the question was given no answer: it counts as not asked
		return
	}
	seen := sight(target(c), this, c.Local.Head)
	seen.Burnt = slices.Contains(c.Facts.Packument.Burnt, c.Version())
	if err := s.records.seen(seen); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
	c.Local.Doubt = this.Found == classify.Yes && s.records.pending(target(c))
}

// sight is an answer of the registry, for the ledger. head is the commit that is
// checked out without changes, "" where there is none.
func sight(t ledger.Target, this classify.Published, head string) ledger.Sight {
	answers := map[classify.Answer]ledger.Answer{classify.Unknown: ledger.Unknown, classify.Yes: ledger.Yes, classify.No: ledger.No}
	at := ledger.Sight{
		Target: t, Found: answers[this.Found], Contents: this.Contents(), Published: this.At, Clock: this.Clock, Asked: this.Asked,
	}
	if at.Asked.IsZero() {
		at.Asked = time.Now()
	}
	if head != "" && this.GitHead != "" {
		at.Commit = ledger.No
		if head == this.GitHead {
			at.Commit = ledger.Yes
		}
	}
	return at
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
func (s *session) insist(ctx context.Context, e *end) {
	c := e.c
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
		s.askRegistry(ctx, e, []classify.Question{classify.AskThis})
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
