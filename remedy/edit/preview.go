package edit

import (
	"strings"

	"github.com/hexops/gotextdiff"
	"github.com/hexops/gotextdiff/myers"
	"github.com/hexops/gotextdiff/span"
)

// Edit rewrites one file. Before is what it must still hold, After what it will.
type Edit struct {
	Path, Name    string // Name is for a person: "dist/package.json"
	Before, After []byte
}

// previewWidth cuts the lines of a preview: a minified package.json is one line.
const previewWidth = 160

// Preview returns the lines that go ("-") and come ("+") under the file's name,
// cut to a readable width around what differs.
func (e Edit) Preview() []string {
	before, after := string(e.Before), string(e.After)
	out := []string{e.Name + ":"}
	if strings.Count(before, "\n") < 3 { // minified: a diff by lines would show all of it
		return append(out, around("-", before, after), around("+", after, before))
	}
	mark := map[gotextdiff.OpKind]string{gotextdiff.Delete: "-", gotextdiff.Insert: "+"}
	edits := myers.ComputeEdits(span.URIFromPath(e.Path), before, after)
	for _, hunk := range gotextdiff.ToUnified("a", "b", before, edits).Hunks {
		for _, l := range hunk.Lines {
			if l.Kind != gotextdiff.Equal {
				out = append(out, cut(mark[l.Kind]+strings.TrimRight(l.Content, "\r\n")))
			}
		}
	}
	return out
}

func cut(s string) string {
	if r := []rune(s); len(r) > previewWidth {
		return string(r[:previewWidth-1]) + "…"
	}
	return s
}

// around returns the part of s that differs from other, with a little of what
// stands before and behind it.
func around(mark, s, other string) string {
	const context = 20
	from, to := 0, 0
	for from < min(len(s), len(other)) && s[from] == other[from] {
		from++
	}
	for to < min(len(s), len(other))-from && s[len(s)-1-to] == other[len(other)-1-to] {
		to++
	}
	from, to = max(0, from-context), min(len(s), len(s)-to+context)
	return cut(mark + strings.ToValidUTF8(strings.TrimSpace(s[from:to]), ""))
}
