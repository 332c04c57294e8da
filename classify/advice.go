package classify

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// Advice is data. A step of a cause (Fix) is a text with two kinds of holes. At its head
// may stand the occasion that it is for, "In CI: ": where the case tells that it is one,
// the step comes first, where it is none, the step is left out. In it may stand values of
// the case, ${package}: what is not known is named in capitals. The page of a cause shows
// the same texts with nothing known.

// Advice returns what mends the cause in this case, the best first.
func (d Diagnosis) Advice(c *Case) []string { return steps(c, d.Vars, d.Cause.Fix) }

// Fill puts the values of the case into one text: "npm owner add ${user} ${package}".
func (d Diagnosis) Fill(c *Case, text string) string { return fill(text, knowing(c, d.Vars).value) }

// Wants returns what the steps of a cause want to know of the case, besides what its
// diagnosis turned on.
func (row *Cause) Wants() []Question {
	var asks []Question
	for _, text := range row.Fix {
		asks = append(asks, occasionOf(text).asks...)
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			asks = append(asks, values[m[1]].asks...)
		}
	}
	slices.Sort(asks)
	return slices.Compact(asks)
}

// steps returns those of a cause's or a product's steps that are for this case, with its
// values: first those that something particular in it speaks for, then those for where
// npm ran, then those for any case.
func steps(c *Case, vars map[string]string, texts []string) []string {
	var particular, here, rest []string
	k := knowing(c, vars)
	for _, text := range texts {
		o, is := occasionOf(text), Unknown
		if o.is != nil {
			is = o.is(c)
		}
		if is == No || byHand.MatchString(text) && c.inJob() == Yes {
			continue
		}
		if is == Yes && !o.stays {
			text = capitalized(text[len(o.words):])
		}
		text = fill(text, k.value)
		switch {
		case is == Yes && o.particular:
			particular = append(particular, text)
		case is == Yes:
			here = append(here, text)
		default:
			rest = append(rest, text)
		}
	}
	return slices.Concat(particular, here, rest)
}

// missesProgram tells whether a script ended as a shell does that does not find what it
// is to run.
func (c *Case) missesProgram() Answer {
	exit, _ := scriptVars(c)
	return yesIf(c.scriptFailed() && exit == "127")
}

// byHand matches what only a person at a terminal can do.
var byHand = pattern.New(`\bnpm (?:login|adduser)\b|^Log in\b`)

// occasion is when a step counts. The zero value is any time.
type occasion struct {
	words      string // at the head of the step
	is         func(*Case) Answer
	particular bool       // it is something about this case, and not just where npm ran
	stays      bool       // the words are said although it is so
	asks       []Question // what tells it
}

var occasions = []occasion{
	{words: "In CI: ", is: (*Case).inJob},
	{words: "By hand: ", is: func(c *Case) Answer { return not(c.inJob()) }},
	{words: "On a laptop: ", is: func(c *Case) Answer { return not(c.inJob()) }},
	{words: "In GitHub Actions: ", is: inJobOf("GitHub Actions")},
	{words: "In GitLab CI: ", is: inJobOf("GitLab CI")},
	{words: "In a CI that npmjs.org trusts: ", is: (*Case).trustworthy},
	{words: "In a GitHub job without an identity: ", particular: true, is: withoutIdentity("GitHub Actions")},
	{words: "In a GitLab job without an identity: ", particular: true, is: withoutIdentity("GitLab CI")},
	{words: "On a self-hosted runner: ", particular: true, stays: true, is: (*Case).selfHosted},
	{words: "With npm older than 11.5.1: ", particular: true, is: (*Case).tooOldForTrust},
	{words: "First publish: ", particular: true, stays: true, asks: []Question{AskPackument}, is: (*Case).firstPublish},
	{words: "Published before: ", asks: []Question{AskPackument}, is: func(c *Case) Answer { return not(c.firstPublish()) }},
	{words: "Through a proxy: ", particular: true, is: func(c *Case) Answer { return yesIf(c.Settings.Proxy.Host != "") }},
	{words: "An address without a slash at its end: ", particular: true, is: (*Case).lacksSlash},
	{words: "A program is missing: ", particular: true, is: (*Case).missesProgram},
	{words: "If npm whoami knows you: ", particular: true, stays: true, asks: []Question{AskIdentity}, is: (*Case).known},
}

// occasionOf returns the occasion that a step begins with.
func occasionOf(text string) occasion {
	for _, o := range occasions {
		if strings.HasPrefix(text, o.words) {
			return o
		}
	}
	return occasion{}
}

