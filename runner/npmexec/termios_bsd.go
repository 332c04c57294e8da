//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package npmexec

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// pollable does nothing: a pty cannot be polled here (creack/pty, io_test.go),
// and a read of it that would block would fail instead. See outlet.abandon.
func pollable(*os.File) error { return nil }
