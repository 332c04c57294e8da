//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package prompts

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/AlecAivazis/survey/v2"
)

// This file is the only one that knows survey. The menu is a prompt of our own that
// survey.AskOne runs, in the terminal's mode that survey sets. Its own Select and
// renderer are not used, for all of this was seen:
//
//   - ^D accepts what is highlighted; ESC turns on vim keys; letters filter the list,
//     and a filter that matches nothing panics. Here keys.go says what a key does.
//   - Keys that wait in the queue choose at once. Here the queue is thrown away
//     once the terminal is in its mode.
//   - It goes to and fro by the terminal's saved position, which is another line once
//     the window has changed; and it asks for the window's width, to take away as many
//     lines as its text has there, though whether a text is broken anew when a window
//     changes depends on the terminal. Here it goes by lines.
//   - A line that wraps breaks the redraw. Here none does.
//   - The template is one for the whole process, and colours follow its environment.
//
// survey's other prompts wait for a report of the cursor's position, which not every
// terminal sends; text.go and tty_unix.go read lines without it.

// What ends a menu that is then shown anew.
var (
	errSuspend   = errors.New("^Z was pressed")
	errContinued = errors.New("the process goes on")
)

// What a read of the keyboard returns where nothing was typed.
var (
	errResized = errors.New("the window has another size")
	errQuiet   = errors.New("nothing was typed for so long")
)

// chooseArrow shows the menu until it is answered. After ^Z Enter is off: nobody has
// looked at the menu for a while, and a second Enter may follow the one behind fg.
func (u *UI) chooseArrow(question string, items []Item, preselected int) (int, error) {
	board := newKeyboard(u.in)
	defer board.close()
	items = u.cleanItems(items)
	at, keys := preselected, menuKeys{fresh: true}
	for {
		m := &menu{u: u, board: board, question: u.lastLine(question), items: items, at: at, keys: keys}
		err := m.ask()
		at = m.at
		switch {
		case err == nil:
			return at, nil
		case errors.Is(err, errSuspend):
			board.suspend()
		case !errors.Is(err, errContinued):
			return 0, err
		}
		keys = menuKeys{enterOff: true}
		u.write("\r\n\x1b[J")
	}
}

// lastLine prints what of the question does not fit on one line, and returns the rest.
func (u *UI) lastLine(question string) string {
	lines := strings.Split(flow(u.width()-1, 0, false, span{"? " + u.clean(question), bold}), "\n")
	last := len(lines) - 1
	for _, line := range lines[:last] {
		u.write(u.paragraph(0, span{line, bold}))
	}
	return lines[last]
}

// menu is one that stands on the screen. It is a survey.Prompt.
type menu struct {
	survey.Renderer
	u        *UI
	board    *keyboard
	question string // on one line
	items    []Item
	at       int // the item that is highlighted
	keys     menuKeys
	drawn    drawing
	resized  bool // the window has another size, and may still be changing
}

// ask shows the menu once.
func (m *menu) ask() error {
	defer m.u.showing("")()
	var chosen int // it is m.at, too
	return survey.AskOne(m, &chosen, survey.WithStdio(m.u.in, m.u.err, m.u.err))
}

// Prompt shows the menu and returns the index of what was chosen.
func (m *menu) Prompt(*survey.PromptConfig) (any, error) {
	mode := m.NewRuneReader()
	if err := mode.SetTermMode(); err != nil {
		return nil, ErrGivenUp
	}
	defer func() { _ = mode.RestoreTermMode() }()
	m.board.takeEveryKey()
	// Who typed while no menu was there is not reading this one.
	m.keys.enterOff = m.board.typedAhead() || m.keys.enterOff
	m.keys.updateHint()
	m.u.out(pasteMarksOn + "\x1b[?25l")
	defer m.leave()
	acts := []act{redraw}
	for {
		for _, next := range acts {
			switch n := len(m.items); next {
			case choose:
				return m.at, nil
			case giveUp:
				return nil, ErrGivenUp
			case stop:
				return nil, errSuspend
			case moveUp:
				m.at = (m.at + n - 1) % n
			case moveDown:
				m.at = (m.at + 1) % n
			case redraw:
			}
		}
		if len(acts) > 0 {
			m.draw()
		}
		var err error
		if acts, err = m.listen(); err != nil {
			return nil, err
		}
	}
}

// listen waits for keys, and for what else asks for another drawing. A window that
// changes is looked at once it stands still.
func (m *menu) listen() ([]act, error) {
	wait := m.keys.patience()
	still := m.resized && wait < 0
	if still {
		wait = readingTime
	}
	raw := make([]byte, 4096)
	n, err := m.board.read(raw, wait)
	switch {
	case err == nil:
		return m.keys.press(raw[:n]), nil
	case errors.Is(err, errResized):
		m.resized = true
	case errors.Is(err, errQuiet) && still:
		m.resized = false
		return []act{redraw}, nil // there may be room now for what was cut off
	case errors.Is(err, errQuiet):
		return m.keys.quiet(), nil
	default:
		return nil, err
	}
	return nil, nil
}

// draw puts the menu in the place of what was drawn before. In a window that has become
// narrower that has as many lines as before, or more where the terminal breaks them anew:
// then some of it stays above, for what stands over the menu must not be taken away.
func (m *menu) draw() {
	columns, rows := size(m.u.err)
	erase := lines(m.drawn.above, "A") + "\r\x1b[J"
	m.drawn = drawMenu(m.question, m.items, m.at, m.keys.hint, columns, rows, m.u.colour)
	below := pasteMarksOff + lines(m.drawn.below, "B")
	m.u.below.Store(&below)
	// A screen reader finds the cursor on the item that is highlighted.
	m.u.out(erase + m.drawn.text + lines(m.drawn.below, "A"))
}

// lines moves the cursor so many lines up (A) or down (B).
func lines(n int, to string) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%d%s", n, to)
}

func (m *menu) leave() {
	m.u.showing("")
	m.u.out(lines(m.drawn.below, "B") + "\x1b[?25h" + pasteMarksOff)
}

// Cleanup puts the answer in the place of the menu.
func (m *menu) Cleanup(*survey.PromptConfig, any) error {
	answer := flow(math.MaxInt, 0, m.u.colour, span{m.question, bold}, span{" " + m.items[m.at].Title, normal})
	m.u.out(lines(m.drawn.above+m.drawn.below, "A") + "\r\x1b[J" + answer + "\n")
	return nil
}

var _ survey.Prompt = (*menu)(nil)
