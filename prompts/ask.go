package prompts

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// Choose shows a menu and returns the index of the item chosen with the arrow keys
// and Enter, or by its number where the terminal is dumb. ^C and ^D return
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
	if u.plain {
		return u.chooseNumber(question, items, preselected)
	}
	return u.chooseArrow(question, items, preselected)
}

// chooseNumber takes no empty line for the preselected item: Enter is what people
// press when they do not know what to press.
func (u *UI) chooseNumber(question string, items []Item, preselected int) (int, error) {
	u.write(u.list(question, items, preselected))
	answer, err := u.Text("Number", func(s string) error {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > len(items) {
			return fmt.Errorf("a number from 1 to %d", len(items))
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(answer)
	return n - 1, err
}

// list returns the menu as text, the preselected item marked.
func (u *UI) list(question string, items []Item, preselected int) string {
	var b strings.Builder
	b.WriteString(u.paragraph(2, span{"?", bold}, span{" " + question, bold}))
	for i, item := range items {
		mark := "  "
		if i == preselected {
			mark = "> "
		}
		line := []span{{fmt.Sprintf("%s%d. %s", mark, i+1, item.Title), normal}}
		if item.Note != "" {
			line = append(line, span{"   (" + item.Note + ")", dim})
		}
		b.WriteString(u.paragraph(5, line...))
	}
	return b.String()
}

// Text asks for a line. See Asker.
func (u *UI) Text(label string, check func(string) error) (string, error) {
	return u.ask(label, true, check)
}

// Secret asks for a line that is not shown. See Asker. The answer is stored nowhere.
func (u *UI) Secret(label string, check func(string) error) (string, error) {
	return u.ask(label, false, check)
}

func (u *UI) ask(label string, echo bool, check func(string) error) (string, error) {
	for {
		answer, err := u.line(label+": ", echo)
		if err != nil || check == nil {
			return answer, err
		}
		wrong := check(answer)
		if wrong == nil {
			return answer, nil
		}
		u.Note(wrong.Error())
	}
}

// Confirm asks a question that only want answers with yes. See Asker.
func (u *UI) Confirm(question, want string) (bool, error) {
	answer, err := u.line(confirmation(question, want), true)
	return err == nil && agrees(answer, want), err
}

func agrees(answer, want string) bool {
	if want == "y" {
		answer = strings.ToLower(answer)
		return answer == "y" || answer == "yes"
	}
	return answer == want
}

// line asks for one line at the prompt and returns it without the blanks around it.
func (u *UI) line(prompt string, echo bool) (string, error) {
	if !u.asks() {
		return "", ErrGivenUp
	}
	prompt = u.flow(u.width()-1, 2, span{"?", bold}, span{" " + prompt, normal})
	defer u.stands("\n")()
	answer, err := readLine(u.in, echo, func() { u.write(prompt) })
	if err != nil {
		u.write("\n") // the cursor still stands behind the question
		return "", err
	}
	return strings.TrimSpace(answer), nil
}

// asks reports whether there is a terminal to ask on. A pipe is never read: what
// is in it was not meant for a question.
func (u *UI) asks() bool {
	return u.terminal && term.IsTerminal(int(u.in.Fd()))
}
