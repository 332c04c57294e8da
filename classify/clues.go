package classify

import (
	"regexp"
	"slices"

	"safepublish/classify/transcript"
)

// clue is one column of the decision tables: a question, the answers that it can
// have, and how the answer is read from what is known.
type clue struct {
	name    string
	answers []string
	asks    []Question             // what must be asked; nil where npm's own words tell
	read    func(*Case) string     // "" while it is not known
	show    func(*Case) []Evidence // nil where npm's message shows it
	late    bool                   // asked in a second round, and only if the first leaves it something to decide
}

// clues are the questions that decide, cheapest first.
var clues = []*clue{
	// What npm's words are about: a number that is used up (npmjs.org's sentence for
	// one that was unpublished), another version than npm packed, a login that is
	// missing, one that is dead, another way to log in, a race, npmjs.org's sentence
	// about a package of others; "plain" for none of these.
	{"says", []string{"burnt", "another", "login", "dead", "scheme", "race", "taken", "plain"}, nil, sense, nil, false},
	// Was it the answer to the first upload, or to one that npm sent again?
	{"answer", []string{"first", "later"}, nil, answered, evAttempts, false},
	// Is the address one that this kind of registry only reads from? A Nexus says by
	// no address whether it is hosted, a group or a proxy.
	{"endpoint", []string{"read-only", "unclear", "writable"}, nil, endpointOf, evEndpoint, false},
	// Does npm's log say that it dropped a registry setting which is no URL?
	{"setting", []string{"dropped", "kept"}, nil, droppedSetting, evDropped, false},
	// Is the version there, and with which contents? Used once and gone: burnt. The
	// packument does not list it: gone.
	{"version", []string{"same", "other", "there", "burnt", "gone"}, []Question{AskThis, AskPackument}, versionOf, evVersion, false},
	// Did the registry send its notice "Access token expired or revoked"? It comes
	// with 404s and living tokens too (npm/cli#8816).
	{"notice", []string{"came", "none"}, nil, noticed, evNotice, false},
	// Is it npm 6 or older, which sends an upload without a login too?
	{"npm", []string{"old", "new"}, nil, npmAge, nil, false},
	// What npm's log says of trusted publishing: the CI's identity was taken, refused,
	// or never offered (npm 11.5.1 and later, lib/utils/oidc.js).
	{"oidc", []string{"taken", "refused", "no"}, nil, exchange, evOIDC, false},
	// What an .npmrc, the environment or a flag holds for this registry.
	{"login", []string{"none", "empty", "unset", "placeholder", "present"}, []Question{AskLogin}, loginOf, evLogin, false},
	// Does the name have a scope?
	{"scoped", []string{"yes", "no"}, nil, scoped, nil, false},
	// Does the registry know accounts at all, so far as whoami tells?
	{"accounts", []string{"some", "none"}, []Question{AskIdentity}, accounts, evIdentity, false},
	// Whom the registry takes us for: whoami names a user, or refuses; or npm has
	// nothing to show. What npm got by trusted publishing whoami does not use.
	{"token", []string{"named", "refused", "nobody"}, []Question{AskIdentity}, tokenOf, evIdentity, false},
	// Does it answer to the token what it does not tell a stranger? A granular token
	// may be refused by whoami and live (semantic-release/npm#4).
	{"alive", []string{"yes", "no"}, []Question{AskIdentity, AskAccess}, func(c *Case) string { return yesNo(c.Facts.Alive) }, evAlive, true},
	// Does the scope exist as a user or an organization?
	{"scope", []string{"none", "there", "missing"}, []Question{AskScope}, scopeOfCase, evScope, true},
	// Does this account belong to it?
	{"member", []string{"yes", "no"}, []Question{AskIdentity, AskMember}, func(c *Case) string { return yesNo(c.Facts.Member) }, evMember, true},
	// Is the package shown to us?
	{"package", []string{"there", "unseen"}, []Question{AskPackument}, packageOf, evPackument, false},
	// May this account write the package?
	{"write", []string{"yes", "no"}, []Question{AskPackument, AskIdentity, AskAccess}, write, evWrite, true},
	// Does it show packages of the public registry, as a mirror does?
	{"public", []string{"yes", "no"}, []Question{AskMirror}, func(c *Case) string { return yesNo(c.Facts.Mirrors) }, evMirror, true},
}

