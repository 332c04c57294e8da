package prompts

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"safepublish/classify/pattern"
)

// What the keys at a menu do. Up and down choose, Enter takes, Esc and q give up, as
// do ^C and ^D, and ^Z suspends. Everything else turns Enter off until an arrow is
// pressed: somebody who types a word ("no", "git log") has not read the menu, and the
// Enter behind the word would take what happens to be highlighted. Enter is also
// turned off where it comes together with other keys (a paste), or in the first moment
// of the menu (a key held down, or pressed again and again while npm ran).

const (
	// MenuKeys says what the keys at a menu are.
	MenuKeys = "arrows and Enter; Esc gives up"
	// EnterIsOff is said in its place once something else was pressed.
	EnterIsOff = "Enter is off: press an arrow to choose, Esc to give up"
)

// act is what the menu is to do.
type act int

const (
	moveUp act = iota
	moveDown
	choose
	giveUp
	stop
	redraw // the hint has changed
)

const (
	// keyGap is how long nothing follows a key that a person pressed. What is pasted
	// comes faster, and so do the bytes of one key.
	keyGap = 50 * time.Millisecond
	// escapeTime is how long the rest of a key's sequence may take over a slow line. It is
	// also how long Esc takes to give up.
	escapeTime = 400 * time.Millisecond
	// readingTime is less than anybody takes to read a menu and to answer it.
	readingTime = 250 * time.Millisecond
	// pasteTimeout is the silence that ends a paste whose end never comes.
	pasteTimeout = time.Second
)

// menuKeys turns bytes into acts. It knows no clock: it says how long it waits for
// the next byte (patience), and is told which came (press) or that none did (quiet).
//
// Keys that come together count where they are arrows and at most one key behind
// them. A slow line (ssh) delivers those in one read, though they were pressed one
// after the other; somebody who pressed an arrow has looked at the menu; and terminals
// take ESC out of what is pasted, so no paste looks like that. Everything else that
// comes together is taken for a paste, because not every terminal marks one.
type menuKeys struct {
	enterOff bool   // Enter does nothing
	fresh    bool   // the menu has only just appeared
	hint     string // what the menu says about its keys

	together bool   // something came, and no silence since
	came     []byte // meanwhile, without the arrows that it began with
	pasting  bool   // the end of a paste is still to come
}

// What the terminal puts around a paste, once it is asked to (xterm's ctlseqs).
const (
	pasteMarksOn  = "\x1b[?2004h"
	pasteMarksOff = "\x1b[?2004l"
	pasteBegins   = "\x1b[200~"
	pasteEnds     = "\x1b[201~"
)

var wholePaste = pattern.New(`(?s)` + regexp.QuoteMeta(pasteBegins) + `.*?` + regexp.QuoteMeta(pasteEnds))

// unfinished matches a key's sequence of which the end is still to come: ESC [ 1 ; 5.
var unfinished = pattern.New(`^\x1b(?:[\[O][0-9;]*)?$`)

// arrows are the sequences of the arrow keys, in both modes of a cursor key.
var arrows = map[string]act{"\x1b[A": moveUp, "\x1bOA": moveUp, "\x1b[B": moveDown, "\x1bOB": moveDown}

// patience is how long to wait for the next byte, negative for as long as it takes.
func (m *menuKeys) patience() time.Duration {
	switch {
	case m.pasting:
		return pasteTimeout
	case m.together && unfinished.Match(m.came):
		return escapeTime
	case m.together:
		return keyGap
	case m.fresh:
		return readingTime
	}
	return -1
}

// press takes what was read. Arrows and ^C act at once, every other key once nothing
// follows it.
func (m *menuKeys) press(b []byte) (acts []act) {
	m.together = true
	m.came = wholePaste.ReplaceAll(append(m.came, b...), []byte{0}) // a byte that is no key of a menu
	typed, pasted, pasting := bytes.Cut(m.came, []byte(pasteBegins))
	if m.pasting = pasting; pasting { // of what is pasted only the beginning of the end matters
		m.came = slices.Concat(typed, []byte(pasteBegins), pasted[max(0, len(pasted)-len(pasteEnds)+1):])
	}
	if bytes.ContainsAny(typed, "\x03\x04") { // ^C, ^D
		return []act{giveUp}
	}
	for len(m.came) >= 3 {
		move, is := arrows[string(m.came[:3])]
		if !is {
			break
		}
		acts, m.came, m.enterOff = append(acts, move), m.came[3:], false
		m.updateHint()
	}
	return acts
}

// quiet is told that nothing came for as long as patience said.
func (m *menuKeys) quiet() []act {
	together, key := m.together, string(m.came)
	m.together, m.came, m.pasting = false, nil, false
	switch {
	case !together:
		m.fresh = false
	case key == "": // arrows alone
	case key == "q", strings.Trim(key, "\x1b") == "":
		return []act{giveUp}
	case key == "\x1a": // ^Z
		return []act{stop}
	case (key == "\r" || key == "\n") && !m.enterOff && !m.fresh:
		return []act{choose}
	default:
		m.enterOff = true
	}
	if m.updateHint() {
		return []act{redraw}
	}
	return nil
}

// updateHint puts the hint right, and reports whether it has changed.
func (m *menuKeys) updateHint() bool {
	before := m.hint
	switch {
	case m.enterOff:
		m.hint = EnterIsOff
	case m.fresh:
		m.hint = ""
	default:
		m.hint = MenuKeys
	}
	return m.hint != before
}
