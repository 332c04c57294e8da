package transcript

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
)

// longLine bounds one line of a debug log in bytes. What is longer is cut there.
const longLine = 64 << 10

// Sift passes on the lines of a debug log that Read needs: all but silly and timing
// ones, the GETs, and the files of the packing list. That is next to nothing of a
// log of a hundred megabytes, and what npm says of the publish is in it.
func Sift(log io.Reader, keep func(line []byte)) error {
	in := bufio.NewReaderSize(log, longLine)
	for inside := false; ; {
		line, err := in.ReadSlice('\n')
		cut := errors.Is(err, bufio.ErrBufferFull)
		if !inside && len(line) > 0 && !idle.Match(line[:min(len(line), 200)]) {
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

// idle matches a line of a debug log that says nothing of a publish.
var idle = regexp.MustCompile(`^\d+ (?:silly|timing|http fetch GET|http cache|notice +[\d.]+ ?[kMG]?B) `)

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
