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
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"

	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

// Runner runs npm publish, and commands around it, on the streams of one person.
type Runner struct {
	*NPM
	In, Out, Err *os.File // a file that is no terminal is treated as one that is not
	Ask          bool     // a person may be asked; false gives npm /dev/null for stdin and pipes for the rest
	StateDir     string   // our folder under the user's state directory; the debug logs are kept there; "" keeps none
	Redactor     *transcript.Redactor

	// Relay, where not nil, gives the signals that ask us to end (EndingSignals) to a
	// channel until stop is called, after which none comes any more: the caller has
	// them before and after. nil listens to them here, while a program runs.
	Relay func(to chan<- os.Signal) (stop func())
}

// ending is how a program ended.
type ending struct {
	exit    int    // -1 where a signal killed it
	signal  string // "interrupt"; "" for none
	number  int    // the signal's number
	got     os.Signal
	elapsed time.Duration
}

// status is the exit status that a shell would see.
func (e ending) status() int {
	switch n, ok := e.got.(syscall.Signal); {
	case ok:
		return 128 + int(n)
	case e.number != 0:
		return 128 + e.number
	default:
		return e.exit
	}
}

// run starts cmd on the streams s and waits for its end. It keeps us alive while
// the program deals with ^C, and leaves the terminal as it was before.
func (r *Runner) run(ctx context.Context, cmd *exec.Cmd, s *streams) (ending, error) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.stdin, s.stdout, s.stderr
	before := terminalState(r.In)
	relay := r.Relay
	if relay == nil {
		relay = relaySignals
	}
	watch := watchSignals(relay) // before Start, so that no signal between the two ends us alone
	adoptOrphans()
	defer diesWithUs(cmd, syscall.SIGTERM)()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		watch.stop()
		s.close()
		return ending{}, fmt.Errorf("start %s: %w", cmd.Path, err)
	}
	defer hold(cmd.Process)()
	s.started()
	watch.follow(ctx, cmd.Process, s.resize)
	_ = cmd.Wait() // a status other than 0 is a result, not an error
	end := ending{exit: cmd.ProcessState.ExitCode(), elapsed: time.Since(began)}
	end.signal, end.number = killedBy(cmd.ProcessState)
	watch.ended().end()
	s.finish(watch.pressed)
	watch.stop() // before asked: what comes from now on is not the program's any more
	end.got = watch.asked()
	restoreTerminal(r.In, before)
	r.tidy(s, end.signal != "")
	return end, nil
}

// relaySignals is the Relay of a Runner that has none.
func relaySignals(to chan<- os.Signal) (stop func()) {
	signal.Notify(to, EndingSignals()...)
	return func() { signal.Stop(to) }
}

// tidy ends the line that npm left open. An npm that a signal killed may have
// left the cursor hidden or a colour on, and the terminal itself has printed ^C.
func (r *Runner) tidy(s *streams, killed bool) {
	to := r.Err
	if !isTerminal(to) {
		to = r.Out
	}
	if !isTerminal(to) {
		return
	}
	text := ""
	if killed && r.Ask && npmrc.Getenv(r.Env, "TERM") != "dumb" {
		text = "\x1b[?25h\x1b[0m"
	}
	if s.midLine() || killed && r.Ask {
		text += "\n"
	}
	writeSoon(to, text, func() {})
}

func terminalState(f *os.File) *term.State {
	if !isTerminal(f) {
		return nil
	}
	s, err := term.GetState(int(f.Fd()))
	if err != nil {
		return nil
	}
	return s
}

// restoreTerminal puts the terminal's settings back where npm left others: one
// killed at a prompt leaves it raw. In the background we must not: the kernel
// would stop us (SIGTTOU), and the terminal is somebody else's there.
func restoreTerminal(f *os.File, before *term.State) {
	now := terminalState(f)
	if before == nil || now == nil || *now == *before || !foreground() {
		return
	}
	_ = term.Restore(int(f.Fd()), before)
}
