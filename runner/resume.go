package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// resumePrevious settles what earlier runs left before anything is sent.
func (r *release) resumePrevious(ctx context.Context, a attempt) (attempt, *end) {
	if r.dry {
		r.records.with((*ledger.Ledger).DryRun)
		return a, nil
	}
	earlier, elsewhere, err := r.takeOverInTurn(ctx, a)
	switch {
	case errors.Is(err, prompts.ErrGivenUp):
		return a, &end{status: classify.ExitInterrupted, resumed: ledger.NotPublished}
	case errors.Is(err, ledger.ErrBusy):
		return a, &end{
			status: classify.ExitTempFail, cause: "busy", resumed: ledger.NotPublished,
			line: prompts.LastLine("busy", err.Error()+"; nothing was sent"),
		}
	case err != nil:
		return a, &end{status: classify.ExitConfig, cause: "state-unreadable", resumed: ledger.NotPublished, line: stateUnreadable(r.shell, err)}
	}
	if ctx.Err() != nil {
		return a, &end{status: classify.ExitInterrupted, resumed: ledger.Unsettled}
	}
	a, stop := r.resumeUploads(ctx, a, earlier)
	if stop == nil && elsewhere != "" {
		stop = r.editedElsewhere(elsewhere)
	}
	if stop != nil || r.isOpen() {
		return a, stop
	}
	if a, stop = r.resumeEdits(a); stop != nil {
		return a, stop
	}
	if from, _ := r.load(ctx, a); r.records.anyPending() && identityOf(from.sent) != identityOf(r.pkg) { // put back: not what was let through
		if a, stop = r.permitted(ctx, a); stop != nil {
			stop.resumed = ledger.Unsettled
		}
	}
	return a, stop
}

// takeOverInTurn is takeOver, once another safepublish is done where a person is there
// who may wait for it; ErrGivenUp where that was ended.
func (r *release) takeOverInTurn(ctx context.Context, a attempt) (earlier []ledger.Upload, elsewhere string, err error) {
	for began := time.Now(); ; {
		earlier, elsewhere, err = r.takeOver(ctx, a)
		if !errors.Is(err, ledger.ErrBusy) || r.ask == nil {
			return earlier, elsewhere, err
		}
		if r.ui.Await(ctx, err.Error(), time.Second, time.Since(began)) != nil {
			return nil, "", prompts.ErrGivenUp
		}
	}
}

func (r *release) workspaceNames(ctx context.Context, args []string) (names []string, err error) {
	all, err := r.npm.Workspaces(ctx, args)
	for _, w := range all {
		names = append(names, w.Name)
	}
	return names, err
}

// takeOver opens the records, reads what became of every publish that was cut off,
// and returns the uploads of earlier runs of which nobody knows what became, and the
// folder for whose publish, which has not come to its end, package.json was changed here.
func (r *release) takeOver(ctx context.Context, a attempt) (earlier []ledger.Upload, elsewhere string, err error) {
	store, err := ledger.OpenStore(r.npm.StateDir, r.pkg.Dir, r.pkg.Name)
	if err != nil {
		return nil, "", err
	}
	names := []string{r.pkg.Name}
	if r.pkg.Kind == "workspaces" && store.Any() { // else there is nothing to look for
		if names, err = r.workspaceNames(ctx, a.Args); err != nil {
			store.Close()
			return nil, "", err
		}
	}
	others, err := store.CutOff(names...)
	for _, cut := range append(others, store) {
		if err == nil {
			err = r.readCutOff(ctx, a, cut)
		}
	}
	for _, cut := range others {
		cut.Close()
	}
	if err == nil {
		earlier, err = store.Pending(names...)
	}
	if err == nil {
		elsewhere, err = store.EditedFrom(editsIn(r.pkg.Dir, r.pkg.Kind == "workspaces"))
	}
	if err != nil {
		store.Close()
		return nil, "", err
	}
	for i := range earlier {
		if u := &earlier[i]; u.Registry == "" && u.Name != "" {
			u.Registry = ledger.At(r.npm.Registry(ctx, u.Name, a.Args, r.pkg.Config), "", "").Registry
		}
	}
	r.records.open(store, earlier)
	return earlier, elsewhere, nil
}

