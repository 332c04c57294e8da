package classify

import (
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// loginOf says in one word what npm has to log in with, for the clue of that name.
func loginOf(c *Case) string {
	if c.Facts.Npmrc == nil {
		return ""
	}
	found := c.Facts.Npmrc.Credential(c.Registry())
	switch found.Holds() {
	case HeldUnset:
		return "unset"
	case HeldPlaceholder:
		return "placeholder"
	case HeldPresent:
		return "present"
	}
	if len(found.Uses) > 0 || slices.ContainsFunc(found.Hidden, func(s Setting) bool { return s.Holds == HeldEmpty }) {
		return "empty"
	}
	return "none"
}

// evLogin says where the login is from, what it holds, and what it hides; or for
// which other addresses there is one.
func evLogin(c *Case) []Evidence {
	if c.Facts.Npmrc == nil {
		return nil
	}
	found := c.Facts.Npmrc.Credential(c.Registry())
	var all []Evidence
	for _, s := range append(slices.Clone(found.Uses), empties(found.Hidden)...) {
		if !slices.ContainsFunc(all, func(e Evidence) bool { return e.From == s.Where() }) {
			all = append(all, Evidence{s.Where(), heldWords(s)})
		}
	}
	for _, s := range found.Hidden {
		if s.Holds != HeldEmpty && len(all) > 0 {
			all = append(all, Evidence{s.Where(), "a login for the same registry, which npm does not use: " + all[0].From + " comes first"})
		}
	}
	if len(all) == 0 {
		all = append(all, Evidence{"npm config", "no login for " + host(c.Registry()) + elsewhere(found)})
	}
	return append(all, evTrusted(c)...)
}

func empties(settings []Setting) []Setting {
	return slices.DeleteFunc(slices.Clone(settings), func(s Setting) bool { return s.Holds != HeldEmpty })
}

// elsewhere names the hosts that there is a login for. Their paths are left out:
// some registries keep a secret there.
func elsewhere(found Credential) string {
	var hosts []string
	for _, at := range found.Registries {
		if h := host("x:" + at); !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	switch {
	case len(found.Near) > 0:
		return "; " + found.Near[0].Where() + " has one for another path of that host, or lacks the slash at the end"
	case len(hosts) > 0:
		return ", only for " + strings.Join(hosts, ", ")
	}
	return ""
}

func heldWords(s Setting) string {
	names := make([]string, 0, len(s.Vars))
	for _, v := range s.Vars {
		names = append(names, "${"+v+"}")
	}
	vars := strings.Join(names, ", ")
	switch {
	case s.Holds == HeldUnset:
		return "the login is " + vars + ", which is not set here: npm sends the name itself"
	case s.Holds == HeldPlaceholder:
		return strings.TrimSpace("the login is a placeholder, no token " + inParens(vars))
	case s.Holds == HeldEmpty:
		return strings.TrimSpace("the login is empty " + inParens(vars))
	}
	return strings.TrimSpace("the login that npm uses " + inParens(vars))
}

func inParens(s string) string {
	if s == "" {
		return ""
	}
	return "(" + s + ")"
}

// trustedSince is the first npm that can publish without a token. Its documentation
// asks for node 22.14 too; npm 11.19.1 makes the exchange on node 20 as well.
var trustedSince = semver.MustParse("11.5.1")

// evTrusted says in a CI that npm trusts why npm did not try trusted publishing.
func evTrusted(c *Case) []Evidence {
	ci := c.Facts.CI
	if ci.Name == "" || exchange(c) != "no" {
		return nil
	}
	switch v, err := semver.NewVersion(c.NPM); {
	case err == nil && v.LessThan(trustedSince):
		return []Evidence{{"npm " + c.NPM, "is too old for trusted publishing, which needs npm 11.5.1 (and, says its documentation, node 22.14)"}}
	case !ci.IDToken:
		return []Evidence{{ci.Name, "gives this job no identity, so that trusted publishing was not tried" + idTokenHint(ci.Name)}}
	}
	return nil
}

func idTokenHint(ci string) string {
	switch ci {
	case "GitHub Actions":
		return " (permissions: id-token: write)"
	case "GitLab CI":
		return " (id_tokens: NPM_ID_TOKEN)"
	}
	return " (NPM_ID_TOKEN)"
}

// evSource says which setting sent the package to this registry, where it is not
// npm's own default.
func evSource(c *Case) []Evidence {
	if c.Facts.Npmrc == nil {
		return nil
	}
	keys := []string{"registry"}
	if scope := c.scope(); scope != "" {
		keys = []string{scope + ":registry", "registry"}
	}
	for _, key := range keys {
		all := c.Facts.Npmrc.All(key)
		given := len(all) > 0 && all[0].Level == "cli" && c.major() >= 10 // npm 9 and older let publishConfig win
		switch {
		case !given && c.Local.PublishConfig[key] != "":
			return []Evidence{{"package.json", "publishConfig." + key + " sends it to " + host(c.Registry())}}
		case len(all) > 0:
			return []Evidence{{all[0].Where(), key + " sends it to " + host(c.Registry())}}
		}
	}
	return nil
}
