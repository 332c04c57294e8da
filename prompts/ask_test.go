//go:build unix

package prompts

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var offers = []Item{
	{"bump", "Publish as 1.0.1", "package.json, package-lock.json"},
	{"bump", "Publish as 1.1.0", ""},
	{"bump", "Publish as 2.0.0", ""},
	{"bump", "Another version …", ""},
	{"", GiveUp, ""},
}

func TestMenuKeys(t *testing.T) {
	slow(t)
	for _, c := range []struct {
		name, keys string
		pre        int
		want       int
		err        error
	}{
		{"enter takes the first", "\r", 0, 0, nil},
		{"enter takes the preselected", "\r", 2, 2, nil},
		{"preselected out of range", "\r", 9, 0, nil},
		{"down", down + "\r", 0, 1, nil},
		{"application keypad", "\x1bOB\x1bOB\r", 0, 2, nil},
		{"up goes round", up + "\r", 0, 4, nil},
		{"control c", "\x03", 0, 0, ErrGivenUp},
		{"control d", "\x04", 0, 0, ErrGivenUp},
		{"down and control d", down + "\x04", 0, 0, ErrGivenUp},
		{"control d after letters", "zzzz\x04", 0, 0, ErrGivenUp},
		{"escape", "\x1b", 0, 0, ErrGivenUp},
		{"q", "q", 0, 0, ErrGivenUp},
		{"arrows and q", down + down + "q", 0, 0, ErrGivenUp},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, 80, 24, true)
			got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, offers, c.pre) })
			s.ready()
			s.press(c.keys)
			if a := got(); a.value != c.want || !errors.Is(a.err, c.err) {
				t.Errorf("got %d, %v; want %d, %v", a.value, a.err, c.want, c.err)
			}
			s.unchanged()
		})
	}
}

// What was typed while npm ran must choose nothing. The kernel's echo shows that
// it is in the queue.
func TestTypedBeforeTheMenu(t *testing.T) {
	for _, env := range []string{"TERM=xterm", "TERM=dumb"} {
		t.Run(env, func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, 80, 24, true)
			u := s.ui(env)
			s.press("\r" + down + "2\ry")
			s.see("^[[B2\ny")
			got := asking(s, func() (int, error) { return u.Choose(WhatNow, offers, 0) })
			if env == "TERM=dumb" {
				s.see(number)
				s.press("3\r")
			} else {
				s.off()
				s.press(down + down)
				s.ready()
				s.press("\r")
			}
			if a := got(); a.value != 2 || a.err != nil {
				t.Errorf("got %+v, so old keys counted; the screen is\n%s", a, s.shown())
			}
			s.unchanged()
		})
	}
}

// At every width each item stays on its line, and moving about leaves one copy of
// the menu on the screen.
func TestMenuWidths(t *testing.T) {
	slow(t)
	for _, cols := range []int{80, 40, 20} {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, cols, 16, true)
			got := asking(s, func() (int, error) {
				return s.ui().Choose("What is to be done about this version now?", offers, 0)
			})
			s.ready()
			for i := 1; i <= 2*len(offers)+1; i++ {
				s.press(down)
				selected := i % len(offers)
				s.until("the next item", func(shown string) bool {
					return strings.Contains(shown, "\n> "+cut(offers[selected].Title, cols-3))
				})
			}
			s.golden(fmt.Sprintf("menu-%d", cols), "> Publish as 1.1.0")
			s.press("\r")
			if a := got(); a.value != 1 || a.err != nil {
				t.Errorf("got %+v", a)
			}
			s.unchanged()
		})
	}
}

func TestMenuLongerThanTheScreen(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 40, 6, true)
	var items []Item
	for i := range 20 {
		items = append(items, Item{Title: fmt.Sprintf("item %d", i)})
	}
	got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, items, 0) })
	s.ready()
	for i := 1; i < 13; i++ {
		s.press(down)
		s.see(fmt.Sprintf("> item %d\n", i))
	}
	s.press("\r")
	if a := got(); a.value != 12 || a.err != nil {
		t.Errorf("got %+v", a)
	}
}

