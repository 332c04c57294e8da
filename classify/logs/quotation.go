package logs

import (
	"regexp"
	"strings"

	"safepublish/classify/transcript"
)

// Lines of npm's that another program quotes, as a string of JavaScript or JSON, line
// ends escaped: the error object of a program that ran npm, printed whole (execa, node's
// util.inspect), or a workflow command (%0A).

var unescaped = strings.NewReplacer(`\n`, "\n", "%0A", "\n", `\r`, " ", "%0D", "", "%25", "%", `\t`, " ", `\b`, " ", `\e`, " ",
	`\\`, `\`, `\'`, "'", `\"`, `"`, "\\`", "`", `\u001b`, "\x1b", `\u001B`, "\x1b", `\x1b`, "\x1b", `\x1B`, "\x1b", `\x07`, "")

// quotationEnd is the end of a string, and what follows it.
var quotationEnd = regexp.MustCompile("['\"`](?: \\+|,|\\)|\\})?\\s*$")

// unescape returns the lines of a quotation, nil where s is none.
func unescape(s string) []string {
	if !containsAny(s, `\n`, "%0A") || !quotes(s) {
		return nil
	}
	lines := strings.Split(unescaped.Replace(s), "\n")
	for i, line := range lines {
		if i == len(lines)-1 { // before it a quote is a part of what is quoted
			line = quotationEnd.ReplaceAllString(line, "")
		}
		lines[i] = drawn([]byte(line))
	}
	return lines
}

// quotes tells whether npm's heading stands in a string that has escaped line ends:
// right behind one, or at the beginning of a string that a line begins with or that is
// called stdout, stderr or message.
func quotes(s string) bool {
	for rest, at := s, 0; ; {
		i := strings.Index(rest, "npm ")
		if i < 0 {
			return false
		}
		at += i
		rest = rest[i+4:]
		word, _, _ := strings.Cut(rest, " ")
		before := strings.TrimRightFunc(s[:at], func(r rune) bool { return r > 'z' || !isWord(byte(r)) })
		marks := s[len(before):at]
		at += 4
		if transcript.Level(word) == "" || len(marks) > 60 {
			continue
		}
		before = strings.TrimSuffix(before, "n")
		switch {
		case strings.HasSuffix(before, `\`) || strings.HasSuffix(before, "%0A"):
			return true
		case marks == "" || !strings.ContainsAny(marks[len(marks)-1:], "'\"`"):
		case before == "" || containsAny(before, "stderr", "stdout", "message"):
			return true
		}
	}
}
