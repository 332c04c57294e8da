package logs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/transcript"
)

// Failures that take several lines: yarn 2 and later, pnpm 12, nx, and what
// changesets and bun print below their first line.

// pending is a failure of which more lines may come.
type pending struct {
	told        transcript.Told
	kind        kind
	first, last int
	more        int    // how many lines more may belong to it
	form        string // "berry", "pnpm", "nx", "http"; "" for a sentence of the table
	code        string // pnpm's own, until its message has come
}

var (
	// yarn 2 and later, plugin-npm/sources/npmHttpUtils.ts and core/sources/httpUtils.ts;
	// workspaces foreach puts the name before it
	berryLine = regexp.MustCompile(`^(?:\[(?P<name>[^\]]+)\]: )?(?:➤|\S{1,3}) YN(\d{4}): (.*)$`)
	berryPart = regexp.MustCompile(`^[│┌└ ]*(Response Code|Request Method|Request URL) *: +(.*)$`)
	berryOTP  = regexp.MustCompile(`requires additional authentication|OTP token`)
	berryCode = map[string]string{"0033": "ENEEDAUTH", "0041": "E401"}
	// pnpm 12: the code, an empty line, the message folded at 80 columns
	pnpmCode = regexp.MustCompile(`^(?:Error: |\s*)(ERR_PNPM_[A-Z_]+)$`)
	pnpmPart = regexp.MustCompile(`^\s+[×│] (.*)$`)
	// nx, release-publish.impl.js: summary and detail of npm's JSON
	nxHead   = regexp.MustCompile(`^npm publish error:$`)
	notFound = regexp.MustCompile(`^Not Found - (?:PUT|POST) `)
	// the registry's sentence on a line of its own, below the address (pnpm 11)
	sentenceOf = regexp.MustCompile(`^(?:[A-Z][a-z]|")[^{}()]{10,300}$`)
	// what stands before each line of changesets' and of bun's messages
	mark = regexp.MustCompile(`^(?:🦋\s+error\s+| - |\s*Details:|\s*\{)`)
)

// begins files the first line of a failure of several.
func (f *file) begins(place int, s string) bool {
	if m := berryLine.FindStringSubmatch(s); m != nil {
		f.ended()
		f.berry(place, m[1], m[2], strings.Trim(m[3], "│┌└ "))
		return true
	}
	if m := pnpmCode.FindStringSubmatch(s); m != nil {
		f.ended()
		f.other = pending{form: "pnpm", code: m[1], first: place, last: place, more: 30}
		return true
	}
	if i := strings.Index(s, `{"time":`); i >= 0 && strings.Contains(s, `"ERR_PNPM_`) { // pnpm's ndjson reporter
		if code, said := gjson.Get(s[i:], "code").String(), gjson.Get(s[i:], "message").String(); code != "" && said != "" {
			return f.told(place, code+"  "+said)
		}
	}
	if nxHead.MatchString(s) {
		f.ended()
		f.other = pending{form: "nx", kind: publish, first: place, last: place, more: 20}
		return true
	}
	return false
}

// berry begins a failure of yarn's. Its codes are told without a status: 0041 hides
// every 401, and in yarn 2.0 every 403 as well.
func (f *file) berry(place int, name, code, text string) {
	if strings.HasPrefix(text, "Publishing to http") {
		f.near = near{name: name}
		f.typed = "publish"
	}
	if code != "0035" && berryCode[code] == "" {
		return
	}
	k := other
	switch f.typed {
	case "publish":
		k = publish
	case "":
		k = unclear
	}
	d := transcript.Told{Name: name, Code: berryCode[code], Lines: []transcript.Line{line(place, text)}}
	if berryOTP.MatchString(text) {
		d.Code = "EOTP"
	}
	f.other = pending{told: d, kind: k, first: place, last: place, form: "berry", more: 5}
}

// goesOn adds a line to the failure that has more of them.
func (f *file) goesOn(place int, s string) bool {
	p := &f.other
	if p.more == 0 {
		return false
	}
	taken := false
	switch p.form {
	case "berry":
		if m := berryLine.FindStringSubmatch(s); m != nil {
			if part := berryPart.FindStringSubmatch(m[3]); part != nil {
				p.part(part[1], part[2])
				taken = true
			}
		}
	case "pnpm":
		if m := pnpmPart.FindStringSubmatch(s); m != nil {
			p.code = p.code + " " + strings.TrimSpace(m[1])
			taken = true
		}
	case "http":
		if taken = sentenceOf.MatchString(s); taken {
			p.told.Lines = append(p.told.Lines, line(place, s))
		}
	case "nx":
		p.told.Lines = append(p.told.Lines, line(place, s))
		taken = true
	default:
		if m := mark.FindString(s); m != "" {
			p.told.Lines = append(p.told.Lines, line(place, strings.TrimSpace(s[len(m):])))
			taken = true
		}
	}
	if !taken {
		p.more = 0
		return false
	}
	p.more--
	p.last = place
	return true
}

// blank is told of an empty line, which ends what nx prints.
func (f *file) blank() {
	switch f.other.form {
	case "nx":
		f.ended()
	case "":
		f.other.more = max(0, f.other.more-1)
	}
}

func (p *pending) part(key, value string) {
	d := &p.told
	word, _, _ := strings.Cut(value, " ")
	switch key {
	case "Response Code":
		d.Status, _ = strconv.Atoi(word)
		d.Code = first(d.Code, fmt.Sprintf("E%d", d.Status))
	case "Request Method":
		d.Method = word
		p.kind = other
		if word == "PUT" {
			p.kind = publish
		}
	case "Request URL":
		d.URL = word
	}
}

// ended files the failure that was being read.
func (f *file) ended() {
	p := f.other
	f.other = pending{}
	switch {
	case p.first == 0 || p.form == "nx" && len(p.told.Lines) == 0:
		return
	case p.form == "pnpm":
		f.pnpm(p)
		return
	case p.form == "nx":
		p.nx()
	}
	f.near.fill(&p.told)
	f.near = near{}
	t := p.told.Transcript()
	if ofOther.MatchString(words(t)) {
		p.kind = other
	}
	f.find(failure{t: t, first: p.first, last: p.last, again: true, kind: p.kind})
}

// pnpm reads the message of pnpm 12, unfolded, as one line of the table.
func (f *file) pnpm(p pending) {
	for _, c := range sentences {
		if m := c.says.FindStringSubmatch(p.code); m != nil {
			f.other = pending{told: c.told(p.first, m), kind: c.kind, first: p.first, last: p.last}
			f.ended()
			return
		}
	}
}

// nx takes status and code from the lines that nx prints of npm's answer.
func (p *pending) nx() {
	for _, l := range p.told.Lines {
		m := httpLine.FindStringSubmatch(l.Text)
		switch {
		case m != nil:
			p.told.Status, _ = strconv.Atoi(m[1])
			p.told.Method, p.told.URL = m[2], m[3]
		case notFound.MatchString(l.Text):
			p.told.Status = 404
			f := strings.Fields(l.Text)
			p.told.Method, p.told.URL = f[3], f[4]
		case strings.Contains(l.Text, "one-time password"):
			p.told.Code = "EOTP"
		}
	}
	if p.told.Status != 0 {
		p.told.Code = fmt.Sprintf("E%d", p.told.Status)
	}
}

var httpLine = regexp.MustCompile(`^(\d{3}) .*? - (PUT|POST) (\S+)`)
