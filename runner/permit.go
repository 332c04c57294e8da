package runner

import (
	"context"
	"errors"
	"slices"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
)

// permit is the one gate before npm: it asks the ledger whether what is about to be
// sent may be. It costs nothing where nothing was sent before. pkg is what is on disk
// now; false means that nothing is sent, and why was said.
func (s *session) permit(ctx context.Context, pkg remedy.Package, word ledger.Word) bool {
	s.same = false
	if s.dry || !s.records.any() {
		return true
	}
	send := ledger.Send{Target: s.aim(ctx, pkg), Folder: pkg.Dir, Word: word}
	v := s.records.may(send)
	for range s.records.count() { // each may have to be asked about
		if v.Permission != ledger.AskRegistry || !s.lookAt(ctx, v.Upload) {
			break
		}
		v = s.records.may(send)
	}
	if s.mayBeSame(send, pkg) {
		send.Contents = s.repack(ctx, pkg)
		v = s.records.may(send)
		s.same = s.sentBefore(send)
	}
	if v.Permission == ledger.AskPerson {
		send.Word = s.wordFor(v, pkg)
		v = s.records.may(send)
	}
	if v.Permission != ledger.Granted {
		s.blocked(v.Upload)
		return false
	}
	return true
}

// aim is where the publish of a package goes.
func (s *session) aim(ctx context.Context, pkg remedy.Package) ledger.Target {
	if pkg.Name == "" {
		return ledger.Target{}
	}
	return ledger.At(s.npm.Registry(ctx, pkg.Name, s.attempt.Args, pkg.Config), pkg.Name, pkg.Version)
}

// mayBeSame tells whether it is worth packing the package to compare it: something
// was sent under this name and version, and either it is open or building it again
// can be saved.
func (s *session) mayBeSame(send ledger.Send, pkg remedy.Package) bool {
	if pkg.Kind != "folder" && pkg.Kind != "tarball" || s.major > 0 && s.major < 8 {
		return false
	}
	return len(s.sentTo(send.Target)) > 0 && (s.records.pending(send.Target) || builds(pkg, s.attempt.Args, s.major))
}

func (s *session) sentTo(t ledger.Target) (all []ledger.Contents) {
	s.records.ask(func(l *ledger.Ledger) { all = l.Sent(t) })
	return all
}

func (s *session) sentBefore(send ledger.Send) bool {
	return slices.ContainsFunc(s.sentTo(send.Target), func(c ledger.Contents) bool {
		same, known := c.Same(send.Contents)
		return same && known
	})
}

// lookAt asks the registry whether the version of an upload is there. It reports
// whether an answer came, and says what follows where the upload is an earlier run's.
func (s *session) lookAt(ctx context.Context, u ledger.Upload) bool {
	if u.Registry == "" || u.Name == "" || u.Version == "" {
		return false
	}
	c := &classify.Case{Local: classify.Local{Name: u.Name, Version: u.Version, Registry: u.Registry}}
	defer s.ui.Step(prompts.Asking(u.Registry))()
	this := s.npm.Facts(ctx, u.Registry, u.Name, u.Version, []classify.Question{classify.AskThis}).This
	head := ""
	if this.GitHead != "" {
		head = s.npm.Head(ctx, s.pkg.Dir)
	}
	if err := s.records.seen(sight(target(c), this, head)); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
	return this.Found != classify.Unknown
}

// wordFor returns whose word there is for something that the program may not do by
// itself.
func (s *session) wordFor(v ledger.Verdict, pkg remedy.Package) ledger.Word {
	if i := slices.Index(s.opt.Fixes, "retry"); i >= 0 && v.Word <= ledger.Fix {
		s.used = append(s.used, "retry")
		s.opt.Fixes = slices.Delete(slices.Clone(s.opt.Fixes), i, i+1)
		return ledger.Fix
	}
	if s.ask == nil || s.played {
		return ledger.Nobody
	}
	s.lines(prompts.WasSent(v.Upload.Name, v.Upload.Version, v.Upload.Registry, v.Upload.Began, v.Seen == ledger.Yes))
	yes, err := s.ask.Confirm(prompts.SendOther(pkg.Name, pkg.Version), "y")
	s.gaveUp = errors.Is(err, prompts.ErrGivenUp)
	if yes {
		return ledger.Person
	}
	return ledger.Nobody
}

// blocked says why nothing is sent, and how to go on.
func (s *session) blocked(u ledger.Upload) {
	s.lines(prompts.OnlyTheSame(u.Name, u.Version, u.Registry, u.Began, s.records.where(u)))
	s.lastly = prompts.StillOpen(u.Name, u.Version)
}
