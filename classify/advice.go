package classify

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"safepublish/classify/npm"
)

// Advice is data. A step of a cause (Fix) is a text with two kinds of holes. At its head
// may stand the occasion that it is for, "In CI: ": where the case tells that it is one,
// the step comes first, where it is none, the step is left out. In it may stand values of
// the case, ${package}: what is not known is named in capitals. The page of a cause shows
// the same texts with nothing known.

// Advice returns what mends the cause in this case, the best first.
func (d Diagnosis) Advice(c *Case) []string { return steps(c, d.Vars, d.Cause.Fix) }

// Wants returns what the steps of a cause want to know of the case, besides what its
// diagnosis turned on.
func (row *Cause) Wants() []Question {
	var asks []Question
	for _, step := range row.Fix {
		text := step
		for _, o := range occasions {
			if after, found := strings.CutPrefix(text, o.words); found {
				asks, text = append(asks, o.asks...), after
			}
		}
		for _, m := range placeholder.FindAllStringSubmatch(step, -1) {
			asks = append(asks, values[m[1]].asks...)
		}
	}
	slices.Sort(asks)
	return slices.Compact(asks)
}

// steps returns those of a cause's or a product's steps that are for this case, those
// that are for it in particular first, with its values.
func steps(c *Case, vars map[string]string, texts []string) []string {
	var first, rest []string
	k := knowledge{c, vars}
	for _, text := range texts {
		switch text, fits := occasion(c, text); {
		case fits == No, byHand.MatchString(text) && c.inJob() == Yes:
		case fits == Yes:
			first = append(first, fill(text, k.value))
		default:
			rest = append(rest, fill(text, k.value))
		}
	}
	return append(first, rest...)
}

// byHand matches what only a person at a terminal can do.
var byHand = regexp.MustCompile(`\bnpm (?:login|adduser)\b|^Log in\b`)

// occasions are the words that a step may begin with to say when it counts, and how the
// case tells that.
var occasions = []struct {
	words string
	stays bool // the words are said although it is known
	asks  []Question
	fits  func(*Case) Answer
}{
	{words: "In CI: ", fits: (*Case).inJob},
	{words: "By hand: ", fits: func(c *Case) Answer { return not(c.inJob()) }},
	{words: "On a laptop: ", fits: func(c *Case) Answer { return not(c.inJob()) }},
	{words: "In GitHub Actions: ", fits: inJobOf("GitHub Actions")},
	{words: "In GitLab CI: ", fits: inJobOf("GitLab CI")},
	{words: "In CircleCI: ", fits: inJobOf("CircleCI")},
	{words: "First publish: ", stays: true, asks: []Question{AskPackument}, fits: (*Case).first},
	{words: "Published before: ", asks: []Question{AskPackument}, fits: func(c *Case) Answer { return not(c.first()) }},
}

// occasion takes the occasions off a step's head, and tells whether it is for this case:
// Unknown where nothing tells, or the step is for any.
func occasion(c *Case, text string) (string, Answer) {
	all := Unknown
	for _, o := range occasions {
		after, found := strings.CutPrefix(text, o.words)
		if !found {
			continue
		}
		switch fits := o.fits(c); {
		case fits == No:
			return text, No
		case fits == Unknown:
			return text, Unknown
		case o.stays:
			return text, Yes
		}
		all, text = Yes, capitalized(after)
	}
	return text, all
}

// commands are words that begin a step in small letters.
var commands = []string{"npm", "npx", "safepublish", "gh", "pnpm", "yarn", "bun", "aws", "export"}

