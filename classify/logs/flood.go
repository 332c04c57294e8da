package logs

// A log can say much the same a million times. The first lines of a shape are read and
// no more: the others hold the same literals, signs, capitals (so the same code) and
// statuses as thousands before them.

// mostAlike bounds how many lines of one shape are read. It is far more than the
// failures that are told apart.
const mostAlike = 10 * mostFound

// repeats counts lines by their shape, the latest of those with the same first bits.
type repeats [1 << 14]struct {
	shape uint64
	count int
}

// full tells whether enough lines like this one, with these literals, were read.
func (r *repeats) full(line []byte, found marks) bool {
	h := shape(line, uint64(found))
	alike := &r[h>>50] // its first bits depend on all of the line
	if alike.shape != h {
		alike.shape, alike.count = h, 0
	}
	alike.count++
	return alike.count > mostAlike
}

// shape is a hash (FNV) of a line without its small letters and its digits, but for those
// of a status.
func shape(line []byte, h uint64) uint64 {
	for i := 0; i < len(line); i++ {
		v := uint64(line[i])
		switch {
		case small(line[i]):
			for v = 'a'; i+1 < len(line) && small(line[i+1]); i++ {
			}
		case digit(line[i]):
			from := i
			for ; i+1 < len(line) && digit(line[i+1]); i++ {
			}
			v = '0' + uint64(statusOf(line[from:i+1]))
		}
		h = (h ^ v) * 1099511628211
	}
	return h
}

func small(c byte) bool { return 'a' <= c && c <= 'z' || c == ' ' }
