// Package prompts is everything a person sees and answers.
//
// The voice is stated once, in .github/CONTRIBUTING.md. An end without questions is
// "safepublish: CAUSE: title".
//
// The screen. Our words go to stderr, always; stdout belongs to npm. One blank line,
// one headline, evidence, one menu. Red for what failed, and nothing else shouts. No
// colour under NO_COLOR or TERM=dumb. Nothing that a registry or a script printed can
// steer the terminal through our lines: control characters are shown, not obeyed.
// What was typed before a question stood on the screen never answers it. ^C and ^D
// give up; nothing is ever chosen by accident.
package prompts

import (
	"errors"
	"fmt"
)

// ErrGivenUp is what every question returns when the person ends it with ^C or
// ^D, or when the terminal is gone.
var ErrGivenUp = errors.New("given up")

const (
	// WhatNow is the question of every menu of offers.
	WhatNow = "What now?"
	// RunScripts goes on with a version that is there already.
	RunScripts = "Run the scripts anyway"
	// Skip passes over one package of several.
	Skip = "Skip this package"
	// GiveUp is the title of every menu's last item.
	GiveUp = "Give up"
	// GoOn stands above the commands that would go on from an end without questions.
	GoOn = "To go on:"
)

// Item is one line of a menu.
type Item struct {
	ID    string // the remedy, "" for what only ends the menu
	Title string
	Note  string // shown dimmed beside the title
}

// Asker asks a person, as a UI does.
type Asker interface {
	// Choose shows a menu and returns the index of the item chosen.
	Choose(question string, items []Item, preselected int) (int, error)
	// Text asks for a line; check's error is shown and the question asked again.
	// A nil check takes everything. Blanks around the answer are cut off.
	Text(label string, check func(string) error) (string, error)
	// Secret is Text without echo.
	Secret(label string, check func(string) error) (string, error)
	// Confirm asks a question that is answered by typing want, and nothing else:
	// false for every other answer, the empty one included. Where want is "y",
	// "Y" and "yes" are that answer too.
	Confirm(question, want string) (bool, error)
}

var _ Asker = (*UI)(nil)

// LastLine is what a run without questions ends with, stable for grep. Print it
// with Bare.
func LastLine(cause, title string) string {
	return fmt.Sprintf("safepublish: %s: %s", cause, title)
}
