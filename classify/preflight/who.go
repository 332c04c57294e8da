package preflight

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// registry: does it answer, and who says that it is this one.
func registry(c *classify.Case) []Finding {
	const topic = "registry"
	r, answers := c.Registry(), c.Answers
	code := answers.Packument.ErrorCode
	switch {
	case r == "":
		return warning(topic, "", "npm does not say where it would publish", "npm config get registry")
	case code == "ERR_INVALID_AUTH": // npm did not even ask; see login
		return nil
	case strings.HasPrefix(code, "E5") && len(code) == 4:
		return wall(topic, "registry-error", fmt.Sprintf("%s answers with an error (%s)", r, code), command(c, "npm", "ping", "--registry="+r)...)
	case code == "E429":
		text := fmt.Sprintf("%s accepts no more requests for now (%s)", r, code)
		return wall(topic, "rate-limited", text, command(c, "npm", "ping", "--registry="+r)...)
	case code != "":
		return unreachable(c, r, code)
	case answers.Packument.Found == classify.Unknown && answers.Identity.Known == classify.Unknown:
		return warning(topic, "", r+" gave no useful answer"+registryFrom(c))
	}
	return ok(topic, r+registryFrom(c))
}

func unreachable(c *classify.Case, registry, code string) []Finding {
	ping := command(c, "npm", "ping", "--registry="+registry)
	text := fmt.Sprintf("%s cannot be reached (%s)", registry, code)
	switch {
	case slices.Contains(classify.Lookup("tls").Codes, code):
		return wall("registry", "tls", text, ping...)
	case slices.Contains(classify.Lookup("network").Codes, code):
		return wall("registry", "network", text, ping...)
	case code == classify.NoAnswer: // npm itself is more patient
		return warning("registry", "", registry+" did not answer in time; it is not known what is published there", ping...)
	}
	// it answers, if not this question
	return warning("registry", "", fmt.Sprintf("%s does not say what is published there (%s)", registry, code), ping...)
}

// registryFrom says which setting names the registry; nothing for npm's default.
func registryFrom(c *classify.Case) string {
	for _, key := range []string{c.Scope() + ":registry", "registry"} {
		if v := c.Package.PublishConfig[key]; v != "" && strings.TrimRight(v, "/") == strings.TrimRight(c.Registry(), "/") {
			return ", from publishConfig"
		}
		if c.Answers.Npmrc == nil {
			continue
		}
		if all := c.Answers.Npmrc.All(key); len(all) > 0 && all[0].URL == c.Registry() {
			return ", from " + all[0].Where()
		}
	}
	return ""
}

// login: which credential, from where.
//
//nolint:cyclop // a table: one case for each state that a credential can be in
func login(c *classify.Case) []Finding {
	const topic = "login"
	if npm.NerfDart(c.Registry()) == "" {
		return nil
	}
	found := c.Credential()
	var all []Finding
	for _, s := range found.TopLevel {
		if refuses(c, s) {
			text := s.Where() + " has a credential that names no registry: npm refuses to run"
			all = append(all, wall(topic, "npmrc-invalid", text, "npm config fix")...)
		}
	}
	switch {
	case NoLogin(c) && trusted(c):
		all = append(all, ok(topic, fmt.Sprintf("no token; this %s job can prove its identity, as trusted publishing needs", c.CI.Name))...)
	case NoLogin(c) && len(all) == 0:
		all = noLogin(c, found)
	case found.Missing() && !c.By().Has(npm.RefusesBareLogin):
		all = ok(topic, "a credential from "+found.TopLevel[0].Where()+", which names no registry; npm 9 refuses to run with it")
	case found.Missing(): // npm refuses
	case found.Holds() == classify.HeldUnset, found.Holds() == classify.HeldPlaceholder:
		all = append(all, noToken(c, found)...)
	case found.Holds() == classify.HeldMalformed:
		text := found.Uses[0].Where() + " has a token that cannot be sent: it contains a line break, a space or a quotation mark"
		all = append(all, wall(topic, "token-malformed", text+variables(found.Uses[0]))...)
	default:
		all = append(all, ok(topic, credentialWords(found.Uses[0]))...)
	}
	if len(found.Uses) == 0 {
		return all
	}
	for _, s := range found.Hidden {
		text := "the credential for " + npm.Host(c.Registry()) + " in " + s.Where() + " is not used: " + found.Uses[0].Where() + " comes first"
		all = append(all, warning(topic, "", text)...)
	}
	return all
}

