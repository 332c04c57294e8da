package prompts

import (
	"bytes"
	"time"
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

// key is one key, as far as a menu tells them apart.
type key int

const (
	unfinished key = iota // the beginning of a sequence
	other                 // every key that means nothing here
	arrowUp
	arrowDown
	enter
	leave     // Esc or q
	interrupt // ^C or ^D
	suspend   // ^Z
	paste     // the terminal says that a paste begins
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

	pasting  bool
	part     []byte // of a key, or of the end of a paste, that is not whole yet
	together bool   // something came, and no silence since
	last     key    // it takes effect once nothing follows it
	mixed    bool   // what came together is no answer
}

// patience is how long to wait for the next byte, negative for as long as it takes.
func (m *menuKeys) patience() time.Duration {
	switch {
	case m.pasting:
		return pasteTimeout
	case m.together:
		return keyGap
	case m.fresh:
		return readingTime
	}
	return -1
}

// press takes what was read.
func (m *menuKeys) press(b []byte) []act {
	m.part = append(m.part, b...)
	m.together = true
	var acts []act
	for !m.pasting || m.skipPaste() {
		k, n := nextKey(m.part)
		if k == unfinished {
			break
		}
		m.part = m.part[n:]
		acts = m.take(k, acts)
	}
	return acts
}

// skipPaste drops what was pasted, and reports whether that was all of it.
func (m *menuKeys) skipPaste() bool {
	const end = "\x1b[201~"
	_, after, found := bytes.Cut(m.part, []byte(end))
	if found {
		m.part, m.pasting = after, false
		return true
	}
	m.part = m.part[max(0, len(m.part)-len(end)+1):] // it may hold the beginning of the end
	return false
}

// take adds what the key does at once to acts, and remembers what it may do later.
func (m *menuKeys) take(k key, acts []act) []act {
	switch {
	case k == interrupt:
		return append(acts, giveUp)
	case k == other, k == paste, m.mixed, m.last != unfinished:
		m.enterOff, m.mixed, m.last = true, true, unfinished
		m.pasting = k == paste
	case k == arrowUp:
		acts = append(acts, moveUp)
		m.enterOff = false
		m.updateHint()
	case k == arrowDown:
		acts = append(acts, moveDown)
		m.enterOff = false
		m.updateHint()
	default:
		m.last = k
	}
	return acts
}

// quiet is told that nothing came for as long as patience said.
func (m *menuKeys) quiet() []act {
	k := unfinished
	if m.together {
		k = m.lastKey()
	} else {
		m.fresh = false
	}
	switch {
	case k == leave:
		return []act{giveUp}
	case k == suspend:
		return []act{stop}
	case k == enter && !m.enterOff && !m.fresh:
		return []act{choose}
	case k == enter:
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

// lastKey returns the key that takes effect now that nothing follows it.
func (m *menuKeys) lastKey() key {
	switch {
	case m.pasting || len(m.part) == 0:
	case len(bytes.Trim(m.part, "\x1b")) == 0:
		m.take(leave, nil)
	default:
		m.take(other, nil)
	}
	k := m.last
	*m = menuKeys{enterOff: m.enterOff, fresh: m.fresh, hint: m.hint}
	return k
}

// nextKey returns the key that b begins with, and how many bytes it has.
func nextKey(b []byte) (key, int) {
	if len(b) == 0 {
		return unfinished, 0
	}
	switch b[0] {
	case '\r', '\n':
		return enter, 1
	case 'q':
		return leave, 1
	case 0x03, 0x04:
		return interrupt, 1
	case 0x1a:
		return suspend, 1
	case 0x1b:
		return sequence(b)
	}
	return other, 1
}

// sequence is nextKey for what begins with ESC (ECMA-48, 5.4; xterm's ctlseqs).
func sequence(b []byte) (key, int) {
	switch {
	case len(bytes.Trim(b, "\x1b")) == 0:
		return unfinished, 0
	case b[1] < ' ': // ESC, and then another key
		return other, 1
	case b[1] != '[' && b[1] != 'O': // Alt with a key
		return other, 2
	}
	end := 2
	for end < len(b) && ' ' <= b[end] && b[end] < '@' {
		end++
	}
	switch {
	case end == len(b):
		return unfinished, 0
	case b[end] < ' ':
		return other, end
	}
	switch string(b[1 : end+1]) {
	case "[A", "OA":
		return arrowUp, 3
	case "[B", "OB":
		return arrowDown, 3
	case "[200~":
		return paste, 6
	}
	return other, end + 1
}
