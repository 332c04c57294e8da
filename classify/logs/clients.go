package logs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"safepublish/classify/transcript"
)

// What other clients and the tools around npm say of a refused publish. Their
// forms are theirs (reference for each below), the registries' sentences in them
// are the same as npm's, so that the table of causes reads them all.

// sentence is one form. Its named groups are the parts of transcript.Told: name,
// version, code, status, method, url; text is what remains as the message, the
// whole match where there is none.
type sentence struct {
	with string // what each has in it: much faster to look for
	says *regexp.Regexp
	code string // npm's code for it, where the client says none
	put  bool   // it is about an upload
	kind kind
	more int // how many lines after it belong to it
}

var sentences = []sentence{
	// changesets 2 and 3, publish/publishPackages.ts: npm's code and summary behind its own words
	{with: "an error occurred while publishing", says: regexp.MustCompile(`an error occurred while publishing (?P<name>(?:@[^\s@/]+/)?[^\s@/:]+): (?:(?P<code>E[A-Z0-9_]+) +|\(no code\): )?(?P<text>.*)$`), kind: publish, more: 4},
	// npm-registry-fetch's line, which every tool on top of npm passes on
	{with: " - P", says: regexp.MustCompile(`(?:\b(?P<code>E\d{3}) )?(?P<text>\b(?P<status>[45]\d\d) [A-Z][^"']{1,160}? - (?P<method>PUT|POST) (?P<url>https?://[^\s"']+)(?: - .*)?)`), put: true, kind: publish},
	// yarn 1, cli/commands/publish.js: the registry's sentence behind the address, no status
	{with: "Couldn't publish", says: regexp.MustCompile(`^error (?P<text>Couldn't publish package: "(?P<url>https?://\S+): .*)$`), put: true, kind: publish},
	{with: "Couldn't publish", says: regexp.MustCompile(`^error (?P<text>Couldn't publish package: "Can't answer a question unless.*)$`), code: "EOTP", kind: publish},
	{with: "Couldn't publish", says: regexp.MustCompile(`^error (?P<text>Couldn't publish package.*)$`), put: true, kind: publish},
	// pnpm 11 and later, with the answer as it came; its checks of the git repository before
	{with: "ERR_PNPM_", says: regexp.MustCompile(`ERR_PNPM_FAILED_TO_PUBLISH\]?\s+(?P<text>Failed to publish package (?P<name>(?:@[^\s@/]+/)?[^\s@/]+)@(?P<version>\S+) \(status (?P<status>\d{3}).*)$`), put: true, kind: publish, more: 3},
	{with: "ERR_PNPM_", says: regexp.MustCompile(`ERR_PNPM_OTP_(?:NON_INTERACTIVE|SECOND_CHALLENGE)\]?\s+(?P<text>.*)$`), code: "EOTP", kind: publish},
	{with: "ERR_PNPM_", says: regexp.MustCompile(`(?P<text>ERR_PNPM_GIT_(?:UNCLEAN|UNKNOWN_BRANCH|NOT_CORRECT_BRANCH|NOT_LATEST)\]?\s.*)$`), kind: publish},
	{with: "ERR_PNPM_FETCH_", says: regexp.MustCompile(`(?P<text>ERR_PNPM_FETCH_\d+\]?\s.*)$`), kind: other},
	{with: "error: GET http", says: regexp.MustCompile(`^error: (?P<text>GET https?://\S+ - \d{3})$`), kind: other},
	// bun: status, address, and the registry's sentence two lines below
	{with: ": http", says: regexp.MustCompile(`^(?:error: )?(?P<text>(?P<status>[45]\d\d) [A-Z][\w ]+: (?P<url>https?://\S+))$`), put: true, kind: publish, more: 3},
	{with: "missing authentication", says: regexp.MustCompile(`^error: (?P<text>missing authentication \(run .*)$`), code: "ENEEDAUTH", kind: publish},
	{with: "attempted to publish", says: regexp.MustCompile(`^error: (?P<text>attempted to publish a private package.*)$`), code: "EPRIVATE", kind: publish},
	{with: "unable to restrict", says: regexp.MustCompile(`^error: (?P<text>unable to restrict access to unscoped package.*)$`), code: "EUNSCOPED", kind: publish},
	// lerna, which calls npm's library: the code, and the registry's sentence without an address
	{with: "lerna ERR!", says: regexp.MustCompile(`lerna ERR! E(?P<status>[45]\d\d) (?P<text>.*)$`), put: true, kind: publish},
	{with: "lerna ERR!", says: regexp.MustCompile(`lerna ERR! (?P<code>E(?:OTP|NEEDAUTH|PUBLISHCONFLICT|PRIVATE|UNSCOPED)) (?P<text>.*)$`), kind: publish},
	{with: "lerna ERR!", says: regexp.MustCompile(`lerna ERR! EWHOAMI (?P<text>.*)$`), code: "E401", kind: publish},
	{with: "lerna ERR!", says: regexp.MustCompile(`lerna ERR! EACCESS (?P<text>.*)$`), code: "E403", kind: publish},
	// @semantic-release/npm, lib/definitions/errors.js: its checks before a release
	{with: "ENONPMTOKEN", says: regexp.MustCompile(`\bENONPMTOKEN:? (?P<text>.*)$`), code: "ENEEDAUTH", kind: publish},
	{with: "EINVALIDNPMTOKEN", says: regexp.MustCompile(`\bEINVALIDNPMTOKEN:? (?P<text>.*)$`), code: "E401", kind: publish},
	// release-it, lib/plugin/npm/npm.js
	{with: "Not authenticated", says: regexp.MustCompile(`(?P<text>Not authenticated with npm\. Please .npm login. and try again\.)`), code: "ENEEDAUTH", kind: publish},
	{with: "is not a collaborator", says: regexp.MustCompile(`(?P<text>User \S+ is not a collaborator for (?P<name>(?:@[^\s@/]+/)?[^\s@/]+)\.)$`), kind: publish},
	// np, source/prerequisite-tasks.js and source/npm/util.js
	{with: "must be logged in", says: regexp.MustCompile(`(?P<text>You must be logged in\. Use .(?:npm|pnpm|yarn npm|bunx npm) login. and try again\.)`), code: "ENEEDAUTH", kind: publish},
	{with: "not have write permissions", says: regexp.MustCompile(`(?P<text>You do not have write permissions required to publish this package\.)`), kind: publish},
}

