package logs

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/transcript"
)

// mostLines bounds what is kept of one run, in lines. What says nothing of a publish is
// not kept at all; what remains is seldom more than forty. What has a code or an upload
// is kept beyond it.
const mostLines = 200

// run is one run of npm as a saved log shows it: the lines of one stream.
type run struct {
	lines       []transcript.Line
	first, last int     // lines of the file
	typed       command // as the log shows it
	script      string  // the script of the package that npm announced, and has not gone on since
	failed      bool    // there was an error line that is more than a pointer to a log
	coded, said bool    // there was a code line, and one that is more than that
	put         string  // the address of the upload that an error line tells of
	trailed     bool    // npm pointed to its log, which it does last
	dry         bool    // npm said that it only pretends
	open        int     // until this line of the file a reason may follow without npm's heading
}

// unreasoned is an answer whose reason, if there is one, stands on the next lines.
var unreasoned = regexp.MustCompile(`^(?:[45]\d\d )+[A-Z][A-Za-z ]+(?: - (?:PUT|POST|GET) \S+)?$`)

// add keeps a line of the run, if it may say something of a publish.
func (r *run) add(place int, level, text string) {
	said := saidOf(level, text)
	form := transcript.FormOf(level, said)
	if form == transcript.File || wordless(level, said) {
		return
	}
	if r.last = place; r.first == 0 {
		r.first = place
	}
	if n := len(r.lines); n > 0 && r.lines[n-1].Text == text {
		return
	}
	switch {
	case form == transcript.Trailer:
		r.trailed = r.failed
	case level == "error" && said != "":
		r.failed = true
		r.coded, r.said = r.coded || form == transcript.Code, r.said || form != transcript.Code
		r.put = cmp.Or(putIn(said), r.put)
		if digit(said[0]) && strings.Count(said, " - ") < 2 && unreasoned.MatchString(said) {
			r.open = place + 2
		}
	case form == transcript.Packing || form == transcript.Sending:
		r.script = ""
		r.dry = r.dry || strings.HasSuffix(text, " (dry-run)")
	default:
		if _, script, ok := transcript.Banner(text); ok {
			r.script = script
		}
	}
	telling := form != transcript.Plain && form != transcript.Listing || putIn(said) != ""
	if n := len(r.lines); n < mostLines/2 || n < mostLines && level == "error" || n < 4*mostLines && telling {
		r.lines = append(r.lines, transcript.Line{From: from(place), Text: text})
	}
}

func from(place int) string { return "line:" + strconv.Itoa(place) }

// saidOf returns what a line says behind npm's heading and its level.
func saidOf(level, text string) string {
	if level == "" {
		return text
	}
	_, text, _ = strings.Cut(text, " ")
	_, text, _ = strings.Cut(text, " ")
	return text
}

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

// wordless tells the lines, of which there may be thousands, that say nothing of a
// publish: nothing with a code, a status or an upload is among them.
func wordless(level, text string) bool {
	switch level {
	case "silly", "timing", "info", "verbose":
		return !containsAny(text, "oidc", "http", "using npm")
	case "http":
		get := strings.Contains(text, "GET ") && !containsAny(text, "GET 4", "GET 5")
		return get || containsAny(text[:min(len(text), 6)], "cache ", "200 ", "304 ")
	case "warn":
		return !containsAny(text, "publish", "config", "logged in", "oidc")
	}
	return false
}

// over tells whether a line begins another run than this one: npm says nothing after
// it pointed to its log, has one "code" line for each failure, and packs before it
// fails. What fails within a script of the package is that script's, as long as npm
// goes on with the package, and no upload was refused.
func (r *run) over(level, text string) bool {
	if !r.failed {
		return false
	}
	said := saidOf(level, text)
	put := ""
	if level == "error" {
		put = putIn(said)
	}
	switch form := transcript.FormOf(level, said); {
	case form == transcript.Trailer:
		return false
	case form == transcript.Packing || form == transcript.Sending:
		return r.put != "" || r.trailed && r.script == ""
	case put != "" && r.put != "" && put != r.put: // another npm writes to the same screen
		return true
	case form == transcript.Code && r.coded && r.said:
		return r.script == "" || r.put != ""
	}
	return r.trailed && !wordless(level, said)
}

// reasons tells whether a line without npm's heading goes on with what npm just said:
// the registry's sentence, which npm up to 10 prints as it came, line ends included.
func (r *run) reasons(place int, text string) bool {
	if r.open < place || len(text) > 400 {
		return false
	}
	t := strings.TrimLeft(text, " \t")
	sentence := t != "" && (letter(t[0]) || strings.IndexByte(`"-{`, t[0]) >= 0)
	return sentence && !strings.HasPrefix(t, "at ") && !strings.HasPrefix(t, "Error: Process")
}

func containsAny(s string, words ...string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// question returns the last line by which npm asked.
func (r *run) question() (transcript.Line, bool) {
	for i := len(r.lines) - 1; i >= 0; i-- {
		if transcript.Asks(r.lines[i].Text) {
			return r.lines[i], true
		}
	}
	return transcript.Line{}, false
}

// debugLog is a debug log, or a part of one, in a file.
type debugLog struct {
	text        strings.Builder
	held        string // the last line, to which a folded one may be added; "" for one that is not kept
	typed       command
	errors      int  // bytes of error lines
	telling     bool // one of them has a code or an upload
	count       int
	number      int
	first, last int
}

// argvOf finds npm's command among its arguments; npm 6 names node and itself first.
var argvOf = regexp.MustCompile(`^argv (?:"[^"]*[/\\][^"]*" )*("[a-z].*)$`)

// What is kept of a debug log is bounded, in bytes: npm's errors come last, behind
// whatever it did.
const (
	mostLog    = 8 << 20
	mostErrors = 1 << 20
)

func (l *debugLog) add(place, number int, level, text, whole string) {
	l.flush()
	if l.count++; l.first == 0 {
		l.first = place
	}
	l.last, l.number = place, number
	if strings.HasPrefix(text, "argv ") {
		if m := argvOf.FindStringSubmatch(text); m != nil {
			l.typed, _ = commandOf("npm " + m[1])
		}
	}
	if transcript.Wordless(level+" "+text) || l.text.Len() > mostLog && level != "error" {
		return
	}
	if level == "error" {
		l.telling = l.telling || strings.HasPrefix(text, "code E") || putIn(text) != ""
		if l.errors += len(whole); l.errors > mostErrors {
			return
		}
	}
	l.held = whole
}

func (l *debugLog) flush() {
	if l.held != "" {
		l.text.WriteString(l.held + "\n")
		l.held = ""
	}
}
