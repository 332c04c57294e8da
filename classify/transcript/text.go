package transcript

import (
	"bytes"
	"encoding/binary"
	"regexp"
	"unicode/utf16"
)

// ReadText reads a saved file of unknown kind: a debug log, a captured screen
// with its escapes, the text of stdout and stderr, or a CI's log with a time
// before each line; in UTF-8 or, as PowerShell writes it, UTF-16 with a byte
// order mark; with any line ends. Exit is npm's where the log tells, else -1.
// HasLog is true only where the file is a debug log and nothing else; lines of a
// log with other text around them are read, but prove nothing.
func ReadText(b []byte) Transcript {
	b = untimed(decode(b))
	lines, pure := parseLog(b)
	if pure {
		return Read(Input{Log: b, Exit: -1})
	}
	t := Transcript{Exit: -1}
	if len(lines) >= 3 { // fewer may be anything that starts with a number
		t.Lines = lines
		t.facts()
		return t.read(nil)
	}
	return Read(Input{Screen: b, Exit: -1})
}

// decode turns UTF-16 with a byte order mark into UTF-8 and drops that of UTF-8.
func decode(b []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	}
	units := make([]uint16, 0, len(b)/2)
	for b = b[2:]; len(b) >= 2; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	return []byte(string(utf16.Decode(units)))
}

// timed is the time that GitHub Actions and others put before each line.
var timed = regexp.MustCompile(`^\[?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)\]? `)

// untimed takes the times off where at least half of the lines have one.
func untimed(b []byte) []byte {
	var out bytes.Buffer
	with, without := 0, 0
	for line := range bytes.Lines(b) {
		t := timed.Find(line)
		switch {
		case t != nil:
			with++
		case len(bytes.TrimSpace(line)) > 0:
			without++
		}
		out.Write(line[len(t):])
	}
	if with == 0 || with < without {
		return b
	}
	return out.Bytes()
}
