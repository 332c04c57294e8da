package runner

import (
	"cmp"
	"fmt"
	"os"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/runner/report"
)

// Check prints everything that stands in the way of a publish, and changes nothing.
// It returns the status of the worst; its error is bad input.
func Check(words npm.Words, asJSON bool, opt Options, env []string, std Streams) (int, error) {
	ctx, guard, stop := newGuard()
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		return 0, fmt.Errorf("finding the current folder: %w", err)
	}
	r, a, err := newRelease(ctx, setup{dir: dir, env: env, words: words, opt: opt, std: std, guard: guard})
	if err != nil {
		return 0, err
	}
	pkg, err := edit.Load(dir, words.NPM)
	if pkg.Kind != "folder" && pkg.Kind != "tarball" {
		return 0, &npm.UsageError{Problem: "check looks at one folder or tarball", Instead: "type safepublish check in the folder of the package"}
	}
	c := r.onDisk(ctx, a, pkg)
	if err != nil {
		c.Package.Problem = err.Error()
	}
	done := r.step("asking npm and the registry")
	c = r.npm.Preflight(ctx, c, r.subject(a, pkg))
	done()
	if ctx.Err() != nil {
		return guard.status(classify.ExitInterrupted), nil
	}
	versions, tag := remedy.Suggest(c)
	findings := preflight.Find(c, preflight.Next{Versions: versions, Tag: tag})
	red := r.npm.Redactor
	if asJSON {
		return preflight.Exit(findings), report.Write(std.Out, preflight.Report(c, findings, red.Lines))
	}
	out := prompts.New(std.In, std.Out, env, red.Lines)
	out.Findings(named(cmp.Or(c.Name(), "this package"), c.Version())+" to "+npm.Host(c.Registry()), findings)
	if w := preflight.Worst(findings); w != nil && r.ask == nil {
		r.ui.Bare(prompts.LastLine(cmp.Or(w.Cause, "check"), w.Text))
	}
	return preflight.Exit(findings), nil
}
