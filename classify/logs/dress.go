package logs

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// What stands before the words of a program in a saved log: times, the names of
// steps and services, and the commands of CI services.

// dress is one kind of it; first are the characters that it may begin with.
type dress struct {
	first string
	form  *regexp.Regexp
}

var dresses = []dress{
	// gh run view --log: job, step and time, by tabs
	{"", regexp.MustCompile(`^[^\t]{1,120}\t[^\t]{1,120}\t\x{feff}?(\d{4}-)`)},
	// GitHub Actions, GitLab (with stream and continuation mark), Jenkins, docker logs -t, ISO 8601 in general
	{"0123456789[\xef", regexp.MustCompile(`^\x{feff}?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?(?: \d\d[OE](?:[+ ]|$)|\s\|?\s?|$)()`)},
	// semantic-release, TeamCity; Jenkins' timestamper
	{"[", regexp.MustCompile(`^\[\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: [AP]M)?\] ?()`)},
	{"0123456789", regexp.MustCompile(`^\d\d:\d\d:\d\d(?:[.,]\d{3,6})?  ?()`)},
	// the numbers of lines, as a viewer shows them
	{" 0123456789", regexp.MustCompile(`^ *\d{1,6} [|│] ()`)},
	// BuildKit: step and seconds
	{"#", regexp.MustCompile(`^#\d+ \d+\.\d+ ()`)},
	// GitHub's and Azure's raw commands, and GitHub's as a program writes them
	{"#", regexp.MustCompile(`^##\[(?:error|warning|group|command|debug|section)\]()`)},
	{":", regexp.MustCompile(`^::(?:error|warning|notice|group|debug)(?: [^:]*(?::[^:]+)*)?::()`)},
	// PowerShell, of the first line that a program writes to stderr
	{"n", regexp.MustCompile(`^npm(?:\.cmd|\.ps1)? : ()`)},
	// GitLab's folding marks
	{"s", regexp.MustCompile(`^section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?()`)},
}

// undress takes off what a CI service or a runner of scripts put before a line.
func undress(s string) string {
	for again := true; again; {
		again = false
		for _, d := range dresses {
			if s == "" || d.first == "" && !strings.Contains(s, "\t") || d.first != "" && strings.IndexByte(d.first, s[0]) < 0 {
				continue
			}
			if m := d.form.FindStringSubmatchIndex(s); m != nil && m[1] > 0 {
				s, again = s[m[2]:], true
			}
		}
	}
	return s
}

// npmLine parts a line with npm's heading somewhere in it: what stands before,
// the level's word, the text.
var npmLine = regexp.MustCompile(`^(.{0,160}?)\bnpm (ERR!|error|WARN|warn|notice|http|info|verb|verbose|sill|silly|timing)(?: (.*))?$`)

// label is what may stand before npm's heading: nothing, or something that ends
// as the name of a step, a service or a package does, or as a quotation begins.
var label = regexp.MustCompile("(?:^\\s*|[:|\\]>)│┃'\"`(\\[{›»✖✘×✗⨯•$*-]\\s*|(?i:\\berror|ERR!(?: \\w+)?|stderr|stdout|NX)\\s+)$")

// heading parts a line of npm's: stream is what stands before it ("web:publish:"),
// by which the lines of several programs that write at once are told apart; text
// is the line from the heading on.
func heading(s string) (stream, level, text string, ok bool) {
	if !strings.Contains(s, "npm ") {
		return "", "", "", false
	}
	m := npmLine.FindStringSubmatchIndex(s)
	if m == nil || !label.MatchString(s[:m[3]]) {
		return "", "", "", false
	}
	from := m[3]
	if asked := strings.Index(s[:from], "Enter OTP:"); asked >= 0 { // npm 6 and 8 go on behind their question
		from = asked
	}
	stream, text = strings.TrimSpace(s[:from]), strings.TrimRight(s[from:], " ")
	if strings.HasSuffix(stream, "'") || strings.HasSuffix(stream, `"`) || strings.HasSuffix(stream, "`") {
		stream, text = quoted, unquoted.ReplaceAllString(text, "")
	}
	return moments.ReplaceAllString(stream, "T"), levels[s[m[4]:m[5]]], text, true
}

// moments are times in a form that is not known, which differ from line to line of
// one stream.
var moments = regexp.MustCompile(`\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?|\d{9,}(?:\.\d+)?`)

// quoted is the stream of what other programs quote of npm's words.
const quoted = "quoted"

var levels = map[string]string{
	"ERR!": "error", "error": "error", "WARN": "warn", "warn": "warn", "notice": "notice", "http": "http", "info": "info",
	"verb": "verbose", "verbose": "verbose", "sill": "silly", "silly": "silly", "timing": "timing",
}

// named is a label that tells by its form alone that it is one: turbo's and
// docker compose's, pnpm's and lerna's.
var named = regexp.MustCompile(`^(?:[@\w./-]{1,100}:[\w:.-]{1,60}:|[\w.-]{1,60} +\||[\w./@-]{1,100} [\w:-]{1,60}(?:\$|:)|\[[@\w./:-]{1,100}\]:?|[|│┃])\s+`)

// folded are the widths at which terminals and CI services break lines.
var folded = []int{72, 80, 100, 120, 132, 160}

// mostFolded bounds what is joined to one line, in bytes.
const mostFolded = 4096

// unfold joins what stands on the next line to a line that a terminal or a mail
// program broke: at the very column, or at the blank before a word that would not
// have fit.
func unfold(line string, width int, next string) (string, bool) {
	if len(line) > mostFolded {
		return "", false
	}
	word, _, _ := strings.Cut(next, " ")
	for _, w := range folded {
		switch {
		case width == w && strings.TrimSpace(next) != "":
			return line + next, true
		case width < w && word != "" && width > w-40 && width+1+utf8.RuneCountInString(word) > w:
			return line + " " + next, true
		}
	}
	return "", false
}
