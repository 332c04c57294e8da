// Package npmexec runs npm and returns what happened. It is the only package
// that starts processes.
//
// On a terminal npm's output runs through a pty and its input is the terminal
// itself, in our own process group: npm sees a terminal on both ends, so its
// questions work; ^C, ^Z and fg are the kernel's business; and no keystroke
// passes through us, so the next question loses none. A stream that is no
// terminal is a pipe of its own.
package npmexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

// ErrNoNPM means that there is no npm to run: not on PATH, or not where --npm said.
var ErrNoNPM = errors.New("npm not found")

// Runner runs npm for one invocation of safepublish.
type Runner struct {
	NPM      string   // npm's path, from Find
	Dir      string   // the folder npm runs in, absolute
	Env      []string // the environment npm gets, before what an Attempt adds
	Args     []string // npm's arguments of the first attempt: the proxies, certificates, config files and credentials they name hold for every question to the registry too
	In       *os.File // the person's streams; a file that is no terminal is treated as one that is not
	Out, Err *os.File
	Ask      bool   // a person may be asked; false gives npm /dev/null for stdin and pipes for the rest
	StateDir string // our folder under the user's state directory; the debug logs are kept there; "" keeps none
	Redactor *transcript.Redactor

	// Relay, where not nil, gives the signals that ask us to end (Endings) to a
	// channel until stop is called, after which none comes any more: the caller has
	// them before and after. nil listens to them here, while a program runs.
	Relay func(to chan<- os.Signal) (stop func())

	memo memo
}

// Attempt is one run of npm publish.
type Attempt struct {
	Args  []string // npm's arguments after "publish"
	Env   []string // additions to the environment: "npm_config_otp=…", never in argv
	Hold  bool     // hold npm's stdout back in Result.Stdout where it is no terminal: for --json, of which only the last attempt's may be seen
	Stage bool     // npm stage publish
	Alone bool     // npm asks nobody, although a person may be asked: the one-time password comes from elsewhere
	// DryRun says that npm is set to publish nothing (Runner.DryRun); what npm prints
	// about it is not asked.
	DryRun   bool
	Several  bool   // npm is to publish several workspaces
	Manifest string // the package.json that is published, "" where it is not one file
	// Uploads, where not nil, is called with Manifest as it is when npm's log shows that
	// the upload begins, from another goroutine.
	Uploads func(manifest []byte)
	// Begins, where not nil, is called right before npm is started, with the folder
	// of its debug log, "" where npm writes none into our StateDir. Its error keeps npm
	// from being started, and is Publish's.
	Begins func(logs string) error
}

// Result is what one run of npm publish did. A refused publish is a Result, not
// an error.
type Result struct {
	transcript.Transcript
	// Manifest is Attempt.Manifest as it was when npm's log showed that the upload
	// began, nil where that was not seen. npm has read it by then, after every script
	// that runs before the upload; Late tells that the upload was answered before it
	// was read, so that a script that runs afterwards may have changed it.
	Manifest []byte
	Late     bool
	Stdout   *Held     // npm's stdout where it was held back, nil where it was not: the caller passes the last one on, and closes each
	Dropped  int64     // bytes of the screen that the bounded capture let go
	Lost     error     // why npm's stdout, or the end of it, did not reach ours (a full disk); nil where it did or nobody reads it
	LogPath  string    // the debug log: kept and redacted in StateDir, or where the user's own --logs-dir put it; "" where npm wrote none
	Got      os.Signal // the signal that asked safepublish itself to end while npm ran; the status is 128 plus its number, whatever npm made of it
	Elapsed  time.Duration
}

// Publish runs npm publish once and returns what happened. The error is nil
// unless npm could not be started or its streams could not be set up. When ctx
// ends npm is asked to end (SIGTERM), and killed if it does not within ten
// seconds. Signals that ask us to end are passed on to npm meanwhile, so the caller
// must not end the process on them while Publish runs: it reads Result.Got.
func (r *Runner) Publish(ctx context.Context, a Attempt) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	w, err := r.wire(r.Ask && !a.Alone, a.Hold)
	if err != nil {
		return Result{}, err
	}
	major := r.Major(ctx)
	settings := r.settings(a.Args)
	r.learn(settings)
	logs := r.openLogs(a)
	dir, none := r.wanted(ctx, settings, a)
	cmd := exec.Command(r.NPM, logs.argv(a, major)...)
	cmd.Dir, cmd.Env = r.Dir, npmrc.WithEnv(npmrc.WithEnv(r.Env, a.Env...), append(logs.env(), underWay+"="+r.Dir)...)
	if a.Begins != nil {
		if err := a.Begins(logs.dir); err != nil {
			logs.discard()
			return Result{}, err
		}
	}
	watch := watchUpload(logs.dir, a.Manifest, a.Uploads)
	end, err := r.run(ctx, cmd, w)
	manifest, late := watch.end()
	if err != nil {
		logs.discard()
		return Result{}, err
	}
	in, held, dropped := w.captured()
	in.Exit, in.Signal, in.DryRun = end.exit, end.signal, a.DryRun
	in.Ours = transcript.Ours{Run: true, Several: a.Several, Logs: (major == 0 || major >= 8) && logs.writable()}
	path, text := logs.find(r, in)
	in.Log = text
	r.learnFrom(text, a.Args)
	logs.keep(r.Redactor)
	logs.leave(path, dir, none)
	return Result{
		Transcript: transcript.Read(in), Manifest: manifest, Late: late,
		Stdout: held, Dropped: dropped, Lost: w.lost(), LogPath: path, Got: end.got, Elapsed: end.elapsed,
	}, nil
}
