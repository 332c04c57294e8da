package logs

import (
	"regexp/syntax"
	"strings"
	"sync"

	"safepublish/classify/pattern"
)

// The grammar of everything but npm's own lines: what other clients and the tools
// around npm print. Their forms are theirs (source for each below); the registries'
// sentences in them are the same as npm's, so that one table of causes reads them all.

// meaning is what a line says.
type meaning int

const (
	failed     meaning = iota // a publish was refused or failed
	maybe                     // something failed; the command that was typed tells what
	notPublish                // another command failed
	summary                   // a tool's last word on a failure, before which its reason stands, if anywhere
	lists                     // a tool lists the packages that failed, on the next lines
	listed                    // such a package, or one of another list
	listedTask                // the same, by the project's name, which need not be the package's
	success                   // a package was published
	again                     // a tool tries the same package again
	announces                 // the package that a tool is about to publish
	version                   // the version that a tool will publish a package as
	request                   // a tool's request, and how it was answered
	header                    // a client names the command that it runs
	hint                      // a CI says how it would log in
)

// form is one kind of line. Words in capitals stand for the parts of its event:
// NAME, VERSION, CODE, STATUS, METHOD, URL, VERB, and TEXT for the message; the whole
// match is the message where there is no TEXT.
type form struct {
	is      meaning
	pattern string
	code    string // npm's code for it, where the client says none
	more    int    // how many lines after it may belong to it
	says    *pattern.Pattern
	mark    marks // of the longest literal that each such line holds
}

