//go:build unix

package prompts

import (
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write the golden screens")

// screen is a pty with a virtual terminal behind it: what a person sees and
// types.
type screen struct {
	t             *testing.T
	master, slave *os.File
	before        *unix.Termios
	questions     sync.WaitGroup // that nobody has answered yet

	mu   sync.Mutex
	news *sync.Cond
	vt   vt10x.Terminal
	raw  []byte
}

// slow skips a test that takes a second or more under -short. keys_test.go and
// drawing_test.go test the same decisions without a terminal.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("slow")
	}
}

// newTerminal opens one. A terminal that is mute answers no queries.
func newTerminal(t *testing.T, cols, rows int, mute bool) *screen {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, master: master, slave: slave}
	s.news = sync.NewCond(&s.mu)
	var answers io.Writer = master
	if mute {
		answers = io.Discard
	}
	s.vt = vt10x.New(vt10x.WithWriter(answers), vt10x.WithSize(cols, rows))
	s.size(cols, rows)
	s.before = s.modes()
	go s.run()
	t.Cleanup(s.close)
	return s
}

// close gives up what a test that failed still asks: a question reads the terminal,
// which must not be closed under its hands.
func (s *screen) close() {
	ended := make(chan struct{})
	go func() {
		s.questions.Wait()
		close(ended)
	}()
	for range 100 {
		select {
		case <-ended:
			_ = s.slave.Close()
			_ = s.master.Close()
			return
		case <-time.After(50 * time.Millisecond):
			_, _ = s.master.WriteString("\x03")
		}
	}
	s.t.Error("a question was not given up on ^C; the terminal is left open")
}

func (s *screen) run() {
	p := make([]byte, 4096)
	for {
		n, err := s.master.Read(p)
		s.mu.Lock()
		_, _ = s.vt.Write(p[:n])
		s.raw = append(s.raw, p[:n]...)
		s.news.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (s *screen) size(cols, rows int) {
	s.t.Helper()
	if err := pty.Setsize(s.master, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		s.t.Fatal(err)
	}
}

// resize changes the window as a person would: the screen and the kernel's idea of it.
func (s *screen) resize(cols, rows int) {
	s.mu.Lock()
	s.vt.Resize(cols, rows)
	s.mu.Unlock()
	s.size(cols, rows)
}

func (s *screen) modes() *unix.Termios {
	s.t.Helper()
	m, err := unix.IoctlGetTermios(int(s.slave.Fd()), getTermios)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// text returns the screen without the blanks at the ends of lines and the empty
// lines below. The lock is held.
func (s *screen) text() string {
	lines := strings.Split(s.vt.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

func (s *screen) shown() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text()
}

// until waits for something to be true of the screen.
func (s *screen) until(what string, ok func(shown string) bool) {
	s.t.Helper()
	expired := false
	timer := time.AfterFunc(20*time.Second, func() {
		s.mu.Lock()
		expired = true
		s.news.Broadcast()
		s.mu.Unlock()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !ok(s.text()) {
		if expired {
			s.t.Fatalf("never saw %s; the screen is\n%s\nall bytes: %q", what, s.text(), s.raw)
		}
		s.news.Wait()
	}
}

// see waits for a text; blanks at its end cannot be seen.
func (s *screen) see(text string) {
	s.t.Helper()
	text = strings.TrimRight(text, " ")
	s.until(text, func(shown string) bool { return strings.Contains(shown, text) })
}

// ready waits until the last menu on the screen takes Enter, off until it does not.
func (s *screen) ready() { s.t.Helper(); s.hint("(arrows and Ent", "(Enter is off: ") }

func (s *screen) off() { s.t.Helper(); s.hint("(Enter is off: ", "(arrows and Ent") }

func (s *screen) hint(want, other string) {
	s.t.Helper()
	s.until(want, func(shown string) bool { return strings.LastIndex(shown, want) > strings.LastIndex(shown, other) })
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// unchanged fails the test unless the terminal's modes are what they were. The
// cursor comes back with the last bytes, which may still be on their way, and so
// do the marks around a paste go.
func (s *screen) unchanged() {
	s.t.Helper()
	if now := s.modes(); !reflect.DeepEqual(s.before, now) {
		s.t.Errorf("the terminal's modes were %+v and are %+v", s.before, now)
	}
	s.until("the cursor, and pastes without marks", func(string) bool {
		raw := string(s.raw)
		return s.vt.CursorVisible() && strings.LastIndex(raw, pasteMarksOn) <= strings.LastIndex(raw, pasteMarksOff)
	})
}

func (s *screen) ui(env ...string) *UI {
	return New(s.slave, s.slave, append([]string{"TERM=xterm-256color"}, env...), strings.Clone)
}

// golden waits for the screen to be what testdata/NAME.txt holds. With -update it
// writes what stands there once last is on the screen.
func (s *screen) golden(name, last string) {
	s.t.Helper()
	s.see(last)
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(s.shown()), 0o644); err != nil {
			s.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	s.until(path+":\n"+string(want), func(shown string) bool { return shown == string(want) })
}

// answer is what a question returned.
type answer[T any] struct {
	value T
	err   error
}

// asking asks in the background; the function it returns waits for the answer.
func asking[T any](s *screen, ask func() (T, error)) func() answer[T] {
	c := make(chan answer[T], 1)
	s.questions.Go(func() {
		v, err := ask()
		c <- answer[T]{v, err}
	})
	return func() answer[T] {
		s.t.Helper()
		select {
		case a := <-c:
			return a
		case <-time.After(20 * time.Second):
			s.t.Fatalf("no answer; the screen is\n%s", s.shown())
			panic("unreachable")
		}
	}
}
