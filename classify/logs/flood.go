package logs

import "bytes"

// A log can say much the same a million times. The first lines of a shape are read and
// no more: the others hold the same literals, signs, capitals (so the same code) and
// statuses as thousands before them. Where each line has a shape of its own, those with
// the same literals and statuses count. What tells of one more package is read for all
// that: its failure or its success is its own.

// mostAlike bounds how many lines of one shape are read, mostOfKind how many with the
// same literals and statuses. It is far more than the failures that are told apart.
const (
	mostAlike  = 10 * mostFound
	mostOfKind = 4 * mostAlike
)

// repeats counts lines by their shape and by their kind, the latest of those with the
// same first bits, and remembers what was read beyond the bounds.
type repeats struct {
	shapes [1 << 14]tally
	kinds  [1 << 10]tally
	beyond map[uint64]struct{}
}

type tally struct {
	hash  uint64
	count int
}

// full tells whether enough lines like this one, with these literals, were read.
func (r *repeats) full(line []byte, found marks) bool {
	shape, kind := shapeOf(line, uint64(found))
	alike, of := r.shapes[mixed(shape)>>50].add(shape), r.kinds[mixed(kind)>>54].add(kind)
	return (alike > mostAlike || of > mostOfKind) && !r.further(line, kind, found)
}

// mixed makes the first bits of a hash depend on all of them: those of a short line hold
// little of its literals, and two kinds in turn in one place would count for nothing.
func mixed(hash uint64) uint64 { return (hash ^ hash>>29) * 0x9e3779b97f4a7c15 }

func (t *tally) add(hash uint64) int {
	if t.hash != hash {
		t.hash, t.count = hash, 0
	}
	t.count++
	return t.count
}

// further tells whether a line is the first of its kind, of those beyond the bounds, with
// its package.
func (r *repeats) further(line []byte, kind uint64, found marks) bool {
	if found&(isRefusal|isPlus|isSuccess) == 0 {
		return false
	}
	name := packageIn(line)
	if name == nil && found&isSuccess != 0 {
		name = line
	}
	if len(name) == 0 || len(r.beyond) == mostKept {
		return false
	}
	for _, c := range name {
		kind = (kind ^ uint64(c)) * prime
	}
	_, known := r.beyond[kind]
	if r.beyond == nil {
		r.beyond = map[uint64]struct{}{}
	}
	r.beyond[kind] = struct{}{}
	return !known
}

// packageIn returns the package that a line tells of: the end of the address that it was
// sent to, or what stands as name@version.
func packageIn(line []byte) []byte {
	if i := bytes.Index(line, []byte(" http")); i >= 0 {
		address, _, _ := bytes.Cut(line[i+1:], []byte(" "))
		return address
	}
	for from := 0; from < len(line); {
		i := bytes.IndexByte(line[from:], '@')
		if i < 0 {
			break
		}
		if at := from + i; at > 0 && line[at-1] != ' ' && at+1 < len(line) && digit(line[at+1]) {
			return line[bytes.LastIndexByte(line[:at], ' ')+1 : at]
		}
		from += i + 1
	}
	return nil
}

// prime is FNV's.
const prime = 1099511628211

// shapeOf returns a hash (FNV) of a line without its small letters and its digits, but
// for those of a status, and one of the statuses alone.
func shapeOf(line []byte, found uint64) (shape, kind uint64) {
	shape, kind = found, found*prime
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
			status := uint64(statusOf(line[from : i+1]))
			if v = '0' + status; status != 0 {
				kind = (kind ^ status) * prime
			}
		}
		shape = (shape ^ v) * prime
	}
	return shape, kind * prime
}

func small(c byte) bool { return 'a' <= c && c <= 'z' || c == ' ' }