func capitalized(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if slices.Contains(commands, word) || strings.ContainsAny(word, ":_=@/") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func not(a Answer) Answer { return [...]Answer{Unknown: Unknown, Yes: No, No: Yes}[a] }

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
var oidcLine = regexp.MustCompile(`^oidc `)

func inJobOf(name string) func(*Case) Answer {
	return func(c *Case) Answer {
		switch {
		case c.CI.Name == name:
			return Yes
		case c.CI.Name != "" || c.CI.Known:
			return No
		}
		return Unknown
	}
}

// first tells whether the package was never published, so far as the registry shows: a
// private package of others looks the same.
func (c *Case) first() Answer {
	if sameRegistry(c.Answers.Registry, c.Registry()) {
		return not(c.Answers.Packument.Found)
	}
	return Unknown
}

// placeholder is where a value of the case stands in a step. What is meant for an
// .npmrc or a workflow, ${NPM_TOKEN}, is in capitals and stays as it is.
var placeholder = regexp.MustCompile(`\$\{([a-z]+)\}`)

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
	c    *Case
	vars map[string]string
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
	"package": {unknown: "NAME", read: knowledge.name},
	"version": {unknown: "VERSION", read: func(k knowledge) string { return cmp.Or(k.c.Version(), k.vars["version"]) }},
	"url":     {unknown: "URL", read: knowledge.registry},
	"host":    {unknown: "HOST", read: func(k knowledge) string { return npm.Host(cmp.Or(k.registry(), k.vars["registry"])) }},
	"dart":    {unknown: "//HOST/", read: func(k knowledge) string { return npm.NerfDart(k.registry()) }},
	"at":      {unknown: atURL, bare: true, read: knowledge.pin},
	"user":    {unknown: "YOU", asks: []Question{AskIdentity}, read: func(k knowledge) string { return k.vars["user"] }},
	"scope":   {unknown: "@SCOPE", read: func(k knowledge) string { return npm.Scope(k.name()) }},
	"org":     {unknown: "ORG", read: func(k knowledge) string { return strings.TrimPrefix(npm.Scope(k.name()), "@") }},
	"tag":     {unknown: "TAG", read: func(k knowledge) string { return k.vars["tag"] }},
	"owners": {
		unknown: "MAINTAINERS", bare: true, asks: []Question{AskPackument},
		read: func(k knowledge) string { return k.vars["owners"] },
	},
	"public": {unknown: asPublic, bare: true, read: knowledge.public},

	"variable": {unknown: "NPM_TOKEN", asks: []Question{AskLogin}, read: func(k knowledge) string { return k.c.variable() }},
	"where":    {unknown: "the .npmrc", bare: true, asks: []Question{AskLogin}, read: knowledge.where},

	"repository": {unknown: "OWNER/REPO", read: func(k knowledge) string { return k.c.CI.Repository }},
	"workflow":   {unknown: "WORKFLOW.yml", read: func(k knowledge) string { return k.c.CI.Workflow }},
	"trust": {
		unknown: "npm trust github NAME --repo OWNER/REPO --file WORKFLOW.yml --allow-publish (npm 11.15 and later)",
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
	return npm.Quote(text)
}

func (k knowledge) name() string { return cmp.Or(k.c.Name(), k.vars["package"]) }

// registry is the address that publish talked to, without user and password.
func (k knowledge) registry() string {
	if r := k.c.Registry(); r != "" {
		return npm.Registry(r)
	}
	return groups(saysNeedAuth, k.c.said())["registry"]
}

// pin is the flags that send another command to the same registry; nothing where it goes
// there anyway, for all that is known.
func (k knowledge) pin() string {
	r, scope := k.registry(), npm.Scope(k.name())
	var set []Setting
	if files := k.c.Answers.Npmrc; files != nil {
		set = append(files.All("registry"), files.All(scope+":registry")...)
	}
	named := slices.ContainsFunc(set, func(s Setting) bool { return !npm.IsPublic(s.URL) })
	switch {
	case r == "":
		return atURL
	case npm.IsPublic(r) && !named && len(k.c.Package.PublishConfig) == 0:
		return ""
	}
	return " " + npm.Quote(npm.Pin(r, k.name())...)
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

var unsetVariable = regexp.MustCompile(`(?i)failed to replace env in config: \$\{(\w+)\}`)

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

// trust is how the job becomes a trusted publisher: the command, where this npm has it,
// else what to enter where.
func (k knowledge) trust() string {
	claims := k.c.CI.publisher()
	if by := k.c.By(); by.Known() && !by.Has(npm.Trust) {
		return "on " + cmp.Or(k.settings(), settingsPage) + " enter " + claims.words()
	}
	command := append([]string{"npm", "trust", claims.provider, cmp.Or(k.name(), "NAME")}, claims.fields...)
	return npm.Quote(append(command, "--allow-publish")...) + k.pin()
}
