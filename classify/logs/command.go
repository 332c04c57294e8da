package logs

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

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

// command is what a line shows to have been typed.
type command struct {
	verb   string // "publish", "install" and the like for npm's own commands; "" for a script, which may do anything
	spec   bool   // it names a folder, a tarball or a package
	dryRun bool
	place  int
}

// verbs are npm's commands that fail with much the same words as publish.
var verbs = strings.Fields("install i ci add update up upgrade exec view info show whoami access owner dist-tag deprecate unpublish " +
	"login adduser logout audit outdated test t pack version ping token link dedupe prune rebuild init create stage team org profile " +
	"search trust")

var tools = []string{"npm", "pnpm", "yarn", "bun", "npx"}

// switches are options without a value: the word after them is none.
var switches = strings.Fields("--provenance --dry-run --json --ignore-scripts --force -f --workspaces -ws -r --recursive --no-git-checks " +
	"--silent -s --tolerate-republish")

// commandOf reads a command from a line; ok is false where it shows none.
func commandOf(line string) (c command, ok bool) {
	head, tool, options := toolIn(line)
	if tool == "" || !prompts(head) {
		return command{}, false
	}
	rest := strings.Fields(options)
	if tool == "yarn" {
		if j := slices.Index(rest, "npm"); j >= 0 {
			rest = rest[j+1:]
		}
	}
	c.dryRun = slices.Contains(rest, "--dry-run")
	for i, w := range rest {
		w = strings.Trim(w, `"'`)
		flag := i > 0 && strings.HasPrefix(rest[i-1], "-") && !strings.Contains(rest[i-1], "=")
		switch {
		case strings.HasPrefix(w, "-"), c.verb == "" && flag && !slices.Contains(switches, rest[i-1]) && slices.ContainsFunc(rest[i+1:], isVerb):
		case c.verb == "publish":
			c.spec = c.spec || !flag || slices.Contains(switches, rest[i-1])
		case c.verb == "stage" && strings.HasPrefix("publish", w):
			c.verb = "publish"
		case c.verb != "":
			return c, true
		case isVerb(w) && tool != "npx":
			c.verb = w
			if strings.HasPrefix("publish", w) {
				c.verb = "publish"
			}
		case !flag && w != "recursive":
			return c, true // npm run, npx lerna: a script
		}
	}
	return c, true
}

// isVerb tells one of npm's commands, or what it takes for publish.
func isVerb(word string) bool {
	return len(word) > 2 && strings.HasPrefix("publish", word) || slices.Contains(verbs, word)
}

// writers are the commands that write a package's document, as publish does.
var writers = []string{"deprecate", "unpublish", "owner", "access"}

// toolIn finds the program that a line runs, and what stands before it and behind it:
// npm in "$ /usr/bin/npm publish", "npm.cmd publish" and "C:\work>npm publish".
func toolIn(line string) (head, tool, options string) {
	for from := 0; from < min(len(line), longestHead); {
		word, _, _ := strings.Cut(line[from:], " ")
		end := from + len(word)
		bare := strings.Trim(word, `"'`)
		i := strings.LastIndexAny(bare, `/\>`) + 1
		bare = strings.TrimSuffix(strings.TrimSuffix(bare[i:], ".cmd"), ".exe")
		if slices.Contains(tools, bare) {
			if i > 0 && word[i-1] == '>' {
				from += i
			}
			return line[:from], bare, line[end:min(len(line), end+400)]
		}
		from = end + 1
	}
	return "", "", ""
}

// longestHead bounds what stands before a command, in bytes.
const longestHead = 120

// before is what shells, CI services and tools write before a command.
var before = anyOf(`^(?:.{0,90}[$#%❯➜✗>]`, `\+`, `.{0,60}Command failed(?: with exit code \d+)?:`,
	`.{0,40}\b(?:EXEC|(?i)executing):)$`)