// unread is what a person may take for the login, and npm does not read.
func unread(c *classify.Case) []Finding {
	var all []Finding
	if c.Answers.Npmrc == nil || NoLogin(c) || c.Credential().Holds() != classify.HeldPresent { // said already
		return nil
	}
	if own := c.Answers.Npmrc.Ignored; own != "" {
		all = warning("login", "", "npm ignores "+own+": "+c.Answers.Npmrc.WhyIgnored())
	}
	if c.CI.Job { // on a laptop it may be for another tool
		for _, other := range unnamed(c) {
			all = append(all, warning("login", "", other)...)
		}
	}
	return all
}

// unnamed says of each variable with a token that no .npmrc names it.
func unnamed(c *classify.Case) []string {
	var all []string
	if c.Answers.Npmrc != nil {
		for _, u := range c.Answers.Npmrc.Unnamed {
			all = append(all, u.Name+" "+u.Says(c.Registry()))
		}
	}
	return all
}

// NoLogin reports whether npm finds no login for the registry. npm 8 and older take
// one that names no registry.
func NoLogin(c *classify.Case) bool {
	found := c.Credential()
	return found.Missing() && (c.By().Has(npm.RefusesBareLogin) || len(found.TopLevel) == 0)
}

// refuses reports whether npm does not run with a setting that names no registry: it
// looks for these in the files alone.
func refuses(c *classify.Case, s classify.Setting) bool {
	rule := npm.RefusesBareLogin
	if s.Key == "certfile" || s.Key == "keyfile" {
		rule = npm.RefusesBareCertificate
	}
	return s.File != "" && s.Level != "builtin" && s.Holds != classify.HeldEmpty && c.By().Has(rule)
}

// trusted reports whether npm can try trusted publishing here.
func trusted(c *classify.Case) bool { return c.CI.IDToken && c.By().Has(npm.TrustedPublishing) }

func noLogin(c *classify.Case, found classify.Credential) []Finding {
	cause, text := "not-logged-in", "nobody is logged in to "+npm.Host(c.Registry())
	var typed []string
	if !c.InCI() { // nobody can log in there
		typed = command(c, "npm", "login", "--registry="+c.Registry())
	}
	switch {
	case c.Answers.Npmrc != nil && c.Answers.Npmrc.Ignored != "":
		text += ": npm ignores " + c.Answers.Npmrc.Ignored + "; " + c.Answers.Npmrc.WhyIgnored()
	case len(unnamed(c)) > 0:
		text, typed = text+": "+unnamed(c)[0], naming(c)
	case len(found.Hidden) > 0 && found.Hidden[0].Holds == classify.HeldEmpty:
		text += ": the credential in " + found.Hidden[0].Where() + " is empty" + variables(found.Hidden[0])
		if len(found.Hidden[0].Vars) > 0 {
			cause, typed = "token-unset", nil
		}
	case len(found.Near) > 0:
		text += fmt.Sprintf(": %s has a credential for that host, but not for %s", found.Near[0].Where(), npm.NerfDart(c.Registry()))
	}
	if ci := c.CI; ci.Name != "" {
		switch {
		case ci.IDToken:
			text += "; trusted publishing needs npm 11.5.1"
		case ci.Name == "GitHub Actions":
			text += "; trusted publishing needs permissions: id-token: write"
		default:
			text += "; trusted publishing needs the variable NPM_ID_TOKEN"
		}
	}
	return certainIf(c.By().Has(npm.RefusesWithoutLogin) && c.Answers.Identity.Known == classify.No, wall("login", cause, text, typed...))
}

