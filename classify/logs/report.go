package logs

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// What another client or a tool says of one failure, of which more lines may come:
// yarn 2 and later, pnpm 12, nx and npm's --json take several lines, and so do the
// messages that changesets, lerna and bun quote.

// report is such a failure.
type report struct {
	said   transcript.ClientReport
	kind   kind
	rank   rank
	place  span
	more   int // how many lines more may belong to it
	layout layout
	mark   string // what the tool puts before each line, "" for nothing
	text   string // pnpm 12's message and npm's JSON, as far as they have come
}

// layout is how a report is spread over lines.
type layout int

const (
	asTable layout = iota // as a form of the table says
	asBerry               // yarn 2 and later: a line for each part
	asPnpm                // pnpm 12: the code, an empty line, the message folded at 80 columns
	asNX                  // nx: lines up to an empty one
	asJSON                // npm --json: a document
	oneMore               // the registry's sentence on a line of its own, below the address (pnpm 11)
)

var (
	pnpmCode = pattern.New(`^(?:Error: |\s*)(ERR_PNPM_[A-Z_]+)$`)
	pnpmPart = pattern.New(`^\s+[×│] (.*)$`)
	reasonOf = pattern.New(`^(?:[A-Z][a-z]|"|\s+- )[^{}()]{10,300}$`)
	// what stands before each line of changesets' and of bun's messages, and of lerna's body
	quoteMark = pattern.New(`^(?:🦋\s+error\s+| - |\s*Details:|\s*\{|lerna ERR! )`)
)

// begin notes a failure that begins with this line.
func (rd *reader) begin(place int, k kind, text string) *report {
	rd.endReport()
	rd.report = &report{kind: k, rank: byTool, place: span{place, place}}
	if text != "" {
		rd.report.said.Lines = []transcript.Line{errorLine(place, text)}
	}
	return rd.report
}

// expect says that more lines may belong to the report.
func (rd *reader) expect(as layout, more int) {
	rd.report.layout, rd.report.more = as, more
	rd.lines.want(more)
}

// startReport reads the first line of a failure of several lines.
func (rd *reader) startReport(l line) bool {
	if !l.has(isBerry | isNX | isJSON | isPnpm) {
		return false
	}
	text := strings.TrimSpace(l.text)
	switch {
	case l.has(isBerry):
		return rd.berry(l)
	case l.has(isNX) && text == "npm publish error:":
		rd.begin(l.place, unclear, "")
		rd.expect(asNX, 20)
	case l.has(isJSON) && text == `"error": {`: // as npm --json prints it
		rd.begin(l.place, unclear, "").text = "{" + l.text
		rd.expect(asJSON, 100)
	case l.has(isPnpm):
		return rd.pnpm(l)
	default:
		return false
	}
	return true
}

// pnpm reads the first line of pnpm 12's error, and the one line of its ndjson reporter.
func (rd *reader) pnpm(l line) bool {
	if p := pnpmCode.FindStringSubmatch(l.text); p != nil {
		rd.begin(l.place, unclear, "").text = p[1]
		rd.expect(asPnpm, 30)
		return true
	}
	i := strings.Index(l.text, `{"time":`)
	if i < 0 {
		return false
	}
	entry := l.text[i:]
	return rd.match(newLine(l.place, gjson.Get(entry, "code").String()+"  "+gjson.Get(entry, "message").String()))
}

// continueReport adds a line to the failure that has more of them.
func (rd *reader) continueReport(l line) bool {
	r := rd.report
	if r == nil || r.more == 0 {
		return false
	}
	said, ok := r.take(l.text)
	if !ok {
		r.more = 0
		return false
	}
	if said != "" {
		r.said.Lines = append(r.said.Lines, errorLine(l.place, said))
	}
	r.more--
	r.place.last = l.place
	return true
}

// take takes one line more, and returns what it says for itself.
func (r *report) take(s string) (said string, ok bool) {
	switch r.layout {
	case asPnpm:
		m := pnpmPart.FindStringSubmatch(s)
		if m != nil {
			r.text += " " + strings.TrimSpace(m[1])
		}
		return "", m != nil
	case asJSON:
		r.text += "\n" + s
		if t := strings.TrimSpace(s); t == "}" || t == "}," {
			r.more = 1
		}
		return "", true
	case asNX:
		return s, true
	case oneMore:
		return strings.TrimLeft(s, " -"), reasonOf.MatchString(s)
	}
	mark := quoteMark.FindString(s)
	return strings.TrimSpace(s[len(mark):]), mark != ""
}

// endReport files the failure that was being read.
func (rd *reader) endReport() {
	r := rd.report
	if r == nil {
		return
	}
	rd.report = nil
	switch r.layout {
	case asNX:
		r.kind = publish
	case asPnpm: // unfolded, it is as on one line
		if rd.match(newLine(r.place.first, r.text)) {
			rd.endReport()
		}
		return
	case asJSON:
		r.readJSON()
	}
	if len(r.said.Lines) == 0 {
		return
	}
	r.complete()
	rd.announced.fill(&r.said)
	if r.rank != byWord {
		rd.announced = announced{}
	}
	rd.fileReport(r)
}

// readJSON reads npm's document, or what there is of it.
func (r *report) readJSON() {
	text := strings.TrimRight(r.text, ", \n")
	if !gjson.Valid(text) {
		text += "\n}"
	}
	if !gjson.Valid(text) {
		return
	}
	e := gjson.Get(text, "error")
	r.said.Code = e.Get("code").String()
	for s := range strings.SplitSeq(e.Get("summary").String()+"\n"+e.Get("detail").String(), "\n") {
		if s != "" {
			r.said.Lines = append(r.said.Lines, errorLine(r.place.first, s))
		}
	}
}

// complete takes from the words what the client did not say in a form of its own: the
// address, the status and the code.
func (r *report) complete() {
	d := &r.said
	for _, l := range d.Lines {
		if said, ok := refusalIn(l.Text); ok && d.URL == "" {
			d.Method, d.URL, r.kind = said.method, said.url, publish
			d.Status = cmp.Or(d.Status, said.status)
		}
	}
	for i := 0; i < len(d.Lines) && d.Status == 0 && d.Code == ""; i++ {
		if s := findSentence(d.Lines[i].Text); s != nil {
			d.Code, d.Status = s.code, s.status
		}
	}
	if d.Code == "" && d.Status != 0 {
		d.Code = codeOf(d.Status)
	}
}

func codeOf(status int) string { return "E" + strconv.Itoa(status) }

func errorLine(place int, text string) transcript.Line {
	return transcript.Line{From: from(place), Level: "error", Text: strings.TrimRight(text, " ")}
}