var forms = []form{
	// changesets 2 and 3, publish/publishPackages.ts: npm's code and summary behind its own words
	{is: failed, pattern: `an error occurred while publishing NAME: (?:CODE +|\(no code\): )?TEXT$`, more: 4},
	{is: version, pattern: `^🦋\s+info Publishing "NAME" at "VERSION"`},
	{is: success, pattern: `^🦋\s+New tag:\s+NAME@VERSION$`},
	{is: lists, pattern: `^🦋\s+error packages failed to publish:$`},
	{is: listed, pattern: `^🦋 {1,2}NAME@VERSION$`},
	{is: hint, pattern: `^(?P<text>No NPM_TOKEN (?:or OIDC available|found, but OIDC is available).*)$`},

	// the environment of a step, as GitHub prints it: the placeholder of actions/setup-node
	{is: hint, pattern: `^\s*(?P<text>NODE_AUTH_TOKEN: XXXXX-XXXXX-XXXXX-XXXXX)`},

	// yarn 1, cli/commands/publish.js and reporters/lang/en.js: the registry's sentence behind the address, no status
	{is: failed, pattern: `^error (?P<text>Couldn't publish package: "Can't answer a question unless.*)$`, code: "EOTP"},
	{is: failed, pattern: `^error (?P<text>Couldn't publish package: "URL: .*)$`},
	{is: failed, pattern: `^error (?P<text>Couldn't publish package.*)$`},
	{is: maybe, pattern: `^error (?P<text>An unexpected error occurred: "(?P<url>https?://[^\s/]+/(?:@[^\s/]+/)?[^\s/]+): .*)$`},
	{is: maybe, pattern: `^ResponseError: (?P<text>Request failed "STATUS [^"]*")`},
	{is: failed, pattern: `^error (?P<text>No token found and can't prompt for login.*)$`, code: "ENEEDAUTH"},
	{is: maybe, pattern: `^error (?P<text>Command failed with exit code (?P<code>\d+)\.)$`},
	{is: request, pattern: `^verbose \S+ Performing "METHOD" request to "URL"`},
	{is: request, pattern: `^verbose \S+ Request "URL" finished with status code STATUS\.$`},
	{is: header, pattern: `^(?:yarn|bun|pnpm) (?:VERB) v\d`},
	// yarn 2 and later, core/sources/scriptUtils.ts, cli/sources/lib.ts; for the rest see berry
	{is: maybe, pattern: `^(?:ERROR: )?(?P<text>Yarn is terminating due to an unexpected empty event loop\.)`},
	{is: failed, pattern: `^(?:\[NAME\]: )?Usage Error: (?P<text>` +
		`(?:Private workspaces cannot|Workspaces must have valid names and versions to) be published.*)$`},
	{is: maybe, pattern: `^Usage Error: (?P<text>(?:The nearest package directory|The project in|No project found in) .*)$`},
	{is: maybe, pattern: `YN\d{4}: (?P<text>.*script failed \(exit code (?P<code>\d+).*)$`},

	// pnpm 9 to 12, releasing/plugin-commands-publishing and the error reporter
	{is: hint, pattern: `(?P<text>Skipped OIDC: .*)$`},
	{is: failed, pattern: `ERR_PNPM_FAILED_TO_PUBLISH\]?\s+(?P<text>Failed to publish package NAME@VERSION \(status STATUS.*)$`},
	{is: failed, pattern: `ERR_PNPM_OTP_(?:NON_INTERACTIVE|SECOND_CHALLENGE)\]?\s+TEXT$`, code: "EOTP"},
	{is: failed, pattern: `(?P<text>ERR_PNPM_GIT_(?:UNCLEAN|UNKNOWN_BRANCH|NOT_CORRECT_BRANCH|NOT_LATEST)\]?\s.*)$`},
	{is: failed, pattern: `(?P<text>ERR_PNPM_(?:AUTH_TOKEN_EXCHANGE|ID_TOKEN\w*|CANNOT_PUBLISH\w*)\]?\s.*)$`},
	{is: notPublish, pattern: `(?P<text>ERR_PNPM_(?:FETCH_\d+|NO_MATCHING\w+|OUTDATED_LOCKFILE|RECURSIVE_RUN\w*)\]?\s.*)$`},
	{is: maybe, pattern: `(?P<text>ERR_PNPM_[A-Z0-9_]+\]?\s.*)$`},
	{is: maybe, pattern: `^\s*\[?ELIFECYCLE\]?\s+(?P<text>Command failed with exit code (?P<code>\d+)\.)`},
	{is: announces, pattern: `^📦 NAME@(?P<version>\S+) → URL`},

	// bun, src/cli/publish_command: status, address, and the registry's sentence two lines below
	{is: failed, pattern: `^(?:error: )?(?P<text>STATUS [A-Z][\w ]+: URL)$`, more: 3},
	{is: failed, pattern: `^(?P<text>\w+: failed to publish package)`},
	{is: failed, pattern: `^error: (?P<text>missing authentication \(run .*)$`, code: "ENEEDAUTH"},
	{is: failed, pattern: `^error: (?P<text>attempted to publish a private package.*)$`, code: "EPRIVATE"},
	{is: failed, pattern: `^error: (?P<text>unable to restrict access to unscoped package.*)$`, code: "EUNSCOPED"},
	{is: maybe, pattern: `^(?P<text>error: script "(?:prepublish|prepublishOnly|prepare|prepack|postpack)" exited with code (?P<code>\d+))`},
	{is: failed, pattern: `^error: (?P<text>[Ff]ailed to resolve (?:workspace|catalog) version for ".*)$`},
	{is: notPublish, pattern: `^error: (?P<text>GET https?://\S+ - \d{3})$`},

	// lerna 2, src/NpmUtilities.js and commands/PublishCommand.js
	{is: again, pattern: `Attempting to retry publishing NAME\.\.\.$`},
	// lerna, libs/core/src/lib: it calls npm's library; the code, and the registry's sentence without an address
	{is: summary, pattern: `lerna WARN notice (?P<text>Package failed to publish: (?P<name>\S+))$`, more: 1},
	{is: failed, pattern: `lerna ERR! ESTATUS TEXT$`, more: 3},
	{is: failed, pattern: `lerna ERR! EWHOAMI TEXT$`, code: "E401"},
	{is: failed, pattern: `lerna ERR! EACCESS TEXT$`, code: "E403"},
	{is: failed, pattern: `lerna ERR! (?P<code>E(?:OTP|NEEDAUTH|PUBLISHCONFLICT|PRIVATE|UNSCOPED)) TEXT$`},
	{is: failed, pattern: `lerna ERR! (?P<text>lifecycle "(?:prepublish|prepublishOnly|prepare|prepack|postpack|publish|postpublish)" ` +
		`errored in "NAME", exiting (?P<code>\d+))`},
	{is: notPublish, pattern: `lerna ERR! (?P<text>lifecycle "\S+" errored in "NAME", exiting (?P<code>\d+))`},
	{is: maybe, pattern: `lerna ERR! CODE TEXT$`},
	{is: success, pattern: `lerna success published (?P<name>\S+) (?P<version>\S+)`},
	{is: request, pattern: `^lerna http fetch METHOD STATUS URL`},
	{is: header, pattern: `^lerna info (?P<verb>publish) `},
	{is: version, pattern: `^ - (?P<name>\S+): \S+ => VERSION`},

	// nx, release-publish.impl.js: see starts; its own end tells that a target failed
	{is: announces, pattern: `^> nx run (?P<name>\S+?):nx-release-publish`},
	{is: summary, pattern: `(?P<text>Running target "?(?:\S+:)?(?:nx-release-publish|publish)"? .*failed)`},
	{is: lists, pattern: `^\s*Failed tasks:$`},
	{is: listedTask, pattern: `^\s*- NAME:(?:nx-release-)?publish(?::[\w-]+)?$`},
	{is: summary, pattern: `^\s*(?P<text>Something unexpected went wrong when ` +
		`(?:processing the \w+ publish output|checking for existing dist-tags).*)`},

	// @semantic-release/npm, lib/definitions/errors.js: its checks before a release; up to 15 as an error object
	{is: failed, pattern: `\bENONPMTOKEN:? (?P<text>[^'"].*)$`, code: "ENEEDAUTH"},
	{is: failed, pattern: `\bEINVALIDNPMTOKEN:? (?P<text>[^'"].*)$`, code: "E401"},
	{is: failed, pattern: `(?P<text>No npm token specified\.?)`, code: "ENEEDAUTH"},
	{is: failed, pattern: `(?P<text>Invalid npm token\.?)`, code: "E401"},
	// release-it, lib/plugin/npm/npm.js
	{is: failed, pattern: `(?P<text>Not authenticated with npm\. Please .npm login. and try again\.)`, code: "ENEEDAUTH"},
	{is: failed, pattern: `(?P<text>User \S+ is not a collaborator for NAME\.)$`},
	// np, source/prerequisite-tasks.js and source/npm/util.js
	{is: failed, pattern: `(?P<text>You must be logged in\. Use .(?:npm|pnpm|yarn npm|bunx npm) login. and try again\.)`, code: "ENEEDAUTH"},
	{is: failed, pattern: `(?P<text>You do not have write permissions required to publish this package\.)`},
	// auto (plugins/npm), beachball (packages/publish), rush (PublishAction): they pass on npm's lines, and say this
	{is: summary, pattern: `(?P<text>Running command '\w+' with args \[[^\]]*\bpublish\b[^\]]*\] failed)`},
	{is: summary, pattern: `(?P<text>Publishing (?:- )?NAME@(?P<version>\S+) failed\. Output)`},
	{is: success, pattern: `(?:^|\s)Published(?:!| package)?(?: -)? NAME@(?P<version>\d\S*?)[.!]?$`},
}

