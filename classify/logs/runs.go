package logs

import (
	"slices"
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// The runs of npm that a file shows, one for each label: how one begins, what belongs
// to it, and what becomes of it when it ends.

// mostRuns bounds how many runs are read at once.
const mostRuns = 64

// addToRun files a line with npm's heading.
func (rd *reader) addToRun(place int, label string, w npmWords) {
	about := rd.about(place, label)
	rd.endReport()
	r := rd.runs[label]
	if r != nil && r.endsBefore(w) {
		rd.endRun(label)
		r = nil
	}
	if r == nil {
		r = rd.newRun(label)
		r.about = about
	}
	if w.level == "notice" && strings.HasPrefix(w.said, "Log in on ") {
		rd.typed = command{verb: "login", place: place}
		r.typed = rd.typed
	}
	r.add(place, w)
}

// mostBetween is how many lines of a tool's may stand between what it says of a package
// and npm's block that it shows for it.
const mostBetween = 15

// about returns the package that a tool tells of where this line of npm's begins: the
// one that it announced, or that of the failure within which it shows npm's lines.
func (rd *reader) about(place int, label string) announced {
	r := rd.report
	switch {
	case r != nil && r.said.Name != "" && r.mark != "" && r.mark == label && place-r.place.last <= mostBetween:
		return announced{name: r.said.Name, version: r.said.Version}
	case label == "":
		return rd.announced
	}
	return announced{}
}

// newRun begins a run. Where there are too many, all others end.
func (rd *reader) newRun(label string) *run {
	if len(rd.runs) == mostRuns {
		for other := range rd.runs {
			rd.endRun(other)
		}
	}
	r := &run{typed: rd.typed, mentioned: rd.mentioned}
	if verb := verbIn(rd.mentioned); label == fragmented && verb != "" && verb != "publish" { // a person says what printed it
		r.typed.verb = verb
	}
	rd.runs[label] = r
	return r
}

// openRun files a line with which npm may begin.
func (rd *reader) openRun(place int, label, text string) *run {
	rd.endReport()
	r := rd.runs[label]
	if r != nil && r.failed && (r.script == "" || r.put != "") && !transcript.Asks(text) {
		rd.endRun(label)
		r = nil
	}
	if r == nil {
		r = rd.newRun(label)
	}
	r.add(place, wordsOf("", text))
	return r
}

// plus files "+ name@version", npm's and other clients' word for a success.
func (rd *reader) plus(place int, label, name, version, text string) {
	rd.endReport()
	r := rd.runs[label]
	switch {
	case r == nil || !r.failed:
	case r.wentOn(place):
		delete(rd.runs, label)
		r = nil
	default:
		rd.endRun(label)
		r = nil
	}
	if rd.announced.name == name {
		rd.announced = announced{}
	}
	if !rd.typed.dryRun && (r == nil || !r.dry) {
		rd.succeed(name, version, place)
	}
	if r != nil {
		r.add(place, wordsOf("", text))
		r.over = true
	}
}

// wentOn tells that the "+" on this line belongs to a run that shows an error: npm up to 5
// logs some that do not end it ("registry error parsing json").
func (r *run) wentOn(place int) bool {
	return !r.coded && r.put == "" && place-r.place.last == 1 && strings.Contains(r.lines[len(r.lines)-1].Text, "npm ERR! ")
}

// endRun files what a run tells, if it failed.
func (rd *reader) endRun(label string) {
	r := rd.runs[label]
	delete(rd.runs, label)
	if len(r.lines) == 0 || rd.full(publish) {
		return
	}
	text := r.typed.verb + r.about.name + textOf(r.lines)
	if rd.toldAlready(text, r.place.last) {
		return
	}
	t := transcript.ReadShown(r.lines)
	unanswered := t.Prompted && label == "" && rd.lines.number-r.place.last < 5 // the text ends with npm's question
	inScript := rd.endedInScript(&t, r)
	if !t.Failed && !unanswered && !findAnswer(&t, r.typed) {
		return
	}
	if len(t.Message) == 0 {
		t.Message = lastQuestion(r.lines)
	}
	if r.typed.verb == "publish" && r.typed.spec == "" { // the command names no folder, so it was that of the command
		t.Cwd = folderOf(t.Message)
	}
	x := failure{t: t, place: r.place, rank: byNPM, kind: kindOf(t, r.typed, r.script), command: r.typed.verb}
	if inScript && x.kind == publish {
		x.kind = unclear // whoever tells of it, tells more
	}
	x.t.Lines = append(x.t.Lines, rd.hints...)
	r.name(&x)
	if r.counts(label, &x) {
		rd.find(x, text)
	}
}

// name gives a failure that does not name its package the one that a tool tells of.
func (r *run) name(x *failure) {
	if x.t.Last().Name != "" || r.about.name == "" {
		return
	}
	x.cut = !r.trailed
	if x.kind == unclear {
		x.kind = publish
	}
	fillName(&x.t, transcript.Transcript{Packages: []transcript.Package{{Name: r.about.name, Version: r.about.version}}})
}

// counts tells whether a failure with this label is one, and sets how much it tells.
func (r *run) counts(label string, x *failure) bool {
	switch label {
	case quoted:
		x.rank = byTool
		return x.kind != unclear
	case fragmented:
		x.rank = byTool
		if !r.worded {
			x.rank = byWord
		}
		if x.kind == unclear {
			x.kind = kindOfVerb(verbIn(r.mentioned))
		}
		return x.kind != unclear // else it is a word of a manual for all that is known
	}
	return true
}

// lastQuestion returns the last line by which npm asked.
func lastQuestion(lines []transcript.Line) []transcript.Line {
	for i := len(lines) - 1; i >= 0; i-- {
		if transcript.Asks(lines[i].Text) {
			return lines[i : i+1]
		}
	}
	return nil
}

// missingManifest is the manifest that npm did not find.
var missingManifest = pattern.New(`^path (.*[/\\])package\.json$`)

func folderOf(message []transcript.Line) string {
	for _, l := range message {
		if m := missingManifest.FindStringSubmatch(l.Text); m != nil {
			return m[1]
		}
	}
	return ""
}

// findAnswer finds a failure in a run without error lines whose upload was refused all
// the same: those who cut a log down often keep the line of the answer alone.
func findAnswer(t *transcript.Transcript, typed command) bool {
	if spec := specMissing(t, typed); spec.Text != "" {
		t.Failed, t.Message, t.Code = true, []transcript.Line{spec}, "E404"
		return true
	}
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

// specMissing returns the answer by which the registry does not have what npm was told to
// publish; the zero Line where npm went on.
func specMissing(t *transcript.Transcript, typed command) (found transcript.Line) {
	if c, ok := commandOf(t.Title); ok {
		typed = c
	}
	if typed.verb != "publish" || typed.spec == "" || slices.ContainsFunc(t.Lines, packs) {
		return found
	}
	name := typed.spec
	if i := strings.LastIndexByte(name, '@'); i > 0 {
		name = name[:i]
	}
	for _, l := range t.Lines {
		m := askedInVain.FindStringSubmatch(l.Text)
		if m == nil {
			continue
		}
		if address := m[1] + m[2]; strings.EqualFold(transcript.PackageOf(address), name) {
			found = transcript.Line{From: l.From, Level: "error", Text: "404 Not Found - GET " + address}
		}
	}
	return found
}

// askedInVain is a document that npm asked for and that is not there.
var askedInVain = pattern.New(`^fetch GET 404 (\S+)|404 Not Found - GET (\S+)`)

func textOf(lines []transcript.Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Text + "\n")
	}
	return b.String()
}
