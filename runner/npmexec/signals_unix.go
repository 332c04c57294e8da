//go:build unix

package npmexec

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"safepublish/classify/carry"
)

const (
	askAgain = 100 * time.Millisecond
	patience = 10 * time.Second
	settle   = 50 * time.Millisecond
)

// signals is what we do about signals while npm runs.
//
// ^C and ^\ come from the terminal and reach npm as well as us: npm decides, we
// only stay alive to report it. They are caught, not ignored: what is ignored is
// inherited by npm.
//
// Any other of EndingSignals that is sent to us is passed on. So is a SIGINT that cannot have
// come from a terminal, as a CI sends it to cancel a job, but as SIGTERM: npm 9
// swallows a SIGINT of its own while a script runs and publishes all the same
// (npm 9.9.4, measured). A script that handles the signal and ends well would
// make npm go on to the upload, so npm is asked again until it has ended, and
// killed after ten seconds. What then remains of its children is ended too.
type signals struct {
	children, pipe chan os.Signal
	asks           chan os.Signal // what asks us to end; what the children cause must not crowd it out
	unrelay        func()
	quit           chan struct{}
	gone           func() // waits for the end of following
	got            os.Signal
	ending         bool // npm was asked to end
	tree           tree
}

func watchSignals(relay func(chan<- os.Signal) func()) *signals {
	s := &signals{children: make(chan os.Signal, 16), asks: make(chan os.Signal, 16), pipe: make(chan os.Signal, 1)}
	signal.Notify(s.children, unix.SIGWINCH, unix.SIGCONT, unix.SIGCHLD)
	s.unrelay = relay(s.asks)
	// Without this a write to a closed stdout would end us, and npm in mid-upload.
	signal.Notify(s.pipe, unix.SIGPIPE)
	return s
}

func (s *signals) stop() {
	s.unrelay()
	signal.Stop(s.children)
	signal.Stop(s.pipe)
}

// follow acts on signals until ended is called.
func (s *signals) follow(ctx context.Context, npm *os.Process, resize func()) {
	s.quit = make(chan struct{})
	s.gone = carry.Go(func() {
		var again, look <-chan time.Time
		var pass syscall.Signal
		var asked, due time.Time
		done := ctx.Done()
		for {
			select {
			case <-s.quit:
				return
			case sig := <-s.children:
				if sig == unix.SIGCHLD {
					due, look = time.Now().Add(settle), time.After(settle)
					continue
				}
				resize() // the kernel told npm before the pty had the size: told again
				_ = npm.Signal(unix.SIGWINCH)
				continue
			case sig := <-s.asks:
				if sig = endsUs(sig); sig == nil {
					continue
				}
				s.got, pass = sig, passedOn(sig)
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
			s.ending = true
			s.tree.add(npm.Pid)
			_ = npm.Signal(pass)
			again = time.After(askAgain)
		}
	})
}

// ended stops following and returns the processes that npm, asked to end, may
// have left behind.
func (s *signals) ended() tree {
	close(s.quit)
	s.gone()
	if s.ending {
		s.tree.add(os.Getpid()) // what lost its parent came to us: a script may start something just when it is ended
	}
	return s.tree
}

// pressed reports whether somebody asked us to end, before or after npm's end.
func (s *signals) pressed() bool { return s.ending || len(s.asks) > 0 }

// asked returns the signal that asked us to end, nil for none; one that came
// after npm's end counts too.
func (s *signals) asked() os.Signal {
	for s.got == nil {
		select {
		case sig := <-s.asks:
			s.got = endsUs(sig)
		default:
			return nil
		}
	}
	return s.got
}

// endsUs returns sig where it asks us to end, nil where it is npm's to decide.
func endsUs(sig os.Signal) os.Signal {
	if (sig == unix.SIGINT || sig == unix.SIGQUIT) && foreground() {
		return nil
	}
	return sig
}

func passedOn(sig os.Signal) syscall.Signal {
	if sig == unix.SIGHUP {
		return unix.SIGHUP
	}
	return unix.SIGTERM
}

// process is one process; its time of start tells it from a later one that got
// the same number.
type process struct {
	pid, parent int
	start       string
}

// tree is the processes below npm, as far as they were seen. npm passes a signal
// on to the shell of a script alone, whose own children outlive it: a build that
// goes on after the job was cancelled.
type tree []process

// add notes everything that is below the process pid now.
func (t *tree) add(pid int) {
	all := processes()
	below := []int{pid}
	for _, p := range *t { // whose parent may be gone by now
		below = append(below, p.pid)
	}
	for i := 0; i < len(below); i++ {
		for _, p := range all {
			if p.parent == below[i] && !slices.Contains(below, p.pid) {
				below = append(below, p.pid)
				if !slices.Contains(*t, p) {
					*t = append(*t, p)
				}
			}
		}
	}
}

// end asks what is left of the tree to end, and ends what does not.
func (t tree) end() {
	if !t.signal(unix.SIGTERM) {
		return
	}
	for until := time.Now().Add(grace); time.Now().Before(until); time.Sleep(askAgain / 5) {
		if !t.signal(0) {
			return
		}
	}
	t.signal(unix.SIGKILL)
}

// signal sends s to what is left of the tree, and reports whether anything is.
func (t tree) signal(s unix.Signal) bool {
	if len(t) == 0 {
		return false
	}
	left := false
	for _, now := range processes() {
		if slices.ContainsFunc(t, func(p process) bool { return p.pid == now.pid && p.start == now.start }) {
			left = unix.Kill(now.pid, s) == nil || left
		}
	}
	return left
}