// told files a line of another client or tool.
func (f *file) told(place int, s string) bool {
	if f.goesOn(place, s) || f.begins(place, s) || f.names(place, s) {
		return true
	}
	for _, c := range sentences {
		if !strings.Contains(s, c.with) {
			continue
		}
		if m := c.says.FindStringSubmatch(s); m != nil {
			f.ended()
			f.other = pending{told: c.told(place, m), kind: c.kind, first: place, last: place, more: c.more}
			if ended := strings.HasSuffix(s, f.other.told.URL); c.put && c.more == 0 && ended {
				f.other.form, f.other.more = "http", 1
			}
			return true
		}
	}
	return false
}

func (c *sentence) told(place int, m []string) transcript.Told {
	d := transcript.Told{Code: c.code}
	text := m[0]
	for i, group := range c.says.SubexpNames() {
		switch group {
		case "name":
			d.Name = m[i]
		case "version":
			d.Version = m[i]
		case "code":
			d.Code = first(d.Code, m[i])
		case "status":
			d.Status, _ = strconv.Atoi(m[i])
		case "method":
			d.Method = m[i]
		case "url":
			d.URL = m[i]
		case "text":
			text = m[i]
		}
	}
	if at := address.FindStringSubmatch(text); d.URL == "" && at != nil && d.Code != "" { // npm leaves the status of a 404 out
		d.Method, d.URL = at[1], at[2]
		d.Status, _ = strconv.Atoi(d.Code[1:])
	}
	if c.put {
		d.Method = first(d.Method, "PUT")
	}
	if d.Code == "" && d.Status != 0 {
		d.Code = fmt.Sprintf("E%d", d.Status)
	}
	d.Lines = []transcript.Line{line(place, closed(text))}
	return d
}

// closed takes off the end of a quotation whose beginning is not in the text.
func closed(text string) string {
	cut := strings.TrimRight(text, " +,)}")
	if cut == "" || cut == text && !strings.ContainsAny(text[len(text)-1:], `'"`) {
		return text
	}
	quote := cut[len(cut)-1:]
	if !strings.ContainsAny(quote, `'"`) || strings.Count(cut, quote)%2 == 0 {
		return text
	}
	return cut[:len(cut)-1]
}

var address = regexp.MustCompile(` - (PUT|POST) (https?://\S+)`)

func line(place int, text string) transcript.Line {
	return transcript.Line{From: fmt.Sprintf("line:%d", place), Level: "error", Text: strings.TrimRight(text, " ")}
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
