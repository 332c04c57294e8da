package logs

import (
	"regexp"

	"safepublish/classify/transcript"
)

// stackOf is where npm at --loglevel verbose tells the failure first; those who cut a
// log down often keep that line alone.
var stackOf = regexp.MustCompile(`^npm verb(?:ose)? stack .*\d{3} .* - (?:PUT|POST) https?:`)

func (f *file) end() {
	f.ended()
	f.endLog()
	for stream := range f.runs {
		f.endRun(stream)
	}
}

func (f *file) endRun(stream string) {
	r := f.runs[stream]
	delete(f.runs, stream)
	if len(f.found) == mostFound {
		return
	}
	t := transcript.ReadShown(r.lines)
	unanswered := t.Prompted && stream == "" && f.src.number-r.last < 5 // the text ends with npm's question
	if !t.Failed && !unanswered {
		f.stack(r)
		return
	}
	if len(t.Message) == 0 && unanswered {
		t.Message = []transcript.Line{r.question()}
	}
	k := kindOf(t, r.command)
	if stream == quoted && k == unclear {
		return
	}
	f.find(failure{t: t, first: r.first, last: r.last, again: r.again, kind: k})
}

// stack files what a run without error lines says of its failure.
func (f *file) stack(r *run) {
	for _, l := range r.lines {
		if stackOf.MatchString(l.Text) && len(plusOf.FindStringSubmatch(r.lines[len(r.lines)-1].Text)) == 0 {
			f.told(r.last, l.Text)
			f.ended()
			return
		}
	}
}

func (f *file) endLog() {
	l := f.debug
	f.debug = nil
	if l == nil || l.count < 3 { // fewer may be anything that starts with a number
		return
	}
	l.flush()
	t := transcript.ReadLog([]byte(l.text.String()), f.pure)
	switch p := t.Last(); {
	case t.Failed || t.Prompted:
		f.find(failure{t: t, first: l.first, last: l.last, log: true, kind: kindOf(t, l.command)})
	case t.Exit == 0 && p.Upload.State == transcript.Accepted:
		f.succeed(p.Name, p.Version, l.last)
	}
}
