package logs

import "strings"

// refusal is npm-registry-fetch's sentence, which every tool on top of npm passes on:
// "403 Forbidden - PUT https://… - reason".
type refusal struct {
	status            int
	method, url, text string
	bare              bool // no reason stands behind the address
}

// refusalIn finds such a sentence in a line.
func refusalIn(s string) (r refusal, ok bool) {
	at := strings.Index(s, " - PUT http")
	if at < 0 {
		at = strings.Index(s, " - POST http")
	}
	if at < 0 {
		return refusal{}, false
	}
	var rest string
	r.method, rest, _ = strings.Cut(s[at+3:], " ")
	end := len(s)
	if i := strings.IndexAny(rest, " \t\"'"); i >= 0 {
		end -= len(rest) - i
	}
	r.url = s[len(s)-len(rest) : end]
	r.bare = !strings.HasPrefix(s[end:], " - ")
	start := -1
	for i := at - 4; i >= max(0, at-170) && start < 0; i-- {
		if s[i+3] == ' ' && statusOf(s[i:i+3]) != 0 && (i == 0 || !isWord(s[i-1]) || s[i-1] == 'E') {
			start, r.status = i, statusOf(s[i:i+3])
		}
	}
	if start < 0 && strings.HasSuffix(s[:at], "Not Found") { // npm leaves the number out of a 404 (npm 7 to 12, lib/utils/error-message.js)
		start, r.status = at-len("Not Found"), 404
	}
	if start < 0 {
		return refusal{}, false
	}
	if r.text = s[start:end]; !r.bare {
		r.text = closed(s[start:])
	}
	return r, true
}

// statusOf returns the status of a refusal that three digits stand for, 0 for none.
func statusOf(s string) int {
	if len(s) != 3 || s[0] != '4' && s[0] != '5' || !digit(s[1]) || !digit(s[2]) {
		return 0
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
}

// closed takes off the end of a quotation whose beginning is not in the text.
func closed(text string) string {
	cut := strings.TrimRight(text, " +,)}")
	if cut == "" || cut == text && !strings.ContainsAny(text[len(text)-1:], `'"`) {
		return text
	}
	quote := cut[len(cut)-1:]
	if !strings.ContainsAny(quote, `'"`) || strings.Count(cut, quote)%2 == 0 {
		return text
	}
	return cut[:len(cut)-1]
}
