//go:build unix

package prompts

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// pasted is what a terminal that marks a paste sends of it.
func pasted(text string) string { return pasteMarksOn[:2] + "200~" + text + pasteMarksOn[:2] + "201~" }

// Words and pastes, with Enter behind them, choose nothing; an arrow turns Enter on
// again, and says so.
func TestWordsAtAMenu(t *testing.T) {
	slow(t)
	for _, words := range []string{
		"no\r", "n", "quit\r", "git log\r", " ", "\r\r", "é", "\x1b[6~", "\x1b[1;5A\r", "\x1bx", "\x1b[M !!",
		pasted("no\r"), pasted("\r"), pasted(down + "\r"), pasted("a\rb\r\x03\x04q") + "\r", down + "x\r", "\r" + down + "\r",
	} {
		t.Run(fmt.Sprintf("%q", words), func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, 80, 24, true)
			got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, offers, 2) })
			s.ready()
			s.press(words)
			s.off()
			s.press(down)
			s.ready()
			s.press("\r")
			at := 3
			if strings.HasPrefix(words, down+"x") {
				at = 4
			}
			if a := got(); a.value != at || a.err != nil {
				t.Errorf("got %+v", a)
			}
			s.unchanged()
		})
	}
}

// A menu does not say from the beginning that it takes Enter, for it does not.
func TestMenuInItsFirstMoment(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, offers, 0) })
	s.ready()
	s.press("\x1b")
	if a := got(); !errors.Is(a.err, ErrGivenUp) {
		t.Errorf("got %+v", a)
	}
	s.unchanged()
	s.mu.Lock()
	defer s.mu.Unlock()
	first, _, _ := strings.Cut(string(s.raw), GiveUp)
	if !strings.Contains(first, WhatNow) || strings.Contains(first, "Enter") {
		t.Errorf("the first thing shown was %q", first)
	}
}

// The hint is whole and takes no second line from a window that has 60 columns.
func TestHintWidths(t *testing.T) {
	slow(t)
	t.Parallel()
	for _, cols := range []int{60, 80, 100} {
		for _, question := range []string{WhatNow, "What about these changes?"} {
			s := newTerminal(t, cols, 24, true)
			got := asking(s, func() (int, error) { return s.ui().Choose(question, offers, 0) })
			s.ready()
			s.see("\n  " + GiveUp) // half of a menu may be there first
			before := s.shown()
			s.press("x")
			s.see("(" + EnterIsOff + ")")
			for line := range strings.Lines(s.shown()) {
				if cells(line) > cols {
					t.Errorf("%d columns: %q", cols, line)
				}
			}
			s.press(up)
			s.ready()
			s.press(down)
			s.until("the menu as it was", func(shown string) bool { return shown == before })
			s.press("\x1b")
			if a := got(); !errors.Is(a.err, ErrGivenUp) {
				t.Errorf("got %+v", a)
			}
			s.unchanged()
		}
	}
}

// ^Z gives the shell its terminal; behind fg the menu stands there again, with what
// is highlighted as it was, and no Enter that is pressed now is an answer to it.
func TestMenuStoppedAndContinued(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	start(s, "")
	s.see("shell$")
	s.press("PROMPTS_TEST_ASK=menu $ASK\r")
	s.ready()
	s.press(down)
	s.see("> Publish as 1.1.0")
	s.press("\x1a")
	s.see("Stopped")
	s.unchanged()
	s.press("clear=$((6*7)); echo $clear; fg\r\r\r")
	s.off()
	s.see("42\n")
	s.press(down)
	s.see("> Publish as 2.0.0")
	s.ready()
	s.press("\r")
	s.see("answer 2, error <nil>")
	s.see("shell$")
	s.unchanged()
}

// Where no shell can bring it back ^Z stops nothing. A stop from elsewhere, and what
// a shell did to the terminal meanwhile, is survived too.
func TestMenuStoppedWithoutAShell(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTerminal(t, 80, 30, true)
	cmd := start(s, "menu")
	s.ready()
	s.press("\x1a")
	s.off()
	s.press(down)
	s.ready()
	stopped(t, cmd)
	if err := unix.IoctlSetTermios(int(s.slave.Fd()), setTermios, s.before); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.off()
	s.press(down)
	s.ready()
	s.press("\r")
	s.see("answer 2, error <nil>")
	_ = cmd.Wait()
	s.unchanged()
}

