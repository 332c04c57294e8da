package npmexec

import (
	"bytes"
	"io"
	"os"
	"time"

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

// uploadWatch reads a manifest at the moment at which npm's log shows that the upload
// begins.
type uploadWatch struct {
	stop, done chan struct{}
	manifest   []byte
	late       bool
}

// watchUpload watches the log in the folder logs for the manifest at path, and calls
// seen, where not nil, with what it holds. Where one of them is "" nothing is watched.
func watchUpload(logs, path string, seen func(manifest []byte)) *uploadWatch {
	w := &uploadWatch{stop: make(chan struct{}), done: make(chan struct{})}
	if logs == "" || path == "" {
		close(w.done)
		return w
	}
	go func() {
		defer close(w.done)
		tail := &logTail{dir: logs}
		defer tail.close()
		for tick := time.NewTicker(lookEvery); ; {
			if text := tail.next(); beginsUpload.Match(text) {
				w.manifest, _ = os.ReadFile(path) // gone: nobody knows then what was sent
				if seen != nil && w.manifest != nil {
					seen(w.manifest)
				}
				w.late = answersUpload.Match(append(text, tail.next()...))
				return
			}
			select {
			case <-w.stop:
				return
			case <-tick.C:
			}
		}
	}()
	return w
}

// end ends the watch and returns what it read. It may be called once.
func (w *uploadWatch) end() (manifest []byte, late bool) {
	close(w.stop)
	<-w.done
	return w.manifest, w.late
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

func (t *logTail) close() {
	if t.file != nil {
		t.file.Close()
	}
}
