package runner

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/preflight"
	"safepublish/classify/transcript"
)

// buildWaits is how long the scripts of a package wait for what the registry is asked
// before they run. What it says later is still said.
const buildWaits = 300 * time.Millisecond

// look is what is asked, all at once, about a publish whose scripts run first: whether a
// refusal is certain whatever they build.
type look struct {
	early bool
	end   func() // ends what was not answered, and waits for it

	decided chan struct{} // closed when there is a wall, or every answer
	decide  func()        // closes it

	mu       sync.Mutex
	c        *classify.Case      // with the answers so far
	wall     *classify.Diagnosis // the first refusal that is certain
	building *building           // npm, once it runs
}

func newLook(c *classify.Case, early bool) *look {
	l := &look{early: early, c: c, decided: make(chan struct{}), end: func() {}}
	l.decide = sync.OnceFunc(func() { close(l.decided) })
	return l
}

// look asks. A wall that nothing needs to be asked for stands at once.
func (r *release) look(ctx context.Context, a attempt, c *classify.Case, early, tag bool) *look {
	l := newLook(c, early)
	if !preflight.NoLogin(c) {
		l.judge()
	}
	if l.wall != nil || !early && !tag {
		l.decide()
		return l
	}
	ask := r.npm.Glance
	if tag { // only we look: what may be a copy that is minutes old is not enough
		ask = r.npm.Answers
	}
	ctx, cancel := context.WithCancel(ctx)
	given := *c
	published := preflight.Questions(c)
	all := []func(){func() { l.note(ask(ctx, &given, published), published) }}
	if early && len(a.met) == 0 && r.queued == nil {
		all = append(all, func() { r.askAccount(ctx, l) })
	}
	wait := carry.Go(func() {
		defer l.decide()
		carry.All(all...)
	})
	l.end = sync.OnceFunc(func() { cancel(); wait() })
	return l
}

// askAccount asks who the login is and, where that leaves a doubt, what it may.
func (r *release) askAccount(ctx context.Context, l *look) {
	for ctx.Err() == nil {
		c, _ := l.soFar()
		questions := preflight.AccountQuestions(c)
		if len(questions) == 0 {
			return
		}
		l.note(r.npm.More(ctx, c, questions), questions)
	}
}

// note adds answers.
func (l *look) note(answers classify.Answers, to []classify.Question) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := *l.c
	c.Answers = c.Answers.With(answers, to)
	l.c = &c
	l.judge()
}

// judge looks for a wall in what is known.
func (l *look) judge() {
	if d, refused := preflight.CertainRefusal(l.c, l.early); refused && l.wall == nil {
		l.wall = &d
		l.building.meets(d)
		l.decide()
	}
}

// wait waits for a wall or for every answer, for as long as d; 0 is without a bound.
func (l *look) wait(ctx context.Context, d time.Duration) {
	var late <-chan time.Time
	if d > 0 {
		late = time.After(d)
	}
	select {
	case <-l.decided:
	case <-late:
	case <-ctx.Done():
	}
}

// soFar returns the case with the answers so far, and the wall, nil for none.
func (l *look) soFar() (*classify.Case, *classify.Diagnosis) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.c, l.wall
}

// patience is how long the scripts wait for the answers: until they come where npm does not
// look itself, and where nothing was found to log in with.
func (r *release) patience(c *classify.Case, tag bool) time.Duration {
	if tag || preflight.NoLogin(c) || r.scripted() {
		return 0
	}
	return buildWaits
}

// close ends what was not answered, and waits for it.
func (l *look) close() {
	if l != nil {
		l.end()
	}
}

// building is an npm publish that runs while the registry is still asked.
type building struct {
	mu      sync.Mutex
	stop    context.CancelFunc // nil where a person decides
	said    string             // what is to be said to one
	words   func(classify.Diagnosis) string
	sending bool // the upload has begun, or nobody can tell: npm is left alone
	stopped bool
}

// beside returns the context of an npm publish that runs beside a look. A wall that comes
// now is said to a person, and stops npm where nobody is asked; but not once npm sends.
func (r *release) beside(ctx context.Context, l *look) (context.Context, *building) {
	b := &building{words: func(d classify.Diagnosis) string {
		return r.ui.Beside(d.Title() + " (" + d.Cause.ID + "): " + soon)
	}}
	if l == nil {
		return ctx, b
	}
	if r.ask == nil {
		ctx, b.stop = context.WithCancel(ctx)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.building = b; l.wall != nil { // it has just come
		b.meets(*l.wall)
	}
	return ctx, b
}

// meets says a wall, or stops npm as ^C does.
func (b *building) meets(d classify.Diagnosis) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.sending:
	case b.stop == nil:
		b.said = b.words(d)
	default:
		b.stopped = true
		b.stop()
	}
}

// aside returns what is to be said, once.
func (b *building) aside() (text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	text, b.said = b.said, ""
	return text
}

// sends notes that the upload begins.
func (b *building) sends() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sending = true
}

// soon is said of a wall while the scripts run.
const soon = "The registry will refuse npm after the scripts have run. ^C stops them."

// stoppedBy returns the finding of an npm publish that was stopped for a wall, before it
// had sent anything.
func (l *look) stoppedBy(f finding) (finding, bool) {
	if l == nil || l.building == nil || l.wall == nil {
		return f, false
	}
	sent := f.c.Last().Upload.State != transcript.NotSent || !f.c.HasLog
	if !l.building.stopped || sent || f.result.SignalToUs != nil || f.c.NeverStarted {
		return f, false
	}
	f.diag, f.failed, f.early = *l.wall, true, true
	f.result.Exit, f.result.Signal = 1, "" // npm ended as we told it to
	f.diag.Evidence = slices.Clone(l.wall.Evidence)
	for i, e := range f.diag.Evidence {
		f.diag.Evidence[i].Text = strings.Replace(e.Text, "nothing was run", "the scripts were stopped", 1)
	}
	return f, true
}
