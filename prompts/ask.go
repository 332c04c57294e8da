package prompts

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/term"

	"safepublish/classify/transcript"
)

// Choose shows a menu and returns the index of the item chosen with the arrow keys
// and Enter, or by its number where the terminal is dumb. Esc, q, ^C and ^D return
// ErrGivenUp, and so does everything where nobody can be asked.
func (u *UI) Choose(question string, items []Item, preselected int) (int, error) {
	if len(items) == 0 {
		return 0, errors.New("a menu without items")
	}
	if preselected < 0 || preselected >= len(items) {
		preselected = 0
	}
	if !u.asks() {
		return 0, ErrGivenUp
	}
	u.write("\n")
	switch {
	case u.played:
		return u.playMenu(question, items)
	case u.plain:
		return u.chooseNumber(question, items)
	}
	return u.chooseArrow(question, items, preselected)
}

// number is the question under a menu with numbers.
const number = "Number, or q to give up"

// chooseNumber takes a number and nothing else. An empty line is not taken for the
// preselected item: people press Enter when they do not know what to press.
func (u *UI) chooseNumber(question string, items []Item) (int, error) {
	u.write(u.list(question, items))
	chosen := 0
	_, err := u.Text(number, func(s string) error {
		if strings.EqualFold(s, "q") {
			return ErrGivenUp
		}
		for i := range items {
			if s == strconv.Itoa(i+1) {
				chosen = i
				return nil
			}
		}
		return fmt.Errorf("a number from 1 to %d, or q to give up", len(items))
	})
	return chosen, err
}

// Text asks for a line. See Asker.
func (u *UI) Text(label string, check func(string) error) (string, error) {
	return u.ask(label, true, check)
}

// Secret asks for a line that is not shown. See Asker. The answer is stored nowhere.
func (u *UI) Secret(label string, check func(string) error) (string, error) {
	return u.ask(label, false, check)
}

const (
	// oneLine is said where more lines were pasted behind the answer.
	oneLine = "that was more than one line, so none of it was used"
	// notTyped is said where a question of yes or no was answered with a paste.
	notTyped = "what is pasted is not an answer; it counts as no"
	// unseen is said where control or format characters stand in the answer.
	unseen = "that contains invisible characters; type it again, or press ^C to give up"
)

func (u *UI) ask(label string, echo bool, check func(string) error) (string, error) {
	for {
		answer, err := u.line(label+": ", "", echo)
		switch {
		case errors.Is(err, errPasted):
			u.Note(oneLine)
			continue
		case err != nil:
			return "", err
		case transcript.Visible(answer) != answer || strings.Contains(answer, "\t"): // the terminal sends Esc and arrows as characters
			u.Note(unseen)
			continue
		case check == nil:
			return answer, nil
		}
		wrong := check(answer)
		switch {
		case wrong == nil:
			return answer, nil
		case errors.Is(wrong, ErrGivenUp):
			return "", wrong
		}
		u.Note(wrong.Error())
	}
}

// Confirm asks a question that only want answers with yes. See Asker. More than one
// line is no answer, and no answer is no. A "y" that is pasted is none either, where the
// terminal marks it.
func (u *UI) Confirm(question, want string) (bool, error) {
	answer, err := u.line(confirmation(question, want), want, true)
	if errors.Is(err, errPasted) || strings.Contains(answer, pasteBegins) {
		u.Note(notTyped)
		return false, nil
	}
	return err == nil && agrees(answer, want), err
}

// confirmation returns a question with what is to be typed after it.
func confirmation(question, want string) string {
	if want == "y" {
		return question + " [y/N] "
	}
	return fmt.Sprintf("%s Type %s to go on: ", question, want)
}

func agrees(answer, want string) bool {
	if want == "y" {
		answer = strings.ToLower(answer)
		return answer == "y" || answer == "yes"
	}
	return answer == want
}

// line asks for one line at the prompt and returns it without the blanks around it.
// want is what a question of yes or no wants.
func (u *UI) line(prompt, want string, echo bool) (string, error) {
	switch {
	case u.played:
		return u.playLine(prompt, want, echo)
	case !u.asks():
		return "", ErrGivenUp
	}
	prompt = u.flow(u.width()-1, 2, span{"?", bold}, span{" " + prompt, normal})
	below := ""
	if want == "y" && !u.plain {
		prompt, below = pasteMarksOn+prompt, pasteMarksOff
		defer u.out(below)
	}
	defer u.showing(below + "\n")()
	answer, err := readLine(u.in, echo, func() { u.write(prompt) })
	if errors.Is(err, ErrGivenUp) {
		u.write("\n") // the cursor still stands behind the question
	}
	return strings.TrimSpace(answer), err
}

// errPasted is what a line ends with that has more lines behind it.
var errPasted = errors.New("more than one line")

// asks reports whether there is a terminal to ask on, or answers are played. A pipe is never read: what
// is in it was not meant for a question.
func (u *UI) asks() bool {
	return u.played || u.terminal && term.IsTerminal(int(u.in.Fd()))
}
