package remedy

import (
	"fmt"
	"slices"

	"safepublish/classify/npm"
)

var makePublic = Remedy{
	ID: "access", Usage: "access=PACKAGE", Title: "publish for everyone", Safety: Ask, Plan: accesses,
	Fixes: []string{"payment-required", "unscoped-restricted"},
}

// accesses offers to publish for everyone: this time, or from now on.
func accesses(p *Problem) []Offer {
	var offers []Offer
	public := Flag{"access", "public"}
	if _, set := p.Package.Config["access"]; !set || p.NPM.Has(npm.FlagBeatsPublishConfig) {
		offers = append(offers, Offer{Title: "Publish publicly, this time (--access public)", Plan: Plan{public}})
	}
	if d := p.Package.Draft(); p.cannotEdit() == "" && d.Config("access", "public") {
		var flags []Change
		if given := p.flag("access"); given != "" && given != "public" && p.NPM.Has(npm.FlagBeatsPublishConfig) {
			flags = append(flags, public)
		}
		offers = append(offers, p.edited(Offer{Title: "Publish publicly, now and later (publishConfig.access)"}, d, flags...))
	}
	for i := range offers {
		offers[i].Value, offers[i].Safety, offers[i].Confirm = p.name(), Ask, p.confirmPublic(p.name())
		if p.restricted() != "" { // a --fix that was once written down must not open what somebody has closed since
			offers[i].Safety = NeedsUser
		}
	}
	return offers
}

// restricted says who asked that the package be not public, "" if nobody did.
func (p *Problem) restricted() string {
	given := p.flag("access")
	closed := func(s string) bool { return s == "restricted" || s == "private" }
	switch {
	case closed(given):
		return "The command line says --access " + given + "."
	case p.Package.Private:
		return `package.json says "private": true.`
	case closed(p.Package.Config["access"]):
		return fmt.Sprintf("package.json says \"access\": %q.", p.Package.Config["access"])
	case closed(p.Case.Settings.Access), closed(p.Case.Last().Access): // an .npmrc, the environment: npm's notice tells
		return "npm's settings say access restricted."
	}
	return ""
}

// public says whether the package was to be public under its old name too: a
// name without a scope always is, a scoped one where somebody said so.
func (p *Problem) public() bool {
	said := []string{p.flag("access"), p.Package.Config["access"], p.Case.Settings.Access, p.Case.Last().Access}
	return npm.Scope(p.name()) == "" || slices.Contains(said, "public")
}

// confirmPublic asks before something becomes public.
func (p *Problem) confirmPublic(name string) *Confirm {
	q := fmt.Sprintf("Everyone will be able to install %s, and this cannot be taken back. Publish it publicly?", name)
	if r := p.restricted(); r != "" {
		q = r + " " + q
	}
	return &Confirm{Question: q, Want: "y"}
}

var removePrivate = Remedy{
	ID: "private", Title: `remove "private": true`, Safety: NeedsUser, Edits: true, Plan: unlocks, Fixes: []string{"private-package"},
}

// unlocks offers to publish a package that says it is private. It is the last
// one before giving up: the word may be the only thing that kept it at home.
func unlocks(p *Problem) []Offer {
	if why := p.cannotEdit(); why != "" {
		return p.changeYourself(why, `"private": true`)
	}
	d := p.Package.Draft()
	if !d.Remove("private") {
		return nil
	}
	return []Offer{p.edited(Offer{
		Title: `Remove "private": true and publish`, Safety: NeedsUser,
		Lines:   []string{"package.json says that this package must not be published"},
		Confirm: &Confirm{Question: fmt.Sprintf("%s is marked private. Publish it anyway?", p.name()), Want: p.name()},
	}, d)}
}
