package classify

import (
	"regexp"
	"slices"
)

// The decision tables: what a registry's answer means where its words do not tell,
// or tell too little. Everything that safepublish claims to know about a masked
// refusal stands here. The questions are explained in clues.go, and how a table is
// read in decide.go: from the top, "." asks nothing, "?" behind a cause means that it
// is likely and not proven. A test walks every combination of answers: what is
// certain must stay so whatever the answers that did not come would have been.

// tables are tried in this order; the first that fits the run is the one.
var tables = []*table{
	existsTable, stagedTable, conflictTable, scopeTable, permissionTable, credentialsTable,
	loginTable, unauthorizedTable, forbiddenTable, notFoundTable, badRequestTable,
}

// "You cannot publish over the previously published versions": the number is taken.
// By what, the registry shows. The answer to a later attempt may be about npm's own
// first upload, whose answer was lost (npm/cli#6693).
var existsTable = newTable("the registry's words: this version exists", byWords(versionExists), `
	says     answer  version | cause
	.        .       same    | already-published  the bytes of this run are there
	another  .       .       | version-exists?    a script raised the version after npm had read it; nothing is known of the new one
	.        .       other   | version-exists     somebody else's contents, or an older build's
	.        .       burnt   | version-burnt      "time" keeps a number that "versions" has lost
	burnt    .       gone    | version-burnt?     npmjs.org says E400 for a number that was unpublished, E403 for one that is there
	.        .       gone    | version-exists?    used up, or accepted and not readable yet
	.        later   .       | version-exists?    it may be this very upload
	burnt    .       .       | version-burnt?
	.        .       .       | version-exists     the registry says so, to the first upload
`)

// "Cannot publish over previously staged version": accepted once, not readable yet.
var stagedTable = newTable("the registry's words: this version is staged", byWords(versionStaged), `
	version | cause
	same    | already-published  it is readable by now
	other   | version-exists     readable by now, with other contents
	.       | version-staged     nothing but time, or an approval, changes it
`)

// 409 Conflict: a race of two publishes, or a version that exists. The version may
// have been stored all the same (npm/cli#7376).
var conflictTable = newTable("409 to the upload", func(c *Case) bool {
	return byWords(publishRace)(c) || c.status() == 409 && !c.explained()
}, `
	says  version | cause
	.     same    | already-published  stored, whatever the answer said
	.     other   | version-exists
	.     burnt   | version-burnt?
	race  .       | publish-race       the registry says so
	.     there   | version-exists?    its contents could not be compared
	.     .       | publish-race?      a bare 409 is a race on most registries
`)

// "Scope not found", "owner not found": also said of a scope that exists and is not
// yours to see.
var scopeTable = newTable("the registry's words: no such scope", byWords(scopeNotFound), `
	scope    member  token | cause
	missing  .       .     | scope-not-found   the registry's words, and its lists
	there    no      named | no-permission     the scope is an organization that this account is not in
	there    .       .     | no-permission?    it exists; that this account may not create in it is all that is left
	.        .       .     | scope-not-found?
`)

// "You do not have permission to publish": the name is somebody else's, the account
// lacks the right, or the token does. With trusted publishing whoami speaks of
// another credential than the one that was sent.
var permissionTable = newTable("the registry's words: no permission", byWords(noPermission), `
	says   oidc        scoped  token    alive  package  write  member | cause
	.      taken       .       .        .      .        .      .      | oidc-denied?    the CI's identity was exchanged for a token, and that one may not
	taken  no          no      named    .      there    no     .      | name-taken      an unscoped package, and its maintainers are others
	.      no,refused  .       named    .      there    no     .      | no-permission   the list of those who may write it does not have this account
	.      .           .       named    .      there    yes    .      | token-scope?    the account may, so the token may not
	.      no          yes     named    .      unseen   .      no     | no-permission   a new package in an organization that this account is not in
	.      no          yes     named    .      unseen   .      yes    | token-scope?    a member may mostly create packages: a token limited to those that exist
	.      .           .       refused  yes    .        .      .      | token-scope?    only a granular token is refused by whoami and answered elsewhere
	.      .           .       .        .      .        .      .      | no-permission?
`)

// "You may not perform that action with these credentials": whoami is right in all
// such cases. A read-only token, one for other packages, or an account that wants a
// second factor for its unscoped packages.
var credentialsTable = newTable("the registry's words: not with these credentials", func(c *Case) bool {
	return (c.status() == 400 || c.status() == 403) && saysTheseCredentials.MatchString(c.said())
}, `
	oidc   token  package  write | cause
	taken  .      .        .     | oidc-denied?
	no     named  there    no    | no-permission  the account itself may not
	.      .      .        .     | token-scope?   the account may, as far as is known: so it is the token
`)

