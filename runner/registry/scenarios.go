package registry

import (
	"net/http"

	"safepublish/prompts"
)

var (
	// What npm tries three times by itself before it gives up (make-fetch-happen,
	// lib/remote.js).
	limited = Fault{
		Early: true, Status: http.StatusTooManyRequests, Message: saysLimited, Header: map[string]string{"Retry-After": "1"},
	}
	down   = Fault{Early: true, Status: http.StatusServiceUnavailable, Body: unavailable}
	broken = Fault{Early: true, Reset: true}
	race   = Fault{Early: true, Status: http.StatusConflict, Message: saysRace}

	unproven = Fault{Early: true, Status: http.StatusUnprocessableEntity, Message: saysUnproven}
)

// always answers every upload with a status and these words.
func always(status int, words string) World {
	return World{Faults: []Fault{{Early: true, Always: true, Status: status, Message: words}}}
}

// curt answers every upload with a status and without a reason, and no question.
func curt(status int, words string) World {
	w := always(status, words)
	w.Mute = true
	return w
}

const (
	badGateway  = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
	unavailable = "<html><head><title>503 first byte timeout</title></head><body><h1>Error 503 first byte timeout</h1></body></html>"
)

// scenarios is the table, in the order of the groups of causes: it is already there, who
// you are, what you may, the name, version and tag, the package, the line, the honest
// ends. Without Causes the ID is the only one, without an answer that is left the person
// gives up, and without an End it is Published.
var scenarios = []Scenario{
	{
		ID: "version-exists", Title: "the version is already there, then a one-time password is asked for",
		Causes: []string{"version-exists", "otp-required"}, Answers: []string{"bump", "otp", rightCode},
		Package: Seed{Holds: Same}, Account: User{TFA: TFAWrites},
	},
	{
		ID: "version-exists-403", Title: "the version is already there, and the registry says so, not npm",
		Causes: []string{"version-exists"}, Answers: []string{"bump"}, Package: Seed{Holds: Deprecated},
	},
	{
		ID: "already-published", Title: "the upload is stored, its answer is lost, and npm's second try is refused",
		End: AlreadyPublished, World: World{Faults: []Fault{{Store: true, Status: http.StatusBadGateway, Body: badGateway}}},
	},
	{
		ID: "already-published-reset", Title: "the upload is stored, and the connection breaks before the answer",
		Causes: []string{"already-published"}, End: AlreadyPublished, World: World{Faults: []Fault{{Store: true, Reset: true}}},
	},
	{
		ID: "version-staged", Title: "an earlier upload of the version was accepted, and is being scanned",
		End: TryLater, Package: Seed{Holds: Staged},
	},
	{
		ID: "version-burnt", Title: "the version was published and unpublished; its number stays used",
		Answers: []string{"bump"}, Package: Seed{Holds: Unpublished},
	},
	{
		ID: "republish-too-soon", Title: "the whole package was unpublished less than 24 hours ago",
		End: TryLater, Package: Seed{Holds: Removed},
	},
	{
		ID: "publish-race", Title: "409: the registry is still busy with the package",
		Answers: []string{"retry"}, World: World{Faults: []Fault{race}},
	},
	{
		ID: "not-logged-in", Title: "npm is not logged in to this registry",
		Answers: []string{"login"}, Login: loggedOut,
	},
	{
		ID: "token-invalid", Title: "the token is no longer valid, and the registry answers 401",
		Answers: []string{"login"}, Token: Token{DeadAs: http.StatusUnauthorized},
	},
	{
		ID: "token-invalid-404", Title: "the token is no longer valid, and the registry answers 404 as if there were no package",
		Causes: []string{"token-invalid"}, Answers: []string{"login"}, Token: Token{DeadAs: http.StatusNotFound},
	},
	{
		ID: "token-invalid-notice", Title: "the same 404, with the notice that the token expired",
		Causes: []string{"token-invalid"}, Answers: []string{"login"}, Token: Token{DeadAs: http.StatusNotFound, Notice: saysExpired},
	},
	{
		ID: "token-unset", Title: "the .npmrc names a variable that is not set, and the registry answers 404",
		End: NeedsYou, Login: "${REHEARSAL_LOGIN}",
	},
	{
		ID: "token-malformed", Title: "the token has a quotation mark in it, and the registry answers 404",
		End: NeedsYou, Login: `npm_rehearsal"login`,
	},
	{
		ID: "otp-required", Title: "the registry wants a one-time password",
		Answers: []string{"otp", rightCode}, Account: User{TFA: TFAWrites},
	},
	{
		ID: "otp-web", Title: "the registry wants a second factor in the browser", // off a terminal npm does not wait for it
		Causes: []string{"otp-required"}, End: NeedsYou, Account: User{TFA: TFAWrites, Browser: true},
	},
	{
		ID: "otp-wrong", Title: "the first one-time password is wrong, the second right",
		Causes: []string{"otp-required", "otp-wrong"}, Answers: []string{"otp", wrongCode, "otp", rightCode},
		Account: User{TFA: TFAWrites},
	},
	{
		ID: "2fa-required", Title: "the account has no two-factor authentication",
		End: NeedsYou, Account: User{TFA: NoTFA},
	},
	{
		ID: "2fa-token-refused", Title: "the package wants a person's second factor, and an automation token was sent",
		End: NeedsYou, Package: Seed{RequireTFA: true}, Token: Token{Kind: Automation},
	},
	{
		ID: "email-unverified", Title: "the account's email address was never confirmed",
		End: NeedsYou, Package: Seed{Owner: nobody}, Account: User{Unverified: true},
	},
	{
		ID: "no-permission", Title: "the package is your organization's, and you may only read it",
		End: NeedsYou, Shape: Shape{Scope: Scoped}, Package: Seed{Owner: another, Readers: []string{you}},
	},
	{
		ID: "no-permission-404", Title: "you do not belong to the scope's organization, and the registry answers 404",
		Causes: []string{"no-permission"}, End: NeedsYou,
		Shape: Shape{Scope: Scoped}, Package: Seed{Owner: nobody, ScopeOwner: another}, World: World{Masks: true},
	},
	{
		ID: "token-scope-404", Title: "the token is for another package, and the registry answers 404",
		Causes: []string{"token-scope"}, End: NeedsYou,
		Token: Token{Packages: []string{"another"}}, World: World{Masks: true},
	},
	{
		ID: "token-scope", Title: "the token may only read",
		End: NeedsYou, Token: Token{Kind: ReadOnly},
	},
	{
		ID: "stage-only", Title: "the token may stage a version and not publish it",
		End: NeedsYou, Token: Token{Kind: StageOnly},
	},
	{
		ID: "scope-not-found", Title: "nobody has the package's scope",
		Answers: []string{"rename", prompts.Agree}, Shape: Shape{Scope: Scoped}, Package: Seed{Owner: nobody, ScopeOwner: nobody},
	},
	{
		ID: "scope-not-found-404", Title: "nobody has the package's scope, and the registry does not say so",
		Causes: []string{"scope-not-found"}, Answers: []string{"rename", prompts.Agree},
		Shape: Shape{Scope: Scoped}, Package: Seed{Owner: nobody, ScopeOwner: nobody}, World: World{Masks: true},
	},
	{
		ID: "wrong-registry", Title: "the registry in use is a mirror, which accepts no upload",
		End: NeedsYou, Package: Seed{Owner: another}, World: World{Mirror: true},
	},
	{
		ID: "payment-required", Title: "a new scoped package is restricted, which needs a paid plan",
		Answers: []string{"access", prompts.Agree}, Shape: Shape{Scope: Scoped, Access: noAccess}, Package: Seed{Owner: nobody},
	},
	{
		ID: "unscoped-restricted", Title: "only scoped packages can be restricted",
		Answers: []string{"access", prompts.Agree}, Shape: Shape{Scope: Unscoped, Access: "restricted"},
	},
	{
		ID: "name-taken", Title: "the name belongs to somebody else",
		Answers: []string{"rename", prompts.Agree}, Shape: Shape{Scope: Unscoped, Access: noAccess}, Package: Seed{Owner: another},
	},
	{
		ID: "name-too-similar", Title: "the name resembles one that is in use",
		Answers: []string{"rename", prompts.Agree},
		Shape:   Shape{Scope: Unscoped, Access: noAccess}, Package: Seed{Owner: nobody, Twin: true},
	},
	{
		ID: "name-invalid", Title: "new names have no capital letters",
		Answers: []string{"rename", prompts.Agree}, Shape: Shape{Capital: true}, Package: Seed{Owner: nobody},
	},
	{
		ID: "name-blocked", Title: "the spam filter refuses the name",
		Answers: []string{"rename", prompts.Agree},
		Shape:   Shape{Scope: Unscoped, Access: noAccess}, Package: Seed{Owner: nobody, Spam: true},
	},
	{
		ID: "prerelease-tag", Title: "a prerelease without a dist-tag of its own",
		Answers: []string{"tag", prompts.Agree}, Shape: Shape{Prerelease: true},
	},
	{
		ID: "latest-behind", Title: "a higher version is the latest",
		Answers: []string{"tag", prompts.Agree}, Package: Seed{Holds: Higher},
	},
	{
		ID: "tag-invalid", Title: "a dist-tag that reads like a version (--tag v1)",
		Answers: []string{"tag", prompts.Agree}, Args: []string{"--tag", "v1"},
	},
	{
		ID: "private-package", Title: "the package says that it is private",
		Answers: []string{"private", prompts.Agree}, Shape: Shape{Private: true},
	},
	{
		ID: "provenance-not-allowed", Title: "422: the registry accepts no provenance from a private repository",
		Answers: []string{"no-provenance", prompts.Agree}, World: World{Faults: []Fault{unproven}},
	},
	{
		ID: "unresolved-protocol", Title: "a dependency is written as workspace:^, which nobody can install",
		End: NeedsYou, Shape: Shape{Keys: map[string]string{"dependencies.rehearsal-sibling": `"workspace:^"`}},
	},
	{
		ID: "package-refused", Title: "415: the package contains something that the registry refuses",
		End: NeedsYou, World: always(http.StatusUnsupportedMediaType, "Hard link is not allowed"),
	},
	{
		ID: "dev-engines", Title: "package.json wants pnpm, and npm obeys (devEngines)",
		End: NeedsYou, Shape: Shape{Keys: map[string]string{"devEngines": `{"packageManager":{"name":"pnpm","onFail":"error"}}`}},
	},
	{
		ID: "rate-limited", Title: "429: too many requests",
		Answers: []string{"retry"}, World: World{Faults: []Fault{limited, limited, limited}},
	},
	{
		ID: "registry-error", Title: "503: the registry is down for a moment",
		Answers: []string{"retry"}, World: World{Faults: []Fault{down, down, down}},
	},
	{
		ID: "registry-error-stored", Title: "503 after the upload was stored, and nobody can see it",
		Causes: []string{"registry-error"}, End: Unknown, World: World{Faults: []Fault{
			{Store: true, Invisible: true, Status: http.StatusServiceUnavailable, Body: unavailable},
			{Early: true, Always: true, Status: http.StatusServiceUnavailable, Body: unavailable},
		}},
	},
	{
		ID: "network", Title: "the connection breaks while the package is sent",
		Answers: []string{"retry"}, World: World{Faults: []Fault{broken, broken, broken}},
	},
	{
		ID: "proxy-refused", Title: "407: a proxy on the way needs a user and a password",
		End: NeedsYou, World: always(http.StatusProxyAuthRequired, ""),
	},
	{
		ID: "refused", Title: "403 with a reason in words that safepublish does not know",
		End: NeedsYou, World: always(http.StatusForbidden, "The release train of this registry leaves on Mondays only."),
	},
	{
		ID: "forbidden-unexplained", Title: "403 without a reason, from a registry that answers no questions",
		End: NeedsYou, World: curt(http.StatusForbidden, "Forbidden"),
	},
	{
		ID: "not-found-unexplained", Title: "404 without a reason, from a registry that answers no questions",
		End: NeedsYou, World: curt(http.StatusNotFound, "Not found"),
	},
}
