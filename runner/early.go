package runner

import (
	"context"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
)

// refusedEarly looks for a refusal that is certain before the package's scripts run,
// and makes npm 11's checks of the dist-tag for an older npm. What the registry does
// not answer refuses nothing. What it has not answered when the scripts begin is in the
// look that is returned, nil for nothing.
func (r *release) refusedEarly(ctx context.Context, a *attempt, from source) (finding, bool, *look) {
	f := finding{run: run{before: from, after: from}, dry: r.dry, early: true, failed: true}
	if from.pkg.Kind == "workspaces" {
		f, refused := r.workspaceRefusedEarly(ctx, *a, f)
		return f, refused, nil
	}
	if r.records.anyPending() { // while an upload is open only the same is sent again
		return f, false, nil
	}
	c, early, tag := r.lookEarly(ctx, *a, from.sent)
	if !early && !tag && !r.unusable(c) {
		return f, false, nil
	}
	l := r.look(ctx, *a, c, early, tag)
	done := r.step(asking(c.Registry()))
	l.wait(ctx, r.patience(c, tag))
	done()
	known, wall := l.soFar()
	f.c = r.newCase(ctx, *a, f.run)
	f.c.Answers = known.Answers
	refused := true
	switch {
	case ctx.Err() != nil: // ^C: npm must not be started
		f.diag = interrupted()
	case wall != nil:
		f.diag = *wall
	case early && slices.Contains(known.Answers.Packument.Versions, c.Version()):
		f.diag, refused = r.thereAlready(ctx, *a, known, from.sent)
		f.mayBuild = refused && r.decides(*a)
	default:
		refused = false
	}
	if refused {
		l.close()
		return f, true, nil
	}
	if a.number == 1 && r.unusable(c) {
		r.say(preflight.Unusable(c) + ".")
	}
	return f, false, l
}

// lookEarly returns what is known of a package before npm runs, and for what the
// registry is asked: a refusal that would come after the scripts (early), or one of the
// dist-tag that only npm 11 and later make themselves (tag). npm's settings are read where
// there is anything to look for.
func (r *release) lookEarly(ctx context.Context, a attempt, pkg edit.Package) (c *classify.Case, early, tag bool) {
	c = r.onDisk(ctx, a, pkg)
	tag = r.version.Known() && !r.version.Has(npm.ChecksDistTag) && !pkg.Private && pkg.Name != ""
	scripts := !r.opt.NoCheck && r.version.Known() && len(preflight.ScriptsBefore(c)) > 0
	if pkg.Kind != "folder" && pkg.Kind != "tarball" || !scripts && !tag && !r.unusable(c) {
		return c, false, false
	}
	c = r.npm.ReadConfig(ctx, c, r.subject(a, pkg)) // it may say that no scripts are run
	early = scripts && len(preflight.ScriptsBefore(c)) > 0
	return c, early, tag && c.Settings.Tag == "" // what an .npmrc or the environment names npm takes as given
}

// unusable tells whether npm would publish dependencies that nobody can install: it takes
// them without a word.
func (r *release) unusable(c *classify.Case) bool {
	return !r.opt.NoCheck && !c.Package.Private && preflight.Unresolved(c.Package.Manifest) != ""
}

// workspaceRefusedEarly looks into each workspace for dependencies that nobody can
// install, and makes npm 11's checks of its dist-tag.
func (r *release) workspaceRefusedEarly(ctx context.Context, a attempt, f finding) (finding, bool) {
	if r.records.anyPending() {
		return f, false
	}
	for _, folder := range r.npm.WorkspaceFolders(ctx, a.Args) {
		pkg, _ := edit.Load(folder, nil)
		c := r.onDisk(ctx, a, pkg)
		if !r.unusable(c) {
			continue
		}
		c.Settings.Values = r.npm.Config(ctx, a.Args) // it may say that no scripts are run
		if d, refused := preflight.CertainRefusal(c, false); refused && d.Cause.ID == "unresolved-protocol" {
			f.c, f.diag = r.newCase(ctx, a, run{before: source{f.before.pkg, pkg}, after: source{f.before.pkg, pkg}}), d
			return f, true
		}
	}
	ours := r.version.Has(npm.Workspaces) && !r.version.Has(npm.ChecksDistTag)
	if !ours || r.npm.Config(ctx, a.Args)["tag"] != "latest" {
		return f, false
	}
	all, _ := r.npm.Workspaces(ctx, a.Args) // npm was asked before, and publishes all in one run
	for _, w := range all {
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

// thereAlready tells whether the version that is there already is refused before the
// scripts run. The same contents again are no failure, so a person decides whether
// they run (prompts.RunScripts); one who has said with --fix what to do is not asked. A
// new number that a --fix asks for is taken before the build, unless this very release
// seems to be there.
func (r *release) thereAlready(ctx context.Context, a attempt, c *classify.Case, pkg edit.Package) (classify.Diagnosis, bool) {
	if r.decides(a) {
		return preflight.VersionExists(c), a.build != theVersion(c)
	}
	if r.raises(ctx, a, c, pkg) {
		return preflight.VersionExists(c), true
	}
	r.say(theVersion(c) + " is already on " + npm.Host(c.Registry()) +
		". Unless npm packs the same contents, the registry will refuse it after the scripts have run.")
	return classify.Diagnosis{}, false
}

// decides tells whether a person says what becomes of a version that is there.
func (r *release) decides(a attempt) bool { return r.ask != nil && !r.scripted() && len(a.fixes) == 0 }

// raises tells whether a --fix wants a new number for what is there: one that names the
// number always; else not where the version there is from the commit that is checked out,
// or packs to the same without its scripts.
func (r *release) raises(ctx context.Context, a attempt, c *classify.Case, pkg edit.Package) bool {
	bump := slices.IndexFunc(a.fixes, func(fix string) bool { return fix == "bump" || strings.HasPrefix(fix, "bump=") })
	switch {
	case bump < 0:
		return false
	case strings.Contains(a.fixes[bump], "."):
		return true
	case c.Answers.RemoteVersion.Found != classify.Yes:
		return false
	}
	r.compareThere(ctx, a, c, pkg)
	return c.SameBytes() == classify.No
}

func theVersion(c *classify.Case) string { return c.Name() + " " + c.Version() }

// sayUnusable says after a publish that what was sent cannot be installed: a script that
// might have put it right has not.
func (r *release) sayUnusable(f finding) {
	sent := f.result.Manifest // as npm read it after the scripts
	if sent == nil || f.result.ManifestLate {
		if len(afterUpload(f.after.sent)) > 0 {
			return
		}
		sent = f.after.sent.Text // what is there now was there then
	}
	as := preflight.Unresolved(sent)
	if as == "" || r.opt.NoCheck || f.c.Published() != "yes" {
		return
	}
	release := f.c.Name() + "@" + f.c.Version()
	r.say(release+" was published with "+as+", which nobody can install. Publish a higher number with version ranges, then:",
		"    "+r.shell.Quote("npm", "deprecate", release)+` "it cannot be installed"`)
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
		Shell:      r.shell,
	}
	if preflight.Unresolved(pkg.Text) != "" { // who could resolve them is looked for above the folder
		c.Package.Client = npmexec.Client(pkg.Dir)
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
