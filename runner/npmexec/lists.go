package npmexec

import "bytes"

// lists takes npm's lists of files out of what npm prints with --json, before it is
// kept for reading. They are the only part of its document that has no bound (of
// 20,000 files they are two megabytes), and stand before and behind what is needed:
// in front the name, the version and the sums, behind them the next package of a
// workspace run. npm indents by two, so that a list is its lines.
type lists struct {
	line   []byte // the last line, which has not ended and may begin a list or be in one
	mid    bool   // what comes next is not the start of a line
	indent int    // of the list that is left out; 0 for none
}

// opening is how a list begins, behind its indentation.
var opening = []byte(`"files": [` + "\n")

// deepest is the indentation of a list in npm's documents, and some more.
const deepest = 16

// cut passes p on to keep but for what lies within a list.
func (l *lists) cut(p []byte, keep func([]byte)) {
	if len(l.line) > 0 {
		p = append(l.line, p...)
		l.line = nil
	}
	for {
		if l.indent > 0 {
			if p = l.within(p); l.indent > 0 {
				return
			}
		}
		end, indent := l.begins(p)
		if end < 0 {
			break
		}
		keep(p[:end])
		p, l.indent, l.mid = p[end:], indent, false
	}
	last := bytes.LastIndexByte(p, '\n') + 1
	if open := p[last:]; len(open) > 0 && len(open) <= deepest+len(opening) && (last > 0 || !l.mid) {
		l.line, p = bytes.Clone(open), p[:last]
	}
	l.mid = len(p) > 0 && p[len(p)-1] != '\n' || len(p) == 0 && l.mid
	keep(p)
}

// begins finds the first list in p: where its first line ends, and its indentation.
func (l *lists) begins(p []byte) (end, indent int) {
	for from := 0; ; {
		i := bytes.Index(p[from:], opening)
		if i < 0 {
			return -1, 0
		}
		at := from + i
		from = at + len(opening)
		indent := 0
		for indent < deepest && at > indent && p[at-indent-1] == ' ' {
			indent++
		}
		start := at - indent
		if indent > 0 && (start == 0 && !l.mid || start > 0 && p[start-1] == '\n') {
			return from, indent
		}
	}
}

// within drops the lines of a list and returns what follows it.
func (l *lists) within(p []byte) []byte {
	for len(p) > 0 {
		if !l.mid {
			begins := p[:min(len(p), l.indent+1)]
			blanks := len(begins) - len(bytes.TrimLeft(begins, " "))
			switch {
			case blanks <= l.indent && blanks < len(p): // less deep: the list is over
				l.indent = 0
				return p
			case blanks <= l.indent:
				l.line = bytes.Clone(p)
				return nil
			}
		}
		i := bytes.IndexByte(p, '\n')
		if l.mid = i < 0; l.mid {
			return nil
		}
		p = p[i+1:]
	}
	return p
}

// rest passes on the line that did not end.
func (l *lists) rest(keep func([]byte)) {
	keep(l.line)
	l.line = nil
}
