package transcript

import (
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// The forms of npm's lines, npm 1 to 12, on a screen and in its debug log. Both
// readers know them from here: Read, of one run, and classify/logs, of any file.

// levels are the words for a level on npm's screen and what the debug log calls them.
var levels = map[string]string{
	"ERR!": "error", "error": "error", "WARN": "warn", "warn": "warn", "notice": "notice", "http": "http",
	"info": "info", "verb": "verbose", "verbose": "verbose", "sill": "silly", "silly": "silly", "timing": "timing",
}

// Level returns the level that a word of npm's screen stands for, "ERR!" for
// "error", as the debug log calls it; "" for any other word.
func Level(word string) string { return levels[word] }

// LogLine parts one line of a debug log: "36 error code E403". A message of
// several lines repeats its number (npm 6 to 12, lib/utils/log-file.js). ok is
// false where it is none.
func LogLine(s string) (number int, level, text string, ok bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, "", "", false
	}
	n, rest, _ := strings.Cut(s, " ")
	level, text, _ = strings.Cut(rest, " ")
	if level == "" || levels[level] != level {
		return 0, "", "", false
	}
	number, err := strconv.Atoi(n)
	return number, level, text, err == nil
}

// screenLine parts a line that may be npm's own: "npm ERR! code E403". level is
// "" where it is none.
func screenLine(s string) (heading, level, text string) {
	heading, rest, _ := strings.Cut(s, " ")
	word, text, _ := strings.Cut(rest, " ")
	if level = levels[word]; heading == "" || level == "" {
		return "", "", ""
	}
	return heading, level, strings.TrimRight(text, " ")
}

// Form is what a line of npm's is there for, as far as a reader must know.
type Form int

// The forms.
const (
	Plain   Form = iota
	Code         // an error line with nothing but the code: "code E403"
	Trailer      // an error line that only says where more can be read
	Packing      // the first line of a packing list: "📦  demo@1.0.0"
	Listing      // another line of one: "shasum: …"
	File         // a file of one: "1.2kB index.js"
	Sending      // "Publishing to …"
)

// FormOf tells the form of a line of npm's from its level and its text.
func FormOf(level, text string) Form {
	switch {
	case level == "error" && codeLine.MatchString(text):
		return Code
	case level == "error" && trails(text):
		return Trailer
	case level != "notice":
		return Plain
	case strings.HasPrefix(text, "📦 "), strings.HasPrefix(text, "package: "):
		return Packing
	case strings.HasPrefix(text, "Publishing to "), strings.HasPrefix(text, "Staging to "):
		return Sending
	case begins(text, "=== Tarball ", "Tarball ", "shasum: ", "total files: "):
		return Listing
	case isFile(strings.TrimLeft(text, " ")):
		return File
	}
	return Plain
}

func begins(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(text, w) })
}

// isFile tells a size with its unit, "1.2kB ", npm 6: "1.2 kB ".
func isFile(text string) bool {
	rest := strings.TrimLeft(text, "0123456789.")
	if rest == text {
		return false
	}
	rest = strings.TrimPrefix(rest, " ")
	return begins(rest, "B ", "kB ", "MB ", "GB ")
}

// trails tells the error lines that only say where more can be read.
func trails(text string) bool {
	return begins(text, "A complete log of this run", "Log files were not written", "Timing info written to",
		"You can rerun the command with", "Additional logging details can be found in") ||
		tracePath.MatchString(text)
}

var (
	codeLine = pattern.New(`^code (\S+)$`)
	// tracePath is a file's name alone; a folder's may have blanks
	tracePath = pattern.New(`^\s*(?:(?:~|[A-Za-z]:)?[/\\].*|\S+)(?:-debug(?:-\d+)?\.log|timing\.json)$`)
	// httpSaid is npm's sentence about an answer: "403 Forbidden - PUT URL - reason".
	httpSaid = pattern.New(`(?:^|\s)([1-5]\d\d) .*?- (GET|PUT|POST) (\S+)`)
)

// Plus reads npm's word for a success, "+ demo@1.0.0".
func Plus(s string) (name, version string, ok bool) {
	rest, ok := strings.CutPrefix(s, "+ ")
	if !ok {
		return "", "", false
	}
	rest, staged, _ := strings.Cut(rest, " ")
	name, version, ok = nameAndVersion(rest)
	return name, version, ok && (staged == "" || strings.HasPrefix(staged, "(staged with id "))
}

// nameAndVersion parts "demo@1.0.0".
func nameAndVersion(id string) (name, version string, ok bool) {
	i := strings.LastIndexByte(id, '@')
	if i <= 0 || i+1 == len(id) || id[i+1] < '0' || id[i+1] > '9' || strings.ContainsAny(id, " \t") {
		return "", "", false
	}
	bare := id[:i]
	if scope, name, scoped := strings.Cut(bare, "/"); scoped {
		if len(scope) < 2 || scope[0] != '@' {
			return "", "", false
		}
		bare = scope[1:] + name
	}
	return id[:i], id[i+1:], !strings.ContainsAny(bare, "@/")
}

// Banner reads the line with which npm announces a script of the package that it
// publishes: up to 11 "> demo@1.0.0 prepack" on stdout, from 12 on a notice.
func Banner(s string) (id, script string, ok bool) {
	rest, ok := strings.CutPrefix(s, "> ")
	if !ok {
		if _, rest, ok = strings.Cut(s, " notice run "); !ok {
			return "", "", false
		}
	}
	id, rest, _ = strings.Cut(rest, " ")
	script, folder, _ := strings.Cut(rest, " ")
	if !npm.Lifecycle(script) || strings.Contains(folder, " ") {
		return "", "", false
	}
	_, _, ok = nameAndVersion(id)
	return id, script, ok
}

// Asks tells whether npm asks for a second factor with this line (npm 6 to 12,
// lib/utils/auth.js, open-url.js and their forerunners).
func Asks(s string) bool {
	return begins(s, "Enter OTP:", "Press ENTER to open in the browser") || s == "This operation requires a one-time password." ||
		s == "Authenticate your account at:" || s == "Open this URL in your browser to authenticate:"
}

// BareError tells whether a line is a failure that npm words without its heading, for
// it has not read its configuration yet: npm 12's argument errors (@npmcli/config 11,
// lib/index.js 384, 595 and 651, after "Exit prior to config file resolving"), a
// misspelt command (stdout; npm 6 shows its usage), and npm 6 with an unset ${VAR} in
// .npmrc.
func BareError(s string) bool {
	return s == "Exit prior to config file resolving" || s == "Usage: npm <command>" ||
		begins(s, `Unknown command: "`, "Invalid abbreviated flag ") ||
		strings.Contains(s, "Failed to replace env in config: ")
}