func TestMenuResized(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, offers, 0) })
	s.ready()
	for i, cols := range []int{60, 100, 55, 120} {
		s.resize(cols, 24)
		s.press(down)
		s.see("> " + offers[i+1].Title)
	}
	s.press("\r")
	if a := got(); a.value != 4 || a.err != nil {
		t.Errorf("got %+v", a)
	}
	s.until("one menu, answered", func(shown string) bool { return shown == "\n? What now? Give up\n" })
	s.unchanged()
}

// An answer to a query that npm or a script sent is no key, and we send none: a
// terminal that does not answer would hold us up.
func TestCursorReports(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24, false)
	u := s.ui()
	if _, err := s.slave.WriteString("\x1b[6n"); err != nil {
		t.Fatal(err)
	}
	s.see("^[[1;1R")
	got := asking(s, func() (int, error) { return u.Choose(WhatNow, offers, 0) })
	s.off()
	s.press(down)
	s.ready()
	s.press("\r")
	if a := got(); a.value != 1 || a.err != nil {
		t.Errorf("got %+v", a)
	}
	name := asking(s, func() (string, error) { return u.Text("Version", nil) })
	s.see("Version: ")
	s.press("1.2.3\r")
	if a := name(); a.value != "1.2.3" || a.err != nil {
		t.Errorf("got %+v", a)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := strings.Count(string(s.raw), "\x1b[6n"); n != 1 {
		t.Errorf("the cursor was asked for %d times, once by this test", n)
	}
}

func TestNumberedMenu(t *testing.T) {
	slow(t)
	t.Parallel()
	for _, env := range []string{"TERM=dumb", "TERM=", "SAFEPUBLISH_PLAIN=1"} {
		s := newTerminal(t, 80, 24, true)
		got := asking(s, func() (int, error) { return s.ui(env).Choose(WhatNow, offers, 1) })
		s.see(number)
		s.press("\r")
		s.see("a number from 1 to 5, or q to give up\n? " + number)
		s.press("6\r")
		s.until("the third question", func(shown string) bool { return strings.Count(shown, "? "+number) == 3 })
		s.press("1\r")
		if a := got(); a.value != 0 || a.err != nil {
			t.Errorf("got %+v", a)
		}
		s.golden("numbered", number+": 1")
		s.mu.Lock()
		if strings.Contains(string(s.raw), "\x1b") {
			t.Errorf("escape sequences on a dumb terminal: %q", s.raw)
		}
		s.mu.Unlock()
		s.unchanged()
	}
}

func TestTextAsksAgain(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	got := asking(s, func() (string, error) {
		return s.ui().Text("Version", func(v string) error {
			if v == "1.0.0" {
				return errors.New("1.0.0 is already there")
			}
			return nil
		})
	})
	s.see("Version: ")
	s.press("1.0.0\r")
	s.see("1.0.0 is already there\n? Version:")
	s.press(" 1.0.11\x7f \r")
	if a := got(); a.value != "1.0.1" || a.err != nil {
		t.Errorf("got %+v", a)
	}
	s.unchanged()
}

func TestSecretIsNotShown(t *testing.T) {
	for _, env := range []string{"TERM=xterm", "TERM=dumb"} {
		s := newTerminal(t, 80, 24, true)
		got := asking(s, func() (string, error) { return s.ui(env).Secret("One-time password", nil) })
		s.see("One-time password: ")
		s.press("135 790\r")
		if a := got(); a.value != "135 790" || a.err != nil {
			t.Errorf("got %+v", a)
		}
		s.unchanged()
		s.ui(env).Line("after")
		s.see("One-time password:\nafter")
		s.mu.Lock()
		if raw := string(s.raw); strings.ContainsAny(raw, "1357") && strings.Contains(raw, "790") {
			t.Errorf("the secret was shown: %q", raw)
		}
		s.mu.Unlock()
	}
}

