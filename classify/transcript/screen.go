package transcript

import (
	"fmt"
	"strings"

	"safepublish/classify/pattern"
)

// ownLines are lines that only npm itself is likely to print: whatever word
// stands before them is its heading (--heading), the last one first, since a
// script's output comes before npm's end.
var ownLines = pattern.New(`^(?:A complete log of this run can be found in|(?:=== )?Tarball (?:Details|Contents)|` +
	`Publishing to \S+|Log files were not written|code E[A-Z0-9_]+$)`)

// text is one stream of npm's, replayed: the screen, its stdout or its stderr.
type text struct {
	from   string // "screen", "stdout", "stderr"
	lines  []string
	places []string // where each line stood, if that is not its number
}

func (x text) at(i int) string {
	if x.places != nil {
		return x.places[i]
	}
	return fmt.Sprintf("%s:%d", x.from, i+1)
}

// heading finds the word that stands before npm's own lines; "npm" if none tells.
func (x text) heading() string {
	for i := len(x.lines) - 1; i >= 0; i-- {
		if word, level, text := screenLine(x.lines[i]); level != "" && ownLines.MatchString(text) {
			return word
		}
	}
	return "npm"
}

// own returns npm's own lines, by the heading. What else the stream shows, a
// script's output above all, is marked by a line without a level.
func (x text) own() []Line {
	heading := x.heading()
	out := make([]Line, 0, len(x.lines))
	for i, s := range x.lines {
		if word, level, text := screenLine(afterQuestion(s, heading)); level != "" && word == heading {
			out = append(out, Line{x.at(i), level, text})
		} else if s != "" {
			out = append(out, Line{x.at(i), "", s})
		}
	}
	return out
}

// afterQuestion cuts a question and its answer off the line that npm 6 and 8
// print right behind it, as in "Enter OTP: npm ERR! canceled".
func afterQuestion(s, heading string) string {
	if Asks(s) {
		if i := strings.Index(s, heading+" ERR!"); i >= 0 {
			return s[i:]
		}
	}
	return s
}

// withLevel leaves out what is not npm's.
func withLevel(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if l.Level != "" {
			out = append(out, l)
		}
	}
	return out
}

// lastBlock returns the error lines that npm ended with. A script may have
// printed some that look alike: only those after which npm went on with nothing
// count, and of those only from the last "code" line on.
func lastBlock(lines []Line) []Line {
	end := len(lines)
	for end > 0 && !isErrorText(lines[end-1]) {
		if goesOn(lines[end-1]) {
			return nil
		}
		end--
	}
	start := end
	for start > 0 && (lines[start-1].Level == "error" || lines[start-1].Level == "warn" || lines[start-1].Level == "verbose") {
		start--
		if FormOf(lines[start].Level, lines[start].Text) == Code {
			break
		}
	}
	return errorsOf(lines[start:end])
}

// goesOn tells the lines by which npm shows that it was still at work.
func goesOn(l Line) bool {
	f := FormOf(l.Level, l.Text)
	return f == Packing || f == Listing || f == Sending
}

func isErrorText(l Line) bool {
	return l.Level == "error" && l.Text != "" && FormOf(l.Level, l.Text) != Trailer
}

func errorsOf(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if isErrorText(l) {
			out = append(out, l)
		}
	}
	return out
}

// bareError returns such a failure: the line that tells and up to two after it.
func bareError(x text) []Line {
	for i, s := range x.lines {
		if !BareError(s) {
			continue
		}
		var out []Line
		for j := i; j < len(x.lines) && j < i+3 && x.lines[j] != ""; j++ {
			out = append(out, Line{x.at(j), "error", x.lines[j]})
		}
		return out
	}
	return nil
}
