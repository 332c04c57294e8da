package prompts

import (
	"fmt"
	"strings"
)

// Agree is the answer of Play that types what a question of yes or no wants.
const Agree = "agree"

// Play gives the questions these answers, in order, in place of a person's. Each
// question is printed as a terminal would show it, and after it its answer, so that a
// rehearsal reads the same in a pipe. A menu takes an item's ID (the first that has
// it) or whole title. Where no answer is left the person gives up.
func (u *UI) Play(answers []string) { u.played, u.answers = true, answers }

func (u *UI) nextAnswer() (string, error) {
	if len(u.answers) == 0 {
		u.say("gave up")
		return "", ErrGivenUp
	}
	answer := u.answers[0]
	u.answers = u.answers[1:]
	return answer, nil
}

// playMenu answers a menu. An answer that it does not have is an error that wraps
// ErrGivenUp.
func (u *UI) playMenu(question string, items []Item) (int, error) {
	u.write(u.list(question, items))
	answer, err := u.nextAnswer()
	if err != nil {
		return 0, err
	}
	for i, item := range items {
		if item.ID == answer || item.Title == answer {
			u.say("chose: " + item.Title)
			return i, nil
		}
	}
	u.say("gave up")
	return 0, fmt.Errorf("the menu has no %q: %w", answer, ErrGivenUp)
}

// playLine answers a line. want is what a question of yes or no wants.
func (u *UI) playLine(prompt, want string, echo bool) (string, error) {
	u.Line("? " + strings.TrimRight(prompt, " "))
	answer, err := u.nextAnswer()
	switch {
	case err != nil:
		return "", err
	case answer == "":
		u.say("pressed Enter")
		return "", nil
	case answer == Agree && want != "":
		answer = want
	}
	shown := answer
	if !echo {
		shown = strings.Repeat("*", len(answer))
	}
	u.say("typed: " + shown)
	return answer, nil
}

func (u *UI) say(s string) { u.Line("(rehearsal) " + s) }
