package npmexec

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
)

// A build that runs npm leaves logs beside ours, of any size. Of a log that is not
// of npm publish only the first lines are read; ours is read within bounds; what is
// kept of all is bounded.
const (
	logStart   = 256 << 10 // the first lines of a log, npm's title among them
	logWhole   = 1 << 20   // a log up to this size is read whole, a larger one sifted
	logKept    = 2 << 20   // of one file
	logsKeptIn = 8 << 20   // of all files of an attempt, but for the least of each
	longLine   = 64 << 10  // of one line

	logKeptAtLeast = 16 << 10 // of one file: its last lines are npm's last words
)

// startOf returns the first bytes of a file, nil where it cannot be read. A script
// could have laid anything there.
func startOf(path string, most int64) []byte {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most))
	if err != nil {
		return nil
	}
	return text
}

// parts returns the files of one run's log: npm begins another after 50,000
// messages, up to five (npm 8 to 12, lib/utils/log-file.js).
func parts(first string) []string {
	stem, numbered := strings.CutSuffix(first, "debug-0.log")
	if !numbered {
		return []string{first}
	}
	all, _ := filepath.Glob(escapeGlob(stem) + "debug-[0-9].log")
	slices.Sort(all)
	return all
}

// readLog returns what is to be read of the log that begins with a file.
func readLog(first string) []byte {
	var kept capture
	for _, path := range parts(first) {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if info, err := f.Stat(); err == nil && info.Size() <= logWhole && kept.size() == 0 {
			_, _ = io.Copy(writer(kept.add), f)
		} else {
			_ = transcript.Sift(f, kept.add) // what was read of a file that cannot be read further counts
		}
		f.Close()
	}
	return kept.bytes()
}

// writer makes a Writer of what takes bytes.
type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// keepRedacted rewrites the logs of a folder without secrets, and no more than is
// bounded. Ours come first: they were begun first.
func keepRedacted(dir string, redactor *transcript.Redactor) {
	left := int64(logsKeptIn)
	entries, _ := os.ReadDir(dir) // sorted by name, which begins with the time
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		kept, err := int64(0), os.ErrInvalid
		if e.Type().IsRegular() {
			kept, err = rewrite(path, redactor, max(logKeptAtLeast, min(logKept, left)))
		}
		if err != nil { // what cannot be redacted is not kept
			os.RemoveAll(path)
		}
		left -= kept
	}
}

// rewrite replaces a log by its redacted text, of which it keeps most bytes, its
// beginning and its end, and returns how many that were.
func rewrite(path string, redactor *transcript.Redactor, most int64) (kept int64, err error) {
	start, end, left, err := endsOf(path, most)
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	redactLines(&b, start, redactor)
	if left > 0 {
		fmt.Fprintf(&b, "safepublish: %d bytes of this log are not kept\n", left)
	}
	redactLines(&b, end, redactor)
	if err := edit.Replace(path, b.Bytes(), edit.New{Temp: path + ".new", Mode: 0o600, Fault: "log"}); err != nil {
		return 0, err
	}
	return int64(len(start) + len(end)), nil
}

func redactLines(b *bytes.Buffer, text []byte, redactor *transcript.Redactor) {
	for line := range bytes.Lines(text) {
		body := strings.TrimSuffix(string(line), "\n")
		b.WriteString(redactor.Line(shortened(body)))
		b.Write(line[len(body):])
	}
}

// shortened cuts a line that is too long at a blank: half of a secret would pass
// the redactor.
func shortened(line string) string {
	if len(line) <= longLine {
		return line
	}
	return line[:strings.LastIndexAny(line[:longLine], " \t")+1] + "…"
}

// endsOf returns the first and the last lines of a file, together at most so many
// bytes, and how many bytes lie between them. A file that is short enough is all
// start.
func endsOf(path string, most int64) (start, end []byte, left int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, 0, err
	}
	size := info.Size()
	if size <= most {
		start, err = io.ReadAll(io.LimitReader(f, size))
		return start, nil, 0, err
	}
	head, tail := most/4, most-most/4
	start, err = io.ReadAll(io.NewSectionReader(f, 0, head))
	if err == nil {
		end, err = io.ReadAll(io.NewSectionReader(f, size-tail, tail))
	}
	start = start[:bytes.LastIndexByte(start, '\n')+1]
	_, end, _ = bytes.Cut(end, []byte("\n"))
	return start, end, size - int64(len(start)+len(end)), err
}
