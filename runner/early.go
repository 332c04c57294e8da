package runner

import (
	"bytes"
	"context"
	"slices"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/classify/transcript"
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
	if !r.version.Known() || r.records.anyPending() { // while an upload is open only the same is sent again
		return f, false
	}
	c, early, ok := r.lookEarly(ctx, *a, from.pkg)
	if !ok {
		return f, false
	}
	done := r.step(asking(c.Registry()))
	questions := preflight.Questions(c)
	c.Answers = c.Answers.With(r.npm.Facts(ctx, c.Registry(), c.Name(), c.Version(), questions), questions)
	done()
	f.c = r.newCase(ctx, *a, f.run)
	f.c.Answers = c.Answers
	var refused bool
	f.diag, refused = preflight.CertainRefusal(c, early)
	switch {
	case ctx.Err() != nil: // ^C: npm must not be started
		f.diag, refused = interrupted(), true
	case !refused && early && slices.Contains(c.Answers.Packument.Versions, c.Version()):
		f.diag, refused = r.thereAlready(c, a)
	}
	return f, refused
}

// lookEarly returns what is known of a package before npm runs, where there is
// anything to look for: a refusal that would come after its scripts (early), or one of
// its dist-tag that only npm 11 and later make themselves.
func (r *release) lookEarly(ctx context.Context, a attempt, pkg edit.Package) (c *classify.Case, early, ok bool) {
	checksTag := r.version.Has(npm.ChecksDistTag)
	named := pkg.Kind == "folder" || pkg.Kind == "tarball" && pkg.Name != "" && !checksTag
	c = r.onDisk(ctx, a, pkg)
	early = !r.opt.NoCheck && len(preflight.ScriptsBefore(c)) > 0
	if !named || !early && (checksTag || pkg.Private) {
		return c, false, false
	}
	c = r.npm.ReadConfig(ctx, c, r.subject(a, pkg)) // it may say that no scripts are run
	early = early && len(preflight.ScriptsBefore(c)) > 0
	return c, early, early || !checksTag && c.Settings.Tag == "" // what an .npmrc or the environment names npm takes as given
}

// workspaceRefusedEarly makes npm 11's checks of the dist-tag for each workspace.
func (r *release) workspaceRefusedEarly(ctx context.Context, a attempt, f finding) (finding, bool) {
	ours := r.version.Has(npm.Workspaces) && !r.version.Has(npm.ChecksDistTag)
	if !ours || r.records.anyPending() || r.npm.Config(ctx, a.Args)["tag"] != "latest" {
		return f, false
	}
	for _, w := range r.npm.Workspaces(ctx, a.Args) {
		if w.Private || w.Name == "" {
			continue
		}
		pkg := edit.Package{Kind: f.before.pkg.Kind, Name: w.Name, Version: w.Version, Config: w.PublishConfig}
		c := r.newCase(ctx, a, run{before: source{pkg, pkg}, after: source{pkg, pkg}})
		done := r.step(asking(c.Registry()))
		c.Answers = r.npm.Facts(ctx, c.Registry(), w.Name, w.Version, []classify.Question{classify.AskPackument})
		done()
		c.NPM = r.version.String()
		if d, refused := classify.UnsafeTag(c); refused {
			f.c, f.diag = c, d
			return f, true
		}
	}
	return f, false
}

// thereAlready says that the version is there before the scripts run. The same
// contents again are no failure, so that only a person can decide against the
// build: one who has said with --fix what to do is not asked.
func (r *release) thereAlready(c *classify.Case, a *attempt) (classify.Diagnosis, bool) {
	release := c.Name() + "@" + c.Version()
	r.say(c.Name() + " " + c.Version() + " is already on " + npm.Host(c.Registry()) +
		": unless npm packs the same contents, the registry will refuse it after the scripts have run.")
	if r.ask == nil || r.scripted() || len(a.fixes) > 0 || a.build == release {
		return classify.Diagnosis{}, false
	}
	switch yes, err := r.ask.Confirm("Run the scripts anyway?", "y"); {
	case err != nil:
		return interrupted(), true
	case !yes:
		return preflight.VersionExists(c), true
	}
	a.build = release
	return classify.Diagnosis{}, false
}

func interrupted() classify.Diagnosis {
	return classify.Diagnosis{Cause: classify.Lookup("interrupted"), Sure: true}
}

// onDisk is what the package itself says of its publish.
func (r *release) onDisk(ctx context.Context, a attempt, pkg edit.Package) *classify.Case {
	c := &classify.Case{
		Transcript: transcript.Transcript{NPM: r.version.String()},
		Package:    described(pkg),
		Settings:   classify.Settings{Tag: r.setting(a, "tag", pkg), Access: r.setting(a, "access", pkg)},
	}
	if len(pkg.Files) > 0 {
		c.Package.Manifest = bytes.TrimPrefix(pkg.Files[0].Before, []byte("\ufeff"))
	}
	return c
}

func (r *release) subject(a attempt, pkg edit.Package) npmexec.Subject {
	spec := ""
	if specs := npm.Parse(a.Args).Specs; len(specs) > 0 {
		spec = specs[0]
	}
	return npmexec.Subject{Args: a.Args, Spec: spec, Dir: pkg.Dir}
}
