// Package logs finds failed publishes in a log that somebody saved: a debug log of
// npm's, a terminal's screen, the log of a CI service, or what a release tool or
// another client (pnpm, yarn, bun) printed.
//
// A line becomes an event: npm's own lines by the forms that transcript knows, all
// others by the table in forms.go. Events are folded into failures, one for each
// package and command (fold.go). The file is read once, line by line, so that a
// hundred megabytes of build output cost time and no memory.
//
// It is pure: no files, no processes, no network.
package logs

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"safepublish/classify/transcript"
)

// Log is what a saved log shows. All lists are in the order of the file.
type Log struct {
	Failed    []transcript.Transcript // one for each package whose publish failed and did not succeed later on
	Elsewhere []Elsewhere             // failures that are no publish's: an install, a login
	Suspects  []Elsewhere             // where nothing failed: lines that look like a failed publish and are not understood
}

// Elsewhere is a line of a log: where it stands, and its words; and the command of
// npm's that failed with it, "npm init", "" where the log does not show that.
type Elsewhere struct{ From, Text, Command string }

// Read reads a saved log of any kind, in UTF-8 or UTF-16, with any line ends. Only
// a file that is one debug log and nothing else, but for times before its lines,
// is read as npm's own words beyond doubt (HasLog). It returns an error only where
// r does.
func Read(r io.Reader) (Log, error) {
	f := &file{src: newSource(r), runs: map[string]*run{}, story: story{versions: map[string]string{}, told: map[string]int{}}, pure: true}
	for {
		raw, err := f.src.next()
		switch {
		case errors.Is(err, io.EOF):
			return f.end(), nil
		case err != nil:
			return Log{}, err
		}
		f.raw(raw)
	}
}

// file is a log being read.
type file struct {
	src   *source
	alert int             // how many lines more are looked at whatever they say
	runs  map[string]*run // npm's, by stream
	debug *debugLog
	pure  bool    // so far it is one debug log and nothing else
	open  *report // another client's failure, of which more lines may come
	typed command
	near  near // what a tool said of the package that it is about to publish
	fold  fold
	after int // a line that shows a script's or a shell's command, which may hold any words
	take  int // how many lines more belong to what npm just said without its heading
	story

	scripted int // the line on which a script began that is not run for a publish
}

// fold is the line of npm's that ended right before this one, which may go on here.
type fold struct {
	place, width int
	run          *run
	log          bool
}

// alertFor is how many lines after one of interest are looked at whatever they say.
const alertFor = 6

// thin are the blanks that are none: pnpm puts thin ones around its codes, browsers
// copy others.
var thin = strings.NewReplacer("\u00a0", " ", "\u2009", " ", "\u202f", " ")

func (f *file) raw(raw []byte) {
	raw = f.src.strip(raw)
	ascii := plain(raw)
	if !ascii {
		raw = []byte(thin.Replace(string(raw)))
	}
	m := literals.scan(raw)
	if m == 0 && steered(raw) {
		m = literals.scan([]byte(drawn(raw)))
	}
	switch {
	case m != 0:
		f.alert = alertFor
	case f.alert > 0 || f.open != nil && f.open.more > 0:
		f.alert--
	default:
		f.pure = f.pure && len(bytes.TrimSpace(raw)) == 0
		return
	}
	width := utf8.RuneCount(bytes.TrimRight(raw, " \t"))
	bare := f.src.pre.undress(string(raw)) // first of all, for what is drawn may erase it
	if ascii {
		f.line(f.src.number, strings.TrimRight(bare, " \t"), width, m)
		return
	}
	if shown := drawn([]byte(bare)); shown != bare {
		bare = f.src.pre.undress(shown)
		width = utf8.RuneCountInString(drawn(raw))
	}
	f.line(f.src.number, bare, width, m)
}

// line files one line by what it is.
func (f *file) line(place int, s string, width int, m marks) {
	last := f.fold
	f.fold = fold{}
	number, level, text, ok := transcript.LogLine(s)
	if ok && (m&isLog != 0 || f.debug != nil) {
		f.logLine(place, number, level, text, s)
		f.fold = fold{place: place, width: width, log: true}
		return
	}
	if s == "" {
		f.blank()
		return
	}
	f.pure = false
	if last.place == place-1 && f.unfolds(last, place, s, width) {
		return
	}
	if place == f.after && (strings.HasPrefix(s, "> ") || strings.HasPrefix(s, "+ ")) || m&isDebris != 0 && f.debris(place, s) {
		return
	}
	if m&isNPM != 0 {
		if parts := unescape(s); parts != nil {
			for _, p := range parts {
				if _, level, text, ok := heading(p); ok {
					f.npm(place, quoted, level, text)
				}
			}
			return
		}
		if stream, level, text, ok := heading(s); ok {
			if stream == quoted {
				text = unquoted.ReplaceAllString(text, "")
			}
			f.npm(place, stream, level, text)
			f.fold = fold{place: place, width: width, run: f.runs[stream]}
			return
		}
	}
	f.nonNpmLine(place, s, m)
}

