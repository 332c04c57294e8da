package prompts

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// A style is an SGR sequence. There are few, and none is a colour that vanishes
// on a light or on a dark background: cyan, yellow and white do.
type style string

const (
	normal style = ""
	bold   style = "\x1b[1m"
	dim    style = "\x1b[2m"
	red    style = "\x1b[1;31m"
	green  style = "\x1b[1;32m"
	reset        = "\x1b[0m"
)

// span is a piece of text in one style.
type span struct {
	text  string
	style style
}

// write is the one place that prints. What comes here is clean.
func (u *UI) write(s string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.erase()
	u.out(u.escapeCICommands(s))
}

// erase takes away the unfinished line, if there is one. The lock is held.
func (u *UI) erase() {
	if u.passing {
		u.out("\r\x1b[K")
		u.passing = false
	}
}

// clean makes text that others wrote fit to be printed: redacted, and on one line
// with nothing in it that a terminal would obey. A tab would break the columns.
func (u *UI) clean(s string) string {
	return strings.ReplaceAll(transcript.Visible(u.redact(s)), "\t", " ")
}

// paragraph returns the spans, cleaned, as lines of the terminal's width, each ended.
func (u *UI) paragraph(hang int, spans ...span) string {
	return u.flow(u.width(), hang, spans...) + "\n"
}

func (u *UI) flow(columns, hang int, spans ...span) string {
	for i := range spans {
		spans[i].text = u.clean(spans[i].text)
	}
	return flow(columns, hang, u.colour, spans...)
}

// flow breaks the spans into lines of so many columns. Lines after the first are
// indented by hang columns, where there are 40 columns or more. Only blanks are
// broken at: a cut URL cannot be clicked, a cut word cannot be searched, so what is
// longer than a line is left to the terminal.
func flow(columns, hang int, colour bool, spans ...span) string {
	if columns < 40 {
		hang = 0
	}
	var b strings.Builder
	col, now := 0, normal
	change := func(to style) {
		if !colour || now == to {
			return
		}
		if now != normal {
			b.WriteString(reset)
		}
		b.WriteString(string(to))
		now = to
	}
	for _, s := range spans {
		if s.text == "" {
			continue
		}
		change(s.style)
		for _, w := range wordWithGap.FindAllString(s.text, -1) {
			word := strings.TrimLeft(w, " ")
			if w != word && word != "" && col > hang && col+cells(w) > columns {
				b.WriteString("\n" + strings.Repeat(" ", hang))
				col, w = hang, word
			}
			b.WriteString(w)
			col += cells(w)
		}
	}
	change(normal)
	return b.String()
}

// wordWithGap matches a word and the blanks before it, or the blanks at the end.
var wordWithGap = pattern.New(` *[^ ]+| +$`)

// cells returns how many columns s takes on a terminal.
func cells(s string) int {
	n := 0
	for _, r := range s {
		n += runeCells(r)
	}
	return n
}

func runeCells(r rune) int {
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	return 1
}

// pad returns s in a column of that width, with the gap to the next one.
func pad(s string, columns int) string { return s + strings.Repeat(" ", columns-cells(s)+2) }

// cut returns s in at most columns columns, its end replaced by an ellipsis where
// it is longer.
func cut(s string, columns int) string {
	if cells(s) <= columns {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeCells(r); n > columns-1 {
			return s[:i] + "…"
		}
	}
	return s
}
