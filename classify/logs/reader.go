package logs

import (
	"io"
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// reader is a log being read: what has begun and not ended, and what was found.
type reader struct {
	lines  *lines
	runs   map[string]*run // npm's, by label
	debug  *debugLog
	pure   bool       // so far it is one debug log and nothing else
	report *report    // another client's failure, of which more lines may come
	before brokenLine // the zero value where the line before is not npm's
	fragment
	echo int // the line that may show a script's or a shell's command, which holds any words
	context
	findings
}

// context is what the lines so far tell of what is being run.
type context struct {
	typed     command   // the last command that was typed
	announced announced // the package that a tool is about to publish
	listed    int       // the last line of a list of packages that failed
	publishes bool      // somebody speaks of npm publish
	script    int       // the line on which a script began that is not run for a publish
}

func newReader(r io.Reader) *reader {
	readForms()
	return &reader{
		lines: newLines(r), runs: map[string]*run{}, pure: true,
		findings: findings{versions: map[string]string{}, known: map[string]int{}},
	}
}

// read files one line by what it is.
func (rd *reader) read(l line) {
	before := rd.before
	rd.before = brokenLine{}
	if l.has(isLog) || rd.debug != nil {
		if number, level, text, ok := transcript.LogLine(l.text); ok {
			rd.logLine(l, number, level, text)
			rd.before = brokenLine{place: l.place, width: l.width}
			return
		}
	}
	if l.text == "" {
		if rd.listsAt(l.place) {
			rd.listed = l.place
		}
		rd.fragment.blank(l.place)
		if rd.report != nil && rd.report.layout == asNX && len(rd.report.said.Lines) > 0 {
			rd.endReport()
		}
		return
	}
	rd.pure = false
	switch {
	case rd.joinWrapped(before, l), rd.isEcho(l):
	case l.has(isNPM) && (rd.quotation(l) || rd.npmLine(l)):
	default:
		rd.otherLine(l)
	}
}

// logLine files a line of a debug log. A number that falls begins another log.
func (rd *reader) logLine(l line, number int, level, text string) {
	if rd.debug != nil && number < rd.debug.number {
		rd.pure = false
		rd.endLog()
	}
	if rd.debug == nil {
		rd.debug = &debugLog{place: span{first: l.place}}
		rd.pure = rd.pure && number == 0 // of an excerpt nobody knows what was cut off: an attempt before, a notice
	}
	rd.debug.add(l, number, level, text)
}

// isEcho tells the command of a script, which npm and shells show, and what PowerShell
// puts around the first line that a program writes to stderr.
func (rd *reader) isEcho(l line) bool {
	if l.has(isPowerShell) && powerShell.MatchString(l.text) {
		rd.echo = l.place + 1
		return true
	}
	shown := strings.TrimLeft(l.text, " ")
	return l.place == rd.echo && (strings.HasPrefix(shown, "> ") || strings.HasPrefix(shown, "+ "))
}

var powerShell = pattern.New(`^At .+:\d+ char:\d+$|^\s*\+ (?:CategoryInfo|FullyQualifiedErrorId) +: |^\s*\+ +~+$`)

// quotation files the lines of npm's that another program quotes in one of its own.
func (rd *reader) quotation(l line) bool {
	lines := unescape(l.text)
	for _, s := range lines {
		if _, w, ok := findNPM(s); ok {
			rd.addToRun(l.place, quoted, w)
		}
	}
	return lines != nil
}

// npmLine files a line with npm's heading.
func (rd *reader) npmLine(l line) bool {
	label, w, ok := findNPM(l.text)
	if !ok {
		return false
	}
	if label == quoted {
		w = wordsOf(w.level, quotationEnd.ReplaceAllString(w.text, ""))
	}
	rd.addToRun(l.place, label, w)
	rd.before = brokenLine{l.place, l.width, rd.runs[label]}
	return true
}

// otherLine files a line without npm's heading.
func (rd *reader) otherLine(l line) {
	label, text := rd.splitLabel(l)
	r := rd.runs[label]
	switch {
	case r != nil && r.plain > 0:
		r.plain--
		r.add(l.place, wordsOf("", text))
	case rd.fragmentLine(l):
	case rd.runLine(l, label, text), rd.startReport(l), rd.match(l), rd.continueReport(l):
	case r != nil && r.isReason(l.place, text):
		r.addReason(l.place, text)
	case l.has(isScriptEnd) && r != nil && r.scriptEnds(l.place, text):
	case rd.command(l, text):
	case l.has(isSentence):
		rd.loneSentence(l.place, text)
	case l.marks != 0:
		rd.suspect(l.place, text)
	}
}

// runLine files a line that npm prints without its heading.
func (rd *reader) runLine(l line, label, text string) bool {
	name, version, success := transcript.Plus(strings.TrimPrefix(text, " "))
	switch {
	case l.has(isScript) && isBanner(unquoted(text)):
		rd.openRun(l.place, label, unquoted(text))
		rd.echo = l.place + 1
	case l.has(isPrompt) && projectScript.MatchString(text):
		rd.script = l.place
	case l.has(isAsking) && transcript.Asks(text):
		rd.openRun(l.place, label, text).plain = 1
	case l.has(isBare) && transcript.BareError(text):
		r := rd.openRun(l.place, label, text)
		r.failed, r.plain = true, 2
	case success && l.has(isPlus):
		rd.plus(l.place, label, name, version, text)
	default:
		return false
	}
	return true
}

// projectScript announces a script, as npm and pnpm do; those of a publish are known.
var projectScript = pattern.New(`^> ` + pkg + `@\d\S* [\w:.-]+(?: \S+)?$`)

// command notes the command that a line shows.
func (rd *reader) command(l line, text string) bool {
	if !l.has(isNPM | isTool) {
		return false
	}
	rd.mentioned = l.text
	rd.publishes = rd.publishes || verbIn(l.text) == "publish"
	c, ok := commandOf(text)
	if !ok {
		return false
	}
	rd.endReport()
	if r := rd.runs[""]; r != nil && (r.failed || r.over) && r.script == "" {
		rd.endRun("")
	}
	c.place = l.place
	rd.typed = c
	switch failed := c.verb == "publish" && strings.Contains(text, "Command failed"); { // execa's and node's words for it
	case failed && c.dryRun:
		rd.suspect(l.place, text)
	case failed && !rd.full(publish):
		r := rd.begin(l.place, publish, text)
		r.rank, r.said.Method = byWord, "PUT" // nobody knows what was sent
	}
	return true
}
