package runner

import (
	"context"
	"errors"
	"os"
	"os/signal"
)

// watch keeps us alive while npm deals with ^C, which reaches every process of
// the console. Windows has nothing else that could be passed on.
type watch struct {
	signals    chan os.Signal
	quit, gone chan struct{}
}

func watchSignals() *watch {
	w := &watch{signals: make(chan os.Signal, 1)}
	signal.Notify(w.signals, os.Interrupt)
	return w
}

func (w *watch) stop() { signal.Stop(w.signals) }

func (w *watch) follow(ctx context.Context, npm *os.Process, _ func()) {
	w.quit, w.gone = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(w.gone)
		select {
		case <-w.quit:
		case <-ctx.Done():
			_ = npm.Kill()
		}
	}()
}

func (w *watch) ended() tree {
	close(w.quit)
	<-w.gone
	return tree{}
}

func (w *watch) asked() os.Signal { return nil }

type tree struct{}

func (tree) end() {}

func foreground() bool { return true }

func (w *wiring) resize() {}

func prepare(_, _ *os.File) error { return errors.ErrUnsupported }

func killedBy(*os.ProcessState) (string, int) { return "", 0 }
