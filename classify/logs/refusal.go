package logs

import (
	"cmp"
	"strings"

	"safepublish/classify/pattern"
)

// refusal is npm-registry-fetch's sentence, which every tool on top of npm passes on:
// "403 Forbidden - PUT https://… - reason".
type refusal struct {
	status            int
	method, url, text string
	bare              bool // no reason stands behind the address
}

var (
	refusalForm = pattern.New(`^(?:.*(?:\W|E))?(([45]\d\d) .{0,160}- (PUT|POST) (http[^\s"']*))(.*)`)
	// npm leaves the number out of a 404 (npm 7 to 12, lib/utils/error-message.js)
	refusal404 = pattern.New(`((Not Found) - (PUT|POST) (http[^\s"']*))(.*)`)
)

// refusalIn finds such a sentence in a line.
func refusalIn(s string) (r refusal, ok bool) {
	if !containsAny(s, " - PUT http", " - POST http") {
		return refusal{}, false
	}
	m := refusalForm.FindStringSubmatch(s)
	if m == nil {
		m = refusal404.FindStringSubmatch(s)
	}
	if m == nil {
		return refusal{}, false
	}
	r = refusal{status: cmp.Or(statusOf(m[2]), 404), method: m[3], url: m[4], text: m[1], bare: !strings.HasPrefix(m[5], " - ")}
	if !r.bare {
		r.text = closed(m[1] + m[5])
	}
	return r, true
}

// statusOf returns the status of a refusal that three digits stand for, 0 for none.
func statusOf[T string | []byte](s T) int {
	if len(s) != 3 || s[0] != '4' && s[0] != '5' || !digit(s[1]) || !digit(s[2]) {
		return 0
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
}

// closed takes off the end of a quotation whose beginning is not in the text.
func closed(text string) string {
	cut := strings.TrimRight(text, " +,)}")
	quote := cut[max(0, len(cut)-1):]
	if !strings.ContainsAny(quote, `'"`) || strings.Count(cut, quote)%2 == 0 {
		return text
	}
	return cut[:len(cut)-1]
}