// InCI tells whether npm ran in a job of a CI, where nobody can log in.
func (c *Case) InCI() bool { return c.inJob() == Yes }

// inJob tells whether npm ran in a job of a CI, where nobody can log in.
func (c *Case) inJob() Answer {
	_, tried := c.line("", oidcLine)
	switch {
	case c.CI.Name != "" || c.CI.Job || tried:
		return Yes
	case c.CI.Known:
		return No
	}
	return Unknown
}

// oidcLine is a line of npm's about trusted publishing, which it tries in the CIs that it
// trusts and nowhere else.
var oidcLine = pattern.New(`^oidc `)

func inJobOf(name string) func(*Case) Answer {
	return func(c *Case) Answer {
		if c.CI.Name == "" && !c.CI.Known {
			return Unknown
		}
		return yesIf(c.CI.Name == name)
	}
}

func withoutIdentity(name string) func(*Case) Answer {
	here := inJobOf(name)
	return func(c *Case) Answer {
		if in := here(c); in != Yes {
			return in
		}
		return yesIf(!c.CI.IDToken)
	}
}

// trustworthy tells whether the job could be a trusted publisher: npmjs.org alone knows
// such, of three CIs.
func (c *Case) trustworthy() Answer {
	_, tried := c.line("", oidcLine)
	switch {
	case c.Registry() != "" && !npm.IsPublic(c.Registry()):
		return No
	case c.CI.Name != "" || tried:
		return Yes
	case c.CI.Known:
		return No
	}
	return Unknown
}

func (c *Case) selfHosted() Answer {
	if c.CI.Name == "" && !c.CI.Known {
		return Unknown
	}
	return yesIf(c.CI.SelfHosted)
}

func (c *Case) tooOldForTrust() Answer {
	if !c.By().Known() {
		return Unknown
	}
	return yesIf(!c.By().Has(npm.TrustedPublishing))
}

// firstPublish tells whether the package was never published on npmjs.org, which has
// rules of its own for that, so far as the registry shows: a private package of others
// looks the same.
func (c *Case) firstPublish() Answer {
	switch r := c.Registry(); {
	case r != "" && !npm.IsPublic(r):
		return No
	case sameRegistry(c.Answers.Registry, r):
		return not(c.Answers.Packument.Found)
	}
	return Unknown
}

// known tells whether the registry knows the login, where one is used that whoami shows.
func (c *Case) known() Answer {
	switch token, _ := readToken(c); token {
	case "named":
		return Yes
	case "refused", "nobody":
		return No
	}
	return Unknown
}

func not(a Answer) Answer { return [...]Answer{Unknown: Unknown, Yes: No, No: Yes}[a] }

// commands are words that begin a step in small letters.
var commands = []string{"npm", "npx", "safepublish", "gh", "pnpm", "yarn", "bun", "aws", "export"}

