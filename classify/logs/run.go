package logs

import (
	"fmt"
	"regexp"
	"strings"

	"safepublish/classify/transcript"
)

// mostLines bounds what is kept of one run. The file list of a package may have
// thousands of lines, which say nothing; what remains is seldom more than forty.
const mostLines = 600

// run is one run of npm as a saved log shows it: the lines of one stream.
type run struct {
	lines       []transcript.Line
	first, last int    // lines of the file
	command     string // npm's command, where the log shows what was typed
	banner      bool   // npm announced a script of the package, and has not gone on since
	failed      bool   // there was an error line that is more than a pointer to a log
	coded, said bool   // there was a code line, and one that is more than that
	put         string // the address of the upload that an error line tells of
	trailed     bool   // npm pointed to its log, which it does last
	dry         bool   // npm said that it only pretends
	again       bool   // a quotation of what npm said: escaped, or in another tool's message
}

var (
	fileOf   = regexp.MustCompile(`^npm notice \d+(?:\.\d+)? ?[kMG]?B `)
	codeOf   = regexp.MustCompile(`^\S+ (?:ERR!|error) code \S+$`)
	trailOf  = regexp.MustCompile(`^\S+ (?:ERR!|error)\s+(?:A complete log of this run|Log files were not written|\S+-debug(?:-\d+)?\.log$|$)`)
	putOf    = regexp.MustCompile(`\d{3} .*- (?:PUT|POST) (\S+)`)
	packOf   = regexp.MustCompile(`^npm notice (?:📦 |package: )`)
	sendOf   = regexp.MustCompile(`^npm notice (?:Publishing|Staging) to `)
	bannerOf = regexp.MustCompile(`^(?:> |npm notice run )(?:@[^\s@/]+/)?[^\s@/]+@\d\S* (?:prepublish|prepublishOnly|prepare|prepack|postpack|publish|postpublish)(?: \S+)?$`)
	plusOf   = regexp.MustCompile(`^ ?\+ ((?:@[^\s@/]+/)?[^\s@/]+)@(\d\S*)(?: \(staged with id \S+\))?$`)
)

// over tells whether a line begins another run than this one: npm says nothing
// after it pointed to its log, has one "code" line for each failure, and packs
// before it fails. What fails within a script of the package is that script's, as
// long as npm goes on with the package.
func (r *run) over(level, text string) bool {
	switch {
	case !r.failed || trailOf.MatchString(text):
		return false
	case packOf.MatchString(text):
		return !r.banner && (r.trailed || r.put != "")
	case sendOf.MatchString(text):
		return !r.banner && r.trailed
	}
	if m := putOf.FindStringSubmatch(text); m != nil && r.put != "" && m[1] != r.put { // another npm writes to the same screen
		return true
	}
	return r.trailed || r.coded && r.said && !r.banner && codeOf.MatchString(text)
}

func (r *run) add(place int, level, text string) {
	if fileOf.MatchString(text) {
		return
	}
	if r.first == 0 {
		r.first = place
	}
	r.last = place
	switch {
	case level == "error" && trailOf.MatchString(text):
		r.trailed = r.failed
	case level == "error":
		r.failed = true
		r.coded, r.said = r.coded || codeOf.MatchString(text), r.said || !codeOf.MatchString(text)
		if m := putOf.FindStringSubmatch(text); m != nil {
			r.put = m[1]
		}
	case packOf.MatchString(text) || sendOf.MatchString(text):
		r.banner = false
		r.dry = r.dry || strings.HasSuffix(text, " (dry-run)")
	case bannerOf.MatchString(text):
		r.banner = true
	}
	if len(r.lines) == mostLines { // the beginning names the package, the end the failure
		r.lines = append(r.lines[:mostLines/4], r.lines[mostLines/2:]...)
	}
	r.lines = append(r.lines, transcript.Line{From: fmt.Sprintf("line:%d", place), Text: text})
}

// question returns the last line by which npm asked.
func (r *run) question() transcript.Line {
	for i := len(r.lines) - 1; i >= 0; i-- {
		if asks.MatchString(r.lines[i].Text) {
			return r.lines[i]
		}
	}
	return transcript.Line{}
}

// logRun is a debug log, or a part of one, in a file.
type logRun struct {
	text        strings.Builder
	held        string // the last line, to which a folded one may be added; "" for one that is not kept
	command     string // as its argv line names it
	errors      int    // bytes of error lines
	count       int
	number      int
	first, last int
}

// argvOf finds npm's command among its arguments; npm 6 names node and itself first.
var argvOf = regexp.MustCompile(`^argv (?:"[^"]*[/\\][^"]*" )*"([a-z][a-z-]*)"`)

// What is kept of a debug log is bounded, in bytes: npm's errors come last, behind
// whatever it did.
const (
	mostLog    = 8 << 20
	mostErrors = 1 << 20
)

func (l *logRun) add(place, number int, level, text, whole string) {
	l.flush()
	if l.count++; l.first == 0 {
		l.first = place
	}
	l.last, l.number = place, number
	if m := argvOf.FindStringSubmatch(text); m != nil {
		l.command = m[1]
	}
	if transcript.Wordless(level+" "+text) || l.text.Len() > mostLog && level != "error" {
		return
	}
	if level == "error" {
		if l.errors += len(whole); l.errors > mostErrors {
			return
		}
	}
	l.held = whole
}

func (l *logRun) flush() {
	if l.held != "" {
		l.text.WriteString(l.held + "\n")
		l.held = ""
	}
}
