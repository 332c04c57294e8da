// Package prompts is everything a person sees and answers.
//
// The rules, stated once. Our words go to stderr, always; stdout belongs to npm.
// One blank line, one headline, evidence, one menu. Red for what failed, and
// nothing else shouts. No colour under NO_COLOR or TERM=dumb. No exclamation
// marks, no blame. Nothing that a registry or a script printed can steer the
// terminal through our lines: control characters are shown, not obeyed. What was
// typed before a question stood on the screen never answers it. ^C and ^D give
// up; nothing is ever chosen by accident.
//
// The sentences that are said in more than one place are in words.go.
package prompts

import "errors"

// ErrGivenUp is what every question returns when the person ends it with ^C or
// ^D, or when the terminal is gone.
var ErrGivenUp = errors.New("given up")

// Item is one line of a menu.
type Item struct {
	ID    string // the remedy, "" for what only ends the menu
	Title string
	Note  string // shown dimmed beside the title
}

// Asker asks a person. A terminal is one; the rehearsal's player is another.
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

var (
	_ Asker = (*UI)(nil)
	_ Asker = (*Player)(nil)
)
