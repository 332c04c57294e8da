package logs

import (
	"regexp"
	"strconv"
	"strings"
)

// quotation tells a line that quotes npm's lines as a string of JavaScript or JSON,
// line ends escaped: the error object of a program that ran npm, printed whole
// (execa, node's util.inspect), or a workflow command (%0A).
var quotation = regexp.MustCompile(`(?:\\n|%0A)[^a-zA-Z0-9]{0,40}npm (?:ERR!|error) ` +
	"|^[^a-zA-Z]{0,40}['\"`]npm (?:ERR!|error|notice|WARN|warn|http) .*\\\\n['\"`]" +
	"|(?:std(?:err|out)|message)[\"']?: ['\"`]npm (?:ERR!|error|notice|WARN|warn|http) .*\\\\n")

var (
	escapes  = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)|%0A|%0D|%25`)
	unquoted = regexp.MustCompile("['\"`](?: \\+|,|\\)|\\})?\\s*$")
)

// unescape returns the lines of a quotation, nil where s is none.
func unescape(s string) []string {
	if !strings.Contains(s, "npm ") || !strings.Contains(s, `\n`) && !strings.Contains(s, "%0A") || !quotation.MatchString(s) {
		return nil
	}
	plain := escapes.ReplaceAllStringFunc(s, func(e string) string {
		switch e[1] {
		case 'n', '0':
			if e == "%0D" {
				return ""
			}
			return "\n"
		case 'u', 'x':
			n, err := strconv.ParseUint(e[2:], 16, 32)
			if err != nil {
				return e[1:]
			}
			return string(rune(n))
		case 'r', 't', 'e', 'b':
			return " "
		case '2':
			return "%"
		}
		return e[1:]
	})
	var lines []string
	for line := range strings.SplitSeq(plain, "\n") {
		lines = append(lines, drawn([]byte(unquoted.ReplaceAllString(line, ""))))
	}
	return lines
}
