package runner

import (
	"context"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
)

// settled reports whether the loop ends here without an offer, and says so.
func (s *session) settled(ctx context.Context, e *end) (status int, done bool) {
	name, version, registry := e.c.Name(), e.c.Version(), e.c.Registry()
	switch {
	case e.result.Got != nil:
		s.cutShort(e)
		s.interrupted()
		return 128 + signalNumber(e.result.Got), true
	case !e.failed && e.c.DryRun:
		return e.result.Exit, true
	case !e.failed:
		if s.records.edited() || s.applied != nil {
			s.arrived(name, version, registry, e.c.Staged())
		}
		return s.follow(ctx, e, e.result.Exit), true
	case e.diag.Cause.ID == "already-published":
		return s.already(ctx, e), true
	case e.diag.Cause.ID == "version-staged" && s.opt.Wait > 0 && !e.dry:
		return s.staged(ctx, e)
	case e.diag.Cause.ID == "interrupted":
		s.cutShort(e)
		return s.last(e), true
	}
	return 0, false
}

// arrived says that the registry took an upload, and of a staged one what is left
// to do.
func (s *session) arrived(name, version, registry string, staged bool) {
	if !staged {
		s.ui.Done(prompts.Published(name, version, registry))
		return
	}
	s.ui.Done(prompts.Staged(name, version, registry))
	s.lines(prompts.Approve(name, registry))
}

// cutShort says what became of the upload of a publish that was ended.
func (s *session) cutShort(e *end) {
	name, version, registry := e.c.Name(), e.c.Version(), e.c.Registry()
	switch {
	case s.records.pending(target(e.c)):
		s.openUpload(e)
	case e.failed && e.c.Published() == "yes":
		s.ui.Settled(prompts.Published(name, version, registry), "", e.diag.Evidence)
	}
}

// already ends where these very bytes are on the registry. A dist-tag that they
// lack is added where a --fix names it, and else named.
func (s *session) already(ctx context.Context, e *end) int {
	s.walls = append(s.walls, e.diag.Cause.ID)
	if e.c.Local.Tag == "" {
		e.c.Local.Tag = s.npm.Tag(ctx, s.attempt.Args) // an .npmrc or the environment may name one
	}
	p := s.problem(ctx, e)
	var more []string
	if tags := remedy.TagsHere(p); len(tags) > 0 {
		more = append(more, prompts.PointedAtBy(tags))
	}
	if s.several(e) { // npm stopped there: the packages after it were not tried
		more = append(more, prompts.NotTried)
	}
	s.ui.Settled(prompts.NothingToPublish(e.diag.Title()), e.diag.Cause.ID, e.diag.Evidence, more...)
	status := s.last(e)
	if s.several(e) {
		return max(e.result.Exit, 1)
	}
	offers := remedy.Offers(p)
	s.rec.Offered(offers, remedy.Offer.Runs)
	if e.dry {
		return status
	}
	if o, err := s.fix(offers); err == nil && o != nil {
		if err := s.apply(ctx, e, *o); err != nil {
			s.lastly = prompts.LastLine("unknown", err.Error())
			return 1
		}
	} else if len(offers) > 0 && offers[0].Runs() != "" {
		s.ui.Line(prompts.NotPointedAtBy(offers[0].Value))
		s.ui.Bare("    " + offers[0].Runs())
	}
	return s.follow(ctx, e, status)
}

// interrupted notes the last line of a run that somebody ended, and returns its
// status.
func (s *session) interrupted() int {
	if s.ask == nil {
		s.lastly = prompts.LastLine("interrupted", classify.Lookup("interrupted").Title)
	}
	return classify.ExitInterrupted
}

// several tells whether npm had more than one package to publish.
func (s *session) several(e *end) bool {
	return e.out.Kind == "workspaces" || len(e.result.Packages) > 1
}

// last notes the line that a run without questions ends with.
func (s *session) last(e *end) int {
	if s.ask == nil {
		s.lastly = prompts.LastLine(e.diag.Cause.ID, e.diag.Title())
	}
	var status int
	s.records.ask(func(l *ledger.Ledger) { status = l.Exit(e.status()) })
	return status
}
