//go:build unix

package prompts

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// lineQuestions are those that read a line, by what they show.
var lineQuestions = map[string]func(u *UI) (any, error){
	"Version:": func(u *UI) (any, error) { return u.Text("Version", nil) },
	"One-time": func(u *UI) (any, error) { return u.Secret("One-time password", nil) },
	number:     func(u *UI) (any, error) { return u.Choose(WhatNow, offers, 0) },
	"[y/N]":    func(u *UI) (any, error) { return u.Confirm("Go on?", "y") },
}

// refusals returns how often an answer was refused on the screen.
func refusals(shown string) int {
	return strings.Count(shown, oneLine[:20]) + strings.Count(shown, unseen[:20]) + strings.Count(shown, "a number from 1")
}

// More than one line is no answer to any question, whether the last one has an end or
// not. Nothing of it answers the next question, and nothing is left for the shell.
func TestSeveralLinesAtOnce(t *testing.T) {
	slow(t)
	for see, ask := range lineQuestions {
		for _, text := range []string{"1\nrm -rf .\necho end\n", "1\nrm -rf .", "y\n\n", "1\ry", "\n1\n"} {
			t.Run(fmt.Sprintf("%s %q", see, text), func(t *testing.T) {
				t.Parallel()
				s := newTerminal(t, 80, 24, true)
				u := s.ui("SAFEPUBLISH_PLAIN=1")
				got := asking(s, func() (any, error) { return ask(u) })
				s.see(see)
				s.press(text)
				if see == "[y/N]" {
					if a := got(); a.value != false || a.err != nil {
						t.Errorf("got %+v", a)
					}
				} else {
					s.until("a refusal", func(shown string) bool { return refusals(shown) == 1 && strings.Count(shown, see) == 2 })
					s.press("2\r")
					if a := got(); a.value != "2" && a.value != 1 || a.err != nil {
						t.Errorf("got %+v", a)
					}
				}
				left := []unix.PollFd{{Fd: int32(s.slave.Fd()), Events: unix.POLLIN}}
				if n, err := unix.Poll(left, 0); n != 0 || err != nil {
					t.Errorf("something is left for the shell (%v)", err)
				}
				s.unchanged()
			})
		}
	}
}

// Esc, an arrow and the marks of a paste are no text.
func TestKeysInALine(t *testing.T) {
	slow(t)
	for see, ask := range lineQuestions {
		for _, keys := range []string{"\x1b", down + "1", pasted("1"), "1\x1b[D", "1\t2", "1\x1c", "1\u200b2", "1\u202e"} {
			t.Run(fmt.Sprintf("%s %q", see, keys), func(t *testing.T) {
				t.Parallel()
				s := newTerminal(t, 80, 24, true)
				got := asking(s, func() (any, error) { return ask(s.ui("TERM=dumb")) })
				s.see(see)
				s.press(keys + "\r")
				if see != "[y/N]" {
					s.until("a refusal", func(shown string) bool { return refusals(shown) == 1 && strings.Count(shown, see) == 2 })
					s.press("\x03")
				}
				if a := got(); see == "[y/N]" && (a.value != false || a.err != nil) || see != "[y/N]" && !errors.Is(a.err, ErrGivenUp) {
					t.Errorf("got %+v", a)
				}
				s.unchanged()
			})
		}
	}
}

// What waited before a question stood on the screen answers none.
func TestTypedBeforeALine(t *testing.T) {
	slow(t)
	for see, ask := range lineQuestions {
		for _, typed := range []string{"1\r", "y\ry", "\r\r\r"} {
			t.Run(fmt.Sprintf("%s %q", see, typed), func(t *testing.T) {
				t.Parallel()
				s := newTerminal(t, 80, 24, true)
				s.press(typed + "typed")
				s.see("typed")
				got := asking(s, func() (any, error) { return ask(s.ui("TERM=dumb")) })
				s.see(see)
				s.press("2\r")
				if a := got(); a.value != "2" && a.value != 1 && a.value != false || a.err != nil || refusals(s.shown()) > 0 {
					t.Errorf("got %+v", a)
				}
				s.unchanged()
			})
		}
	}
}

// Only a number of the list chooses, and only q, ^C and ^D give up.
func TestWordsAtANumberedMenu(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTerminal(t, 80, 100, true)
	got := asking(s, func() (int, error) { return s.ui("TERM=dumb").Choose(WhatNow, offers, 0) })
	s.see(number)
	words := []string{"no", "quit", "", "y", "yes", "0", "6", "-1", "+1", "01", "1.", "1 2", "１", "one", "git log", GiveUp, "exit", "99999999999999999999"}
	for i, word := range words {
		s.press(word + "\r")
		s.until(word+" refused", func(shown string) bool { return refusals(shown) == i+1 && strings.Count(shown, number) == i+2 })
	}
	s.press("q\r")
	if a := got(); !errors.Is(a.err, ErrGivenUp) {
		t.Errorf("got %+v", a)
	}
	s.unchanged()
}

// What was typed before ^Z is on the screen no more, and so is no part of the answer.
func TestLineStoppedHalfway(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	cmd := start(s, "text")
	s.see("Version:")
	s.press("9")
	s.see("Version: 9")
	stopped(t, cmd)
	if err := cmd.Process.Signal(unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	s.until("the question again", func(shown string) bool { return strings.Count(shown, "Version:") == 2 })
	s.press("1.0.0\r")
	s.see("answer 1.0.0, error <nil>")
	_ = cmd.Wait()
	s.unchanged()
}
