package transcript

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// logLine parts one line of a debug log: "36 error code E403". A message of
// several lines repeats its number (npm 6 to 12, lib/utils/log-file.js). number
// is -1 where it is none.
func logLine(s string) (number int, level, text string) {
	n, rest, _ := strings.Cut(s, " ")
	level, text, _ = strings.Cut(rest, " ")
	number, err := strconv.Atoi(n)
	if err != nil || n[0] < '0' || n[0] > '9' || levels[level] != level || level == "" {
		return -1, "", ""
	}
	return number, level, text
}

// parseLog returns the lines of a debug log. pure tells that there was at least
// one, that nothing else stood between them and that their numbers never fall.
func parseLog(log []byte) (lines []Line, pure bool) {
	pure, last := true, 0
	for raw := range bytes.Lines(log) {
		n, level, text := logLine(strings.TrimRight(string(raw), "\r\n"))
		if n < 0 {
			pure = pure && len(bytes.TrimSpace(raw)) == 0
			continue
		}
		pure = pure && n >= last
		last = n
		lines = append(lines, Line{From: "log:" + strconv.Itoa(n), Level: level, Text: plain(text)})
	}
	return lines, pure && len(lines) > 0
}

// plain replays one line, for npm 6 and 8 log what a server sent as it came,
// escapes included (npm 10.3 and later write "^[").
func plain(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 }) >= 0 {
		text = strings.Join(Replay([]byte(text)), " ")
	}
	return strings.TrimRight(text, " ")
}

var (
	usingNPM = regexp.MustCompile(`^using npm@(\S+)$`)
	npmIs    = regexp.MustCompile(`^npm +v(\d\S*)$`)
	exitCode = regexp.MustCompile(`^(?:exit|code) (?:\[ )?(-?\d+)`)
)

// facts takes from a log what its verbose lines tell of the whole run.
func (t *Transcript) facts() {
	for _, l := range t.Lines {
		switch {
		case l.Level == "info" && usingNPM.MatchString(l.Text):
			t.NPM = usingNPM.FindStringSubmatch(l.Text)[1]
		case l.Level == "verbose":
			t.verbose(l.Text)
		}
	}
}

func (t *Transcript) verbose(text string) {
	key, value, _ := strings.Cut(text, " ")
	switch {
	case key == "title" && strings.HasPrefix(value, "npm "):
		t.Title = value
	case key == "pkgid":
		t.PkgID = value
	case key == "cwd":
		t.Cwd = value
	case t.NPM == "" && npmIs.MatchString(text):
		t.NPM = npmIs.FindStringSubmatch(text)[1]
	case exitCode.MatchString(text):
		t.ended = true
		if t.Exit < 0 {
			n, _ := strconv.Atoi(exitCode.FindStringSubmatch(text)[1])
			t.Exit = n & 255 // npm logs an errno as it is: -2 ends with 254
		}
	}
}
