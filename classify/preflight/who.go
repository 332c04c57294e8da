package preflight

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify"
)

// registry: does it answer, and who says that it is this one.
func registry(f *Facts) []Finding {
	switch from := f.registryFrom(); {
	case f.Registry == "":
		return one(Finding{Topic: "registry", Mark: Warning, Text: "npm does not say where it would publish"})
	case f.Answers.Packument.Silence == "ERR_INVALID_AUTH": // npm did not even ask; see login
		return nil
	case f.Answers.Packument.Silence != "":
		return one(f.unreachable())
	case f.Answers.Packument.Found == classify.Unknown && f.Answers.Identity.Known == classify.Unknown:
		return one(Finding{Topic: "registry", Mark: Warning, Text: f.Registry + " gave no answer that says anything" + from})
	default:
		return one(Finding{Topic: "registry", Mark: OK, Text: f.Registry + from})
	}
}

func (f *Facts) unreachable() Finding {
	code := f.Answers.Packument.Silence
	w := Finding{Topic: "registry", Mark: Wall, Text: fmt.Sprintf("%s is not reached (%s)", f.Registry, code), Type: typed("npm", "ping", "--registry="+f.Registry)}
	switch {
	case strings.HasPrefix(code, "E5") && len(code) == 4:
		w.Cause, w.Text = "registry-error", fmt.Sprintf("%s fails (%s)", f.Registry, code)
	case code == "E429":
		w.Cause, w.Text = "rate-limited", fmt.Sprintf("%s takes no more requests for now (%s)", f.Registry, code)
	case slices.Contains(classify.Lookup("tls").Codes, code):
		w.Cause = "tls"
	case slices.Contains(classify.Lookup("network").Codes, code), code == classify.NoAnswer:
		w.Cause = "network"
	default: // it answers, if not this question
		w.Mark, w.Text = Warning, fmt.Sprintf("%s does not say what it holds (%s)", f.Registry, code)
	}
	return w
}

// registryFrom says which setting names the registry; nothing for npm's default.
func (f *Facts) registryFrom() string {
	for _, key := range []string{f.scope() + ":registry", "registry"} {
		if v := f.publishConfig(key); v != "" && strings.TrimRight(v, "/") == strings.TrimRight(f.Registry, "/") {
			return ", from publishConfig"
		}
		if all := f.Npmrc.All(key); len(all) > 0 && all[0].URL == f.Registry {
			return ", from " + all[0].Where()
		}
	}
	return ""
}

// login: which credential, from where.
func login(f *Facts) []Finding {
	if classify.NerfDart(f.Registry) == "" {
		return nil
	}
	c := f.Npmrc.Credential(f.Registry)
	host := classify.Host(f.Registry)
	var all []Finding
	for _, s := range c.TopLevel {
		if f.refuses(s) {
			all = append(all, Finding{Topic: "login", Mark: Wall, Cause: "npmrc-invalid", Text: s.Where() + " holds a credential that names no registry: npm refuses to run", Type: []string{"npm config fix"}})
		}
	}
	switch {
	case f.NoLogin() && f.trusted():
		all = append(all, Finding{Topic: "login", Mark: OK, Text: fmt.Sprintf("no token; this %s job can prove itself, which trusted publishing needs", f.CI.Name)})
	case f.NoLogin() && len(all) == 0:
		all = one(f.noLogin(c))
	case c.Missing() && f.major() < 9:
		all = one(Finding{Topic: "login", Mark: OK, Text: "a credential from " + c.TopLevel[0].Where() + ", which names no registry; npm 9 refuses to run with it"})
	case c.Missing(): // npm refuses
	case c.Holds() == classify.HeldUnset, c.Holds() == classify.HeldPlaceholder:
		all = append(all, f.noToken(c))
	default:
		all = append(all, Finding{Topic: "login", Mark: OK, Text: credentialWords(c)})
	}
	if len(c.Uses) > 0 {
		for _, s := range c.Hidden {
			all = append(all, Finding{Topic: "login", Mark: Warning, Text: fmt.Sprintf("the credential for %s in %s is not used: %s comes first", host, s.Where(), c.Uses[0].Where())})
		}
	}
	return all
}

// NoLogin reports whether npm finds no login for the registry. npm 8 and older take
// one that names no registry.
func (f *Facts) NoLogin() bool {
	c := f.Npmrc.Credential(f.Registry)
	return c.Missing() && (f.major() > 8 || len(c.TopLevel) == 0)
}

