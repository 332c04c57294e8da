package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
)

// finding is what an attempt came to, and why.
type finding struct {
	run
	c        *classify.Case
	diag     classify.Diagnosis
	failed   bool
	dry      bool // npm was set to publish nothing
	early    bool // it was refused before npm was started
	mayBuild bool // and a person may want it tried all the same
	// later is what is asked once the diagnosis was said, which npm's words make certain.
	later []classify.Question
}

// failure is the diagnosis, nil where nothing failed.
func (f finding) failure() *classify.Diagnosis {
	if !f.failed {
		return nil
	}
	return &f.diag
}

// exit is the status to end with if nothing can be done about it.
func (f finding) exit() int { return classify.ExitStatus(f.diag, f.result.Exit, f.result.Signal) }

// target is where the last package of a case went, or was to go.
func target(c *classify.Case) ledger.Target { return ledger.At(c.Registry(), c.Name(), c.Version()) }

// newCase is what is known of a run without asking the registry.
func (r *release) newCase(ctx context.Context, a attempt, ran run) *classify.Case {
	sent := ran.after.sent
	c := &classify.Case{
		Transcript: ran.result.Transcript,
		Package:    described(sent),
		Settings:   classify.Settings{Tag: r.setting(a, "tag", sent), Access: r.setting(a, "access", sent)},
		Attempt:    classify.Attempt{Terminal: r.npmAsks(a), OTP: npmrc.Getenv(a.Env, "npm_config_otp") != ""},
		CI:         npmexec.CI(r.npm.Env),
		Shell:      r.shell,
	}
	c.Package.Built = ran.built
	if len(c.Packages) > 0 && c.Last().Version == "" && c.Last().Upload.State != transcript.NotSent {
		c.Package.Version = "" // what is on disk is not what was sent
	}
	if c.Settings.Access == "" && !r.version.Has(npm.TellsAccess) { // an .npmrc or the environment; later npms say it in their notice
		c.Settings.Access = r.npm.Config(ctx, a.Args)["access"]
	}
	if c.Registry() == "" && c.Name() != "" && (c.Failed || c.Unproven || c.Last().Upload.State != transcript.NotSent) {
		c.Settings.Registry = r.npm.Registry(ctx, c.Name(), a.Args, sent.Config)
	}
	if c.Failed {
		c.Settings.Proxy.Host, c.Settings.Proxy.From = r.npm.Proxy(ctx, a.Args, c.Registry())
	}
	r.records.with(func(l *ledger.Ledger) { c.Attempt.Sent = l.Sent(target(c)) })
	r.compare(ctx, a, ran, c)
	return c
}

// described is a package as classify knows it.
func described(pkg edit.Package) classify.Package {
	return classify.Package{
		Kind: pkg.Kind, Name: pkg.Name, Version: pkg.Version, Private: pkg.Private, PublishConfig: pkg.Config, Manifest: pkg.Text,
	}
}

// setting returns the value of a key as the command line or publishConfig has it.
func (r *release) setting(a attempt, key string, pkg edit.Package) string {
	if v, ok := npm.Get(a.Args, key); ok && (r.version.Has(npm.FlagBeatsPublishConfig) || pkg.Config[key] == "") {
		return v
	}
	return pkg.Config[key]
}

// asksForCodes tells whether a one-time password comes from us and not from npm's own
// question: from --otp-command, or, of several packages, one for as many as the registry
// takes it for. The browser npm alone can open.
func (r *release) asksForCodes(a attempt) bool {
	return r.codes != nil || r.queued != nil && !a.browser
}

// npmAsks tells whether npm can ask for a second factor itself.
func (r *release) npmAsks(a attempt) bool {
	return r.npm.Ask && !r.asksForCodes(a) && term.IsTerminal(int(r.npm.In.Fd())) && term.IsTerminal(int(r.npm.Out.Fd()))
}

