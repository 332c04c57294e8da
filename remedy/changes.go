package remedy

import (
	"path/filepath"
	"strings"

	"github.com/hexops/gotextdiff"
	"github.com/hexops/gotextdiff/myers"
	"github.com/hexops/gotextdiff/span"
	"github.com/kballard/go-shellquote"
)

// previewWidth cuts the lines of a preview: a minified package.json is one line.
const previewWidth = 160

// Preview returns the flag as npm will get it.
func (f Flag) Preview() []string { return []string{"npm publish --" + f.Key + "=" + f.Value} }

// Preview says that a secret travels, never which. That npm asks for one is said
// in the offer's title.
func (s Secret) Preview() []string {
	if s.Value == "" {
		return nil
	}
	return []string{"npm publish with " + s.Env + " in its environment"}
}

// Preview names the command that takes npm publish's place.
func (Stage) Preview() []string { return []string{"npm stage publish in place of npm publish"} }

// Preview returns the lines that go ("-") and come ("+") under the file's name,
// cut to a readable width around what differs.
func (e Edit) Preview() []string {
	before, after := string(e.Before), string(e.After)
	out := []string{e.name() + ":"}
	if strings.Count(before, "\n") < 3 { // minified: a diff by lines would show all of it
		return append(out, around("-", before, after), around("+", after, before))
	}
	edits := myers.ComputeEdits(span.URIFromPath(e.Path), before, after)
	for _, hunk := range gotextdiff.ToUnified("a", "b", before, edits).Hunks {
		for _, l := range hunk.Lines {
			if l.Kind != gotextdiff.Equal {
				out = append(out, cut(map[gotextdiff.OpKind]string{gotextdiff.Delete: "-", gotextdiff.Insert: "+"}[l.Kind]+strings.TrimRight(l.Content, "\r\n")))
			}
		}
	}
	return out
}

// name is what the person knows the file by: "dist/package.json".
func (e Edit) name() string {
	if e.Name == "" {
		return filepath.Base(e.Path)
	}
	return e.Name
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

// Preview returns the command line, what proves that it took, and what would
// take it back.
func (c Command) Preview() []string {
	out := []string{shellquote.Join(c.Argv...)}
	if c.Proof != nil {
		out = append(out, shellquote.Join(c.Proof...)+"   (must succeed)")
	}
	if len(c.Undo) > 0 {
		out = append(out, "to take it back: "+strings.Join(c.Undo, "; "))
	}
	return out
}

// Preview is empty: who waits says how long and what for.
func (w Wait) Preview() []string { return nil }
