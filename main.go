// Safepublish is typed instead of npm publish. It runs npm, and when the
// registry refuses it finds out why, shows the evidence, offers the fix, applies
// it and tries again.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"safepublish/classify"
	"safepublish/classify/saved"
	"safepublish/classify/transcript"
	"safepublish/classify/walls"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/journal"
	"safepublish/remedy/report"
	"safepublish/runner"
	"safepublish/runner/npmargs"
	"safepublish/runner/rehearsal"
)

// version is set by the linker for a release; otherwise the module's own is shown.
var version = ""

// streams are the person's three files.
type streams struct{ in, out, err *os.File }

// options are safepublish's own.
type options struct {
	fixes       []string
	maxWait     time.Duration
	maxAttempts int
	npm         string
	noInput     bool
	noCheck     bool
	report      string
	wait        time.Duration
	otpCommand  string
}

func main() {
	os.Exit(run(os.Args[1:], os.Environ(), streams{os.Stdin, os.Stdout, os.Stderr}))
}

// run is the whole program: arguments and environment in, exit status out.
func run(args, env []string, std streams) int {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // a reader that is gone must not end us before an edit is undone; Ignore would be inherited
	words, err := npmargs.Split(args, npmargs.Options)
	if err != nil {
		return complain(std.err, err)
	}
	status := 0
	app := newApp(std.out, words.Command, func(c *cli.Context) error {
		status, err = dispatch(words, c, env, std)
		return err
	})
	if err := app.Run(append([]string{"safepublish"}, words.Own...)); err != nil {
		return complain(std.err, err)
	}
	return status
}

// complain prints the one line that bad input gets, and returns its status.
func complain(w io.Writer, err error) int {
	status, cause := exitOf(err), ""
	if status == classify.ExitNoNPM {
		cause = "npm-missing: "
	}
	_, _ = fmt.Fprintf(w, "safepublish: %s%s\n", cause, transcript.Visible(err.Error()))
	return status
}

// exitOf returns the status of an error that kept npm from being started.
func exitOf(err error) int {
	switch {
	case errors.Is(err, runner.ErrNoNPM):
		return classify.ExitNoNPM
	case errors.Is(err, errInput):
		return exitNoInput
	}
	return classify.ExitUsage
}

// exitNoInput is the status of explain where its input cannot be read (EX_NOINPUT).
const exitNoInput = 66

// exitOutput is the status where npm's stdout could not be passed on after a
// publish that went well (EX_IOERR): a script that reads it has nothing.
const exitOutput = 74

// exitDefect is the status after a defect of safepublish itself (EX_SOFTWARE).
const exitDefect = 70

var errInput = errors.New("cannot be read")

// newApp declares our own options to urfave/cli. It never sees npm's, for it
// fails on a flag that it does not know; npmargs.Split takes them out first.
func newApp(out io.Writer, command string, action cli.ActionFunc) *cli.App {
	flags := []cli.Flag{
		&cli.StringSliceFlag{Name: "fix"},
		&cli.BoolFlag{Name: "no-input", EnvVars: []string{"SAFEPUBLISH_NO_INPUT"}},
		&cli.DurationFlag{Name: "max-wait", Value: 5 * time.Minute, EnvVars: []string{"SAFEPUBLISH_MAX_WAIT"}},
		&cli.IntFlag{Name: "max-attempts", Value: 5, EnvVars: []string{"SAFEPUBLISH_MAX_ATTEMPTS"}},
		&cli.BoolFlag{Name: "no-check", EnvVars: []string{"SAFEPUBLISH_NO_CHECK"}},
		&cli.StringFlag{Name: "npm", EnvVars: []string{"SAFEPUBLISH_NPM"}},
	}
	switch command {
	case "":
		flags = append(flags, &cli.DurationFlag{Name: "wait", EnvVars: []string{"SAFEPUBLISH_WAIT"}},
			&cli.StringFlag{Name: "otp-command", EnvVars: []string{"SAFEPUBLISH_OTP_COMMAND"}},
			&cli.StringFlag{Name: "report", EnvVars: []string{"SAFEPUBLISH_REPORT"}})
	case "check", "explain":
		flags = append(flags, &cli.BoolFlag{Name: "json"})
	case "rehearse":
		flags = append(flags, &cli.StringFlag{Name: "scenario", Value: rehearsal.Default}, &cli.BoolFlag{Name: "all"},
			&cli.BoolFlag{Name: "list"}, &cli.BoolFlag{Name: "with-scripts"})
	}
	cli.VersionPrinter = func(c *cli.Context) { _, _ = fmt.Fprintln(c.App.Writer, "safepublish", c.App.Version) }
	return &cli.App{
		Name: "safepublish", Version: ownVersion(), Writer: out, ErrWriter: io.Discard, Flags: flags, Action: action,
		HideHelpCommand: true, CustomAppHelpTemplate: prompts.Usage, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {}, OnUsageError: func(_ *cli.Context, err error, _ bool) error { return badValue(err) },
	}
}

var urfaveError = regexp.MustCompile(`^(?:invalid (?:boolean )?value|could not parse) "(.*?)" (?:as \w+ value from environment variable "\S+" )?for (?:flag )?-?(\S+): `)

// badValue says in our words what urfave/cli says of a value that does not parse.
func badValue(err error) error {
	m := urfaveError.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	takes := map[string]string{"max-wait": "a time such as 90s or 5m", "wait": "a time such as 90s or 10m", "max-attempts": "a number such as 5"}[m[2]]
	if takes == "" {
		takes = "no value"
	}
	return &npmargs.UsageError{Problem: fmt.Sprintf("--%s takes %s, not %q", m[2], takes, m[1])}
}

func ownVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func dispatch(words npmargs.Words, c *cli.Context, env []string, std streams) (int, error) {
	opt := options{
		fixes: c.StringSlice("fix"), noInput: c.Bool("no-input"), npm: c.String("npm"),
		maxWait: c.Duration("max-wait"), maxAttempts: c.Int("max-attempts"),
		report: c.String("report"), wait: c.Duration("wait"), otpCommand: c.String("otp-command"), noCheck: c.Bool("no-check"),
	}
	if opt.maxAttempts < 1 {
		return 0, &npmargs.UsageError{Problem: "--max-attempts must be 1 or more"}
	}
	for _, f := range opt.fixes {
		if err := remedy.CheckFix(f); err != nil {
			return 0, err
		}
	}
	switch words.Command {
	case "check":
		return check(words, c.Bool("json"), opt, env, std)
	case "explain":
		return explain(words.NPM, c.Bool("json"), env, std)
	case "completion":
		return completion(words.NPM, std)
	case "report-schema":
		return 0, printSchema(words.NPM, std)
	case "rehearse":
		return rehearse(words, c, opt, env, std)
	case "":
		return publish(words, opt, env, std)
	}
	return 0, &npmargs.UsageError{Problem: words.Command + " is not in this version of safepublish"}
}

