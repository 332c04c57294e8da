package logs

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"safepublish/classify/transcript"
)

// What stands before the words of a program in a saved log: times, the names of
// steps and services, and the commands of CI services.

// linePrefix is one form of it; first are the characters that it may begin with. What
// the first group matches, and what follows it, stays.
type linePrefix struct {
	first string
	form  *regexp.Regexp
}

const logWords = `(?:silly|verbose|info|http|notice|warn|error|timing)`

var linePrefixes = []linePrefix{
	// gh run view --log: job, step and time, by tabs
	{"", regexp.MustCompile(`^[^\t]{1,120}\t[^\t]{1,120}\t\x{feff}?(\d{4}-)`)},
	// GitHub Actions, GitLab (with stream and continuation mark), Jenkins, docker logs -t, ISO 8601 in general
	{"0123456789[\xef", regexp.MustCompile(`^\x{feff}?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?` +
		`(?: \d\d[OE](?:[+ ]|$)| std(?:out|err) [FP] |\s\|?\s?|$)()`)},
	// semantic-release, TeamCity; Jenkins' timestamper
	{"[", regexp.MustCompile(`^\[\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: [AP]M)?\] ?()`)},
	{"0123456789", regexp.MustCompile(`^\d\d:\d\d:\d\d(?:[.,]\d{3,6})?  ?()`)},
	// the numbers of lines, as a viewer shows them
	{" 0123456789", regexp.MustCompile(`^ *\d{1,6} [|│] ()`)},
	// BuildKit: step and seconds
	{"#", regexp.MustCompile(`^#\d+ \d+\.\d+ ()`)},
	// GitHub's and Azure's raw commands, and GitHub's as a program writes them
	{"#", regexp.MustCompile(`^##\[(?:error|warning|group|command|debug|section)\]()`)},
	{":", regexp.MustCompile(`^::(?:error|warning|notice|group|debug)(?: [^:]*(?::[^:]+)*)?::()`)},
	// PowerShell, of the first line that a program writes to stderr
	{"n", regexp.MustCompile(`^npm(?:\.cmd|\.ps1)? : ()`)},
	// GitLab's folding marks
	{"s", regexp.MustCompile(`^section_(?:start|end):\d+:[\w.-]+(?:\[[^\]]*\])?()`)},
	// a debug log within a quotation
	{">", regexp.MustCompile(`^(?:> ?)+(\d+ ` + logWords + ` )`)},
}

// undresser takes off what a CI service or a runner of scripts put before a line. A
// file has the same before most of its lines, but for the digits.
type undresser struct{ last string }

func (u *undresser) undress(s string) string {
	if n := len(u.last); n > 0 && len(s) > n && alikeButDigits(s[:n], u.last) {
		s = s[n:]
	}
	whole := s
	for again := true; again; {
		again = false
		for i := range linePrefixes {
			p := &linePrefixes[i]
			if s == "" || p.first == "" && !strings.Contains(s, "\t") || p.first != "" && strings.IndexByte(p.first, s[0]) < 0 {
				continue
			}
			if m := p.form.FindStringSubmatchIndex(s); m != nil && m[1] > 0 {
				if s == whole && s[0] >= '0' && s[0] <= '9' {
					u.last = s[:m[2]]
				}
				s, again = s[m[2]:], true
			}
		}
	}
	return s
}

