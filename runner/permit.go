package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// permit is the one gate before npm publish: it asks the ledger whether what is about
// to be sent may be. It costs nothing where nothing was sent before. pkg is what is on
// disk now. Where it may not, it says why, and the run ends.
func (r *release) permit(ctx context.Context, a attempt, pkg edit.Package) (attempt, *end) {
	a.same = false
	if r.dry || !r.records.any() {
		return a, nil
	}
	send := ledger.Send{Target: r.aim(ctx, a, pkg), Folder: pkg.Dir, Word: a.word}
	v := r.records.may(send)
	for range r.records.count() { // each may have to be asked about
		if v.Permission != ledger.AskRegistry || !r.checkVisibility(ctx, v.Upload) {
			break
		}
		v = r.records.may(send)
	}
	if r.opt.PackWith != "" && len(r.records.sent(send.Target)) > 0 {
		var stop *end
		if a, stop = r.pack(ctx, a, pkg); stop != nil {
			return a, stop
		}
		from, _ := r.load(ctx, a)
		pkg = from.sent
	}
	if r.mayBeSame(a, send, pkg) {
		send.Contents = r.repack(ctx, a, pkg)
		v = r.records.may(send)
		a.same = r.sentBefore(send)
	}
	if v.Permission == ledger.AskPerson {
		word, fix, err := r.wordFor(a, v, pkg)
		if err != nil {
			return a, r.interrupted()
		}
		a.fixes, a.used = moved(fix, a.fixes, a.used)
		send.Word = word
		v = r.records.may(send)
	}
	if v.Permission != ledger.Granted {
		r.say(r.onlyTheSame(v.Upload, v.Seen, r.records.where(v.Upload))...)
		return a, &end{status: classify.ExitTempFail, cause: "upload-open", line: stillOpen(v.Upload)}
	}
	return a, nil
}

// aim is where the publish of a package goes.
func (r *release) aim(ctx context.Context, a attempt, pkg edit.Package) ledger.Target {
	if pkg.Name == "" {
		return ledger.Target{}
	}
	return ledger.At(r.npm.Registry(ctx, pkg.Name, a.Args, pkg.Config), pkg.Name, pkg.Version)
}

// mayBeSame tells whether it is worth packing the package to compare it: something
// was sent under this name and version, and either it is open or building it again
// can be saved.
func (r *release) mayBeSame(a attempt, send ledger.Send, pkg edit.Package) bool {
	if pkg.Kind != "folder" && pkg.Kind != "tarball" || r.version.Known() && !r.version.Has(npm.PacksReproducibly) {
		return false
	}
	return len(r.records.sent(send.Target)) > 0 && (r.records.pending(send.Target) || builds(pkg, a.Args, r.version))
}

func (r *release) sentBefore(send ledger.Send) bool {
	return slices.ContainsFunc(r.records.sent(send.Target), send.Contents.Is)
}

// checkVisibility asks the registry whether the version of an upload is there, and
// reports whether an answer came.
func (r *release) checkVisibility(ctx context.Context, u ledger.Upload) bool {
	if u.Registry == "" || u.Name == "" || u.Version == "" {
		return false
	}
	defer r.ui.Step(asking(u.Registry))()
	this := r.npm.Facts(ctx, u.Registry, u.Name, u.Version, []classify.Question{classify.AskThis}).RemoteVersion
	r.noted(r.records.noteAnswer(sight(ledger.At(u.Registry, u.Name, u.Version), this, r.head(ctx, this, r.pkg.Dir))))
	return this.Found != classify.Unknown
}

// head returns the commit that is checked out in a folder without changes, for a version
// that says which it was published from; "" where there is nothing to compare.
func (r *release) head(ctx context.Context, this classify.RemoteVersion, dir string) string {
	if this.GitHead == "" {
		return ""
	}
	return npmexec.GitHead(ctx, r.npm.Env, dir)
}

// wordFor returns whose word there is for something that the program may not do by
// itself, and the --fix that gives it. Its error is that the person gave up.
func (r *release) wordFor(a attempt, v ledger.Verdict, pkg edit.Package) (word ledger.Word, fix string, err error) {
	if slices.Contains(a.fixes, "retry") && v.Word <= ledger.Fix {
		return ledger.Fix, "retry", nil
	}
	if r.ask == nil || r.scripted() {
		return ledger.Nobody, "", nil
	}
	u := v.Upload
	r.say("", fmt.Sprintf("%s %s was sent to %s %s, but no answer came; %s.",
		u.Name, u.Version, npm.Host(u.Registry), moment(u.Began), shown(v.Seen)))
	yes, err := r.ask.Confirm(fmt.Sprintf("Publish %s as it is here now anyway?", named(pkg.Name, pkg.Version)), "y")
	if errors.Is(err, prompts.ErrGivenUp) {
		return ledger.Nobody, "", err
	}
	if yes {
		return ledger.Person, "", nil
	}
	return ledger.Nobody, "", nil
}

// shown says what the registry shows of an upload whose answer was lost.
func shown(seen classify.Answer) string {
	switch seen {
	case classify.Yes:
		return "the registry shows that version, but it is not known whether it is yours"
	case classify.No:
		return "the registry does not show it yet"
	}
	return "the registry did not answer"
}

// onlyTheSame says why something else than an open upload is not sent, and how to
// go on. record is the file that remembers it.
func (r *release) onlyTheSame(u ledger.Upload, seen classify.Answer, record string) []string {
	version := u.Version
	if version == "" {
		version = "VERSION"
	}
	return []string{
		"",
		fmt.Sprintf("It is not known whether %s %s was published: it was sent to %s %s, but no answer came; %s.",
			u.Name, version, npm.Host(u.Registry), moment(u.Began), shown(seen)),
		"What is here now is different. It is not sent, because both could end up published. " +
			"Wait and run safepublish again; it asks the registry first. Or look yourself:",
		r.typedAs("npm", "view", u.Name+"@"+version, "dist.shasum", "--registry="+u.Registry),
		compare(u.Contents.Shasum, u.Registry),
		"If you know that it will never appear, delete the record of it:",
		"    " + r.shell.Remove(record),
	}
}

// stillOpen is the last line where an upload is still open.
func stillOpen(u ledger.Upload) string {
	return fmt.Sprintf("safepublish: upload-open: it is not known yet whether %s %s was published; nothing was sent", u.Name, u.Version)
}
