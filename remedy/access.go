package remedy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// accesses offers to publish for everyone: this time, or from now on.
func accesses(p *Problem) []Offer {
	var offers []Offer
	once := Offer{Title: "Publish publicly, this time (--access public)", Plan: Plan{[]Change{Flag{"access", "public"}}}}
	_, set := p.Package.Config["access"]
	if !set || p.NPM > 9 { // else the flag loses against publishConfig
		offers = append(offers, once)
	}
	d := p.Package.Draft()
	if p.fixed() == "" && d.Config("access", "public") {
		kept := Offer{Title: "Publish publicly, now and later (publishConfig.access)", Note: d.Names(), Lines: p.derived(), Plan: plan(d)}
		if given, _ := npm.Get(p.Args, "access", p.NPM); given != "" && given != "public" && p.NPM > 9 {
			kept.Plan.Changes = append(kept.Plan.Changes, Flag{"access", "public"})
		}
		offers = append(offers, kept)
	}
	restricted := p.restricted()
	for i := range offers {
		offers[i].Value, offers[i].Safety = p.name(), Ask
		if restricted != "" { // a --fix that was once written down must not open what somebody has closed since
			offers[i].Safety = NeedsUser
		}
		offers[i].Confirm = p.confirmPublic(p.name())
	}
	return offers
}

// restricted says who asked that the package be not public, "" if nobody did.
func (p *Problem) restricted() string {
	given, _ := npm.Get(p.Args, "access", p.NPM)
	closed := func(s string) bool { return s == "restricted" || s == "private" }
	switch {
	case closed(given):
		return "The command line says --access " + given + "."
	case p.Package.Private:
		return `package.json says "private": true.`
	case closed(p.Package.Access):
		return fmt.Sprintf("package.json says \"access\": %q.", p.Package.Access)
	case closed(p.Case.Local.Access), closed(p.Case.Last().Access): // an .npmrc, the environment: npm's notice tells
		return "npm's settings say access restricted."
	}
	return ""
}

// public says whether the package was to be public under its old name too: a
// name without a scope always is, a scoped one where somebody said so.
func (p *Problem) public() bool {
	given, _ := npm.Get(p.Args, "access", p.NPM)
	return !strings.HasPrefix(p.name(), "@") || slices.Contains([]string{given, p.Package.Access, p.Case.Local.Access, p.Case.Last().Access}, "public")
}

// confirmPublic asks before something becomes public.
func (p *Problem) confirmPublic(name string) *Confirm {
	q := fmt.Sprintf("Everyone will be able to install %s, and this cannot be taken back. Publish it publicly?", name)
	if r := p.restricted(); r != "" {
		q = r + " " + q
	}
	return &Confirm{Question: q, Want: "y"}
}

// packageName is a name that npm takes for a new package (validate-npm-package-name),
// less a leading dash, which reads like a flag.
var packageName = regexp.MustCompile(`^(?:@[a-z0-9~][a-z0-9._~-]*/)?[a-z0-9~][a-z0-9._~-]*$`)

// renames offers the name that the registry suggested, the same in lower case, the
// name under the person's own scope, and any that is typed in.
func renames(p *Problem) []Offer {
	if why := p.fixed(); why != "" {
		return []Offer{fixedAdvice(p, why, "name")}
	}
	var offers []Offer
	seen := map[string]bool{p.name(): true}
	for _, name := range []string{p.Diagnosis.Vars["suggested"], p.lowerCase(), p.mine()} {
		if seen[name] || name == "" {
			continue
		}
		seen[name] = true
		if o, err := p.publishNamed(name); err == nil {
			offers = append(offers, o)
		}
	}
	o := Offer{Title: "Another name …", Safety: Ask}
	o.Hole = &Hole{Label: "Name", Fill: func(s string) (Offer, error) { return p.publishNamed(strings.TrimSpace(s)) }}
	return append(offers, o)
}

// mine returns the package's name under the person's own scope.
func (p *Problem) mine() string {
	if p.me() == "" {
		return ""
	}
	return strings.ToLower("@" + p.me() + "/" + p.name()[strings.Index(p.name(), "/")+1:])
}

// lowerCase returns the name without its capital letters where they are what was
// refused, "" elsewhere.
func (p *Problem) lowerCase() string {
	if p.Diagnosis.Cause.ID != "name-invalid" {
		return ""
	}
	return strings.ToLower(p.name())
}

func (p *Problem) publishNamed(name string) (Offer, error) {
	if !packageName.MatchString(name) || len(name) > 214 {
		return Offer{}, fmt.Errorf("%q is not a name for a new package: npm wants name or @scope/name, in lower case", name)
	}
	if name == p.name() {
		return Offer{}, fmt.Errorf("%s is the name that was refused", name)
	}
	d := p.Package.Draft()
	if !d.Follow("name", name) {
		return Offer{}, fmt.Errorf("package.json has no name that could be changed")
	}
	o := Offer{ID: "rename", Value: name, Title: "Publish as " + name, Safety: Ask, Confirm: p.confirmPublic(name)}
	var flags []Change
	if strings.HasPrefix(name, "@") { // else it is public by itself, and a flag could only say so
		o.Title += ", publicly"
		flags = p.set(d, "access", "public")
	}
	if p.restricted() != "" || !p.public() { // --fix rename does not say that it opens anything
		o.Safety = NeedsUser
	}
	o.Note, o.Lines, o.Plan = d.Names(), append(d.Notes, p.derived()...), plan(d, flags...)
	if p.Ask && p.Package.Mentions != nil { // a search that nobody would read is not made
		if found := p.Package.Mentions(); len(found) > 0 {
			o.Lines = append(o.Lines, fmt.Sprintf("%s also stands in %s; that is left to you", p.Package.Name, strings.Join(found, ", ")))
		}
	}
	return o, nil
}

// unlocks offers to publish a package that says it is private. It is the last
// one before giving up: the word may be the only thing that kept it at home.
func unlocks(p *Problem) []Offer {
	if why := p.fixed(); why != "" {
		return []Offer{fixedAdvice(p, why, `"private": true`)}
	}
	d := p.Package.Draft()
	if !d.Remove("private") {
		return nil
	}
	return []Offer{{
		Title: `Remove "private": true and publish`, Note: d.Names(), Safety: NeedsUser,
		Lines: append([]string{"somebody marked this package as not to be published"}, p.derived()...),
		Confirm: &Confirm{
			Question: fmt.Sprintf("%s was marked private. Publish it all the same?", p.name()),
			Want:     p.name(),
		},
		Plan: plan(d),
	}}
}