// publish publishes what lies in the current folder. What kept npm from being
// started is reported too: the report of an earlier run must not stand for this one.
func publish(words npmargs.Words, opt options, env []string, std streams) (int, error) {
	rec, err := report.Open(opt.report, runner.StateDir(env))
	if err != nil {
		return 0, err
	}
	dir, err := os.Getwd()
	if err != nil {
		err = fmt.Errorf("finding the current folder: %w", err)
	}
	var s *session
	if err == nil {
		s, err = newSession(dir, env, words, opt, std)
	}
	if err != nil {
		return 0, errors.Join(err, rec.End(report.NotPublished, exitOf(err), err.Error()))
	}
	s.rec = rec
	rec.Begin(s.npm.Version(context.Background()), redactLines(s.red))
	status := s.publish(context.Background())
	_ = rec.End(s.outcomeNow(), status, "") // for the ends that did not come by finish
	if lookup(env, "GITHUB_ACTIONS") == "true" {
		_ = rec.Summarize(lookup(env, "GITHUB_STEP_SUMMARY")) // a summary that fails is no failure of the publish
	}
	return status, nil
}

// session is one invocation of the loop: publish, diagnose, offer, apply,
// publish again.
type session struct {
	std      streams
	opt      options
	npm      *runner.Runner
	ui       *prompts.UI
	ask      prompts.Asker // nil: nobody is asked
	red      *transcript.Redactor
	rec      *report.Recorder
	major    int // npm's
	attempt  remedy.Attempt
	applied  *remedy.Offer       // what the attempt under way was changed by
	before   string              // the cause that the attempt before it ended with
	sent     map[string][]string // shasums that went out, by name@version
	lastly   string              // the line that a run without questions ends with
	used     []string            // the --fix that were applied
	taken    bool                // something was published: no edit is undone any more
	book     *journal.Book       // what the next run must know if this one is cut off
	held     []byte              // npm's stdout of the last attempt, where it was held back
	waited   time.Duration
	retries  int
	builds   string   // name@version that the person wants built although it is there
	walls    []string // the causes met, in order
	fixes    []string // the remedies chosen, in order
	refused  bool     // it was said why no --fix applies
	lastCode string   // what --otp-command printed last
	remind   string   // said again before each attempt but the first: the rehearsal's one-time password
	played   bool     // a rehearsal answers its own questions, and nobody is there to wait
	outcome  string   // one of DESIGN 8's, once the session has ended

	pkg      remedy.Package // as it was before anything was done
	mu       sync.Mutex
	busy     bool      // npm or a command has the terminal, and signals are the runner's business
	applying bool      // a plan is being carried out: it puts back what it did before we end
	pausing  func()    // ends the wait that ^C is for; nil for none
	got      os.Signal // what ended a plan
	journals []*remedy.Journal
	lost     error  // why npm's stdout did not reach ours
	closing  func() // what must be done before the process ends, whatever ends it; nil for nothing
}

// newSession makes the session of npm publish with these arguments in dir. It
// checks what can be checked before npm runs: its error is bad input, and nothing
// was started but npm --version. A nil ask lets the terminal decide.
func newSession(dir string, env []string, words npmargs.Words, opt options, std streams) (*session, error) {
	s := &session{std: std, opt: opt, ui: prompts.New(std.in, std.err, env), book: &journal.Book{}, sent: map[string][]string{}}
	if prompts.CanAsk(std.in, std.err, opt.noInput, env) {
		s.ask = s.ui
	}
	path, err := runner.Find(lookup(env, "PATH"), opt.npm)
	if err != nil {
		return nil, err
	}
	s.red = transcript.NewRedactor(env)
	s.ui.SetRedactor(redactLines(s.red))
	s.npm = &runner.Runner{
		NPM: path, Dir: dir, Env: env, Args: words.NPM, In: std.in, Out: std.out, Err: std.err,
		Ask: s.ask != nil, StateDir: runner.StateDir(env), Redactor: s.red,
	}
	s.major = s.npm.Major(context.Background())
	if err := npmargs.Check(words.NPM[:words.Checked], s.major, isSpec(dir)); err != nil {
		return nil, err
	}
	s.pkg, _ = remedy.Load(dir, words.NPM, s.major) // npm says what is wrong with it
	if err := remedy.Overruled(s.pkg, words.NPM[:words.Checked], s.major); err != nil {
		return nil, err
	}
	if runner.InsidePublish(env, dir) {
		return nil, &npmargs.UsageError{
			Problem: "npm is publishing this very package already: one of its scripts calls safepublish",
			Instead: "take safepublish out of that script, or it would be published twice",
		}
	}
	s.attempt = remedy.Attempt{Args: words.NPM}
	for _, secret := range npmargs.Credentials(words.NPM) {
		s.red.Add(secret)
	}
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
		return exists(word)
	}
}

func redactLines(r *transcript.Redactor) func(string) string {
	return func(s string) string {
		lines := strings.Split(s, "\n")
		for i, line := range lines {
			lines[i] = r.Line(line)
		}
		return strings.Join(lines, "\n")
	}
}

func lookup(env []string, key string) string {
	for _, e := range slices.Backward(env) {
		if k, v, _ := strings.Cut(e, "="); k == key {
			return v
		}
	}
	return ""
}

// end is what one attempt came to.
type end struct {
	result runner.Result
	pkg    remedy.Package
	c      *classify.Case
	diag   classify.Diagnosis
	failed bool
	dry    bool
	early  bool // it was refused before npm ran
	moved  bool // a script gave the package another name or version while npm ran
}

// status is what safepublish ends with if nothing can be done about it.
func (e *end) status() int { return classify.ExitStatus(e.diag, e.result.Exit, e.result.Signal) }

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
	ctx, stop := s.guardSignals(ctx)
	defer stop()
	defer func() { s.book.Close() }()
	defer s.recovered(&status)
	if status, done := s.takeUp(ctx); done {
		return status
	}
	for n := 1; ; n++ {
		e, err := s.once(ctx)
		if err != nil {
			s.finish(exitOf(err))
			return complain(s.std.err, err)
		}
		e.c.DryRun = e.c.DryRun || e.dry // npm 11's own checks come before the notice that says so
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
		if next.ID == "otp" && s.opt.otpCommand == "" {
			n-- // a code may be mistyped as often as it likes
		}
	}
}

