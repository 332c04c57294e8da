package npmexec

import (
	"fmt"
	"io"
	"os"

	"github.com/creack/pty"
	"golang.org/x/term"

	"safepublish/classify/carry"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// streams are npm's three streams and what takes them to the person.
type streams struct {
	stdin          io.Reader // npm's ends; nil is /dev/null
	stdout, stderr io.Writer
	all            []*stream
	words          *stream // what npm writes its words to; nil where it has the terminal itself
}

// newStreams are streams of which the input is the person's where asks is set.
func (r *Runner) newStreams(asks bool) *streams {
	if asks {
		return &streams{stdin: r.In}
	}
	return &streams{}
}

// openStreams sets up the streams of one publish: a pty for what is a terminal, one
// for both where they are the same one; a pipe for what is none, and for everything
// where nobody may be asked. npm's input is the person's where asks is set.
func (r *Runner) openStreams(asks, hold bool) (s *streams, err error) {
	s = r.newStreams(asks)
	if s.stdout, s.words, err = s.open(stdout, r.Out, r.Ask, hold); err != nil {
		return nil, err
	}
	if s.words != nil && r.Ask && sameTerminal(r.Out, r.Err) {
		s.stderr = s.stdout
		return s, nil
	}
	if s.stderr, s.words, err = s.open(stderr, r.Err, r.Ask, false); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open opens one stream, and returns npm's end of it and ours.
func (s *streams) open(kind string, to *os.File, ask, hold bool) (*os.File, *stream, error) {
	if ask && isTerminal(to) {
		npms, o := s.openPty(to)
		return npms, o, nil
	}
	from, npms, err := os.Pipe()
	if err != nil {
		return nil, nil, fmt.Errorf("open a pipe for npm's %s: %w", kind, err)
	}
	o := s.add(kind, from, npms, to)
	if hold {
		o.to, o.held = nil, &Held{}
	}
	return npms, o, nil
}

// openPty opens a pty for a terminal. Where there is none to be had (Windows, a
// container without /dev/pts) npm gets the terminal itself: nothing is captured
// then, and the debug log is the only witness.
func (s *streams) openPty(to *os.File) (*os.File, *stream) {
	ptmx, slave, err := pty.Open()
	if err != nil {
		return to, nil
	}
	// The size first: pty's calls put the file into blocking mode.
	_ = pty.InheritSize(to, ptmx)
	if preparePty(ptmx, slave) != nil {
		ptmx.Close()
		slave.Close()
		return to, nil
	}
	return slave, s.add(screen, ptmx, slave, to)
}

func (s *streams) add(kind string, from, npms, to *os.File) *stream {
	o := &stream{kind: kind, from: from, npms: npms, to: to, got: capture{lists: &listFilter{}}, done: make(chan struct{})}
	s.all = append(s.all, o)
	return o
}

// started closes npm's ends in our process, without which no copy would ever
// end, and begins to copy.
func (s *streams) started() {
	for _, o := range s.all {
		o.npms.Close()
		go o.pump()
	}
}

func (s *streams) close() {
	for _, o := range s.all {
		o.from.Close()
		o.npms.Close()
	}
}

// finish ends the copies. Where we were asked to end, nobody who does not read is
// waited for.
func (s *streams) finish(asked func() bool) {
	var all []func()
	for _, o := range s.all {
		all = append(all, func() { o.finish(asked) })
	}
	carry.All(all...)
}

// captured returns what was kept of each stream, and npm's stdout where it was held
// back.
func (s *streams) captured() (in transcript.Input, held *Held) {
	for _, o := range s.all {
		o.mu.Lock()
		text := o.got.bytes()
		o.mu.Unlock()
		switch o.kind {
		case screen:
			in.Screen = append(in.Screen, text...)
		case stderr:
			in.Stderr = text
		default:
			in.Stdout, held = text, o.held
		}
	}
	return in, held
}

// lost returns what kept npm's stdout from the person, nil for nothing.
func (s *streams) lost() error {
	for _, o := range s.all {
		o.mu.Lock()
		err := o.lost
		o.mu.Unlock()
		if o.kind == stdout && err != nil {
			return err
		}
	}
	return nil
}

// lineStart matches a text after which the cursor stands at the start of an
// empty line: npm 10.7 and later end with the spinner's line erased.
var lineStart = pattern.New(`(^|\n|\r\x1b\[0?K|\x1b\[1?G\x1b\[[02]?K|\x1b\[2K(\r|\x1b\[1?G))(\x1b\[[0-9;?]*[A-Zac-z])*$`)

// spinner matches what npm's spinner leaves on its line, to be erased by its next frame:
// npm 10.7 and later (lib/utils/display.js, Progress), and npm 8 to 10.6 (gauge,
// lib/plumbing.js: show).
var spinner = pattern.New(`(\x1b\[1G\x1b\[0K[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏\-\\|/]|\x1b\[K\r)$`)

// beside shows whole lines of ours among what npm shows, and reports whether it could: not
// in the middle of a line, which may be a question. npm's spinner goes on below them.
func (s *streams) beside(text string) bool { return s.words != nil && s.words.beside(text) }

// midLine reports whether npm left a terminal's cursor behind a text, which the
// next question would erase.
func (s *streams) midLine() bool {
	for _, o := range s.all {
		o.mu.Lock()
		mid := o.kind == screen && o.seen > 0 && !lineStart.Match(o.got.last(64))
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
