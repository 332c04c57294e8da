// Package logs finds failed publishes in a log that somebody saved: a debug log
// of npm's, a terminal's screen, the log of a CI service, or what a release tool
// or another client (pnpm, yarn, bun) printed. It is read once, line by line, so
// that a hundred megabytes of build output cost time and no memory.
//
// It is pure: no files, no processes, no network.
package logs

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"safepublish/classify/transcript"
)

// Log is what a saved log shows. Both lists are in the order of the file.
type Log struct {
	Failed    []transcript.Transcript // one for each package whose publish failed and did not succeed later on
	Elsewhere []Elsewhere             // failures that are no publish's: an install, a login
}

// Elsewhere is a failure of npm or of another client that is no publish's: where
// it stands, and its words.
type Elsewhere struct{ From, Text string }

// Read reads a saved log of any kind, in UTF-8 or UTF-16, with any line ends. Only
// a file that is one debug log and nothing else, but for times before its lines,
// is read as npm's own words beyond doubt (HasLog). It returns an error only where
// r does.
func Read(r io.Reader) (Log, error) {
	f := &file{src: newSource(r), runs: map[string]*run{}, versions: map[string]string{}, docs: map[string]*document{}, pure: true}
	for {
		raw, err := f.src.next()
		switch {
		case errors.Is(err, io.EOF):
			f.end()
			return f.log(), nil
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
	runs  map[string]*run // by stream
	debug *logRun
	docs  map[string]*document
	pure  bool // so far it is one debug log and nothing else
	typed string
	dry   bool // the command that was typed is a dry run
	other pending
	near  near
	fold  fold
	after int // a line that shows a script's or a shell's command, which may hold any words
	take  int // how many lines more belong to what npm just said without its heading

	found    []failure
	versions map[string]string // of the packages that a tool says it is going to publish
	success  []success
}

// fold is the line of npm's that ended right before this one, which may go on here.
type fold struct {
	place, width int
	run          *run
	log          bool
}

// around is how many lines after one of interest are looked at.
const around = 40

// signs are words without which a line tells nothing of a publish. The list keeps
// the reading of a large file fast; what it lets through is looked at closely.
var signs = [][]byte{
	[]byte("npm"), []byte("ERR"), []byte("ublish"), []byte("YN00"), []byte("lerna"), []byte("🦋"), []byte("📦"), []byte("nx run"), []byte(`"error"`), []byte("PUT "),
	[]byte("OTP"), []byte("Exit prior"), []byte("Unknown command"), []byte("abbreviated flag"), []byte("Failed to replace env"), []byte("prep"), []byte("postp"),
	[]byte("Forbidden"), []byte("Unauthorized"), []byte("Conflict"), []byte("Payment Required"), []byte("unscoped package"), []byte("error: GET"), []byte("Registry: http"),
}

// thin are the blanks that are none: pnpm puts thin ones around its codes, browsers
// copy others.
const thin = "\u00a0\u2009\u202f"

// tells says whether a line may be of interest.
func tells(raw []byte) bool {
	if i := bytes.Index(raw, []byte("+ ")); i >= 0 && bytes.IndexByte(raw[i:], '@') > 0 {
		return true
	}
	return slices.ContainsFunc(signs, func(s []byte) bool { return bytes.Contains(raw, s) }) || maybeLog(raw)
}

// maybeLog tells a line of a debug log, with whatever time before it: a number, a
// blank and the first letters of a level.
func maybeLog(raw []byte) bool {
	for rest := raw[:min(len(raw), 300)]; ; {
		digits := len(rest) - len(bytes.TrimLeft(rest, "0123456789"))
		if digits > 0 && len(rest) > digits+4 && rest[digits] == ' ' && logLevels[string(rest[digits+1:digits+5])] {
			return true
		}
		i := bytes.IndexAny(rest, " \t")
		if i < 0 || len(raw)-len(rest) > 200 {
			return false
		}
		rest = rest[i+1:]
	}
}

var logLevels = map[string]bool{"sill": true, "verb": true, "info": true, "http": true, "noti": true, "warn": true, "erro": true, "timi": true}

func (f *file) raw(raw []byte) {
	switch {
	case tells(raw):
		f.alert = around
	case f.alert > 0:
		f.alert--
	case !bytes.HasSuffix(raw, []byte("{")):
		f.pure = f.pure && len(bytes.TrimSpace(raw)) == 0
		return
	}
	bare := undress(string(raw)) // first of all, for what is drawn may erase it
	if s := drawn([]byte(bare)); s != bare {
		bare = undress(s)
	}
	if strings.ContainsAny(bare, thin) {
		bare = strings.Map(func(r rune) rune {
			if strings.ContainsRune(thin, r) {
				return ' '
			}
			return r
		}, bare)
	}
	f.line(f.src.number, bare, utf8.RuneCountInString(drawn(raw)))
}

// line files one line by what it is.
func (f *file) line(place int, s string, width int) {
	before := f.fold
	f.fold = fold{}
	if number, level, text, ok := transcript.IsLogLine(s); ok {
		f.logLine(place, number, level, text, s)
		f.fold = fold{place: place, width: width, log: true}
		return
	}
	if s == "" {
		f.blank()
		return
	}
	f.pure = false
	if before.place == place-1 && f.unfolds(before, place, s, width) {
		return
	}
	if place == f.after && (strings.HasPrefix(s, "> ") || strings.HasPrefix(s, "+ ")) || f.remark(place, s) {
		return
	}
	if parts := unescape(s); parts != nil {
		f.quoted(place, parts)
		return
	}
	if stream, level, text, ok := heading(s); ok {
		f.npm(place, stream, level, text, stream == quoted)
		f.fold = fold{place: place, width: width, run: f.runs[stream]}
		return
	}
	f.beside(place, s)
}

// logLine files a line of a debug log. A number that falls begins another log.
func (f *file) logLine(place, number int, level, text, whole string) {
	if f.debug != nil && number < f.debug.number {
		f.pure = false
		f.endLog()
	}
	if f.debug == nil {
		f.debug = &logRun{}
		f.pure = f.pure && number == 0 // of an excerpt nobody knows what was cut off: an attempt before, a notice
	}
	f.debug.add(place, number, level, text, whole)
}

// unfolds adds a line to the one before it, which a terminal broke.
func (f *file) unfolds(before fold, place int, s string, width int) bool {
	if _, _, _, ok := heading(s); ok || before.width < 60 {
		return false
	}
	if before.log {
		joined, ok := unfold(f.debug.held, before.width, s)
		if ok {
			f.debug.held, f.fold = joined, fold{place: place, width: width, log: true}
		}
		return ok
	}
	if before.run == nil || len(before.run.lines) == 0 {
		return false
	}
	last := &before.run.lines[len(before.run.lines)-1]
	joined, ok := unfold(last.Text, before.width, s)
	if ok {
		last.Text, before.run.last = joined, place
		f.fold = fold{place: place, width: width, run: before.run}
	}
	return ok
}

// npm files a line of npm's own. again says that it is a quotation.
func (f *file) npm(place int, stream, level, text string, again bool) {
	f.ended()
	r := f.runs[stream]
	if r != nil && (r.over(level, text) || r.failed && place-r.last > around && level == "error" || r.again != again) {
		f.endRun(stream)
		r = nil
	}
	if r == nil {
		r = f.begin(stream)
		r.again = again
	}
	r.add(place, level, text)
}

// mostStreams bounds how many runs are read at once.
const mostStreams = 64

// begin begins a run; where there are too many, the one that was silent longest ends.
func (f *file) begin(stream string) *run {
	if len(f.runs) == mostStreams {
		oldest := ""
		for name, r := range f.runs {
			if f.runs[oldest] == nil || r.last < f.runs[oldest].last {
				oldest = name
			}
		}
		f.endRun(oldest)
	}
	r := &run{command: f.typed}
	f.runs[stream] = r
	return r
}

// quoted files the lines of a quotation: npm's, and what others said in one.
func (f *file) quoted(place int, parts []string) {
	for _, p := range parts {
		if _, level, text, ok := heading(p); ok {
			f.npm(place, quoted, level, text, true)
		}
	}
}
