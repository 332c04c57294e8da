package classify

import (
	"slices"
	"sync"
)

// The decision tables: what a registry's answer means where its words do not tell,
// or tell too little. Everything that safepublish claims to know about a masked
// refusal stands here. A table is read from the top: the first rule of which every
// answer is as it says is the diagnosis; "?" behind a cause means that it is likely
// and not proven. The questions are explained in clues.go, the reading is decide.go.
// A test walks every combination of answers: what is certain must stay so whatever
// the answers that did not come would have been.

// tables are tried in this order; the first that fits the run is the one. They are read
// when the first run is diagnosed.
var tables = sync.OnceValue(func() []*table {
	return []*table{
		// "You cannot publish over the previously published versions": the number is taken.
		// By what, the registry shows. The answer to a later attempt may be about npm's own
		// first upload, whose answer was lost (npm/cli#6693).
		newTable("the registry's words: this version exists", byWords("version-exists"), `
	version=same            | already-published  the bytes of this run are there
	says=another            | version-exists?    a script raised the version after npm had read it; nothing is known of the new one
	version=other           | version-exists     somebody else's contents, or an older build's
	version=burnt           | version-burnt      "time" keeps a number that "versions" has lost
	says=burnt version=gone | version-burnt?     npmjs.org says E400 for a number that was unpublished, E403 for one that is there
	version=gone            | version-exists?    used up, or accepted and not readable yet
	answer=later            | version-exists?    it may be this very upload
	says=burnt              | version-burnt?
	otherwise               | version-exists     the registry says so, to the first upload
`),

		// "Cannot publish over previously staged version": accepted once, not readable yet.
		newTable("the registry's words: this version is staged", byWords("version-staged"), `
	version=same            | already-published  it is readable by now
	version=other           | version-exists     readable by now, with other contents
	version=there           | version-exists?    readable by now; its contents could not be compared
	says=stage version=burnt | version-burnt?
	says=stage version=gone | version-staged     told that it is published, and it is not there: it waits for approval (npm/cli#9519)
	says=stage              | version-staged?
	otherwise               | version-staged     nothing but time, or an approval, changes it
`),

		// 409 Conflict: a race of two publishes, or a version that exists. The version may
		// have been stored all the same (npm/cli#7376).
		newTable("409 to the upload", func(c *Case) bool {
			return byWords("publish-race")(c) || c.status() == 409 && !c.explained()
		}, `
	version=same  | already-published  stored, whatever the answer said
	version=other | version-exists
	version=burnt | version-burnt?
	says=race     | publish-race       the registry says so
	version=there | version-exists?    its contents could not be compared
	otherwise     | publish-race?      a bare 409 is a race on most registries
`),

		// "Scope not found", "owner not found": also said of a scope that exists and is not
		// yours to see.
		newTable("the registry's words: no such scope", byWords("scope-not-found"), `
	scope=missing                     | scope-not-found   the registry's words, and its lists
	scope=there member=no token=named | no-permission     the scope is an organization that this account is not in
	scope=there                       | no-permission?    it exists; that this account may not create in it is all that is left
	otherwise                         | scope-not-found?
`),

		// "You do not have permission to publish": the name is somebody else's, the account
		// lacks the right, or the token does. With trusted publishing whoami speaks of
		// another credential than the one that was sent.
		newTable("the registry's words: no permission", byWords("no-permission"), `
	oidc=taken                          | oidc-denied?    the CI's identity was exchanged for a token, and that one may not
	says=taken oidc=no scoped=no token=named package=there write=no | name-taken      an unscoped package, and its maintainers are others
	oidc=no,refused,failed token=named package=there write=no | no-permission   the list of those who may write it does not have this account
	token=named package=there write=yes | token-scope?    the account may, so the token may not
	oidc=no scoped=yes token=named package=unseen member=no | no-permission   a new package in an organization that this account is not in
	oidc=no scoped=yes token=named package=unseen member=yes | token-scope?  members may create packages: the token is for existing ones
	token=refused alive=yes             | token-scope?    only a granular token is refused by whoami and answered elsewhere
	otherwise                           | no-permission?
`),

		// "You may not perform that action with these credentials": whoami is right in all
		// such cases. A read-only token, one for other packages, or an account that wants a
		// second factor for its unscoped packages.
		newTable("the registry's words: not with these credentials", func(c *Case) bool {
			return (c.status() == 400 || c.status() == 403) && saysTheseCredentials.MatchString(c.said())
		}, `
	oidc=taken                                 | oidc-denied?
	oidc=no token=named package=there write=no | no-permission  the account itself may not
	otherwise                                  | token-scope?   the account may, as far as is known: so it is the token
`),

		// npm itself found no credential (ENEEDAUTH, before anything is sent), or a registry
		// says that none came. In CI npm tries trusted publishing first, and hides why that
		// failed: the log has it.
		newTable("no login", func(c *Case) bool {
			return c.status() != 401 && byWords("not-logged-in")(c)
		}, `
	oidc=refused login=none  | oidc-not-configured   the exchange was refused, and there was nothing else to log in with
	oidc=refused login=empty | oidc-not-configured?  or the variable should have held a token
	oidc=refused             | oidc-not-configured?
	oidc=failed login=none   | oidc-unreachable      the exchange failed, and there was nothing else to log in with
	oidc=failed              | oidc-unreachable?
	login=empty              | token-unset           a line is there, and what it names is empty
	oidc=no ci=withholds login=none | oidc-not-offered  a CI that can prove itself, a job that does not, and no token
	oidc=no ci=withholds     | oidc-not-offered?
	otherwise                | not-logged-in         npm says so itself
`),

		// 401 to the upload. npm drops the registry's sentence where the answer names a
		// scheme (www-authenticate). What whoami says counts for the login in the .npmrc, not
		// for one that npm got by trusted publishing.
		newTable("401 to the upload", func(c *Case) bool {
			return c.status() == 401 && !c.challenged() && !c.explained("not-logged-in", "token-invalid")
		}, `
	oidc=no login=empty,unset,placeholder token=refused,nobody | token-unset  that is no token: a variable's name, a placeholder, nothing
	login=empty,unset,placeholder           | token-unset?
	oidc=refused token=refused              | oidc-not-configured?      trusted publishing was refused, and the token that npm fell back on too
	oidc=failed token=refused               | oidc-unreachable?         it failed, and the token that npm fell back on too
	oidc=no login=malformed token=refused,nobody | token-malformed      no token looks like that
	login=malformed                         | token-malformed?
	says=dead oidc=no login=present         | token-invalid             the registry says so
	says=dead                               | token-invalid?
	npm=old oidc=no login=none token=nobody | not-logged-in             nothing was sent
	oidc=no login=present token=refused     | token-invalid             refused for publishing, and for whoami
	token=named                             | unauthorized-unexplained
	says=scheme token=refused               | token-invalid?
	says=scheme                             | unauthorized-unexplained  it wants another way to log in
	says=login                              | not-logged-in?            npm 6 sends an upload without a login too
	otherwise                               | token-invalid?            npm 7 and later send no upload without one: it was not taken
`),

		// 403 without a reason: Artifactory for a version that exists, GitLab for a role, a
		// proxy or a mirror for everything. npmjs.org always gives a reason.
		newTable("403 to the upload, without a reason", func(c *Case) bool {
			return c.status() == 403 && !c.explained()
		}, `
	version=same                         | already-published
	version=other                        | version-exists         Artifactory refuses it even for an admin
	version=burnt                        | version-burnt?
	version=there                        | version-exists?
	says=reason                          | refused                the registry says why, in words that no row knows
	endpoint=read-only                   | wrong-registry?
	version=gone oidc=no login=unset,placeholder token=refused,nobody | token-unset            what npm sends is no token
	oidc=no login=unset,placeholder      | token-unset?
	version=gone oidc=no token=named package=there write=no | no-permission          the package's list does not have this account
	token=named package=there write=no   | no-permission?
	token=named package=there write=yes  | token-scope?           the account may, so the token may not
	version=gone token=refused alive=yes | token-scope?
	reads=refused                        | proxy-refused?         it refuses reading too, which npmjs.org lets everybody
	accounts=none public=yes             | wrong-registry?        it shows packages of the public registry and knows no accounts: a mirror
	otherwise                            | forbidden-unexplained
`),

		// 404 to the upload, the commonest failure on npmjs.org: it hides behind it that it
		// does not take the login (expired, revoked, never set), that the scope is not there
		// or not yours, that a granular token may not create a package, that no trusted
		// publisher fits. The package's own absence is never the reason. The notice and
		// whoami prove no dead token, not even together: the one comes with any 404
		// (npm/cli#8816), the other refuses granular tokens that live.
		newTable("404 to the upload", func(c *Case) bool {
			return c.status() == 404 && !c.explained()
		}, `
	endpoint=read-only                         | wrong-registry         the address of a group or an instance is read from only
	oidc=refused login=none,empty,unset,placeholder token=refused,nobody | oidc-not-configured  refused, and no other token is there
	oidc=no login=empty,unset,placeholder token=refused,nobody | token-unset  what npm sends is no token: a variable's name, a placeholder
	oidc=refused                               | oidc-not-configured?   npm goes on with another token, if there is one
	oidc=failed login=none,empty,unset,placeholder token=refused,nobody | oidc-unreachable  no answer that counts, and no other token is there
	oidc=failed                                | oidc-unreachable?      npm goes on with another token, if there is one
	oidc=no login=malformed token=refused,nobody | token-malformed      no token looks like that
	login=malformed                            | token-malformed?
	login=empty,unset,placeholder              | token-unset?
	npm=old oidc=no login=none token=nobody    | not-logged-in          npm 6 sends an upload without a login too
	oidc=no token=named scope=missing          | scope-not-found        no user and no organization of that name
	oidc=no token=named package=there write=no | no-permission          the package is there, and its list does not have this account
	token=named package=there write=yes        | token-scope?           the account may, so the token may not
	oidc=no token=named package=unseen member=no | no-permission        not a member: nothing can be created in the scope
	oidc=no token=named member=no              | no-permission?         nor published into it, unless the package's list has this account
	notice=came oidc=no login=present token=refused alive=no | token-invalid  refused by whoami and elsewhere, and the registry says it expired
	accounts=none public=yes                   | wrong-registry?  it shows packages of the public registry and knows no accounts: a mirror
	token=refused alive=yes                    | token-scope?           a granular token that lives: not for this package, or not for a new one
	setting=dropped                            | registry-url-invalid?  npm dropped the address that was meant, and went to the next one
	token=refused                              | token-invalid?         dead; or granular: those may fail whoami and publish
	oidc=no token=named scope=there member=yes package=unseen | token-scope?           a member whose token may not create a package
	oidc=no token=named scope=none package=unseen | token-scope?  the name is free and the login lives: a token that may not create a package
	endpoint=unclear                           | wrong-registry?  a proxy repository answers 404 to an upload, and its address does not tell
	otherwise                                  | not-found-unexplained
`),

		// 400 without words that tell: a Nexus for a redeploy (its words stand in a page that
		// npm does not show) and for an upload to a group, GitHub Packages for what nobody
		// could explain yet.
		newTable("400 to the upload", func(c *Case) bool {
			return c.status() == 400 && !c.explained()
		}, `
	version=same       | already-published
	version=other      | version-exists     it is there, with other contents, and can never be replaced
	says=reason        | refused            the registry says why, in words that no row knows
	endpoint=read-only | wrong-registry?
	endpoint=unclear   | wrong-registry?    a group answers 400 to an upload
	otherwise          | unknown
`),
	}
})

// byWords tells whether npm's words fit the row of a cause.
func byWords(id string) func(*Case) bool {
	row := mustLookup(id)
	return func(c *Case) bool { return row.words(c, c.said()) }
}

// explained tells whether npm's words fit a row that goes by words, those named
// excepted.
func (c *Case) explained(but ...string) bool {
	said := c.said()
	return slices.ContainsFunc(causes, func(row *Cause) bool {
		return row.Says != nil && !slices.Contains(but, row.ID) && row.words(c, said)
	})
}
