package session

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func (s *session) setBusy(busy bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = busy
}

func (s *session) setApplying(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applying = on
}

func (s *session) setPausing(end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pausing = end
}

// guardSignals makes SIGTERM and SIGHUP end us in order: the terminal given back,
// the edits undone. While npm runs they are passed on to it, and the loop ends
// when npm has. SIGINT ends what we ask the registry; at a question it is a key.
func (s *session) guardSignals(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		for sig := range signals {
			s.mu.Lock()
			switch {
			case s.busy:
			case sig == os.Interrupt && s.pausing != nil:
				s.pausing()
			case sig == os.Interrupt:
				cancel()
			case s.applying:
				s.got = sig
				cancel()
			default:
				s.ui.Restore()
				s.settle()
				if s.closing != nil {
					s.closing()
				}
				_ = s.rec.End(string(s.records.outcome()), 128+signalNumber(sig), "")
				os.Exit(128 + signalNumber(sig)) // with the lock held: the loop must not start npm again
			}
			s.mu.Unlock()
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel() }
}

func signalNumber(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return int(n)
	}
	return 0
}