func yesNo(a Answer) string { return [...]string{Unknown: "", Yes: "yes", No: "no"}[a] }

// saysNoHeader: GitHub Packages, of a request without a credential.
var saysNoHeader = regexp.MustCompile(`(?i)authentication token not provided`)

var saysDead = anyOf(
	`(?i)user cannot be authenticated with the token`, `could not be authenticated by the github packages service`,
	`\] (?:invalid token|token expired)`, `bad username/password`,
)

func sense(c *Case) string {
	said := c.said()
	other := groups(saysExists, said)["version"]
	switch {
	case other != "" && c.Version() != "" && other != c.Version():
		return "another"
	case c.status() == 400 && saysBurnt.MatchString(said):
		return "burnt"
	case saysRace.MatchString(said):
		return "race"
	case saysTaken.MatchString(said):
		return "taken"
	case saysDead.MatchString(said):
		return "dead"
	case saysNoHeader.MatchString(said), saysLogin.MatchString(said) && c.major() < 7:
		return "login"
	case saysOtherScheme.MatchString(said):
		return "scheme"
	}
	return "plain"
}

func noticed(c *Case) string {
	if _, came := c.expiredNotice(); came {
		return "came"
	}
	return "none"
}

func answered(c *Case) string {
	if c.upload() == transcript.Open {
		return "later"
	}
	return "first"
}

func npmAge(c *Case) string {
	switch m := c.major(); {
	case m == 0:
		return ""
	case m < 7:
		return "old"
	}
	return "new"
}

var (
	ofOIDC    = regexp.MustCompile(`^oidc (?:Fail|.*\berror\b)`)
	oidcTaken = regexp.MustCompile(`^oidc Successfully retrieved`)
	skipped   = regexp.MustCompile(`^oidc Skipped`)
)

// exchange: npm tries it in the CIs that it knows only, and says nothing of it
// elsewhere. Without a log it is known where there is no CI, or npm is too old.
func exchange(c *Case) string {
	if _, ok := c.line("", oidcTaken); ok {
		return "taken"
	}
	if _, ok := c.line("", ofOIDC); ok {
		return "refused"
	}
	if c.HasLog || c.major() > 0 && c.major() < 11 || c.Facts.Npmrc != nil && c.Facts.CI.Name == "" {
		return "no"
	}
	return ""
}

var saysDropped = regexp.MustCompile(`^(?:config )?invalid config (?:@\S+:)?registry=`)

func droppedSetting(c *Case) string {
	if _, ok := c.line("warn", saysDropped); ok {
		return "dropped"
	}
	return "kept"
}

func endpointOf(c *Case) string {
	switch k := kindOf(c); {
	case k == nil:
	case k.readOnly != nil && k.readOnly.MatchString(c.Registry()):
		return "read-only"
	case k.unclear:
		return "unclear"
	}
	return "writable"
}

func scoped(c *Case) string { return yesNo(yesIf(c.scope() != "")) }

func tokenOf(c *Case) string {
	switch id := c.Facts.Identity; {
	case exchange(c) == "taken":
		return ""
	case id.Known == Yes:
		return "named"
	case id.Known == No && loginOf(c) == "none":
		return "nobody"
	case id.Known == No:
		return "refused"
	}
	return ""
}

func accounts(c *Case) string {
	switch id := c.Facts.Identity; {
	case id.Deaf:
		return "none"
	case id.Known != Unknown:
		return "some"
	}
	return ""
}

func write(c *Case) string {
	if tokenOf(c) != "named" {
		return ""
	}
	return yesNo(c.maintains())
}

func versionOf(c *Case) string {
	switch c.sameBytes() {
	case Yes:
		return "same"
	case No:
		return "other"
	}
	p := c.Facts.Packument
	switch {
	case c.versionThere() == Yes:
		return "there"
	case slices.Contains(p.Burnt, c.Version()):
		return "burnt"
	case p.Found == Yes || p.Found == No && c.Facts.This.Found == No:
		return "gone"
	}
	return ""
}

func packageOf(c *Case) string {
	return [...]string{Unknown: "", Yes: "there", No: "unseen"}[c.Facts.Packument.Found]
}

func scopeOfCase(c *Case) string {
	switch {
	case c.scope() == "":
		return "none"
	case c.Facts.Packument.Found == Yes:
		return "there"
	}
	return [...]string{Unknown: "", Yes: "there", No: "missing"}[c.Facts.ScopeThere]
}
