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
		ID: "upload-dropped", Rank: 115, Title: "npm says that it published ${release}, but its log shows no answer of ${registry} to the upload",
		Why: "npm ended with 0, and its log has no answer to an upload. Either a redirect turned the upload into a mere question, so that the " +
			"package went nowhere, or npm did not wait for the end of the answer, or a setting made npm do something else. The registry's list of " +
			"versions decides.",
		Happens: []string{
			"the answer came in two parts, and npm had ended before the second one; the version is there",
			"the connection broke in the middle of the answer; the version is there",
			"a proxy or a load balancer sends everyone elsewhere with 303 See Other: nothing was published",
			"the registry moved, and its old address redirects to the new one",
			"usage=true in an .npmrc or in the environment: npm prints how it is used, and publishes nothing",
		},
		Confirm: []string{
			"npm view NAME@VERSION  is it there after all",
			"curl -sI -X PUT URL/NAME  a Location in the answer is where the registry sends you",
		},
		Fix: []string{
			"Look first: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published; npmjs.org may need 15 minutes and " +
				"more to show it.",
			"If a redirect was in the way: npm publish --registry=URL with the address that it points to; then set that in .npmrc or " +
				"publishConfig.registry.",
			"If npm printed how it is used: take usage=true out of the .npmrc or the environment.",
		},
		Prevent: "After a release look with npm view, or publish with --wait 30m.",
		Exit:    ExitConfig, When: func(c *Case) bool { return c.dropped() && !c.shownLate() },
	},
	{
		ID: "npm-broken", Rank: 120, Title: "npm itself does not work here: ${broken}",
		Why: "The program that stands for npm failed before npm began, without a line of npm's and without a debug log; or npm misses files " +
			"of its own. Nothing was sent.",
		Happens: []string{
			"the shim of a version manager (volta, asdf, nodenv, fnm) finds no Node.js or npm for this project",
			"npm's own files are damaged or half updated: Cannot find module (MODULE_NOT_FOUND); npm 12.0.0 of July 2026 misses sigstore when it " +
				"makes a provenance (npm/cli#9722)",
			"node, which npm runs on, is not on PATH, or was made for another system",
		},
		Confirm: []string{"npm --version  it fails in the same way", "command -v npm node  what stands for them"},
		Fix: []string{
			"Make npm --version work first: install the version that the project names, or load the version manager.",
			"If npm misses a file of its own: npm install -g npm@latest",
			"Or say which npm to run: safepublish --npm=PATH",
		},
		Prevent: "In CI run npm --version in a step of its own, and set SAFEPUBLISH_NPM where a shim cannot be trusted.",
		Exit:    ExitNoNPM, When: func(c *Case) bool { return c.NeverStarted && c.Signal == "" || c.misses() != "" },
		Check: checkBroken,
	},
	{
		ID: "wrong-registry", Rank: 520, Title: "${registry} is not a registry that takes this publish",
		Why: "The upload went to a mirror, to a group or proxy that is read-only, or to an address that is no registry for npm at all.",
		Happens: []string{
			"registry= in an .npmrc points at a mirror for faster installs",
			"publishConfig.registry or an @scope:registry line is an old one",
			"the address is that of a group (Nexus, Artifactory, GitLab's instance level): read-only",
			"a script runs under yarn 1, which puts its own registry into the environment",
			"the address begins with http://, and the registry wants https:// (426, \"plaintext http\")",
		},
		Confirm: []string{
			"npm publish --dry-run  \"Publishing to\" names the registry",
			"npm config get registry @SCOPE:registry  for a package in a scope the second one wins, even over --registry",
			"npm pkg get publishConfig  which is stronger than the .npmrc",
		},
		Fix: []string{
			"Publish to the right one: npm publish --registry=URL; where an @SCOPE:registry line is in the way, --@SCOPE:registry=URL",
			"For good: fix the line in the .npmrc, or publishConfig.registry in package.json.",
			"On Nexus, Artifactory, GitLab: use the hosted repository's or the project's own address.",
		},
		Prevent: "Put publishConfig.registry into package.json, so that the package cannot go elsewhere.",
		Exit:    ExitConfig, Status: []int{0, 400, 403, 405, 426},
		Says: pattern.Any(
			`(?im)^405 `, `^426 `, `private mode enable`, `no_perms`, `can't modify npm public package`, `plaintext http`,
		),
		RuledOutBy: Clues{"token": {"named"}},
		ByAddress:  true,
	},
	{
		ID: "policy-blocked", Rank: 800, Title: "a rule of ${registry} forbids publishing ${release}",
		Why: "The registry, or a filter before it, refused for a legal or a company reason (451 Unavailable For Legal Reasons, a protected " +
			"package). npm's own words about \"your security policy\" mean nothing: it prints them with every 403.",
		Happens: []string{
			"a company's registry protects names or packages (GitLab: package protection rules)",
			"a limit on the number or the size of an owner's packages is reached (Gitea, Forgejo)",
			"the registry takes uploads from some clients only (cnpm: npm 7 and later, no yarn and no bun)",
			"a firewall answers in the registry's place",
		},
		Confirm: []string{"npm ping --registry=URL  does the registry itself answer"},
		Fix:     []string{"Ask whoever runs the registry; the rule has an owner and a reason."},
		Prevent: "Know the registry's rules for names before you choose one.",
		Exit:    ExitNoPerm,
		Status:  []int{0, 403, 451},
		Says: pattern.Any(
			`(?im)^451 `, `- package protected\.`, `only allow npm\S* client`,
			`maximum allowed package (?:count|type size|storage quota) exceeded`, `blocking policy`,
		),
	},
	{
		ID: "upload-malformed", Rank: 805, Title: "${registry} could not make sense of the upload of ${release}",
		Why: "npm sends one document with the manifest and the tarball in it. The registry got another one than it expects: cut short, " +
			"changed on its way, or in a form that this registry does not know. It is not about what your package says.",
		Happens: []string{
			"a proxy or a firewall between changed the upload or cut it",
			"the registry is older than the npm in use, or does not know this kind of request",
			"another client than npm sent it (old versions of bun and yarn)",
			"package.json was changed while npm packed, so that tarball and manifest differ",
		},
		Confirm: []string{
			"npm publish --loglevel verbose  which status each attempt got",
			"npm pack  packs the same without sending it; tar -tf shows what is in it",
		},
		Fix: []string{
			"Publish once past the proxy, from another network.",
			"Update the registry, or try the npm that its documentation names: npx npm@10 publish",
			"Let no script write package.json during prepack or prepare.",
		},
		Prevent: "Try a new registry, proxy or client with a throw-away package.",
		Exit:    ExitUnavailable, Status: []int{0, 400, 422},
		Says: pattern.Any(
			`(?i)attachment data is empty`, `- invalid json`, `versions key is missing`, `no attachments present`,
			`bad incoming package data`, `- bad data`,
			`\] (?:_attachments is|versions is|dist-tags|attachment|dist\.|fullname\(|.*mismatch between tarball and manifest)`,
			`package (?:attachment|integrity) is invalid`,
		),
	},
	{
		ID: "rate-limited", Rank: 810, Title: "${registry} takes no more requests for now (429 Too Many Requests)",
		Why: "Too many requests came from this account or address. npm tries again after 10 and 60 seconds and does not look at how long the " +
			"registry asks to wait, which can be half an hour.",
		Happens: []string{
			"many packages are published one after the other",
			"several wrong one-time passwords in a row",
			"other jobs behind the same address",
		},
		Confirm: []string{
			"curl -sI URL/NAME  Retry-After says how many seconds it wants to be left alone; npm does not show it",
			"npm ping --registry=URL  429 again: still limited",
		},
		Fix:     []string{"Wait some minutes, up to an hour, and publish the same again.", "Publish fewer packages at a time."},
		Prevent: "Pause between packages. \"as user undefined\" in the message means nothing (npm/cli#9313).",
		Exit:    ExitTempFail, Status: []int{429}, Asks: []Question{AskLimit}, Check: checkLimit,
	},
	{
		ID: "proxy-refused", Rank: 817, Title: "the proxy or firewall between here and ${registry} ${refusal}",
		Why: "Something between here and the registry answered in its place: a proxy that asks for a user and a password, or one that lets " +
			"no uploads through. The registry was not reached; nothing was published.",
		Happens: []string{
			"the proxy's address has no user and password, or old ones: the company's password was changed",
			"the password has characters that an address cannot hold as they are: @ : / # %",
			"a proxy is set in an .npmrc or in HTTPS_PROXY that is meant for another network",
			"a company's filter (Zscaler, Forcepoint, Squid) refuses uploads, or the registry as a whole",
		},
		Confirm: []string{
			"npm config get proxy https-proxy noproxy  the proxy that npm uses; the environment's HTTPS_PROXY counts too",
			"curl -sI URL  407 or 403, with Via or X-Squid-Error: it is the proxy",
		},
		Fix: []string{
			"If it wants a login: write the user and the password into the proxy's address, before the host, as USER:PASSWORD@: in " +
				"https-proxy= and proxy= of your own .npmrc, or in the variable HTTPS_PROXY. Of these two write @ : / # % as %40 %3A %2F %23 %25.",
			"If it refuses uploads: ask whoever runs it to let PUT to ${host} through, or publish from another network or a CI.",
			"If this network needs no proxy: npm config delete proxy https-proxy",
			"If the registry is inside the network: add its host to NO_PROXY, or to noproxy= in the .npmrc.",
		},
		Prevent: "Keep the proxy's password in one place, and never in a project's .npmrc.",
		Exit:    ExitConfig, Status: []int{0, 403, 407},
		Says: pattern.Any(
			`(?im)^(?:e?407 )+proxy authentication required`, `code e407$`,
			`\b(?:squid|zscaler|forcepoint|fortigu?a(?:te|rd)|netskope|blue ?coat)\b`,
		),
		RuledOutBy: Clues{"reads": {"answered"}}, ByLine: true,
	},
	{
		ID: "registry-error", Rank: 820, Title: "${registry} failed with ${status}; the version may have been stored all the same",
		Why: "The registry, or a proxy before it, had an error of its own. npm sends the upload three times; one of them may have been stored " +
			"although no answer came (npm/cli#6693).",
		Happens: []string{
			"the registry is down or overloaded: https://status.npmjs.org",
			"a proxy gave up on a slow upload (502, 504)",
			"a registry of your own is out of disk, or its uplink is down (Verdaccio: 503)",
		},
		Confirm: []string{
			"npm view NAME@VERSION dist.shasum  was it stored after all; npmjs.org may need 15 minutes and more to show it",
			"npm ping --registry=URL  does it answer now",
		},
		Fix: []string{
			"Look first: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published.",
			"Otherwise publish the same version again later. Do not raise it before you have looked.",
		},
		Prevent: "Nothing on your side. Look before every second try.",
		Exit:    ExitUnavailable, When: func(c *Case) bool { return c.status() >= 500 },
	},
	{
		ID: "registry-url-invalid", Rank: 825, Title: "the registry's address is not a URL",
		Why: "npm needs a full address, https://HOST/. Where it only warns about a bad one, it drops it and publishes to the next " +
			"registry in line, by default the public one.",
		Happens: []string{"https:// is missing", "a variable in .npmrc or in the script is empty or not expanded"},
		Confirm: []string{
			"npm config get registry  the address in use; npm warns \"invalid config registry\" about one that it drops",
			"npm pkg get publishConfig.registry",
		},
		Fix: []string{
			"npm publish --registry=https://HOST/",
			"Fix the line in .npmrc or publishConfig: https:// in front, the slash at the end, no variable that is empty.",
		},
		Prevent: "Look at \"Publishing to\" in npm publish --dry-run.",
		Exit:    ExitUsage, Says: pattern.Any(
			`(?i)ERR_INVALID_URL`, `^invalid url`, `invalid protocol`, `only http\(s\) protocols are supported`,
		),
		RuledOutBy: Clues{"setting": {"kept"}},
		ByAddress:  true,
	},
	{
		ID: "tls", Rank: 830, Title: "the certificate of ${registry} is not trusted here",
		Why: "The connection was refused before anything was sent, because the certificate could not be checked.",
		Happens: []string{
			"a company's proxy puts its own certificate in between",
			"a registry of your own uses a certificate that it signed itself, or that has expired",
			"the clock of this machine is wrong",
		},
		Confirm: []string{"npm ping --registry=URL  the same error", "npm config get cafile strict-ssl"},
		Fix: []string{
			"Give Node the company's certificate: NODE_EXTRA_CA_CERTS=FILE, or npm config set cafile FILE",
			"Renew the registry's certificate.",
		},
		Prevent: "Never switch strict-ssl off: the token would go to whoever is in between.",
		Exit:    ExitConfig,
		Codes: []string{
			"DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_GET_ISSUER_CERT",
			"UNABLE_TO_VERIFY_LEAF_SIGNATURE", "CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID", "ERR_TLS_CERT_ALTNAME_INVALID", "EPROTO",
		},
	},
	{
		ID: "network", Rank: 835, Title: "the connection to ${registry}${through} failed",
		Why: "npm could not reach the registry, or the line broke before the answer came. In the second case the version may have been stored.",
		Happens: []string{
			"no network, or the name of the registry does not resolve (ENOTFOUND, EAI_AGAIN)",
			"a proxy is set and does not answer, or one is needed and not set (ECONNREFUSED)",
			"the line broke during the upload (ECONNRESET), or no answer came in five minutes (FETCH_ERROR)",
			"the address is wrong: http for https, a port where no registry listens",
		},
		Confirm: []string{
			"npm ping --registry=URL  does the registry answer at all",
			"npm config get proxy https-proxy registry",
			"npm view NAME@VERSION dist.shasum  was it stored after all",
		},
		Fix: []string{
			"If the upload had begun, look first: npm view NAME@VERSION dist.shasum. If it is there with your shasum, it is published.",
			"Through a proxy: put the address of the proxy right where it is set; to a registry that needs none: NO_PROXY=${audience} safepublish",
			"Fix the network, the proxy or the address, then publish the same again.",
		},
		Prevent: "For slow lines: --fetch-timeout=600000 (milliseconds).",
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
		ID: "dev-engines", Rank: 895, Title: "devEngines in package.json refuse this npm or Node.js${wanted}",
		Why: "The package.json here names the package manager, the Node.js or the system that this project is worked on with, and " +
			"\"onFail\" says that anything else is an error. npm then refuses every command in this folder before it does anything; nothing " +
			"was sent.",
		Happens: []string{
			"devEngines.packageManager names pnpm, yarn or bun, and the release runs npm publish; \"onFail\" is error, download or not there",
			"a release tool asks npm for something first (npm info, npm whoami), and is refused like that; pnpm 10 and older do so too",
			"devEngines names another version of npm or of Node.js than this machine or CI job has",
		},
		Confirm: []string{
			"node -p \"require('./package.json').devEngines\"  what is asked for; npm pkg get is refused too",
			"npm --version  what is here", "node --version",
		},
		Fix: []string{
			"If it names another package manager: write \"onFail\": \"warn\" into that entry of devEngines in package.json, so that npm only warns.",
			"Or publish with the one that is named: pnpm publish (pnpm 11 and later), yarn npm publish or bun publish.",
			"If it is a version: install that one (npm install -g npm@VERSION, nvm install VERSION), or set it in the CI job.",
		},
		Prevent: "Let CI use the package manager that package.json names for every step, the release included.",
		Exit:    ExitConfig, Says: pattern.Any(saysEngine.String(), `code EBADDEVENGINES$`), Check: checkDevEngines,
	},
	{
		ID: "bad-usage", Rank: 900, Title: "npm does not understand the command line",
		Why: "npm stopped before it did anything. Since npm 12 (July 2026) it refuses options that it does not know; npm 11 and older ignore " +
			"them and publish for real, also on --dryrun.",
		Happens: []string{
			"an option is misspelt or abbreviated: --dryRun, --acces",
			"an option of another tool: --no-git-checks is pnpm's",
			"an option and its value arrive as one word, from a script that quotes both together",
		},
		Confirm: []string{"npm help publish  the options of npm publish", "npm publish --dry-run  tries the command line without the upload"},
		Fix: []string{
			"Spell the option out as npm help publish lists it.",
			"Update the release tool: many were written for npm 11 and older.",
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
		Why: "safepublish runs the npm that is on PATH, or the one that --npm or SAFEPUBLISH_NPM names. There is none.",
		Happens: []string{
			"Node.js is not installed, or only inside a version manager that this shell has not loaded",
			"PATH of a CI step or a cron job is shorter than that of a terminal",
			"--npm names a file that is not there",
		},
		Confirm: []string{"command -v npm  where npm is", "npm --version"},
		Fix: []string{
			"Install Node.js, which brings npm, or load the version manager (nvm use).",
			"Or say where npm is: safepublish --npm=PATH",
		},
		Prevent: "Set SAFEPUBLISH_NPM where PATH cannot be trusted.",
		Exit:    ExitNoNPM, When: func(*Case) bool { return false },
	},
}

// checkDevEngines says what is asked for, where npm's words tell.
func checkDevEngines(c *Case) verdict {
	v := proven()
	if m := saysEngine.FindStringSubmatch(c.said()); m != nil {
		v.Vars = map[string]string{"wanted": ": they ask for " + m[1] + ", and this is " + m[2]}
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
		v.Vars = map[string]string{"broken": "it misses its own module " + missing}
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
		v.Evidence = []Evidence{{"GET " + c.Name(), "the registry asks to wait " + seconds + " seconds (Retry-After)"}}
	}
	return v
}
