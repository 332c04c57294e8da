package logs

import (
	"cmp"
	"strconv"
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// mostLines bounds what is kept of one run, in lines. What says nothing of a publish is
// not kept at all; what remains is seldom more than forty. What has a code or an upload
// is kept beyond it.
const mostLines = 200

// run is one run of npm as a saved log shows it: the lines with one label.
type run struct {
	lines         []transcript.Line
	place         span
	about         announced       // the package that a tool tells of around it, "" where none
	mentioned     string          // the last line before it that names a tool, of a fragment's
	typed         command         // as the log shows it
	script        string          // the script of the package that npm announced, and has not gone on since
	failed        bool            // there was an error line that is more than a pointer to a log
	coded, worded bool            // there was a code line, and one that is more than that
	put           string          // the address of the upload that an error line tells of
	ended         transcript.Line // a script's line that says that it failed, where npm says no more
	over          bool            // npm said "+", which it does last
	trailed       bool            // npm pointed to its log, which it does last
	dry           bool            // npm said that it only pretends
	plain         int             // how many lines without npm's heading belong to what it just said
	reasonUntil   int             // until this line of the file a reason may follow without npm's heading
}

// unreasoned is an answer whose reason, if there is one, stands on the next lines.
var unreasoned = pattern.New(`^(?:[45]\d\d )+[A-Z][A-Za-z ]+(?: - (?:PUT|POST|GET) \S+)?$`)

// npmWords are one line of npm's.
type npmWords struct {
	level string // "" for a line without npm's heading
	text  string // from the heading on
	said  string // behind heading and level
	form  transcript.Form
}

// wordsOf reads a line of npm's. What is longer than any sentence is no sentence.
func wordsOf(level, text string) npmWords {
	text = text[:min(len(text), longestJoined)]
	said := text
	if level != "" {
		_, said, _ = strings.Cut(text, " ")
		_, said, _ = strings.Cut(said, " ")
	}
	return npmWords{level, text, said, transcript.FormOf(level, said)}
}

// add keeps a line of the run, if it may say something of a publish.
func (r *run) add(place int, w npmWords) {
	if w.level == "verbose" && strings.HasPrefix(w.said, "title npm ") {
		r.typed, _ = commandOf(w.said[len("title "):])
		r.typed.place = place
	}
	if w.form == transcript.File || isNoise(w.level, w.said) {
		return
	}
	r.place.last = place
	r.place.first = cmp.Or(r.place.first, place)
	n := len(r.lines)
	if n > 0 && r.lines[n-1].Text == w.text {
		return
	}
	r.note(place, w)
	telling := w.form != transcript.Plain && w.form != transcript.Listing || putIn(w.said) != ""
	if n < mostLines/2 || n < mostLines && w.level == "error" || n < 4*mostLines && telling {
		r.lines = append(r.lines, transcript.Line{From: from(place), Text: w.text})
	}
}

// note takes from a line where the run stands.
func (r *run) note(place int, w npmWords) {
	switch {
	case w.form == transcript.Trailer:
		r.trailed = r.failed
	case w.form == transcript.Packing || w.form == transcript.Sending:
		r.script, r.over = "", false
		r.dry = r.dry || strings.HasSuffix(w.text, " (dry-run)")
	case w.level == "error" && w.said != "":
		r.failed = true
		r.coded, r.worded = r.coded || w.form == transcript.Code, r.worded || w.form != transcript.Code
		r.put = cmp.Or(putIn(w.said), r.put)
		if unreasoned.MatchString(w.said) {
			r.reasonUntil = place + 2
		}
	default:
		if _, script, ok := transcript.Banner(w.text); ok {
			r.script = script
		}
	}
}

// addReason adds a line of the registry's sentence as if npm's heading stood before it.
func (r *run) addReason(place int, text string) {
	r.add(place, wordsOf("error", "npm error "+strings.TrimSpace(text)))
	r.reasonUntil = place + 1
}

// isReason tells whether a line without npm's heading goes on with what npm just said:
// the registry's sentence, which npm up to 10 prints as it came, line ends included.
func (r *run) isReason(place int, text string) bool {
	t := strings.TrimLeft(text, " \t")
	if place > r.reasonUntil || t == "" || len(text) > 400 {
		return false
	}
	return (isLetter(t[0]) || strings.IndexByte(`"-{`, t[0]) >= 0) && !strings.HasPrefix(t, "at ") && !strings.HasPrefix(t, "Error: Process")
}

// endsBefore tells whether a line begins another run than this one: npm says nothing
// after it pointed to its log, has one "code" line for each failure, and packs before it
// fails. What fails within a script of the
// package is that script's, as long as npm goes on with the package, and no upload was
// refused.
func (r *run) endsBefore(w npmWords) bool {
	if !r.failed {
		return false
	}
	switch w.form {
	case transcript.Trailer:
		return false
	case transcript.Packing, transcript.Sending:
		return r.put != "" || r.trailed && r.script == ""
	case transcript.Code:
		return r.coded && r.worded && (r.script == "" || r.put != "")
	}
	if put := putIn(w.said); w.level == "error" && put != "" && r.put != "" && put != r.put { // another npm writes to the same screen
		return true
	}
	return r.trailed && !isNoise(w.level, w.said)
}

func from(place int) string { return "line:" + strconv.Itoa(place) }

// putIn returns the address of the upload that a line tells the answer of, "" for none.
func putIn(said string) string {
	for _, method := range []string{" - PUT ", " - POST "} {
		if _, rest, ok := strings.Cut(said, method); ok {
			address, _, _ := strings.Cut(rest, " ")
			return address
		}
	}
	return ""
}

// isNoise tells the lines, of which there may be thousands, that say nothing of a
// publish: nothing with a code, a status or an upload is among them.
func isNoise(level, said string) bool {
	switch level {
	case "silly", "timing", "info", "verbose":
		return !containsAny(said, "oidc", "http", "using npm")
	case "http":
		get := strings.Contains(said, "GET ") && !containsAny(said, "GET 4", "GET 5")
		return get || containsAny(said[:min(len(said), 6)], "cache ", "200 ", "304 ")
	case "warn":
		return !containsAny(said, "publish", "config", "logged in", "oidc")
	}
	return false
}
