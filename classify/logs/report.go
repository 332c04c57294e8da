package logs

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/transcript"
)

// What another client or a tool says of one failure, of which more lines may come:
// yarn 2 and later, pnpm 12, nx and npm's --json take several lines, and so do the
// messages that changesets, lerna and bun quote.

// report is such a failure.
type report struct {
	said        transcript.ClientReport
	kind        kind
	rank        rank
	first, last int
	more        int    // how many lines more may belong to it
	form        string // "berry", "pnpm", "nx", "json", "address"; "" for a form of the table
	text        string // pnpm 12's message and npm's JSON, as far as they have come
}

var (
	// yarn 2 and later, plugin-npm/sources/npmHttpUtils.ts and core/sources/httpUtils.ts
	berryPart = regexp.MustCompile(`^[│┌└ ]*  ([A-Z][\w ]+?) *: +(.*)$`)
	berryOTP  = regexp.MustCompile(`requires additional authentication|OTP token`)
	berryCode = map[string]string{"0001": "", "0033": "ENEEDAUTH", "0035": "", "0041": "E401"}
	// pnpm 12: the code, an empty line, the message folded at 80 columns
	pnpmCode = regexp.MustCompile(`^(?:Error: |\s*)(ERR_PNPM_[A-Z_]+)$`)
	pnpmPart = regexp.MustCompile(`^\s+[×│] (.*)$`)
	// the registry's sentence on a line of its own, below the address (pnpm 11)
	reasonOf = regexp.MustCompile(`^(?:[A-Z][a-z]|"|\s+- )[^{}()]{10,300}$`)
	// what stands before each line of changesets' and of bun's messages, and of lerna's body
	mark     = regexp.MustCompile(`^(?:🦋\s+error\s+| - |\s*Details:|\s*\{|lerna ERR! )`)
	releases = regexp.MustCompile(`'(` + pkg + `)@(\d[^\s']*)' (?:is not in|could not be found)`)
)

// begin notes a failure that begins with this line.
func (f *file) begin(place int, k kind, text string) {
	f.finish()
	f.open = &report{kind: k, rank: byTool, first: place, last: place}
	if text != "" {
		f.open.said.Lines = []transcript.Line{errorLine(place, text)}
	}
}

// block is begin for a failure that is told in a form of its own.
func (f *file) block(place int, form, text string, more int) bool {
	f.begin(place, unclear, "")
	f.open.form, f.open.text, f.open.more = form, text, more
	return true
}

// starts reads the first line of a failure of several lines.
func (f *file) starts(place int, s string, m marks) bool {
	switch {
	case m&isBerry != 0:
		return f.berry(place, s)
	case m&isNX != 0 && strings.TrimSpace(s) == "npm publish error:":
		return f.block(place, "nx", "", 20)
	case m&isJSON != 0 && strings.TrimSpace(s) == `"error": {`: // as npm --json prints it
		return f.block(place, "json", "{"+s, 100)
	case m&isJSON != 0 && strings.Contains(s, `{"error":{`):
		f.block(place, "json", s[strings.Index(s, `{"error":{`):strings.LastIndexByte(s, '}')+1], 0)
		f.finish()
		return true
	case m&isPnpm == 0:
		return false
	}
	if p := pnpmCode.FindStringSubmatch(s); p != nil {
		return f.block(place, "pnpm", p[1], 30)
	}
	if i := strings.Index(s, `{"time":`); i >= 0 { // pnpm's ndjson reporter
		if code, said := gjson.Get(s[i:], "code").String(), gjson.Get(s[i:], "message").String(); code != "" && said != "" {
			said = code + "  " + said
			return f.match(place, said, literals.scan([]byte(said)))
		}
	}
	return false
}

