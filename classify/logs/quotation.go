package logs

import (
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// Lines of npm's that another program quotes, as a string of JavaScript or JSON, line
// ends escaped: the error object of a program that ran npm, printed whole (execa, node's
// util.inspect), or a workflow command (%0A).

var unescaped = strings.NewReplacer(`\n`, "\n", "%0A", "\n", `\r`, " ", "%0D", "", "%25", "%", `\t`, " ", `\b`, " ", `\e`, " ",
	`\\`, `\`, `\'`, "'", `\"`, `"`, "\\`", "`", `\u001b`, "\x1b", `\u001B`, "\x1b", `\x1b`, "\x1b", `\x1B`, "\x1b", `\x07`, "")

// quotationEnd is the end of a string, and what follows it.
var quotationEnd = pattern.New("['\"`](?: \\+|,|\\)|\\})?\\s*$")

// unescape returns the lines of a quotation, nil where s is none.
func unescape(s string) []string {
	if !containsAny(s, `\n`, "%0A") || !quotesNPM.MatchString(s) {
		return nil
	}
	lines := strings.Split(unescaped.Replace(s), "\n")
	for i, line := range lines {
		if i == len(lines)-1 { // before it a quote is a part of what is quoted
			line = quotationEnd.ReplaceAllString(line, "")
		}
		lines[i] = transcript.Drawn(line)
	}
	return lines
}

// quotesNPM finds npm's heading in a string that has escaped line ends: right behind
// one, or at the beginning of a string that a line begins with or that is called stdout,
// stderr or message.
var quotesNPM = pattern.New("(?:(?:\\\\n?|%0A)\\W{0,60}|(?:^|(?:stderr|stdout|message).*)\\W{0,60}['\"`])" +
	`npm (?:ERR!|WARN|error|warn|notice|http|info|verb|verbose|sill|silly|timing)(?: |$)`)