// npm itself found no credential (ENEEDAUTH, before anything is sent), or a registry
// says that none came. In CI npm tries trusted publishing first, and hides why that
// failed: the log has it.
var loginTable = newTable("no login", func(c *Case) bool {
	return c.status() != 401 && byWords(notLoggedIn)(c)
}, `
	oidc     login | cause
	refused  none  | oidc-not-configured   the exchange was refused, and there was nothing else to log in with
	refused  empty | oidc-not-configured?  or the variable should have held a token
	refused  .     | oidc-not-configured?
	.        empty | token-unset           a line is there, and what it names is empty
	.        .     | not-logged-in         npm says so itself
`)

// 401 to the upload. npm drops the registry's sentence where the answer names a
// scheme (www-authenticate). What whoami says counts for the login in the .npmrc, not
// for one that npm got by trusted publishing.
var unauthorizedTable = newTable("401 to the upload", func(c *Case) bool {
	return c.status() == 401 && !c.challenged() && !c.explained(notLoggedIn, tokenInvalid)
}, `
	says    npm  oidc     login                    token          | cause
	.       .    no       empty,unset,placeholder  refused,nobody | token-unset               what npm sends is no token: the variable's name, a placeholder, nothing
	.       .    .        empty,unset,placeholder  .              | token-unset?
	.       .    refused  .                        refused        | oidc-not-configured?      trusted publishing was refused, and the token that npm fell back on too
	dead    .    no       present                  .              | token-invalid             the registry says so
	dead    .    .        .                        .              | token-invalid?
	.       old  no       none                     nobody         | not-logged-in             nothing was sent
	.       .    no       present                  refused        | token-invalid             refused for publishing, and for whoami
	.       .    .        .                        named          | unauthorized-unexplained
	scheme  .    .        .                        refused        | token-invalid?
	scheme  .    .        .                        .              | unauthorized-unexplained  it wants another way to log in
	login   .    .        .                        .              | not-logged-in?            npm 6 sends an upload without a login too
	.       .    .        .                        .              | token-invalid?            npm 7 and later send no upload without one: it was not taken
`)

// 403 without a reason: Artifactory for a version that exists, GitLab for a role, a
// proxy or a mirror for everything. npmjs.org always gives a reason.
var forbiddenTable = newTable("403 to the upload, without a reason", func(c *Case) bool {
	return c.status() == 403 && !c.explained()
}, `
	endpoint   version  oidc  login              accounts  token           alive  package  write  public | cause
	.          same     .     .                  .         .               .      .        .      .      | already-published
	.          other    .     .                  .         .               .      .        .      .      | version-exists         Artifactory refuses it even for an admin
	.          burnt    .     .                  .         .               .      .        .      .      | version-burnt?
	.          there    .     .                  .         .               .      .        .      .      | version-exists?
	read-only  .        .     .                  .         .               .      .        .      .      | wrong-registry?
	.          gone     no    unset,placeholder  .         refused,nobody  .      .        .      .      | token-unset            what npm sends is no token
	.          .        no    unset,placeholder  .         .               .      .        .      .      | token-unset?
	.          gone     no    .                  .         named           .      there    no     .      | no-permission          the package's list does not have this account
	.          .        .     .                  .         named           .      there    no     .      | no-permission?
	.          .        .     .                  .         named           .      there    yes    .      | token-scope?           the account may, so the token may not
	.          gone     .     .                  .         refused         yes    .        .      .      | token-scope?
	.          .        .     .                  none      .               .      .        .      yes    | wrong-registry?        it shows packages of the public registry and knows no accounts: a mirror
	.          .        .     .                  .         .               .      .        .      .      | forbidden-unexplained
`)

