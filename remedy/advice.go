package remedy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// advise makes an offer that only says what to do.
func advise(title string, lines ...string) []Offer { return []Offer{{Title: title, Lines: lines}} }

var newToken = Remedy{
	ID: "token", Title: "advice: make a new token", OnNPM: true, Plan: tokenSteps, Fixes: []string{
		"not-logged-in", "token-invalid", "token-unset", "token-scope", "2fa-required", "2fa-token-refused",
		"not-found-unexplained", "forbidden-unexplained", "unauthorized-unexplained",
	},
}

// tokenSteps leads to a token that may publish this package.
func tokenSteps(p *Problem) []Offer {
	what := p.name()
	if scope := npm.Scope(what); scope != "" {
		what = "the scope " + scope
	}
	switch {
	case p.facts().Packument.Found != classify.No:
		what += ", or all packages if this one does not exist yet"
	case npm.Scope(p.name()) != "":
		what += ", or all packages"
	default:
		what = "all packages, because this one is new"
	}
	put := "put it into ${holder}, or in your own .npmrc into the line ${dart}:_authToken="
	if p.Case.InCI() {
		put = "put it into ${holder}"
	}
	return advise("Make a new token (only you can do this)",
		p.fill("- open https://www.npmjs.com/settings/${user}/tokens/granular-access-tokens/new"),
		"- permissions: read and write; packages: "+what,
		"- for publishing without a one-time password, as in CI: tick bypass two-factor authentication",
		"- "+p.fill(put))
}

// fill puts what is known into a text: "npm owner add ${user} ${package}".
func (p *Problem) fill(text string) string { return p.Diagnosis.Fill(p.Case, text) }

// Other products than npmjs.org's have ways of their own: their steps are in the diagnosis.
var askMaintainer = Remedy{
	ID: "owner", Title: "advice: ask a maintainer", Fixes: []string{"no-permission", "name-taken", "not-found-unexplained"},
	Plan: func(p *Problem) []Offer {
		who := strings.Join(p.facts().Packument.Maintainers, ", ")
		if who == "" || len(p.Diagnosis.Steps) > 0 {
			return nil
		}
		return advise("Ask a maintainer for access (only they can do this): "+who,
			p.fill("one of them runs: npm owner add ${user} ${package}${at}"))
	},
}

var createScope = Remedy{
	ID: "scope", Title: "advice: create the organization", OnNPM: true, Fixes: []string{"scope-not-found"},
	Plan: func(p *Problem) []Offer {
		scope := strings.TrimPrefix(npm.Scope(p.name()), "@")
		if scope == "" {
			return nil
		}
		return advise("Create the organization "+scope+" (only you can do this)",
			"open https://www.npmjs.com/org/create, or log in as the user "+scope)
	},
}

// What is left to do after an upload that the registry took.
var finishScript = Remedy{
	ID: "finish", Title: "advice: run the failed script alone", Fixes: []string{"published-script-failed"},
	Plan: func(p *Problem) []Offer {
		has := func(script string) bool { return slices.Contains(p.Package.Scripts, script) }
		event := p.Diagnosis.Vars["event"]
		if event == "publish" || event == "" && has("publish") && !has("postpublish") { // run alone, it may publish
			return advise(fmt.Sprintf("%s %s is published; only its script named publish failed", p.name(), p.version()),
				"do not publish again; rename the script, because npm publish runs a script called publish after the upload")
		}
		return advise(fmt.Sprintf("%s %s is published; only its script failed", p.name(), p.version()),
			"do not publish again; fix the script and run it alone: npm run "+cmp.Or(event, "postpublish"))
	},
}

// productSteps is what to do at the registry in question, where it is another
// product than npmjs.org's.
func productSteps(p *Problem) []Offer {
	if len(p.Diagnosis.Steps) == 0 || p.taken() || p.open() {
		return nil
	}
	return []Offer{{ID: "registry", Title: "What to do on " + p.Diagnosis.Product, Lines: bullets(p.Diagnosis.Steps)}}
}

// pageSteps is how the cause's page says to fix what no remedy is made for.
func pageSteps(p *Problem) []Offer {
	steps := p.Diagnosis.Advice(p.Case)
	if p.taken() || p.open() || len(steps) == 0 {
		return nil
	}
	return []Offer{{
		ID: "page", Title: "What you can do", Lines: append(bullets(steps), "more: safepublish explain "+p.Diagnosis.Cause.ID),
	}}
}

func bullets(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, "- "+line)
	}
	return all
}
