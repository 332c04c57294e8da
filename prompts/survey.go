package prompts

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/AlecAivazis/survey/v2"
	"github.com/AlecAivazis/survey/v2/terminal"
)

// This file is the only one that knows survey. It uses its Select and nothing
// else, for the other prompts wait for a report of the cursor's position, which
// not every terminal sends. What else is fenced off here, all of it seen:
//
//   - ^D accepts what is highlighted; ESC turns on vim keys; letters filter the
//     list, and a filter that matches nothing panics; Alt with a letter is an
//     error. So survey gets five keys and nothing else (type keys).
//   - Keys that wait in the queue choose at once. So the queue is thrown away when
//     the terminal is in its mode and the menu is drawn but not yet shown.
//   - A line that wraps breaks the redraw when the window changes. So none does.
//   - Colours are decided by the process's environment. So the template has its own.

// menu is survey's template of a select. The words in capitals stand for what
// turns a style on and off.
const menu = `
{{- define "option"}}
{{- if eq .SelectedIndex .CurrentIndex }}BOLD> {{else}}  {{end}}
{{- .CurrentOpt.Value}}RESET{{with $.GetDescription .CurrentOpt}}   DIM({{.}})RESET{{end}}
{{end}}
{{- "BOLD"}}{{ .Message }}RESET
{{- if .ShowAnswer}} {{.Answer}}{{"\n"}}
{{- else}}{{"\n"}}
  {{- range $ix, $option := .PageEntries}}{{template "option" $.IterateOption $ix $option}}{{end}}
{{- end}}`

func (u *UI) chooseArrow(question string, items []Item, preselected int) (int, error) {
	survey.SelectQuestionTemplate = u.template()
	titles, notes := u.rows(items)
	prompt := &survey.Select{
		Message:     u.lastLine(question),
		Options:     titles,
		Default:     preselected,
		Description: func(_ string, i int) string { return notes[i] },
	}
	out := &held{to: u.err, held: true}
	defer u.stands("\x1b8")() // survey keeps the cursor on the item, and the end of the menu saved
	var chosen int
	err := survey.AskOne(prompt, &chosen,
		survey.WithStdio(&keys{u: u, out: out}, out, u.err),
		survey.WithPageSize(max(2, min(len(items), u.height()-2))))
	out.release()
	switch {
	case err == nil:
		return chosen, nil
	case errors.Is(err, terminal.InterruptErr), errors.Is(err, io.EOF):
		return 0, ErrGivenUp
	default:
		return 0, fmt.Errorf("showing the menu: %w", err)
	}
}

// template returns the menu in this terminal's styles. survey keeps compiled
// templates by their text, so each kind has its own.
func (u *UI) template() string {
	if !u.colour {
		return strings.NewReplacer("BOLD", "", "DIM", "", "RESET", "").Replace(menu)
	}
	return strings.NewReplacer("BOLD", string(bold), "DIM", string(dim), "RESET", reset).Replace(menu)
}

// rows returns the titles and the notes, cut so that no line is as wide as the
// terminal. The note gives way first; a note of which nothing is left says nothing.
func (u *UI) rows(items []Item) (titles, notes []string) {
	room := u.width() - len("> ") - 1
	for _, item := range items {
		title := cut(u.clean(item.Title), max(1, room))
		left := room - cells(title) - len("   ()")
		note := u.clean(item.Note)
		if note = cut(note, left); left < 8 && cells(note) >= left {
			note = ""
		}
		titles, notes = append(titles, title), append(notes, note)
	}
	return titles, notes
}

// lastLine prints what of the question does not fit on one line and returns the rest.
func (u *UI) lastLine(question string) string {
	flat := &UI{redact: u.clean}
	lines := strings.Split(flat.flow(u.width()-1, 0, span{"? " + question, bold}), "\n")
	last := len(lines) - 1
	for _, line := range lines[:last] {
		u.write(u.flow(u.width(), 0, span{line, bold}) + "\n")
	}
	return lines[last]
}

// held keeps what survey draws until it is released, so that the menu appears at
// once, and not before its keys can be read.
type held struct {
	to   io.Writer
	buf  []byte
	held bool
}

func (h *held) Write(p []byte) (int, error) {
	if !h.held {
		return h.to.Write(p)
	}
	h.buf = append(h.buf, p...)
	return len(p), nil
}

func (h *held) Fd() uintptr { return h.to.(interface{ Fd() uintptr }).Fd() }

func (h *held) release() {
	if h.held {
		h.held = false
		_, _ = h.to.Write(h.buf)
	}
}

// keys is the keyboard as survey is to see it: up, down, Enter and ^C. It reads
// sequences over several reads, as a slow line delivers them.
type keys struct {
	u     *UI
	out   *held
	state int // 0: text, 1: after ESC, 2: inside ESC [ or ESC O
	param bool
}

// Fd makes it a terminal.FileReader.
func (k *keys) Fd() uintptr { return k.u.in.Fd() }

func (k *keys) Read(p []byte) (int, error) {
	if k.out.held {
		// survey has set its mode just before its first read.
		discard(k.u.in)
		k.out.release()
	}
	raw := make([]byte, len(p))
	for {
		n, err := readSome(k.u.in, raw)
		if err != nil || n == 0 {
			return 0, io.EOF
		}
		w := 0
		for _, b := range raw[:n] {
			if key := k.key(b); key != 0 {
				p[w] = key
				w++
			}
		}
		if w > 0 {
			return w, nil
		}
	}
}

// key takes one byte and returns the key that it completes, 0 for none.
func (k *keys) key(b byte) byte {
	switch {
	case b == 0x03 || b == 0x04:
		k.state = 0
		return terminal.KeyInterrupt
	case b == 0x1b:
		k.state = 1
		return 0
	case k.state == 1 && (b == '[' || b == 'O'):
		k.state, k.param = 2, false
		return 0
	case k.state == 2:
		return k.sequence(b)
	}
	k.state = 0
	switch b {
	case '\r', '\n':
		return terminal.KeyEnter
	case terminal.KeyArrowUp, terminal.KeyArrowDown: // ^P and ^N, as in a shell
		return b
	}
	return 0
}

func (k *keys) sequence(b byte) byte {
	if b < 0x40 || b > 0x7e {
		k.param = true // ESC [ 1 ; 5 A is not an arrow alone
		return 0
	}
	k.state = 0
	switch {
	case b == 'A' && !k.param:
		return terminal.KeyArrowUp
	case b == 'B' && !k.param:
		return terminal.KeyArrowDown
	}
	return 0
}
