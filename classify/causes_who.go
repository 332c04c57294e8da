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
		ID: "2fa-token-refused", Rank: 300, Title: "${package} wants a person with a second factor; ${registry} does not take a token instead",
		Why: "The package is set to \"require two-factor authentication and disallow tokens\". A token that bypasses the second factor, " +
			"or an automation token, is refused although it is alive.",
		Happens: []string{
			"the package's setting under Publishing access",
			"the action is one that tokens with bypass may not do any more since August 2026: settings, maintainers, unpublish",
		},
		Confirm: []string{"npm view NAME maintainers  who can change the package's settings"},
		Fix: []string{
			"By hand: publish from a terminal as a maintainer; npm publish asks for the second factor. Log in first: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job, which the setting allows: ${trust}",
			"Or change Publishing access: ${settings}",
		},
		Prevent: "Use trusted publishing in CI. npmjs.org means to take direct publish from tokens with bypass about January 2027.",
		Exit:    ExitNoPerm,
		Says:    pattern.New(`(?i)an automation token was specified|tokens that bypass two-factor authentication may not`),
	},
	{
		ID: "2fa-required", Rank: 305, Title: "${registry} demands two-factor authentication to publish ${package}",
		Why: "The account has no second factor, or the token in use may not do without one. npmjs.org answers 403 here instead of " +
			"asking, so that npm cannot ask either (npm/cli#9268).",
		Happens: []string{
			"the account has no two-factor authentication; npmjs.org demands it since December 2025",
			"the granular token was made without \"bypass two-factor authentication\"",
			"the package demands a second factor from everybody who publishes it",
		},
		Confirm: []string{
			"npm profile get  two-factor auth: disabled, or its mode, after npm login",
			"npm whoami  which account the token belongs to",
		},
		Fix: []string{
			"By hand: add a passkey or a security key on npmjs.com (Account, Two-Factor Authentication; npm profile enable-2fa adds " +
				"neither), then log in: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job, which needs no second factor: ${trust}",
			"Or a granular token with \"bypass two-factor authentication\" ticked: npmjs.org means to end that about January 2027.",
		},
		Prevent: "Publish from a terminal with a passkey, or from CI by trusted publishing.",
		Exit:    ExitNoPerm,
		Says: pattern.Any(
			`(?i)granular access token with bypass 2fa enabled is required`, `requires that publishers enable (?:TFA|2FA|two-factor)`,
		),
	},
	{
		ID: "otp-wrong", Rank: 310, Title: "${registry} did not accept the one-time password",
		Why: "A one-time password was sent with the upload and refused. Nothing was published. npm asks once only; the same publish " +
			"again asks anew.",
		Happens: []string{
			"the code was too old: it lives 30 seconds, and a build or a slow upload takes longer",
			"a digit was mistyped, or the code of another account was read",
			"the code had been used: each is good for one publish, also among workspaces",
			"the account uses a passkey, which has no codes",
			"the clock of the phone is wrong",
		},
		Confirm: []string{"npm profile get  shows the mode of two-factor authentication"},
		Fix: []string{
			"Publish again and type the newest code when npm asks.",
			"If no code works: a recovery code, or the browser (npm publish --auth-type=web).",
		},
		Prevent: "Let npm ask at the end; a code that is passed at the start grows old while the build runs.",
		Exit:    ExitNoPerm, When: (*Case).challenged, Check: checkOTPWrong,
	},
	{
		ID: "otp-required", Rank: 315, Title: "${registry} asks for a second factor",
		Why: "The account or the package wants a one-time password, a passkey or a confirmation in the browser for every publish. On a " +
			"terminal npm asks for it itself; where its output is captured it can't, and ends.",
		Happens: []string{
			"npm's output is piped, as in CI or in a release script, so that npm cannot ask",
			"a token that bypasses the second factor publishes a new package: refused like this since August 2026 (textadventures/quest#2016)",
			"the question stood too long, or the browser's page was not confirmed",
		},
		Confirm: []string{"npm profile get  shows the mode of two-factor authentication"},
		Fix: []string{
			"Publish from a terminal: npm asks for a code, or opens the browser for a passkey.",
			"With a code at hand and nobody to ask: npm_config_otp=CODE npm publish (a code lives 30 seconds)",
			"In a CI that npmjs.org trusts: let the package trust this job, which needs no second factor: ${trust}",
			"In CI: or npm stage publish, and a maintainer approves it with a second factor.",
		},
		Prevent: "Release from a terminal, or by trusted publishing. npmjs.org means to take direct publish from tokens with bypass " +
			"about January 2027.",
		Exit: ExitNoPerm, When: (*Case).challenged, Check: checkOTPRequired,
	},
	{
		ID: "token-unset", Rank: 400, Title: "the variable that holds the token is not set",
		Why: "An .npmrc has a line for the login, as in _authToken=${NPM_TOKEN}, and what it names is no token: the variable is not " +
			"there, is empty, or holds a placeholder. npm 7 and later send the text ${NPM_TOKEN} itself, which npmjs.org answers like a " +
			"dead token, with 404. An empty one counts as no login (ENEEDAUTH).",
		Happens: []string{
			"the CI job does not pass the secret: env is missing from the step, the secret has another name, or a fork may not see it",
			"setup-node was given registry-url and no NODE_AUTH_TOKEN: it then sets the placeholder XXXXX-XXXXX-XXXXX-XXXXX",
			"a project's .npmrc made for CI is read on a laptop, and hides the login of npm login",
			"the line has the shell's form, $NPM_TOKEN, which npm does not fill in: it wants ${NPM_TOKEN}",
		},
		Confirm: []string{
			"npm config list  under which .npmrc //HOST/:_authToken stands; the first one holds",
			"printenv NPM_TOKEN | wc -c  0: not set; 1: empty; 24: setup-node's placeholder",
		},
		Fix: []string{
			"In GitHub Actions: give the step the secret, env: ${variable}: ${{ secrets.${secret} }}",
			"In a CI that npmjs.org trusts: or let the package trust this job, and leave the token out: ${trust}",
			"In CI: set ${variable} for this job. A fork's pull request gets no secrets, nor in GitLab a branch that is not protected.",
			"On a laptop: take the line out (${where}), then npm login${at}",
		},
		Prevent: "Keep _authToken lines out of the project's .npmrc; let CI write them, or need none (npm trust).",
		Exit:    ExitConfig, Says: pattern.New(`(?i)failed to replace env in config`),
		RuledOutBy: Clues{"login": {"present", "none"}, "token": {"named"}, "alive": {"yes"}},
	},
	// minipass-fetch, lib/headers.js, and Node.js; npm/cli#7819
	{
		ID: "token-malformed", Rank: 402, Title: "the token cannot be sent: it has a line break, a blank or a quotation mark in it",
		Why: "What the .npmrc or its variable holds is a token with something around it or in it. A line break cannot be sent at all, so " +
			"that npm ends before the upload; quotation marks are sent along, and the registry knows no such token. npm may print the " +
			"token then: take it for known if others can read the log.",
		Happens: []string{
			"the secret was stored with a line break at its end: echo TOKEN | … instead of printf %s",
			"it was pasted over two lines, or with quotation marks around it",
			"an env file (docker --env-file, make) keeps the quotation marks that a shell would take off",
		},
		Confirm: []string{"node -p process.env.NPM_TOKEN.length  40 for a token of npmjs.org; more: there is something in it"},
		Fix: []string{
			"In GitHub Actions: store the secret again, without a line break and without quotation marks: gh secret set ${secret} asks for it.",
			"Set ${variable} again without a line break, a blank or quotation marks. From a file: ${setfrom}",
			"If the log with the token was public: revoke it (npm token revoke ID) and make a new one.",
		},
		Prevent: "Use trusted publishing, which needs no token; safepublish check sees such a one before the build.",
		Exit:    ExitConfig, Says: pattern.Any(
			`(?i)is not a legal HTTP header value`, `invalid character in header content \["authorization"\]`,
			`header content contains invalid characters`,
		),
		RuledOutBy: Clues{"login": {"none", "empty", "unset", "placeholder", "present"}, "token": {"named"}, "alive": {"yes"}},
	},
	{
		ID: "npmrc-invalid", Rank: 405, Title: "npm does not accept a line of an .npmrc${line}",
		Why: "npm does not go on with such an .npmrc, and ends before it does anything. Since npm 9 a credential must name its registry, " +
			"as in //HOST/:_authToken. With strict-npmrc=true npm 12 also refuses a key that it does not know; without it, it warns.",
		Happens: []string{
			"an old .npmrc with a bare _authToken, _auth or _password line",
			"a CI step writes the old form",
			"a key of another tool (pnpm, yarn) or of an old npm, and strict-npmrc=true (npm 12, July 2026)",
		},
		Confirm: []string{"npm config list  which .npmrc files are read", "npm config get strict-npmrc"},
		Fix: []string{
			"npm config fix rewrites the credentials in the form that npm expects.",
			"Or write the line as ${dart}:_authToken=${${variable}}",
			"If it is a key that npm does not know: take it out of the file that the message names, or take out strict-npmrc=true.",
		},
		Prevent: "Write credentials only with their registry in front, and keep other tools' settings in their own files.",
		Exit:    ExitConfig, Says: pattern.Any(saysKey.String(), saysBare.String(), `code ERR_INVALID_AUTH$`), Check: checkNpmrc,
	},
	// accountBlocked: no public report has npmjs.org's own sentence; GitLab and
	// Artifactory say blocked and locked.
	{
		ID: "account-blocked", Rank: 410, Title: "${registry} has blocked this account",
		Why: "The registry knows the account and does not let it act: it was suspended, locked or deactivated. No new token and no new " +
			"login helps.",
		Happens: []string{
			"an administrator of a company's registry blocked or deactivated the account, often when somebody changed jobs",
			"too many wrong passwords locked it for some time (Artifactory, LDAP)",
			"npmjs.org suspended it, for abuse or because it was taken over",
		},
		Confirm: []string{
			"npm whoami --registry=URL  fails in the same words",
			"the registry's web page  log in there: it says so too, and often why",
		},
		Fix: []string{
			"Ask whoever runs the registry; for npmjs.org: https://www.npmjs.com/support",
			"If the package cannot wait, another maintainer can publish it: npm view ${package} maintainers${at}",
		},
		Prevent: "Publish from CI with an identity that is not one person's, and give every package a second maintainer.",
		Exit:    ExitNoPerm, Status: []int{0, 401, 403},
		Says: pattern.New(`(?i)\b(?:account|user)\b[^.\n]{0,40}\b(?:is|has been|was) (?:suspended|blocked|locked|disabled|deactivated)`),
	},
	{
		ID: "email-unverified", Rank: 415, Title: "${registry} wants the account's e-mail address verified first",
		Why:     "A new package may be published only by an account whose e-mail address is verified.",
		Happens: []string{"the account is new, or its address was changed, and the link in the mail was not followed"},
		Confirm: []string{"npm profile get  shows the address and whether it is verified"},
		Fix:     []string{"Follow the link in npm's mail; a new one comes from https://www.npmjs.com/email-edit", "Publish again."},
		Prevent: "Verify the address when the account is made.",
		Exit:    ExitNoPerm, Says: pattern.New(`(?i)must verify your email`),
	},
	{
		ID: "not-logged-in", Rank: 430, Title: "nobody is logged in to ${registry}",
		Why: "npm found no credential for the registry that this package goes to, and sent nothing. A login for another registry, or for " +
			"the same one written differently, does not count.",
		Happens: []string{
			"npm login was never run on this machine, or for another registry than this one",
			"the token's variable is empty in this shell or CI job: _authToken=${NPM_TOKEN}",
			"publishConfig.registry or an @scope:registry line sends this package elsewhere",
			"the login stands under an address that is not exactly the registry's: no slash at the end, another path or port",
			"trusted publishing was expected, and npm is older than 11.5.1, the job has no id-token: write, or the exchange failed silently",
		},
		Confirm: []string{
			"npm whoami --registry=URL  with the URL from npm's message",
			"npm config list  each .npmrc in use; //HOST/PATH/:_authToken must have the registry's whole address",
		},
		Fix: []string{
			"An address without a slash at its end: write the registry with the slash where it is set, as ${url}; npm finds no login for it else.",
			"By hand: log in and publish again: npm login${at}",
			"In a CI that npmjs.org trusts: let the package trust this job, which then needs no token: ${trust}",
			"In CI: put a token into the variable ${variable}, and the line ${dart}:_authToken=${${variable}} into the job's .npmrc.",
		},
		Prevent:    "Log in right before a release, or publish from CI by trusted publishing, which needs no token.",
		Exit:       ExitNoPerm,
		Says:       pattern.New(saysNeedAuth.String() + "|" + saysLogin.String()),
		RuledOutBy: Clues{"login": {"present"}, "token": {"named", "refused"}, "npm": {"new"}},
		ByAddress:  true,
	},
	{
		ID: "token-invalid", Rank: 435, Title: "${registry} does not accept the login: it has expired, was revoked or is wrong",
		Why: "npm sent a credential that the registry does not know any more. npmjs.org often answers 404 instead of 401, so that the " +
			"message speaks of a package that was not found. The notice \"Access token expired or revoked\" alone proves nothing: it " +
			"comes with living tokens too (npm/cli#8816).",
		Happens: []string{
			"the session of npm login ended: it is a short one since December 2025",
			"a granular token is past the last day that was set when it was made",
			"it is a classic token: all of those were revoked on 2025-12-09",
			"a stale token in the project's .npmrc hides the fresh one in the user's",
			"a CI secret holds something else: a placeholder (XXXXX-…), a newline, another registry's token",
		},
		Confirm: []string{
			"npm whoami --registry=URL  401: dead, or a granular token (those may get 401 and publish)",
			"npm config list  which .npmrc sets //HOST/:_authToken",
		},
		Fix: []string{
			"By hand: log in and publish again: npm login${at}",
			"In CI: make a new token and put it into ${holder}; most likely the old one is dead.",
			"In a CI that npmjs.org trusts: or let the package trust this job, and leave the token out: ${trust}",
		},
		Prevent: "Log in right before a release. Write a token's last day into the calendar, or use trusted publishing.",
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
