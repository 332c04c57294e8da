package logs

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// npm's lines as terminals and mail programs break them.

// brokenLine is the line of npm's that ended right before this one, which may go on here.
type brokenLine struct {
	place, width int
	run          *run // whose it is; nil for a line of the debug log
}

// wrapWidths are the widths at which terminals and CI services break lines.
var wrapWidths = []int{72, 80, 100, 120, 132, 160}

// longestJoined bounds what is joined to one line, in bytes.
const longestJoined = 4096

// joinWrapped adds a line to the one before it, which a terminal broke.
func (rd *reader) joinWrapped(before brokenLine, l line) bool {
	var text *string
	switch {
	case before.place != l.place-1:
		return false
	case before.run == nil && rd.debug != nil:
		text = &rd.debug.last
	case before.run == nil || len(before.run.lines) == 0:
		return false
	default:
		text = &before.run.lines[len(before.run.lines)-1].Text
	}
	joined, ok := unwrap(*text, before.width, l.text)
	if !ok || isLabel(l.text) {
		return false
	}
	if _, _, own := findNPM(l.text); own || isForm(l) {
		return false
	}
	*text, rd.before = joined, brokenLine{l.place, l.width, before.run}
	if before.run != nil {
		before.run.place.last = l.place
	}
	return true
}

// unwrap joins the next line to one that was broken: at the very column, at the blank
// before a word that would not have fit, or before an address that npm's sentence lacks.
func unwrap(text string, width int, next string) (string, bool) {
	if len(text) > longestJoined {
		return "", false
	}
	if strings.HasPrefix(next, "http") && (strings.HasSuffix(text, " - GET") || strings.HasSuffix(text, " - PUT")) {
		return text + " " + next, true
	}
	if slices.Contains(wrapWidths, width) {
		return text + next, true
	}
	word, _, _ := strings.Cut(next, " ")
	tooLong := width + 1 + utf8.RuneCountInString(word)
	for _, w := range wrapWidths {
		if word != "" && width >= 60 && w-40 < width && width < w && w < tooLong {
			return text + " " + next, true
		}
	}
	return "", false
}