// readCutOff finds out from npm's own log what became of a publish that was under way
// when its safepublish was ended without a word, and writes that down.
func (r *release) readCutOff(ctx context.Context, a attempt, store *ledger.Store) error {
	cut := store.Sending
	if cut == nil {
		return nil
	}
	log := r.npm.ReadInterrupted(ctx, cut.Logs)
	unknown := ledger.Upload{State: transcript.Open, Began: cut.Began, Folder: store.Path, As: cut.Name, Left: cut.Version}
	unknown.Target = ledger.At(r.registryToKeep(ctx, a, "", cut.Name), cut.Name, cut.Version)
	var open []ledger.Upload
	accepted := false
	if !log.HasLog {
		open = append(open, unknown)
	}
	for i, p := range log.Packages {
		u := unknown
		name, version := cmp.Or(p.Name, cut.Name), p.Version
		if i == len(log.Packages)-1 && cut.Name != "" { // as noted when the upload began: what npm's list says is from before the scripts
			version = cut.Version
		}
		if cut.Name == "" && p.Name != "" && npmexec.VersionBelow(store.Path, p.Name) != version { // a script may have raised it
			version = ""
		}
		u.Target = ledger.At(r.registryToKeep(ctx, a, p.Registry, name), name, version)
		u.Contents = p.Contents()
		u.Staged = log.Staged()
		switch p.Upload.State {
		case transcript.Accepted:
			accepted = true
			r.sayPublished(u.Name, u.Version, u.Registry, u.Staged)
		case transcript.Open:
			open = append(open, u)
		}
	}
	if err := store.Keep(open); err != nil { // first there, then no longer here
		return err
	}
	if store.Sending = nil; accepted && len(open) == 0 {
		store.Edits = nil // they are published
	}
	return store.Save()
}

// registryToKeep returns the address that a publish of that name went to, where it
// may be written down; the log that told it is redacted.
func (r *release) registryToKeep(ctx context.Context, a attempt, registry, name string) string {
	if r.keepable(registry) == "" && name != "" {
		registry = r.npm.Registry(ctx, name, a.Args, r.pkg.Config)
	}
	return r.keepable(registry)
}

// resumeUploads asks the registry what became of every upload whose answer was lost,
// and lets nothing else but the same be sent while that is not known.
func (r *release) resumeUploads(ctx context.Context, a attempt, earlier []ledger.Upload) (attempt, *end) {
	for _, u := range earlier {
		r.checkVisibility(ctx, u)
		if ctx.Err() != nil {
			return a, &end{status: classify.ExitInterrupted, resumed: ledger.Unsettled}
		}
	}
	for _, u := range earlier {
		var fate ledger.Fate
		r.records.with(func(l *ledger.Ledger) { fate = l.FateOf(u) })
		host := npm.Host(u.Registry)
		switch fate {
		case ledger.Stored:
			r.ui.Done(fmt.Sprintf("%s %s is on %s: the upload of %s was stored, although its answer was lost",
				u.Name, u.Version, host, moment(u.Began)))
			r.changeEdits(r.records.publish)
			if r.isThis(u) {
				r.rec.Found(u.Registry, u.Name, u.Version, u.Contents.Shasum)
				title := fmt.Sprintf("%s %s is already on %s with the same contents: nothing to publish", u.Name, u.Version, host)
				return a, &end{resumed: ledger.AlreadyPublished, line: prompts.LastLine("already-published", title)}
			}
		case ledger.Lost:
			r.say(fmt.Sprintf("%s %s, sent %s, is not on %s more than a day later: that upload was not stored.",
				u.Name, u.Version, moment(u.Began), host))
		case ledger.Others:
			r.say(fmt.Sprintf("%s %s was on %s before the upload of %s: that upload was not stored.", u.Name, u.Version, host, moment(u.Began)))
		}
	}
	a, stop := r.permit(ctx, a, r.pkg)
	if stop != nil {
		stop.resumed = ledger.Unsettled
		return a, stop
	}
	if a.same {
		r.say(named(r.pkg.Name, r.pkg.Version) + " was sent before, but no answer came. " +
			"These are the same contents, so sending them again cannot publish anything twice.")
	}
	return a, nil
}

// isOpen tells whether what is on disk may be what an upload has sent that is still open:
// then its edits are decided on with it.
func (r *release) isOpen() bool {
	var open []ledger.Upload
	r.records.with(func(l *ledger.Ledger) { open = l.Pending() })
	return len(open) > 0 && r.pkg.Kind == "workspaces" || slices.ContainsFunc(open, r.isThis)
}

// isThis tells whether what is on disk is still the release that was sent: the same
// name, and the version that was sent or that was on disk when it was.
func (r *release) isThis(u ledger.Upload) bool {
	return r.pkg.Kind != "workspaces" && r.pkg.Name == u.Name && (r.pkg.Version == u.Version || r.pkg.Version == u.Left)
}