// 404 to the upload, the commonest failure on npmjs.org: it hides behind it that it
// does not take the login (expired, revoked, never set), that the scope is not there
// or not yours, that a granular token may not create a package, that no trusted
// publisher fits. The package's own absence is never the reason. The notice and
// whoami prove no dead token, not even together: the one comes with any 404
// (npm/cli#8816), the other refuses granular tokens that live.
var notFoundTable = newTable("404 to the upload", func(c *Case) bool {
	return c.status() == 404 && !c.explained()
}, `
	endpoint   setting  notice  npm  oidc     login                         accounts  token           alive  scope    member  package  write  public | cause
	read-only  .        .       .    .        .                             .         .               .      .        .       .        .      .      | wrong-registry         the address of a group or an instance is read from only
	.          .        .       .    refused  none,empty,unset,placeholder  .         refused,nobody  .      .        .       .        .      .      | oidc-not-configured    the exchange was refused, and there is no token besides
	.          .        .       .    no       empty,unset,placeholder       .         refused,nobody  .      .        .       .        .      .      | token-unset            what npm sends is no token: the variable's name, a placeholder
	.          .        .       .    refused  .                             .         .               .      .        .       .        .      .      | oidc-not-configured?   npm goes on with another token, if there is one
	.          .        .       .    .        empty,unset,placeholder       .         .               .      .        .       .        .      .      | token-unset?
	.          .        .       old  no       none                          .         nobody          .      .        .       .        .      .      | not-logged-in          npm 6 sends an upload without a login too
	.          .        .       .    no       .                             .         named           .      missing  .       .        .      .      | scope-not-found        no user and no organization of that name
	.          .        .       .    no       .                             .         named           .      .        no      .        .      .      | no-permission          not a member: nothing can be published into the scope
	.          .        .       .    no       .                             .         named           .      .        .       there    no     .      | no-permission          the package is there, and its list does not have this account
	.          .        .       .    .        .                             .         named           .      .        .       there    yes    .      | token-scope?           the account may, so the token may not
	.          .        came    .    no       present                       .         refused         no     .        .       .        .      .      | token-invalid          refused by whoami and by another question, and the registry says that it expired
	.          .        .       .    .        .                             none      .               .      .        .       .        .      yes    | wrong-registry?        it shows packages of the public registry and knows no accounts: a mirror
	.          .        .       .    .        .                             .         refused         yes    .        .       .        .      .      | token-scope?           a granular token that lives: not for this package, or not for a new one
	.          dropped  .       .    .        .                             .         .               .      .        .       .        .      .      | registry-url-invalid?  npm dropped the address that was meant, and went to the next one
	.          .        .       .    .        .                             .         refused         .      .        .       .        .      .      | token-invalid?         dead; or granular: those may fail whoami and publish
	.          .        .       .    no       .                             .         named           .      there    yes     unseen   .      .      | token-scope?           a member whose token may not create a package
	.          .        .       .    no       .                             .         named           .      none     .       unseen   .      .      | token-scope?           the name is free and the login lives: a token that may not create a package
	unclear    .        .       .    .        .                             .         .               .      .        .       .        .      .      | wrong-registry?        a proxy repository answers 404 to an upload, and its address does not tell
	.          .        came    .    .        .                             .         named           .      .        .       .        .      .      | not-found-unexplained  the notice comes with living tokens too (npm/cli#8816)
	.          .        came    .    .        .                             .         .               .      .        .       .        .      .      | token-invalid?
	.          .        .       .    .        .                             .         .               .      .        .       .        .      .      | not-found-unexplained
`)

// 400 without words that tell: a Nexus for a redeploy (its words stand in a page that
// npm does not show) and for an upload to a group, GitHub Packages for what nobody
// could explain yet.
var badRequestTable = newTable("400 to the upload", func(c *Case) bool {
	return c.status() == 400 && !c.explained()
}, `
	endpoint   version | cause
	.          same    | already-published
	.          other   | version-exists     it is there, with other contents, and can never be replaced
	read-only  .       | wrong-registry?
	unclear    .       | wrong-registry?    a group answers 400 to an upload
	.          .       | unknown
`)

// against lists what rules a cause out, by clue. What is not here rules nothing out:
// that the registry shows no packages of the public one makes it no better place to
// publish to, and that whoami does not know us kills no token.
var against = map[string]map[string][]string{
	"already-published":    {"version": {"other", "burnt", "gone"}},
	"version-exists":       {"version": {"burnt", "gone"}},
	"version-burnt":        {"version": {"same", "other", "there"}},
	"token-unset":          {"login": {"present", "none"}, "token": {"named"}, "alive": {"yes"}},
	"not-logged-in":        {"login": {"present"}, "token": {"named", "refused"}, "npm": {"new"}},
	"token-invalid":        {"login": {"none"}, "token": {"named", "nobody"}, "alive": {"yes"}},
	"token-scope":          {"login": {"none", "empty", "unset", "placeholder"}, "token": {"nobody"}, "alive": {"no"}, "write": {"no"}},
	"no-permission":        {"token": {"nobody"}, "alive": {"no"}, "write": {"yes"}},
	"name-taken":           {"scoped": {"yes"}, "package": {"unseen"}, "write": {"yes"}},
	"scope-not-found":      {"scope": {"none", "there"}},
	"oidc-not-configured":  {"oidc": {"no", "taken"}},
	"oidc-denied":          {"oidc": {"no", "refused"}},
	"wrong-registry":       {"token": {"named"}},
	"registry-url-invalid": {"setting": {"kept"}},
}

// byWords tells whether npm's words fit a row.
func byWords(row *Cause) func(*Case) bool {
	return func(c *Case) bool { return row.words(c, c.said()) }
}

// explained tells whether npm's words fit a row that goes by words, those named
// excepted.
func (c *Case) explained(but ...*Cause) bool {
	said := c.said()
	return slices.ContainsFunc(causes, func(row *Cause) bool {
		return row.Says != nil && !slices.Contains(but, row) && row.words(c, said)
	})
}

// The sentences that put a run before one of the tables.
var (
	saysNeedAuth = regexp.MustCompile(`(?i)requires you to be logged in(?: to (?P<registry>https?://\S+))?|auth(?: and email)? required`)
	saysLogin    = regexp.MustCompile(`(?i)must be logged in|login first|authorization required to publish|authentication token not provided|unregistered users are not allowed|no npm token specified|not authenticated with npm|missing authentication \(run|no authentication configured for request`)
)