func TestConfirm(t *testing.T) {
	slow(t)
	for _, c := range []struct {
		want, typed string
		agreed      bool
	}{
		{"y", "y", true},
		{"y", "Y", true},
		{"y", "yes", true},
		{"y", " y ", true},
		{"y", "", false},
		{"y", "n", false},
		{"y", "yy", false},
		{"y", "y?", false},
		{"y", down + "y", false},
		{"@me/demo", "@me/demo", true},
		{"@me/demo", "y", false},
		{"@me/demo", "yes", false},
		{"@me/demo", "@ME/demo", false},
		{"@me/demo", "", false},
	} {
		t.Run(fmt.Sprintf("%s %q", c.want, c.typed), func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, 80, 24, true)
			got := asking(s, func() (bool, error) { return s.ui().Confirm("Everyone will be able to install it. Go on?", c.want) })
			s.see("Go on?")
			s.press(c.typed + "\r")
			if a := got(); a.value != c.agreed || a.err != nil {
				t.Errorf("got %+v", a)
			}
			s.unchanged()
		})
	}
}

// npm that was killed at a prompt leaves its terminal raw and non-blocking. stdin
// was opened long before that, so Go does not know.
func TestAskOnAnUntidyTerminal(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	fd, err := unix.Dup(int(s.slave.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	stdin := os.NewFile(uintptr(fd), "stdin")
	defer stdin.Close()
	u := New(stdin, s.slave, []string{"TERM=xterm"}, strings.Clone)
	raw := *s.before
	raw.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	raw.Iflag &^= unix.ICRNL
	if err := errors.Join(
		unix.IoctlSetTermios(int(s.slave.Fd()), setTermios, &raw),
		unix.SetNonblock(fd, true),
	); err != nil {
		t.Fatal(err)
	}
	got := asking(s, func() (string, error) { return u.Text("Version", nil) })
	s.see("Version: ")
	s.press("1.0.1\r")
	if a := got(); a.value != "1.0.1" || a.err != nil {
		t.Errorf("got %+v", a)
	}
	menu := asking(s, func() (int, error) { return u.Choose(WhatNow, offers, 1) })
	s.ready()
	s.press("\r")
	if a := menu(); a.value != 1 || a.err != nil {
		t.Errorf("got %+v", a)
	}
	u.Restore()
	s.unchanged()
}

// Without a terminal nothing is asked, and what is in the pipe stays there.
func TestNobodyToAsk(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := w.WriteString("y\n"); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s := newTerminal(t, 80, 24, true)
	for _, u := range []*UI{New(r, s.slave, []string{"TERM=xterm"}, strings.Clone), New(r, w, nil, strings.Clone), New(s.slave, w, nil, strings.Clone)} {
		_, err1 := u.Choose(WhatNow, offers, 0)
		_, err2 := u.Text("Version", nil)
		_, err3 := u.Secret("Password", nil)
		agreed, err4 := u.Confirm("Go on?", "y")
		for _, err := range []error{err1, err2, err3, err4} {
			if !errors.Is(err, ErrGivenUp) {
				t.Errorf("got %v", err)
			}
		}
		if agreed {
			t.Error("nobody agreed")
		}
	}
	p := make([]byte, 8)
	if n, _ := r.Read(p); string(p[:n]) != "y\n" {
		t.Errorf("the pipe held %q", p[:n])
	}
}

func TestCanAsk(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for _, c := range []struct {
		in, err *os.File
		noInput bool
		env     []string
		want    bool
	}{
		{s.slave, s.slave, false, nil, true},
		{s.slave, s.slave, true, nil, false},
		{null, s.slave, false, nil, false},
		{s.slave, null, false, nil, false},
		{s.slave, s.slave, false, []string{"CI="}, true},
		{s.slave, s.slave, false, []string{"CI=false"}, true},
		{s.slave, s.slave, false, []string{"CI=0"}, true},
		{s.slave, s.slave, false, []string{"CI=true"}, false},
		{s.slave, s.slave, false, []string{"CI=1"}, false},
		{s.slave, s.slave, false, []string{"CI=false", "CI=woodpecker"}, false},
	} {
		if got := CanAsk(c.in, c.err, c.noInput, c.env); got != c.want {
			t.Errorf("%v, no input %v: %v", c.env, c.noInput, got)
		}
	}
}
