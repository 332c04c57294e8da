package classify

import (
	"strconv"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// clue is one question of the decision tables, and the answers that it can have.
type clue struct {
	name    string
	answers []string
	asks    []Question // what must be asked; nil where npm's own words tell
	late    bool       // asked in a second round, and only if the first leaves it something to decide
	// read returns the answer, "" while it is not known, and what shows it; nothing
	// where npm's message shows it.
	read func(*Case) (string, []Evidence)
}

// clues are the questions that decide, those that cost nothing first. Evidence is
// shown in this order.
var clues = []*clue{
	// What npm's words are about: a number that is used up (npmjs.org's sentence for
	// one that was unpublished), another version than npm packed, one that cannot be
	// staged since it is published, a login that is
	// missing, one that is dead, another way to log in, a race, npmjs.org's sentence
	// about a package of others, a reason that no row knows; "plain" for none of these.
	{
		name:    "says",
		answers: []string{"burnt", "another", "stage", "login", "dead", "scheme", "race", "taken", "reason", "plain"},
		read:    readWords,
	},
	// Was it the answer to the first upload, or to one that npm sent again?
	{name: "answer", answers: []string{"first", "later"}, read: readAnswer},
	// Is the address one that this kind of registry only reads from? A Nexus says by
	// no address whether it is hosted, a group or a proxy.
	{name: "endpoint", answers: []string{"read-only", "unclear", "writable"}, read: readEndpoint},
	// Does npm's log say that it dropped a registry setting which is no URL?
	{name: "setting", answers: []string{"dropped", "kept"}, read: readSetting},
	// Is the version there, and with which contents? Used once and gone: burnt. The
	// packument does not list it: gone.
	{
		name: "version", answers: []string{"same", "other", "there", "burnt", "gone"},
		asks: []Question{AskThis, AskPackument}, read: readVersion,
	},
	// Does it refuse reading the package as well, where everybody may read? npm drops the
	// page of a proxy that answers in the registry's place. It is asked for the version.
	{name: "reads", answers: []string{"refused", "answered"}, read: readReads},
	// Did the registry send its notice "Access token expired or revoked"? It comes
	// with 404s and living tokens too (npm/cli#8816).
	{name: "notice", answers: []string{"came", "none"}, read: readNotice},
	// Is it npm 6 or older, which sends an upload without a login too?
	{name: "npm", answers: []string{"old", "new"}, read: readNPM},
	// What npm's log says of trusted publishing: the CI's identity was taken, refused,
	// or never offered (npm 11.5.1 and later, lib/utils/oidc.js); "failed" is no refusal:
	// the CI's endpoint or the registry's gave no answer that counts.
	{name: "oidc", answers: []string{"taken", "refused", "failed", "no"}, read: readOIDC},
	// Does npm run in a CI that it trusts, and did the job have an identity to offer?
	{name: "ci", answers: []string{"offers", "withholds", "none"}, read: readCI},
	// What an .npmrc, the environment or a flag holds for this registry.
	{
		name: "login", answers: []string{"none", "empty", "unset", "placeholder", "malformed", "present"},
		asks: []Question{AskLogin}, read: readLogin,
	},
	// Does the name have a scope?
	{name: "scoped", answers: []string{"yes", "no"}, read: func(c *Case) (string, []Evidence) { return yesNo(yesIf(c.Scope() != "")), nil }},
	// Does the registry know accounts at all, so far as whoami tells?
	{name: "accounts", answers: []string{"some", "none"}, asks: []Question{AskIdentity}, read: readAccounts},
	// Whom the registry takes us for: whoami names a user, or refuses; or npm has
	// nothing to show. What npm got by trusted publishing whoami does not use.
	{name: "token", answers: []string{"named", "refused", "nobody"}, asks: []Question{AskIdentity}, read: readToken},
	// Does it answer to the token what it does not tell a stranger? A granular token
	// may be refused by whoami and live (semantic-release/npm#4).
	{name: "alive", answers: []string{"yes", "no"}, asks: []Question{AskIdentity, AskAccess}, read: readAlive},
	// Does the scope exist as a user or an organization?
	{name: "scope", answers: []string{"none", "there", "missing"}, asks: []Question{AskScope}, late: true, read: readScope},
	// Does this account belong to it? Who may write a package that is there tells more.
	{name: "member", answers: []string{"yes", "no"}, asks: []Question{AskIdentity, AskMember}, late: true, read: readMember},
	// Is the package shown to us?
	{name: "package", answers: []string{"there", "unseen"}, asks: []Question{AskPackument}, read: readPackage},
	// May this account write the package?
	{name: "write", answers: []string{"yes", "no"}, asks: []Question{AskPackument, AskIdentity, AskAccess}, read: readWrite},
	// Does it show packages of the public registry, as a mirror does?
	{name: "public", answers: []string{"yes", "no"}, asks: []Question{AskMirror}, late: true, read: readPublic},
}

func yesNo(a Answer) string { return [...]string{Unknown: "", Yes: "yes", No: "no"}[a] }

func yesIf(b bool) Answer {
	if b {
		return Yes
	}
	return No
}

// everyAnswer returns all that is known, for an honest end: what it rules out, and in
// the asker's words what was not answered.
func everyAnswer(c *Case) []Evidence {
	var all []Evidence
	for _, k := range clues {
		_, shown := k.read(c)
		all = addEvidence(all, shown...)
	}
	all = addEvidence(all, source(c)...)
	if len(all) > 0 {
		return all
	}
	for _, a := range c.Answers.Asked {
		all = append(all, Evidence(a))
	}
	return all
}

// What npm's own words and its log tell.

var saysDead = pattern.Any(
	`(?i)user cannot be authenticated with the token`, `could not be authenticated by the github packages service`,
	`\] (?:invalid token|token expired)`, `bad username/password`,
)

// saysNoHeader: GitHub Packages, of a request without a credential.
var saysNoHeader = pattern.New(`(?i)authentication token not provided`)

func readWords(c *Case) (string, []Evidence) {
	said := c.said()
	other := groups(saysExists, said)["version"]
	switch {
	case other != "" && c.Version() != "" && other != c.Version():
		return "another", nil
	case c.status() == 400 && saysBurnt.MatchString(said):
		return "burnt", nil
	case saysNotStaged.MatchString(said):
		return "stage", nil
	case saysRace.MatchString(said):
		return "race", nil
	case saysTaken.MatchString(said):
		return "taken", nil
	case saysDead.MatchString(said):
		return "dead", nil
	case saysNoHeader.MatchString(said), saysLogin.MatchString(said) && !c.By().Has(npm.RefusesWithoutLogin):
		return "login", nil
	case saysOtherScheme.MatchString(said):
		return "scheme", nil
	case c.reason() != "" && !c.explained():
		return "reason", nil
	}
	return "plain", nil
}

var retryLine = pattern.New(`^fetch PUT .* attempt \d+ failed with `)

// readAnswer shows by which line npm sent the upload more than once.
func readAnswer(c *Case) (answer string, shown []Evidence) {
	if l, ok := c.line("http", retryLine); ok {
		shown = []Evidence{{l.From, l.Text}}
	} else if l := c.lastUpload(); strings.Contains(l.Text, " attempt #") {
		shown = []Evidence{{l.From, l.Text}}
	}
	if c.upload() == transcript.Open {
		return "later", shown
	}
	return "first", shown
}

func readEndpoint(c *Case) (string, []Evidence) {
	switch p := productOf(c); {
	case p == nil:
	case p.readOnly != nil && p.readOnly.MatchString(c.Registry()):
		return "read-only", []Evidence{{"npm", "the address is that of an instance or a group of " + p.name + ", which is only for reading"}}
	case p.unclear:
		return "unclear", []Evidence{{
			"npm", "the address is that of a " + p.name + ", which does not tell a hosted repository from a group or a proxy",
		}}
	}
	return "writable", nil
}

var getRefused = pattern.New(`^fetch GET 403 (\S+)`)

// readReads: npm 11 and later ask for the package before they send it, and log the
// answer. A registry of one's own may well refuse that to this login.
func readReads(c *Case) (string, []Evidence) {
	if !npm.IsPublic(c.Registry()) {
		return "answered", nil
	}
	const text = "is refused with 403 too, but npmjs.org shows its packages to everybody: something in between answers"
	if l, ok := c.line("http", getRefused); ok && npm.IsPublic(getRefused.FindStringSubmatch(l.Text)[1]) {
		return "refused", []Evidence{{l.From, "reading the package " + text}}
	}
	switch p := c.Answers.Packument; {
	case p.ErrorCode == "E403":
		return "refused", []Evidence{{"npm view " + c.Name(), text}}
	case p.Found != Unknown || p.ErrorCode != "":
		return "answered", nil
	}
	return "", nil
}

var saysDropped = pattern.New(`^(?:config )?invalid config (?:@\S+:)?registry=`)

func readSetting(c *Case) (string, []Evidence) {
	if l, ok := c.line("warn", saysDropped); ok {
		return "dropped", []Evidence{{l.From, "npm ignored a setting: " + l.Text}}
	}
	return "kept", nil
}

var expired = pattern.New(`(?i)access token (is )?(expired|revoked)`)

func readNotice(c *Case) (string, []Evidence) {
	for _, l := range c.Notices {
		if expired.MatchString(l.Text) {
			return "came", []Evidence{{l.From, l.Text}}
		}
	}
	return "none", nil
}

func readNPM(c *Case) (string, []Evidence) {
	switch by := c.By(); {
	case !by.Known():
		return "", nil
	case by.Has(npm.RefusesWithoutLogin):
		return "new", nil
	}
	return "old", nil
}

// oidcLines are npm's lines about the exchange, which it hides at its default level.
var oidcLines = []struct {
	fits   *pattern.Pattern
	answer string
}{
	{pattern.New(`^oidc Successfully retrieved`), "taken"},
	{pattern.New(`^oidc (?:Failure with message|Failed to fetch id_token|Failed because token exchange)`), "failed"},
	{pattern.New(`^oidc (?:Fail|.*\berror\b)`), "refused"},
	{pattern.New(`^Skipped OIDC: |^No NPM_TOKEN found, but OIDC is available`), "refused"}, // pnpm; the action of changesets
	{pattern.New(`^oidc Skipped`), "no"},
}

// readOIDC: npm tries it in the CIs that it knows only, and says nothing of it
// elsewhere. Without a log it is known where there is no CI, or npm is too old.
func readOIDC(c *Case) (string, []Evidence) {
	for _, said := range oidcLines {
		l, ok := c.line("", said.fits)
		if !ok {
			continue
		}
		shown := []Evidence{{l.From, l.Text}}
		if status, known := c.exchangeStatus(); known && said.answer == "refused" && (status == 0 || status == 429 || status >= 500) {
			return "failed", shown
		}
		return said.answer, shown
	}
	if c.HasLog || c.By().Known() && !c.By().Has(npm.TrustedPublishing) || c.Answers.Npmrc != nil && c.CI.Name == "" {
		return "no", nil
	}
	return "", nil
}

var (
	exchangeFailed = pattern.New(`^oidc Failed token exchange request with body message: (.*)`)
	exchangeAnswer = pattern.New(`^fetch POST (\d{3}) \S*/oidc/token/exchange/`)
)

// exchangeStatus returns the status by which the registry answered npm's request to
// exchange the CI's identity, 0 where none came. known is false where npm did not get
// so far, or a log without these lines does not tell.
func (c *Case) exchangeStatus() (status int, known bool) {
	if l, ok := c.line("http", exchangeAnswer); ok {
		status, _ = strconv.Atoi(exchangeAnswer.FindStringSubmatch(l.Text)[1])
		return status, true
	}
	l, failed := c.line("", exchangeFailed)
	return 0, failed && c.HasLog && strings.HasSuffix(l.Text, ": Unknown error")
}

// notOffered is what npm logs in a CI that it trusts where the job has no identity.
var notOffered = pattern.New(`^oidc Skipped because`)

func readCI(c *Case) (string, []Evidence) {
	ci := c.CI
	if l, ok := c.line("", notOffered); ok {
		return "withholds", append([]Evidence{{l.From, l.Text}}, noTrust(c)...)
	}
	switch {
	case c.Answers.Npmrc == nil:
		return "", nil
	case ci.Name == "":
		return "none", nil
	case ci.IDToken && c.By().Has(npm.TrustedPublishing):
		return "offers", nil
	}
	return "withholds", noTrust(c)
}

func (c *Case) exchange() string {
	answer, _ := readOIDC(c)
	return answer
}
