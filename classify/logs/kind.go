package logs

import (
	"regexp"
	"slices"
	"strings"

	"safepublish/classify/transcript"
)

// A log shows many failures of npm that are no failed publish. What npm was doing
// is told by its own words, else by the command that the log shows before it.

type kind int

const (
	unclear kind = iota
	publish
	other
)

var (
	// an upload, or a check that only publish makes (npm 6 to 12)
	ofPublish = regexp.MustCompile(`(?i)\d{3} .*- (?:PUT|POST) \S+|cannot publish|publish(?:ing)? a prerelease version|cannot implicitly apply|marked as private|^tag name must not be` +
		`|requires you to be logged in to https?:|restrict access to unscoped|provenance|publish fail|previously published|failed PUT \d{3}|Failed at the \S+ (?:prepublishOnly|publish|postpublish) script`)
	// what npm writes to a registry besides packages, and what it asks for
	ofOther = regexp.MustCompile(`- (?:DELETE \S+|(?:PUT|POST) \S+/-/(?:user|v1/login|npm/v1|team|org|package/\S+/dist-tags|package/\S+/(?:access|collaborators))\S*|PUT \S+/-rev/\S+)` +
		"|(?im)can only install (?:packages|with)|could not resolve dependency|conflicting peer|unsupported engine|git working directory not clean|missing script:|no matching version found|^path .*/node_modules/|^lifecycle script .[^ ]* failed|^test failed\\. ")
	// npm 6 names the script; these are those that run for a publish
	scriptOf   = regexp.MustCompile(`Failed at the \S+ (\S+) script`)
	ownScripts = []string{"prepublish", "prepublishOnly", "prepare", "prepack", "postpack", "publish", "postpublish"}
	otherCode  = regexp.MustCompile(`^(?:ERESOLVE|EBADENGINE|EBADPLATFORM|EINTEGRITY|ETARGET|ENOLOCK|EMISSINGARG|ENOGIT|EOVERRIDE|EALLOWGIT)$`)
	packing    = regexp.MustCompile(`^(?:📦 |package: |Publishing to |Staging to )`)
	ofGet      = regexp.MustCompile(`\d{3} .*- GET (\S+)`)
	typed      = regexp.MustCompile(`(?:^|[\s/\\"'=])(npm|pnpm|yarn|bun|npx)(?:\.cmd|\.exe)?"?((?:\s+-\S+)*)\s+([a-z][\w:-]*)`)
	prompted   = regexp.MustCompile(`^(?:##\[group\]|##\[command\]|\[command\])?(?:.{0,80}Command failed(?: with exit code \d+)?: |Run |[$>+❯➜%#] |\S*[$#>%] |\[command\]|\S+@\S+[:~].*[$#%] )?\S*(?:npm|pnpm|yarn|bun|npx)\b`)
)

// others are npm's commands that fail with much the same words as publish.
var others = map[string]bool{
	"install": true, "i": true, "ci": true, "add": true, "update": true, "up": true, "upgrade": true, "exec": true, "view": true, "info": true, "show": true,
	"whoami": true, "access": true, "owner": true, "dist-tag": true, "deprecate": true, "unpublish": true, "login": true, "adduser": true, "logout": true,
	"audit": true, "outdated": true, "test": true, "t": true, "pack": true, "version": true, "ping": true, "token": true, "link": true, "dedupe": true, "prune": true, "rebuild": true,
}

// command returns what a line shows to have been typed: "publish", "install" and
// the like for npm's own commands, "" for a script that may do anything; ok is
// false where the line shows no command.
func command(line string) (name string, ok bool) {
	if len(line) > 400 || !strings.Contains(line, "npm") && !strings.Contains(line, "yarn") && !strings.Contains(line, "bun") && !strings.Contains(line, "npx") || !prompted.MatchString(line) {
		return "", false
	}
	m := typed.FindStringSubmatch(line)
	switch {
	case m == nil:
		return "", false
	case strings.HasPrefix("publish", m[3]) && len(m[3]) > 2 || m[3] == "stage":
		return "publish", true
	case m[1] == "yarn" && m[3] == "npm":
		_, rest, _ := strings.Cut(line, "yarn npm ")
		name, _, _ = strings.Cut(rest, " ")
		return name, true
	case m[1] != "npx" && others[m[3]]:
		return m[3], true
	}
	return "", true
}

// kindOf tells whether a failed run was a publish.
func kindOf(t transcript.Transcript, typed string) kind {
	said := words(t)
	get, script := ofGet.FindStringSubmatch(said), scriptOf.FindStringSubmatch(said)
	switch {
	case t.Title != "":
		return kindOfTitle(t.Title)
	case slices.ContainsFunc(t.Lines, packs) && typed != "pack":
		return publish
	case otherCode.MatchString(t.Code) || ofOther.MatchString(said) || script != nil && !slices.Contains(ownScripts, script[1]):
		return other
	case get != nil && !strings.Contains(get[1], "?write=true") && typed != "publish":
		return other
	case ofPublish.MatchString(said) || typed == "publish":
		return publish
	case typed != "":
		return other
	}
	return unclear
}

// packs tells the notices with which npm packs and sends.
func packs(l transcript.Line) bool {
	return l.Level == "notice" && packing.MatchString(l.Text)
}

func kindOfTitle(title string) kind {
	word, _, _ := strings.Cut(strings.TrimPrefix(title, "npm "), " ")
	if strings.HasPrefix("publish", word) && len(word) > 2 || word == "stage" {
		return publish
	}
	return other
}

func words(t transcript.Transcript) string {
	var b strings.Builder
	for _, l := range t.Message {
		if b.Len() < 16<<10 && !transcript.Quotes(l.Text) {
			b.WriteString(l.Text + "\n")
		}
	}
	return b.String()
}
