package remedy

import (
	"fmt"
	"strings"
)

// tokenSteps leads to a token that may publish this package. Only for npmjs.org
// are the page and its fields known.
func tokenSteps(p *Problem) []Offer {
	if !p.onNPM() {
		return nil
	}
	user := p.me()
	if user == "" {
		user = "YOUR-NAME"
	}
	what := p.name()
	if scope, _, ok := strings.Cut(what, "/"); ok {
		what = "the scope " + scope
	}
	return []Offer{{
		Title: "Make a new token (only you can do this)",
		Lines: []string{
			"- open https://www.npmjs.com/settings/" + user + "/tokens/granular-access-tokens/new",
			"- permissions: read and write; packages: " + what + ", or all packages where this one does not exist yet",
			"- for publishing without a one-time password, as in CI: tick bypass two-factor authentication",
			"- put it where the old one stood: the secret of your CI, or the line " + nerfDart(p.Case.Registry()) + ":_authToken= in your own .npmrc",
		},
	}}
}

// nerfDart is how npm names a registry in an .npmrc (@npmcli/config, lib/nerf-dart.js).
func nerfDart(registry string) string {
	_, rest, _ := strings.Cut(registry, ":")
	return strings.TrimRight(rest, "/") + "/"
}

// askOwners says who can let this account publish.
func askOwners(p *Problem) []Offer {
	who, me := strings.Join(p.facts().Packument.Maintainers, ", "), p.me()
	if who == "" || len(p.Diagnosis.Steps) > 0 { // npm owner is npmjs.org's way
		return nil
	}
	if me == "" {
		me = "YOUR-NAME"
	}
	return []Offer{{
		Title: "Ask a maintainer for access (only they can do this): " + who,
		Lines: []string{fmt.Sprintf("they run: npm owner add %s %s", me, p.name())},
	}}
}

// finishSteps is all that is left to do after an upload that the registry took.
func finishSteps(p *Problem) []Offer {
	script := p.Diagnosis.Vars["event"]
	if script == "" {
		script = "postpublish"
	}
	return []Offer{{
		Title: fmt.Sprintf("%s %s is published; only its script failed", p.name(), p.version()),
		Lines: []string{"do not publish again; fix the script and run it alone: npm run " + script},
	}}
}

// scopeSteps leads to a scope that exists.
func scopeSteps(p *Problem) []Offer {
	scope, _, ok := strings.Cut(strings.TrimPrefix(p.name(), "@"), "/")
	if !ok || !p.onNPM() {
		return nil
	}
	return []Offer{{
		Title: "Create the organization " + scope + " (only you can do this)",
		Lines: []string{"open https://www.npmjs.com/org/create, or log in as the user " + scope},
	}}
}

// secondFactor leads to the account's own settings. npm profile enable-2fa is no
// way there any more: npmjs.org takes no new code generators since autumn 2025, and
// npm's command line cannot register a passkey.
func secondFactor(p *Problem) []Offer {
	if !p.onNPM() {
		return nil
	}
	return []Offer{{
		Title: "Turn on two-factor authentication (only you can do this)",
		Lines: []string{"on https://www.npmjs.com: Account, Two-Factor Authentication, add a passkey or a security key; then log in again"},
	}}
}

// productSteps is what to do at the registry in question, where it is another
// product than npmjs.org's.
func productSteps(p *Problem) []Offer {
	if len(p.Diagnosis.Steps) == 0 || p.taken() || p.open() {
		return nil
	}
	o := Offer{ID: "registry", Title: "On " + p.Diagnosis.Product}
	for _, line := range p.Diagnosis.Steps {
		o.Lines = append(o.Lines, "- "+line)
	}
	return []Offer{o}
}

// pageSteps is how the cause's page says to fix what no remedy is made for.
func pageSteps(p *Problem) []Offer {
	row := p.Diagnosis.Cause
	if p.taken() || p.open() || len(row.Fix) == 0 {
		return nil
	}
	o := Offer{ID: "page", Title: "What you can do"}
	for _, line := range row.Fix {
		o.Lines = append(o.Lines, "- "+line)
	}
	o.Lines = append(o.Lines, "more: safepublish explain "+row.ID)
	return []Offer{o}
}
