package transcript

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strings"
)

// longLine bounds one line of a debug log in bytes. What is longer is cut there.
const longLine = 64 << 10

// Wordless tells a line of a debug log, from its level on, that says nothing of a
// publish: what npm did with a tree, what it read without a failure, the files of
// the packing list. What it says of OIDC counts, at any level.
func Wordless(said string) bool {
	return wordless.MatchString(said) && !strings.Contains(said, "oidc")
}

var wordless = regexp.MustCompile(`^(?:silly|timing|http (?:cache|fetch GET 2\d\d)|notice +[\d.]+ ?[kMG]?B) `)

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
func Publishes(head []byte) bool {
	return publishTitle.Match(head) || !anyTitle.Match(head) && npm6Command.Match(head)
}

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
	publishTitle = regexp.MustCompile(`(?m)^\d+ verbose title npm (stage )?pu`) // npm pub and npm publ are publish
	anyTitle     = regexp.MustCompile(`(?m)^\d+ verbose title `)
	npm6Command  = regexp.MustCompile(`(?m)^\d+ verbose cli \[`)
	loggedCwd    = regexp.MustCompile(`(?m)^\d+ verbose cwd (.+)$`)
)