// refuses reports whether npm does not run with a setting that names no registry
// (@npmcli/config, lib/index.js, validate: npm 9 looks at the files for these, npm
// 12 for certificates as well).
func (f *Facts) refuses(s classify.Setting) bool {
	certificate := s.Key == "certfile" || s.Key == "keyfile"
	return s.File != "" && s.Level != "builtin" && s.Holds != classify.HeldEmpty && (f.major() >= 12 || f.major() >= 9 && !certificate)
}

// trusted reports whether npm can try trusted publishing here.
func (f *Facts) trusted() bool { return f.CI.IDToken && f.atLeast("11.5.1") }

func (f *Facts) noLogin(c classify.Credential) Finding {
	w := Finding{
		Topic: "login", Mark: Wall, Cause: "not-logged-in", Certain: f.major() >= 7 && f.Answers.Identity.Known == classify.No,
		Text: "nobody is logged in to " + classify.Host(f.Registry), Type: typed("npm", "login", "--registry="+f.Registry),
	}
	switch {
	case len(c.Hidden) > 0 && c.Hidden[0].Holds == classify.HeldEmpty:
		w.Text += ": the credential in " + c.Hidden[0].Where() + " is empty" + variables(c.Hidden[0])
		if len(c.Hidden[0].Vars) > 0 {
			w.Cause, w.Type = "token-unset", nil
		}
	case len(c.Near) > 0:
		w.Text += fmt.Sprintf(": %s has a credential for that host, and not for %s", c.Near[0].Where(), classify.NerfDart(f.Registry))
	}
	switch {
	case f.CI.Name == "":
	case f.CI.IDToken:
		w.Text += "; trusted publishing needs npm 11.5.1"
	case f.CI.Name == "GitHub Actions":
		w.Text += "; trusted publishing needs permissions: id-token: write"
	case f.CI.Name != "":
		w.Text += "; trusted publishing needs the variable NPM_ID_TOKEN"
	}
	if f.CI.Name != "" {
		w.Type = nil
	}
	return w
}

// noToken: npm sends what stands there all the same. npmjs.org takes it for a bad
// token; another registry may let anybody publish.
func (f *Facts) noToken(c classify.Credential) Finding {
	bad := c.Uses[slices.IndexFunc(c.Uses, func(s classify.Setting) bool { return s.Holds != classify.HeldPresent })]
	w := Finding{Topic: "login", Mark: Wall, Cause: "token-unset", Certain: classify.Host(f.Registry) == "npmjs.org"}
	if bad.Holds == classify.HeldPlaceholder {
		w.Text = bad.Where() + " holds the placeholder of setup-node" + variables(bad)
	} else {
		w.Text = fmt.Sprintf("%s names %s, which is not set", bad.Where(), strings.Join(bad.Vars, ", "))
	}
	if f.trusted() {
		w.Mark, w.Certain = Warning, false
		w.Text += "; trusted publishing may do without"
	}
	return w
}

func variables(s classify.Setting) string {
	if len(s.Vars) == 0 {
		return ""
	}
	return " (" + strings.Join(s.Vars, ", ") + ")"
}

// credentialWords says what kind of credential it is and where it stands.
func credentialWords(c classify.Credential) string {
	_, kind := classify.CredentialKey(c.Uses[0].Key)
	what := map[string]string{"_authToken": "a token", "username": "a user and a password", "_auth": "a user and a password", "certfile": "a certificate"}[kind]
	return what + " from " + c.Uses[0].Where() + variables(c.Uses[0])
}

// account: who that is to the registry.
func account(f *Facts) []Finding {
	id := f.Answers.Identity
	switch {
	case f.NoLogin() || f.Answers.Packument.Silence != "" && id.Known == classify.Unknown:
		return nil
	case id.Known == classify.Yes && f.Account.Unverified && f.Answers.Packument.Found == classify.No && LikeNPM(f.Registry):
		return one(Finding{Topic: "account", Mark: Wall, Cause: "email-unverified", Text: id.User + " has not confirmed the e-mail address, which a new package needs"})
	case id.Known == classify.Yes:
		return one(Finding{Topic: "account", Mark: OK, Text: id.User})
	case f.Answers.Alive == classify.Yes:
		return one(Finding{Topic: "account", Mark: OK, Text: "the registry takes the token, and does not say whose it is, as with granular ones"})
	case id.Known == classify.No:
		return one(Finding{Topic: "account", Mark: Warning, Cause: "token-invalid", Text: "the registry does not say who this token is: it is dead, or a granular one that may publish all the same"})
	}
	return one(Finding{Topic: "account", Mark: Warning, Text: "the registry does not say who this is"})
}

