package npmexec

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// pollable makes a deadline end reads of the pty. It must come after every call
// of Fd, which puts the file back into blocking mode.
func pollable(ptmx *os.File) error { return unix.SetNonblock(int(ptmx.Fd()), true) }
