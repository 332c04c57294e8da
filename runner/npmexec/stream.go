package npmexec

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

// grace is how long we wait, after npm has ended, for output that is still on
// its way. A grandchild that keeps the pty or a pipe open would hold us for ever.
const grace = 500 * time.Millisecond

// The kinds of streams. A screen is a terminal behind a pty, the others are pipes.
const (
	screen = "screen"
	stdout = "stdout"
	stderr = "stderr"
)

// stream takes one stream of npm's to the person, byte for byte and as it comes,
// and keeps a bounded copy.
type stream struct {
	kind string   // screen, stdout or stderr
	from *os.File // our end of the pty or the pipe
	npms *os.File // npm's end
	to   *os.File // the person's stream; nil once nobody reads it, or where it is held back

	mu      sync.Mutex
	got     capture
	held    *Held // takes the place of to; nil where nothing is held back
	seen    int64
	writing bool  // a write to the person is under way: a terminal under ^S takes its time
	over    bool  // abandoned: nothing is shown or kept any more
	lost    error // what ended the writing to the person; nil where a reader just went away
	done    chan struct{}
	defect  any // what pump panicked with

	out sync.Mutex // held while something is written to the person
}

// pump copies until nothing can be read: EOF, EIO where the last slave of a pty
// was closed (Linux), or the deadline that finish sets.
func (o *stream) pump() {
	defer close(o.done)
	defer func() {
		if o.defect = recover(); o.defect != nil {
			_, _ = io.Copy(io.Discard, o.from) // npm goes on; finish says it
		}
	}()
	buf := make([]byte, 32<<10)
	for {
		n, err := o.from.Read(buf)
		if !o.show(buf[:n]) || err != nil {
			return
		}
	}
}

// show keeps p and passes it on. When the person's end is gone (closed stdout,
// "| head") it goes on taking: a write error in the middle of an upload would
// kill npm.
func (o *stream) show(p []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over {
		return false
	}
	o.got.add(p)
	if o.held != nil {
		o.held.add(p)
	}
	o.seen += int64(len(p))
	to := o.to
	if to == nil || len(p) == 0 {
		return true
	}
	o.writing = true
	o.mu.Unlock()
	o.out.Lock()
	_, err := to.Write(p)
	o.out.Unlock()
	o.mu.Lock()
	o.writing = false
	if err != nil {
		o.to = nil
		if !gone(err) {
			o.lost = err
		}
	}
	return !o.over
}

// beside shows whole lines of ours where the person's cursor stands at the start of a line
// or behind the spinner alone, and reports whether it does.
func (o *stream) beside(text string) bool {
	if !o.out.TryLock() {
		return false
	}
	o.mu.Lock()
	last, to := string(o.got.last(64)), o.to
	spins := o.kind == screen && spinner.MatchString(last)
	free := spins || last == "" || o.kind == screen && lineStart.MatchString(last) || strings.HasSuffix(last, "\n")
	free = free && to != nil && !o.writing && !o.over
	o.mu.Unlock()
	if !free {
		o.out.Unlock()
		return false
	}
	if spins {
		text = "\r\x1b[K" + text
	}
	writeSoon(to, text, o.out.Unlock)
	return true
}

// writeSoon writes a text of ours, calls done afterwards, and waits for both no longer
// than grace: a terminal under ^S takes its time.
func writeSoon(to *os.File, text string, done func()) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		defer done()
		_, _ = to.WriteString(text)
	}()
	select {
	case <-written:
	case <-time.After(grace):
	}
}

// gone tells whether a write failed because nobody reads any more: a pipe whose
// reader ended, a terminal that hung up.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.EIO) || errors.Is(err, os.ErrClosed)
}

// finish waits until everything that npm wrote has been shown. The grace begins
// again while bytes flow, up to more than a pipe can hold: what comes after that
// is somebody else's, who is not waited for. A terminal under ^S is, unless we
// were asked to end.
func (o *stream) finish(asked func() bool) {
	first, _ := o.progress()
	for last := first; ; {
		select {
		case <-o.done:
			o.from.Close()
			if o.defect != nil {
				panic(o.defect)
			}
			return
		case <-time.After(grace):
		}
		seen, writing := o.progress()
		if (!writing || asked()) && (seen == last || seen-first > tailBytes) {
			o.abandon(writing)
			return
		}
		last = seen
	}
}

func (o *stream) progress() (seen int64, writing bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen, o.writing
}

// abandon ends the copy although somebody still holds the other end. A deadline
// ends the read where the file can be polled. A pty on macOS cannot: there the
// goroutine is left behind until the last holder is gone, and touches nothing; so
// is one that writes to somebody who does not read.
func (o *stream) abandon(writing bool) {
	o.mu.Lock()
	o.over = true
	o.mu.Unlock()
	if o.from.SetReadDeadline(time.Now()) == nil && !writing {
		<-o.done
		o.from.Close()
	}
}
