package classify

import (
	"strconv"

	"safepublish/classify/pattern"
)

// Where it went, the line to it, and npm itself.

// saysEngine: npm 10.9.0 and later, npm-install-checks, lib/dev-engines.js. Of "onFail" it knows
// ignore, warn, error and download, and fails at the last like at error (nrwl/nx#36423).
var saysEngine = pattern.New(`Invalid (?:name|semver version) "([^"]+)" does not match "([^"]+)" for`)

// saysArgument: npm-package-arg, lib/npa.js, of an argument of npm publish that is neither a
// path nor the name of a package. What npm makes of --tag has the name and "@" before it.
var saysArgument = pattern.New(`(?i)invalid tag name "[^@]{1,900}"\s+of\s+package\s+"(?:@[^/"@]+/)?[^"@]+["\n]`)

var whereCauses = []*Cause{
	{
		ID: "upload-dropped", Rank: 115, Title: "npm says that it published ${release}, but its log shows no answer from ${registry}",
		Why: "npm ended with status 0, but its log has no answer to an upload. Perhaps a redirect turned the upload into a mere question and " +
			"nothing was stored, or npm did not wait for the end of the answer, or a setting made npm do something else. The registry's list of " +
			"versions decides.",
		Happens: []string{
			"the answer came in two parts, and npm ended before the second; the version was stored",
			"the connection broke in the middle of the answer; the version was stored",
			"a proxy or a load balancer redirects with 303 See Other: nothing was published",
			"the registry moved, and its old address redirects to the new one",
			"usage=true in an .npmrc or in the environment: npm prints its usage and publishes nothing",
		},
		Confirm: []string{
			"npm view NAME@VERSION  whether it was published",
			"curl -sI -X PUT URL/NAME  a Location in the answer is where the registry sends you",
		},
		Fix: []string{
			"First check whether the version was published: npm view ${package}@${version} dist.shasum${at}", "If that prints the shasum that npm " +
				"publish printed, it was published. npmjs.org may need 15 minutes and more to show it.",
			"If a redirect was in the way: publish to the address that it points to, and set that in .npmrc or publishConfig.registry: npm " +
				"publish --registry=URL",
			"If npm printed its usage: remove usage=true from the .npmrc or the environment.",
		},
		Prevent: "After a release check with npm view, or publish with --wait 30m.",
		Exit:    ExitConfig, When: func(c *Case) bool { return c.dropped() && !c.shownLate() },
	},
	{
		ID: "npm-broken", Rank: 120, Title: "npm itself does not work here: ${broken}",
		Why: "The program called npm failed before npm itself began: there is no line from npm and no debug log. Or npm lacks files of its " +
			"own. Nothing was sent.",
		Happens: []string{
			"the shim of a version manager (volta, asdf, nodenv, fnm) finds no Node.js or npm for this project",
			"npm's own files are damaged or half updated: Cannot find module (MODULE_NOT_FOUND); npm 12.0.0 of July 2026 lacks sigstore when it " +
				"makes provenance (npm/cli#9722)",
			"node, which npm runs on, is not on PATH, or was built for another system",
		},
		Confirm: []string{"npm --version  fails in the same way", "command -v npm node  which programs these are"},
		Fix: []string{
			"Install the version that the project names, or load the version manager, until this works: npm --version",
			"If npm lacks a file of its own: npm install -g npm@latest",
			"Or name the program to run: safepublish --npm=PATH",
		},
		Prevent: "In CI run npm --version in a step of its own, and set SAFEPUBLISH_NPM if the shim is not reliable.",
		Exit:    ExitNoNPM, When: func(c *Case) bool { return c.NeverStarted && c.Signal == "" || c.misses() != "" },
		Check: checkBroken,
	},
	{
		ID: "wrong-registry", Rank: 520, Title: "${registry} is not a registry that accepts this publish",
		Why: "The upload went to a mirror, to a read-only group or proxy, or to an address that is no registry at all.",
		Happens: []string{
			"registry= in an .npmrc points at a mirror for faster installs",
			"publishConfig.registry or an @scope:registry line is out of date",
			"the address is that of a group (Nexus, Artifactory, GitLab's instance level), which is read-only",
			"yarn 1 runs the script and puts its own registry into the environment",
			"the address begins with http://, but the registry needs https:// (426, \"plaintext http\")",
		},
		Confirm: []string{
			"npm publish --dry-run  \"Publishing to\" names the registry",
			"npm config get registry @SCOPE:registry  for a package in a scope the second one wins, even over --registry",
			"npm pkg get publishConfig  it beats the .npmrc",
		},
		Fix: []string{
			"Publish to the right one: npm publish --registry=URL. If an ${scope}:registry line is set, that beats it: npm publish " +
				"--${scope}:registry=URL",
			"For good: fix the line in the .npmrc, or publishConfig.registry in package.json.",
			"On Nexus, Artifactory, GitLab: use the hosted repository's or the project's own address.",
		},
		Prevent: "Put publishConfig.registry into package.json, so the package cannot go elsewhere.",
		Exit:    ExitConfig, Status: []int{0, 400, 403, 405, 426},
		Says: pattern.Any(
			`(?im)^405 `, `^426 `, `private mode enable`, `no_perms`, `can't modify npm public package`, `plaintext http`,
		),
		RuledOutBy: Clues{"token": {"named"}},
		ByAddress:  true,
	},
	{
		ID: "policy-blocked", Rank: 800, Title: "a rule of ${registry} forbids publishing ${release}",
		Why: "The registry, or a filter in front of it, refused for a legal or company reason (451 Unavailable For Legal Reasons, a protected " +
			"package). npm's \"forbidden by your security policy\" means nothing: npm prints it with every 403.",
		Happens: []string{
			"a company's registry protects names or packages (GitLab: package protection rules)",
			"the owner's packages have reached a limit on their number or size (Gitea, Forgejo)",
			"the registry accepts uploads only from some clients (cnpm: npm 7 and later, no yarn and no bun)",
			"a firewall answers in the registry's place",
		},
		Confirm: []string{"npm ping --registry=URL  whether the registry itself answers"},
		Fix:     []string{"Ask the people who run ${host} for the rule and its reason."},
		Prevent: "Read the registry's rules for names before you choose one.",
		Exit:    ExitNoPerm,
		Status:  []int{0, 403, 451},
		Says: pattern.Any(
			`(?im)^451 `, `- package protected\.`, `only allow npm\S* client`,
			`maximum allowed package (?:count|type size|storage quota) exceeded`, `blocking policy`,
		),
	},
	{
		ID: "upload-malformed", Rank: 805, Title: "${registry} could not read the upload of ${release}",
		Why: "npm sends one document with the manifest and the tarball in it. What the registry got was cut short, changed on the way, or in a " +
			"form that it does not know. Your package is not the reason.",
		Happens: []string{
			"a proxy or a firewall on the way changed the upload or cut it short",
			"the registry is older than npm here, or does not know this kind of request",
			"another client sent it (old versions of bun and yarn)",
			"a script changed package.json while npm packed, so tarball and manifest differ",
		},
		Confirm: []string{
			"npm publish --loglevel verbose  which status each upload got",
			"npm pack  packs the same without sending it; tar -tf lists what is in it",
		},
		Fix: []string{
			"Publish once from another network, past the proxy.",
			"Update the registry, or try the version of npm that its documentation names: npx npm@10 publish",
			"Let no script write package.json in prepack or prepare.",
		},
		Prevent: "Try a new registry, proxy or client with a throwaway package first.",
		Exit:    ExitUnavailable, Status: []int{0, 400, 422},
		Says: pattern.Any(
			`(?i)attachment data is empty`, `- invalid json`, `versions key is missing`, `no attachments present`,
			`bad incoming package data`, `- bad data`,
			`\] (?:_attachments is|versions is|dist-tags|attachment|dist\.|fullname\(|.*mismatch between tarball and manifest)`,
			`package (?:attachment|integrity) is invalid`,
		),
	},
	{
		ID: "rate-limited", Rank: 810, Title: "${registry} accepts no more requests for now (429 Too Many Requests)",
		Why: "Too many requests came from this account or address. npm tries again after 10 and 60 seconds, but the registry may want a longer " +
			"wait, up to half an hour.",
		Happens: []string{
			"many packages are published one after another",
			"several one-time passwords in a row were wrong",
			"other jobs use the same address",
		},
		Confirm: []string{
			"curl -sI URL/NAME  Retry-After says how many seconds to wait; npm does not show it",
			"npm ping --registry=URL  429 again: still limited",
		},
		Fix:     []string{"Wait some minutes, up to an hour, then publish the same version again.", "Publish fewer packages at a time."},
		Prevent: "Pause between packages. \"as user undefined\" in the message means nothing (npm/cli#9313).",
		Exit:    ExitTempFail, Status: []int{429}, Asks: []Question{AskLimit}, Check: checkLimit,
	},
	{
		ID: "proxy-refused", Rank: 817, Title: "the proxy or firewall between here and ${registry} ${refusal}",
		Why: "Something between here and the registry answered in its place: a proxy that asks for a user and a password, or one that blocks " +
			"uploads. The upload did not reach the registry; nothing was published.",
		Happens: []string{
			"the proxy's address has no user and password, or old ones, because the company's password was changed",
			"the password contains characters that an address must encode: @ : / # %",
			"an .npmrc or HTTPS_PROXY names a proxy that is meant for another network",
			"a company's filter (Zscaler, Forcepoint, Squid) blocks uploads, or the whole registry",
		},
		Confirm: []string{
			"npm config get proxy https-proxy noproxy  the proxy that npm uses; the environment's HTTPS_PROXY counts too",
			"curl -sI URL  407 or 403, with Via or X-Squid-Error, comes from the proxy",
		},
		Fix: []string{
			"If it needs a login: write USER:PASSWORD@ in front of the host in the proxy's address, in https-proxy= and proxy= of your own " +
				".npmrc, or in HTTPS_PROXY. In both write @ : / # % as %40 %3A %2F %23 %25.",
			"If it blocks uploads: ask the people who run it to allow PUT to ${host}, or publish from another network or from CI.",
			"If this network needs no proxy: npm config delete proxy https-proxy",
			"If the registry is inside the network: add ${host} to NO_PROXY, or to noproxy= in the .npmrc.",
		},
		Prevent: "Keep the proxy's password in one place, never in a project's .npmrc.",
		Exit:    ExitConfig, Status: []int{0, 403, 407},
		Says: pattern.Any(
			`(?im)^(?:e?407 )+proxy authentication required`, `code e407$`,
			`\b(?:squid|zscaler|forcepoint|fortigu?a(?:te|rd)|netskope|blue ?coat)\b`,
		),
		RuledOutBy: Clues{"reads": {"answered"}}, ByLine: true,
	},
	{
		ID: "registry-error", Rank: 820, Title: "${registry} failed with ${status}; the version may have been stored all the same",
		Why: "The registry, or a proxy in front of it, failed. npm sends the upload three times; one of them may have been stored although no " +
			"answer came (npm/cli#6693).",
		Happens: []string{
			"the registry is down or overloaded: https://status.npmjs.org",
			"a proxy gave up on a slow upload (502, 504)",
			"a registry of your own is out of disk, or its uplink is down (Verdaccio: 503)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  whether it was published; npmjs.org may need 15 minutes and more to show it",
			"npm ping --registry=URL  whether it answers now",
		},
		Fix: []string{
			"First check whether the version was published: npm view ${package}@${version} dist.shasum${at}", "If that prints the shasum that npm " +
				"publish printed, it was published. npmjs.org may need 15 minutes and more to show it.",
			"Otherwise publish the same version again later. Do not raise the version before you know.",
		},
		Prevent: "Nothing to do. Check before every second try.",
		Exit:    ExitUnavailable, When: func(c *Case) bool { return c.status() >= 500 },
	},
	{
		ID: "registry-url-invalid", Rank: 825, Title: "the registry's address is not a URL",
		Why: "npm needs a full address, https://HOST/. If npm only warns about a bad one, it ignores it and publishes to the next registry in " +
			"its settings, by default the public one.",
		Happens: []string{"https:// is missing", "a variable in .npmrc or in the script is empty or not expanded"},
		Confirm: []string{
			"npm config get registry  the address in use; npm warns \"invalid config registry\" about one that it ignores",
			"npm pkg get publishConfig.registry",
		},
		Fix: []string{
			"Publish with the full address: npm publish --registry=https://HOST/",
			"Fix the line in .npmrc or publishConfig: https:// in front, a slash at the end, no empty variable.",
		},
		Prevent: "Check the line \"Publishing to\" of npm publish --dry-run.",
		Exit:    ExitUsage, Says: pattern.Any(
			`(?i)ERR_INVALID_URL`, `^invalid url`, `invalid protocol`, `only http\(s\) protocols are supported`,
		),
		RuledOutBy: Clues{"setting": {"kept"}},
		ByAddress:  true,
	},
	{
		ID: "tls", Rank: 830, Title: "the certificate of ${registry} is not trusted here",
		Why: "npm ended the connection before it sent anything, because it could not verify the certificate.",
		Happens: []string{
			"a company's proxy uses its own certificate",
			"a registry of your own uses a self-signed or expired certificate",
			"the clock of this machine is wrong",
		},
		Confirm: []string{"npm ping --registry=URL  fails with the same error", "npm config get cafile strict-ssl"},
		Fix: []string{
			"Give Node.js the company's certificate with NODE_EXTRA_CA_CERTS=FILE, or: npm config set cafile FILE",
			"If the registry is your own: renew its certificate.",
		},
		Prevent: "Never switch strict-ssl off: anyone on the way could then read the token.",
		Exit:    ExitConfig,
		Codes: []string{
			"DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT",
			"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID", "EPROTO",
		},
	},
	{
		ID: "network", Rank: 835, Title: "the connection to ${registry}${through} failed",
		Why: "npm could not reach the registry, or the connection broke before the answer came. In the second case the version may have been " +
			"stored.",
		Happens: []string{
			"there is no network, or the name of the registry does not resolve (ENOTFOUND, EAI_AGAIN)",
			"a proxy is set and does not answer, or one is needed and not set (ECONNREFUSED)",
			"the connection broke during the upload (ECONNRESET), or no answer came in five minutes (FETCH_ERROR)",
			"the address is wrong: http instead of https, or a port where no registry listens",
		},
		Confirm: []string{
			"npm ping --registry=URL  whether the registry answers at all",
			"npm config get proxy https-proxy registry",
			"npm view NAME@VERSION dist.shasum  whether it was published",
		},
		Fix: []string{
			"If the upload had begun, first check whether it was stored: npm view ${package}@${version} dist.shasum${at}", "If that prints the " +
				"shasum that npm publish printed, it was published. npmjs.org may need 15 minutes and more to show it.",
			"Through a proxy: correct the proxy's address where it is set. If this registry needs no proxy: NO_PROXY=${audience} safepublish",
			"Fix the network, the proxy or the address, then publish the same version again.",
		},
		Prevent: "On a slow connection: --fetch-timeout=600000 (milliseconds).",
		Exit:    ExitUnavailable, ByLine: true,
		Codes: []string{
			"ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EHOSTUNREACH", "ENETUNREACH", "EPIPE",
			"FETCH_ERROR", "ERR_SOCKET_TIMEOUT", "HPE_INVALID_CONSTANT", "HPE_INVALID_HEADER_TOKEN", "UND_ERR_CONNECT_TIMEOUT",
			"ESOCKETTIMEDOUT", // of request, in yarn 1
		},
	},
	// npm refuses every command but the global ones, whatever --workspace says (npm 10.9.0
	// and later: lib/npm.js and lib/base-cmd.js, checkDevEngines). What people do about it:
	// apify/apify-client-js#896, lokalise/shared-ts-libs#1114, adobe/alloy#1525. pnpm 10 and
	// older have npm publish (pnpm/pnpm#9924).
	{
		ID: "dev-engines", Rank: 895, Title: "devEngines in package.json refuses this version of npm or Node.js${wanted}",
		Why: "The package.json here names the package manager, the version of Node.js or the system that this project needs, and \"onFail\" " +
			"makes anything else an error. npm then refuses every command in this folder. Nothing was sent.",
		Happens: []string{
			"devEngines.packageManager names pnpm, yarn or bun, the release runs npm publish, and \"onFail\" is error, download or missing",
			"a release tool first runs another npm command (npm info, npm whoami), which is refused too; pnpm 10 and older do so",
			"devEngines names another version of npm or of Node.js than this machine or CI job has",
		},
		Confirm: []string{
			"node -p \"require('./package.json').devEngines\"  what the project needs; npm pkg get is refused too",
			"npm --version  what is here", "node --version",
		},
		Fix: []string{
			"If it names another package manager: write \"onFail\": \"warn\" into that entry of devEngines in package.json. npm then only warns.",
			"Or publish with that package manager: pnpm publish (pnpm 11 and later), yarn npm publish or bun publish.",
			"If it names a version: install it, or set it in the CI job: npm install -g npm@VERSION, or nvm install VERSION",
		},
		Prevent: "Let CI use the package manager that package.json names in every step, also for the release.",
		Exit:    ExitConfig, Says: pattern.Any(saysEngine.String(), `code EBADDEVENGINES$`), Check: checkDevEngines,
	},
	{
		ID: "bad-usage", Rank: 900, Title: "npm does not understand the command line",
		Why: "npm stopped before it did anything. npm 12 (July 2026) and later refuse options that they do not know; npm 11 and older ignore " +
			"them and publish for real, even with --dryrun.",
		Happens: []string{
			"an option is misspelt or abbreviated: --dryRun, --acces",
			"an option of another tool: --no-git-checks is pnpm's",
			"a script quotes an option and its value together, so they arrive as one word",
		},
		Confirm: []string{"npm help publish  the options of npm publish", "npm publish --dry-run  tries the command line without an upload"},
		Fix: []string{
			"Write the option as it is listed by: npm help publish",
			"Update the release tool; many were written for npm 11 and older.",
		},
		Prevent: "Try a changed command line with --dry-run first.",
		Exit:    ExitUsage,
		Says: pattern.Any(
			`(?im)unknown (?:cli )?flags?:`, `unknown command: "`, `is not a valid single-hyphen cli flag`, `invalid abbreviated flag`,
			`cannot be provided when using`, `^usage:(?: npm <command>)?$`, saysArgument.String(),
			`unsupported url type "`, `code EUNSUPPORTEDPROTOCOL$`, // npm-package-arg, of an argument "foo:bar"
		),
	},
	{
		ID: "npm-missing", Rank: 905, Title: "npm was not found",
		Why: "safepublish runs npm from PATH, or the program that --npm or SAFEPUBLISH_NPM names. It found neither.",
		Happens: []string{
			"Node.js is not installed, or only in a version manager that this shell has not loaded",
			"PATH is shorter in a CI step or a cron job than in a terminal",
			"--npm names a file that is not there",
		},
		Confirm: []string{"command -v npm  where npm is", "npm --version"},
		Fix: []string{
			"Install Node.js, which brings npm, or load the version manager (nvm use).",
			"Or say where npm is: safepublish --npm=PATH",
		},
		Prevent: "Set SAFEPUBLISH_NPM if PATH is not reliable.",
		Exit:    ExitNoNPM, When: func(*Case) bool { return false },
	},
}

