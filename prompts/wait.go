package prompts

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"safepublish/classify/carry"
)

// Step says what is being done if it takes longer than 300 ms, and takes the line
// away when the function it returns is called. Where lines cannot be taken away
// it stays, as a line of its own.
func (u *UI) Step(what string) (done func()) {
	ended := make(chan struct{})
	wait := carry.Go(func() {
		select {
		case <-ended:
		case <-time.After(300 * time.Millisecond):
			u.pass(what + " …")
		}
	})
	return func() {
		close(ended)
		wait()
		u.write("")
	}
}

// pass prints a line that the next thing printed replaces; a whole line where
// nothing can be replaced.
func (u *UI) pass(s string) {
	s = u.clean(s)
	if u.plain || !u.terminal {
		u.write(s + "\n")
		return
	}
	s = cut(s, u.width()-1) // one column less: a full line would wrap, and only its end be erased
	u.mu.Lock()
	defer u.mu.Unlock()
	u.erase()
	u.out(s)
	u.passing = true
}

// Wait lets d pass, counting it down and saying why. It returns ErrGivenUp as soon
// as the person presses ^C, and ctx's error when ctx ends; the time is measured by
// the wall clock, so that a laptop that slept has waited.
//
// While it waits SIGINT does not end the process, and keys are not echoed. Where a line
// cannot be taken away, one is printed at once and one a minute.
func (u *UI) Wait(ctx context.Context, why string, d time.Duration) error {
	var said time.Time
	return u.wait(ctx, d, &said, func(left time.Duration) string { return u.waiting(Clock(left), why) })
}

// Pause is Wait for d of a longer wait that ends in left: what it says it says of
// the whole.
func (u *UI) Pause(ctx context.Context, why string, d, left time.Duration) error {
	return u.wait(ctx, d, &u.paused, func(now time.Duration) string { return u.waiting(Clock(left-d+now), why) })
}

// Await is Wait for d of a wait of which nobody knows when it ends: it says for how long
// it has lasted.
func (u *UI) Await(ctx context.Context, why string, d, lasted time.Duration) error {
	return u.wait(ctx, d, &u.paused, func(left time.Duration) string {
		return u.waiting("for "+Clock(lasted+d-left)+" now", why)
	})
}

// waiting says how long and, before what a narrow terminal cuts, what ends it.
func (u *UI) waiting(time, why string) string {
	if !u.terminal { // nobody presses a key in a log
		return "waiting " + time + ": " + why
	}
	return "waiting " + time + " (^C gives up): " + why
}

// wait lets d pass and says text of what is left of it: each second, or once a minute
// where a line cannot be taken away. said is when that was last.
func (u *UI) wait(ctx context.Context, d time.Duration, said *time.Time, text func(left time.Duration) string) error {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	defer signal.Stop(interrupt)
	defer disableEcho(u.in)()
	defer u.write("")
	until := time.Now().Add(d).Round(0)
	for left := d; left > 0; left = time.Until(until) {
		if u.terminal && !u.plain || time.Since(*said) >= time.Minute {
			*said = time.Now()
			u.pass(text(left))
		}
		select {
		case <-ctx.Done():
			select { // ^C may have ended both, and whoever ended ctx was told first
			case <-interrupt:
				return ErrGivenUp
			case <-time.After(100 * time.Millisecond):
			}
			return fmt.Errorf("waiting: %w", ctx.Err())
		case <-interrupt:
			return ErrGivenUp
		case <-time.After(min(left, time.Second)):
		}
	}
	return nil
}

// NotWaited is said where a rehearsal without a person goes on at once.
func NotWaited(why string, d time.Duration) string {
	return fmt.Sprintf("safepublish would wait here %s: %s", Clock(d), why)
}

// Clock returns a time to wait, in words: "1 min 05 s".
func Clock(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	if s >= 60 {
		return fmt.Sprintf("%d min %02d s", s/60, s%60)
	}
	return fmt.Sprintf("%d s", s)
}
