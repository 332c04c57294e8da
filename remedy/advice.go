package remedy

import (
	"cmp"
	"fmt"
	"strings"

	"safepublish/classify/npm"
)

// advise makes an offer that only says what to do.
func advise(title string, lines ...string) []Offer { return []Offer{{Title: title, Lines: lines}} }

var newToken = Remedy{
	ID: "token", Title: "advice: make a new token", Plan: tokenSteps, Fixes: []string{
		"not-logged-in", "token-invalid", "token-unset", "token-scope", "2fa-required", "2fa-token-refused",
		"not-found-unexplained", "forbidden-unexplained", "unauthorized-unexplained",
	},
}

// tokenSteps leads to a token that may publish this package. Only for npmjs.org
// are the page and its fields known.
func tokenSteps(p *Problem) []Offer {
	if !p.onNPM() {
		return nil
	}
	what := p.name()
	if scope, _, ok := strings.Cut(what, "/"); ok {
		what = "the scope " + scope
	}
	return advise("Make a new token (only you can do this)",
		"- open https://www.npmjs.com/settings/"+cmp.Or(p.user(), "YOUR-NAME")+"/tokens/granular-access-tokens/new",
		"- permissions: read and write; packages: "+what+", or all packages where this one does not exist yet",
		"- for publishing without a one-time password, as in CI: tick bypass two-factor authentication",
		"- put it where the old one stood: the secret of your CI, or the line "+npm.NerfDart(p.Case.Registry())+":_authToken= in your own .npmrc")
}

var turnOn2FA = Remedy{ID: "2fa", Title: "advice: turn on two-factor authentication", Plan: secondFactorSteps, Fixes: []string{"2fa-required"}}

// secondFactorSteps leads to the account's own settings. npm profile enable-2fa is no
// way there any more: npmjs.org takes no new code generators since autumn 2025, and
// npm's command line cannot register a passkey.
func secondFactorSteps(p *Problem) []Offer {
	if !p.onNPM() {
		return nil
	}
	return advise("Turn on two-factor authentication (only you can do this)",
		"on https://www.npmjs.com: Account, Two-Factor Authentication, add a passkey or a security key; then log in again")
}

var askMaintainer = Remedy{
	ID: "owner", Title: "advice: ask a maintainer", Plan: ownerSteps, Fixes: []string{"no-permission", "name-taken", "not-found-unexplained"},
}

// ownerSteps says who can let this account publish. npm owner is npmjs.org's way.
func ownerSteps(p *Problem) []Offer {
	who := strings.Join(p.facts().Packument.Maintainers, ", ")
	if who == "" || len(p.Diagnosis.Steps) > 0 {
		return nil
	}
	return advise("Ask a maintainer for access (only they can do this): "+who,
		"they run: npm owner add "+cmp.Or(p.user(), "YOUR-NAME")+" "+p.name())
}

var createScope = Remedy{ID: "scope", Title: "advice: create the organization", Plan: scopeSteps, Fixes: []string{"scope-not-found"}}

// scopeSteps leads to a scope that exists.
func scopeSteps(p *Problem) []Offer {
	scope, _, ok := strings.Cut(strings.TrimPrefix(p.name(), "@"), "/")
	if !ok || !p.onNPM() {
		return nil
	}
	return advise("Create the organization "+scope+" (only you can do this)",
		"open https://www.npmjs.com/org/create, or log in as the user "+scope)
}

var finishScript = Remedy{
	ID: "finish", Title: "advice: run the failed script alone", Plan: finishSteps, Fixes: []string{"published-script-failed"},
}

// finishSteps is all that is left to do after an upload that the registry took.
func finishSteps(p *Problem) []Offer {
	script := cmp.Or(p.Diagnosis.Vars["event"], "postpublish")
	return advise(fmt.Sprintf("%s %s is published; only its script failed", p.name(), p.version()),
		"do not publish again; fix the script and run it alone: npm run "+script)
}

// productSteps is what to do at the registry in question, where it is another
// product than npmjs.org's.
func productSteps(p *Problem) []Offer {
	if len(p.Diagnosis.Steps) == 0 || p.taken() || p.open() {
		return nil
	}
	return []Offer{{ID: "registry", Title: "On " + p.Diagnosis.Product, Lines: bullets(p.Diagnosis.Steps)}}
}

// pageSteps is how the cause's page says to fix what no remedy is made for.
func pageSteps(p *Problem) []Offer {
	c := p.Diagnosis.Cause
	if p.taken() || p.open() || len(c.Fix) == 0 {
		return nil
	}
	return []Offer{{ID: "page", Title: "What you can do", Lines: append(bullets(c.Fix), "more: safepublish explain "+c.ID)}}
}

func bullets(lines []string) []string {
	var all []string
	for _, line := range lines {
		all = append(all, "- "+line)
	}
	return all
}
