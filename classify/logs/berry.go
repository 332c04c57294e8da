package logs

import (
	"cmp"
	"regexp"
	"strings"
)

// yarn 2 and later, plugin-npm/sources/npmHttpUtils.ts and core/sources/httpUtils.ts.
var (
	berryLine   = regexp.MustCompile(`^(?:\[(` + pkg + `)\]: |.{0,60}?)\S{0,3} ?YN(\d{4}): (.*)$`)
	berryNested = regexp.MustCompile(`^[│┌└ ]*\S{0,3} ?YN(\d{4}): (.*)$`) // yarn in a script of yarn's
	berryPart   = regexp.MustCompile(`^[│┌└ ]*  ([A-Z][\w ]+?) *: +(.*)$`)
	berryOTP    = regexp.MustCompile(`requires additional authentication|OTP token`)
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
	for nested := berryNested.FindStringSubmatch(m[3]); nested != nil; nested = berryNested.FindStringSubmatch(m[3]) {
		m[2], m[3] = nested[1], nested[2]
	}
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
