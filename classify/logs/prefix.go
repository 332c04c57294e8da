package logs

import (
	"strings"

	"safepublish/classify/pattern"
)

// What stands before the words of a program in a saved log: times, the names of
// steps and services, and the commands of CI services.

// linePrefix is one form of it; first are the characters that it may begin with. What
// the first group matches, and what follows it, stays.
type linePrefix struct {
	first string
	form  *pattern.Pattern
}

const logWords = `(?:silly|verbose|info|http|notice|warn|error|timing)`

var linePrefixes = []linePrefix{
	// gh run view --log: job, step and time, by tabs
	{"", pattern.New(`^[^\t]{1,120}\t[^\t]{1,120}\t\x{feff}?(\d{4}-)`)},
	// GitHub Actions, GitLab (with stream and continuation mark), Jenkins, docker logs -t, ISO 8601 in general
	{"0123456789[\xef", pattern.New(`^\x{feff}?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?` +
		`(?: \d\d[OE](?:[+ ]|$)| std(?:out|err) [FP] |\s\|?\s?|$)()`)},
	// semantic-release, TeamCity; Jenkins' timestamper
	{"[", pattern.New(`^\[\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: [AP]M)?\] ?()`)},
	{"0123456789", pattern.New(`^\d\d:\d\d:\d\d(?:[.,]\d{3,6})?  ?()`)},
	// the numbers of lines, as a viewer shows them
	{" 0123456789", pattern.New(`^ *\d{1,6} [|│] ()`)},
	// BuildKit: step and seconds
	{"#", pattern.New(`^#\d+ \d+\.\d+ ()`)},
	// GitHub's and Azure's raw commands, and GitHub's as a program writes them
	{"#", pattern.New(`^##\[(?:error|warning|group|command|debug|section)\]()`)},
	{":", pattern.New(`^::(?:error|warning|notice|group|debug)(?: [^:]*(?::[^:]+)*)?::()`)},
	// PowerShell, of the first line that a program writes to stderr
	{"n", pattern.New(`^npm(?:\.cmd|\.ps1)? : ()`)},
	// GitLab's folding marks
	{"s", pattern.New(`^section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?()`)},
	// a debug log within a quotation
	{">", pattern.New(`^(?:> ?)+(\d+ ` + logWords + ` )`)},
}

// prefixes takes off what a CI service or a runner of scripts put before a line. A
// file has the same before most of its lines, but for the digits: the last one is
// tried first, so that a line which is indented behind a time keeps its indent (bun's
// reasons) and one behind a time with two blanks does not get one.
type prefixes struct{ last string }

func (ps *prefixes) strip(s string) string {
	if n := len(ps.last); n > 0 && len(s) > n && alikeButDigits(s[:n], ps.last) {
		s = s[n:]
	}
	for first := true; ; first = false {
		end, found := prefixEnd(s)
		if !found {
			return s
		}
		if first && digit(s[0]) {
			ps.last = s[:end]
		}
		s = s[end:]
	}
}

// prefixEnd tells where the prefix of a line ends.
func prefixEnd(s string) (end int, found bool) {
	if s == "" {
		return 0, false
	}
	for _, p := range linePrefixes {
		if p.first == "" && !strings.Contains(s, "\t") || p.first != "" && strings.IndexByte(p.first, s[0]) < 0 {
			continue
		}
		if m := p.form.FindStringSubmatchIndex(s); m != nil {
			return m[2], true
		}
	}
	return 0, false
}

func alikeButDigits(a, b string) bool {
	for i := range len(a) {
		if a[i] != b[i] && (!digit(a[i]) || !digit(b[i])) {
			return false
		}
	}
	return true
}
