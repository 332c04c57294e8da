package logs

import (
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// debugLog is a debug log, or a part of one, in a file.
type debugLog struct {
	text   strings.Builder
	last   string // the last line, to which a wrapped one may be added; "" for one that is not kept
	typed  command
	errors int // bytes of error lines
	count  int // of lines
	number int // npm's own, of the last line
	place  span
}

// argvOf finds npm's command among its arguments; npm 6 names node and itself first.
var argvOf = pattern.New(`^argv (?:"[^"]*[/\\][^"]*" )*("[a-z].*)$`)

// What is kept of a debug log is bounded, in bytes: npm's errors come last, behind
// whatever it did.
const (
	mostLog    = 8 << 20
	mostErrors = 1 << 20
)

func (d *debugLog) add(l line, number int, level, text string) {
	d.keepLast()
	d.count++
	d.place.last, d.number = l.place, number
	if strings.HasPrefix(text, "argv ") {
		if m := argvOf.FindStringSubmatch(text); m != nil {
			d.typed, _ = commandOf("npm " + m[1])
		}
	}
	if transcript.Wordless(level+" "+text) || d.text.Len() > mostLog && level != "error" {
		return
	}
	if level == "error" {
		if d.errors += len(l.text); d.errors > mostErrors {
			return
		}
	}
	d.last = l.text
}

func (d *debugLog) keepLast() {
	if d.last != "" {
		d.text.WriteString(d.last + "\n")
		d.last = ""
	}
}

// endLog files what the debug log tells.
func (rd *reader) endLog() {
	d := rd.debug
	rd.debug = nil
	if d == nil {
		return
	}
	d.keepLast()
	t := transcript.ReadLog([]byte(d.text.String()), rd.pure && !rd.lines.leftOut)
	switch p := t.Last(); {
	case d.count < 3 && (d.errors == 0 || !strings.HasPrefix(t.Code, "E") && p.Upload.Method == ""):
		// it may be anything that starts with a number
	case t.Failed || t.Prompted || findAnswer(&t, d.typed):
		rd.find(failure{t: t, place: d.place, rank: byLog, kind: kindOf(t, d.typed, ""), command: d.typed.verb}, "")
	case t.Exit == 0 && p.Upload.State == transcript.Accepted:
		rd.succeed(p.Name, p.Version, d.place.last)
	}
}
