package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
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
	// SkipExisting makes a version that is there no failure, whatever its contents.
	SkipExisting bool
	PackWith     string // the client that packs what npm publishes; "" for npm
	Report       string
	Wait         time.Duration
	OTPCommand   string
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
	if errors.Is(err, npmexec.ErrNotListed) {
		return classify.ExitTempFail
	}
	return classify.ExitUsage
}

// setup is what a release is made of.
type setup struct {
	dir   string // the folder to publish from, absolute; "" for the current one
	env   []string
	words npm.Words
	opt   Options
	std   Streams
	guard *guard
	rec   *report.Recorder // nil: nothing is reported
	play  *play            // nil: no rehearsal
}

// newRelease checks what can be checked before npm publish runs, and returns the
// release with its first attempt. Its error is bad input: nothing was started but
// questions to npm about itself and its settings.
func newRelease(ctx context.Context, in setup) (_ *release, _ attempt, err error) {
	if in.dir == "" {
		if in.dir, err = os.Getwd(); err != nil {
			return nil, attempt{}, fmt.Errorf("finding the current folder: %w", err)
		}
	}
	in.env = npmexec.AsTyped(in.env)
	red := transcript.NewRedactor(in.env)
	person := prompts.CanAsk(in.std.In, in.std.Err, in.opt.NoInput, in.env)
	r := &release{
		opt: in.opt, ui: prompts.New(in.std.In, in.std.Err, in.env, red.Lines), rec: in.rec, guard: in.guard,
		shell: npmexec.Shell(in.env), waits: &budget{most: in.opt.MaxWait}, output: &output{to: in.std.Out}, play: in.play,
	}
	switch {
	case person:
		r.ask = asks{r.ui, in.guard}
	case in.play != nil:
		r.ui.Play(in.play.answers)
		r.ask = r.ui
	}
	program, err := npmexec.Open(ctx, in.dir, npmEnv(in.env, person), in.words.NPM, in.opt.NPM)
	if err != nil {
		return nil, attempt{}, err
	}
	r.npm = &npmexec.Runner{
		NPM: program, In: in.std.In, Out: in.std.Out, Err: in.std.Err,
		Ask: person, StateDir: npmexec.StateDir(in.env), Redactor: red, Relay: in.guard.relay,
	}
	r.npm.LearnSecrets(ctx, in.words.NPM)
	r.version = r.npm.Version(ctx)
	if err := r.check(ctx, in.words, in.env); err != nil {
		return nil, attempt{}, withoutSecrets(err, red)
	}
	first := attempt{Attempt: remedy.Attempt{Args: in.words.NPM}, number: 1, fixes: in.opt.Fixes}
	if in.words.OTPGiven {
		red.Add(in.words.OTP)
		first.Env = []string{"npm_config_otp=" + in.words.OTP}
	}
	r.records = &records{keepable: r.keepable}
	if in.opt.OTPCommand != "" {
		r.codes = &codes{npm: r.npm, ui: r.ui, command: in.opt.OTPCommand, waits: r.waits}
	}
	from, _ := r.load(ctx, first)
	r.pkg = from.sent
	r.dry = r.npm.DryRun(ctx, in.words.NPM)
	r.rec.Begin(r.version.String(), red.Lines, r.records.of)
	return r, first, nil
}

// npmEnv is npm's environment. Where a person wants a screen on which nothing moves, npm
// shows no spinner and no colour either: under TERM=dumb it has no spinner by itself, but
// all its colours (npm 11, @npmcli/config, lib/definitions/definitions.js).
func npmEnv(env []string, person bool) []string {
	if !person || !prompts.Plain(env) {
		return env
	}
	return npmrc.WithEnv(env, "npm_config_progress=false", "npm_config_color=false")
}

// check refuses what npm would misread or must not be asked to do.
func (r *release) check(ctx context.Context, words npm.Words, env []string) error {
	if err := npm.Check(words.NPM[:words.Checked], r.version, isSpec(r.npm.Dir)); err != nil {
		return err
	}
	pkg, _ := edit.Load(r.npm.Dir, words.NPM) // npm says what is wrong with it
	if err := remedy.Overruled(pkg, words.NPM[:words.Checked], r.version); err != nil {
		return err
	}
	if err := r.scopeBeats(ctx, words.NPM[:words.Checked], pkg); err != nil {
		return err
	}
	if err := r.checkPackWith(pkg); err != nil {
		return err
	}
	if npmexec.InsidePublish(env, r.npm.Dir) {
		return &npm.UsageError{
			Problem: "npm is already publishing this package: one of its scripts calls safepublish",
			Instead: "remove safepublish from that script; it would publish the package twice",
		}
	}
	return nil
}

// scopeBeats refuses a --registry that npm does not go by: a package in a scope goes
// where @scope:registry says, wherever that stands (npm-registry-fetch, lib/index.js,
// pickRegistry; npm/cli#7043), and so it would be published elsewhere than was typed.
func (r *release) scopeBeats(ctx context.Context, args []string, pkg edit.Package) error {
	typed, given := npm.Get(args, "registry")
	key := npm.Scope(pkg.Name) + ":registry"
	if _, own := npm.Get(args, key); !given || own || key == ":registry" {
		return nil
	}
	goes := r.npm.Registry(ctx, pkg.Name, args, pkg.Config)
	if goes == "" || npm.Registry(goes) == npm.Registry(typed) {
		return nil
	}
	where := "package.json"
	if set := r.npm.Npmrc(ctx, args).All(key); len(set) > 0 && pkg.Config[key] == "" {
		where = set[0].Where()
	}
	return &npm.UsageError{
		Problem: "npm ignores --registry here: " + key + " in " + where + " sends " + pkg.Name + " to " + npm.Host(goes),
		Instead: "type --" + key + "=" + typed + " instead, or leave --registry out",
	}
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

// keepable returns a registry's address as it may be kept on disk: "" where it
// carries a secret, which npm's settings then have to tell anew.
func (r *release) keepable(registry string) string {
	if safe := r.npm.Redactor.Line(registry); safe != registry || strings.Contains(safe, "***") {
		return ""
	}
	return registry
}

// withoutSecrets returns an error that says the same and quotes no secret: what
// npm would take for a stray word may be a token that was typed behind a flag.
func withoutSecrets(err error, red *transcript.Redactor) error {
	if red.Line(err.Error()) == err.Error() {
		return err
	}
	return &redactedError{err, red.Lines(err.Error())}
}

type redactedError struct {
	error
	text string
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.error }