// takeUp settles what an earlier run left in this folder before anything is sent.
// done means that this run ends here.
func (s *session) takeUp(ctx context.Context) (status int, done bool) {
	if _, dry := npmargs.Get(s.attempt.Args, "dry-run", s.major); dry {
		return 0, false
	}
	book, err := journal.Open(s.npm.StateDir, s.pkg.Dir)
	for errors.Is(err, journal.ErrBusy) && s.ask != nil {
		if s.ui.Wait(ctx, err.Error(), time.Second) != nil {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
		book, err = journal.Open(s.npm.StateDir, s.pkg.Dir)
	}
	switch {
	case errors.Is(err, journal.ErrBusy):
		return s.stopped(report.NotPublished, prompts.Busy, classify.ExitTempFail)
	case err != nil:
		s.ui.Line(err.Error())
		return s.stopped(report.NotPublished, prompts.LeftUnread, classify.ExitConfig)
	}
	if status, done = s.settleUploads(ctx, book); !done && len(book.Open) == 0 {
		status, done = s.settleEdits(book)
	}
	if done {
		book.Close()
		return status, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book, s.journals = book, book.Edits
	return 0, false
}

// settleUploads asks the registry what became of every upload whose answer was
// lost, and lets nothing else but the same be sent while that is not known.
func (s *session) settleUploads(ctx context.Context, book *journal.Book) (status int, done bool) {
	for _, j := range book.Edits {
		j.Tidy()
	}
	if cut := book.Sending; cut != nil {
		log := s.npm.Left(ctx, cut.Logs)
		for _, p := range book.CutOff(log, s.keepable(s.npm.Registry(ctx, cut.Name, s.attempt.Args, s.pkg.Config))) {
			s.ui.Done(prompts.Published(p.Name, p.Version, p.Registry))
		}
	}
	var same []journal.Upload
	for _, u := range slices.Clone(book.Open) {
		if u.Registry == "" {
			u.Registry = s.npm.Registry(ctx, u.Name, s.attempt.Args, s.pkg.Config)
		}
		if s.reconsider(ctx, book, u) == journal.Ours {
			same = append(same, u)
		}
	}
	_ = book.Save()
	if ctx.Err() != nil {
		return s.stopped(report.Unknown, "", classify.ExitInterrupted)
	}
	for _, u := range same {
		if u.Sends(s.packs(ctx, u)) {
			return s.stopped(report.AlreadyThere, prompts.LastLine("already-published", prompts.AlreadyPublished(u.Name, u.Version, u.Registry)), 0)
		}
	}
	for _, u := range book.Open {
		other := s.pkg.Kind == "folder" && !u.Is(s.pkg.Name, s.pkg.Version)
		if other || len(u.Shasums) > 0 && !u.Sends(s.packs(ctx, u)) {
			if ctx.Err() != nil {
				return s.stopped(report.Unknown, "", classify.ExitInterrupted)
			}
			s.lines(prompts.OnlyTheSame(u.Name, u.Version, u.Registry, u.Sent, book.Path()))
			return s.stopped(report.Unknown, prompts.StillOpen(u.Name, u.Version), classify.ExitTempFail)
		}
		s.ui.Line(prompts.SameAgain(u.Name, u.Version, u.Sent, len(u.Shasums) > 0))
		s.sent[u.Name+"@"+u.Version] = u.Shasums
	}
	return 0, false
}

// reconsider asks the registry what became of one upload of an earlier run, and
// says so.
func (s *session) reconsider(ctx context.Context, book *journal.Book, u journal.Upload) journal.Fate {
	c := &classify.Case{Local: classify.Local{Name: u.Name, Version: u.Version, Registry: u.Registry}}
	s.askRegistry(ctx, c, []classify.Question{classify.AskThis})
	fate := u.Judge(c.Facts.This, time.Now())
	switch fate {
	case journal.Unknown:
		return fate
	case journal.Ours:
		book.Edits = nil
		s.ui.Done(prompts.WasPublished(u.Name, u.Version, u.Registry, u.Sent))
	default:
		s.ui.Line(prompts.WasNot(u.Name, u.Version, u.Registry, u.Sent, c.Facts.This.By, fate == journal.Lost, fate == journal.Others))
	}
	book.Settled(u.Name, u.Version)
	return fate
}

// packs returns the shasum of what would be sent now in place of an upload.
func (s *session) packs(ctx context.Context, u journal.Upload) string {
	defer s.ui.Step(prompts.Packing(u.Name))()
	return s.npm.Packs(ctx, s.attempt.Args, u.Name, u.Version)
}

// settleEdits decides what becomes of the edits of a run that was cut off. Kept
// ones are this run's own from then on.
func (s *session) settleEdits(book *journal.Book) (status int, done bool) {
	if !slices.ContainsFunc(book.Edits, (*remedy.Journal).Left) {
		s.takeBack(book.Edits) // says what only the person can look at
		book.Edits = nil
		_ = book.Save()
		return 0, false
	}
	s.lines(prompts.LeftEdits(book.Changed()))
	keep := slices.IndexFunc(s.opt.fixes, func(f string) bool { return slices.Contains(book.Fixes, f) })
	choice := 0
	switch {
	case keep >= 0:
		s.used = append(s.used, s.opt.fixes[keep])
		s.opt.fixes = slices.Delete(slices.Clone(s.opt.fixes), keep, keep+1)
	case s.ask == nil:
		s.lines(prompts.LeftEditsWayOn(book.Fixes))
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	default:
		var err error
		if choice, err = s.ask.Choose(prompts.LeftWhat, prompts.LeftItems, 0); err != nil || choice == len(prompts.LeftItems)-1 {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
	}
	var err error
	if choice == 1 {
		book.Edits = s.takeBack(book.Edits)
	} else {
		err = book.Finish()
	}
	if err = errors.Join(err, book.Save()); err != nil {
		s.ui.Line(err.Error())
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	}
	return 0, false
}

// stopped ends a run that has sent nothing, with its last line; "" prints none.
func (s *session) stopped(outcome, line string, status int) (int, bool) {
	s.outcome = outcome
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
	s.setBusy(true)
	result, err := s.npm.Publish(ctx, runner.Attempt{Args: s.attempt.Args, Env: s.attempt.Env, Hold: asJSON, Alone: s.opt.otpCommand != "", Begins: func(logs string) {
		s.book.Sending = &journal.Sending{Name: e.pkg.Name, Version: e.pkg.Version, Logs: logs, Began: time.Now()}
		_ = s.book.Save() // without it a publish is as safe as npm's own
	}})
	fault.Point("npm-ended")
	s.setBusy(false)
	folded()
	if err != nil {
		s.book.Sending = nil
		return nil, err
	}
	e.result, s.held, s.lost = result, result.Stdout, result.Lost
	if now, err := remedy.Load(s.npm.Dir, s.attempt.Args, s.major); err == nil {
		e.moved = now.Version != e.pkg.Version || now.Name != e.pkg.Name
		e.pkg = now // a script may have rewritten it
	}
	e.c = s.newCase(ctx, e)
	s.find(ctx, e)
	return e, nil
}

// guarded looks for a refusal that is sure before the package's scripts run, and
// makes npm 11's checks of the dist-tag for an older npm. It reports whether
// something refuses. What the registry does not answer refuses nothing.
func (s *session) guarded(ctx context.Context, e *end) bool {
	if e.pkg.Kind == "workspaces" {
		return s.guardedWorkspaces(ctx, e)
	}
	f := s.facts(ctx, e.pkg)
	early := !s.opt.noCheck && len(f.Before()) > 0
	known := e.pkg.Kind == "folder" || e.pkg.Kind == "tarball" && e.pkg.Name != "" && s.major <= 10
	if s.major == 0 || !known || len(s.book.Open) > 0 || !early && (s.major > 10 || e.pkg.Private) {
		return false // while an upload is open only the same is sent again
	}
	s.npm.Settle(ctx, f, s.subject(e.pkg))
	if early = early && len(f.Before()) > 0; !early && (s.major > 10 || f.Tag != "") {
		return false // what an .npmrc or the environment names npm takes as given
	}
	done := s.step(prompts.Asking(f.Registry))
	f.Answers = s.npm.Facts(ctx, f.Registry, f.Name, f.Version, f.Questions())
	done()
	e.c = s.newCase(ctx, e)
	e.c.Facts = f.Answers
	if e.diag, e.failed = walls.Doomed(f, early); ctx.Err() != nil { // ^C: npm must not be started
		e.diag, e.failed = interrupted(), true
	}
	if !e.failed && early && slices.Contains(f.Answers.Packument.Versions, f.Version) {
		s.thereAlready(f, e)
	}
	e.early = e.failed
	return e.failed
}

// guardedWorkspaces makes npm 11's checks of the dist-tag for each workspace.
func (s *session) guardedWorkspaces(ctx context.Context, e *end) bool {
	if s.major < 7 || s.major > 10 || len(s.book.Open) > 0 || s.npm.Tag(ctx, s.attempt.Args) != "latest" {
		return false
	}
	for _, w := range s.npm.Workspaces(ctx, s.attempt.Args) {
		if w.Private || w.Name == "" {
			continue
		}
		pkg := remedy.Package{Kind: e.pkg.Kind, Name: w.Name, Version: w.Version, Config: w.PublishConfig}
		one := &end{pkg: pkg}
		one.c = s.newCase(ctx, one)
		done := s.step(prompts.Asking(one.c.Registry()))
		one.c.Facts = s.npm.Facts(ctx, one.c.Registry(), w.Name, w.Version, []classify.Question{classify.AskPackument})
		done()
		if d, ok := classify.Guard(one.c, s.major); ok {
			e.c, e.diag, e.failed, e.early = one.c, d, true, true
			return true
		}
	}
	return false
}

// thereAlready says that the version is there before the scripts run. The same
// contents again are no failure, so that only a person can decide against the
// build: one who has said with --fix what to do is not asked.
func (s *session) thereAlready(f *walls.Facts, e *end) {
	s.ui.Line(prompts.ThereAlready(f.Name, f.Version, f.Registry))
	release := f.Name + "@" + f.Version
	if s.ask == nil || s.played || len(s.opt.fixes) > 0 || s.builds == release {
		return
	}
	switch yes, err := s.ask.Confirm(prompts.RunTheScripts, "y"); {
	case err != nil:
		e.diag, e.failed = interrupted(), true
	case !yes:
		e.diag, e.failed = f.There(), true
	default:
		s.builds = release
	}
}

func interrupted() classify.Diagnosis {
	return classify.Diagnosis{Cause: classify.Lookup("interrupted"), Sure: true}
}

// step says what is being done where somebody is there to wait: a publish that
// goes well prints nothing of ours.
func (s *session) step(what string) (done func()) {
	if s.ask == nil {
		return func() {}
	}
	return s.ui.Step(what)
}

// facts is what the package itself says of its publish.
func (s *session) facts(ctx context.Context, pkg remedy.Package) *walls.Facts {
	f := &walls.Facts{
		NPM: s.npm.Version(ctx), Kind: pkg.Kind, Name: pkg.Name, Version: pkg.Version, Private: pkg.Private,
		Tag: s.given("tag", pkg), Access: s.given("access", pkg),
	}
	if len(pkg.Files) > 0 {
		f.Manifest = bytes.TrimPrefix(pkg.Files[0].Before, []byte("\ufeff"))
	}
	return f
}

func (s *session) subject(pkg remedy.Package) runner.Subject {
	spec := ""
	if specs := npmargs.Parse(s.attempt.Args, s.major).Specs; len(specs) > 0 {
		spec = specs[0]
	}
	return runner.Subject{Args: s.attempt.Args, Spec: spec, Dir: pkg.Dir, PublishConfig: pkg.Config}
}

// check prints everything that stands in the way of a publish, and changes nothing.
func check(words npmargs.Words, asJSON bool, opt options, env []string, std streams) (int, error) {
	dir, err := os.Getwd()
	if err != nil {
		return 0, fmt.Errorf("finding the current folder: %w", err)
	}
	s, err := newSession(dir, env, words, opt, std)
	if err != nil {
		return 0, err
	}
	pkg, err := remedy.Load(dir, words.NPM, s.major)
	if pkg.Kind != "folder" && pkg.Kind != "tarball" {
		return 0, &npmargs.UsageError{Problem: "check looks at one folder or tarball", Instead: "type safepublish check in the folder of the package"}
	}
	f := s.facts(context.Background(), pkg)
	if err != nil {
		f.Unusable = err.Error()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	done := s.step(prompts.Checking)
	s.npm.Survey(ctx, f, s.subject(pkg))
	done()
	if ctx.Err() != nil {
		return classify.ExitInterrupted, nil
	}
	f.Next, f.NextTag = remedy.Suggest(f.Case())
	findings := walls.Find(f)
	if asJSON {
		return walls.Exit(findings), report.Write(std.out, walls.Report(f, findings, redactLines(s.red)))
	}
	out := prompts.New(std.in, std.out, env)
	out.SetRedactor(redactLines(s.red))
	out.Findings(prompts.CheckOf(f.Name, f.Version, f.Registry), findings)
	if w := walls.Worst(findings); w != nil && s.ask == nil {
		s.ui.Bare(prompts.LastLine(cmp.Or(w.Cause, "check"), w.Text))
	}
	return walls.Exit(findings), nil
}

// newCase is what is known of an attempt without asking the registry.
func (s *session) newCase(ctx context.Context, e *end) *classify.Case {
	c := &classify.Case{Transcript: e.result.Transcript, Local: classify.Local{
		Name: e.pkg.Name, Version: e.pkg.Version, Private: e.pkg.Private, PublishConfig: e.pkg.Config, Terminal: s.npmAsks(),
		Tag: s.given("tag", e.pkg), Access: s.given("access", e.pkg), OTP: lookup(s.attempt.Env, "npm_config_otp") != "",
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
	return s.npm.Ask && s.opt.otpCommand == "" && term.IsTerminal(int(s.std.in.Fd())) && term.IsTerminal(int(s.std.out.Fd()))
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
		if !open || s.played || c.Canceled || c.Signal == "interrupt" || ctx.Err() != nil || s.ask == nil && s.waited+pause > s.opt.maxWait {
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
	s.setPausing(end)
	defer s.setPausing(nil)
	err := wait(ctx)
	if errors.Is(err, prompts.ErrGivenUp) {
		<-ctx.Done() // guardSignals gets the same signal, and must not take it for ours
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

// settled reports whether the loop ends here without an offer, and says so.
func (s *session) settled(ctx context.Context, e *end) (status int, done bool) {
	name, version, registry := e.c.Name(), e.c.Version(), e.c.Registry()
	switch {
	case e.result.Got != nil:
		s.cutShort(e)
		s.interrupted()
		return 128 + signalNumber(e.result.Got), true
	case !e.failed && e.c.DryRun:
		return e.result.Exit, true
	case !e.failed:
		s.taken = s.taken || e.result.Exit == 0
		if len(s.journals) > 0 || s.applied != nil {
			s.ui.Done(prompts.Published(name, version, registry))
		}
		return s.follow(ctx, e, e.result.Exit), true
	case e.diag.Cause.ID == "already-published":
		return s.already(ctx, e), true
	case e.diag.Cause.ID == "version-staged" && s.opt.wait > 0 && !e.dry:
		return s.staged(ctx, e)
	case e.diag.Cause.ID == "interrupted":
		s.cutShort(e)
		return s.last(e), true
	}
	return 0, false
}

// cutShort says what became of the upload of a publish that was ended.
func (s *session) cutShort(e *end) {
	name, version, registry := e.c.Name(), e.c.Version(), e.c.Registry()
	switch {
	case s.book.IsOpen(name, version):
		s.openUpload(e)
	case e.failed && e.c.Published() == "yes":
		s.ui.Settled(prompts.Published(name, version, registry), "", e.diag.Evidence)
	}
}

// already ends where these very bytes are on the registry. A dist-tag that they
// lack is added where a --fix names it, and else named.
func (s *session) already(ctx context.Context, e *end) int {
	s.walls = append(s.walls, e.diag.Cause.ID)
	if e.c.Local.Tag == "" {
		e.c.Local.Tag = s.npm.Tag(ctx, s.attempt.Args) // an .npmrc or the environment may name one
	}
	p := s.problem(ctx, e)
	var more []string
	if tags := remedy.TagsHere(p); len(tags) > 0 {
		more = append(more, prompts.PointedAtBy(tags))
	}
	if s.several(e) { // npm stopped there: the packages after it were not tried
		more = append(more, prompts.NotTried)
	}
	s.ui.Settled(prompts.AlreadyPublished(e.c.Name(), e.c.Version(), e.c.Registry()), e.diag.Cause.ID, e.diag.Evidence, more...)
	status := s.last(e)
	if s.several(e) {
		return max(e.result.Exit, 1)
	}
	offers := remedy.Offers(p)
	s.rec.Offered(offers, remedy.Offer.Runs)
	if e.dry {
		return status
	}
	if o, err := s.fix(offers); err == nil && o != nil {
		if err := s.apply(ctx, e, *o); err != nil {
			s.lastly = prompts.LastLine("unknown", err.Error())
			return 1
		}
	} else if len(offers) > 0 && offers[0].Runs() != "" {
		s.ui.Line(prompts.NotPointedAtBy(offers[0].Value))
		s.ui.Bare("    " + offers[0].Runs())
	}
	return s.follow(ctx, e, status)
}

// follow waits, where --wait says so, until what was published can be read, and
// returns the status to end with: status where it can.
func (s *session) follow(ctx context.Context, e *end, status int) int {
	for _, p := range e.c.Packages {
		there := p.Upload.State == transcript.Accepted || e.failed && e.c.Published() == "yes"
		if s.opt.wait <= 0 || status != 0 || !there || e.c.Command == "stage publish" {
			continue
		}
		began := time.Now()
		status = s.followOne(ctx, e, p)
		s.opt.wait = max(s.opt.wait-time.Since(began), time.Nanosecond) // the last ones are looked at, too
	}
	return status
}

func (s *session) followOne(ctx context.Context, e *end, p transcript.Package) int {
	s.rec.Followed(p.Name, p.Version, report.Accepted)
	seen, err := s.sight(ctx, e, p)
	if seen != runner.Readable {
		return s.unseen(e, p, seen, err)
	}
	s.rec.Followed(p.Name, p.Version, report.Published)
	s.ui.Done(prompts.Readable(p.Name, p.Version, cmp.Or(p.Registry, e.c.Registry())))
	return 0
}

// sight looks at a version until it can be read or the time of --wait is over.
func (s *session) sight(ctx context.Context, e *end, p transcript.Package) (runner.Sight, error) {
	registry, access := cmp.Or(p.Registry, e.c.Registry()), cmp.Or(e.c.Local.Access, p.Access)
	look := func() runner.Sight {
		defer s.ui.Step(prompts.Asking(registry))()
		return s.npm.Look(ctx, registry, p.Name, p.Version, access)
	}
	return runner.Follow(ctx, look, s.opt.wait, func(next, left time.Duration) error {
		return s.pause(ctx, func(ctx context.Context) error {
			return s.ui.Pause(ctx, prompts.ToBeReadable(p.Name, p.Version, registry), next, left)
		})
	})
}

// unseen ends a wait for a version that cannot be read yet, or ever.
func (s *session) unseen(e *end, p transcript.Package, seen runner.Sight, err error) int {
	registry := cmp.Or(p.Registry, e.c.Registry())
	vars := map[string]string{"package": p.Name, "version": p.Version, "registry": prompts.Host(registry)}
	d := classify.Diagnosis{Cause: classify.Lookup("version-staged"), Vars: vars}
	if seen == runner.Burnt && err == nil {
		d.Cause = classify.Lookup("version-burnt")
		s.rec.Followed(p.Name, p.Version, report.NotPublished)
		s.ui.Diagnosis(d.Title(), d.Cause.ID, true, nil, prompts.NextFree)
	} else {
		s.processing(p, registry, err != nil)
	}
	if err != nil {
		return s.interrupted()
	}
	if s.ask == nil {
		s.lastly = prompts.LastLine(d.Cause.ID, d.Title())
	}
	return d.Cause.Exit
}

// staged waits, where --wait says so, for a version that was accepted earlier, and
// compares it then. done is false where that does not end the loop.
func (s *session) staged(ctx context.Context, e *end) (status int, done bool) {
	p := e.c.Last()
	p.Name, p.Version = e.c.Name(), e.c.Version()
	if seen, err := s.sight(ctx, e, p); seen != runner.Readable {
		return s.unseen(e, p, seen, err), true
	}
	s.askRegistry(ctx, e.c, []classify.Question{classify.AskThis, classify.AskPackument})
	d, failed := classify.Diagnose(e.c)
	if !failed || d.Cause.ID != "already-published" {
		return 0, false // somebody else's: what was said holds, and the next publish says more
	}
	e.diag = d
	s.rec.Followed(p.Name, p.Version, report.AlreadyThere)
	return s.already(ctx, e), true
}

func (s *session) processing(p transcript.Package, registry string, ended bool) {
	for _, line := range prompts.Processing(p.Name, p.Version, registry, ended) {
		s.ui.Line(line)
	}
}

// interrupted notes the last line of a run that somebody ended, and returns its
// status.
func (s *session) interrupted() int {
	if s.ask == nil {
		s.lastly = prompts.LastLine("interrupted", classify.Lookup("interrupted").Title)
	}
	return classify.ExitInterrupted
}

// several tells whether npm had more than one package to publish.
func (s *session) several(e *end) bool {
	return e.pkg.Kind == "workspaces" || len(e.c.Packages) > 1
}

// show prints the diagnosis.
func (s *session) show(e *end) {
	d := e.diag
	s.walls = append(s.walls, d.Cause.ID)
	var more []string
	if s.applied != nil {
		more = append(more, s.progress(d))
	}
	more = append(more, also(d)...)
	if e.early {
		s.ui.Refused(d.Title(), d.Cause.ID, d.Evidence, more...)
	} else {
		s.ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, more...)
	}
	if s.book.IsOpen(e.c.Name(), e.c.Version()) {
		s.openUpload(e)
	}
}

// also names what else it could be and what it is not, where the diagnosis is not
// sure.
func also(d classify.Diagnosis) []string {
	var lines []string
	for _, line := range []string{prompts.CouldBe(idsOf(d.Others)), prompts.RuledOut(idsOf(d.RuledOut))} {
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// onProduct says what to do where the registry is another product than npmjs.org's.
func onProduct(d classify.Diagnosis) []string {
	var lines []string
	for _, step := range d.Steps {
		lines = append(lines, d.Product+": "+step)
	}
	return lines
}

func idsOf(causes []*classify.Cause) []string {
	var ids []string
	for _, c := range causes {
		ids = append(ids, c.ID)
	}
	return ids
}

func (s *session) progress(d classify.Diagnosis) string {
	if s.before == d.Cause.ID {
		return prompts.DidNotHelp
	}
	return prompts.Helped
}

func (s *session) openUpload(e *end) {
	for _, line := range prompts.OpenUpload(e.c.Name(), e.c.Version(), e.c.Registry()) {
		s.ui.Line(line)
	}
}

// next chooses an offer and applies it. It returns nil, and the status to end
// with, where none is chosen.
func (s *session) next(ctx context.Context, e *end, n int) (*remedy.Offer, int) {
	if e.dry {
		return nil, s.last(e)
	}
	offers, advice := split(remedy.Offers(s.problem(ctx, e)))
	if e.moved && (s.ask == nil || len(s.book.Open) > 0) { // the same again would send another version
		s.ui.Line(prompts.Moved)
		offers = nil
	}
	s.rec.Offered(append(offers, advice...), func(o remedy.Offer) string { return s.again(o.Command(s.attempt.Args)) })
	s.advise(advice)
	if e.c.Published() == "yes" {
		return nil, s.last(e)
	}
	if n >= s.opt.maxAttempts {
		s.ui.Line(prompts.AttemptsUsed(n))
		return nil, s.last(e)
	}
	for {
		offer, err := s.choose(ctx, e, offers)
		if err != nil {
			return nil, s.interrupted()
		}
		if offer == nil {
			return nil, s.last(e)
		}
		if err := s.apply(ctx, e, *offer); err == nil {
			return offer, 0
		} else if errors.Is(err, prompts.ErrGivenUp) || ctx.Err() != nil {
			return nil, s.interrupted()
		} else {
			s.ui.Line(err.Error())
		}
		if s.ask == nil {
			return nil, s.last(e)
		}
	}
}

// last notes the line that a run without questions ends with.
func (s *session) last(e *end) int {
	if s.ask == nil {
		s.lastly = prompts.LastLine(e.diag.Cause.ID, e.diag.Title())
	}
	return e.status()
}

// split tells what can be applied from what is only advice.
func split(all []remedy.Offer) (offers, advice []remedy.Offer) {
	for _, o := range all {
		if o.Safety == remedy.Never {
			advice = append(advice, o)
		} else {
			offers = append(offers, o)
		}
	}
	return offers, advice
}

func (s *session) advise(advice []remedy.Offer) {
	for _, o := range advice {
		s.ui.Line("")
		s.ui.Line(o.Title)
		for _, line := range o.Lines {
			s.ui.Note(line)
		}
	}
}

func (s *session) problem(ctx context.Context, e *end) *remedy.Problem {
	git := s.npm.Git(ctx, e.pkg.Dir)
	return &remedy.Problem{
		Case: e.c, Diagnosis: e.diag, Args: s.attempt.Args, Package: e.pkg, NPM: s.major,
		Git:      remedy.Git{Inside: git.Inside, Clean: git.Clean, Root: git.Root, Ignored: s.npm.GitIgnores(ctx, filepath.Join(e.pkg.Dir, "package.json"))},
		Terminal: s.npmAsks(), Ask: s.ask != nil, Code: s.opt.otpCommand != "", Waited: s.retries, Fixes: s.opt.fixes,
	}
}

// choose returns the offer that a --fix names, that a person chooses, or that may
// be done unasked; nil for none.
func (s *session) choose(ctx context.Context, e *end, offers []remedy.Offer) (*remedy.Offer, error) {
	if o := s.code(ctx, offers); o != nil {
		return o, nil
	}
	if o, err := s.fix(offers); o != nil || err != nil {
		return o, err
	}
	if s.ask != nil && len(offers) > 0 {
		return s.menu(offers)
	}
	for _, o := range offers {
		if s.ask == nil && o.Safety == remedy.Unattended && s.waited+wait(o) <= s.opt.maxWait {
			s.waited += wait(o)
			return &o, nil
		}
	}
	if s.ask == nil {
		s.wayOn(offers)
	}
	return nil, nil
}

// code fills the offer that wants a one-time password with what --otp-command
// prints; nil where nothing wants one, or where none came.
func (s *session) code(ctx context.Context, offers []remedy.Offer) *remedy.Offer {
	i := slices.IndexFunc(offers, func(o remedy.Offer) bool { return o.ID == "otp" && o.Hole != nil })
	if i < 0 || s.opt.otpCommand == "" {
		return nil
	}
	code, err := s.freshCode(ctx)
	if err == nil {
		var o remedy.Offer
		if o, err = offers[i].Hole.Fill(code); err == nil {
			return &o
		}
	}
	s.ui.Line(err.Error())
	return nil
}

// freshCode asks --otp-command for a code that was not used yet: npmjs.org takes
// each once, and a new one comes every thirty seconds.
func (s *session) freshCode(ctx context.Context) (string, error) {
	for range 2 {
		s.setBusy(true)
		done := s.ui.Step(prompts.AskingForCode)
		code, err := s.npm.Code(ctx, s.opt.otpCommand)
		done()
		s.setBusy(false)
		s.red.Add(code)
		if err != nil || code != s.lastCode {
			s.lastCode = code
			return code, err
		}
		if s.waited += codeLife; s.waited > s.opt.maxWait {
			break
		}
		if err := s.ui.Wait(ctx, prompts.NextCode, codeLife); err != nil {
			return "", err
		}
	}
	return "", errors.New(prompts.SameCode)
}

// codeLife is how long a one-time password lives (RFC 6238).
const codeLife = 30 * time.Second

// fix takes the first --fix that applies here, and says of each why it does not
// where none does. Each is used once.
func (s *session) fix(offers []remedy.Offer) (*remedy.Offer, error) {
	var refused []string
	for i, f := range s.opt.fixes {
		o, err := remedy.Find(offers, f)
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		s.opt.fixes = slices.Delete(slices.Clone(s.opt.fixes), i, i+1)
		s.used = append(s.used, f)
		return s.filled(&o)
	}
	for _, line := range refused {
		s.ui.Line(line)
		s.refused = true
	}
	return nil, nil
}

// unused says which --fix were not needed, where another one was.
func (s *session) unused(status int) {
	if status == 0 && len(s.walls) > 0 && !s.refused {
		for _, f := range s.opt.fixes {
			s.ui.Line(prompts.NotNeeded(f))
		}
	}
}

// wayOn prints the commands that would go on from here.
func (s *session) wayOn(offers []remedy.Offer) {
	var commands []string
	for _, o := range offers {
		if c := s.again(o.Command(s.attempt.Args)); c != "" && o.Hole == nil && !slices.Contains(commands, c) {
			commands = append(commands, c)
		}
	}
	if len(commands) > 0 {
		s.ui.Line("")
		s.ui.Line(prompts.GoOn)
	}
	for _, c := range commands {
		s.ui.Bare("    " + c)
	}
}

// again puts the fixes that are undone with this run before the next one.
func (s *session) again(command string) string {
	rest, ok := strings.CutPrefix(command, "safepublish ")
	for _, f := range slices.Backward(s.used) {
		rest = "--fix " + f + " " + rest
	}
	if !ok {
		return ""
	}
	return "safepublish " + rest
}

func wait(o remedy.Offer) (d time.Duration) {
	for _, c := range o.Plan.Changes {
		if w, ok := c.(remedy.Wait); ok {
			d += w.For
		}
	}
	return d
}

// menu asks until an offer is complete; a question that is answered with no
// leads back to it.
func (s *session) menu(offers []remedy.Offer) (*remedy.Offer, error) {
	items := make([]prompts.Item, 0, len(offers)+1)
	for _, o := range offers {
		items = append(items, prompts.Item{ID: o.ID, Title: o.Title, Note: o.Note})
	}
	items = append(items, prompts.Item{Title: prompts.GiveUp})
	for {
		i, err := s.ask.Choose(prompts.WhatNow, items, 0)
		if err != nil {
			return nil, err
		}
		if i == len(offers) {
			return nil, prompts.ErrGivenUp
		}
		o := offers[i]
		filled, err := s.filled(&o)
		if err != nil {
			return nil, err
		}
		for _, line := range filled.Lines {
			s.ui.Note(line)
		}
		if filled.Confirm == nil {
			return filled, nil
		}
		if yes, err := s.ask.Confirm(filled.Confirm.Question, filled.Confirm.Want); err != nil || yes {
			return filled, err
		}
	}
}

// filled asks for the value that an offer still lacks.
func (s *session) filled(o *remedy.Offer) (*remedy.Offer, error) {
	if o.Hole == nil {
		return o, nil
	}
	if s.ask == nil {
		return nil, nil
	}
	ask := s.ask.Text
	if o.Hole.Secret {
		ask = s.ask.Secret
	}
	var filled remedy.Offer
	answer, err := ask(o.Hole.Label, func(v string) (err error) { filled, err = o.Hole.Fill(v); return err })
	if o.Hole.Secret {
		s.red.Add(answer)
	}
	return &filled, err
}

// apply carries an offer out. Its error leaves everything as it was.
func (s *session) apply(ctx context.Context, e *end, o remedy.Offer) error {
	var lines []string
	otp := false
	for _, c := range o.Plan.Changes {
		lines = append(lines, c.Preview()...)
		if secret, ok := c.(remedy.Secret); ok {
			otp = secret.Value != ""
		}
	}
	if s.remind != "" && !otp {
		s.ui.Note(s.remind)
	}
	s.ui.Changes(lines)
	s.setApplying(true)
	s.book.Fixes = o.Names()
	attempt, _, err := remedy.Apply(ctx, o.Plan, s.attempt, s)
	fault.Point("applied")
	s.setApplying(false)
	if err != nil {
		return err
	}
	s.attempt, s.applied, s.before = attempt, &o, e.diag.Cause.ID
	s.fixes = append(s.fixes, o.ID)
	s.rec.Chosen(o)
	if o.ID == "retry" {
		s.retries++
	}
	return nil
}

// Note keeps on disk what a plan is about to do.
func (s *session) Note(j *remedy.Journal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.journals, j) {
		s.journals = append(s.journals, j)
	}
	s.book.Edits = s.journals
	return s.book.Save()
}

// Run runs a command of a plan on the person's terminal.
func (s *session) Run(ctx context.Context, dir string, argv []string) error {
	if argv[1] != "dist-tag" {
		return s.command(ctx, dir, argv, nil)
	}
	err := s.command(ctx, dir, argv, s.attempt.Env)
	if err == nil || s.opt.otpCommand == "" {
		return err
	}
	code, err := s.freshCode(ctx) // npm's status does not tell, but most accounts want one
	if err != nil {
		return err
	}
	return s.command(ctx, dir, argv, []string{"npm_config_otp=" + code})
}

func (s *session) command(ctx context.Context, dir string, argv, env []string) error {
	s.setBusy(true)
	defer s.setBusy(false)
	status, err := s.npm.Interactive(ctx, dir, argv, env)
	if err == nil && status != 0 {
		err = fmt.Errorf("%s ended with status %d", strings.Join(argv, " "), status)
	}
	return err
}

// Wait waits for a plan, and says so.
func (s *session) Wait(ctx context.Context, d time.Duration, why string) error {
	if s.played {
		s.ui.Note(prompts.NotWaited(why, d))
		return nil
	}
	return s.ui.Wait(ctx, why, d)
}

// finish ends the session: edits stay where something was published or may have
// been, and are undone otherwise.
func (s *session) finish(status int) int {
	if len(s.held) > 0 {
		if _, err := s.std.out.Write(s.held); err != nil && !errors.Is(err, syscall.EPIPE) {
			s.lost = err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if s.lost != nil {
		s.ui.Line(prompts.OutputLost(s.lost, s.outcome == report.Published))
		if status == 0 {
			status = exitOutput
		}
	}
	if s.outcome == report.NotPublished && s.ask != nil && status >= 128 {
		s.ui.Line(prompts.NothingPublished)
	}
	if s.got != nil {
		status = 128 + signalNumber(s.got)
	}
	s.unused(status)
	if err := s.rec.End(s.outcome, status, ""); err != nil {
		s.ui.Line(err.Error())
	}
	if s.lastly != "" {
		if d := s.rec.Failure(); d != nil && status != 0 {
			s.ui.Annotate(d.Cause, d.Title, d.Commands())
		}
		s.ui.Bare(s.lastly)
	}
	return status
}

// outcomeNow is what the uploads of this session came to so far.
func (s *session) outcomeNow() string {
	switch {
	case len(s.book.Open) > 0 || s.book.Sending != nil:
		return report.Unknown
	case s.taken:
		return report.Published
	}
	return report.NotPublished
}

// settle decides what becomes of the edits, and keeps on disk what the next run
// must know.
func (s *session) settle() {
	s.outcome = s.outcomeNow()
	if s.book.Sending != nil { // npm had ended, and nobody had looked yet: the next run does
		return
	}
	switch s.outcome {
	case report.Published:
		s.book.Edits = nil
	case report.NotPublished:
		s.undo()
	}
	if err := s.book.Save(); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
}

// undo takes the edits back. What cannot be taken back now is left to the next run.
func (s *session) undo() {
	s.journals = s.takeBack(s.journals)
	s.book.Edits = s.journals
}

// takeBack takes edits back, the last one first, and says so. It returns those
// that could not be.
func (s *session) takeBack(edits []*remedy.Journal) (left []*remedy.Journal) {
	for _, j := range slices.Backward(edits) {
		lines, err := j.Undo()
		s.lines(lines)
		if err != nil {
			s.ui.Line(err.Error())
			left = append([]*remedy.Journal{j}, left...)
		}
		fault.Point("undone")
	}
	return left
}

func (s *session) setBusy(busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = busy
}

func (s *session) setApplying(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applying = on
}

func (s *session) setPausing(end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pausing = end
}

// guardSignals makes SIGTERM and SIGHUP end us in order: the terminal given back,
// the edits undone. While npm runs they are passed on to it, and the loop ends
// when npm has. SIGINT ends what we ask the registry; at a question it is a key.
func (s *session) guardSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		for sig := range signals {
			s.mu.Lock()
			switch {
			case s.busy:
			case sig == os.Interrupt && s.pausing != nil:
				s.pausing()
			case sig == os.Interrupt:
				cancel()
			case s.applying:
				s.got = sig
				cancel()
			default:
				s.ui.Restore()
				s.settle()
				if s.closing != nil {
					s.closing()
				}
				_ = s.rec.End(s.outcomeNow(), 128+signalNumber(sig), "")
				os.Exit(128 + signalNumber(sig)) // with the lock held: the loop must not start npm again
			}
			s.mu.Unlock()
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel() }
}

// recovered makes of a defect of ours an end in order: the terminal given back,
// and the edits as at any end.
func (s *session) recovered(status *int) {
	defect := recover()
	if defect == nil {
		return
	}
	s.ui.Restore()
	if s.mu.TryLock() {
		defer s.mu.Unlock()
	}
	s.settle()
	_ = s.rec.End(s.outcome, exitDefect, "")
	s.lines(prompts.Defect(defect, s.outcome == report.Unknown, s.outcome == report.Published))
	*status = exitDefect
}

func signalNumber(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return int(n)
	}
	return 0
}

// explain prints the page of a cause, or names the cause of the failed publish
// that a saved log shows. It asks nobody and needs no npm.
func explain(args []string, asJSON bool, env []string, std streams) (int, error) {
	if len(args) != 1 {
		return 0, &npmargs.UsageError{Problem: "explain takes one log or one cause", Instead: "type safepublish explain FILE, safepublish explain - or safepublish explain CAUSE"}
	}
	ui := prompts.New(std.in, std.out, env)
	if c := classify.Lookup(args[0]); c != nil && !asJSON {
		ui.Page(c.Page())
		return 0, nil
	}
	if near := npmargs.Nearest(args[0], causeIDs()); near != "" && !exists(args[0]) {
		return 0, &npmargs.UsageError{Problem: "there is no cause " + args[0], Instead: "did you mean " + near + "?"}
	}
	log, err := readSaved(args[0], std.in)
	if err != nil {
		return 0, err
	}
	red := transcript.NewRedactor(env)
	ui.SetRedactor(redactLines(red))
	all := []report.Diagnosis{}
	var list []prompts.Explained
	for _, t := range log.Failed {
		c := &classify.Case{Transcript: t}
		d, failed := classify.Diagnose(c)
		if !failed {
			continue
		}
		known := report.Known(&remedy.Problem{Case: c, Diagnosis: d, Terminal: true, Ask: true})
		all = append(all, report.Describe(d, c, known, red.Line))
		list = append(list, prompts.Explained{Release: strings.TrimSpace(c.Name() + " " + c.Version()), Cause: d.Cause.ID})
		if !asJSON {
			ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, slices.Concat(also(d), []string{"", d.Cause.Why}, onProduct(d), []string{prompts.MoreIn(d.Cause.ID)})...)
		}
	}
	if asJSON {
		return 0, report.Write(std.out, report.Diagnoses{Schema: report.Version, Diagnoses: all})
	}
	ui.Summary(list, log.Elsewhere)
	return 0, nil
}

func causeIDs() []string {
	var ids []string
	for _, c := range classify.Causes() {
		ids = append(ids, c.ID)
	}
	return ids
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// readSaved reads a saved log from a file or, as "-", from in.
func readSaved(name string, in io.Reader) (saved.Log, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return saved.Log{}, unreadable(name, err)
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	log, err := saved.Read(in)
	if err != nil {
		return saved.Log{}, unreadable(name, err)
	}
	return log, nil
}

func unreadable(name string, err error) error {
	return fmt.Errorf("%s %w: %w; type safepublish explain FILE, or the ID of a cause", name, errInput, errors.Unwrap(err))
}

// printSchema prints the JSON Schema of the report.
func printSchema(args []string, std streams) error {
	if len(args) > 0 {
		return &npmargs.UsageError{Problem: "report-schema takes no argument"}
	}
	_, err := io.WriteString(std.out, report.Schema)
	return err
}

// completion prints a shell's completion script. It is made from the tables
// alone: pressing Tab starts neither safepublish nor npm.
func completion(args []string, std streams) (int, error) {
	script, err := npmargs.Completion(strings.Join(args, " "), causeIDs())
	if err == nil {
		_, err = io.WriteString(std.out, script)
	}
	return 0, err
}

// rehearse plays one wall, or all of them, against the embedded registry.
func rehearse(words npmargs.Words, c *cli.Context, opt options, env []string, std streams) (int, error) {
	switch {
	case c.Bool("list"):
		for _, sc := range rehearsal.Scenarios() {
			_, _ = fmt.Fprintf(std.out, "%-24s %s\n", sc.ID, sc.Title)
		}
		return 0, nil
	case c.Bool("all"):
		return rehearseAll(words, c.Bool("with-scripts"), opt, env, std)
	}
	sc, ok := rehearsal.Find(c.String("scenario"))
	if !ok {
		return 0, &npmargs.UsageError{Problem: "there is no scenario " + c.String("scenario"), Instead: "type safepublish rehearse --list"}
	}
	s, status, err := play(sc, words, c.Bool("with-scripts"), opt, env, std)
	if err == nil {
		s.ui.Line("")
		s.ui.Line(prompts.WasRehearsal)
	}
	return status, err
}

// play rehearses one scenario: with the person where there is a terminal, with
// the scenario's own answers where there is none.
func play(sc rehearsal.Scenario, words npmargs.Words, scripts bool, opt options, env []string, std streams) (*session, int, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	person := prompts.CanAsk(std.in, std.err, opt.noInput, env)
	dir, err := os.Getwd()
	if err != nil {
		return nil, 0, fmt.Errorf("finding the current folder: %w", err)
	}
	box, err := rehearsal.Open(ctx, rehearsal.Options{
		Source: dir, Env: env, Args: words.NPM, WithScripts: scripts, Scenario: sc, Interactive: person,
	})
	if err != nil {
		return nil, 0, err
	}
	shut := func() { _ = box.Close() } // a folder that cannot be removed is no failure of the rehearsal
	defer shut()
	words.NPM = box.Args
	words.Checked = len(box.Args)
	s, err := newSession(box.Dir, box.Env, words, opt, std)
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

func answers(sc rehearsal.Scenario, box *rehearsal.Sandbox) []prompts.Answer {
	var all []prompts.Answer
	for _, a := range sc.Answers {
		if a.Choose == rehearsal.GiveUp {
			a.Choose = prompts.GiveUp
		}
		all = append(all, prompts.Answer{Choose: a.Choose, Secret: box.Fill(a.Secret), Text: box.Fill(a.Text), Confirm: a.Confirm})
	}
	return all
}

// rehearseAll plays every scenario with its own answers and prints a table.
func rehearseAll(words npmargs.Words, scripts bool, opt options, env []string, std streams) (int, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("opening %s: %w", os.DevNull, err)
	}
	defer null.Close() //nolint:errcheck // nothing was written
	opt.noInput = true
	unexpected := 0
	line := func(cells ...any) { _, _ = fmt.Fprintf(std.out, "%-24s %-34s %-16s %s\n", cells...) }
	line("SCENARIO", "CAUSE FOUND", "FIX", "END")
	for _, sc := range rehearsal.Scenarios() {
		s, status, err := play(sc, words, scripts, opt, env, streams{null, null, null})
		if err != nil {
			return 0, err
		}
		ended := s.ended(status)
		if ended != sc.End || !slices.Equal(s.walls, sc.Causes) {
			unexpected++
			ended += " (expected " + strings.Join(sc.Causes, ", ") + ": " + sc.End + ")"
		}
		line(sc.ID, strings.Join(s.walls, ", "), strings.Join(s.fixes, ", "), ended)
	}
	_, _ = fmt.Fprintf(std.out, "%d scenarios, %d not as expected\n", len(rehearsal.Scenarios()), unexpected)
	return min(unexpected, 1), nil
}

// ended says how a rehearsal ended, in the words of rehearsal.Scenario.
func (s *session) ended(status int) string {
	if len(s.walls) == 0 {
		return rehearsal.Published
	}
	last := classify.Lookup(s.walls[len(s.walls)-1])
	switch {
	case last != nil && last.ID == "already-published" && status == 0:
		return rehearsal.AlreadyPublished
	case s.outcome == "published":
		return rehearsal.Published
	case s.outcome == "unknown":
		return rehearsal.Unknown
	case last != nil && last.Exit == classify.ExitTempFail:
		return rehearsal.TryLater
	}
	return rehearsal.OnlyYou
}
