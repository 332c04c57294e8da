package runner

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// follow waits, where --wait says so, until what was published can be read. e is how
// the run ends where it can.
func (r *release) follow(ctx context.Context, f finding, e *end) *end {
	left := r.opt.Wait
	for _, p := range f.c.Packages {
		there := p.Upload.State == transcript.Accepted || f.failed && f.c.Published() == "yes"
		if r.opt.Wait <= 0 || e.status != 0 || !there || f.c.Staged() {
			continue
		}
		began := time.Now()
		if failed := r.followOne(ctx, f, p, left); failed != nil {
			e = failed
		}
		left = max(left-time.Since(began), time.Nanosecond) // the last ones are looked at, too
	}
	return e
}

// followOne waits for one package, and returns how the run ends where it cannot be
// read in time.
func (r *release) followOne(ctx context.Context, f finding, p transcript.Package, d time.Duration) *end {
	registry := cmp.Or(p.Registry, f.c.Registry())
	at := ledger.At(registry, p.Name, p.Version)
	r.records.noteReading(at, ledger.Taken)
	seen, err := r.awaitVersion(ctx, f, p, d)
	if seen != npmexec.Readable {
		return r.reportNotVisible(f, p, seen, err)
	}
	r.records.noteReading(at, ledger.Published)
	r.ui.Done(fmt.Sprintf("%s %s is published and can be read on %s", p.Name, p.Version, npm.Host(registry)))
	return nil
}

// awaitVersion looks at a version until it can be read or the time is over.
func (r *release) awaitVersion(ctx context.Context, f finding, p transcript.Package, d time.Duration) (npmexec.Visibility, error) {
	registry, access := cmp.Or(p.Registry, f.c.Registry()), cmp.Or(f.c.Settings.Access, p.Access)
	look := func(ctx context.Context) npmexec.Visibility {
		defer r.ui.Step(asking(registry))()
		return r.npm.CheckVisibility(ctx, registry, p.Name, p.Version, access)
	}
	what := fmt.Sprintf("for %s %s to be readable on %s", p.Name, p.Version, npm.Host(registry))
	return npmexec.AwaitVisible(ctx, look, d, func(next, left time.Duration) error {
		return r.pause(ctx, func(ctx context.Context) error { return r.ui.Pause(ctx, what, next, left) })
	})
}

// reportNotVisible ends a wait for a version that cannot be read yet, or ever.
func (r *release) reportNotVisible(f finding, p transcript.Package, seen npmexec.Visibility, err error) *end {
	registry := cmp.Or(p.Registry, f.c.Registry())
	host := npm.Host(registry)
	d := classify.Diagnosis{
		Cause: classify.Lookup("version-staged"), Vars: map[string]string{"package": p.Name, "version": p.Version, "registry": host},
	}
	if seen == npmexec.Burnt && err == nil {
		d.Cause = classify.Lookup("version-burnt")
		r.records.noteReading(ledger.At(registry, p.Name, p.Version), ledger.NotPublished)
		r.ui.Diagnosis(d.Title(), d.Cause.ID, true, nil, "publish the next version that is free: safepublish --fix bump=patch")
	} else {
		first := fmt.Sprintf("%s accepted %s %s and is still processing it. Do not publish it again.", host, p.Name, p.Version)
		if npm.IsPublic(registry) {
			first += " Since July 2026 it scans what it takes before it shows it: about 5 minutes, 15 and more at peak."
		}
		if err != nil {
			first = "You ended the wait, not the publish. " + first
		}
		r.say(first, "This shows when it can be read:", r.typedAs("npm", "view", p.Name+"@"+p.Version, "version", "--registry="+registry))
	}
	if err != nil {
		return r.interrupted()
	}
	return &end{status: d.Cause.Exit, cause: d.Cause.ID, line: r.lastLine(d.Cause.ID, d.Title())}
}

// followStaged waits, where --wait says so, for a version that was accepted earlier,
// and compares it then. The end is nil where the run goes on.
func (r *release) followStaged(ctx context.Context, a attempt, f finding) (attempt, *end) {
	p := f.c.Last()
	p.Name, p.Version = f.c.Name(), f.c.Version()
	if seen, err := r.awaitVersion(ctx, f, p, r.opt.Wait); seen != npmexec.Readable {
		return a, r.reportNotVisible(f, p, seen, err)
	}
	r.askRegistry(ctx, a, f, []classify.Question{classify.AskThis, classify.AskPackument})
	d, failed := classify.Diagnose(f.c)
	if !failed || d.Cause.ID != "already-published" {
		return a, nil // somebody else's: what was said holds, and the next publish says more
	}
	f.diag = d
	return r.alreadyPublished(ctx, a, f)
}
