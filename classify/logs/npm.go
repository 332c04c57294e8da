package logs

import (
	"regexp"
	"strings"

	"safepublish/classify/transcript"
)

// The runs of npm that a file shows, one for each stream of lines: how one begins, what
// belongs to it, and what becomes of it when it ends.

// npm files a line of npm's own.
func (f *file) npm(place int, stream, level, text string) {
	f.finish()
	r := f.runs[stream]
	if r != nil && (r.over(level, text) || r.failed && place-r.last > farApart && level == "error") {
		f.endRun(stream)
		r = nil
	}
	if r == nil {
		r = f.newRun(stream)
	}
	if level == "notice" && strings.HasPrefix(saidOf(level, text), "Log in on ") {
		f.typed = command{verb: "login", place: place}
		r.typed = f.typed
	}
	r.add(place, level, text)
}

// farApart is how many lines after a failure another error line is another failure's.
const farApart = 40

// mostStreams bounds how many runs are read at once.
const mostStreams = 64

// newRun begins a run; where there are too many, the one that was silent longest ends.
func (f *file) newRun(stream string) *run {
	if len(f.runs) == mostStreams {
		oldest := ""
		for name, r := range f.runs {
			if f.runs[oldest] == nil || r.last < f.runs[oldest].last {
				oldest = name
			}
		}
		f.endRun(oldest)
	}
	r := &run{typed: f.typed}
	f.runs[stream] = r
	return r
}

// relabel parts a label from a line that has one of those that npm's lines had, or
// that its form alone tells.
func (f *file) relabel(s string, m marks) (stream, text string) {
	for known := range f.runs {
		if len(known) > len(stream) && strings.HasPrefix(s, known) {
			stream = known
		}
	}
	if stream != "" {
		return stream, strings.TrimPrefix(s[len(stream):], " ")
	}
	if m&(isAsking|isBare) == 0 && !containsAny(s, " > ", " + ") {
		return "", s
	}
	if m := named.FindString(s); m != "" {
		rest := s[len(m):]
		if _, _, ok := transcript.Plus(rest); ok || isBanner(rest) || transcript.Asks(rest) || transcript.BareError(rest) {
			return strings.TrimSpace(m), rest
		}
	}
	return "", s
}

// openRun files a line with which npm may begin.
func (f *file) openRun(place int, stream, text string) {
	f.finish()
	if r := f.runs[stream]; r != nil && r.failed && (r.script == "" || r.put != "") && !transcript.Asks(text) {
		f.endRun(stream)
	}
	r := f.runs[stream]
	if r == nil {
		r = f.newRun(stream)
	}
	r.add(place, "", text)
}

// plus files "+ name@version", npm's and other clients' word for a success.
func (f *file) plus(place int, stream, name, number, text string) {
	f.finish()
	if r := f.runs[stream]; r != nil && r.failed {
		f.endRun(stream)
	}
	r := f.runs[stream]
	if !f.typed.dryRun && (r == nil || !r.dry) {
		f.succeed(name, number, place)
	}
	if r != nil {
		r.add(place, "", text)
	}
}

// reason adds a line of the registry's sentence as if npm's heading stood before it.
func (f *file) reason(r *run, place int, text string) {
	open := place + 1
	r.add(place, "error", "npm error "+strings.TrimSpace(text))
	r.open = open
}

// manifestOf finds the manifest that npm did not find.
var manifestOf = regexp.MustCompile(`^path (.*[/\\])package\.json$`)

func (f *file) endRun(stream string) {
	r := f.runs[stream]
	delete(f.runs, stream)
	if len(r.lines) == 0 || f.full(publish) {
		return
	}
	text := r.typed.verb + textOf(r.lines)
	if f.toldAlready(text, r.last) {
		return
	}
	t := transcript.ReadShown(r.lines)
	unanswered := t.Prompted && stream == "" && f.src.number-r.last < 5 // the text ends with npm's question
	if !t.Failed && !unanswered && !answered(&t) {
		return
	}
	if asked, ok := r.question(); ok && len(t.Message) == 0 {
		t.Message = []transcript.Line{asked}
	}
	for _, l := range t.Message {
		if m := manifestOf.FindStringSubmatch(l.Text); m != nil && r.typed.verb == "publish" && !r.typed.spec {
			t.Cwd = m[1] // the command names no folder, so it is that of the command
		}
	}
	x := failure{t: t, first: r.first, last: r.last, rank: byNPM, kind: kindOf(t, r.typed, r.script), command: r.typed.verb}
	x.t.Lines = append(x.t.Lines, f.hints...)
	if stream == quoted {
		x.rank = byTool
	}
	if stream != quoted || x.kind != unclear {
		f.find(x, text)
	}
}

// answered tells a run without error lines whose upload was refused all the same: those
// who cut a log down often keep the line of the answer alone.
func answered(t *transcript.Transcript) bool {
	for i := len(t.Lines) - 1; i >= 0; i-- {
		l, u := t.Lines[i], t.Last().Upload
		_, refused := refusalIn(l.Text)
		r := report{said: transcript.ClientReport{Lines: []transcript.Line{{From: l.From, Level: "error", Text: l.Text}}}}
		switch {
		case refused && l.Level == "verbose" && strings.HasPrefix(l.Text, "stack "):
			r.complete()
			*t = r.said.Transcript()
			return true
		case l.Level == "http" && u.Status() >= 400 && u.State != transcript.Accepted && strings.Contains(l.Text, u.URL):
			t.Failed, t.Message, t.Code = true, r.said.Lines, codeOf(u.Status())
			return true
		}
	}
	return false
}

func (f *file) endLog() {
	l := f.debug
	f.debug = nil
	if l == nil || l.count < 3 && !l.telling { // fewer may be anything that starts with a number
		return
	}
	l.flush()
	t := transcript.ReadLog([]byte(l.text.String()), f.pure)
	switch p := t.Last(); {
	case t.Failed || t.Prompted || answered(&t):
		f.find(failure{t: t, first: l.first, last: l.last, rank: byLog, kind: kindOf(t, l.typed, ""), command: l.typed.verb}, "")
	case t.Exit == 0 && p.Upload.State == transcript.Accepted:
		f.succeed(p.Name, p.Version, l.last)
	}
}
