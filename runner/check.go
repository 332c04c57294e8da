package runner

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// Check prints everything that stands in the way of a publish, and changes nothing.
// It returns the status of the worst; its error is bad input.
func Check(words npm.Words, asJSON bool, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	r, a, err := newRelease(ctx, setup{env: env, words: words, opt: opt, std: std, guard: guard})
	if err != nil {
		return 0, err
	}
	redact := r.npm.Redactor.Lines
	out := prompts.New(std.In, std.Out, env, redact)
	pkg, err := edit.Load(r.npm.Dir, words.NPM)
	if pkg.Kind == "workspaces" {
		return r.checkWorkspaces(ctx, a, asJSON, out)
	}
	if pkg.Kind != "folder" && pkg.Kind != "tarball" {
		return 0, &npm.UsageError{Problem: "check looks only at folders and tarballs", Instead: "run it in the folder of the package"}
	}
	done := r.step("asking npm and the registry")
	c, findings := r.lookAt(ctx, r.onDisk(ctx, a, pkg), err, r.subject(a, pkg))
	done()
	if ctx.Err() != nil {
		return guard.status(classify.ExitInterrupted), nil
	}
	if asJSON {
		return preflight.Exit(findings), report.Write(std.Out, preflight.Report(c, findings, redact))
	}
	r.showFindings(c, findings, out)
	return preflight.Exit(findings), nil
}

// lookAt finds everything that stands in the way of what is on disk. bad is what is wrong
// with its package.json, nil where nothing is.
func (r *release) lookAt(ctx context.Context, disk *classify.Case, bad error, s npmexec.Subject) (*classify.Case, []preflight.Finding) {
	if bad != nil {
		disk.Package.Problem = bad.Error()
	}
	c := r.npm.Preflight(ctx, disk, s)
	next := preflight.Next{Name: npm.ToName(cmp.Or(c.Name(), filepath.Base(s.Dir)))}
	if !npm.ValidName(next.Name) {
		next.Name = ""
	}
	next.Versions, next.Tag = remedy.Suggest(c)
	return c, preflight.Find(c, next)
}

func (r *release) showFindings(c *classify.Case, findings []preflight.Finding, out *prompts.UI) {
	out.Findings(named(cmp.Or(c.Name(), "this package"), c.Version())+" to "+npm.Host(c.Registry()), findings)
	if w := preflight.Worst(findings); w != nil && r.ask == nil {
		r.ui.Bare(prompts.LastLine(cmp.Or(w.Cause, "check"), w.Text))
	}
}

// checkWorkspaces looks at each of the workspaces that a publish would go through: as a
// table, or of one alone as of a folder.
func (r *release) checkWorkspaces(ctx context.Context, a attempt, asJSON bool, out *prompts.UI) (int, error) {
	folders := r.npm.WorkspaceFolders(ctx, a.Args)
	if len(folders) == 0 {
		return 0, &npm.UsageError{Problem: "there is no such workspace here", Instead: "npm query .workspace lists them"}
	}
	var all []preflight.Package
	var found []preflight.Finding
	doc, hosts := preflight.Workspaces{Schema: preflight.Version, NPM: r.version.String()}, map[string]bool{}
	for i, folder := range folders {
		done := r.step(fmt.Sprintf("asking npm and the registry about %s (%d of %d)", filepath.Base(folder), i+1, len(folders)))
		c, p := r.checkWorkspace(ctx, a, folder)
		done()
		switch {
		case ctx.Err() != nil:
			return r.guard.status(classify.ExitInterrupted), nil
		case len(folders) == 1 && !p.Private && !asJSON:
			r.showFindings(c, p.Findings, out)
			return preflight.Exit(p.Findings), nil
		case !p.Private:
			hosts[npm.Host(c.Registry())] = true
		}
		all, found = append(all, p), append(found, p.Findings...)
		one := preflight.Report(c, p.Findings, r.npm.Redactor.Lines)
		doc.Packages = append(doc.Packages, preflight.Workspace{Document: one, Private: p.Private})
	}
	doc.Exit = preflight.Exit(found)
	if asJSON {
		return doc.Exit, report.Write(r.npm.Out, doc)
	}
	headline := fmt.Sprintf("%d workspaces", len(all))
	if len(hosts) > 0 {
		headline += " to " + strings.Join(slices.Sorted(maps.Keys(hosts)), ", ")
	}
	out.Packages(headline, all)
	r.lastOf(all, found)
	return doc.Exit, nil
}

// checkWorkspace looks at one workspace. Of a private one, which npm passes over, nothing
// is asked.
func (r *release) checkWorkspace(ctx context.Context, a attempt, folder string) (*classify.Case, preflight.Package) {
	pkg, bad := edit.Load(folder, nil)
	c := r.onDisk(ctx, a, pkg)
	p := preflight.Package{Name: cmp.Or(pkg.Name, filepath.Base(folder)), Version: pkg.Version, Private: pkg.Private}
	if !pkg.Private {
		c, p.Findings = r.lookAt(ctx, c, bad, npmexec.Subject{Args: a.Args, Spec: folder, Dir: folder})
	}
	return c, p
}

// lastOf prints the last line of a check of several packages: the worst, and whose it is.
func (r *release) lastOf(all []preflight.Package, found []preflight.Finding) {
	worst := preflight.Worst(found)
	if worst == nil || r.ask != nil {
		return
	}
	for _, p := range all {
		if w := preflight.Worst(p.Findings); w != nil && w.Text == worst.Text && w.Cause == worst.Cause {
			r.ui.Bare(prompts.LastLine(cmp.Or(w.Cause, "check"), p.Name+": "+w.Text))
			return
		}
	}
}
