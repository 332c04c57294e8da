package transcript

import (
	"strings"
	"unicode/utf8"
)

// maxLine bounds one replayed line, in characters. A script that prints a
// megabyte without a newline must not cost a megabyte for every redraw.
const maxLine = 1 << 14

// Replay returns the lines that a terminal would show after raw: CR, BS and the
// sequences that move within a line (CSI G, C, D) or erase (CSI K, J) are acted
// on, all others (colour, cursor on and off, titles) are left out. Lines keep
// tabs and no other control character, are never wrapped, and lose trailing
// blanks and leading spinner glyphs. It takes time linear in len(raw).
//
// Stripping alone is not enough: npm 10.7 and later leave a spinner's braille
// glyph before the text, npm 6 draws its gauge on the line of the first error.
func Replay(raw []byte) []string {
	s := &screen{}
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		raw = raw[n:]
		switch {
		case r == 0x1b:
			raw = s.escape(raw)
		case r == 0x9b:
			raw = s.control(raw)
		case isString(r):
			raw = skipString(raw)
		case r == '\n':
			s.newline()
		default:
			s.put(r)
		}
	}
	if last := s.text(); last != "" {
		s.lines = append(s.lines, last)
	}
	return s.lines
}

// Drawn returns one line as a terminal would show it: what a progress bar overwrote is
// left out.
func Drawn(line string) string {
	if strings.IndexFunc(line, acts) < 0 {
		return strings.TrimRight(line, " \t")
	}
	return strings.Join(Replay([]byte(line)), "")
}

// acts tells what Replay acts on: control characters, and the braille glyphs of a spinner.
func acts(r rune) bool { return r != '\t' && isControl(r) || isGlyph(r) }

func isControl(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }

func isGlyph(r rune) bool { return r >= 0x2800 && r <= 0x28ff }

// screen is one line being drawn, and those that are done.
type screen struct {
	lines []string
	line  []rune
	col   int
}

func (s *screen) text() string {
	return strings.TrimRight(strings.TrimLeftFunc(string(s.line), isGlyph), " \t")
}

func (s *screen) newline() {
	s.lines = append(s.lines, s.text())
	s.line, s.col = s.line[:0], 0
}

func (s *screen) put(r rune) {
	switch {
	case r == '\r':
		s.col = 0
	case r == '\b':
		s.move(s.col - 1)
	case r != '\t' && isControl(r): // no other control character draws
	case s.col < len(s.line):
		s.line[s.col] = r
		s.col++
	case len(s.line) < maxLine:
		s.line = append(s.line, r)
		s.col++
	}
}

// move puts the cursor within the line. It stops at the end of what is written:
// to pad up to any column that a sequence names would not be linear.
func (s *screen) move(col int) { s.col = max(0, min(col, len(s.line))) }

// escape acts on what follows an ESC and returns the rest.
func (s *screen) escape(raw []byte) []byte {
	if len(raw) == 0 {
		return nil
	}
	switch c := raw[0]; {
	case c == '[':
		return s.control(raw[1:])
	case isString(rune(c) + 0x40):
		return skipString(raw[1:])
	case c >= 0x20 && c <= 0x2f: // as in ESC ( B: a character set, its name follows
		for len(raw) > 0 && raw[0] >= 0x20 && raw[0] <= 0x2f {
			raw = raw[1:]
		}
	}
	if len(raw) > 0 && raw[0] >= 0x30 && raw[0] <= 0x7e {
		return raw[1:]
	}
	return raw
}

// control acts on one CSI sequence and returns what follows it.
func (s *screen) control(raw []byte) []byte {
	i, n := 0, 0
	for ; i < len(raw) && raw[i] >= 0x20 && raw[i] <= 0x3f; i++ {
		if c := raw[i]; c >= '0' && c <= '9' {
			n = min(n*10+int(c-'0'), maxLine)
		} else {
			n = 0
		}
	}
	if i == len(raw) || raw[i] < 0x40 || raw[i] > 0x7e {
		return raw[i:]
	}
	switch raw[i] {
	case 'G':
		s.move(n - 1)
	case 'C':
		s.move(s.col + max(1, n))
	case 'D':
		s.move(s.col - max(1, n))
	case 'K', 'J':
		s.erase(n)
	}
	return raw[i+1:]
}

// erase clears to the end of the line (0) or all of it (2, 3); 1, up to the
// cursor, matters only where the cursor is at the end.
func (s *screen) erase(what int) {
	switch {
	case what == 0:
		s.line = s.line[:s.col]
	case what >= 2 || s.col == len(s.line):
		s.line, s.col = s.line[:0], 0
	}
}

// isString tells the C1 characters that open a string: DCS, SOS, OSC, PM, APC.
func isString(r rune) bool {
	return r == 0x90 || r == 0x98 || r >= 0x9d && r <= 0x9f
}

// skipString leaves out an OSC, DCS or like string: up to BEL or ST, but never
// past the line, for one that is not closed would swallow all that follows.
func skipString(raw []byte) []byte {
	for i, c := range raw {
		switch {
		case c == 0x07:
			return raw[i+1:]
		case c == '\n', c == 0x1b && i+1 < len(raw) && raw[i+1] != '\\':
			return raw[i:]
		case c == 0x1b:
			return raw[min(i+2, len(raw)):]
		}
	}
	return nil
}
