package remedy

import (
	"strings"

	"github.com/Masterminds/semver/v3"
)

// firstStage is the first npm that has npm stage
// (docs.npmjs.com/staged-publishing).
var firstStage = semver.MustParse("11.15.0")

// stages offers to stage the version: nobody can install it until a person with a
// second factor approves it. An npm that is too old for it only gets the steps.
func stages(p *Problem) []Offer {
	if !p.canStage() {
		return []Offer{{
			Title: "Stage it, and approve it with your second factor",
			Lines: []string{
				"- run, with npm 11.15 or newer: " + strings.TrimSpace("npm stage publish "+quoted(p.Args)),
				"- then, logged in on your own machine: npm stage list; npm stage approve ID",
			},
		}}
	}
	return []Offer{{
		Title:  "Stage it, for a maintainer with 2FA to approve",
		Note:   "npm stage publish",
		Safety: Ask,
		Plan:   Plan{[]Change{Stage{}}},
	}}
}

// canStage tells whether this npm has npm stage. Where only its major version is
// known, npm 11 is tried: one that is too old refuses the command and sends nothing.
func (p *Problem) canStage() bool {
	v, err := semver.NewVersion(p.Case.NPM)
	if err != nil {
		return p.NPM >= 11
	}
	return !v.LessThan(firstStage)
}
