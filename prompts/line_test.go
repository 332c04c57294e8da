//go:build unix

package prompts

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

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
		s.until(word+" refused", func(shown string) bool {
			return strings.Count(shown, "a number from 1") == i+1 && strings.Count(shown, number) == i+2
		})
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
	s.press("1.0.1\r")
	s.see("answer 1.0.1, error <nil>")
	_ = cmd.Wait()
	s.unchanged()
}
