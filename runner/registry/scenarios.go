package registry

import (
	"net/http"

	"github.com/Masterminds/semver/v3"
)

// scenarios is the table of walls, in the order of the groups of causes: it is
// already there, who you are, what you may, the name, version and tag, the
// package, the line, the honest ends.
var scenarios = []Scenario{
	{
		ID: "version-exists", Title: "the version is already there, then a one-time password is asked for",
		Causes: []string{"version-exists", "otp-required"}, End: Published,
		Answers: []Answer{{Choose: "bump"}, {Choose: "otp"}, {Secret: "otp"}},
		seed: func(st *stage) {
			st.put(accountName, st.version)
			st.user.TFA = TFAWrites
		},
	},
	{
		ID: "version-exists-403", Title: "the version is already there, and the registry says so, not npm",
		Causes: []string{"version-exists"}, End: Published,
		Answers: []Answer{{Choose: "bump"}},
		seed: func(st *stage) { // npm 11 and later do not see deprecated versions before they send
			st.put(accountName, st.version).Versions[st.version].Deprecated = "use another one"
		},
	},
	{
		ID: "already-published", Title: "the upload is stored, its answer is lost, and npm's second try is refused",
		Causes: []string{"already-published"}, End: AlreadyPublished,
		seed: func(st *stage) {
			st.mine()
			st.fail(Fault{Store: true, Status: http.StatusBadGateway, HTML: badGateway})
		},
	},
	{
		ID: "already-published-reset", Title: "the upload is stored, and the connection breaks before the answer",
		Causes: []string{"already-published"}, End: AlreadyPublished,
		seed: func(st *stage) {
			st.mine()
			st.fail(Fault{Store: true, Reset: true})
		},
	},
	{
		ID: "version-staged", Title: "an earlier upload of the version is still being processed",
		Causes: []string{"version-staged"}, End: TryLater,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine().put(st.version, &Version{Manifest: []byte(`{}`), Tarball: []byte("staged"), By: accountName, Staged: true})
		},
	},
	{
		ID: "version-burnt", Title: "the version was published and unpublished; its number stays used",
		Causes: []string{"version-burnt"}, End: Published,
		Answers: []Answer{{Choose: "bump"}},
		seed:    func(st *stage) { st.mine().Burn(st.version) },
	},
	{
		ID: "republish-too-soon", Title: "the whole package was unpublished less than 24 hours ago",
		Causes: []string{"republish-too-soon"}, End: TryLater,
		Answers: []Answer{{Choose: GiveUp}},
		seed:    func(st *stage) { st.mine().Remove() },
	},
	{
		ID: "publish-race", Title: "409: the registry is still busy with the package",
		Causes: []string{"publish-race"}, End: Published,
		Answers: []Answer{{Choose: "retry"}},
		seed: func(st *stage) {
			st.mine()
			race := Fault{Early: true, Status: http.StatusConflict, Message: saysRace}
			again := race
			again.Merged = true
			st.fail(race, again)
		},
	},
	{
		ID: "not-logged-in", Title: "npm is not logged in to this registry",
		Causes: []string{"not-logged-in"}, End: Published,
		Answers: []Answer{{Choose: "login"}},
		seed: func(st *stage) {
			st.mine()
			st.token = nil
		},
	},
	{
		ID: "token-invalid", Title: "the token is dead, and the registry answers 401",
		Causes: []string{"token-invalid"}, End: Published,
		Answers: []Answer{{Choose: "login"}},
		seed:    deadToken(http.StatusUnauthorized, ""),
	},
	{
		ID: "token-invalid-404", Title: "the token is dead, and the registry answers 404 as if there were no package",
		Causes: []string{"token-invalid"}, End: Published,
		Answers: []Answer{{Choose: "login"}},
		seed:    deadToken(http.StatusNotFound, ""),
	},
	{
		ID: "token-invalid-notice", Title: "the same 404, with the notice that the token expired",
		Causes: []string{"token-invalid"}, End: Published,
		Answers: []Answer{{Choose: "login"}},
		seed:    deadToken(http.StatusNotFound, saysExpired),
	},
	{
		ID: "token-unset", Title: "the .npmrc names a variable that is not set, and the registry answers 404",
		Causes: []string{"token-unset"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.login = "${REHEARSAL_LOGIN}"
		},
	},
	{
		ID: "otp-required", Title: "the registry wants a one-time password",
		Causes: []string{"otp-required"}, End: Published,
		Answers: []Answer{{Choose: "otp"}, {Secret: "otp"}},
		seed: func(st *stage) {
			st.mine()
			st.user.TFA = TFAWrites
		},
	},
	{
		ID: "otp-web", Title: "the registry wants a second factor in the browser",
		Causes: []string{"otp-required"}, End: OnlyYou, OnTerminal: Published,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) { // off a terminal npm does not wait for the browser
			st.mine()
			st.user.TFA, st.user.Browser = TFAWrites, true
		},
	},
	{
		ID: "otp-wrong", Title: "the first one-time password is wrong, the second right",
		Causes: []string{"otp-required", "otp-wrong"}, End: Published,
		Answers: []Answer{{Choose: "otp"}, {Secret: "wrong-otp"}, {Choose: "otp"}, {Secret: "otp"}},
		seed: func(st *stage) {
			st.mine()
			st.user.TFA = TFAWrites
		},
	},
	{
		ID: "2fa-required", Title: "the account has no two-factor authentication",
		Causes: []string{"2fa-required"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.user.TFA = NoTFA
		},
	},
	{
		ID: "2fa-token-refused", Title: "the package wants a person's second factor, and an automation token was sent",
		Causes: []string{"2fa-token-refused"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine().RequireTFA = true
			st.token.Kind = Automation
		},
	},
	{
		ID: "email-unverified", Title: "the account's email address was never confirmed",
		Causes: []string{"email-unverified"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed:    func(st *stage) { st.user.Unverified = true },
	},
	{
		ID: "no-permission", Title: "the package is your organization's, and you may only read it",
		Causes: []string{"no-permission"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		shape:   []edit{scoped},
		seed: func(st *stage) {
			p := st.put("alice", older(st.version))
			p.Readers = []string{accountName}
		},
	},
	{
		ID: "no-permission-404", Title: "you do not belong to the scope's organization, and the registry answers 404",
		Causes: []string{"no-permission"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		shape:   []edit{scoped},
		seed: func(st *stage) {
			st.world.Masks = true
			st.world.Scopes[scopeOf(st.name)] = []string{"alice"}
		},
	},
	{
		ID: "token-scope-404", Title: "the token is for another package, and the registry answers 404",
		Causes: []string{"token-scope"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.world.Masks = true
			st.token.Kind, st.token.Packages = Granular, []string{"another"}
		},
	},
	{
		ID: "token-scope", Title: "the token may only read",
		Causes: []string{"token-scope"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.token.Kind = ReadOnly
		},
	},
	{
		ID: "stage-only", Title: "the token may stage a version and not publish it",
		Causes: []string{"stage-only"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.token.Kind = StageOnly
		},
	},
	{
		ID: "scope-not-found", Title: "nobody has the package's scope",
		Causes: []string{"scope-not-found"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{scoped},
		seed:    func(st *stage) { delete(st.world.Scopes, scopeOf(st.name)) },
	},
	{
		ID: "scope-not-found-404", Title: "nobody has the package's scope, and the registry does not say so",
		Causes: []string{"scope-not-found"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{scoped},
		seed: func(st *stage) {
			st.world.Masks = true
			delete(st.world.Scopes, scopeOf(st.name))
		},
	},
	{
		ID: "wrong-registry", Title: "the registry in use is a mirror, which takes no upload",
		Causes: []string{"wrong-registry"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.put("alice", older(st.version))
			st.world.Mirror, st.world.Packages["inherits"] = true, NewPackage("inherits", "alice", "2.0.4")
		},
	},
	{
		ID: "payment-required", Title: "a scoped package starts restricted, which wants a paid plan",
		Causes: []string{"payment-required"}, End: Published,
		Answers: []Answer{{Choose: "access"}, {Confirm: true}},
		shape:   []edit{scoped, noAccess},
		seed:    func(*stage) {},
	},
	{
		ID: "unscoped-restricted", Title: "only scoped packages can be restricted",
		Causes: []string{"unscoped-restricted"}, End: Published,
		Answers: []Answer{{Choose: "access"}, {Confirm: true}},
		shape:   []edit{unscoped, restricted},
		seed:    func(st *stage) { st.mine() },
	},
	{
		ID: "name-taken", Title: "the name belongs to somebody else",
		Causes: []string{"name-taken"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{unscoped, noAccess},
		seed:    func(st *stage) { st.put("alice", older(st.version)) },
	},
	{
		ID: "name-too-similar", Title: "the name resembles one that is in use",
		Causes: []string{"name-too-similar"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{unscoped, noAccess},
		seed:    func(st *stage) { st.world.Popular = []string{twin(st.name)} },
	},
	{
		ID: "name-invalid", Title: "new names have no capital letters",
		Causes: []string{"name-invalid"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{capital},
		seed:    func(*stage) {},
	},
	{
		ID: "name-blocked", Title: "the spam filter does not like the name",
		Causes: []string{"name-blocked"}, End: Published,
		Answers: []Answer{{Choose: "rename"}, {Confirm: true}},
		shape:   []edit{unscoped, noAccess},
		seed: func(st *stage) {
			st.fail(Fault{Early: true, Always: true, For: st.name, Status: http.StatusForbidden, Message: saysSpam})
		},
	},
	{
		ID: "prerelease-tag", Title: "a prerelease without a dist-tag of its own",
		Causes: []string{"prerelease-tag"}, End: Published,
		Answers: []Answer{{Choose: "tag"}, {Confirm: true}},
		shape:   []edit{prerelease},
		seed:    func(st *stage) { st.mine() },
	},
	{
		ID: "latest-behind", Title: "a higher version is the latest",
		Causes: []string{"latest-behind"}, End: Published,
		Answers: []Answer{{Choose: "tag"}, {Confirm: true}},
		seed:    func(st *stage) { st.put(accountName, nextMajor(st.version)) },
	},
	{
		ID: "tag-invalid", Title: "a dist-tag that reads like a version (--tag v1)",
		Causes: []string{"tag-invalid"}, End: Published, Args: []string{"--tag", "v1"},
		Answers: []Answer{{Choose: "tag"}, {Confirm: true}},
		seed:    func(st *stage) { st.mine() },
	},
	{
		ID: "private-package", Title: "the package says that it is private",
		Causes: []string{"private-package"}, End: Published,
		Answers: []Answer{{Choose: "private"}, {Confirm: true}},
		shape:   []edit{private},
		seed:    func(st *stage) { st.mine() },
	},
	{
		ID: "rate-limited", Title: "429: too many requests",
		Causes: []string{"rate-limited"}, End: Published,
		Answers: []Answer{{Choose: "retry"}},
		seed: threeTimes(Fault{
			Early: true, Status: http.StatusTooManyRequests, Message: saysLimited, Header: map[string]string{"Retry-After": "1"},
		}),
	},
	{
		ID: "registry-error", Title: "503: the registry is down for a moment",
		Causes: []string{"registry-error"}, End: Published,
		Answers: []Answer{{Choose: "retry"}},
		seed:    threeTimes(Fault{Early: true, Status: http.StatusServiceUnavailable, HTML: unavailable}),
	},
	{
		ID: "registry-error-stored", Title: "503 after the upload was stored, and nobody can see it",
		Causes: []string{"registry-error"}, End: Unknown,
		Answers: []Answer{{Choose: GiveUp}},
		seed: func(st *stage) {
			st.mine()
			st.fail(
				Fault{Store: true, Invisible: true, Status: http.StatusServiceUnavailable, HTML: unavailable},
				Fault{Early: true, Always: true, Status: http.StatusServiceUnavailable, HTML: unavailable},
			)
		},
	},
	{
		ID: "network", Title: "the connection breaks while the package is sent",
		Causes: []string{"network"}, End: Published,
		Answers: []Answer{{Choose: "retry"}},
		seed:    threeTimes(Fault{Early: true, Reset: true}),
	},
	{
		ID: "forbidden-unexplained", Title: "403 without a reason, from a registry that answers no questions",
		Causes: []string{"forbidden-unexplained"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed:    silently(Fault{Early: true, Always: true, Status: http.StatusForbidden, Message: "Forbidden"}),
	},
	{
		ID: "not-found-unexplained", Title: "404 without a reason, from a registry that answers no questions",
		Causes: []string{"not-found-unexplained"}, End: OnlyYou,
		Answers: []Answer{{Choose: GiveUp}},
		seed:    silently(Fault{Early: true, Always: true, Status: http.StatusNotFound, Message: "Not found"}),
	},
}

const (
	badGateway  = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
	unavailable = "<html><head><title>503 first byte timeout</title></head><body><h1>Error 503 first byte timeout</h1></body></html>"
)

func deadToken(status int, notice string) func(*stage) {
	return func(st *stage) {
		st.mine()
		st.token.Dead, st.token.DeadAs, st.token.Notice = true, status, notice
	}
}

// threeTimes is for what npm tries three times by itself before it gives up
// (make-fetch-happen, lib/remote.js).
func threeTimes(f Fault) func(*stage) {
	return func(st *stage) {
		st.mine()
		st.fail(f, f, f)
	}
}

func silently(f Fault) func(*stage) {
	return func(st *stage) {
		st.mine()
		st.world.Mute = true
		st.fail(f)
	}
}

// twin is a name that npmjs.org does not tell apart from name.
func twin(name string) string {
	if bare(name) != name {
		return bare(name)
	}
	half := (len(name) + 1) / 2
	return name[:half] + "-" + name[half:]
}

func nextMajor(version string) string {
	v, err := semver.NewVersion(version)
	if err != nil {
		return "1.0.0"
	}
	return v.IncMajor().String()
}