// permission: may this account write the package, or create it.
func permission(f *Facts) []Finding {
	a := f.Answers
	user := a.Identity.User
	owners := a.Packument.Maintainers
	switch {
	case a.Packument.Found == classify.Unknown:
		return nil
	case a.Packument.Found == classify.No:
		return create(f)
	case a.MayWrite == classify.Yes, user != "" && a.MayWrite == classify.Unknown && slices.Contains(owners, user):
		return one(Finding{Topic: "permission", Mark: OK, Text: fmt.Sprintf("%s may write %s", user, f.Name)})
	case user == "" && !f.NoLogin():
		return one(Finding{Topic: "permission", Mark: Warning, Text: fmt.Sprintf("%s belongs to %s; whether this login may write it is not known", f.Name, orSomebody(owners))})
	case user == "" && f.trusted():
		return one(Finding{Topic: "permission", Mark: Warning, Text: fmt.Sprintf("%s belongs to %s; whether it trusts this job is not known", f.Name, orSomebody(owners))})
	case user == "":
		return nil
	case a.MayWrite == classify.No && f.scope() == "", a.MayWrite == classify.Unknown && f.scope() == "" && len(owners) > 0 && LikeNPM(f.Registry):
		return one(Finding{Topic: "permission", Mark: Wall, Cause: "name-taken", Text: fmt.Sprintf("%s belongs to %s, and %s may not write it; one of them can change that", f.Name, orSomebody(owners), user), Type: typed("npm", "owner", "add", user, f.Name)})
	case a.MayWrite == classify.No:
		return one(Finding{Topic: "permission", Mark: Wall, Cause: "no-permission", Text: fmt.Sprintf("%s may not write %s, which belongs to %s", user, f.Name, orSomebody(owners))})
	}
	return one(Finding{Topic: "permission", Mark: Warning, Text: fmt.Sprintf("whether %s may write %s is not known", user, f.Name)})
}

func orSomebody(owners []string) string {
	if len(owners) == 0 {
		return "somebody"
	}
	return strings.Join(owners, ", ")
}

// create: a new package needs a scope that is there and, as far as the registry
// tells, one's own.
func create(f *Facts) []Finding {
	scope, user := f.scope(), f.Answers.Identity.User
	switch {
	case scope == "":
		return one(Finding{Topic: "permission", Mark: OK, Text: f.Name + " is new: the registry shows nothing under that name"})
	case user != "" && scope == "@"+user:
		return one(Finding{Topic: "permission", Mark: OK, Text: fmt.Sprintf("%s is new, and the scope is %s's own", f.Name, user)})
	case f.Answers.ScopeThere == classify.No:
		return one(Finding{
			Topic: "permission", Mark: Wall, Cause: "scope-not-found", Text: "there is no user or organization " + scope[1:] + " on " + classify.Host(f.Registry),
			Type: typed("safepublish", "--fix", "rename=@SCOPE/"+f.Name[len(scope)+1:]),
		})
	case f.Answers.Member == classify.Yes:
		return one(Finding{Topic: "permission", Mark: OK, Text: fmt.Sprintf("%s is new, and %s belongs to %s", f.Name, user, scope)})
	case f.Answers.Member == classify.No && f.Answers.ScopeThere == classify.Yes:
		return one(Finding{
			Topic: "permission", Mark: Wall, Cause: "no-permission", Text: fmt.Sprintf("%s does not belong to %s, and may create nothing there; an owner can change that", user, scope),
			Type: typed("npm", "org", "set", scope[1:], user),
		})
	case f.Answers.ScopeThere == classify.Yes:
		return one(Finding{Topic: "permission", Mark: Warning, Text: fmt.Sprintf("%s is new and the scope %s exists; whether this login may create packages there is not known", f.Name, scope)})
	}
	return one(Finding{Topic: "permission", Mark: Warning, Text: fmt.Sprintf("%s is new; whether the scope %s exists is not known", f.Name, scope)})
}

// secondFactor: as far as npm profile tells.
func secondFactor(f *Facts) []Finding {
	switch {
	case !f.Account.Known:
		return nil
	case f.Account.SecondFactor == "auth-and-writes":
		return one(Finding{Topic: "2FA", Mark: Warning, Cause: "otp-required", Text: "the account asks for a second factor at every publish; npm asks for it"})
	case f.Account.SecondFactor == "" && classify.Host(f.Registry) == "npmjs.org":
		return one(Finding{Topic: "2FA", Mark: Warning, Cause: "2fa-required", Text: "the account has no second factor, which npmjs.org wants of whoever publishes", Type: []string{"npm profile enable-2fa auth-and-writes"}})
	case f.Account.SecondFactor == "":
		return one(Finding{Topic: "2FA", Mark: OK, Text: "the account has no second factor"})
	}
	return one(Finding{Topic: "2FA", Mark: OK, Text: "the account asks for a second factor at login alone"})
}
