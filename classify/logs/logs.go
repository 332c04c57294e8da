// Package logs finds failed publishes in a log that somebody saved: a debug log of
// npm's, a terminal's screen, the log of a CI service, or what a release tool or
// another client (pnpm, yarn, bun) printed. The file is read once, line by line:
//
//	line      source.go, lines.go   in UTF-8, without colours; most lines hold no literal of the grammar and are left out (scan.go)
//	text      prefix.go             what the program wrote, without times and the names of steps
//	event     reader.go             npm's own words are known to transcript; for all others there is a table (forms.go)
//	fold      run.go, debuglog.go   the lines of one run of npm, by the label before its lines, or of one debug log
//	          report.go             the lines of one failure that a tool or another client tells
//	failure   kind.go               of a publish, of another command, or unclear
//	Log       findings.go           a failure that is told twice counts once, one that succeeded later counts no more
//
// So a hundred megabytes of build output cost time and no memory. The package is
// pure: no files, no processes, no network.
package logs

import (
	"errors"
	"io"
	"maps"
	"slices"

	"safepublish/classify/transcript"
)

// Log is what a saved log shows. All lists are in the order of the file.
type Log struct {
	Failed    []transcript.Transcript // one for each package whose publish failed and did not succeed later on
	Elsewhere []Elsewhere             // failures that are no publish's: an install, a login
	Suspects  []Elsewhere             // where nothing failed: lines that look like a failed publish and are not understood
}

// Elsewhere is a line of a log: where it stands, and its words; and the command of
// npm's that failed with it, "npm init", "" where the log does not show that.
type Elsewhere struct{ From, Text, Command string }

// Read reads a saved log of any kind, in UTF-8 or UTF-16, with any line ends. Only
// a file that is one debug log and nothing else, but for times before its lines,
// is read as npm's own words beyond doubt (HasLog). It returns an error only where
// r does.
func Read(r io.Reader) (Log, error) {
	rd := newReader(r)
	for {
		l, err := rd.lines.next()
		switch {
		case errors.Is(err, io.EOF):
			rd.end()
			return rd.findings.log(), nil
		case err != nil:
			return Log{}, err
		}
		rd.read(l)
	}
}

// end files what is still open at the end of the file.
func (rd *reader) end() {
	rd.endReport()
	rd.endLog()
	for _, label := range slices.Sorted(maps.Keys(rd.runs)) {
		rd.endRun(label)
	}
}
