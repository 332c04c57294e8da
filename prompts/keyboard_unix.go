//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// keyboard reads what is typed, and hears of what happens to its terminal meanwhile. A
// read in Go cannot be called off by a signal; so it looks whether there is something
// to read, again and again.
type keyboard struct {
	in      *os.File
	signals chan os.Signal
}

func newKeyboard(in *os.File) *keyboard {
	// In the background the kernel stops us here until the shell says fg. That comes
	// before anything is shown, so it need not be heard of.
	if mode, err := unix.IoctlGetTermios(int(in.Fd()), getTermios); err == nil {
		_ = unix.IoctlSetTermios(int(in.Fd()), setTermios, mode)
	}
	k := &keyboard{in, make(chan os.Signal, 8)}
	signal.Notify(k.signals, unix.SIGCONT, unix.SIGWINCH)
	return k
}

func (k *keyboard) close() { signal.Stop(k.signals) }

// look is how long nobody looks for a signal.
const look = 50 * time.Millisecond

// read waits for input, negative for as long as it takes. Its errors are errQuiet,
// errContinued and errResized; ErrGivenUp where the terminal is gone, or a line ended
// with ^D.
func (k *keyboard) read(p []byte, wait time.Duration) (int, error) {
	for until := time.Now().Add(wait); ; {
		select {
		case sig := <-k.signals:
			if sig == unix.SIGCONT {
				return 0, errContinued
			}
			return 0, errResized
		default:
		}
		left := look
		if wait >= 0 {
			left = max(0, min(look, time.Until(until)))
		}
		ready, err := readable(k.in, left)
		switch {
		case err != nil:
			return 0, ErrGivenUp
		case ready:
			n, err := unix.Read(int(k.in.Fd()), p)
			if err == unix.EINTR || err == unix.EAGAIN { // somebody else has read it
				continue
			}
			if err != nil || n == 0 {
				return 0, ErrGivenUp
			}
			return n, nil
		case left == 0:
			return 0, errQuiet
		}
	}
}

// takeEveryKey makes keys of those that the kernel still takes for itself in survey's
// mode: behind ^S nobody would see what an arrow highlights, and on macOS neither behind ^O.
func (k *keyboard) takeEveryKey() {
	if mode, err := unix.IoctlGetTermios(int(k.in.Fd()), getTermios); err == nil {
		mode.Iflag &^= unix.IXON
		mode.Lflag &^= unix.IEXTEN
		_ = unix.IoctlSetTermios(int(k.in.Fd()), setTermios, mode)
	}
}

// wasStopped tells whether the process was stopped and goes on since read looked.
func (k *keyboard) wasStopped() bool {
	for {
		select {
		case sig := <-k.signals:
			if sig == unix.SIGCONT {
				return true
			}
		default:
			return false
		}
	}
}

// typedAhead throws away what was typed before this moment, and reports whether
// anything was.
func (k *keyboard) typedAhead() bool {
	ready, _ := readable(k.in, 0)
	discard(k.in)
	return ready
}

// suspend stops this process and its job, as the kernel does on ^Z where a menu has
// not taken that key for itself, and returns when the job goes on. Nothing stops
// where no shell could bring it back (an orphaned process group): there it returns
// after a moment.
func (k *keyboard) suspend() {
	group, err := unix.IoctlGetInt(int(k.in.Fd()), unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() || unix.Kill(0, unix.SIGTSTP) != nil {
		return
	}
	for range readingTime / look { // the time for which it is stopped ends one turn at most
		select {
		case sig := <-k.signals:
			if sig == unix.SIGCONT {
				return
			}
		case <-time.After(look):
		}
	}
}

// readable waits until the file can be read, and reports whether it can. It is select,
// for poll does not know macOS's /dev/tty.
func readable(in *os.File, wait time.Duration) (bool, error) {
	for {
		var set unix.FdSet
		set.Set(int(in.Fd()))
		limit := unix.NsecToTimeval(wait.Nanoseconds())
		n, err := unix.Select(int(in.Fd())+1, &set, nil, nil, &limit)
		if err != unix.EINTR {
			return n > 0, err
		}
	}
}
