package runner

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// resumePrevious settles what earlier runs left before anything is sent. done means
// that this run ends here.
func (s *session) resumePrevious(ctx context.Context) (status int, done bool) {
	if s.dry {
		s.records.ask((*ledger.Ledger).DryRun)
		return 0, false
	}
	earlier, err := s.takeOver(ctx)
	for errors.Is(err, ledger.ErrBusy) && s.ask != nil {
		if s.ui.Wait(ctx, err.Error(), time.Second) != nil {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
		earlier, err = s.takeOver(ctx)
	}
	var state *ledger.StateError
	switch {
	case errors.Is(err, ledger.ErrBusy):
		return s.stopped(report.NotPublished, prompts.Busy, classify.ExitTempFail)
	case errors.As(err, &state):
		return s.stopped(report.NotPublished, stateLine(state), classify.ExitConfig)
	}
	if ctx.Err() != nil {
		return s.stopped(report.Unknown, "", classify.ExitInterrupted)
	}
	if status, done = s.settleUploads(ctx, earlier); !done && !s.records.anyPending() {
		status, done = s.settleEdits()
	}
	return status, done
}

// stateLine is the last line where the records cannot be read or written.
func stateLine(e *ledger.StateError) string {
	owner, others := e.Owner()
	return prompts.StateUnreadable(e.Path, e.Doing, e.Err, owner, others)
}

// names are the packages that npm would publish, as far as package.json tells.
func (s *session) names(ctx context.Context) []string {
	if s.pkg.Kind != "workspaces" {
		return []string{s.pkg.Name}
	}
	var all []string
	for _, w := range s.npm.Workspaces(ctx, s.attempt.Args) {
		all = append(all, w.Name)
	}
	return all
}

// takeOver opens the records, reads what became of every publish that was cut off,
// and returns the uploads of earlier runs of which nobody knows what became.
func (s *session) takeOver(ctx context.Context) ([]ledger.Upload, error) {
	store, err := ledger.OpenStore(s.npm.StateDir, s.pkg.Dir, s.pkg.Name)
	if err != nil {
		return nil, err
	}
	names := []string{s.pkg.Name}
	if s.pkg.Kind == "workspaces" && store.Any() { // else there is nothing to look for
		names = s.names(ctx)
	}
	others, err := store.CutOff(names...)
	for _, cut := range append(others, store) {
		if err == nil {
			err = s.readCutOff(ctx, cut)
		}
	}
	for _, cut := range others {
		cut.Close()
	}
	var earlier []ledger.Upload
	if err == nil {
		earlier, err = store.Pending(names...)
	}
	if err != nil {
		store.Close()
		return nil, err
	}
	for i := range earlier {
		if u := &earlier[i]; u.Registry == "" && u.Name != "" {
			u.Registry = ledger.At(s.npm.Registry(ctx, u.Name, s.attempt.Args, s.pkg.Config), "", "").Registry
		}
	}
	s.records.open(store, earlier)
	return earlier, nil
}

// readCutOff finds out from npm's own log what became of a publish that was under way
// when its safepublish was ended without a word, and writes that down.
func (s *session) readCutOff(ctx context.Context, store *ledger.Store) error {
	cut := store.Sending
	if cut == nil {
		return nil
	}
	log := s.npm.Left(ctx, cut.Logs)
	unknown := ledger.Upload{State: ledger.Open, Began: cut.Began, Folder: store.Path, As: cut.Name, Left: cut.Version}
	unknown.Target = ledger.At(s.registryToKeep(ctx, "", cut.Name), cut.Name, cut.Version)
	var open []ledger.Upload
	taken := false
	if !log.HasLog {
		open = append(open, unknown)
	}
	for i, p := range log.Packages {
		u := unknown
		version := p.Version
		if i == len(log.Packages)-1 && cut.Name != "" { // as noted when the upload began: what npm's list says is from before the scripts
			version = cut.Version
		}
		if cut.Name == "" && p.Name != "" && npmexec.VersionBelow(store.Path, p.Name) != version { // a script may have raised it
			version = ""
		}
		u.Target = ledger.At(s.registryToKeep(ctx, p.Registry, cmp.Or(p.Name, cut.Name)), cmp.Or(p.Name, cut.Name), version)
		u.Contents = ledger.Contents{Shasum: p.Shasum, Integrity: p.Integrity}
		u.Staged = log.Staged()
		switch p.Upload.State {
		case transcript.Accepted:
			taken = true
			s.arrived(u.Name, u.Version, u.Registry, u.Staged)
		case transcript.Open:
			open = append(open, u)
		}
	}
	if err := store.Keep(open); err != nil { // first there, then no longer here
		return err
	}
	if store.Sending = nil; taken && len(open) == 0 {
		store.Edits = nil // they are published
	}
	return store.Save()
}

// registryToKeep returns the address that a publish of that name went to, where it
// may be written down; the log that told it is redacted.
func (s *session) registryToKeep(ctx context.Context, registry, name string) string {
	if s.keepable(registry) == "" && name != "" {
		registry = s.npm.Registry(ctx, name, s.attempt.Args, s.pkg.Config)
	}
	return s.keepable(registry)
}

// settleUploads asks the registry what became of every upload whose answer was lost,
// and lets nothing else but the same be sent while that is not known.
func (s *session) settleUploads(ctx context.Context, earlier []ledger.Upload) (status int, done bool) {
	for _, u := range earlier {
		s.lookAt(ctx, u)
		if ctx.Err() != nil {
			return s.stopped(report.Unknown, "", classify.ExitInterrupted)
		}
	}
	for _, u := range earlier {
		var fate ledger.Fate
		s.records.ask(func(l *ledger.Ledger) { fate = l.FateOf(u) })
		switch fate {
		case ledger.Stored:
			s.ui.Done(prompts.WasPublished(u.Name, u.Version, u.Registry, u.Began))
			s.change(func([]*remedy.Journal) ([]*remedy.Journal, []string) { return nil, nil }) // they are published
			if s.isThis(u) {
				s.rec.Found(u.Registry, u.Name, u.Version, u.Contents.Shasum)
				return s.stopped(report.AlreadyThere, prompts.LastLine("already-published", prompts.AlreadyPublished(u.Name, u.Version, u.Registry)), 0)
			}
		case ledger.Lost, ledger.Others:
			s.ui.Line(prompts.WasNot(u.Name, u.Version, u.Registry, u.Began, fate == ledger.Others))
		}
	}
	if !s.permit(ctx, s.pkg, ledger.Nobody) {
		if s.gaveUp {
			return s.stopped(report.Unknown, "", classify.ExitInterrupted)
		}
		return s.stopped(report.Unknown, s.lastly, classify.ExitTempFail)
	}
	if s.same {
		u := earlier[len(earlier)-1]
		s.ui.Line(prompts.SameAgain(u.Name, u.Version, u.Began))
	}
	return 0, false
}

// isThis tells whether what is on disk is still the release that was sent: the same
// name, and the version that was sent or that was on disk when it was.
func (s *session) isThis(u ledger.Upload) bool {
	return s.pkg.Kind != "workspaces" && s.pkg.Name == u.Name && (s.pkg.Version == u.Version || s.pkg.Version == u.Left)
}

// settleEdits decides what becomes of the edits of a run that was cut off. Kept
// ones are this run's own from then on.
func (s *session) settleEdits() (status int, done bool) {
	edits, fixes := s.records.leftOver()
	for _, j := range edits {
		j.Tidy()
	}
	if !slices.ContainsFunc(edits, (*remedy.Journal).Left) {
		if len(edits) > 0 {
			s.change(func(all []*remedy.Journal) ([]*remedy.Journal, []string) { // it says what only the person can look at
				_, said := takeBack(all)
				return nil, said
			})
		}
		return 0, false
	}
	s.lines(prompts.LeftEdits(changed(edits, s.pkg.Dir)))
	keep := slices.IndexFunc(s.opt.Fixes, func(f string) bool { return slices.Contains(fixes, f) })
	choice := 0
	switch {
	case keep >= 0:
		s.used = append(s.used, s.opt.Fixes[keep])
		s.opt.Fixes = slices.Delete(slices.Clone(s.opt.Fixes), keep, keep+1)
	case s.ask == nil:
		s.lines(prompts.LeftEditsWayOn(fixes))
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	default:
		var err error
		if choice, err = s.ask.Choose(prompts.LeftWhat, prompts.LeftItems, 0); err != nil || choice == len(prompts.LeftItems)-1 {
			return s.stopped(report.NotPublished, "", classify.ExitInterrupted)
		}
	}
	ok := s.change(func(all []*remedy.Journal) (left []*remedy.Journal, said []string) {
		if choice == 1 {
			return takeBack(all)
		}
		for _, j := range all {
			if err := j.Finish(); err != nil {
				said, choice = append(said, err.Error()), -1
			}
		}
		return all, said
	})
	if !ok || choice < 0 {
		return s.stopped(report.NotPublished, prompts.LeftOver, classify.ExitConfig)
	}
	return 0, false
}

// change replaces the edits that an earlier run has left, and says what became of them.
func (s *session) change(become func([]*remedy.Journal) (left []*remedy.Journal, said []string)) bool {
	said, err := s.records.change(become)
	s.lines(said)
	if err != nil {
		s.ui.Line(err.Error())
	}
	return err == nil
}

// changed returns the files that edits left changed, as they are known to the person:
// relative to the folder where they lie in it.
func changed(edits []*remedy.Journal, folder string) []string {
	var names []string
	for _, j := range edits {
		for _, e := range j.Entries {
			if e.Undone || e.Holds() < remedy.After {
				continue
			}
			name := e.Path
			if rel, err := filepath.Rel(folder, e.Path); err == nil {
				name = filepath.ToSlash(rel)
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