// logLine files a line of a debug log. A number that falls begins another log.
func (f *file) logLine(place, number int, level, text, whole string) {
	if f.debug != nil && number < f.debug.number {
		f.pure = false
		f.endLog()
	}
	if f.debug == nil {
		f.debug = &debugLog{}
		f.pure = f.pure && number == 0 // of an excerpt nobody knows what was cut off: an attempt before, a notice
	}
	f.debug.add(place, number, level, text, whole)
}

// unfolds adds a line to the one before it, which a terminal broke.
func (f *file) unfolds(last fold, place int, s string, width int) bool {
	if _, _, _, ok := heading(s); ok || bareLabel(s) {
		return false
	}
	next := fold{place: place, width: width, run: last.run, log: last.log}
	if last.log {
		joined, ok := unfold(f.debug.held, last.width, s)
		if ok {
			f.debug.held, f.fold = joined, next
		}
		return ok
	}
	if last.run == nil || len(last.run.lines) == 0 {
		return false
	}
	before := &last.run.lines[len(last.run.lines)-1]
	joined, ok := unfold(before.Text, last.width, s)
	if ok {
		before.Text, last.run.last, f.fold = joined, place, next
	}
	return ok
}

// nonNpmLine files a line without npm's heading.
func (f *file) nonNpmLine(place int, s string, m marks) {
	stream, text := f.relabel(s, m)
	r := f.runs[stream]
	if f.take > 0 && r != nil {
		f.take--
		r.add(place, "", text)
		return
	}
	if m == 0 {
		if !f.goesOn(place, s) && r != nil && r.reasons(place, text) {
			f.reason(r, place, text)
		}
		return
	}
	name, number, isSuccess := transcript.Plus(strings.TrimPrefix(text, " "))
	switch {
	case m&isScript != 0 && isBanner(text):
		f.openRun(place, stream, text)
		f.after = place + 1
	case m&isPrompt != 0 && scriptOfProject.MatchString(text):
		f.scripted = place
	case m&isAsking != 0 && transcript.Asks(text):
		f.openRun(place, stream, text)
		f.take = 1
	case m&isBare != 0 && transcript.BareError(text):
		f.openRun(place, stream, text)
		f.runs[stream].failed = true
		f.take = 2
	case isSuccess && m&isPlus != 0:
		f.plus(place, stream, name, number, text)
	case f.starts(place, s, m), f.match(place, s, m), f.goesOn(place, s):
	case r != nil && r.reasons(place, text):
		f.reason(r, place, text)
	case f.command(place, text, m):
	case m&isRefused != 0:
		f.bareSentence(place, text)
	default:
		f.suspect(place, text)
	}
}

// scriptOfProject announces a script, as npm and pnpm do; those of a publish are known.
var scriptOfProject = regexp.MustCompile(`^> ` + pkg + `@\d\S* [\w:.-]+(?: \S+)?$`)

func isBanner(s string) bool {
	_, _, ok := transcript.Banner(s)
	return ok
}

func (f *file) command(place int, text string, m marks) bool {
	if m&(isNPM|isTool) == 0 {
		return false
	}
	c, ok := commandOf(text)
	if !ok {
		return false
	}
	if r := f.runs[""]; r != nil && r.failed && r.script == "" {
		f.endRun("")
	}
	f.finish()
	c.place = place
	f.typed = c
	return true
}

// debris tells what PowerShell puts around the first line that a program writes to
// stderr.
func (f *file) debris(place int, s string) bool {
	if !debrisOf.MatchString(s) {
		return false
	}
	f.after = place + 1
	return true
}

func (f *file) end() Log {
	f.finish()
	f.endLog()
	streams := make([]string, 0, len(f.runs))
	for stream := range f.runs {
		streams = append(streams, stream)
	}
	slices.Sort(streams)
	for _, stream := range streams {
		f.endRun(stream)
	}
	return f.log()
}
