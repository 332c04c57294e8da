package logs

import (
	"bytes"
	"strings"
)

// Most lines of a log tell nothing of a publish. A line is looked at closely only if
// it holds one of the literals without which no form of the grammar fits; all of them
// are looked for in one pass, by their first two bytes.

// marks is a set of literals, those that a line holds.
type marks uint64

// scanner finds literals.
type scanner struct {
	pairs [1 << 16]uint8 // by the first two bytes: an index into lists, 0 for none
	lists [][]literal
	known map[string]marks
}

type literal struct {
	text []byte
	mark marks
}

func newScanner() *scanner { return &scanner{lists: make([][]literal, 1), known: map[string]marks{}} }

// add returns the mark of lines that hold one of some literals, each of at least two
// bytes. The first 32 marks are for nothing else; later ones are shared.
func (s *scanner) add(texts ...string) marks {
	key := strings.Join(texts, "|")
	if m, known := s.known[key]; known {
		return m
	}
	bit := len(s.known)
	if bit >= 64 {
		bit = 32 + bit%32
	}
	m := marks(1) << bit
	s.known[key] = m
	for _, text := range texts {
		pair := uint16(text[0])<<8 | uint16(text[1])
		if s.pairs[pair] == 0 {
			s.pairs[pair] = uint8(len(s.lists))
			s.lists = append(s.lists, nil)
		}
		i := s.pairs[pair]
		s.lists[i] = append(s.lists[i], literal{[]byte(text), m})
	}
	return m
}

// scan returns the marks of the literals that a line holds.
func (s *scanner) scan(line []byte) marks {
	var found marks
	for i := 0; i+1 < len(line); i++ {
		k := s.pairs[uint16(line[i])<<8|uint16(line[i+1])]
		if k == 0 {
			continue
		}
		for _, l := range s.lists[k] {
			if found&l.mark == 0 && bytes.HasPrefix(line[i:], l.text) {
				found |= l.mark
			}
		}
	}
	return found
}
