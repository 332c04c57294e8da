package runner

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"safepublish/prompts"
	"safepublish/runner/npmexec"
)

// guard decides what a signal that asks us to end does:
//
//	npm or a command has the terminal   the runner's business, see npmexec.Relay
//	a question stands on the screen     nothing ends a read of the keyboard: the guard ends the process, in order
//	a wait that ^C is for               ^C ends that wait
//	anything else                       the context ends, and with it all that the loop waits for; the loop ends by itself
//
// So the loop and the guard never work at the same time. Where the loop does not
// come to its end because nobody reads what it prints (a terminal under ^S, a pipe
// that is full), nobody is waited for any more.
type guard struct {
	cancel context.CancelFunc
	end    func(os.Signal) // ends the process in order, and does not return
	hurry  func()          // ends the waiting for somebody who does not read
	late   time.Duration   // how long the loop may take to come to its end

	hurried chan struct{} // closed when it did not

	mu      sync.Mutex
	got     os.Signal // the first that asked us to end, after which no question may begin
	ended   bool      // so was the context
	npm     chan<- os.Signal
	asking  bool
	pausing func()
}

// signal acts on one signal.
func (g *guard) signal(sig os.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.npm != nil:
		select {
		case g.npm <- sig:
		default: // the runner has enough to act on
		}
	case sig == os.Interrupt && g.pausing != nil:
		g.pausing()
	case g.asking:
		g.end(sig)
	default:
		g.note(sig)
		g.ended = true
		g.cancel()
	}
}

// taken notes the signal that the runner took for us, nil for none: the loop asks
// what became of the upload, and comes to its end.
func (g *guard) taken(sig os.Signal) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if sig != nil {
		g.note(sig)
	}
}

func (g *guard) note(sig os.Signal) {
	if g.got == nil {
		g.got = sig
		time.AfterFunc(g.late, g.insist)
	}
}

// insist ends the context, and, where the loop did not come to its end then, the
// waiting for somebody who does not read.
func (g *guard) insist() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		close(g.hurried)
		g.hurry()
		return
	}
	g.ended = true
	g.cancel()
	time.AfterFunc(g.late, g.insist)
}

// finishBy says how the process is ended in order, and how the waiting for somebody
// who does not read is ended.
func (g *guard) finishBy(end func(os.Signal), hurry func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.end, g.hurry = end, hurry
}

// relay gives the signals to the runner until stop is called (npmexec.Relay).
func (g *guard) relay(to chan<- os.Signal) (stop func()) {
	set := func(to chan<- os.Signal) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.npm = to
	}
	set(to)
	return func() { set(nil) }
}

// pause makes ^C end one wait, by end, and nothing else, until done is called.
func (g *guard) pause(end func()) (done func()) {
	set := func(end func()) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.pausing = end
	}
	set(end)
	return func() { set(nil) }
}

// question notes that a question begins, or says that none may.
func (g *guard) question() (answered func(), err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.got != nil {
		return nil, prompts.ErrGivenUp
	}
	g.asking = true
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.asking = false
	}, nil
}

// status is what a run ends with: 128+n where signal n asked for its end. What ^C
// ends has a status of its own: nothing that went well is made a failure by it.
func (g *guard) status(otherwise int) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.got == nil || g.got == os.Interrupt {
		return otherwise
	}
	return 128 + signalNumber(g.got)
}

// asks is an Asker whose questions the guard knows of.
type asks struct {
	prompts.Asker
	guard *guard
}

func (a asks) Choose(question string, items []prompts.Item, preselected int) (int, error) {
	return asked(a.guard, func() (int, error) { return a.Asker.Choose(question, items, preselected) })
}

func (a asks) Text(label string, check func(string) error) (string, error) {
	return asked(a.guard, func() (string, error) { return a.Asker.Text(label, check) })
}

func (a asks) Secret(label string, check func(string) error) (string, error) {
	return asked(a.guard, func() (string, error) { return a.Asker.Secret(label, check) })
}

func (a asks) Confirm(question, want string) (bool, error) {
	return asked(a.guard, func() (bool, error) { return a.Asker.Confirm(question, want) })
}

func asked[T any](g *guard, ask func() (T, error)) (answer T, err error) {
	answered, err := g.question()
	if err != nil {
		return answer, err
	}
	defer answered()
	return ask()
}

// listener hands every signal that asks us to end to whoever is on guard. It
// listens for as long as the process lives, so that no instant is left in which
// the Go runtime would end us, with a dump of its goroutines on SIGQUIT and SIGABRT.
var listener struct {
	mu sync.Mutex
	to func(os.Signal)
}

// Listen makes signals end the process with 128 plus their number, and, while a
// release is made, in order: terminal, edits, record and report. It is for main.
func Listen() {
	signals := make(chan os.Signal, 16)
	for _, sig := range npmexec.EndingSignals() {
		signal.Notify(signals, sig)
	}
	onGuard(func(sig os.Signal) { os.Exit(128 + signalNumber(sig)) })
	go func() {
		for sig := range signals {
			listener.mu.Lock()
			to := listener.to
			listener.mu.Unlock()
			to(sig)
		}
	}()
}

func onGuard(to func(os.Signal)) {
	listener.mu.Lock()
	defer listener.mu.Unlock()
	listener.to = to
}

// lateAfter is more than anything takes that the end of the context ends.
const lateAfter = 4 * time.Second

// newGuard goes on guard until stop is called; what comes after that finds a
// process that ends by itself.
func newGuard() (ctx context.Context, g *guard, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	g = &guard{cancel: cancel, hurry: func() {}, late: lateAfter, hurried: make(chan struct{})}
	g.end = func(sig os.Signal) { os.Exit(128 + signalNumber(sig)) }
	onGuard(g.signal)
	return ctx, g, func() {
		onGuard(func(os.Signal) {})
		cancel()
	}
}

func signalNumber(sig os.Signal) int {
	if n, ok := sig.(syscall.Signal); ok {
		return int(n)
	}
	return 0
}
