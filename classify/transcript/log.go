package transcript

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// parseLog returns the lines of a debug log. pure tells that there was at least
// one, that nothing else stood between them and that their numbers never fall.
func parseLog(log []byte) (lines []Line, pure bool) {
	pure, last := true, 0
	for raw := range bytes.Lines(log) {
		n, level, text, ok := LogLine(strings.TrimRight(string(raw), "\r\n"))
		if !ok {
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
