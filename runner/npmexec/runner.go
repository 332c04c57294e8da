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
	"errors"
	"os"

	"safepublish/classify/transcript"
)

// ErrNoNPM means that there is no npm to run: not on PATH, or not where --npm said.
var ErrNoNPM = errors.New("npm not found")

// Runner runs npm publish, and commands around it, on the streams of one person.
type Runner struct {
	*NPM
	In, Out, Err *os.File // a file that is no terminal is treated as one that is not
	Ask          bool     // a person may be asked; false gives npm /dev/null for stdin and pipes for the rest
	StateDir     string   // our folder under the user's state directory; the debug logs are kept there; "" keeps none
	Redactor     *transcript.Redactor

	// Relay, where not nil, gives the signals that ask us to end (Endings) to a
	// channel until stop is called, after which none comes any more: the caller has
	// them before and after. nil listens to them here, while a program runs.
	Relay func(to chan<- os.Signal) (stop func())
}
