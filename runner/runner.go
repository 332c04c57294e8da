// Package runner runs npm and returns what happened. It is the only package
// that starts processes.
//
// On a terminal npm's output runs through a pty and its input is the terminal
// itself, in our own process group: npm sees a terminal on both ends, so its
// questions work; ^C, ^Z and fg are the kernel's business; and no keystroke
// passes through us, so the next question loses none. A stream that is no
// terminal is a pipe of its own.
package runner

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"safepublish/classify/transcript"
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

	memo memo
}

// Attempt is one run of npm publish.
type Attempt struct {
	Args  []string // npm's arguments after "publish"
	Env   []string // additions to the environment: "npm_config_otp=…", never in argv
	Hold  bool     // hold npm's stdout back in Result.Stdout where it is no terminal: for --json, of which only the last attempt's may be seen
	Stage bool     // npm stage publish
	Alone bool     // npm asks nobody, although a person may be asked: the one-time password comes from elsewhere
	// DryRun says that npm is set to publish nothing (Runner.DryRun): npm 6 and 7 do not say so.
	DryRun bool
	// Begins, where not nil, is called right before npm is started, with the folder
	// of its debug log, "" where npm writes none into our StateDir.
	Begins func(logs string)
}

// Result is what one run of npm publish did. A refused publish is a Result, not
// an error.
type Result struct {
	transcript.Transcript
	Stdout  []byte    // npm's stdout where it was held back: the caller passes the last one on
	Dropped int64     // bytes of the screen that the bounded capture let go
	Lost    error     // why npm's stdout, or the end of it, did not reach ours (a full disk); nil where it did or nobody reads it
	LogPath string    // the debug log: kept and redacted in StateDir, or where the user's own --logs-dir put it; "" where npm wrote none
	Got     os.Signal // the signal that asked safepublish itself to end while npm ran; the status is 128 plus its number, whatever npm made of it
	Elapsed time.Duration
}

// Publish runs npm publish once and returns what happened. The error is nil
// unless npm could not be started or its streams could not be set up. When ctx
// ends npm is asked to end (SIGTERM), and killed if it does not within ten
// seconds. SIGTERM and SIGHUP are passed on to npm meanwhile, so the caller must
// not end the process on them while Publish runs: it reads Result.Got.
func (r *Runner) Publish(ctx context.Context, a Attempt) (Result, error) {
	w, err := r.wire(r.Ask && !a.Alone, a.Hold)
	if err != nil {
		return Result{}, err
	}
	r.Learn(a.Args)
	logs := r.openLogs(a)
	cmd := exec.Command(r.NPM, a.argv()...)
	cmd.Dir, cmd.Env = r.Dir, withEnv(withEnv(r.Env, a.Env...), append(logs.env(), underWay+"="+r.Dir)...)
	if a.Begins != nil {
		a.Begins(logs.dir)
	}
	end, err := r.run(ctx, cmd, w)
	if err != nil {
		logs.discard()
		return Result{}, err
	}
	in, held, dropped := w.captured(a.Hold)
	in.Exit, in.Signal, in.DryRun = end.exit, end.signal, a.DryRun
	path, text := logs.find(r, in)
	in.Log = text
	r.learnFrom(text, a.Args)
	logs.keep(r.Redactor)
	return Result{
		Transcript: transcript.Read(in),
		Stdout:     held, Dropped: dropped, Lost: w.lost(), LogPath: path, Got: end.got, Elapsed: end.elapsed,
	}, nil
}

func (a Attempt) argv() []string {
	if a.Stage {
		return append([]string{"stage", "publish"}, a.Args...)
	}
	return append([]string{"publish"}, a.Args...)
}
