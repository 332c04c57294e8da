package classify

import "safepublish/classify/pattern"

// Who you are: login, tokens and the second factor.
//
// How long a login of npmjs.org lives is not settled in public, so that no page gives a
// number; of tokens neither (npm/documentation#1864). Tokens that bypass the second
// factor: what they may not do since the end of July 2026, and that they lose direct
// publish, "targeting January 2027", say
// https://github.blog/changelog/2026-07-31-restricting-npm-bypass-2fa-granular-access-tokens and
// https://github.blog/changelog/2026-07-07-npm-install-time-security-and-gat-bypass2fa-deprecation.
// The notice with gh.io/npm-gat-bypass2fa-deprecation comes with good publishes too.

var (
	saysOneTime  = pattern.Any(`(?i)requires a one-time password`, `must provide a one-time pass`, `child "otp" fails`)
	saysNeedAuth = pattern.Any(
		`(?i)requires you to be logged in(?: to (?P<registry>https?://\S+))?`, `auth(?: and email)? required`, `code ENEEDAUTH$`,
	)
	saysLogin = pattern.Any(
		`(?i)must be logged in`, `login first`, `authorization required to publish`, `authentication token not provided`,
		`unregistered users are not allowed`, `no npm token specified`, `not authenticated with npm`, `missing authentication \(run`,
		`no authentication configured for request`, `no token found and can't prompt for login`, // yarn 4 and yarn 1
	)
	saysWaiting     = pattern.New(`/-/v1/done|spawn xdg-open`)
	saysOtherScheme = pattern.New(`(?m)^Unable to authenticate, need: (?i:negotiate|ntlm|digest)|^Invalid authenti(?:fi)?cation \(as `)
)

// npm 9 and later, @npmcli/config, lib/errors.js; npm 12, lib/base-cmd.js, EUNKNOWNCONFIG:
// of a file only under strict-npmrc (npm/cli#9729), on the command line always (npm/cli#9276).
var (
	saysBare = pattern.New("Invalid auth configuration found: `([^`]+)`[^\n]* in (\\S+ config)")
	saysKey  = pattern.New(`Unknown npm configuration keys?:\s+- \S+ config "([^"]+)" from (\S+)`)
)

