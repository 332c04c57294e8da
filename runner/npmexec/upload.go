package npmexec

import (
	"bytes"
	"io"
	"os"
	"time"

	"safepublish/classify/carry"
	"safepublish/classify/pattern"
)

// npm publishes package.json as it is after postpack: it reads it again right before
// it says "Publishing to" and sends it (npm 8 to 12, lib/commands/publish.js,
// getManifest; measured). Its packing list and its "+ name@version" are from before
// the scripts. So the file is read when the log, which npm writes as it goes, shows
// that line.

// lookEvery is how often the log is looked at. An upload takes longer, and so does a
// script that runs after it.
const lookEvery = 15 * time.Millisecond

var (
	beginsUpload  = pattern.New(`(?m)^\d+ (?:notice (?:Publishing|Staging) to |http fetch (?:PUT|POST) )`)
	answersUpload = pattern.New(`(?m)^\d+ http fetch (?:PUT|POST) 2\d\d `)
)

// watchUpload watches the log in the folder logs for the beginning of the upload, reads the
// manifest at path at that moment, and calls seen, where not nil, with what it holds. end
// ends the watch and returns what was read; late tells that the upload was answered by
// then. Where one of the two is "" nothing is watched.
func watchUpload(logs, path string, seen func(manifest []byte)) (end func() (manifest []byte, late bool)) {
	var manifest []byte
	late := false
	if logs == "" || path == "" {
		return func() ([]byte, bool) { return nil, false }
	}
	tail := &logTail{dir: logs}
	stop := every(lookEvery, func() bool {
		text := tail.next()
		if !beginsUpload.Match(text) {
			return true
		}
		manifest, _ = os.ReadFile(path) // gone: nobody knows then what was sent
		if seen != nil && manifest != nil {
			seen(manifest)
		}
		late = answersUpload.Match(append(text, tail.next()...))
		return false
	})
	return func() ([]byte, bool) {
		stop()
		tail.file.Close() // also where it is nil
		return manifest, late
	}
}

// every looks at once, and again after each pause, until look returns false or end is
// called, which waits for the last look.
func every(pause time.Duration, look func() (goOn bool)) (end func()) {
	stop := make(chan struct{})
	wait := carry.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for look() {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() {
		close(stop)
		wait()
	}
}

// logTail reads what is added to the first log of a folder, whole lines at a time.
type logTail struct {
	dir  string
	file *os.File
	rest []byte
}

// tailChunk bounds one look; a log grows by less between two of them.
const tailChunk = 1 << 20

func (t *logTail) next() []byte {
	if t.file == nil {
		files := logFiles(t.dir)
		if len(files) == 0 {
			return nil
		}
		f, err := os.Open(files[0])
		if err != nil {
			return nil
		}
		t.file = f
	}
	text, _ := io.ReadAll(io.LimitReader(t.file, tailChunk)) // what cannot be read now comes with the next look
	text = append(t.rest, text...)
	end := bytes.LastIndexByte(text, '\n') + 1
	t.rest = bytes.Clone(text[end:])
	if len(t.rest) > tailChunk { // no line of npm's
		t.rest = nil
	}
	return text[:end]
}
