package logs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// longestLine bounds a line in bytes: what is longer is read in pieces, so that a
// megabyte of minified code on one line costs no more than 64 KiB.
const longestLine = 64 << 10

// source reads a file line by line, in UTF-8.
type source struct {
	r      *bufio.Reader
	number int  // of the line that next returned last, from 1
	inside bool // a line: the next piece goes on with it
	colors colors
}

func newSource(r io.Reader) source {
	b := bufio.NewReaderSize(r, longestLine)
	head, _ := b.Peek(4096) // an error comes again with the first read
	if order, found := utf16Order(head); found {
		b = bufio.NewReaderSize(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(b), longestLine)
	} else if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		_, _ = b.Discard(3)
	}
	return source{r: b}
}

// utf16Order tells UTF-16 by its mark, as PowerShell's > writes it, or, where the
// mark was cut off, by the zero bytes that every second byte of English text is.
func utf16Order(head []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.BigEndian, true
	}
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	pairs := len(head) / 2
	switch {
	case pairs < 4:
	case zeros[1] > pairs*3/4 && zeros[0] < pairs/4:
		return unicode.LittleEndian, true
	case zeros[0] > pairs*3/4 && zeros[1] < pairs/4:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

// next returns the next line or piece without its end and its colours, valid until the
// next call; io.EOF after the last.
func (s *source) next() ([]byte, error) {
	if !s.inside {
		s.number++
	}
	line, err := s.r.ReadSlice('\n')
	s.inside = errors.Is(err, bufio.ErrBufferFull)
	switch {
	case err == nil || s.inside:
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("line %d: %w", s.number, err)
	case len(line) == 0:
		return nil, io.EOF
	}
	return s.colors.strip(bytes.TrimRight(line, "\r\n")), nil
}

// colors holds the line that it last took the colours from.
type colors struct{ line []byte }

// strip returns a line without the escapes that only colour it, valid until the next
// call.
func (c *colors) strip(line []byte) []byte {
	if bytes.IndexByte(line, 0x1b) < 0 {
		return line
	}
	c.line = c.line[:0]
	for {
		i := bytes.IndexByte(line, 0x1b)
		if i < 0 {
			return append(c.line, line...)
		}
		end := i + 1
		if end < len(line) && line[end] == '[' {
			for end++; end < len(line) && (digit(line[end]) || line[end] == ';'); end++ {
			}
		}
		if end == len(line) || line[end] != 'm' { // it does more than that: Replay acts on it
			end = i
		}
		c.line = append(c.line, line[:i]...)
		if end == i {
			c.line = append(c.line, 0x1b)
		}
		line = line[end+1:]
	}
}
