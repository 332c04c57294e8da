package npmexec

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
)

// logStart is how much of the beginning of a log is read to see whose it is: npm's
// title and the files that it has loaded stand there.
const logStart = 256 << 10

// openRegular opens a file for reading. A script could have laid anything there; a pipe
// would keep us waiting.
func openRegular(path string) (*os.File, error) {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	return os.Open(path)
}

// startOf returns the beginning of a log, as much of it as can be read.
func startOf(path string) []byte {
	f, err := openRegular(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, logStart))
	return text
}

// endOf returns the last bytes of a log, more than a line of npm's about a request.
func endOf(path string) []byte {
	f, err := openRegular(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-tailBytes), io.SeekStart)
	}
	text, _ := io.ReadAll(f)
	return text
}

// readLog returns what is to be read of the log that begins with a file: npm begins
// another after 50,000 messages, up to five (npm 8 to 12, lib/utils/log-file.js).
func readLog(first string) []byte {
	var kept capture
	for part := range 10 {
		f, err := openRegular(fmt.Sprintf("%s%d.log", strings.TrimSuffix(first, "0.log"), part))
		if err == nil {
			_ = transcript.Sift(f, kept.add) // what was read of a file that cannot be read further counts
			f.Close()
		}
	}
	return kept.bytes()
}

// keepRedacted rewrites the logs of a folder without secrets, and of each no more than
// a capture keeps: a build that runs npm leaves logs beside ours, of any size.
func keepRedacted(dir string, redactor *transcript.Redactor) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if rewrite(path, redactor) != nil { // what cannot be redacted is not kept
			os.RemoveAll(path)
		}
	}
}

// rewrite replaces a log by its redacted text, its beginning and its end.
func rewrite(path string, redactor *transcript.Redactor) error {
	text, left, err := endsOf(path)
	if err != nil {
		return err
	}
	redacted := redactor.Lines(string(text))
	if left > 0 {
		redacted += fmt.Sprintf("safepublish: %d bytes in the middle of this log are not kept\n", left)
	}
	return edit.Replace(path, []byte(redacted), edit.New{Temp: path + ".new", Mode: 0o600, Fault: "log"})
}

// endsOf returns the first and the last lines of a file, and how many bytes lie between
// them.
func endsOf(path string) (text []byte, left int64, err error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	var kept capture
	size, err := io.Copy(&kept, f)
	text = kept.bytes()
	return text, size - int64(len(text)), err
}
