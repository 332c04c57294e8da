// Package runner is the one loop: npm publish, a diagnosis, an offer, its plan
// applied, npm publish again. It joins what the other packages know apart from each
// other: runner, classify, remedy and prompts.
package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// Streams are the person's three files.
type Streams struct{ In, Out, Err *os.File }

// Options are safepublish's own, each as the flag of its name means it.
type Options struct {
	Fixes       []string
	MaxWait     time.Duration
	MaxAttempts int
	NPM         string
	NoInput     bool
	NoCheck     bool
	Report      string
	Wait        time.Duration
	OTPCommand  string
}

// Complain prints the one line that bad input gets, and returns its status.
func Complain(w io.Writer, err error) int {
	status, cause := exitOf(err), ""
	if status == classify.ExitNoNPM {
		cause = "npm-missing: "
	}
	_, _ = fmt.Fprintf(w, "safepublish: %s%s\n", cause, transcript.Visible(err.Error()))
	return status
}

// exitOf returns the status of an error that kept npm from being started.
func exitOf(err error) int {
	if errors.Is(err, npmexec.ErrNoNPM) {
		return classify.ExitNoNPM
	}
	return classify.ExitUsage
}

// exitOutput is the status where npm's stdout could not be passed on after a
// publish that went well (EX_IOERR): a script that reads it has nothing.
const exitOutput = 74

// exitDefect is the status after a defect of safepublish itself (EX_SOFTWARE).
const exitDefect = 70

// Publish publishes what lies in the current folder and returns the status to end
// with. Its error is bad input, for which npm was not started; that is reported
// too: the report of an earlier run must not stand for this one.
func Publish(words npm.Words, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	rec, err := report.Open(opt.Report, npmexec.StateDir(env))
	if err != nil {
		return 0, err
	}
	dir, err := os.Getwd()
	if err != nil {
		err = fmt.Errorf("finding the current folder: %w", err)
	}
	var s *session
	if err == nil {
		s, err = newSession(ctx, guard, dir, env, words, opt, std)
	}
	if err != nil {
		return 0, errors.Join(err, rec.End(report.NotPublished, exitOf(err), err.Error()))
	}
	s.rec = rec
	rec.Begin(s.npm.Version(ctx), s.red.Lines, s.records.of)
	status := s.publish(ctx)
	_ = rec.End(string(s.records.outcome()), status, "") // for the ends that did not come by finish
	if npmexec.Getenv(env, "GITHUB_ACTIONS") == "true" {
		_ = rec.Summarize(npmexec.Getenv(env, "GITHUB_STEP_SUMMARY")) // a summary that fails is no failure of the publish
	}
	return status, nil
}

// session is one invocation of the loop: publish, diagnose, offer, apply,
// publish again.
type session struct {
	std      Streams
	opt      Options
	npm      *npmexec.Runner
	ui       *prompts.UI
	ask      prompts.Asker // nil: nobody is asked
	red      *transcript.Redactor
	rec      *report.Recorder
	major    int // npm's
	attempt  remedy.Attempt
	applied  *remedy.Offer // what the attempt under way was changed by
	before   string        // the cause that the attempt before it ended with
	lastly   string        // the line that a run without questions ends with
	used     []string      // the --fix that were applied
	planned  []string      // every --fix that would do what is being applied
	records  *records      // what is true of this release
	dry      bool          // npm is set to publish nothing
	same     bool          // the next attempt is known to send bytes that were sent before
	word     ledger.Word   // who wants the next attempt
	gaveUp   bool          // a person gave up at a question
	held     *npmexec.Held // npm's stdout of the last attempt, where it was held back
	waited   time.Duration
	retries  int
	builds   string   // name@version that the person wants built although it is there
	walls    []string // the causes met, in order
	fixes    []string // the remedies chosen, in order
	refused  bool     // it was said why no --fix applies
	lastCode string   // what --otp-command printed last
	remind   string   // said again before each attempt but the first: the rehearsal's one-time password
	played   bool     // a rehearsal answers its own questions, and nobody is there to wait

	pkg     remedy.Package // as it was before anything was done
	guard   *guard
	lost    error  // why npm's stdout did not reach ours
	closing func() // what must be done before the process ends, whatever ends it; nil for nothing
}

