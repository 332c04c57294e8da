package e2e

import (
	"os"

	"golang.org/x/sys/unix"
)

const ioctlGetTermios = unix.TCGETS

// stopOutput does what ^S does.
func stopOutput(tty *os.File) error {
	return unix.IoctlSetInt(int(tty.Fd()), unix.TCXONC, unix.TCOOFF)
}
