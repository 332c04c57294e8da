package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/journal"
	"safepublish/remedy/report"
	"safepublish/runner/npmargs"
)

// takeUp settles what an earlier run left in this folder before anything is sent.
// done means that this run ends here.
func (s *session) takeUp(ctx context.Context) (status int, done bool) {
	if _, dry := npmargs.Get(s.attempt.Args, "dry-run", s.major); dry {
		return 0, false
	}
	book, err := journal.Open(s.npm.StateDir, s.pkg.Dir)
	for errors.Is(err, journal.ErrBusy) && s.ask != nil {
		if s.ui.Wait(ctx, err.Error(), time.Second) != nil {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
		book, err = journal.Open(s.npm.StateDir, s.pkg.Dir)
	}
	switch {
	case errors.Is(err, journal.ErrBusy):
		return s.stopped(report.NotPublished, prompts.Busy, classify.ExitTempFail)
	case err != nil:
		s.ui.Line(err.Error())
		return s.stopped(report.NotPublished, prompts.LeftUnread, classify.ExitConfig)
	}
	if status, done = s.settleUploads(ctx, book); !done && len(book.Open) == 0 {
		status, done = s.settleEdits(book)
	}
	if done {
		book.Close()
		return status, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book, s.journals = book, book.Edits
	return 0, false
}

// settleUploads asks the registry what became of every upload whose answer was
// lost, and lets nothing else but the same be sent while that is not known.
func (s *session) settleUploads(ctx context.Context, book *journal.Book) (status int, done bool) {
	for _, j := range book.Edits {
		j.Tidy()
	}
	if cut := book.Sending; cut != nil {
		log := s.npm.Left(ctx, cut.Logs)
		for _, p := range book.CutOff(log, s.keepable(s.npm.Registry(ctx, cut.Name, s.attempt.Args, s.pkg.Config))) {
			s.arrived(p.Name, p.Version, p.Registry, log.Staged())
		}
	}
	var same []journal.Upload
	for _, u := range slices.Clone(book.Open) {
		if u.Registry == "" {
			u.Registry = s.npm.Registry(ctx, u.Name, s.attempt.Args, s.pkg.Config)
		}
		if s.reconsider(ctx, book, u) == journal.Ours {
			same = append(same, u)
		}
	}
	_ = book.Save()
	if ctx.Err() != nil {
		return s.stopped(report.Unknown, "", classify.ExitInterrupted)
	}
	for _, u := range same {
		if u.Sends(s.packs(ctx, u)) {
			return s.stopped(report.AlreadyThere, prompts.LastLine("already-published", prompts.AlreadyPublished(u.Name, u.Version, u.Registry)), 0)
		}
	}
	for _, u := range book.Open {
		other := s.pkg.Kind == "folder" && !u.Is(s.pkg.Name, s.pkg.Version)
		if other || len(u.Shasums) > 0 && !u.Sends(s.packs(ctx, u)) {
			if ctx.Err() != nil {
				return s.stopped(report.Unknown, "", classify.ExitInterrupted)
			}
			s.lines(prompts.OnlyTheSame(u.Name, u.Version, u.Registry, u.Sent, book.Path()))
			return s.stopped(report.Unknown, prompts.StillOpen(u.Name, u.Version), classify.ExitTempFail)
		}
		s.ui.Line(prompts.SameAgain(u.Name, u.Version, u.Sent, len(u.Shasums) > 0))
		s.sent[u.Name+"@"+u.Version] = u.Shasums
	}
	return 0, false
}

// reconsider asks the registry what became of one upload of an earlier run, and
// says so.
func (s *session) reconsider(ctx context.Context, book *journal.Book, u journal.Upload) journal.Fate {
	c := &classify.Case{Local: classify.Local{Name: u.Name, Version: u.Version, Registry: u.Registry}}
	s.askRegistry(ctx, c, []classify.Question{classify.AskThis})
	fate := u.Judge(c.Facts.This, time.Now())
	switch fate {
	case journal.Unknown:
		return fate
	case journal.Ours:
		book.Edits = nil
		s.ui.Done(prompts.WasPublished(u.Name, u.Version, u.Registry, u.Sent))
	default:
		s.ui.Line(prompts.WasNot(u.Name, u.Version, u.Registry, u.Sent, c.Facts.This.By, fate == journal.Lost, fate == journal.Others))
	}
	book.Settled(u.Name, u.Version)
	return fate
}

// packs returns the shasum of what would be sent now in place of an upload.
func (s *session) packs(ctx context.Context, u journal.Upload) string {
	defer s.ui.Step(prompts.Packing(u.Name))()
	return s.npm.Packs(ctx, s.attempt.Args, u.Name, u.Version)
}

// settleEdits decides what becomes of the edits of a run that was cut off. Kept
// ones are this run's own from then on.
func (s *session) settleEdits(book *journal.Book) (status int, done bool) {
	if !slices.ContainsFunc(book.Edits, (*remedy.Journal).Left) {
		s.takeBack(book.Edits) // says what only the person can look at
		book.Edits = nil
		_ = book.Save()
		return 0, false
	}
	s.lines(prompts.LeftEdits(book.Changed()))
	keep := slices.IndexFunc(s.opt.Fixes, func(f string) bool { return slices.Contains(book.Fixes, f) })
	choice := 0
	switch {
	case keep >= 0:
		s.used = append(s.used, s.opt.Fixes[keep])
		s.opt.Fixes = slices.Delete(slices.Clone(s.opt.Fixes), keep, keep+1)
	case s.ask == nil:
		s.lines(prompts.LeftEditsWayOn(book.Fixes))
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	default:
		var err error
		if choice, err = s.ask.Choose(prompts.LeftWhat, prompts.LeftItems, 0); err != nil || choice == len(prompts.LeftItems)-1 {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
	}
	var err error
	if choice == 1 {
		book.Edits = s.takeBack(book.Edits)
	} else {
		err = book.Finish()
	}
	if err = errors.Join(err, book.Save()); err != nil {
		s.ui.Line(err.Error())
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	}
	return 0, false
}
