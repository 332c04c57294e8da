package classify

import (
	"cmp"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// login says in one word what npm has to log in with.
func (c *Case) login() string {
	if c.Answers.Npmrc == nil {
		answer, _ := c.loginShown()
		return answer
	}
	found := c.Answers.Npmrc.Credential(c.Registry())
	switch found.Holds() {
	case HeldUnset:
		if slices.ContainsFunc(found.Uses, func(s Setting) bool { return strings.Contains(s.Key, "${") }) {
			return "empty" // npm finds no login where a variable in its address is not set
		}
		return "unset"
	case HeldPlaceholder:
		return "placeholder"
	case HeldMalformed:
		return "malformed"
	case HeldPresent:
		return "present"
	}
	if len(found.Uses) > 0 || slices.ContainsFunc(found.Hidden, Setting.empty) {
		return "empty"
	}
	return "none"
}

// readLogin shows where the login is from, what it holds, and what it hides; or for
// which other addresses there is one.
func readLogin(c *Case) (answer string, shown []Evidence) {
	if c.Answers.Npmrc == nil {
		return c.loginShown()
	}
	found := c.Answers.Npmrc.Credential(c.Registry())
	for _, s := range found.Uses {
		shown = addEvidence(shown, Evidence{s.Where(), held(s)})
	}
	for _, s := range found.Hidden {
		if s.empty() {
			shown = addEvidence(shown, Evidence{s.Where(), held(s)})
		}
	}
	for _, s := range found.Hidden {
		if !s.empty() && len(shown) > 0 {
			shown = append(shown, Evidence{s.Where(), "a login for the same registry, which npm does not use: " + shown[0].From + " comes first"})
		}
	}
	if len(shown) == 0 {
		shown = []Evidence{{"npm config", "no login for " + npm.Host(c.Registry()) + forOthers(c.Registry(), found)}}
		if c.lacksSlash() == Yes {
			shown = append(shown, Evidence{"npm config", noSlashText})
		}
		if own := c.Answers.Npmrc.Ignored; own != "" {
			shown = append(shown, Evidence{own, "npm ignores this file: " + c.Answers.Npmrc.WhyIgnored()})
		}
	}
	if found.Holds() != HeldPresent {
		for _, u := range c.Answers.Npmrc.Unnamed {
			shown = append(shown, Evidence{u.Name, u.Says(c.Registry())})
		}
	}
	return c.login(), append(shown, noTrust(c)...)
}

// WhyIgnored says of Ignored what few know: why npm does not read it.
func (n Npmrc) WhyIgnored() string {
	if all := n.All("workspaces"); len(all) > 0 && all[0].Level == "cli" && all[0].Plain == "false" {
		return "--workspaces=false makes this folder a project of its own"
	}
	return "put its lines into the .npmrc at the project's root"
}

// loginLines are what a saved log shows of the login: the action of changesets, and the
// environment that GitHub prints of a step, where setup-node put its placeholder.
var loginLines = []struct {
	fits   *pattern.Pattern
	answer string
}{
	{pattern.New(`^No NPM_TOKEN or OIDC available`), "unset"},
	{pattern.New(`^NODE_AUTH_TOKEN: X{5}-`), "placeholder"},
}

func (c *Case) loginShown() (answer string, shown []Evidence) {
	for _, said := range loginLines {
		if l, ok := c.line("", said.fits); ok {
			return said.answer, []Evidence{{l.From, l.Text}}
		}
	}
	return "", nil
}

// forOthers names the hosts that there is a login for. Their paths are left out:
// some registries keep a secret there.
func forOthers(registry string, found Credential) string {
	var hosts []string
	for _, at := range found.Registries {
		if h := npm.Host("x:" + at); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	switch {
	case len(found.Near) > 0:
		return "; " + nearBy(registry, found.Near)
	case len(hosts) > 0:
		return ", only for " + strings.Join(hosts, ", ")
	}
	return ""
}

// noSlashText says why a login that stands under the registry's very address is not taken.
const noSlashText = "the registry's address has no slash at its end, so npm looks for a login of the address above it"

// lacksSlash tells whether the registry's address ends in a path without a slash behind it.
// npm looks for a login of what is left of it up to the last slash (npm.NerfDart), so
// that none that stands under the address itself is taken.
func (c *Case) lacksSlash() Answer {
	r := c.Registry()
	return yesIf(npm.NerfDart(r) != npm.NerfDart(strings.TrimSuffix(r, "/")+"/"))
}

// nearBy says why npm does not take a credential of the same host. What stands behind
// the last slash of an address does not count (npm.NerfDart), so that one without a
// slash at its end is another address than the one with it.
func nearBy(registry string, near []Setting) string {
	for _, s := range near {
		switch at, kind := CredentialKey(s.Key); {
		case at == npm.NerfDart(registry+"/"):
			return s.Where() + " has one for this address with a slash at its end"
		case at+"/" == npm.NerfDart(registry):
			return s.Where() + " has one without the slash before :" + kind
		}
	}
	return near[0].Where() + " has one for another path of that host"
}

// held says what a credential holds.
func held(s Setting) string {
	vars, suffix := "", ""
	if len(s.Vars) > 0 {
		vars = "${" + strings.Join(s.Vars, "}, ${") + "}"
		suffix = " (" + vars + ")"
	}
	switch s.Holds {
	case HeldUnset:
		return "the login is " + vars + ", which is not set here: npm sends the name itself"
	case HeldPlaceholder:
		return "the login is a placeholder, not a token" + suffix
	case HeldMalformed:
		return "the login contains a line break, a space or a quotation mark" + suffix
	case HeldEmpty:
		return "the login is empty" + suffix
	}
	return "the login that npm uses" + suffix
}

// noTrust says in a CI that npm trusts why npm did not try trusted publishing.
func noTrust(c *Case) []Evidence {
	ci := c.CI
	if ci.Name == "" || c.exchange() != "no" {
		return nil
	}
	if by := c.By(); by.Known() && !by.Has(npm.TrustedPublishing) {
		return []Evidence{{"npm " + c.NPM, "is too old for trusted publishing: that needs npm 11.5.1 (the documentation says Node.js 22.14 too)"}}
	}
	if ci.IDToken {
		return nil
	}
	hint := map[string]string{"GitHub Actions": "permissions: id-token: write", "GitLab CI": "id_tokens: NPM_ID_TOKEN"}[ci.Name]
	return []Evidence{{
		ci.Name, "gives this job no identity, so npm did not try trusted publishing (" + cmp.Or(hint, "NPM_ID_TOKEN") + ")",
	}}
}

// source says which setting sent the package to this registry, where it is not npm's
// own default.
func source(c *Case) []Evidence {
	if c.Answers.Npmrc == nil {
		return nil
	}
	keys := []string{"registry"}
	if scope := c.Scope(); scope != "" {
		keys = []string{scope + ":registry", "registry"}
	}
	for _, key := range keys {
		all := c.Answers.Npmrc.All(key)
		given := len(all) > 0 && all[0].Level == "cli" && c.By().Has(npm.FlagBeatsPublishConfig)
		switch {
		case !given && c.Package.PublishConfig[key] != "":
			return []Evidence{{"package.json", "publishConfig." + key + " sends it to " + npm.Host(c.Registry())}}
		case len(all) > 0:
			return []Evidence{{all[0].Where(), key + " sends it to " + npm.Host(c.Registry())}}
		}
	}
	return nil
}
