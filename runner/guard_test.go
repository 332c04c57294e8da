package runner

import (
	"context"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"safepublish/prompts"
)

// watched is a guard of which the ends are counted.
func watched(t *testing.T) (ctx context.Context, g *guard, ends func() []os.Signal) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	var all []os.Signal
	g = &guard{cancel: cancel, hurry: func() {}, late: time.Hour, hurried: make(chan struct{})}
	g.end = func(sig os.Signal) { all = append(all, sig) }
	return ctx, g, func() []os.Signal {
		g.mu.Lock()
		defer g.mu.Unlock()
		return all
	}
}

func TestSignalWhileTheLoopWorksEndsTheContextAndNoQuestionBegins(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT} {
		ctx, g, ends := watched(t)
		g.signal(sig)
		if ctx.Err() == nil || len(ends()) > 0 {
			t.Errorf("%v: context %v, ended by %v", sig, ctx.Err(), ends())
		}
		if _, err := g.question(); err == nil {
			t.Errorf("%v: a question begins after it", sig)
		}
		want := 128 + signalNumber(sig)
		if sig == os.Interrupt {
			want = 7
		}
		if got := g.status(7); got != want {
			t.Errorf("%v: status %d, want %d", sig, got, want)
		}
	}
}

func TestFirstSignalDecidesTheStatus(t *testing.T) {
	_, g, ends := watched(t)
	for _, sig := range []os.Signal{syscall.SIGQUIT, syscall.SIGTERM, os.Interrupt} {
		g.signal(sig)
	}
	if got := g.status(0); got != 131 || len(ends()) > 0 {
		t.Errorf("status %d, ends %v", got, ends())
	}
}

func TestSignalAtAQuestionEndsTheProcess(t *testing.T) {
	_, g, ends := watched(t)
	answered, err := g.question()
	if err != nil {
		t.Fatal(err)
	}
	g.signal(os.Interrupt) // sent: at a question ^C is a key
	answered()
	g.signal(syscall.SIGTERM)
	if got := ends(); len(got) != 1 || got[0] != os.Interrupt {
		t.Errorf("ended by %v", got)
	}
}

func TestInterruptEndsTheWaitItIsFor(t *testing.T) {
	ctx, g, _ := watched(t)
	ended := 0
	done := g.pause(func() { ended++ })
	g.signal(os.Interrupt)
	if ended != 1 || ctx.Err() != nil {
		t.Errorf("ended %d times, context %v", ended, ctx.Err())
	}
	done()
	g.signal(os.Interrupt)
	if ended != 1 || ctx.Err() == nil {
		t.Errorf("ended %d times, context %v", ended, ctx.Err())
	}
}

func TestOtherSignalEndsMoreThanTheWait(t *testing.T) {
	ctx, g, _ := watched(t)
	defer g.pause(func() { t.Error("taken for ^C") })()
	g.signal(syscall.SIGQUIT)
	if ctx.Err() == nil || g.status(0) != 131 {
		t.Error("the wait goes on")
	}
}

// Every signal goes to exactly one of the two, the runner or the guard, also at
// the instant in which npm begins or ends.
func TestEverySignalIsTakenOnce(t *testing.T) {
	for range 200 {
		ctx, g, ends := watched(t)
		npm := make(chan os.Signal, 16)
		var both sync.WaitGroup
		both.Go(func() { g.signal(syscall.SIGTERM) })
		stop := g.relay(npm)
		stop()
		took := len(npm) // nothing comes any more
		both.Wait()
		if left := len(npm); left != took {
			t.Fatalf("%d came after the end of npm", left-took)
		}
		if guards := ctx.Err() != nil; guards == (took == 1) || len(ends()) > 0 {
			t.Fatalf("the runner took %d, the guard took it: %v, ends %v", took, guards, ends())
		}
	}
}

func TestWhileNPMRunsTheRunnerTakesEverySignal(t *testing.T) {
	ctx, g, ends := watched(t)
	npm := make(chan os.Signal, 16)
	stop := g.relay(npm)
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGQUIT, syscall.SIGTERM} {
		g.signal(sig)
		if got := <-npm; got != sig {
			t.Errorf("%v came as %v", sig, got)
		}
	}
	stop()
	if ctx.Err() != nil || len(ends()) > 0 || g.status(3) != 3 {
		t.Error("the guard acted on one too")
	}
}

func TestRunnerThatIsBusyHoldsNothingUp(t *testing.T) {
	_, g, _ := watched(t)
	defer g.relay(make(chan os.Signal))()
	g.signal(syscall.SIGTERM)
}

// The loop that ends for a signal which npm got asks what became of the upload, but
// not for ever.
func TestSignalThatTheRunnerTook(t *testing.T) {
	ctx, g, ends := watched(t)
	g.taken(nil)
	if g.status(0) != 0 {
		t.Error("no signal is one")
	}
	g.taken(syscall.SIGTERM)
	if _, err := g.question(); err == nil || ctx.Err() != nil || g.status(0) != 143 {
		t.Errorf("question %v, context %v, status %d", err, ctx.Err(), g.status(0))
	}
	g.insist()
	if ctx.Err() == nil || len(ends()) > 0 {
		t.Errorf("context %v, ends %v", ctx.Err(), ends())
	}
	g.insist()
	<-g.hurried
	if len(ends()) > 0 {
		t.Errorf("ends %v", ends())
	}
}

// A loop that does not come to its end does so because nobody reads what it prints.
func TestLoopThatStandsStillIsHurried(t *testing.T) {
	_, g, ends := watched(t)
	hurried := 0
	g.hurry = func() { hurried++ }
	g.signal(syscall.SIGTERM)
	select {
	case <-g.hurried:
		t.Error("hurried at once")
	default:
	}
	g.insist()
	<-g.hurried
	if len(ends()) > 0 || hurried != 1 {
		t.Errorf("ends %v, hurried %d times", ends(), hurried)
	}
}

func TestQuestionsOfALoopAreKnown(t *testing.T) {
	_, g, ends := watched(t)
	ask := asks{signalled{g}, g}
	if _, err := ask.Text("", nil); err != nil || len(ends()) != 1 {
		t.Errorf("%v, ends %v", err, ends())
	}
	if _, err := ask.Secret("", nil); err != nil || len(ends()) != 2 {
		t.Errorf("%v, ends %v", err, ends())
	}
	if _, err := ask.Choose("", nil, 0); err != nil || len(ends()) != 3 {
		t.Errorf("%v, ends %v", err, ends())
	}
	if _, err := ask.Confirm("", "y"); err != nil || len(ends()) != 4 {
		t.Errorf("%v, ends %v", err, ends())
	}
}

// signalled gets a signal at every question.
type signalled struct{ guard *guard }

func (a signalled) Choose(string, []prompts.Item, int) (int, error) {
	a.guard.signal(syscall.SIGTERM)
	return 0, nil
}

func (a signalled) Text(string, func(string) error) (string, error) {
	a.guard.signal(syscall.SIGTERM)
	return "", nil
}

func (a signalled) Secret(label string, check func(string) error) (string, error) {
	return a.Text(label, check)
}

func (a signalled) Confirm(string, string) (bool, error) {
	a.guard.signal(syscall.SIGTERM)
	return true, nil
}
