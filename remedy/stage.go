package remedy

import (
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
)

var stageVersion = Remedy{
	ID: "stage", Usage: "stage", Title: "stage it, for a person to approve", Safety: Ask, Lesser: true, Plan: stages,
	Fixes: []string{"stage-only", "oidc-denied"},
}

// stages offers to stage the version: nobody can install it until a person with a
// second factor approves it. An npm that is too old for it only gets the steps.
func stages(p *Problem) []Offer {
	by := npm.ParseVersion(p.Case.NPM)
	if !by.Known() {
		by = p.NPM
	}
	if !by.Has(npm.Stage) {
		return advise("Stage it, then approve it with your second factor",
			"- run, with npm 11.15 or newer: "+strings.TrimSpace("npm stage publish "+p.Case.Shell.Quote(Redacted(p.Args)...)),
			"- then, logged in on your own machine: npm stage list, then npm stage approve ID")
	}
	return []Offer{{
		Title: "Stage it; a maintainer with a second factor then approves it", Note: "npm stage publish", Lines: placeholder(p), Safety: Ask,
		Plan: Plan{Stage{}},
	}}
}

// placeholder says what staging makes public at once: of a new package npmjs.org publishes a
// version 0.0.0-stage (npm/documentation, staged-publishing.mdx; since 2026-10-02, before
// that a new package could not be staged).
func placeholder(p *Problem) []string {
	if !npm.IsPublic(p.Case.Registry()) || p.facts().Packument.Found != classify.No {
		return nil
	}
	return []string{"the package is new: npmjs.org shows its name at once, with a placeholder 0.0.0-stage; this version waits for approval"}
}