// newSession makes the session of npm publish with these arguments in dir. It
// checks what can be checked before npm runs: its error is bad input, and nothing
// was started but npm --version. A nil ask lets the terminal decide.
func newSession(ctx context.Context, guard *guard, dir string, env []string, words npm.Words,
	opt Options, std Streams,
) (_ *session, err error) {
	s := &session{std: std, opt: opt, ui: prompts.New(std.In, std.Err, env), records: &records{}, guard: guard}
	if prompts.CanAsk(std.In, std.Err, opt.NoInput, env) {
		s.ask = asks{s.ui, guard}
	}
	path, err := npmexec.Find(npmexec.Getenv(env, "PATH"), opt.NPM)
	if err != nil {
		return nil, err
	}
	s.red = transcript.NewRedactor(env)
	s.ui.SetRedactor(s.red.Lines)
	s.npm = &npmexec.Runner{
		NPM: path, Dir: dir, Env: env, Args: words.NPM, In: std.In, Out: std.Out, Err: std.Err,
		Ask: s.ask != nil, StateDir: npmexec.StateDir(env), Redactor: s.red, Relay: guard.relay,
	}
	s.npm.Learn(words.NPM)
	defer func() { err = withoutSecrets(err, s.red) }()
	s.major = s.npm.Major(ctx)
	if err := npm.Check(words.NPM[:words.Checked], s.major, isSpec(dir)); err != nil {
		return nil, err
	}
	s.pkg, _ = remedy.Load(dir, words.NPM, s.major) // npm says what is wrong with it
	if err := remedy.Overruled(s.pkg, words.NPM[:words.Checked], s.major); err != nil {
		return nil, err
	}
	if npmexec.InsidePublish(env, dir) {
		return nil, &npm.UsageError{
			Problem: "npm is publishing this very package already: one of its scripts calls safepublish",
			Instead: "take safepublish out of that script, or it would be published twice",
		}
	}
	s.attempt = remedy.Attempt{Args: words.NPM}
	s.pkg = s.outgoing(context.Background(), s.pkg)
	s.dry = s.npm.DryRun(context.Background(), words.NPM)
	s.records.keepable = s.keepable
	if words.OTPGiven {
		s.red.Add(words.OTP)
		s.attempt.Env = []string{"npm_config_otp=" + words.OTP}
	}
	return s, nil
}

// isSpec tells whether a bare word is a folder or a tarball here. Any other would
// make npm fetch a package of that name and publish it again.
func isSpec(dir string) func(string) bool {
	return func(word string) bool {
		if !filepath.IsAbs(word) {
			word = filepath.Join(dir, word)
		}
		_, err := os.Stat(word)
		return err == nil
	}
}

// end is what one attempt came to.
type end struct {
	result npmexec.Result
	pkg    remedy.Package
	out    remedy.Package // the package that is sent: pkg, or the one workspace of it
	c      *classify.Case
	diag   classify.Diagnosis
	failed bool
	dry    bool
	early  bool // it was refused before npm ran
	built  bool // scripts ran before the upload
	moved  bool // a script gave the package another name or version while npm ran
}

// status is what safepublish ends with if nothing can be done about it.
func (e *end) status() int { return classify.ExitStatus(e.diag, e.result.Exit, e.result.Signal) }

// standing is what may follow an attempt that failed.
func (s *session) standing(e *end) (st ledger.Standing) {
	here := ledger.Contents{}
	if !e.built { // what a script builds is known once it is built
		here = ledger.Contents{Shasum: e.c.Last().Shasum, Integrity: e.c.Last().Integrity}
		if !here.Known() {
			here = e.c.Local.Repacked
		}
	}
	s.records.ask(func(l *ledger.Ledger) { st = l.Standing(target(e.c), here) })
	return st
}

// found is the diagnosis, nil where nothing failed.
func (e *end) found() *classify.Diagnosis {
	if !e.failed {
		return nil
	}
	return &e.diag
}

// publish is the loop. It ends when the package is published, when nothing can or
// may be done, when the person gives up, or after max-attempts.
func (s *session) publish(ctx context.Context) (status int) {
	s.guard.end, s.guard.hurry = s.endBy, s.ui.Hurry
	defer s.records.close()
	defer s.recovered(&status)
	if status, done := s.resumePrevious(ctx); done {
		return status
	}
	for n := 1; ; n++ {
		if ctx.Err() != nil {
			return s.finish(s.interrupted())
		}
		e, err := s.once(ctx)
		if errors.Is(err, errNoRecord) {
			return s.noRecord(err)
		}
		if err != nil && ctx.Err() != nil {
			return s.finish(s.interrupted())
		}
		if err != nil {
			s.finish(exitOf(err))
			return Complain(s.std.Err, err)
		}
		s.rec.Attempt(s.attempt.Args, e.result.Elapsed, e.c, e.found())
		if status, done := s.settled(ctx, e); done {
			return s.finish(status)
		}
		if ctx.Err() != nil { // ^C while the registry was asked
			return s.finish(s.interrupted())
		}
		s.show(e)
		next, status := s.next(ctx, e, n)
		if next == nil {
			return s.finish(status)
		}
		if next.ID == "otp" && s.opt.OTPCommand == "" {
			n-- // a code may be mistyped as often as it likes
		}
	}
}

// noRecord ends a run whose next step could not be noted: nothing is sent then.
func (s *session) noRecord(err error) int {
	var state *ledger.StateError
	errors.As(err, &state)
	s.lastly = stateLine(state)
	return s.finish(classify.ExitConfig)
}

// stopped ends a run that has sent nothing, with its last line; "" prints none.
func (s *session) stopped(outcome, line string, status int) (int, bool) {
	status = s.guard.status(status)
	if err := s.rec.End(outcome, status, ""); err != nil {
		s.ui.Line(err.Error())
	}
	if line != "" {
		s.ui.Bare(line)
	}
	return status, true
}

func (s *session) lines(all []string) {
	for _, line := range all {
		s.ui.Line(line)
	}
}
