//go:build unix

package npmexec

import (
	"context"
	"errors"
	"testing"
	"time"
)

// A look as a whole ends with what is left of --wait, whatever it asks.
func TestLookEndsWithTheWait(t *testing.T) {
	for _, d := range []time.Duration{time.Nanosecond, time.Second, lookTime, time.Minute} {
		began := time.Now()
		var until time.Time
		stop := errors.New("stop")
		look := func(ctx context.Context) Visibility {
			until, _ = ctx.Deadline()
			return Hidden
		}
		_, err := AwaitVisible(t.Context(), look, d, func(_, _ time.Duration) error { return stop })
		if err != nil && !errors.Is(err, stop) {
			t.Fatal(err)
		}
		if most := max(d, lookTime) + time.Since(began); until.Sub(began) > most || until.IsZero() {
			t.Errorf("--wait %v: a look may take until %v", d, until.Sub(began))
		}
	}
}

// Of a registry, or a shim of npm, that answers without end a bounded part is
// kept, and it is no answer.
func TestAnswerWithoutEnd(t *testing.T) {
	for _, script := range []string{"yes '{'", "yes '{' >&2"} {
		r := quiet(t, fakeNPM(t, script))
		a := r.question(t.Context(), probeTime, r.Dir, r.Env, "view", "demo")
		if n := len(a.out) + len(a.err); a.came || a.ok || n > mostAnswered || n == 0 {
			t.Errorf("%s: %d bytes, came %v, ok %v", script, n, a.came, a.ok)
		}
	}
}
