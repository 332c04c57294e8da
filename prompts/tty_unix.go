//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"os"
	"os/signal"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"safepublish/classify/carry"
)

// readLine shows the prompt and returns the line typed after it, without its end.
// ^C, ^D and a terminal that is gone return ErrGivenUp, and errPasted is returned
// where something comes right behind the line: nobody types that fast.
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
	mode := lineMode(*before, echo)
	// In the background the kernel stops us here until the shell says fg.
	if err := unix.IoctlSetTermios(fd, setTermios, &mode); err != nil {
		return "", ErrGivenUp
	}
	// What was pasted behind the line must not answer the next question, nor
	// become a command of the shell.
	defer func() { discard(in); _ = unix.IoctlSetTermios(fd, setTermios, before) }()
	// After ^Z what was typed before is no longer on the screen.
	defer onContinue(func() { _ = unix.IoctlSetTermios(fd, setTermios, &mode); discard(in); prompt() })()
	discard(in)
	prompt()
	line := make([]byte, 64<<10)
	n, err := readSome(in, line)
	answer, ended := strings.CutSuffix(string(line[:max(n, 0)]), "\n")
	switch {
	case err != nil || !ended:
		return "", ErrGivenUp
	case follows(in, mode):
		return "", errPasted
	}
	return answer, nil
}

// follows reports whether anything stands behind the line that was read. A line
// without an end can be seen only where the terminal does not wait for the end.
func follows(in *os.File, mode unix.Termios) bool {
	mode.Lflag &^= unix.ICANON | unix.ECHO
	mode.Cc[unix.VMIN], mode.Cc[unix.VTIME] = 1, 0
	_ = unix.IoctlSetTermios(int(in.Fd()), setTermios, &mode)
	ready, _ := waitReadable(keyGap, in)
	return ready == in
}

// waitReadable waits until one of the files can be read and returns it, nil where none can
// for so long; negative is for ever. It is select, for poll does not know macOS's
// /dev/tty.
func waitReadable(wait time.Duration, files ...*os.File) (*os.File, error) {
	for {
		var set unix.FdSet
		top := 0
		for _, f := range files {
			set.Set(int(f.Fd()))
			top = max(top, int(f.Fd())+1)
		}
		var limit *unix.Timeval
		if wait >= 0 {
			t := unix.NsecToTimeval(wait.Nanoseconds())
			limit = &t
		}
		n, err := unix.Select(top, &set, nil, nil, limit)
		if err == unix.EINTR {
			continue
		}
		for _, f := range files {
			if n > 0 && set.IsSet(int(f.Fd())) {
				return f, nil
			}
		}
		return nil, err
	}
}

// lineMode returns mode as a question needs it. The newline is echoed even where
// nothing else is.
func lineMode(mode unix.Termios, echo bool) unix.Termios {
	mode.Iflag |= unix.ICRNL
	mode.Lflag |= unix.ICANON | unix.ISIG | unix.ECHONL
	if !echo {
		mode.Lflag &^= unix.ECHO
	}
	mode.Cc[unix.VEOL] = 0x03
	mode.Cc[unix.VINTR], mode.Cc[unix.VQUIT] = noChar, noChar
	return mode
}

// onContinue calls again each time the process comes back from ^Z: shells give
// the terminal back in their own mode, which would show what is typed as a secret.
func onContinue(again func()) (stop func()) {
	woken := make(chan os.Signal, 1)
	signal.Notify(woken, unix.SIGCONT)
	ended := make(chan struct{})
	wait := carry.Go(func() {
		for {
			select {
			case <-woken:
				again()
			case <-ended:
				return
			}
		}
	})
	return func() {
		signal.Stop(woken)
		close(ended)
		wait()
	}
}

// readSome reads what is there, waiting for something. It does not trust the
// terminal to block: node leaves it non-blocking when it is killed.
func readSome(in *os.File, p []byte) (int, error) {
	fd := int(in.Fd())
	for {
		n, err := unix.Read(fd, p)
		switch err {
		case unix.EINTR:
		case unix.EAGAIN:
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
			if err != nil && err != unix.EINTR {
				return 0, err
			}
		default:
			return n, err
		}
	}
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
