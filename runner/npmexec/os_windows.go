package npmexec

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"

	"safepublish/classify/carry"
)

// EndingSignals returns the signals that ask us to end.
func EndingSignals() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

// signals keeps us alive while npm deals with ^C, which reaches every process of
// the console. Windows has nothing else that could be passed on.
type signals struct {
	unrelay func()
	quit    chan struct{}
	gone    func() // waits for the end of following
}

func watchSignals(relay func(chan<- os.Signal) func()) *signals {
	return &signals{unrelay: relay(make(chan os.Signal, 1))}
}

// relaySignals is the Relay of a Runner that has none.
func relaySignals(to chan<- os.Signal) (stop func()) {
	signal.Notify(to, os.Interrupt)
	return func() { signal.Stop(to) }
}

func (s *signals) stop() { s.unrelay() }

func (s *signals) follow(ctx context.Context, npm *os.Process, _ func()) {
	s.quit = make(chan struct{})
	s.gone = carry.Go(func() {
		select {
		case <-s.quit:
		case <-ctx.Done():
			_ = npm.Kill()
		}
	})
}

func (s *signals) ended() tree {
	close(s.quit)
	s.gone()
	return tree{}
}

func (s *signals) pressed() bool { return false }

func (s *signals) asked() os.Signal { return nil }

type tree struct{}

func (tree) end() {}

func adoptOrphans() {}

func diesWithUs(*exec.Cmd, syscall.Signal) (done func()) { return func() {} }

func foreground() bool { return true }

func (s *streams) resize() {}

func preparePty(_, _ *os.File) error { return errors.ErrUnsupported }

func killedBy(*os.ProcessState) (string, int) { return "", 0 }

func ownGroup(*exec.Cmd) {}

func killGroup(p *os.Process) { _ = p.Kill() }

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
