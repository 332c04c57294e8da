package logs

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// A person who asks for help copies npm's block in parts and without npm's heading:
// quoted, indented or bare, often several of them between sentences.

// fragment is such a part, as far as it is read. Its lines are those of a run.
type fragment struct {
	mark        string // what stands before each line, without blanks: ">", "ERR!", "" for nothing
	first, last int    // lines of the file
	gap         bool   // an empty line or an ellipsis came last
	mentioned   string // the last line before it that names a tool
}

// fragmented is the label of their runs.
const fragmented = "fragment"

// longestFragment bounds one, in lines.
const longestFragment = 15

var (
	fragmentMark = pattern.New("^[\\s>|*•│`-]*(?:ERR! |error )?")
	// what begins one, of npm 1 to 12: the code, an old npm's status, an old npm's script
	opensFragment = pattern.New(`^(?:code E(?:\d{3}|[A-Z_]{3,})|(?:publish )?Failed PUT \d{3}|Failed at the \S+@\d\S* \S+ script\W*)$`)
	// what goes on with one behind a gap
	ofFragment = pattern.New(`^(?:code E|errno |Exit status \d|Failed at the |\d{3} |need auth |\S+@\d\S* \S+: ` + "[`'])")
	elided     = pattern.New(`^[.…\s()\[\]]*$`)
)

// fragmentLine files a line of a fragment.
func (rd *reader) fragmentLine(l line) bool {
	f := &rd.fragment
	if !f.near(l.place) && !l.has(isFragment) {
		return false
	}
	mark, said := splitMark(l.text)
	near := f.near(l.place) && mark == f.mark
	if near && elided.MatchString(said) {
		f.last, f.gap = l.place, true
		rd.lines.want(2)
		return true
	}
	opens := l.has(isFragment) && opensFragment.MatchString(said)
	if !opens && (!near || !f.goesOn(l, said)) {
		return false
	}
	if opens && (!near || f.gap && strings.HasPrefix(said, "code ")) {
		rd.openFragment(l.place, mark, said)
	}
	f.last, f.gap = l.place, false
	if strings.HasPrefix(said, "Failed PUT") {
		said = "publish " + said
	}
	rd.addToRun(l.place, fragmented, wordsOf("error", "npm error "+said))
	return true
}

// near tells the line behind the last one.
func (f *fragment) near(place int) bool {
	return f.last > 0 && place == f.last+1 && place < f.first+longestFragment
}

// goesOn tells whether the line behind the last one belongs to the fragment.
func (f *fragment) goesOn(l line, said string) bool {
	return ofFragment.MatchString(said) || !f.gap && !isOwn(l)
}

// splitMark parts what stands before a line of a fragment, without blanks, from the line.
func splitMark(s string) (mark, said string) {
	head := fragmentMark.FindString(s)
	return strings.Trim(head, " \t`"), strings.TrimRight(s[len(head):], " `")
}

// openFragment begins one. Where the one before lacks its code or its words, it goes on.
func (rd *reader) openFragment(place int, mark, said string) {
	r := rd.runs[fragmented]
	if r != nil && r.coded && r.worded {
		rd.endRun(fragmented)
		r = nil
	}
	rd.fragment.mark, rd.fragment.first = mark, place
	if r == nil && strings.HasPrefix(said, "Failed at the ") { // the code is cut off
		rd.addToRun(place, fragmented, wordsOf("error", "npm error code ELIFECYCLE"))
	}
}

// isOwn tells a line that another part of the grammar knows.
func isOwn(l line) bool {
	_, _, success := transcript.Plus(l.text)
	_, typed := commandOf(l.text)
	return success || typed || isForm(l)
}

// blank notes an empty line.
func (f *fragment) blank(place int) {
	if f.last > 0 && f.last == place-1 && (f.mark == "" || f.mark == "ERR!") {
		f.last, f.gap = place, true
	}
}

// verbIn returns the command that a sentence names last: "npm publish" says this.
func verbIn(sentence string) (verb string) {
	words := strings.FieldsFunc(sentence, func(r rune) bool { return strings.ContainsRune(" \t\"'`“”‘’(),:;*", r) })
	for i := 1; i < len(words); i++ {
		switch {
		case !slices.Contains(tools, words[i-1]):
		case npm.IsPublish(words[i]):
			verb = "publish"
		case isVerb(words[i]):
			verb = words[i]
		}
	}
	return verb
}