const pkg = `(?:@[^\s@/:]+/)?[^\s@/:"]+`

// readForms completes the table. Only who reads a log has to wait for it.
var readForms = sync.OnceFunc(func() {
	parts := strings.NewReplacer("NAME", `(?P<name>`+pkg+`)`, "VERSION", `(?P<version>\d[^\s"]*)`, "CODE", `(?P<code>E[A-Z0-9_]{2,})`,
		"STATUS", `(?P<status>[45]\d\d)`, "METHOD", `(?P<method>PUT|GET)`, "URL", `(?P<url>https?://[^\s"]+)`, "TEXT", `(?P<text>.*)`,
		"VERB", `(?P<verb>[a-z][\w-]*)`)
	for i := range forms {
		forms[i].says = pattern.New(parts.Replace(forms[i].pattern))
		tree, _ := syntax.Parse(forms[i].says.String(), syntax.Perl) // it compiled
		forms[i].mark = literals.add(longestLiteral(tree))
		if forms[i].is == success {
			isSuccess |= forms[i].mark
		}
	}
})

// longestLiteral returns the longest text that all matches of an expression hold.
func longestLiteral(re *syntax.Regexp) (longest string) {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCapture, syntax.OpPlus, syntax.OpConcat:
		for _, sub := range re.Sub {
			if text := longestLiteral(sub); len(text) > len(longest) {
				longest = text
			}
		}
	}
	return longest
}

// isSuccess are the marks of lines of the table by which a package was published.
var isSuccess marks

// What is read without a form of the table, by what each such line holds.
var (
	literals     = newScanner()
	isNPM        = literals.add("npm ")
	isTool       = literals.add("yarn", "bun ", "npx", "npm.cmd", "npm.exe")
	isLogError   = literals.add(" error ")
	isLog        = isLogError | literals.add(" silly ", " verbose ", " info ", " http ", " notice ", " warn ", " timing ")
	isRefusal    = literals.add("PUT ", " - POST http")
	isBerry      = literals.add("YN00")
	isPnpm       = literals.add("ERR_PNPM_")
	isNX         = literals.add("npm publish error:")
	isJSON       = literals.add(`"error":`)
	isPlus       = literals.add("+ ")
	isScript     = literals.add("prep", "ublish", "postp")
	isAsking     = literals.add("OTP", "one-time", "Press ENTER", "uthenticate")
	isBare       = literals.add("Exit prior", "Unknown command", "abbreviated flag", "replace env", "Usage: npm")
	isFragment   = literals.add("code E", "ailed PUT ", "ailed at the ")
	isScriptEnd  = literals.add("ommand failed", "xit code ", "xited with ", "ERR_", "error TS")
	isPrompt     = literals.add("> ")
	isPowerShell = literals.add("ategoryInfo", "ualifiedErrorId", "char:")
	isSentence   = literals.add("sign up for private", "previously staged", "previously publ", "ublish over", "existing version",
		"save packument",
		"permission to publish", "too similar", "be republished", "OIDC permission", "perform that action", "bypass 2fa", "spam detection",
		"verify your", "automation token", "one-time pass", "be logged in", "sigstore provenance", "rate limited", "marked as private",
		"specify a tag", "implicitly apply", "valid SemVer", "valid semver")
)
