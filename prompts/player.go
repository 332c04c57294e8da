package prompts

import (
	"fmt"
	"strings"
)

// Answer is what the rehearsal answers to one question. Which field counts is up
// to the question: a menu takes Choose, and so on.
type Answer struct {
	Choose  string // an item's ID, the first that has it, or an item's whole title
	Text    string
	Secret  string
	Confirm bool // types what the question wants; false types nothing
}

// Player is an Asker that plays a person: it prints each question as a terminal
// would show it, and after it the next of its answers, so that a rehearsal reads
// the same in a pipe. Where no answer is left it gives up.
type Player struct {
	u       *UI
	answers []Answer
}

// NewPlayer returns a Player that prints on u and gives these answers in order.
func NewPlayer(u *UI, answers []Answer) *Player { return &Player{u: u, answers: answers} }

// Choose plays a menu. An answer that the menu does not have is an error that
// wraps ErrGivenUp.
func (p *Player) Choose(question string, items []Item, preselected int) (int, error) {
	p.u.write("\n" + p.u.list(question, items, preselected))
	a, err := p.next()
	if err != nil {
		return 0, err
	}
	for i, item := range items {
		if item.ID == a.Choose || item.Title == a.Choose {
			p.say("chose: " + item.Title)
			return i, nil
		}
	}
	p.say("gave up")
	return 0, fmt.Errorf("the menu has no %q: %w", a.Choose, ErrGivenUp)
}

// Text plays a typed line; what check refuses is followed by the next answer.
func (p *Player) Text(label string, check func(string) error) (string, error) {
	return p.ask(label, false, check)
}

// Secret plays a line typed without echo.
func (p *Player) Secret(label string, check func(string) error) (string, error) {
	return p.ask(label, true, check)
}

func (p *Player) ask(label string, secret bool, check func(string) error) (string, error) {
	for {
		p.u.Line("? " + label + ":")
		a, err := p.next()
		if err != nil {
			return "", err
		}
		answer, shown := a.Text, a.Text
		if secret {
			answer, shown = a.Secret, strings.Repeat("*", len(a.Secret))
		}
		p.say("typed: " + shown)
		if check == nil {
			return answer, nil
		}
		wrong := check(answer)
		if wrong == nil {
			return answer, nil
		}
		p.u.Note(wrong.Error())
	}
}

// Confirm plays a question of yes or no.
func (p *Player) Confirm(question, want string) (bool, error) {
	p.u.Line("? " + strings.TrimRight(confirmation(question, want), " "))
	a, err := p.next()
	if err != nil {
		return false, err
	}
	if a.Confirm {
		p.say("typed: " + want)
	} else {
		p.say("pressed Enter")
	}
	return a.Confirm, nil
}

func (p *Player) next() (Answer, error) {
	if len(p.answers) == 0 {
		p.say("gave up")
		return Answer{}, ErrGivenUp
	}
	a := p.answers[0]
	p.answers = p.answers[1:]
	return a, nil
}

func (p *Player) say(s string) { p.u.Line("(rehearsal) " + s) }
