//go:build unix

package npmexec

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"safepublish/classify/carry"
)

const (
	askAgain = 100 * time.Millisecond
	patience = 10 * time.Second
	settle   = 50 * time.Millisecond
)

// watch is what we do about signals while npm runs.
//
// ^C and ^\ come from the terminal and reach npm as well as us: npm decides, we
// only stay alive to report it. They are caught, not ignored: what is ignored is
// inherited by npm.
//
// Any other of Endings that is sent to us is passed on. So is a SIGINT that cannot have
// come from a terminal, as a CI sends it to cancel a job, but as SIGTERM: npm 9
// swallows a SIGINT of its own while a script runs and publishes all the same
// (npm 9.9.4, measured). A script that handles the signal and ends well would
// make npm go on to the upload, so npm is asked again until it has ended, and
// killed after ten seconds. What then remains of its children is ended too.
type watch struct {
	signals, pipe chan os.Signal
	asks          chan os.Signal // what asks us to end; what the children cause must not crowd it out
	unrelay       func()
	quit          chan struct{}
	gone          func() // waits for the end of following
	got           os.Signal
	ending        bool // npm was asked to end
	tree          tree
}

func watchSignals(relay func(chan<- os.Signal) func()) *watch {
	w := &watch{signals: make(chan os.Signal, 16), asks: make(chan os.Signal, 16), pipe: make(chan os.Signal, 1)}
	signal.Notify(w.signals, unix.SIGWINCH, unix.SIGCONT, unix.SIGCHLD)
	if relay == nil {
		relay = listen
	}
	w.unrelay = relay(w.asks)
	// Without this a write to a closed stdout would end us, and npm in mid-upload.
	signal.Notify(w.pipe, unix.SIGPIPE)
	return w
}

// listen is the Relay of a Runner that has none.
func listen(to chan<- os.Signal) (stop func()) {
	signal.Notify(to, Endings()...)
	return func() { signal.Stop(to) }
}

func (w *watch) stop() {
	w.unrelay()
	signal.Stop(w.signals)
	signal.Stop(w.pipe)
}

// follow acts on signals until ended is called.
func (w *watch) follow(ctx context.Context, npm *os.Process, resize func()) {
	w.quit = make(chan struct{})
	w.gone = carry.Go(func() {
		var again, look <-chan time.Time
		var pass syscall.Signal
		var asked, due time.Time
		done := ctx.Done()
		for {
			select {
			case <-w.quit:
				return
			case s := <-w.signals:
				if s == unix.SIGCHLD {
					due, look = time.Now().Add(settle), time.After(settle)
					continue
				}
				resize() // the kernel told npm before the pty had the size: told again
				_ = npm.Signal(unix.SIGWINCH)
				continue
			case s := <-w.asks:
				if s = endsUs(s); s == nil {
					continue
				}
				w.got, pass = s, passedOn(s)
			case <-look:
				look = nil
				if isStopped(npm.Pid) && time.Since(due) > settle { // we were stopped too; on fg npm may wake a moment after us
					due, look = time.Now().Add(settle), time.After(settle)
				} else if isStopped(npm.Pid) {
					stopWith(npm)
				}
				continue
			case <-done:
				done, pass = nil, unix.SIGTERM
			case <-again:
			}
			if asked.IsZero() {
				asked = time.Now()
			}
			if time.Since(asked) > patience {
				pass = unix.SIGKILL
			}
			w.ending = true
			w.tree.add(npm.Pid)
			_ = npm.Signal(pass)
			again = time.After(askAgain)
		}
	})
}

// ended stops following and returns the processes that npm, asked to end, may
// have left behind.
func (w *watch) ended() tree {
	close(w.quit)
	w.gone()
	if w.ending {
		w.tree.add(os.Getpid()) // what lost its parent came to us: a script may start something just when it is ended
	}
	return w.tree
}

// pressed reports whether somebody asked us to end, before or after npm's end.
func (w *watch) pressed() bool { return w.ending || len(w.asks) > 0 }

// asked returns the signal that asked us to end, nil for none; one that came
// after npm's end counts too.
func (w *watch) asked() os.Signal {
	for w.got == nil {
		select {
		case s := <-w.asks:
			w.got = endsUs(s)
		default:
			return nil
		}
	}
	return w.got
}

// endsUs returns s where it asks us to end, nil where it is npm's to decide.
func endsUs(s os.Signal) os.Signal {
	if (s == unix.SIGINT || s == unix.SIGQUIT) && foreground() {
		return nil
	}
	return s
}

func passedOn(s os.Signal) syscall.Signal {
	if s == unix.SIGHUP {
		return unix.SIGHUP
	}
	return unix.SIGTERM
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
func (w *wiring) resize() {
	for _, o := range w.outlets {
		if !o.tty {
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

// prepare makes the slave leave \n alone (the real terminal adds its own \r), and
// reads of the master end at a deadline.
func prepare(ptmx, slave *os.File) error {
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