func capitalized(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if slices.Contains(commands, word) || strings.ContainsAny(word, ":_=@/") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// placeholder is where a value of the case stands in a step. What is meant for an
// .npmrc or a workflow, ${NPM_TOKEN}, is in capitals and stays as it is.
var placeholder = pattern.New(`\$\{([a-z]+)\}`)

// fill puts the values into a step.
func fill(text string, value func(string) string) string {
	return placeholder.ReplaceAllStringFunc(text, func(hole string) string { return value(hole[2 : len(hole)-1]) })
}

// unfilled returns a step where nothing is known: with words in capitals.
func unfilled(text string) string {
	return fill(text, func(name string) string { return values[name].unknown })
}

// knowledge is what the values of a step are taken from.
type knowledge struct {
	c       *Case
	vars    map[string]string
	address map[string]string // what the registry's address tells, in the way of its product
}

func knowing(c *Case, vars map[string]string) knowledge {
	k := knowledge{c: c, vars: vars}
	if p := productOf(c); p != nil {
		k.address = groups(p.address, c.Registry())
	}
	return k
}

// value is what a step may name. Its text may go into a command line: it is quoted,
// unless it is a piece of one already, or stands in no command.
type value struct {
	unknown string // what stands for it where it is not known
	bare    bool   // not quoted
	asks    []Question
	read    func(knowledge) string
}

// Pieces of a command line and of an address where nothing is known.
const (
	atURL        = " --registry=URL"
	asPublic     = " --access public"
	settingsPage = "https://www.npmjs.com/package/NAME/access"
)

var values = map[string]value{
	"package":  {unknown: "NAME", read: knowledge.name},
	"version":  {unknown: "VERSION", read: func(k knowledge) string { return cmp.Or(k.c.Version(), k.vars["version"]) }},
	"url":      {unknown: "URL", read: knowledge.registry},
	"host":     {unknown: "HOST", read: func(k knowledge) string { return npm.Host(cmp.Or(k.registry(), k.vars["registry"])) }},
	"audience": {unknown: "REGISTRY-HOST", read: knowledge.hostname},
	"dart":     {unknown: "//HOST/", read: func(k knowledge) string { return npm.NerfDart(k.registry()) }},
	"at":       {unknown: atURL, bare: true, asks: []Question{AskLogin}, read: knowledge.pin},
	"user":     {unknown: "YOU", asks: []Question{AskIdentity}, read: func(k knowledge) string { return k.c.trusted().Answers.Identity.User }},
	"scope":    {unknown: "@SCOPE", read: func(k knowledge) string { return npm.Scope(k.name()) }},
	"org":      {unknown: "ORG", read: func(k knowledge) string { return strings.TrimPrefix(npm.Scope(k.name()), "@") }},
	"highest":  {unknown: "the highest one", bare: true, read: func(k knowledge) string { return k.vars["highest"] }},
	"tag":      {unknown: "TAG", read: func(k knowledge) string { return k.vars["tag"] }},
	"owners": {
		unknown: "MAINTAINERS", bare: true, asks: []Question{AskPackument},
		read: func(k knowledge) string { return strings.Join(k.c.trusted().Answers.Packument.Maintainers, ", ") },
	},
	"repo":   {unknown: "REPO", read: func(k knowledge) string { return k.address["repo"] }},
	"domain": {unknown: "DOMAIN", read: func(k knowledge) string { return k.address["domain"] }},
	"public": {unknown: asPublic, bare: true, read: knowledge.public},

	"base":   {unknown: "NAME", read: func(k knowledge) string { return k.name()[strings.Index(k.name(), "/")+1:] }},
	"secret": {unknown: "NPM_TOKEN", asks: []Question{AskLogin}, read: knowledge.secret},
	"setfrom": {
		unknown: npm.Sh.SetFrom("NPM_TOKEN", "FILE"), bare: true, asks: []Question{AskLogin},
		read: func(k knowledge) string { return k.c.Shell.SetFrom(cmp.Or(k.c.variable(), "NPM_TOKEN"), "FILE") },
	},
	"variable": {unknown: "NPM_TOKEN", asks: []Question{AskLogin}, read: func(k knowledge) string { return k.c.variable() }},
	"holder":   {unknown: "the variable that the .npmrc names", bare: true, asks: []Question{AskLogin}, read: knowledge.holder},
	"where":    {unknown: "the .npmrc", bare: true, asks: []Question{AskLogin}, read: knowledge.where},

	"event":      {unknown: "prepublishOnly", read: func(k knowledge) string { return k.vars["event"] }},
	"expected":   {unknown: "https://github.com/OWNER/REPO", read: func(k knowledge) string { return k.vars["expected"] }},
	"repository": {unknown: "OWNER/REPO", read: func(k knowledge) string { return k.c.CI.Repository }},
	"workflow":   {unknown: "WORKFLOW.yml", read: func(k knowledge) string { return k.c.CI.Workflow }},
	"claims": {
		unknown: "repository OWNER/REPO, workflow file WORKFLOW.yml, environment", bare: true,
		read: knowledge.claims,
	},
	"entries": {unknown: "npm trust list NAME", bare: true, read: knowledge.entries},
	"revoke":  {unknown: "npm trust revoke NAME --id ID", bare: true, read: knowledge.revoke},
	"trust": {
		unknown: "npm trust github NAME --repo OWNER/REPO --file WORKFLOW.yml --allow-publish",
		bare:    true, read: knowledge.trust,
	},
	"settings": {unknown: settingsPage, bare: true, read: knowledge.settings},
}

// value returns the text for a hole.
func (k knowledge) value(name string) string {
	v := values[name]
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, v.read(k))
	switch {
	case text == "" && name != "at" && name != "public":
		return v.unknown
	case v.bare:
		return text
	}
	return k.c.Shell.Quote(text)
}

func (k knowledge) name() string { return cmp.Or(k.c.Name(), k.vars["package"]) }

// registry is the address that publish talked to, without user and password.
func (k knowledge) registry() string {
	if r := k.c.Registry(); r != "" {
		return npm.Registry(r)
	}
	return groups(saysNeedAuth, k.c.said())["registry"]
}

