//go:build darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
	noChar     = 0xff // _POSIX_VDISABLE
)

// discard throws away what was typed and not yet read.
func discard(in *os.File) {
	const fread = 1 // FREAD of <sys/fcntl.h>: the input queue
	_ = unix.IoctlSetPointerInt(int(in.Fd()), unix.TIOCFLUSH, fread)
}
