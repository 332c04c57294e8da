//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"errors"
	"os"
	"os/signal"
	"time"

	"golang.org/x/sys/unix"
)

// keyboard reads the keys of a menu, and hears of what happens to its terminal
// meanwhile. A read in Go cannot be called off by a signal; so signals are put into
// a pipe, and it waits for both.
type keyboard struct {
	in      *os.File
	signals *os.File // a pipe with a byte for each signal
	close   func()
}

func newKeyboard(in *os.File) (*keyboard, error) {
	// In the background the kernel stops us here until the shell says fg. That comes
	// before the menu is shown, so it need not hear of it.
	if mode, err := unix.IoctlGetTermios(int(in.Fd()), getTermios); err == nil {
		_ = unix.IoctlSetTermios(int(in.Fd()), setTermios, mode)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	caught := make(chan os.Signal, 8)
	signal.Notify(caught, unix.SIGCONT, unix.SIGWINCH)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		for sig := range caught {
			_, _ = w.Write([]byte{byte(sig.(unix.Signal))})
		}
	}()
	return &keyboard{in: in, signals: r, close: func() {
		signal.Stop(caught)
		close(caught)
		_ = r.Close() // so that no write waits for room
		<-finished
		_ = w.Close()
	}}, nil
}

// read waits for keys, negative for as long as it takes. Its errors are errQuiet,
// errContinued and errResized; ErrGivenUp where the terminal is gone.
func (k *keyboard) read(p []byte, wait time.Duration) (int, error) {
	ready, err := waitReadable(wait, k.signals, k.in)
	switch {
	case err != nil:
		return 0, ErrGivenUp
	case ready == nil:
		return 0, errQuiet
	case ready == k.signals:
		return 0, k.nextSignal()
	}
	n, err := readSome(k.in, p)
	if err != nil || n == 0 {
		return 0, ErrGivenUp
	}
	return n, nil
}

func (k *keyboard) nextSignal() error {
	var b [1]byte
	if _, err := k.signals.Read(b[:]); err == nil && unix.Signal(b[0]) == unix.SIGCONT {
		return errContinued
	}
	return errResized
}

// typedAhead throws away what was typed before this moment, and reports whether
// anything was.
func (k *keyboard) typedAhead() bool {
	ready, _ := waitReadable(0, k.in)
	discard(k.in)
	return ready != nil
}

// suspend stops this process and its job, as the kernel does on ^Z where a menu has
// not taken that key for itself, and returns when the job goes on. Nothing stops
// where no shell could bring it back (an orphaned process group): there it returns
// after a moment.
func (k *keyboard) suspend() {
	group, err := unix.IoctlGetInt(int(k.in.Fd()), unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		return
	}
	if err := unix.Kill(0, unix.SIGTSTP); err != nil {
		return
	}
	for {
		ready, err := waitReadable(readingTime, k.signals)
		if err != nil || ready == nil || errors.Is(k.nextSignal(), errContinued) {
			return
		}
	}
}