// berry reads a line of yarn 2 and later, "➤ YN0035: …"; workspaces foreach puts the
// package's name before it. Its codes are told without a status: 0041 hides every 401,
// and in yarn 2.0 every 403 as well.
func (f *file) berry(place int, s string) bool {
	head, rest, _ := strings.Cut(s, "YN")
	code, text, ok := strings.Cut(rest, ": ")
	if !ok || len(code) != 4 || len(head) > 120 {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(head, "["), "]: ")
	if !strings.HasPrefix(head, "[") {
		name = ""
	}
	hides, failed := berryCode[code]
	if part := berryPart.FindStringSubmatch(text); failed && part != nil && f.open != nil && f.open.form == "berry" {
		f.open.part(part[1], part[2])
		f.open.last = place
		return true
	}
	text = strings.Trim(text, "│┌└ ")
	switch {
	case strings.HasPrefix(text, "Publishing to http"):
		f.finish()
		f.near, f.typed = near{name: name}, command{verb: "publish", place: place}
	case strings.HasPrefix(text, "Package archive published"):
		f.finish()
		f.succeed(name, "", place)
	case strings.HasSuffix(text, " step"): // of an installation
		f.typed = command{verb: "install", place: place}
	case !failed || f.full(publish):
		return code == "0000"
	default:
		f.begin(place, kindOfVerb(f.typed.verb), text)
		f.open.form, f.open.more, f.open.said.Name, f.open.said.Code = "berry", 12, name, hides
		if berryOTP.MatchString(text) {
			f.open.said.Code = "EOTP"
		}
	}
	return true
}

func (r *report) part(key, value string) {
	d := &r.said
	word, _, _ := strings.Cut(value, " ")
	switch key {
	case "Response Code":
		d.Status = statusOf(word)
		d.Code = cmp.Or(d.Code, "E"+word)
	case "Request Method":
		d.Method, r.kind = word, other
		if word == "PUT" {
			r.kind = publish
		}
	case "Request URL":
		d.URL = word
	}
}

// goesOn adds a line to the failure that has more of them.
func (f *file) goesOn(place int, s string) bool {
	r := f.open
	if r == nil || r.more == 0 {
		return false
	}
	said, taken := "", true
	switch r.form {
	case "berry": // what follows that is not yarn's own is a stack
		taken = strings.HasPrefix(s, "    at ")
	case "pnpm":
		m := pnpmPart.FindStringSubmatch(s)
		if taken = m != nil; taken {
			r.text += " " + strings.TrimSpace(m[1])
		}
	case "json":
		r.text += "\n" + s
		if t := strings.TrimSpace(s); t == "}" || t == "}," {
			r.more = 1
		}
	case "nx":
		said = s
	case "address":
		if taken = reasonOf.MatchString(s); taken {
			said = strings.TrimLeft(s, " -")
		}
	default:
		m := mark.FindString(s)
		if taken = m != ""; taken {
			said = strings.TrimSpace(s[len(m):])
		}
	}
	if !taken {
		r.more = 0
		return false
	}
	if said != "" {
		r.said.Lines = append(r.said.Lines, errorLine(place, said))
	}
	r.more--
	r.last = place
	return true
}

// blank is told of an empty line, which ends what nx prints.
func (f *file) blank() {
	switch r := f.open; {
	case r == nil:
	case r.form == "nx" && len(r.said.Lines) > 0:
		f.finish()
	case r.form == "":
		r.more = max(0, r.more-1)
	}
}

// finish files the failure that was being read.
func (f *file) finish() {
	r := f.open
	if r == nil {
		return
	}
	f.open = nil
	switch r.form {
	case "nx":
		r.kind = publish
	case "pnpm": // unfolded, it is as on one line
		if f.match(r.first, r.text, literals.scan([]byte(r.text))) {
			f.finish()
		}
		return
	case "json":
		r.json()
	}
	if len(r.said.Lines) == 0 {
		return
	}
	r.complete()
	f.near.fill(&r.said)
	if r.rank != byWord {
		f.near = near{}
	}
	f.report(r)
}

// json reads npm's document, or what there is of it.
func (r *report) json() {
	text := strings.TrimRight(r.text, ", \n")
	if !gjson.Valid(text) {
		text += "\n}"
	}
	if e := gjson.Get(text, "error"); gjson.Valid(text) && (e.Get("summary").Exists() || e.Get("code").Exists()) {
		r.said.Code = e.Get("code").String()
		for s := range strings.SplitSeq(e.Get("summary").String()+"\n"+e.Get("detail").String(), "\n") {
			if s != "" {
				r.said.Lines = append(r.said.Lines, errorLine(r.first, s))
			}
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
			if d.Status == 0 {
				d.Status = said.status
			}
		}
		if m := releases.FindStringSubmatch(l.Text); m != nil {
			d.Name, d.Version = cmp.Or(d.Name, m[1]), cmp.Or(d.Version, m[2])
		}
	}
	for i := 0; i < len(d.Lines) && d.Status == 0 && d.Code == ""; i++ {
		if said := refused(d.Lines[i].Text); said != nil {
			d.Code, d.Status = said.code, said.status
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