// stopped stops a process and waits until it is.
func stopped(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	if _, err := unix.Wait4(cmd.Process.Pid, &status, unix.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("%v, %v", status, err)
	}
}

// A window that is dragged to and fro chooses nothing, takes nothing off the screen,
// and leaves a menu at the end that can be used.
func TestResizeStorm(t *testing.T) {
	slow(t)
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			s := newTerminal(t, 80, 250, true)
			if _, err := s.slave.WriteString("evidence\r\n"); err != nil {
				t.Fatal(err)
			}
			cmd := start(s, "menu")
			s.ready()
			for range 150 {
				s.resize(30+rnd.IntN(100), 200+rnd.IntN(50))
				if rnd.IntN(10) == 0 {
					s.press([]string{up, down}[rnd.IntN(2)])
				}
			}
			// A menu cut to 24 columns is one after the storm, and so are its keys.
			s.resize(24, 190)
			s.until("a menu for this window", func(shown string) bool {
				return strings.Contains(shown, "  ("+cut(MenuKeys, 19)+")") || strings.Contains(shown, "  ("+cut(EnterIsOff, 19)+")")
			})
			s.resize(90, 250)
			s.press(up)
			s.ready()
			s.press("\r")
			s.see(", error <nil>")
			shown := s.shown()
			if !strings.HasPrefix(shown, "evidence\n\n? What now?") {
				t.Errorf("the screen is\n%s", shown)
			}
			answer := regexp.MustCompile(`\? What now\? (.*)\nanswer (\d), error`).FindStringSubmatch(shown)
			if at, _ := strconv.Atoi(answer[2]); offers[at].Title != answer[1] {
				t.Errorf("%q", answer)
			}
			_ = cmd.Wait()
			s.unchanged()
		})
	}
}

// A window that has become narrower, or lower, has one menu, and so has one that is wide
// again: what stands over it stays.
func TestMenuInASmallerWindow(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTerminal(t, 100, 30, true)
	if _, err := s.slave.WriteString("evidence\r\n"); err != nil {
		t.Fatal(err)
	}
	cmd := start(s, "menu")
	s.ready()
	s.press(down)
	s.see("> Publish as 1.1.0")
	s.resize(40, 30)
	const top = "evidence\n\n? What now?   (arrows and Enter; Esc gives up)\n"
	shows := func(want string) {
		t.Helper()
		s.until(want, func(shown string) bool { return shown == want })
	}
	shows("evidence\n\n? What now?\n  (" + MenuKeys + ")\n  Publish as 1.0.1   (package.json, p…)\n> Publish as 1.1.0\n  Publish as 2.0.0\n  Another version …\n  Give up\n")
	s.resize(100, 30)
	shows(top + "  Publish as 1.0.1   (package.json, package-lock.json)\n> Publish as 1.1.0\n  Publish as 2.0.0\n  Another version …\n  Give up\n")
	s.resize(100, 20)
	s.press(up)
	shows(top + "> Publish as 1.0.1   (package.json, package-lock.json)\n  Publish as 1.1.0\n  Publish as 2.0.0\n  Another version …\n  Give up\n")
	s.press(down)
	s.see("> Publish as 1.1.0")
	s.press("\r")
	s.see("answer 1, error <nil>")
	_ = cmd.Wait()
	s.unchanged()
}

// A key in a window that has just become narrow does not wait until it stands still.
func TestArrowInANarrowWindow(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 100, 30, true)
	got := asking(s, func() (int, error) { return s.ui().Choose(WhatNow, offers, 0) }) // no signal tells this process
	s.ready()
	s.resize(40, 30)
	s.press(down)
	s.see("  Publish as 1.0.1   (package.json, p…)\n> Publish as 1.1.0")
	s.press("\r")
	if a := got(); a.value != 1 || a.err != nil {
		t.Errorf("got %+v", a)
	}
	s.unchanged()
}

// Enter in a window that has just become narrow takes no line away but the menu's.
func TestChosenInANarrowWindow(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 100, 30, true)
	u := s.ui()
	u.Line("evidence")
	got := asking(s, func() (int, error) { return u.Choose(WhatNow, offers, 0) }) // no signal tells this process
	s.ready()
	s.resize(30, 30)
	s.press("\r")
	if a := got(); a.value != 0 || a.err != nil {
		t.Errorf("got %+v", a)
	}
	s.until("one menu, answered", func(shown string) bool { return shown == "evidence\n\n? What now? Publish as 1.0.1\n" })
	s.unchanged()
}