// prompts tells whether what stands before a word is what stands before a command.
func prompts(head string) bool {
	head = strings.TrimSpace(head)
	for _, mark := range []string{"##[group]", "##[command]", "[command]"} {
		head = strings.TrimPrefix(head, mark)
	}
	if head == "" || head == "Run" || head == "*Run" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(head)
	return strings.ContainsRune("$#%❯➜✗>+:", last) && before.MatchString(head)
}

var (
	// an upload, or a check that only publish makes (npm 6 to 12)
	ofPublish = anyOf(`(?i)\d{3} .*- (?:PUT|POST) \S+`, `cannot publish`, `publish(?:ing)? a prerelease version`, `cannot implicitly apply`,
		`marked as private`, `^tag name must not be`, `requires you to be logged in to https?:`, `restrict access to unscoped`, `provenance`,
		`publish fail`, `previously published`, `failed PUT \d{3}`, `- GET \S+/-/package/\S+/visibility`,
		`Failed at the \S+ prepublishOnly script`)
	// what npm writes to a registry besides packages, and what it asks for
	ofOther = anyOf(`(?im)- DELETE \S+`,
		`- (?:PUT|POST) \S+/-/(?:user|v1/login|npm/v1|team|org|package/\S+/(?:dist-tags|access|collaborators))`,
		`- PUT \S+/-rev/\S+`, `- GET \S+/-/stage\b`, `can only install (?:packages|with)`, `could not resolve dependency`, `conflicting peer`,
		`git working directory not clean`, `missing script:`, `no matching version found`, `^path .*/node_modules/`,
		`^lifecycle script .[^ ]* failed`, `^test failed\. `, `(?:no longer|cannot|failed to) unpublish`)
	// npm 6 names the script; these are those that run for a publish alone
	scriptOf  = regexp.MustCompile(`Failed at the \S+ (\S+) script`)
	before1st = []string{"prepublish", "prepublishOnly", "prepare", "prepack", "postpack"}
	otherCode = strings.Fields("ERESOLVE EBADENGINE EBADPLATFORM EINTEGRITY ETARGET ENOLOCK EMISSINGARG ENOGIT EOVERRIDE EALLOWGIT " +
		"EINVALIDPACKAGENAME")
	ofGet = regexp.MustCompile(`\d{3} .*- GET (\S*)`)
)

func anyOf(patterns ...string) *regexp.Regexp { return regexp.MustCompile(strings.Join(patterns, "|")) }

// kindOf tells whether a failed run of npm was a publish's. announced is the script
// that npm announced before it failed, as in "> demo@1.0.0 publish".
func kindOf(t transcript.Transcript, typed command, announced string) kind {
	said := messageOf(t)
	get, script := ofGet.FindStringSubmatch(said), announced
	if m := scriptOf.FindStringSubmatch(said); m != nil {
		script = m[1]
	}
	packs := slices.ContainsFunc(t.Lines, func(l transcript.Line) bool {
		f := transcript.FormOf(l.Level, l.Text)
		return f == transcript.Packing || f == transcript.Sending
	})
	ended := script != "" && (t.Code == "ELIFECYCLE" || t.Code != "" && strings.Trim(t.Code, "0123456789") == "")
	upload := t.Last().Upload
	switch {
	case upload.Status() >= 400 && containsAny(upload.URL, "/-/", "/-rev/") && !strings.Contains(upload.URL, "/-/stage/package/"):
		return other // npm writes more to a registry than packages
	case t.Title != "":
		c, _ := commandOf(t.Title)
		return kindOfVerb(c.verb)
	case packs && typed.verb != "pack":
		return publish
	case ofOther.MatchString(said) && !ended, slices.Contains(writers, typed.verb):
		return other
	case ended && !slices.Contains(before1st, script) && typed.verb != "publish":
		return other // "npm run publish" announces its script as publish does
	case typed.verb != "publish" && (slices.Contains(otherCode, t.Code) || get != nil && !containsAny(get[1], "?write=true", "/visibility")):
		return other
	case typed.verb == "publish", ofPublish.MatchString(said), upload.Status() >= 400, ended && announced != "":
		return publish
	}
	return kindOfVerb(typed.verb)
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
