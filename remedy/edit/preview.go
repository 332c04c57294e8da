package edit

import (
	"bytes"
	"encoding/json"
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

// previewWidth cuts the lines of a preview: a description may be long.
const previewWidth = 160

// Preview returns the lines that go ("-") and come ("+") under the file's name. Those of
// a minified file are shown as they would be with a line for each value.
func (e Edit) Preview() []string {
	before, after := string(e.Before), string(e.After)
	out := []string{e.Name + ":"}
	if strings.Count(before, "\n") < 3 {
		before, after = laidOut(e.Before), laidOut(e.After)
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

// laidOut returns JSON with a line for each value; what is no JSON as it is.
func laidOut(text []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, text, "", "  ") != nil {
		return string(text)
	}
	return b.String() + "\n"
}
