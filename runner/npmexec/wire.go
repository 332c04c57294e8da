package npmexec

import (
	"fmt"
	"os"
	"regexp"

	"github.com/creack/pty"
	"golang.org/x/term"

	"safepublish/classify/carry"
	"safepublish/classify/transcript"
)

// wiring is npm's three streams and what takes them to the person.
type wiring struct {
	stdin, stdout, stderr *os.File // npm's ends; a nil stdin is /dev/null
	npms                  []*os.File
	outlets               []*outlet
}

// wire sets up the streams of one publish: a pty for what is a terminal, one for
// both where they are the same one; a pipe for what is none, and for everything
// where nobody may be asked.
func (r *Runner) wire(ask, hold bool) (*wiring, error) {
	w := &wiring{}
	var err error
	if ask {
		w.stdin = r.In
	}
	if w.stdout, err = w.stream("stdout", r.Out, ask, hold); err != nil {
		return nil, err
	}
	if ask && sameTerminal(r.Out, r.Err) {
		w.stderr = w.stdout
		if len(w.outlets) == 0 {
			w.stderr = r.Err
		}
		return w, nil
	}
	if w.stderr, err = w.stream("stderr", r.Err, ask, false); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// stream returns npm's end of one stream.
func (w *wiring) stream(kind string, to *os.File, ask, hold bool) (*os.File, error) {
	if ask && isTerminal(to) {
		return w.screen(to), nil
	}
	from, npms, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open a pipe for npm's %s: %w", kind, err)
	}
	o := newOutlet(kind, from, to)
	if hold {
		o.to, o.held = nil, &Held{}
	}
	w.add(o, npms)
	return npms, nil
}

// screen opens a pty for a terminal. Where there is none to be had (Windows, a
// container without /dev/pts) npm gets the terminal itself: nothing is captured
// then, and the debug log is the only witness.
func (w *wiring) screen(to *os.File) *os.File {
	ptmx, slave, err := pty.Open()
	if err != nil {
		return to
	}
	// The size first: pty's calls put the file into blocking mode.
	_ = pty.InheritSize(to, ptmx)
	if prepare(ptmx, slave) != nil {
		ptmx.Close()
		slave.Close()
		return to
	}
	o := newOutlet("screen", ptmx, to)
	o.tty = true
	w.add(o, slave)
	return slave
}

func (w *wiring) add(o *outlet, npms *os.File) {
	w.outlets = append(w.outlets, o)
	w.npms = append(w.npms, npms)
}

// started closes npm's ends in our process, without which no copy would ever
// end, and begins to copy.
func (w *wiring) started() {
	for _, f := range w.npms {
		f.Close()
	}
	for _, o := range w.outlets {
		go o.pump()
	}
}

func (w *wiring) close() {
	for i, o := range w.outlets {
		o.from.Close()
		w.npms[i].Close()
	}
}

// finish ends the copies. Where we were asked to end, nobody who does not read is
// waited for.
func (w *wiring) finish(asked func() bool) {
	var all []func()
	for _, o := range w.outlets {
		all = append(all, func() { o.finish(asked) })
	}
	carry.All(all...)
}

// captured returns what was kept of each stream.
func (w *wiring) captured() (in transcript.Input, held *Held, dropped int64) {
	for _, o := range w.outlets {
		o.mu.Lock()
		text, lost := o.got.bytes()
		o.mu.Unlock()
		dropped += lost
		switch {
		case o.kind == "screen":
			in.Screen = append(in.Screen, text...)
		case o.kind == "stderr":
			in.Stderr = text
		default:
			in.Stdout, held = text, o.held
		}
	}
	return in, held, dropped
}

// lost returns what kept npm's stdout from the person, nil for nothing.
func (w *wiring) lost() error {
	for _, o := range w.outlets {
		o.mu.Lock()
		err := o.lost
		o.mu.Unlock()
		if o.kind == "stdout" && err != nil {
			return err
		}
	}
	return nil
}

// lineStart matches a text after which the cursor stands at the start of an
// empty line: npm 10.7 and later end with the spinner's line erased.
var lineStart = regexp.MustCompile(`(^|\n|\r\x1b\[0?K|\x1b\[1?G\x1b\[[02]?K|\x1b\[2K(\r|\x1b\[1?G))(\x1b\[[0-9;?]*[A-Zac-z])*$`)

// midLine reports whether npm left a terminal's cursor behind a text, which the
// next question would erase.
func (w *wiring) midLine() bool {
	for _, o := range w.outlets {
		o.mu.Lock()
		mid := o.tty && o.seen > 0 && !lineStart.Match(o.got.last(64))
		o.mu.Unlock()
		if mid {
			return true
		}
	}
	return false
}

func isTerminal(f *os.File) bool { return f != nil && term.IsTerminal(int(f.Fd())) }

// sameTerminal reports whether both are the same terminal, so that one pty can
// keep the order of what npm writes to the two.
func sameTerminal(a, b *os.File) bool {
	if !isTerminal(a) || !isTerminal(b) {
		return false
	}
	x, err := a.Stat()
	y, err2 := b.Stat()
	return err == nil && err2 == nil && os.SameFile(x, y)
}
