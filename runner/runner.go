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
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
)

// ErrNoNPM means that there is no npm to run: not on PATH, or not where --npm said.
var ErrNoNPM = errors.New("npm not found")

// Runner runs npm for one invocation of safepublish.
type Runner struct {
	NPM      string   // npm's path, from Find
	Dir      string   // the folder npm runs in, absolute
	Env      []string // the environment npm gets, before what an Attempt adds
	In       *os.File // the person's streams; a file that is no terminal is treated as one that is not
	Out, Err *os.File
	Ask      bool   // a person may be asked; false gives npm /dev/null for stdin and pipes for the rest
	StateDir string // our folder under the user's state directory; the debug logs are kept there
	Redactor *transcript.Redactor
}

// Attempt is one run of npm publish.
type Attempt struct {
	Args []string // npm's arguments after "publish"
	Env  []string // additions to the environment: "npm_config_otp=…", never in argv
}

// Result is what one run of npm publish did. A refused publish is a Result, not
// an error.
type Result struct {
	transcript.Transcript
	Stdout  []byte // npm's stdout where it was held back (--json and stdout no terminal): the caller passes the last one on
	Dropped int64  // bytes of the screen that the bounded capture let go
	LogPath string // the kept, redacted debug log; "" where npm wrote none
	Elapsed time.Duration
}

// Publish runs npm publish once and returns what happened. The error is nil
// unless npm could not be started or its terminal could not be set up.
func (r *Runner) Publish(ctx context.Context, a Attempt) (Result, error) {
	return Result{}, errors.ErrUnsupported
}

// Facts asks the registry what the questions want to know about name and
// version: npm view, npm whoami, npm access, in parallel, each bounded in time,
// with the registry pinned on every one. What did not answer stays Unknown.
func (r *Runner) Facts(ctx context.Context, registry, name, version string, questions []classify.Question) classify.Facts {
	return classify.Facts{}
}
