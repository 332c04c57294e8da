package npmexec

import "bytes"

// npm's own words stand at both ends of what it shows: its header and the packing
// list first, the errors last. What a build prints in between may be gigabytes.
const (
	headBytes = 64 << 10
	tailBytes = 1 << 20
)

// capture keeps the first head bytes and the last tailBytes of what is written.
type capture struct {
	lists      *lists // left out before that; nil for none
	head, tail []byte
	dropped    int64
}

func (c *capture) add(p []byte) {
	if c.lists != nil {
		c.lists.cut(p, c.keep)
		return
	}
	c.keep(p)
}

func (c *capture) keep(p []byte) {
	n := min(len(p), headBytes-len(c.head))
	c.head = append(c.head, p[:n]...)
	c.tail = append(c.tail, p[n:]...)
	if len(c.tail) > 2*tailBytes { // twice, so that not every write moves a megabyte
		c.trim()
	}
}

// size is how much is kept now.
func (c *capture) size() int { return len(c.head) + len(c.tail) }

func (c *capture) flush() {
	if c.lists != nil {
		c.lists.rest(c.keep)
	}
}

func (c *capture) trim() {
	if cut := len(c.tail) - tailBytes; cut > 0 {
		c.dropped += int64(cut)
		c.tail = append(c.tail[:0], c.tail[cut:]...)
	}
}

// bytes returns what was kept and how much was not. Where something was let go
// the lines that the cut went through go too: half a line reads as something
// else, and half of a secret would pass the redactor.
func (c *capture) bytes() ([]byte, int64) {
	c.flush()
	c.trim()
	head, tail := c.head, c.tail
	if c.dropped == 0 {
		return append(bytes.Clone(head), tail...), 0
	}
	kept := len(head) + len(tail)
	if i := bytes.LastIndexByte(head, '\n'); i >= 0 {
		head = head[:i+1]
	}
	if i := bytes.IndexByte(tail, '\n'); i >= 0 {
		tail = tail[i+1:]
	}
	cut := int64(kept - len(head) - len(tail))
	return append(bytes.Clone(head), tail...), c.dropped + cut
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