// hostname is what the audience of an identity is made of (npm 11.19.1, lib/utils/oidc.js).
func (k knowledge) hostname() string {
	u, err := url.Parse(k.registry())
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// pin is the flags that send another command to the same registry; nothing where it goes
// there anyway, for all that is known.
func (k knowledge) pin() string {
	r, scope := k.registry(), npm.Scope(k.name())
	if r == "" {
		return atURL
	}
	var own, all []Setting
	if files := k.c.Answers.Npmrc; files != nil {
		own, all = files.All(scope+":registry"), files.All("registry")
	}
	elsewhere := func(s Setting) bool { return !npm.IsPublic(s.URL) }
	flags := npm.Pin(r, k.name())
	switch {
	case len(own) > 0:
	case npm.IsPublic(r) && !slices.ContainsFunc(all, elsewhere):
		return ""
	default:
		flags = flags[:1]
	}
	return " " + k.c.Shell.Quote(flags...)
}

// public is the flag without which npmjs.org makes a new package in a scope restricted.
func (k knowledge) public() string {
	if npm.Scope(k.name()) == "" || k.c.Settings.Access != "" || k.c.Package.PublishConfig["access"] != "" {
		return ""
	}
	return asPublic
}

// holder is the setting that the login is taken from, or would be.
func (c *Case) holder() Setting {
	login := c.Credential()
	for _, s := range append(slices.Clone(login.Uses), login.Hidden...) {
		return s
	}
	return Setting{}
}

func (k knowledge) where() string {
	if s := k.c.holder(); s.Key != "" {
		return s.Where()
	}
	return ""
}

var unsetVariable = pattern.New(`(?i)failed to replace env in config: \$\{(\w+)\}`)

// variable is the one that the login's line names, "" where nothing tells.
func (c *Case) variable() string {
	if m := unsetVariable.FindStringSubmatch(c.said()); m != nil {
		return m[1]
	}
	for _, name := range c.holder().Vars {
		return name
	}
	if n := c.Answers.Npmrc; n != nil && len(n.Unnamed) > 0 {
		return n.Unnamed[0].Name
	}
	if c.CI.Name == "GitHub Actions" { // what setup-node writes (actions/setup-node, src/authutil.ts)
		return "NODE_AUTH_TOKEN"
	}
	return ""
}

func (k knowledge) settings() string {
	if k.name() == "" {
		return ""
	}
	return "https://www.npmjs.com/package/" + strings.ReplaceAll(url.PathEscape(k.name()), "%2F", "/") + "/access"
}

// holder is what a new token must be put into.
func (k knowledge) holder() string {
	where, variable := k.where(), k.c.variable()
	switch {
	case variable == "":
		return where
	case where == "":
		return "the variable " + variable
	}
	return "the variable " + variable + " (" + where + ")"
}

// secret is the name that a CI's secret has most likely: setup-node's variable is filled
// from another.
func (k knowledge) secret() string {
	if name := k.c.variable(); name != "NODE_AUTH_TOKEN" {
		return name
	}
	return ""
}

// claims are what the job says of itself, or the names of what it would say in a CI that is
// known.
func (k knowledge) claims() string {
	if ci := k.c.CI; ci.Name != "" {
		return cmp.Or(ci.presents(), ci.publisher().words())
	}
	return k.c.CI.presents()
}

// entries is where the trusted publishers of the package stand.
func (k knowledge) entries() string {
	if !k.hasTrust() {
		return cmp.Or(k.settings(), settingsPage)
	}
	return k.c.Shell.Quote("npm", "trust", "list", cmp.Or(k.name(), "NAME")) + k.pin()
}

// revoke is how an entry is taken out (npm 11.19.1, lib/commands/trust/revoke.js).
func (k knowledge) revoke() string {
	if !k.hasTrust() {
		return cmp.Or(k.settings(), settingsPage)
	}
	return k.c.Shell.Quote("npm", "trust", "revoke", cmp.Or(k.name(), "NAME"), "--id", "ID") + k.pin()
}

func (k knowledge) hasTrust() bool { return !k.c.By().Known() || k.c.By().Has(npm.Trust) }

// trust is how the job becomes a trusted publisher: the command, where this npm has it,
// else what to enter where.
func (k knowledge) trust() string {
	claims := k.c.CI.publisher()
	if !k.hasTrust() {
		return "on " + cmp.Or(k.settings(), settingsPage) + " enter " + claims.words()
	}
	command := append([]string{"npm", "trust", claims.provider, cmp.Or(k.name(), "NAME")}, claims.fields...)
	return k.c.Shell.Quote(append(command, "--allow-publish")...) + k.pin()
}