func alikeButDigits(a, b string) bool {
	for i := range len(a) {
		if a[i] != b[i] && (!digit(a[i]) || !digit(b[i])) {
			return false
		}
	}
	return true
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

// longestLabel bounds what may stand before npm's heading, in bytes.
const longestLabel = 480

// heading finds npm's heading and level in a line. stream is what stands before it
// ("web:publish:"), by which the lines of several programs that write at once are
// told apart; text is the line from the heading on.
func heading(s string) (stream, level, text string, ok bool) {
	for from := 0; from < longestLabel; {
		i := strings.Index(s[from:], "npm ")
		if i < 0 {
			break
		}
		at := from + i
		word, _, _ := strings.Cut(s[at+4:], " ")
		if level = transcript.Level(word); level != "" && isLabel(s[:at]) {
			stream, text = parted(s, at)
			return stream, level, text, true
		}
		from = at + 4
	}
	return "", "", "", false
}

// parted parts a line before npm's heading.
func parted(s string, at int) (stream, text string) {
	if asked := strings.Index(s[:at], "Enter OTP:"); asked >= 0 { // npm 6 and 8 go on behind their question
		at = asked
	}
	if at == 0 {
		return "", s
	}
	stream, text = strings.TrimSpace(s[:at]), s[at:]
	if strings.HasSuffix(stream, "'") || strings.HasSuffix(stream, `"`) || strings.HasSuffix(stream, "`") {
		return quoted, text
	}
	if timed(stream) {
		stream = strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return '0'
			}
			return r
		}, stream)
	}
	return stream, text
}

// isLabel tells what may stand before npm's heading: nothing, or something that ends
// as the name of a step, a service or a package does, or as a quotation begins.
func isLabel(before string) bool {
	label := strings.TrimRight(before, " \t")
	if label == "" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(label)
	if strings.ContainsRune(":|]>)│┃'\"`([{›»✖✘×✗⨯•$*-", last) {
		return true
	}
	words := strings.Fields(label)
	n := len(words)
	switch strings.ToLower(strings.TrimLeft(words[n-1], "([")) {
	case "error", "err!", "stderr", "stdout", "nx":
		return label != before
	}
	return label != before && n > 1 && strings.HasSuffix(words[n-2], "ERR!")
}

// timed tells a time in a form that is not known, which differs from line to line of one
// stream: a colon between digits, or many digits.
func timed(s string) bool {
	run := 0
	for i := range len(s) {
		if run++; !digit(s[i]) {
			run = 0
		}
		if run == 9 || s[i] == ':' && i > 0 && i+1 < len(s) && digit(s[i-1]) && digit(s[i+1]) {
			return true
		}
	}
	return false
}

// quoted is the stream of what other programs quote of npm's words.
const quoted = "quoted"

// named is a label that tells by its form alone that it is one: turbo's and
// docker compose's, pnpm's and lerna's.
var named = regexp.MustCompile(`^(?:[@\w./-]{1,100}:[\w:.-]{1,60}:|[\w.-]{1,60} +\||[\w./@-]{1,100} [\w:-]{1,60}(?:\$|:)|` +
	`\[[@\w./:-]{1,100}\]:?|[|│┃])\s+`)

// bareLabel tells whether a line is a label alone, with an empty line behind it.
func bareLabel(s string) bool { return named.FindString(s+" ") == s+" " }

// folded are the widths at which terminals and CI services break lines.
var folded = []int{72, 80, 100, 120, 132, 160}

// mostFolded bounds what is joined to one line, in bytes.
const mostFolded = 4096

// unfold joins what stands on the next line to a line that a terminal or a mail
// program broke: at the very column, at the blank before a word that would not have
// fit, or before an address that npm's sentence lacks.
func unfold(line string, width int, next string) (string, bool) {
	if len(line) > mostFolded {
		return "", false
	}
	word, _, _ := strings.Cut(next, " ")
	if strings.HasPrefix(next, "http") && (strings.HasSuffix(line, " - GET") || strings.HasSuffix(line, " - PUT")) {
		return line + " " + next, true
	}
	for _, w := range folded {
		switch {
		case width == w && strings.TrimSpace(next) != "":
			return line + next, true
		case width < w && width >= 60 && word != "" && width > w-40 && width+1+utf8.RuneCountInString(word) > w:
			return line + " " + next, true
		}
	}
	return "", false
}

// wordByte tells what a word is made of.
func wordByte(c byte) bool { return c == '_' || digit(c) || letter(c) }
