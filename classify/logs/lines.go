package logs

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"safepublish/classify/transcript"
)

// line is one line of a file.
type line struct {
	place int    // its number in the file, from 1
	text  string // what a program wrote, without what a CI service put before it
	width int    // the columns that the whole line takes
	marks marks  // the literals of the grammar that it holds
}

// span is where something stands in the file: its first and its last line.
type span struct{ first, last int }

// newLine is a line that was put together from others.
func newLine(place int, text string) line {
	return line{place: place, text: text, marks: literals.scan([]byte(text))}
}

func (l line) has(m marks) bool { return l.marks&m != 0 }

// lines are those of a file that are worth a look: the lines with a literal of the
// grammar, and some lines after each.
type lines struct {
	source
	prefix  prefixes
	wanted  int  // how many lines more are worth a look whatever they hold
	leftOut bool // a line with words has been left out
	repeats repeats
}

// wantedAfter is how many lines after one with a literal are worth a look.
const wantedAfter = 6

// blanks are the characters that stand for a blank: pnpm puts thin ones around its
// codes, browsers copy others.
var blanks = strings.NewReplacer("\u00a0", " ", "\u2009", " ", "\u202f", " ")

func newLines(r io.Reader) *lines { return &lines{source: newSource(r)} }

// want asks for some lines more, whatever they hold.
func (ls *lines) want(more int) { ls.wanted = max(ls.wanted, more) }

// next returns the next line that is worth a look, io.EOF after the last.
func (ls *lines) next() (line, error) {
	for {
		raw, err := ls.source.next()
		if err != nil {
			return line{}, err
		}
		ascii := isPlain(raw)
		if !ascii && containsAny(string(raw), "\u00a0", "\u2009", "\u202f") {
			raw = []byte(blanks.Replace(string(raw)))
		}
		found := literals.scan(raw)
		switch {
		case found != 0 && ls.repeats.full(raw, found):
			continue
		case found != 0:
			ls.want(wantedAfter)
		case ls.wanted > 0:
			ls.wanted--
		default:
			ls.leftOut = ls.leftOut || len(bytes.TrimSpace(raw)) > 0
			continue
		}
		return ls.parse(raw, ascii, found), nil
	}
}

func (ls *lines) parse(raw []byte, ascii bool, found marks) line {
	l := line{place: ls.number, marks: found, width: utf8.RuneCount(bytes.TrimRight(raw, " \t"))}
	l.text = ls.prefix.strip(string(raw)) // before it is drawn, which may erase a prefix
	if ascii {
		l.text = strings.TrimRight(l.text, " \t")
	} else if shown := transcript.Drawn(l.text); shown != l.text {
		l.text = ls.prefix.strip(shown)
		l.width = utf8.RuneCountInString(transcript.Drawn(string(raw)))
	}
	return l
}

// isPlain tells a line of printable ASCII, as most are.
func isPlain(line []byte) bool {
	for _, c := range line {
		if c < 0x20 && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
