package npmexec

import "bytes"

// npm's own words stand at both ends of what it shows: its header and the packing
// list first, the errors last. What a build prints in between may be gigabytes.
const (
	headBytes = 64 << 10
	tailBytes = 1 << 20
)

// capture keeps the first headBytes and the last tailBytes of what is written.
type capture struct {
	lists      *listFilter // left out before that; nil for none
	head, tail []byte
	cut        bool // something was let go
}

func (c *capture) add(p []byte) {
	if c.lists != nil {
		c.lists.pass(p, c.keep)
		return
	}
	c.keep(p)
}

// Write is add as io.Copy wants it.
func (c *capture) Write(p []byte) (int, error) {
	c.add(p)
	return len(p), nil
}

func (c *capture) keep(p []byte) {
	n := min(len(p), headBytes-len(c.head))
	c.head = append(c.head, p[:n]...)
	c.tail = append(c.tail, p[n:]...)
	if len(c.tail) > 2*tailBytes { // twice, so that not every write moves a megabyte
		c.trim()
	}
}

func (c *capture) flush() {
	if c.lists != nil {
		c.lists.rest(c.keep)
	}
}

func (c *capture) trim() {
	if over := len(c.tail) - tailBytes; over > 0 {
		c.cut = true
		c.tail = append(c.tail[:0], c.tail[over:]...)
	}
}

// bytes returns what was kept. Where something was let go the lines that the cut
// went through go too: half a line reads as something else, and half of a secret
// would pass the redactor.
func (c *capture) bytes() []byte {
	c.flush()
	c.trim()
	head, tail := c.head, c.tail
	if c.cut {
		head = head[:bytes.LastIndexByte(head, '\n')+1]
		_, tail, _ = bytes.Cut(tail, []byte("\n"))
	}
	return append(bytes.Clone(head), tail...)
}

// last returns up to n of the last bytes.
func (c *capture) last(n int) []byte {
	c.flush()
	from := c.tail
	if len(from) == 0 {
		from = c.head
	}
	return from[max(0, len(from)-n):]
}

// listFilter takes npm's lists of files out of what npm prints with --json, before it
// is kept for reading. They are the only part of its document that has no bound (of
// 20,000 files they are two megabytes), and stand before and behind what is needed:
// in front the name, the version and the sums, behind them the next package of a
// workspace run. npm indents by two, so that a list is its lines.
type listFilter struct {
	line   []byte // of the line that has not ended, what was not passed on
	mid    bool   // the line's start was passed on or dropped
	indent int    // of the list that is left out; 0 for none
}

// opening is how a list begins, behind its indentation.
const opening = `"files": [` + "\n"

// deepest is the indentation of a list in npm's documents, and some more.
const deepest = 16

// pass passes p on to keep but for what lies within a list.
func (f *listFilter) pass(p []byte, keep func([]byte)) {
	for from := 0; from < len(p); {
		end := len(p)
		if i := bytes.IndexByte(p[from:], '\n'); i >= 0 {
			end = from + i + 1
		}
		f.line = append(f.line, p[from:end]...)
		from = end
		ended := f.line[len(f.line)-1] == '\n'
		if !ended && !f.mid && len(f.line) <= deepest+len(opening) {
			return // its start decides
		}
		f.decide(keep, ended)
	}
}

// decide passes on the line or a part of it, or drops it.
func (f *listFilter) decide(keep func([]byte), ended bool) {
	indent := len(f.line) - len(bytes.TrimLeft(f.line, " "))
	if !f.mid && indent <= f.indent { // less deep: the list is over
		f.indent = 0
	}
	if f.indent == 0 {
		keep(f.line)
	}
	if !f.mid && f.indent == 0 && indent > 0 && indent <= deepest && string(f.line[indent:]) == opening {
		f.indent = indent
	}
	f.line, f.mid = f.line[:0], !ended
}

// rest passes on the line that did not end.
func (f *listFilter) rest(keep func([]byte)) {
	if len(f.line) > 0 {
		f.decide(keep, false)
	}
}