// naming is the command that writes the line into .npmrc that names a variable with a token.
func naming(c *classify.Case) []string {
	u, dart := c.Answers.Npmrc.Unnamed[0], npm.NerfDart(c.Registry())
	if u.Holds != classify.HeldPresent || !plainWord.MatchString(dart+u.Name) {
		return nil
	}
	return []string{"npm config set '" + dart + ":_authToken=${" + u.Name + "}'"}
}

// noToken: npm sends what stands there all the same. npmjs.org takes it for a bad
// token; another registry may let anybody publish.
func noToken(c *classify.Case, found classify.Credential) []Finding {
	bad := found.Uses[slices.IndexFunc(found.Uses, func(s classify.Setting) bool { return s.Holds != classify.HeldPresent })]
	text := fmt.Sprintf("%s names %s, which is not set", bad.Where(), strings.Join(bad.Vars, ", "))
	if bad.Holds == classify.HeldPlaceholder {
		text = bad.Where() + " has the placeholder of setup-node" + variables(bad)
	}
	for _, other := range unnamed(c) {
		text += "; " + other
	}
	if trusted(c) {
		return warning("login", "token-unset", text+"; trusted publishing may work without it")
	}
	return certainIf(npm.IsPublic(c.Registry()), wall("login", "token-unset", text))
}

func variables(s classify.Setting) string {
	if len(s.Vars) == 0 {
		return ""
	}
	return " (" + strings.Join(s.Vars, ", ") + ")"
}

// credentialWords says what kind of credential it is and where it stands.
func credentialWords(s classify.Setting) string {
	_, kind := classify.CredentialKey(s.Key)
	what := map[string]string{
		"_authToken": "a token", "username": "a user and a password", "_auth": "a user and a password", "certfile": "a certificate",
	}[kind]
	return what + " from " + s.Where() + variables(s)
}

// account: who that is to the registry.
func account(c *classify.Case) []Finding {
	const topic = "account"
	a := c.Answers
	switch {
	case NoLogin(c) || a.Packument.ErrorCode != "" && a.Identity.Known == classify.Unknown:
		return nil
	case a.Identity.Known == classify.Yes && a.Account.Unverified && a.Packument.Found == classify.No && LikeNPM(c.Registry()):
		return wall(topic, "email-unverified", a.Identity.User+" has not verified the e-mail address, as a new package needs")
	case a.Identity.Known == classify.Yes:
		return ok(topic, a.Identity.User)
	case a.Alive == classify.Yes:
		return ok(topic, "the registry accepts the token but does not say whose it is, as with granular tokens")
	case a.Identity.Known == classify.No && a.Alive == classify.No && LikeNPM(c.Registry()):
		return certainIf(!trusted(c), wall(topic, "token-invalid",
			"the registry does not accept this login: it answers 401 to npm whoami and to the question who may publish the package"))
	case a.Identity.Known == classify.No:
		return warning(topic, "token-invalid",
			"the registry does not say whose token this is: it is no longer valid, or a granular one that may still publish")
	}
	return warning(topic, "", "the registry does not say who you are")
}

