package logs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/transcript"
)

// What npm prints without its heading: questions, the names of scripts, what it
// published, JSON, and the errors of its arguments.

var (
	asks = regexp.MustCompile(`^(?:Enter OTP: ?|This operation requires a one-time password\.$|Press ENTER to open in the browser|Authenticate your account at:$|Open this URL in your browser to authenticate:$)`)
	// as transcript's: npm 12's argument errors, a misspelt command, npm 6 with an unset variable
	bareOf = regexp.MustCompile(`^(?:Exit prior to config file resolving$|Unknown command: "|.*Failed to replace env in config: |Invalid abbreviated flag |Usage: npm <command>$)`)
)

// beside files a line without npm's heading.
func (f *file) beside(place int, s string) {
	stream, text := f.relabel(s)
	switch {
	case f.take > 0 && f.runs[stream] != nil:
		f.take--
		f.runs[stream].add(place, "", text)
	case f.inDocument(place, stream, text):
	case bannerOf.MatchString(text):
		f.openRun(place, stream, text)
		f.after = place + 1
	case asks.MatchString(text):
		f.openRun(place, stream, text)
		f.take = 1
	case bareOf.MatchString(text):
		f.openRun(place, stream, text)
		f.runs[stream].failed = true
		f.take = 2
	case f.plus(place, stream, text):
	case f.compact(place, stream, text):
	case f.told(place, s):
	default:
		if name, ok := command(text); ok {
			if r := f.runs[""]; r != nil && r.failed && !r.banner {
				f.endRun("")
			}
			f.typed, f.dry = name, strings.Contains(text, "--dry-run")
		}
	}
}

// remarkOf is what PowerShell puts around the first line that a program writes to stderr.
var remarkOf = regexp.MustCompile(`^At .+:\d+ char:\d+$|^\s*\+ (?:CategoryInfo|FullyQualifiedErrorId) +: |^\s*\+ +~+$`)

func (f *file) remark(place int, s string) bool {
	if !remarkOf.MatchString(s) {
		return false
	}
	f.after = place + 1
	return true
}

// relabel parts a label from a line that has one of those that npm's lines had, or
// that its form alone tells.
func (f *file) relabel(s string) (stream, text string) {
	for known := range f.runs {
		if len(known) > len(stream) && strings.HasPrefix(s, known) {
			stream = known
		}
	}
	if stream != "" {
		return stream, strings.TrimPrefix(s[len(stream):], " ")
	}
	if m := named.FindString(s); m != "" {
		if rest := s[len(m):]; bannerOf.MatchString(rest) || plusOf.MatchString(rest) || rest == "{" || asks.MatchString(rest) {
			return strings.TrimSpace(m), rest
		}
	}
	return "", s
}

// openRun files a line with which npm may begin.
func (f *file) openRun(place int, stream, text string) {
	f.ended()
	if r := f.runs[stream]; r != nil && r.failed && !r.banner && !asks.MatchString(text) {
		f.endRun(stream)
	}
	r := f.runs[stream]
	if r == nil {
		r = f.begin(stream)
	}
	r.add(place, "", text)
}

// plus files "+ name@version", npm's and other clients' word for a success.
func (f *file) plus(place int, stream, text string) bool {
	m := plusOf.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	r := f.runs[stream]
	if !f.dry && (r == nil || !r.dry) {
		f.succeed(m[1], m[2], place)
	}
	if r != nil {
		r.add(place, "", text)
	}
	return true
}

// document is a JSON document that npm prints with --json: from a line "{" to a
// line "}".
type document struct {
	first int
	lines []string
}

const longestDocument = 300

func (f *file) inDocument(place int, stream, text string) bool {
	d := f.docs[stream]
	switch {
	case text == "{":
		f.docs[stream] = &document{first: place, lines: []string{text}}
		return true
	case d == nil:
		return false
	case len(d.lines) == longestDocument:
		delete(f.docs, stream)
		return false
	}
	d.lines = append(d.lines, text)
	if text == "}" {
		delete(f.docs, stream)
		f.document(stream, d.first, d.lines)
	}
	return true
}

// compact files a JSON document that stands on one line.
func (f *file) compact(place int, stream, text string) bool {
	i := strings.Index(text, `{"error":{`)
	if i < 0 {
		return false
	}
	end := strings.LastIndexByte(text, '}')
	if end < i || !gjson.Valid(text[i:end+1]) {
		return false
	}
	var b bytes.Buffer
	if json.Indent(&b, []byte(text[i:end+1]), "", "  ") != nil {
		return false
	}
	f.document(stream, place, strings.Split(b.String(), "\n"))
	return true
}

// document files npm's word on a failure as JSON; it ends the run.
func (f *file) document(stream string, first int, lines []string) {
	doc := strings.Join(lines, "\n")
	if !gjson.Valid(doc) || !gjson.Get(doc, "error").IsObject() {
		return
	}
	if !gjson.Get(doc, "error.summary").Exists() && !gjson.Get(doc, "error.code").Exists() {
		return
	}
	if r := f.runs[stream]; r != nil && r.failed && r.trailed {
		f.endRun(stream)
	}
	r := f.runs[stream]
	if r == nil {
		r = f.begin(stream)
	}
	r.again = r.again || !r.failed // npm prints its lines too, on another stream
	for _, l := range lines {
		r.lines = append(r.lines, transcript.Line{From: fmt.Sprintf("line:%d", first), Text: l})
	}
	if r.first == 0 {
		r.first = first
	}
	r.last = f.src.number
	f.endRun(stream)
}
