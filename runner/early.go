package runner

import (
	"bytes"
	"context"
	"slices"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/prompts"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
)

// refusedEarly looks for a refusal that is certain before the package's scripts run,
// and makes npm 11's checks of the dist-tag for an older npm. What the registry does
// not answer refuses nothing.
func (r *release) refusedEarly(ctx context.Context, a *attempt, from source) (finding, bool) {
	f := finding{run: run{before: from, after: from}, dry: r.dry, early: true, failed: true}
	if from.pkg.Kind == "workspaces" {
		return r.workspaceRefusedEarly(ctx, *a, f)
	}
	facts := r.facts(ctx, *a, from.pkg)
	early := !r.opt.NoCheck && len(facts.Before()) > 0
	known := from.pkg.Kind == "folder" || from.pkg.Kind == "tarball" && from.pkg.Name != "" && r.major <= 10
	if r.major == 0 || !known || r.records.anyPending() || !early && (r.major > 10 || from.pkg.Private) {
		return f, false // while an upload is open only the same is sent again
	}
	r.npm.Settle(ctx, facts, r.subject(*a, from.pkg))
	if early = early && len(facts.Before()) > 0; !early && (r.major > 10 || facts.Tag != "") {
		return f, false // what an .npmrc or the environment names npm takes as given
	}
	done := r.step(asking(facts.Registry))
	facts.Answers = r.npm.Facts(ctx, facts.Registry, facts.Name, facts.Version, facts.Questions())
	done()
	f.c = r.newCase(ctx, *a, f.run)
	f.c.Facts = facts.Answers
	var refused bool
	f.diag, refused = preflight.Doomed(facts, early)
	switch {
	case ctx.Err() != nil: // ^C: npm must not be started
		f.diag, refused = interrupted(), true
	case !refused && early && slices.Contains(facts.Answers.Packument.Versions, facts.Version):
		f.diag, refused = r.thereAlready(facts, a)
	}
	return f, refused
}

// workspaceRefusedEarly makes npm 11's checks of the dist-tag for each workspace.
func (r *release) workspaceRefusedEarly(ctx context.Context, a attempt, f finding) (finding, bool) {
	if r.major < 7 || r.major > 10 || r.records.anyPending() || r.npm.Tag(ctx, a.Args) != "latest" {
		return f, false
	}
	for _, w := range r.npm.Workspaces(ctx, a.Args) {
		if w.Private || w.Name == "" {
			continue
		}
		pkg := edit.Package{Kind: f.before.pkg.Kind, Name: w.Name, Version: w.Version, Config: w.PublishConfig}
		c := r.newCase(ctx, a, run{before: source{pkg, pkg}, after: source{pkg, pkg}})
		done := r.step(asking(c.Registry()))
		c.Facts = r.npm.Facts(ctx, c.Registry(), w.Name, w.Version, []classify.Question{classify.AskPackument})
		done()
		if d, refused := classify.Guard(c, r.major); refused {
			f.c, f.diag = c, d
			return f, true
		}
	}
	return f, false
}

// thereAlready says that the version is there before the scripts run. The same
// contents again are no failure, so that only a person can decide against the
// build: one who has said with --fix what to do is not asked.
func (r *release) thereAlready(facts *preflight.Facts, a *attempt) (classify.Diagnosis, bool) {
	release := facts.Name + "@" + facts.Version
	r.say(facts.Name + " " + facts.Version + " is already on " + prompts.Host(facts.Registry) +
		": unless npm packs the same contents, the registry will refuse it after the scripts have run.")
	if r.ask == nil || r.scripted() || len(a.fixes) > 0 || a.build == release {
		return classify.Diagnosis{}, false
	}
	switch yes, err := r.ask.Confirm("Run the scripts anyway?", "y"); {
	case err != nil:
		return interrupted(), true
	case !yes:
		return facts.There(), true
	}
	a.build = release
	return classify.Diagnosis{}, false
}

func interrupted() classify.Diagnosis {
	return classify.Diagnosis{Cause: classify.Lookup("interrupted"), Sure: true}
}

// facts is what the package itself says of its publish.
func (r *release) facts(ctx context.Context, a attempt, pkg edit.Package) *preflight.Facts {
	f := &preflight.Facts{
		NPM: r.npm.Version(ctx), Kind: pkg.Kind, Name: pkg.Name, Version: pkg.Version, Private: pkg.Private,
		Tag: r.setting(a, "tag", pkg), Access: r.setting(a, "access", pkg),
	}
	if len(pkg.Files) > 0 {
		f.Manifest = bytes.TrimPrefix(pkg.Files[0].Before, []byte("\ufeff"))
	}
	return f
}

func (r *release) subject(a attempt, pkg edit.Package) npmexec.Subject {
	spec := ""
	if specs := npm.Parse(a.Args, r.major).Specs; len(specs) > 0 {
		spec = specs[0]
	}
	return npmexec.Subject{Args: a.Args, Spec: spec, Dir: pkg.Dir, PublishConfig: pkg.Config}
}
