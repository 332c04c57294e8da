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
//     error. So survey gets five keys and nothing else (keys.go).
//   - Keys that wait in the queue choose at once. So the queue is thrown away when
//     the terminal is in its mode and the menu is drawn but not yet shown.
//   - It goes to and fro by the terminal's saved position, which is another line
//     once the window has changed. So it goes by lines (type held).
//   - A line that wraps breaks the redraw. So none does, and where the window
//     becomes too small the menu is shown once more, below.
//   - Colours are decided by the process's environment. So the template has its own.

// template is survey's template of a select. The words in capitals stand for what
// turns a style on and off; Help is the hint about the keys.
const template = `
{{- define "option"}}
{{- if eq .SelectedIndex .CurrentIndex }}BOLD> {{else}}  {{end}}
{{- .CurrentOpt.Value}}RESET{{with $.GetDescription .CurrentOpt}}   DIM({{.}})RESET{{end}}
{{end}}
{{- "BOLD"}}{{ .Message }}RESET
{{- if .ShowAnswer}} {{.Answer}}{{"\n"}}
{{- else}}{{with .Help}}DIM{{.}}RESET{{end}}{{"\n"}}
  {{- range $ix, $option := .PageEntries}}{{template "option" $.IterateOption $ix $option}}{{end}}
{{- end}}`

// What a menu's read ends with. After errContinued and errResized, and after ^Z, it
// is drawn anew.
var (
	errQuiet     = errors.New("nothing was typed")
	errContinued = errors.New("the process goes on")
	errResized   = errors.New("the window has another size")
	errSuspend   = errors.New("^Z was pressed")
)

const (
	pasteMarksOn  = "\x1b[?2004h" // the terminal marks what is pasted
	pasteMarksOff = "\x1b[?2004l"
)

// chooseArrow shows the menu until it is answered. After ^Z Enter is off: what stood
// there was not looked at for a while, and the Enter behind fg may be followed by
// another one.
func (u *UI) chooseArrow(question string, items []Item, preselected int) (int, error) {
	board, err := newKeyboard(u.in)
	if err != nil {
		return 0, fmt.Errorf("showing the menu: %w", err)
	}
	defer board.close()
	m := &menu{u: u, board: board, at: preselected, keys: menuKeys{fresh: true}}
	for {
		err := m.ask(question, items)
		switch {
		case err == nil:
			return m.at, nil
		case errors.Is(err, errSuspend):
			board.suspend()
			m.keys = menuKeys{off: true}
		case errors.Is(err, errContinued):
			m.keys = menuKeys{off: true}
		case errors.Is(err, errResized):
		case errors.Is(err, terminal.InterruptErr), errors.Is(err, io.EOF):
			return 0, ErrGivenUp
		default:
			return 0, fmt.Errorf("showing the menu: %w", err)
		}
		u.write("\r\n\x1b[J")
	}
}

// menu is one that stands on the screen. It is survey's keyboard: survey gets the
// keys that it is to know.
type menu struct {
	u      *UI
	board  *keyboard
	out    *held
	items  []Item
	prompt *survey.Select
	notes  []string // beside the options
	keys   menuKeys
	acts   []act // not yet told to survey
	at     int   // what is highlighted

	widest  int // of what was drawn, in columns
	height  int // of the window then
	resized bool
}

// ask shows the menu once.
func (m *menu) ask(question string, items []Item) error {
	u := m.u
	survey.SelectQuestionTemplate = u.template()
	m.items, m.acts, m.resized = items, nil, false
	m.prompt = &survey.Select{
		Message:     u.lastLine(question),
		Default:     m.at,
		Description: func(_ string, i int) string { return m.notes[i] },
	}
	m.lay()
	m.keys.say()
	m.hint()
	m.out = &held{u: u, held: true}
	defer u.stands("")()
	err := survey.AskOne(m.prompt, &m.at,
		survey.WithStdio(m, m.out, u.err),
		survey.WithPageSize(max(2, min(len(items), m.height-3)))) // the question, a hint under it, and the cursor's line
	m.out.release("")
	u.write(pasteMarksOff)
	return err
}

// lay makes the lines of the menu for the window as it is now.
func (m *menu) lay() {
	m.height, m.widest = m.u.height(), 0
	m.prompt.Options, m.notes = m.u.rows(m.items)
	for i, line := range m.prompt.Options {
		if m.notes[i] != "" {
			line += "   (" + m.notes[i] + ")"
		}
		m.widest = max(m.widest, cells("> "+line))
	}
}

