package npmexec

import (
	"bytes"
	"io"
	"os"
)

// heldInMemory is how much of npm's stdout is held back in memory: what npm itself
// prints with --json. A build's own output goes into a file.
const heldInMemory = 256 << 10

// Held is npm's stdout, held back whole. A nil one is empty.
type Held struct {
	memory []byte
	file   *os.File // nil as long as memory is enough
	remove func()
	size   int64
	err    error // why what came last is not held
}

// add keeps p. Where it cannot, a full disk, what came before is still held.
func (h *Held) add(p []byte) {
	if h.err != nil {
		return
	}
	if h.file == nil && len(h.memory)+len(p) <= heldInMemory {
		h.memory = append(h.memory, p...)
		return
	}
	if h.file == nil {
		if h.file, h.remove, h.err = unnamedFile(); h.err != nil {
			return
		}
		h.write(h.memory)
		h.memory = nil
	}
	h.write(p)
}

func (h *Held) write(p []byte) {
	if h.err == nil {
		n, err := h.file.Write(p)
		h.size, h.err = h.size+int64(n), err
	}
}

// WriteTo writes all that is held, byte for byte. Where the end could not be held
// its error says why, after the rest was written.
func (h *Held) WriteTo(w io.Writer) (n int64, err error) {
	if h == nil {
		return 0, nil
	}
	var all io.Reader = bytes.NewReader(h.memory)
	if h.file != nil {
		all = io.NewSectionReader(h.file, 0, h.size)
	}
	n, err = io.Copy(w, all)
	if err == nil {
		err = h.err
	}
	return n, err
}

// Close lets go of what is held.
func (h *Held) Close() {
	if h != nil && h.file != nil {
		_ = h.file.Close() // nothing of it is wanted any more
		h.remove()
		h.file, h.size = nil, 0
	}
}
