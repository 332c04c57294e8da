//go:build unix

package npmexec

import (
	"os"
	"os/signal"
	"slices"

	"golang.org/x/sys/unix"
)

// endings are the signals that are sent to end a process: a terminal's, a CI's, a
// batch system's (USR1, USR2, XCPU before the limit), an alarm that a wrapper has
// set before it became us, and those by which the Go runtime would end us with a
// dump. A fault of our own is not sent, and remains a panic.
//
// What is left out ends no Go program: SIGPIPE and SIGXFSZ come with a write, of
// which the error counts; SIGIO with a file; SIGPROF is the runtime's own; the
// real-time signals mean what two programs agreed on. SIGKILL cannot be caught.
var endings = []os.Signal{
	unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE,
	unix.SIGSEGV, unix.SIGSYS, unix.SIGALRM, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGXCPU, unix.SIGVTALRM,
}

// Endings returns the signals that ask us to end, without those that were ignored
// before us, as under nohup and in a background job of sh: npm must go on ignoring
// them.
func Endings() []os.Signal {
	return slices.DeleteFunc(append(slices.Clone(endings), endingsHere...), signal.Ignored)
}
