package npmexec

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"safepublish/classify/carry"
)

// watch keeps us alive while npm deals with ^C, which reaches every process of
// the console. Windows has nothing else that could be passed on.
type watch struct {
	signals chan os.Signal
	unrelay func()
	quit    chan struct{}
	gone    func() // waits for the end of following
}

func watchSignals(relay func(chan<- os.Signal) func()) *watch {
	w := &watch{signals: make(chan os.Signal, 1)}
	if relay == nil {
		relay = func(to chan<- os.Signal) func() {
			signal.Notify(to, os.Interrupt)
			return func() { signal.Stop(to) }
		}
	}
	w.unrelay = relay(w.signals)
	return w
}

func (w *watch) stop() { w.unrelay() }

// Endings returns the signals that ask us to end.
func Endings() []os.Signal { return []os.Signal{os.Interrupt, syscall.SIGTERM} }

func (w *watch) follow(ctx context.Context, npm *os.Process, _ func()) {
	w.quit = make(chan struct{})
	w.gone = carry.Go(func() {
		select {
		case <-w.quit:
		case <-ctx.Done():
			_ = npm.Kill()
		}
	})
}

func (w *watch) ended() tree {
	close(w.quit)
	w.gone()
	return tree{}
}

func (w *watch) pressed() bool { return false }

func (w *watch) asked() os.Signal { return nil }

type tree struct{}

func (tree) end() {}

func foreground() bool { return true }

func (w *wiring) resize() {}

func prepare(_, _ *os.File) error { return errors.ErrUnsupported }

func killedBy(*os.ProcessState) (string, int) { return "", 0 }
