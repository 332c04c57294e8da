package npmexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/windows"

	"safepublish/classify/carry"
)

// EndingSignals returns the signals that ask us to end: ^C and ^Break, and a console that
// is closed, a logoff and a shutdown, which the Go runtime makes SIGTERM of.
func EndingSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// patience is how long npm may take to end when we are asked to: of a console that is
// closed Windows ends every process within five seconds.
const patience = 2 * time.Second

// signals keeps us alive while npm deals with what asks us to end, which reaches every
// process of the console. npm decides about ^C of a person; after a closed console, and
// ^C where nobody is (a CI that cancels a job), it is ended where it goes on.
type signals struct {
	asks    chan os.Signal
	unrelay func()
	quit    chan struct{}
	gone    func() // waits for the end of following
	got     os.Signal
}

func watchSignals(relay func(chan<- os.Signal) func()) *signals {
	s := &signals{asks: make(chan os.Signal, 16)}
	s.unrelay = relay(s.asks)
	return s
}

func (s *signals) stop() { s.unrelay() }

func (s *signals) follow(ctx context.Context, npm *os.Process, _ func()) {
	s.quit = make(chan struct{})
	s.gone = carry.Go(func() {
		var late <-chan time.Time
		done := ctx.Done()
		for {
			select {
			case <-s.quit:
				return
			case sig := <-s.asks:
				if s.take(sig); s.got != nil && late == nil {
					late = time.After(patience)
				}
			case <-done:
				done = nil
				killGroup(npm)
			case <-late:
				killGroup(npm)
			}
		}
	})
}

// take notes a signal that asks us to end.
func (s *signals) take(sig os.Signal) {
	if sig != os.Interrupt || !foreground() {
		s.got = sig
	}
}

func (s *signals) ended() tree {
	close(s.quit)
	s.gone()
	return tree{}
}

func (s *signals) pressed() bool { return s.got != nil || len(s.asks) > 0 }

func (s *signals) asked() os.Signal {
	for len(s.asks) > 0 {
		s.take(<-s.asks)
	}
	return s.got
}

type tree struct{}

func (tree) end() {}

func adoptOrphans() {}

// diesWithUs does nothing here: see hold.
func diesWithUs(*exec.Cmd, syscall.Signal) (done func()) { return func() {} }

// foreground reports whether a person can press ^C: whether our input is a console.
func foreground() bool { return isTerminal(os.Stdin) }

func (s *streams) resize() {}

func preparePty(_, _ *os.File) error { return errors.ErrUnsupported }

func killedBy(*os.ProcessState) (string, int) { return "", 0 }

func ownGroup(*exec.Cmd) {}

func asTyped(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{CmdLine: typed(cmd.Args)} }

// unnamedFile returns a file that nobody else can open. Windows removes it when we
// end, whatever ends us, and remove its folder.
func unnamedFile() (f *os.File, remove func(), err error) {
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, err
	}
	path := filepath.Join(dir, "stdout")
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, nil, err
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ|windows.GENERIC_WRITE, 0, nil, windows.CREATE_NEW,
		windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if err != nil {
		os.Remove(dir)
		return nil, nil, err
	}
	return os.NewFile(uintptr(h), path), func() { os.Remove(dir) }, nil
}
