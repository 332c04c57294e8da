//go:build unix

package npmexec

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/creack/pty"
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

// EndingSignals returns the signals that ask us to end, without those that were ignored
// before us, as under nohup and in a background job of sh: npm must go on ignoring
// them.
func EndingSignals() []os.Signal {
	return slices.DeleteFunc(append(slices.Clone(endings), endingsHere...), signal.Ignored)
}

// foreground reports whether we are in the foreground of a terminal, so that its
// ^C reaches npm as well as us.
func foreground() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDONLY|unix.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer tty.Close()
	group, err := unix.IoctlGetInt(int(tty.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// resize gives every pty the size of its terminal.
func (s *streams) resize() {
	for _, o := range s.all {
		if o.kind != screen {
			continue
		}
		size, err := pty.GetsizeFull(o.to)
		if err != nil {
			continue
		}
		setSize(o.from, size)
	}
}

// setSize does not use pty.Setsize: that puts the file into blocking mode, in
// which no deadline ends a read.
func setSize(f *os.File, size *pty.Winsize) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: size.Rows, Col: size.Cols, Xpixel: size.X, Ypixel: size.Y})
	})
}

// preparePty makes the slave leave \n alone (the real terminal adds its own \r), and
// reads of the master end at a deadline.
func preparePty(ptmx, slave *os.File) error {
	fd := int(slave.Fd())
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	t.Oflag &^= unix.OPOST
	if err := unix.IoctlSetTermios(fd, setTermios, t); err != nil {
		return err
	}
	return pollable(ptmx)
}

func killedBy(s *os.ProcessState) (name string, number int) {
	ws, ok := s.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() {
		return "", 0
	}
	return ws.Signal().String(), int(ws.Signal())
}

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

// hold does nothing here: see diesWithUs.
func hold(*os.Process) (done func()) { return func() {} }

func asTyped(*exec.Cmd) {}

// unnamedFile returns a file that nobody else can read, without a name: it is gone
// with our end, whatever ends us.
func unnamedFile() (f *os.File, remove func(), err error) {
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	f, err = os.OpenFile(filepath.Join(dir, "stdout"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, func() {}, err
}
