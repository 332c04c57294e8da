package runner

import (
	"cmp"
	"context"
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// follow waits, where --wait says so, until what was published can be read, and
// returns the status to end with: status where it can.
func (s *session) follow(ctx context.Context, e *end, status int) int {
	for _, p := range e.c.Packages {
		there := p.Upload.State == transcript.Accepted || e.failed && e.c.Published() == "yes"
		if s.opt.Wait <= 0 || status != 0 || !there || e.c.Staged() {
			continue
		}
		began := time.Now()
		status = s.followOne(ctx, e, p)
		s.opt.Wait = max(s.opt.Wait-time.Since(began), time.Nanosecond) // the last ones are looked at, too
	}
	return status
}

func (s *session) followOne(ctx context.Context, e *end, p transcript.Package) int {
	at := ledger.At(cmp.Or(p.Registry, e.c.Registry()), p.Name, p.Version)
	s.records.read(at, ledger.Taken)
	seen, err := s.sight(ctx, e, p)
	if seen != npmexec.Readable {
		return s.unseen(e, p, seen, err)
	}
	s.records.read(at, ledger.Published)
	s.ui.Done(prompts.Readable(p.Name, p.Version, cmp.Or(p.Registry, e.c.Registry())))
	return 0
}

// sight looks at a version until it can be read or the time of --wait is over.
func (s *session) sight(ctx context.Context, e *end, p transcript.Package) (npmexec.Sight, error) {
	registry, access := cmp.Or(p.Registry, e.c.Registry()), cmp.Or(e.c.Local.Access, p.Access)
	look := func(ctx context.Context) npmexec.Sight {
		defer s.ui.Step(prompts.Asking(registry))()
		return s.npm.Look(ctx, registry, p.Name, p.Version, access)
	}
	return npmexec.Follow(ctx, look, s.opt.Wait, func(next, left time.Duration) error {
		return s.pause(ctx, func(ctx context.Context) error {
			return s.ui.Pause(ctx, prompts.ToBeReadable(p.Name, p.Version, registry), next, left)
		})
	})
}

// unseen ends a wait for a version that cannot be read yet, or ever.
func (s *session) unseen(e *end, p transcript.Package, seen npmexec.Sight, err error) int {
	registry := cmp.Or(p.Registry, e.c.Registry())
	vars := map[string]string{"package": p.Name, "version": p.Version, "registry": prompts.Host(registry)}
	d := classify.Diagnosis{Cause: classify.Lookup("version-staged"), Vars: vars}
	if seen == npmexec.Burnt && err == nil {
		d.Cause = classify.Lookup("version-burnt")
		s.records.read(ledger.At(registry, p.Name, p.Version), ledger.NotPublished)
		s.ui.Diagnosis(d.Title(), d.Cause.ID, true, nil, prompts.NextFree)
	} else {
		s.processing(p, registry, err != nil)
	}
	if err != nil {
		return s.interrupted()
	}
	if s.ask == nil {
		s.lastly = prompts.LastLine(d.Cause.ID, d.Title())
	}
	return d.Cause.Exit
}

// staged waits, where --wait says so, for a version that was accepted earlier, and
// compares it then. done is false where that does not end the loop.
func (s *session) staged(ctx context.Context, e *end) (status int, done bool) {
	p := e.c.Last()
	p.Name, p.Version = e.c.Name(), e.c.Version()
	if seen, err := s.sight(ctx, e, p); seen != npmexec.Readable {
		return s.unseen(e, p, seen, err), true
	}
	s.askRegistry(ctx, e, []classify.Question{classify.AskThis, classify.AskPackument})
	d, failed := classify.Diagnose(e.c)
	if !failed || d.Cause.ID != "already-published" {
		return 0, false // somebody else's: what was said holds, and the next publish says more
	}
	e.diag = d
	return s.already(ctx, e), true
}

func (s *session) processing(p transcript.Package, registry string, ended bool) {
	for _, line := range prompts.Processing(p.Name, p.Version, registry, ended) {
		s.ui.Line(line)
	}
}
