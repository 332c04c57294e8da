package logs

import (
	"strings"
	"unicode/utf8"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// Programs that run several others at once put a label before each line, "web:publish:".
// The lines of npm's with one label are those of one run.

// quoted is the label of what other programs quote of npm's words.
const quoted = "quoted"

// longestLabel bounds what may stand before npm's heading, in bytes.
const longestLabel = 480

// findNPM finds npm's heading and level in a line, and the label before them.
func findNPM(s string) (label string, w npmWords, ok bool) {
	for from := 0; from < longestLabel; {
		i := strings.Index(s[from:], "npm ")
		if i < 0 {
			break
		}
		at := from + i
		word, _, _ := strings.Cut(s[at+4:], " ")
		if level := transcript.Level(word); level != "" && mayPrecedeNPM(s[:at]) {
			return labelOf(s[:at]), wordsOf(level, s[at:]), true
		}
		from = at + 4
	}
	return "", npmWords{}, false
}

// labelOf returns the label that stands before npm's heading.
func labelOf(before string) string {
	label := strings.TrimSpace(before)
	switch {
	case label == "":
		return ""
	case strings.ContainsAny(label[len(label)-1:], "'\"`"):
		return quoted
	case timed.MatchString(label):
		return digits.ReplaceAllString(label, "0")
	}
	return label
}

// timed tells a label with a time in a form that is not known, which differs from line
// to line.
var (
	timed  = pattern.New(`\d:\d|\d{9}`)
	digits = pattern.New(`\d`)
)

// mayPrecedeNPM tells what may stand before npm's heading: nothing, or something that
// ends as the name of a step, a service or a package does, or as a quotation begins.
func mayPrecedeNPM(before string) bool {
	label := strings.TrimRight(before, " \t")
	if label == "" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(label)
	if strings.ContainsRune(":|]>)│┃'\"`([{›»✖✘×✗⨯•$*-", last) {
		return true
	}
	return label != before && labelEnd.MatchString(label)
}

// labelEnd is a last word that ends a label; lerna's log has a word of its own behind ERR!.
var labelEnd = pattern.New(`(?i)(?:^|\s)[(\[]*(?:error|err!|stderr|stdout|nx)$|ERR!\s+\S+$`)

// namedLabel is a label that tells by its form alone that it is one: turbo's and
// docker compose's, pnpm's and lerna's.
var namedLabel = pattern.New(`^(?:[@\w./-]{1,100}:[\w:.-]{1,60}:|[\w.-]{1,60} +\||[\w./@-]{1,100} [\w:-]{1,60}(?:\$|:)|` +
	`\[[@\w./:-]{1,100}\]:?|[|│┃])\s+`)

// isLabel tells whether a line is a label alone, with an empty line behind it.
func isLabel(s string) bool { return namedLabel.FindString(s+" ") == s+" " }

// splitLabel parts the label from a line without npm's heading: one that lines of npm's
// had, or, before words that npm may say, one that its form alone tells.
func (rd *reader) splitLabel(l line) (label, text string) {
	for known := range rd.runs {
		if len(known) > len(label) && strings.HasPrefix(l.text, known) {
			label = known
		}
	}
	if label != "" {
		return label, strings.TrimPrefix(l.text[len(label):], " ")
	}
	if !l.has(isAsking|isBare) && !containsAny(l.text, " > ", " + ") {
		return "", l.text
	}
	label = namedLabel.FindString(l.text)
	rest := l.text[len(label):]
	if _, _, ok := transcript.Plus(rest); label != "" && (ok || isBanner(rest) || transcript.Asks(rest) || transcript.BareError(rest)) {
		return strings.TrimSpace(label), rest
	}
	return "", l.text
}

// unquoted takes off what a person put before npm's "> ": blanks, or one more.
func unquoted(s string) string {
	s = strings.TrimLeft(s, " ")
	if strings.HasPrefix(s, "> > ") {
		s = s[2:]
	}
	return s
}

func isBanner(s string) bool {
	_, _, ok := transcript.Banner(s)
	return ok
}