var whoCauses = []*Cause{
	{
		ID: "2fa-token-refused", Rank: 300, Title: "${package} needs a person with a second factor; ${registry} refuses tokens for it",
		Why: "The package is set to \"require two-factor authentication and disallow tokens\". A token that bypasses the second factor, or an " +
			"automation token, is refused although it is valid.",
		Happens: []string{
			"the package's setting under Publishing access",
			"since August 2026 tokens with bypass may no longer change settings or maintainers, or unpublish",
		},
		Confirm: []string{"npm view NAME maintainers  who can change the package's settings"},
		Fix: []string{
			"By hand: log in as a maintainer and publish from a terminal; npm asks for the second factor: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job; the setting allows that: ${trust}",
			"Or change the setting Publishing access: ${settings}",
		},
		Prevent: "Use trusted publishing in CI. npmjs.org plans to refuse direct publishes with such tokens from about January 2027.",
		Exit:    ExitNoPerm,
		Says:    pattern.New(`(?i)an automation token was specified|tokens that bypass two-factor authentication may not`),
	},
	{
		ID: "2fa-required", Rank: 305, Title: "${registry} demands two-factor authentication to publish ${package}",
		Why: "The account has no second factor, or the token does not bypass it. npmjs.org answers 403 here instead of asking for one, so npm " +
			"cannot ask either (npm/cli#9268).",
		Happens: []string{
			"the account has no two-factor authentication; npmjs.org demands it since December 2025",
			"the granular token was made without \"bypass two-factor authentication\"",
			"the package demands a second factor from everybody who publishes it",
		},
		Confirm: []string{
			"npm profile get  the line two-factor auth: disabled, or its mode (after npm login)",
			"npm whoami  which account the token belongs to",
		},
		Fix: []string{
			"By hand: add a passkey or a security key on https://www.npmjs.com (Account, Two-Factor Authentication), then log in: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job, which then needs no second factor: ${trust}",
			"Or make a granular token with \"bypass two-factor authentication\" ticked. npmjs.org plans to end that about January 2027.",
		},
		Prevent: "Publish from a terminal with a passkey, or from CI by trusted publishing.",
		Exit:    ExitNoPerm,
		Says: pattern.Any(
			`(?i)granular access token with bypass 2fa enabled is required`, `requires that publishers enable (?:TFA|2FA|two-factor)`,
		),
	},
	{
		ID: "otp-wrong", Rank: 310, Title: "${registry} did not accept the one-time password",
		Why: "A one-time password was sent with the upload and refused. Nothing was published. npm asks only once; publish again and it asks " +
			"again.",
		Happens: []string{
			"it was too old; it is valid for 30 seconds, and a build or a slow upload takes longer",
			"a digit was mistyped, or it was the password of another account",
			"it was used before; each is good for one publish, also among workspaces",
			"the account uses a passkey, which has no one-time passwords",
			"the clock of the phone is wrong",
		},
		Confirm: []string{"npm profile get  shows the mode of two-factor authentication"},
		Fix: []string{
			"Publish again and type the newest one-time password when npm asks.",
			"If none works: use a recovery code, or the browser: npm publish --auth-type=web",
		},
		Prevent: "Let npm ask at the end. A one-time password that is passed at the start expires while the build runs.",
		Exit:    ExitNoPerm, When: (*Case).challenged, Check: checkOTPWrong,
	},
	{
		ID: "otp-required", Rank: 315, Title: "${registry} asks for a second factor",
		Why: "The account or the package needs a one-time password, a passkey or a confirmation in the browser for every publish. On a " +
			"terminal npm asks for it. If its output is captured, npm cannot ask, and ends.",
		Happens: []string{
			"npm's output is piped, as in CI or in a release script, so npm cannot ask",
			"a token that bypasses the second factor publishes a new package, which is refused since August 2026 (textadventures/quest#2016)",
			"npm's question was not answered in time, or the page in the browser was not confirmed",
		},
		Confirm: []string{"npm profile get  shows the mode of two-factor authentication"},
		Fix: []string{
			"Publish from a terminal: npm asks for a one-time password, or opens the browser for a passkey.",
			"If npm cannot ask, pass one that is fresh; it is valid for 30 seconds: npm_config_otp=CODE npm publish",
			"In a CI that npmjs.org trusts: let the package trust this job, which then needs no second factor: ${trust}",
			"In CI: or stage it, and a maintainer approves it with a second factor: npm stage publish",
		},
		Prevent: "Release from a terminal, or by trusted publishing. npmjs.org plans to refuse direct publishes with tokens that bypass the " +
			"second factor from about January 2027.",
		Exit: ExitNoPerm, When: (*Case).challenged, Check: checkOTPRequired,
	},
	{
		ID: "token-unset", Rank: 400, Title: "the variable that holds the token is not set",
		Why: "An .npmrc has a line for the login, such as _authToken=${NPM_TOKEN}, but the variable is not set, is empty or holds a " +
			"placeholder. npm 7 and later then send the text ${NPM_TOKEN} itself, and npmjs.org answers 404 as for any invalid token. An empty " +
			"variable counts as no login (ENEEDAUTH).",
		Happens: []string{
			"the CI job does not pass the secret: the step has no env, the secret has another name, or a fork may not see it",
			"setup-node was given registry-url but no NODE_AUTH_TOKEN, so it sets the placeholder XXXXX-XXXXX-XXXXX-XXXXX",
			"the project's .npmrc is meant for CI; on a laptop it hides the login of npm login",
			"the line says $NPM_TOKEN, as a shell would; npm needs ${NPM_TOKEN}",
		},
		Confirm: []string{
			"npm config list  which .npmrc has //HOST/:_authToken; the first one counts",
			"printenv NPM_TOKEN | wc -c  0: not set; 1: empty; 24: setup-node's placeholder",
		},
		Fix: []string{
			"In GitHub Actions: give the step the secret. env: ${variable}: ${{ secrets.${secret} }}",
			"In a CI that npmjs.org trusts: or let the package trust this job, and remove the token: ${trust}",
			"In CI: set ${variable} for this job. A pull request from a fork gets no secrets; in GitLab an unprotected branch does not either.",
			"On a laptop: remove the line (${where}), then log in: npm login${at}",
		},
		Prevent: "Keep _authToken lines out of the project's .npmrc. Let CI write them, or use trusted publishing.",
		Exit:    ExitConfig, Says: pattern.New(`(?i)failed to replace env in config`),
		RuledOutBy: Clues{"login": {"present", "none"}, "token": {"named"}, "alive": {"yes"}},
	},
	// minipass-fetch, lib/headers.js, and Node.js; npm/cli#7819
	{
		ID: "token-malformed", Rank: 402, Title: "the token cannot be sent: it contains a line break, a space or a quotation mark",
		Why: "The .npmrc or its variable holds a token with something around it or in it. npm cannot send a line break and ends before the " +
			"upload. It does send quotation marks, and the registry knows no such token. npm may print the token: if others can read the log, " +
			"revoke it.",
		Happens: []string{
			"the secret was stored with a line break at its end: echo TOKEN | … instead of printf %s",
			"it was pasted over two lines, or with quotation marks around it",
			"an env file (docker --env-file, make) keeps quotation marks that a shell would remove",
		},
		Confirm: []string{"node -p process.env.NPM_TOKEN.length  40 for a token of npmjs.org; more means that there is something else in it"},
		Fix: []string{
			"In GitHub Actions: store the secret again, without a line break or quotation marks: gh secret set ${secret}",
			"Set ${variable} again without a line break, a space or quotation marks. From a file: ${setfrom}",
			"If others can read the log: make a new token and revoke this one: npm token revoke ID",
		},
		Prevent: "Use trusted publishing, which needs no token. safepublish check finds such a token before the build.",
		Exit:    ExitConfig, Says: pattern.Any(
			`(?i)is not a legal HTTP header value`, `invalid character in header content \["authorization"\]`,
			`header content contains invalid characters`,
		),
		RuledOutBy: Clues{"login": {"none", "empty", "unset", "placeholder", "present"}, "token": {"named"}, "alive": {"yes"}},
	},
	{
		ID: "npmrc-invalid", Rank: 405, Title: "npm does not accept a line of an .npmrc${line}",
		Why: "npm ends before it does anything. Since npm 9 a credential must name its registry, as in //HOST/:_authToken. With " +
			"strict-npmrc=true npm 12 also refuses a key that it does not know; otherwise it only warns.",
		Happens: []string{
			"an old .npmrc with a bare _authToken, _auth or _password line",
			"a CI step writes the old form",
			"a key of another tool (pnpm, yarn) or of an older npm, with strict-npmrc=true (npm 12, July 2026)",
		},
		Confirm: []string{"npm config list  which .npmrc files are read", "npm config get strict-npmrc"},
		Fix: []string{
			"Rewrite the credentials in the form that npm expects: npm config fix",
			"Or write the line as ${dart}:_authToken=${${variable}}",
			"If npm does not know the key: remove it from the file that the message names, or remove strict-npmrc=true.",
		},
		Prevent: "Write credentials with their registry in front, and keep the settings of other tools in their own files.",
		Exit:    ExitConfig, Says: pattern.Any(saysKey.String(), saysBare.String(), `code ERR_INVALID_AUTH$`), Check: checkNpmrc,
	},
	// accountBlocked: no public report has npmjs.org's own sentence; GitLab and
	// Artifactory say blocked and locked.
	{
		ID: "account-blocked", Rank: 410, Title: "${registry} has blocked this account",
		Why: "The registry knows the account, but it is suspended, locked or deactivated. A new token or a new login does not help.",
		Happens: []string{
			"an administrator of the company's registry blocked or deactivated the account, often when somebody changed jobs",
			"too many wrong passwords locked it for a while (Artifactory, LDAP)",
			"npmjs.org suspended it because of abuse, or because somebody took it over",
		},
		Confirm: []string{
			"npm whoami --registry=URL  fails with the same words",
			"the registry's web page  log in there: it often says why",
		},
		Fix: []string{
			"Ask the people who run the registry; for npmjs.org: https://www.npmjs.com/support",
			"If the package cannot wait, another maintainer can publish it. To list them: npm view ${package} maintainers${at}",
		},
		Prevent: "Publish from CI with an identity that does not belong to one person, and give every package a second maintainer.",
		Exit:    ExitNoPerm, Status: []int{0, 401, 403},
		Says: pattern.New(`(?i)\b(?:account|user)\b[^.\n]{0,40}\b(?:is|has been|was) (?:suspended|blocked|locked|disabled|deactivated)`),
	},
	{
		ID: "email-unverified", Rank: 415, Title: "${registry} needs the account's e-mail address to be verified first",
		Why:     "Only an account with a verified e-mail address may publish a new package.",
		Happens: []string{"the account is new or its address was changed, and nobody followed the link in the mail"},
		Confirm: []string{"npm profile get  shows the address and whether it is verified"},
		Fix:     []string{"Follow the link in the mail from npmjs.org. To get a new mail: https://www.npmjs.com/email-edit", "Publish again."},
		Prevent: "Verify the address when you create the account.",
		Exit:    ExitNoPerm, Says: pattern.New(`(?i)must verify your email`),
	},
	{
		ID: "not-logged-in", Rank: 430, Title: "nobody is logged in to ${registry}",
		Why: "npm found no credential for the registry that this package goes to, and sent nothing. A login for another registry does not " +
			"count, nor one for the same registry under a different address.",
		Happens: []string{
			"npm login was never run on this machine, or for another registry than this one",
			"the token's variable is empty in this shell or CI job: _authToken=${NPM_TOKEN}",
			"publishConfig.registry or an @scope:registry line sends this package elsewhere",
			"the login is stored under a slightly different address: no slash at the end, another path or port",
			"the job should use trusted publishing, but npm is older than 11.5.1, the job has no id-token: write, or the exchange failed silently",
		},
		Confirm: []string{
			"npm whoami --registry=URL  with the URL from npm's message",
			"npm config list  every .npmrc in use; //HOST/PATH/:_authToken must have the whole address of the registry",
		},
		Fix: []string{
			"An address without a slash at its end: npm finds no login without it. Add the slash where the registry is set: ${url}",
			"By hand: log in and publish again: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job, which then needs no token: ${trust}",
			"In CI: put a token into the variable ${variable}, and this line into the job's .npmrc: ${dart}:_authToken=${${variable}}",
		},
		Prevent:    "Log in right before a release, or publish from CI by trusted publishing, which needs no token.",
		Exit:       ExitNoPerm,
		Says:       pattern.New(saysNeedAuth.String() + "|" + saysLogin.String()),
		RuledOutBy: Clues{"login": {"present"}, "token": {"named", "refused"}, "npm": {"new"}},
		ByAddress:  true,
	},
	{
		ID: "token-invalid", Rank: 435, Title: "${registry} does not accept the login: it has expired, was revoked or is wrong",
		Why: "npm sent a credential that the registry no longer knows. npmjs.org often answers 404 instead of 401, so the message says that a " +
			"package was not found. The notice \"Access token expired or revoked\" alone proves nothing: it comes with valid tokens too " +
			"(npm/cli#8816).",
		Happens: []string{
			"the session of npm login ended; since December 2025 it is short",
			"a granular token has passed its expiry date",
			"it is a classic token; all of these were revoked on 2025-12-09",
			"an old token in the project's .npmrc hides the new one in your own",
			"a CI secret holds something else: a placeholder (XXXXX-…), a line break, a token of another registry",
		},
		Confirm: []string{
			"npm whoami --registry=URL  401: no longer valid, or a granular token (these may get 401 and still publish)",
			"npm config list  which .npmrc sets //HOST/:_authToken",
		},
		Fix: []string{
			"By hand: log in and publish again: npm login${at}",
			"In CI: make a new token and put it into ${holder}. Most likely the old one has expired.",
			"In a CI that npmjs.org trusts: or let the package trust this job, and remove the token: ${trust}",
		},
		Prevent: "Log in right before a release. Put the expiry date of a token into your calendar, or use trusted publishing.",
		Exit:    ExitNoPerm, Status: []int{401}, Says: saysDead,
		RuledOutBy: Clues{"login": {"none"}, "token": {"named", "nobody"}, "alive": {"yes"}},
	},
}

// checkOTPWrong: refused with a code, or npm asked and was refused again. That a
// second upload was refused is visible in a saved log too, but whether a code or
// a browser was meant by then is not.
func checkOTPWrong(c *Case) verdict {
	switch {
	case c.codeGiven() && c.Code == "EOTP":
		return proven()
	case c.codeGiven():
		return likely()
	case c.refusedTwice():
		return possible()
	}
	return ruledOut()
}

func checkOTPRequired(c *Case) verdict {
	switch {
	case c.refusedTwice():
		return likely(Evidence{c.lastUpload().From, "the upload after npm's question was refused too"})
	case c.Code == "EOTP":
		return proven()
	}
	return likely()
}

// checkNpmrc names the key and the file, where npm does.
func checkNpmrc(c *Case) verdict {
	v := proven()
	for _, says := range []*pattern.Pattern{saysKey, saysBare} {
		if m := says.FindStringSubmatch(c.said()); m != nil {
			v.Vars = map[string]string{"line": ": " + m[1] + " in " + m[2]}
		}
	}
	return v
}
