package logs

import (
	"cmp"
	"strings"

	"safepublish/classify/pattern"
)

// yarn 2 and later, plugin-npm/sources/npmHttpUtils.ts and core/sources/httpUtils.ts.
var (
	berryLine   = pattern.New(`^(?:\[(` + pkg + `)\]: |.{0,60}?)\S{0,3} ?YN(\d{4}): (.*)$`)
	berryNested = pattern.New(`^[│┌└ ]*\S{0,3} ?YN(\d{4}): (.*)$`) // yarn in a script of yarn's
	berryPart   = pattern.New(`^[│┌└ ]*  ([A-Z][\w ]+?) *: +(.*)$`)
	berryOTP    = pattern.New(`requires additional authentication|OTP token`)
	// berryCode are its codes for a failure, which are told without a status: 0041 hides
	// every 401, and in yarn 2.0 every 403 as well.
	berryCode = map[string]string{"0001": "", "0033": "ENEEDAUTH", "0035": "", "0041": "E401"}
)

// berry reads a line of yarn's, "➤ YN0035: …"; workspaces foreach puts the package's
// name before it.
func (rd *reader) berry(l line) bool {
	m := berryLine.FindStringSubmatch(l.text)
	if m == nil {
		return false
	}
	m[2], m[3] = unnested(m[2], m[3])
	name, text := m[1], strings.Trim(m[3], "│┌└ ")
	code, failed := berryCode[m[2]]
	if part := berryPart.FindStringSubmatch(m[3]); failed && part != nil && rd.report != nil && rd.report.layout == asBerry {
		rd.report.berryPart(part[1], part[2])
		rd.report.place.last = l.place
		return true
	}
	switch {
	case strings.HasPrefix(text, "Publishing to http"), text == "package.json" && rd.typed.verb != "pack": // one of the files that it packs
		rd.endReport()
		rd.announced, rd.typed = announced{name: name}, command{verb: "publish", place: l.place}
	case strings.HasPrefix(text, "Package archive published"):
		rd.endReport()
		rd.succeed(name, "", l.place)
	case rd.berryUsage(l.place, name, text):
	case strings.HasSuffix(text, " step"): // of an installation
		rd.typed = command{verb: "install", place: l.place}
	case !failed || rd.full(publish):
		return m[2] == "0000"
	default:
		r := rd.begin(l.place, kindOfVerb(rd.typed.verb), text)
		r.said.Name, r.said.Code = name, code
		if berryOTP.MatchString(text) {
			r.said.Code = "EOTP"
		}
		r.layout = asBerry
	}
	return true
}

// unnested takes off what an outer yarn put before the line of an inner one.
func unnested(code, text string) (string, string) {
	for m := berryNested.FindStringSubmatch(text); m != nil; m = berryNested.FindStringSubmatch(text) {
		code, text = m[1], m[2]
	}
	return code, text
}

// berryUsage files what yarn refuses before it does anything; its report has no code for
// that.
func (rd *reader) berryUsage(place int, name, text string) bool {
	if !strings.Contains(text, "Usage Error: ") || !rd.match(newLine(place, text)) {
		return false
	}
	if rd.report != nil && name != "" {
		rd.report.said.Name = name
	}
	return true
}

// berryPart takes what yarn says of the request.
func (r *report) berryPart(key, value string) {
	word, _, _ := strings.Cut(value, " ")
	switch key {
	case "Response Code":
		r.said.Status = statusOf(word)
		r.said.Code = cmp.Or(r.said.Code, "E"+word)
	case "Request Method":
		r.said.Method, r.kind = word, other
		if word == "PUT" {
			r.kind = publish
		}
	case "Request URL":
		r.said.URL = word
	}
}