// compare packs the package again, without its scripts, where npm did not say which
// bytes it has sent and the answer was lost: the next run must know them.
func (r *release) compare(ctx context.Context, a attempt, ran run, c *classify.Case) {
	last := c.Last()
	if last.Contents().Known() || c.NeverStarted || c.Package.Packed.Contents.Known() || ran.after.sent.Kind == "remote" || ran.several() {
		return
	}
	if c.Answers.RemoteVersion.Found == classify.Yes || last.Upload.State == transcript.Open {
		c.Package.Packed.Contents = r.repack(ctx, a, ran.after.sent)
	}
}

// repack returns what would be sent now if no script ran.
func (r *release) repack(ctx context.Context, a attempt, pkg edit.Package) npm.Contents {
	defer r.step("packing " + pkg.Name + " to compare it with what was sent")()
	return r.npm.Repack(ctx, a.forNPM(), pkg.Name, pkg.Version)
}

// diagnose asks the registry what must be known and says why a run failed. What the
// remedies for that cause want to know besides is asked as well, or, where npm's words are
// enough for the diagnosis, left for later: nobody waits for an answer that changes nothing.
func (r *release) diagnose(ctx context.Context, a attempt, ran run, c *classify.Case) finding {
	f := finding{run: ran, c: c, dry: r.dry || c.Unproven && r.npm.DryRun(ctx, a.Args)}
	if f.dry {
		r.records.with((*ledger.Ledger).DryRun)
		c.DryRun, c.Unproven = true, false
	}
	questions := classify.Questions(c)
	byWords := len(questions) == 0
	if c.Failed && r.unattended(f) && !byWords && !slices.Contains(questions, classify.AskThis) { // it is asked anyway
		questions = append(questions, classify.AskThis)
	}
	for r.askRegistry(ctx, a, f, questions) {
		questions = classify.Questions(c)
	}
	if slices.Contains(c.Answers.Questions, classify.AskThis) && ran.result.SignalToUs == nil && !c.Unproven {
		r.pollVersion(ctx, a, f)
	}
	if f.diag, f.failed = classify.Diagnose(c); !f.failed {
		return f
	}
	more := r.wanted(f)
	if byWords && f.diag.Sure {
		f.later = more
		more = slices.DeleteFunc(slices.Clone(more), func(q classify.Question) bool { return q != classify.AskLogin }) // it is on this machine
	}
	return r.learn(ctx, a, f, more)
}

// wanted is what is asked about a failure besides what its diagnosis turned on.
func (r *release) wanted(f finding) []classify.Question {
	more := remedy.Needs(f.diag.Cause.ID)
	if r.mustBeSeen(f) {
		more = append(more, classify.AskThis)
	}
	return more
}

// learn asks more about a failure, and says anew why it failed.
func (r *release) learn(ctx context.Context, a attempt, f finding, more []classify.Question) finding {
	more = slices.DeleteFunc(slices.Clone(more), func(q classify.Question) bool { return slices.Contains(f.c.Answers.Questions, q) })
	if r.askRegistry(ctx, a, f, more) {
		f.diag, f.failed = classify.Diagnose(f.c)
	}
	return f
}

// mustBeSeen tells whether the registry is asked if the version is there although the
// cause does not turn on it: whatever it answered, it may have stored what it was
// sent, and nothing else is sent before it has said that it has not. A code, a login
// or a wait needs no answer: it sends the same number again.
func (r *release) mustBeSeen(f finding) bool {
	if f.dry || f.c.Last().Upload.State == transcript.NotSent {
		return false
	}
	return r.unattended(f) || slices.ContainsFunc(remedy.For(f.diag.Cause.ID), func(one remedy.Remedy) bool {
		return !one.Same && one.Safety > remedy.Never
	})
}

// unattended tells whether nobody is there to see that a version is stored after all.
func (r *release) unattended(f finding) bool {
	return r.ask == nil && r.codes == nil && !f.dry && f.c.Last().Upload.State != transcript.NotSent
}

