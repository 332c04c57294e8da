package runner

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// guarded looks for a refusal that is sure before the package's scripts run, and
// makes npm 11's checks of the dist-tag for an older npm. It reports whether
// something refuses. What the registry does not answer refuses nothing.
func (s *session) guarded(ctx context.Context, e *end) bool {
	if e.pkg.Kind == "workspaces" {
		return s.guardedWorkspaces(ctx, e)
	}
	f := s.facts(ctx, e.pkg)
	early := !s.opt.NoCheck && len(f.Before()) > 0
	known := e.pkg.Kind == "folder" || e.pkg.Kind == "tarball" && e.pkg.Name != "" && s.major <= 10
	if s.major == 0 || !known || s.records.anyPending() || !early && (s.major > 10 || e.pkg.Private) {
		return false // while an upload is open only the same is sent again
	}
	s.npm.Settle(ctx, f, s.subject(e.pkg))
	if early = early && len(f.Before()) > 0; !early && (s.major > 10 || f.Tag != "") {
		return false // what an .npmrc or the environment names npm takes as given
	}
	done := s.step(prompts.Asking(f.Registry))
	f.Answers = s.npm.Facts(ctx, f.Registry, f.Name, f.Version, f.Questions())
	done()
	e.c = s.newCase(ctx, e)
	e.c.Facts = f.Answers
	if e.diag, e.failed = preflight.Doomed(f, early); ctx.Err() != nil { // ^C: npm must not be started
		e.diag, e.failed = interrupted(), true
	}
	if !e.failed && early && slices.Contains(f.Answers.Packument.Versions, f.Version) {
		s.thereAlready(f, e)
	}
	e.early = e.failed
	return e.failed
}

// guardedWorkspaces makes npm 11's checks of the dist-tag for each workspace.
func (s *session) guardedWorkspaces(ctx context.Context, e *end) bool {
	if s.major < 7 || s.major > 10 || s.records.anyPending() || s.npm.Tag(ctx, s.attempt.Args) != "latest" {
		return false
	}
	for _, w := range s.npm.Workspaces(ctx, s.attempt.Args) {
		if w.Private || w.Name == "" {
			continue
		}
		pkg := remedy.Package{Kind: e.pkg.Kind, Name: w.Name, Version: w.Version, Config: w.PublishConfig}
		one := &end{pkg: pkg, out: pkg}
		one.c = s.newCase(ctx, one)
		done := s.step(prompts.Asking(one.c.Registry()))
		one.c.Facts = s.npm.Facts(ctx, one.c.Registry(), w.Name, w.Version, []classify.Question{classify.AskPackument})
		done()
		if d, ok := classify.Guard(one.c, s.major); ok {
			e.c, e.diag, e.failed, e.early = one.c, d, true, true
			return true
		}
	}
	return false
}

// thereAlready says that the version is there before the scripts run. The same
// contents again are no failure, so that only a person can decide against the
// build: one who has said with --fix what to do is not asked.
func (s *session) thereAlready(f *preflight.Facts, e *end) {
	s.ui.Line(prompts.ThereAlready(f.Name, f.Version, f.Registry))
	release := f.Name + "@" + f.Version
	if s.ask == nil || s.played || len(s.opt.Fixes) > 0 || s.builds == release {
		return
	}
	switch yes, err := s.ask.Confirm(prompts.RunTheScripts, "y"); {
	case err != nil:
		e.diag, e.failed = interrupted(), true
	case !yes:
		e.diag, e.failed = f.There(), true
	default:
		s.builds = release
	}
}

func interrupted() classify.Diagnosis {
	return classify.Diagnosis{Cause: classify.Lookup("interrupted"), Sure: true}
}

// step says what is being done where somebody is there to wait: a publish that
// goes well prints nothing of ours.
func (s *session) step(what string) (done func()) {
	if s.ask == nil {
		return func() {}
	}
	return s.ui.Step(what)
}

// facts is what the package itself says of its publish.
func (s *session) facts(ctx context.Context, pkg remedy.Package) *preflight.Facts {
	f := &preflight.Facts{
		NPM: s.npm.Version(ctx), Kind: pkg.Kind, Name: pkg.Name, Version: pkg.Version, Private: pkg.Private,
		Tag: s.given("tag", pkg), Access: s.given("access", pkg),
	}
	if len(pkg.Files) > 0 {
		f.Manifest = bytes.TrimPrefix(pkg.Files[0].Before, []byte("\ufeff"))
	}
	return f
}

func (s *session) subject(pkg remedy.Package) npmexec.Subject {
	spec := ""
	if specs := npm.Parse(s.attempt.Args, s.major).Specs; len(specs) > 0 {
		spec = specs[0]
	}
	return npmexec.Subject{Args: s.attempt.Args, Spec: spec, Dir: pkg.Dir, PublishConfig: pkg.Config}
}

// Check prints everything that stands in the way of a publish, and changes nothing.
// It returns the status of the worst; its error is bad input.
func Check(words npm.Words, asJSON bool, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		return 0, fmt.Errorf("finding the current folder: %w", err)
	}
	s, err := newSession(ctx, guard, dir, env, words, opt, std)
	if err != nil {
		return 0, err
	}
	pkg, err := remedy.Load(dir, words.NPM, s.major)
	if pkg.Kind != "folder" && pkg.Kind != "tarball" {
		return 0, &npm.UsageError{Problem: "check looks at one folder or tarball", Instead: "type safepublish check in the folder of the package"}
	}
	f := s.facts(ctx, pkg)
	if err != nil {
		f.Unusable = err.Error()
	}
	done := s.step(prompts.Checking)
	s.npm.Survey(ctx, f, s.subject(pkg))
	done()
	if ctx.Err() != nil {
		return guard.status(classify.ExitInterrupted), nil
	}
	f.Next, f.NextTag = remedy.Suggest(f.Case())
	findings := preflight.Find(f)
	if asJSON {
		return preflight.Exit(findings), report.Write(std.Out, preflight.Report(f, findings, s.red.Lines))
	}
	out := prompts.New(std.In, std.Out, env)
	out.SetRedactor(s.red.Lines)
	out.Findings(prompts.CheckOf(f.Name, f.Version, f.Registry), findings)
	if w := preflight.Worst(findings); w != nil && s.ask == nil {
		s.ui.Bare(prompts.LastLine(cmp.Or(w.Cause, "check"), w.Text))
	}
	return preflight.Exit(findings), nil
}