// checkDevEngines says what is asked for, where npm's words tell.
func checkDevEngines(c *Case) verdict {
	v := proven()
	if m := saysEngine.FindStringSubmatch(c.said()); m != nil {
		v.Vars = map[string]string{"wanted": ": it needs " + m[1] + ", and this is " + m[2]}
	}
	return v
}

// ownModule is a file of npm's own that node did not find, and who looked for it.
var ownModule = pattern.New(`Cannot find module '([^']+)'[\s\S]*node_modules[/\\]npm[/\\]`)

// misses returns the module of npm's own that is not there, "" where none is missing.
func (c *Case) misses() string {
	m := ownModule.FindStringSubmatch(c.said())
	if c.Code != "MODULE_NOT_FOUND" || m == nil {
		return ""
	}
	return m[1]
}

// checkBroken: that there is no log is the proof, or npm's own words are.
func checkBroken(c *Case) verdict {
	if missing := c.misses(); missing != "" {
		v := proven()
		v.Vars = map[string]string{"broken": "it lacks its own module " + missing}
		return v
	}
	return byAnswers()
}

// checkLimit: the status says it all but how long.
func checkLimit(c *Case) verdict {
	v := proven()
	if wait := c.Answers.RetryAfter; wait > 0 {
		seconds := strconv.Itoa(int(wait.Seconds()))
		v.Vars = map[string]string{"retry_after": seconds}
		v.Evidence = []Evidence{{"GET " + c.Name(), "the registry asks you to wait " + seconds + " seconds (Retry-After)"}}
	}
	return v
}