// askRegistry adds the answers to questions to the facts of a case, tells the ledger
// whether the version is there, and reports whether anything was asked.
func (r *release) askRegistry(ctx context.Context, a attempt, f finding, questions []classify.Question) bool {
	c := f.c
	if len(questions) == 0 || c.Registry() == "" || c.Name() == "" {
		return false
	}
	done := r.ui.Step(asking(c.Registry()))
	c.Answers = r.npm.Answers(ctx, c, questions)
	done()
	if slices.Contains(questions, classify.AskThis) {
		r.recordSight(ctx, a, f)
	}
	return true
}

// recordSight tells the ledger what the registry shows of the version, and the case
// what follows from it.
func (r *release) recordSight(ctx context.Context, a attempt, f finding) {
	c := f.c
	r.compare(ctx, a, f.run, c)
	this := c.Answers.RemoteVersion
	if !c.Package.Built || c.Package.Packed.Contents.Is(this.Contents()) { // else a script may have built other bytes
		r.records.with(func(l *ledger.Ledger) { l.Packed(target(c), c.Package.Packed.Contents) })
	}
	if this.Found == classify.Yes && c.Package.Head == "" {
		c.Package.Head = r.head(ctx, this, f.after.sent.Dir)
	}
	if this.Found == classify.Unknown && ctx.Err() != nil { // it was ended by ^C, which is no answer
		return
	}
	seen := sight(target(c), this, c.Package.Head)
	seen.Burnt = slices.Contains(c.Answers.Packument.Burnt, c.Version())
	r.noted(r.records.noteAnswer(seen))
	c.Attempt.Doubt = this.Found == classify.Yes && r.records.pending(target(c))
}

// sight is an answer of the registry, for the ledger. head is the commit that is
// checked out without changes, "" where there is none.
func sight(t ledger.Target, this classify.RemoteVersion, head string) ledger.Sight {
	at := ledger.SightOf(t, this)
	if at.Asked.IsZero() {
		at.Asked = time.Now()
	}
	if head != "" && this.GitHead != "" {
		at.Commit = classify.No
		if head == this.GitHead {
			at.Commit = classify.Yes
		}
	}
	return at
}

// pauses lie between the questions about an upload whose answer was lost: a
// registry may store it and show it a little later.
var pauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 15 * time.Second}

// pollVersion asks for the version of an open upload until it is shown or the pauses
// are used up. Whoever pressed ^C is not made to wait.
func (r *release) pollVersion(ctx context.Context, a attempt, f finding) {
	c := f.c
	for _, pause := range pauses {
		open := c.Last().Upload.State == transcript.Open && c.Answers.RemoteVersion.Found != classify.Yes
		if !open || r.scripted() || c.Canceled || c.Signal == "interrupt" || ctx.Err() != nil || r.ask == nil && !r.waits.allow(pause) {
			return
		}
		r.waits.spend(pause)
		why := "checking again whether " + c.Name() + " " + c.Version() + " is there"
		if r.pause(ctx, func(ctx context.Context) error { return r.ui.Wait(ctx, why, pause) }) != nil {
			return
		}
		this := "npm view " + c.Name() + "@" + c.Version()
		c.Answers.Asked = slices.DeleteFunc(c.Answers.Asked, func(a classify.Asked) bool { return a.From == this })
		r.askRegistry(ctx, a, f, []classify.Question{classify.AskThis})
	}
}

// pause waits; ^C ends the wait and nothing else.
func (r *release) pause(ctx context.Context, wait func(context.Context) error) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	defer r.guard.pause(end)()
	err := wait(ctx)
	if errors.Is(err, prompts.ErrGivenUp) {
		<-ctx.Done() // the guard gets the same signal, and must not take it for ours
	}
	return err
}

// budget is how long a run may wait in all when nobody is asked (--max-wait).
type budget struct{ spent, most time.Duration }

func (b *budget) allow(d time.Duration) bool { return b.spent+d <= b.most }
func (b *budget) spend(d time.Duration)      { b.spent += d }

func asking(registry string) string { return "asking " + npm.Host(registry) }

func named(name, version string) string { return strings.TrimSpace(name + " " + version) }
