package logs

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// A log shows many failures that are no failed publish. What npm was doing is told by
// its own words, else by the command that the log shows before them.

// kind says whether a failure is a publish's.
type kind int

const (
	unclear kind = iota
	publish
	other
)

// writers are the commands that write a package's document, as publish does.
var writers = []string{"deprecate", "unpublish", "owner", "access"}

var (
	// an upload, or a check that only publish makes (npm 6 to 12)
	ofPublish = pattern.Any(`(?i)\d{3} .*- (?:PUT|POST) \S+`, `cannot publish`, `publish(?:ing)? a prerelease version`,
		`cannot implicitly apply`, `marked as private`, `^tag name must not be`, `requires you to be logged in to https?:`,
		`restrict access to unscoped`, `provenance`, `publish fail`, `previously published`, `failed PUT \d{3}`,
		`- GET \S+/-/package/\S+/visibility`, `Failed at the \S+ prepublishOnly script`)
	// what npm writes to a registry besides packages, and what it asks for
	ofOther = pattern.Any(`(?im)- DELETE \S+`,
		`- (?:PUT|POST) \S+/-/(?:user|v1/login|npm/v1|team|org|package/\S+/(?:dist-tags|access|collaborators))`,
		`- PUT \S+/-rev/\S+`, `- GET \S+/-/stage\b`, `can only install (?:packages|with)`, `could not resolve dependency`, `conflicting peer`,
		`git working directory not clean`, `missing script:`, `no matching version found`, `^path .*/node_modules/`,
		`^lifecycle script .[^ ]* failed`, `^test failed\. `, `(?:no longer|cannot|failed to) unpublish`)
	// npm 6 names the script
	scriptOf  = pattern.New(`Failed at the \S+ (\S+) script`)
	otherCode = strings.Fields("ERESOLVE EBADENGINE EBADPLATFORM EINTEGRITY ETARGET ENOLOCK EMISSINGARG ENOGIT EOVERRIDE EALLOWGIT " +
		"EINVALIDPACKAGENAME")
	ofGet = pattern.New(`(?:\d{3} .*|Not Found )- GET (\S*)`) // npm leaves the number out of a 404
)

// kindOf tells whether a failed run of npm was a publish's. announced is the script
// that npm announced before it failed, as in "> demo@1.0.0 publish".
func kindOf(t transcript.Transcript, typed command, announced string) kind {
	said := messageOf(t)
	script := failedScript(t.Code, said, announced)
	switch {
	case t.Title != "":
		c, _ := commandOf(t.Title)
		return kindOfVerb(c.verb)
	case slices.ContainsFunc(t.Lines, packs) && typed.verb != "pack":
		return publish
	case script == "" && ofOther.MatchString(said), slices.Contains(writers, typed.verb):
		return other
	case ofProject(script) && (typed.byTool || runsPublisher(t)):
		return unclear
	case typed.verb == "publish":
		return publish
	case ofProject(script): // "npm run publish" announces its script as publish does
		return other
	case slices.Contains(otherCode, t.Code), readsPackage(said):
		return other
	case ofPublish.MatchString(said), t.Last().Upload.Status() >= 400, script != "" && announced != "":
		return publish
	}
	return kindOfVerb(typed.verb)
}

// ofProject tells a script that no npm publish runs before an upload; those that it does
// run there run for hardly anything else.
func ofProject(script string) bool {
	return script != "" && !slices.Contains(npm.ScriptsBeforeUpload(npm.Version{}), script)
}

// publisher is a program that publishes, in the command of a script.
var publisher = pattern.Any(`\b(?:lerna|lerna-lite|changeset|nx(?: release)?|rush|beachball|turbo run|ultra) publish\b`,
	`\b(?:npm|pnpm|yarn|bun)(?: [^&|;]*)? publish\b`, `\b(?:(?:multi-)?semantic-release|release-it|auto shipit)\b`, `\bnp(?: |.?$)`)

// runsPublisher tells a script that runs a publisher: it fails because that did, which
// tells of its failure itself.
func runsPublisher(t transcript.Transcript) bool {
	return slices.ContainsFunc(t.Message, func(l transcript.Line) bool { return transcript.Quotes(l.Text) && publisher.MatchString(l.Text) })
}

// failedScript returns the script that npm failed with, "" for none.
func failedScript(code, said, announced string) string {
	if code != "ELIFECYCLE" && (code == "" || strings.Trim(code, "0123456789") != "") {
		return ""
	}
	if m := scriptOf.FindStringSubmatch(said); m != nil {
		return m[1]
	}
	return announced
}

func packs(l transcript.Line) bool {
	form := transcript.FormOf(l.Level, l.Text)
	return form == transcript.Packing || form == transcript.Sending
}

// readsPackage tells an answer to a request that npm makes for an installation; publish
// asks for little else than what it will write, and for a package's visibility.
func readsPackage(said string) bool {
	m := ofGet.FindStringSubmatch(said)
	return m != nil && !containsAny(m[1], "?write=true", "/visibility")
}

func kindOfVerb(verb string) kind {
	switch verb {
	case "publish":
		return publish
	case "":
		return unclear
	}
	return other
}

// messageOf returns what npm says of a failure, without the command that failed.
func messageOf(t transcript.Transcript) string {
	var b strings.Builder
	for _, l := range t.Message {
		if b.Len() < 16<<10 && !transcript.Quotes(l.Text) {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
}