// permission: may this account write the package, or create it.
func permission(c *classify.Case) []Finding {
	const topic = "permission"
	user, owners := c.Answers.Identity.User, strings.Join(c.Answers.Packument.Maintainers, ", ")
	if owners == "" {
		owners = "somebody"
	}
	may, belongs := c.MayWrite(), c.Name()+" belongs to "+owners
	switch {
	case c.Answers.Packument.Found == classify.Unknown:
		return nil
	case c.Answers.Packument.Found == classify.No:
		return create(c)
	case may == classify.Yes:
		return ok(topic, fmt.Sprintf("read-write: %s may publish %s (%s)", user, c.Name(), by(c)))
	case user == "" && !NoLogin(c):
		return warning(topic, "", "unknown: "+belongs+", and the registry does not say who you are")
	case user == "" && trusted(c):
		return warning(topic, "", belongs+"; whether it trusts this job is not known")
	case user == "":
		return nil
	case may == classify.No:
		cause := "no-permission"
		if c.Scope() == "" {
			cause = "name-taken"
		}
		text := fmt.Sprintf("read-only: %s, and %s may not publish it (%s); ask one of them to run:", belongs, user, by(c))
		return certainIf(unlisted(c), wall(topic, cause, text, command(c, "npm", "owner", "add", user, c.Name())...))
	}
	return warning(topic, "", fmt.Sprintf("unknown: %s, and the registry does not say whether %s may publish it", belongs, user))
}

// unlisted tells whether the registry's own list of who may write the package leaves this
// account out, and nothing but the account counts.
func unlisted(c *classify.Case) bool {
	return c.Answers.MayWrite == classify.No && LikeNPM(c.Registry()) && !trusted(c)
}

// by names the answer that tells who may write the package.
func by(c *classify.Case) string {
	for _, asked := range c.Answers.Asked {
		if strings.HasPrefix(asked.From, "npm access ") && c.Answers.MayWrite != classify.Unknown {
			return asked.From
		}
	}
	return "npm view " + c.Name() + " maintainers"
}

// create: a new package needs a scope that is there and, as far as the registry
// tells, one's own.
func create(c *classify.Case) []Finding {
	const topic = "permission"
	scope, user, isNew := c.Scope(), c.Answers.Identity.User, c.Name()+" is new"
	switch a := c.Answers; {
	case scope == "":
		return ok(topic, isNew+": the registry shows nothing under that name")
	case user != "" && scope == "@"+user:
		return ok(topic, fmt.Sprintf("%s, and the scope is %s's own", isNew, user))
	case a.ScopeExists == classify.No:
		text := "there is no user or organization " + scope[1:] + " on " + npm.Host(c.Registry())
		return wall(topic, "scope-not-found", text, renamed(c, user, c.Name()[len(scope)+1:])...)
	case a.Member == classify.Yes:
		return ok(topic, fmt.Sprintf("%s, and %s belongs to %s", isNew, user, scope))
	case a.Member == classify.No && a.ScopeExists == classify.Yes:
		text := fmt.Sprintf("%s does not belong to %s, and may create nothing there; ask an owner to run:", user, scope)
		return wall(topic, "no-permission", text, command(c, "npm", "org", "set", scope[1:], user)...)
	case a.ScopeExists == classify.Yes:
		return warning(topic, "", isNew+" and the scope "+scope+" exists; it is not known whether you may create packages there")
	}
	return warning(topic, "", fmt.Sprintf("%s; it is not known whether the scope %s exists", isNew, scope))
}

// renamed is the publish under a scope of one's own; nothing where that is not known.
func renamed(c *classify.Case, user, base string) []string {
	if user == "" {
		return nil
	}
	return command(c, "safepublish", "--fix", "rename=@"+user+"/"+base)
}

// secondFactor: as far as npm profile tells.
func secondFactor(c *classify.Case) []Finding {
	const topic = "2FA"
	switch a := c.Answers.Account; {
	case !a.Known:
		return nil
	case a.SecondFactor == "auth-and-writes":
		return warning(topic, "otp-required", "the account needs a second factor for every publish; npm will ask for it")
	case a.SecondFactor == "" && npm.IsPublic(c.Registry()):
		return warning(topic, "2fa-required",
			"the account has no second factor, which npmjs.org demands for publishing; add one on https://www.npmjs.com")
	case a.SecondFactor == "":
		return ok(topic, "the account has no second factor")
	}
	return ok(topic, "the account needs a second factor only to log in")
}
