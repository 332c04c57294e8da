//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// readLine shows the prompt and returns the line typed after it, without its end.
// ^C, ^D and a terminal that is gone return ErrGivenUp, and errPasted is returned
// where something comes right behind the line: nobody types that fast. Only behind a
// line that is not shown may empty ones come: codes and tokens are pasted with them.
//
// The kernel's own line mode does the editing: it works on every terminal, sends
// no queries, leaves ^Z to the shell, and takes what is pasted. ^C is made an end
// of line instead of a signal, for a read in Go cannot be called off by a signal;
// a line that does not end with a newline was given up.
func readLine(in *os.File, echo bool, prompt func()) (string, error) {
	fd := int(in.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return "", ErrGivenUp
	}
	keys := newKeyboard(in)
	defer keys.close()
	mode := lineMode(*before, echo)
	// What was pasted behind the line must not answer the next question, nor
	// become a command of the shell.
	defer func() { discard(in); _ = unix.IoctlSetTermios(fd, setTermios, before) }()
	line := make([]byte, 64<<10)
	for {
		// Shells give the terminal back in their own mode after ^Z, which would show
		// what is typed as a secret; and what was typed before is no longer on the screen.
		_ = unix.IoctlSetTermios(fd, setTermios, &mode)
		discard(in)
		prompt()
		n, err := 0, errResized
		for errors.Is(err, errResized) {
			n, err = keys.read(line, -1)
		}
		if errors.Is(err, errContinued) {
			continue
		}
		answer, ended := strings.CutSuffix(string(line[:n]), "\n")
		if err != nil || !ended {
			return "", ErrGivenUp
		}
		behind := follows(in, mode)
		switch {
		case keys.wasStopped(): // the line was typed for a shell, and read before the signal was heard
			continue
		case behind == "", !echo && strings.Trim(behind, "\r\n") == "":
			return answer, nil
		}
		return "", errPasted
	}
}

// follows returns what stands behind the line that was read. A line without an end can
// be seen only where the terminal does not wait for the end.
func follows(in *os.File, mode unix.Termios) string {
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	_ = unix.IoctlSetTermios(int(in.Fd()), setTermios, &mode)
	if ready, _ := readable(in, keyGap); !ready {
		return ""
	}
	behind := make([]byte, 4096)
	n, _ := unix.Read(int(in.Fd()), behind)
	return string(behind[:max(0, n)])
}

// lineMode returns mode as a question needs it. The newline is echoed even where
// nothing else is, and nothing that is typed stops the screen (^S).
func lineMode(mode unix.Termios, echo bool) unix.Termios {
	mode.Iflag = mode.Iflag&^unix.IXON | unix.ICRNL
	mode.Lflag |= unix.ICANON | unix.ISIG | unix.ECHONL
	if !echo {
		mode.Lflag &^= unix.ECHO
	}
	mode.Cc[unix.VEOL] = 0x03
	mode.Cc[unix.VINTR], mode.Cc[unix.VQUIT] = noChar, noChar
	return mode
}

// disableEcho keeps keys from being echoed until restore is called. ^C and ^Z stay what
// they are. In the background nothing is changed: the kernel would stop us.
func disableEcho(in *os.File) (restore func()) {
	fd := int(in.Fd())
	before, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil || !foreground(in) {
		return func() {}
	}
	quiet := *before
	quiet.Lflag &^= unix.ECHO | unix.ECHONL
	_ = unix.IoctlSetTermios(fd, setTermios, &quiet)
	return func() {
		if foreground(in) {
			_ = unix.IoctlSetTermios(fd, setTermios, before)
		}
	}
}

// foreground reports whether we may change the terminal's modes without being
// stopped: it is not ours to obey, or we are its foreground job.
func foreground(in *os.File) bool {
	group, err := unix.IoctlGetInt(int(in.Fd()), unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}