// hint puts the hint about the keys behind the question, or under it where it does
// not fit there.
func (m *menu) hint() {
	m.prompt.Help = ""
	if hint := m.keys.hint; hint != "" {
		room := m.u.width() - 1
		beside, below := "   ("+hint+")", "  ("+cut(hint, max(1, room-len("  ()")))+")"
		m.prompt.Help = beside
		if cells(m.prompt.Message+beside) > room {
			m.prompt.Help = "\n" + below
			beside = ""
		}
		m.widest = max(m.widest, cells(m.prompt.Message+beside))
	}
}

// template returns the menu in this terminal's styles. survey keeps compiled
// templates by their text, so each kind has its own.
func (u *UI) template() string {
	if !u.colour {
		return strings.NewReplacer("BOLD", "", "DIM", "", "RESET", "").Replace(template)
	}
	return strings.NewReplacer("BOLD", string(bold), "DIM", string(dim), "RESET", reset).Replace(template)
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

// held is what survey draws on. It keeps what is drawn until it is released, so that
// the menu appears at once, and not before its keys can be read. And it goes back to
// the end of the menu by as many lines as survey has gone up from there: the saved
// position means another line once the window has changed.
type held struct {
	u    *UI
	buf  []byte
	held bool
	up   int
}

func (h *held) Write(p []byte) (int, error) {
	n, s := len(p), string(p)
	switch s {
	case "\x1b7":
		h.up, s = 0, ""
	case "\x1b8":
		h.up, s = 0, h.down()
	case "\x1b[1A":
		h.up++
	}
	h.buf = append(h.buf, s...)
	if h.held {
		return n, nil
	}
	below := pasteMarksOff + h.down()
	h.u.below.Store(&below)
	_, err := h.u.err.Write(h.buf)
	h.buf = h.buf[:0]
	return n, err
}

func (h *held) down() string {
	if h.up == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dB", h.up)
}

// Fd makes it a terminal.FileWriter. It is none: survey asks it for the window's
// width, to take away so many lines as its text has there. Whether a text is broken
// anew when a window changes depends on the terminal, and where it is not survey
// would take away lines above the menu.
func (h *held) Fd() uintptr { return ^uintptr(0) }

// release shows what was kept, behind first.
func (h *held) release(first string) {
	if h.held {
		h.held, h.buf = false, append([]byte(first), h.buf...)
		_, _ = h.Write(nil)
	}
}

// Fd makes it a terminal.FileReader.
func (m *menu) Fd() uintptr { return m.u.in.Fd() }

// Read returns the next key that survey is to know.
func (m *menu) Read(p []byte) (int, error) {
	if m.out.held {
		// survey has set its mode just before its first read. Who typed while no
		// menu was there is not reading this one.
		m.keys.off = m.board.typedAhead() || m.keys.off
		if m.keys.say() {
			m.acts = []act{redraw}
		}
		m.out.release(pasteMarksOn)
	}
	raw := make([]byte, len(p))
	for len(m.acts) == 0 {
		if err := m.listen(raw); err != nil {
			return 0, err
		}
	}
	next := m.acts[0]
	m.acts = m.acts[1:]
	m.hint()
	switch n := len(m.prompt.Options); next {
	case choose:
		p[0] = terminal.KeyEnter
		return 1, nil
	case giveUp:
		p[0] = terminal.KeyInterrupt
		return 1, nil
	case stop:
		return 0, errSuspend
	case moveUp:
		m.at, p[0] = (m.at+n-1)%n, terminal.KeyArrowUp
	case moveDown:
		m.at, p[0] = (m.at+1)%n, terminal.KeyArrowDown
	case redraw:
		p[0] = terminal.IgnoreKey
	}
	if !m.fits() {
		return 0, errResized
	}
	return 1, nil
}

// fits reports whether the window still holds what was drawn.
func (m *menu) fits() bool { return m.u.width() > m.widest && m.u.height() >= m.height }

// listen waits for keys. A window that changes is looked at once it stands still.
func (m *menu) listen(raw []byte) error {
	wait := m.keys.patience()
	if m.resized && wait < 0 {
		wait = aMoment
	}
	n, err := m.board.read(raw, wait)
	switch {
	case err == nil:
		m.acts = m.keys.press(raw[:n])
	case errors.Is(err, errResized):
		m.resized = true
	case errors.Is(err, errQuiet) && m.resized && m.keys.patience() < 0:
		m.resized = false
		if !m.fits() {
			return errResized
		}
		m.lay() // there may be room now for what was cut off
		m.acts = []act{redraw}
	case errors.Is(err, errQuiet):
		m.acts = m.keys.quiet()
	default:
		return err
	}
	return nil
}
