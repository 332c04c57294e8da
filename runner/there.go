package runner

import (
	"context"
	"fmt"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
)

// foundThere looks, before anything is started, whether the registry has the version:
// for one of several packages, so that a release that is run again sends nothing of
// what is there, and with --skip-existing. Where a script may give the package another
// version nothing is known yet. It returns the finding that the very same is there, or
// how the run ends where another one is, and may stay.
func (r *release) foundThere(ctx context.Context, a attempt, from source) (finding, *end, bool) {
	pkg := from.sent
	looks := (r.queued != nil || r.opt.SkipExisting) && len(a.met) == 0 && !r.dry && pkg.Kind != "workspaces" && !pkg.Private
	if !looks || pkg.Name == "" || pkg.Version == "" || r.records.anyPending() {
		return finding{}, nil, false
	}
	f := finding{run: run{before: from, after: from, built: builds(pkg, a.Args, r.version), began: time.Now()}, failed: true, early: true}
	f.c = r.onDisk(ctx, a, pkg)
	if f.built && preflight.MayRewrite(r.npm.ReadConfig(ctx, f.c, r.subject(a, pkg))) {
		return finding{}, nil, false
	}
	f.c.Package.Built = f.built
	f.c.Settings.Registry = r.aim(ctx, a, pkg).Registry
	done := r.step(asking(f.c.Registry()))
	f.c.Answers = r.npm.Glance(ctx, f.c, []classify.Question{classify.AskThis})
	done()
	if f.c.Answers.RemoteVersion.Found != classify.Yes {
		return finding{}, nil, false
	}
	return r.judgeThere(ctx, a, f)
}

// judgeThere compares the version that is there with what would be sent.
func (r *release) judgeThere(ctx context.Context, a attempt, f finding) (finding, *end, bool) {
	this := f.c.Answers.RemoteVersion
	r.compareThere(ctx, a, f.c, f.after.sent)
	switch {
	case f.c.SameBytes() == classify.Yes:
		there := ledger.Upload{
			Target: target(f.c), State: transcript.NotSent, AlreadyThere: true, Contents: f.c.Package.Packed.Contents, Began: f.began,
		}
		r.noted(r.records.noteEnd([]ledger.Upload{there}))
		r.noted(r.records.noteAnswer(sight(there.Target, this, f.c.Package.Head)))
		f.c.Failed = true
		f.diag, _ = classify.Diagnose(f.c)
		return f, nil, true
	case r.opt.SkipExisting:
		return f, r.skip(f.c), true
	}
	return finding{}, nil, false
}

// compareThere adds to a case what tells whether the version that is there is this release.
func (r *release) compareThere(ctx context.Context, a attempt, c *classify.Case, pkg edit.Package) {
	c.Package.Packed.Contents = r.repack(ctx, a, pkg)
	c.Package.Head = r.head(ctx, c.Answers.RemoteVersion, pkg.Dir)
}

// skip ends where the version is there and may stay, whatever its contents.
func (r *release) skip(c *classify.Case) *end {
	name := named(c.Name(), c.Version())
	r.say(fmt.Sprintf("%s is already on %s, so it is skipped: --skip-existing does not compare the contents.", name, npm.Host(c.Registry())))
	r.rec.Skipped(c.Registry(), c.Name(), c.Version())
	return &end{outcome: ledger.Skipped, line: r.lastLine("version-exists", name+" is on "+npm.Host(c.Registry())+" already; skipped")}
}
