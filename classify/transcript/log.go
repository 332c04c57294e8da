package transcript

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"safepublish/classify/pattern"
)

// readLog takes the lines of a debug log, and what they tell of the whole run. Each is
// replayed, for npm 6 and 8 log what a server sent as it came, escapes included (npm 10.3
// and later write "^[").
func (t *Transcript) readLog(log []byte) {
	for raw := range bytes.Lines(log) {
		if n, level, text, ok := LogLine(strings.TrimRight(string(raw), "\r\n")); ok {
			t.Lines = append(t.Lines, Line{From: "log:" + strconv.Itoa(n), Level: level, Text: Drawn(text)})
		}
	}
	for _, l := range t.Lines {
		switch {
		case l.Level == "info" && usingNPM.MatchString(l.Text):
			t.NPM = usingNPM.FindStringSubmatch(l.Text)[1]
		case l.Level == "verbose":
			t.verbose(l.Text)
		}
	}
}

var (
	usingNPM = pattern.New(`^using npm@(\S+)$`)
	npmIs    = pattern.New(`^npm +v(\d\S*)$`)
	exitCode = pattern.New(`^(?:exit|code) (?:\[ )?(-?\d+)`)
)

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

// longLine bounds one line of a debug log in bytes. What is longer is cut there.
const longLine = 64 << 10

// Wordless tells a line of a debug log, from its level on, that says nothing of a
// publish: what npm did with a tree, what it read without a failure, the files of
// the packing list. What it says of OIDC counts, at any level.
func Wordless(said string) bool {
	return wordless.MatchString(said) && !strings.Contains(said, "oidc")
}

var wordless = pattern.New(`^(?:silly|timing|http (?:cache|fetch GET 2\d\d)|notice +[\d.]+ ?[kMG]?B) `)

// Sift passes on the lines of a debug log that Read needs, which are next to nothing
// of one of a hundred megabytes.
func Sift(log io.Reader, keep func(line []byte)) error {
	in := bufio.NewReaderSize(log, longLine)
	for inside := false; ; {
		line, err := in.ReadSlice('\n')
		cut := errors.Is(err, bufio.ErrBufferFull)
		_, said, _ := bytes.Cut(line[:min(len(line), 200)], []byte(" "))
		if !inside && len(line) > 0 && !Wordless(string(said)) {
			keep(line)
			if cut {
				keep([]byte("\n"))
			}
		}
		inside = cut
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !cut:
			return err
		}
	}
}

// Publishes tells whether a debug log is of npm publish, by its first lines.
func Publishes(head []byte) bool { return publishTitle.Match(head) }

// RanIn returns the folder that npm ran in, which it says only where it failed; ""
// where a log does not say.
func RanIn(log []byte) string {
	all := loggedCwd.FindAllSubmatch(log, -1)
	if len(all) == 0 {
		return ""
	}
	return string(bytes.TrimRight(all[len(all)-1][1], "\r"))
}

var (
	publishTitle = pattern.New(`(?m)^\d+ verbose title npm (stage )?pu`) // npm pub and npm publ are publish
	loggedCwd    = pattern.New(`(?m)^\d+ verbose cwd (.+)$`)
)
