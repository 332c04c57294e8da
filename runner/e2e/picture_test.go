//go:build !windows

package e2e

import (
	"flag"
	"fmt"
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

var update = flag.Bool("update", false, "draw the pictures again")

// TestRealPicture draws the picture that the README opens with: what real npm and
// safepublish show in a rehearsal on a terminal of 80 columns.
func TestRealPicture(t *testing.T) {
	t.Parallel()
	p := newProject(t, npm11, "http://127.0.0.1:9", `{"name":"@acme/widget","version":"1.0.0"}`)
	x := onTerminal(t, p.dir, p.env, nil, "/bin/sh", "-c", "read go; exec "+program+" rehearse")
	if err := pty.Setsize(x.master, &pty.Winsize{Rows: 60, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	x.mu.Lock()
	x.screen.Resize(80, 60)
	x.mu.Unlock()
	x.send("\r")
	x.menu("version-exists")
	rows := slices.Concat(
		[]screenRow{typed("$ safepublish rehearse"), typed("…")},
		x.rows("npm error You cannot publish", "npm error You cannot publish"), []screenRow{typed("…"), typed("")},
		x.rows("✗ npm publish failed", "Give up"))
	x.send("\r")
	x.await("one-time password of this rehearsal is ")
	x.mu.Lock()
	code := x.raw.String()[x.read:][:6]
	x.mu.Unlock()
	x.await("Enter OTP:")
	x.send(code + "\r")
	x.ends(0)
	rows = slices.Concat(rows, []screenRow{typed("")}, x.rows("? What now? ", `+  "version"`), []screenRow{typed("…")}, x.rows("This operation requires", "✓ "))

	const file = "../../testdata/screens/rehearsal.svg"
	svg := picture("safepublish finds out why npm publish was refused, offers the next version, and publishes it", rows)
	svg = strings.ReplaceAll(regexp.MustCompile(`127\.0\.0\.1:\d{5}`).ReplaceAllString(svg, "127.0.0.1:40000"), code, "123456")
	if *update {
		if err := os.WriteFile(file, []byte(svg), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, _ := os.ReadFile(file); string(want) != svg {
		t.Errorf("%s is not what the screen shows now; draw it again with -update:\n%s", file, svg)
	}
}

// screenRow is a line of a screen.
type screenRow []vt10x.Glyph

func typed(s string) (r screenRow) {
	for _, c := range s {
		r = append(r, vt10x.Glyph{Char: c, FG: vt10x.DefaultFG})
	}
	return r
}

func (r screenRow) text() string {
	var b strings.Builder
	for _, g := range r {
		b.WriteRune(g.Char)
	}
	return strings.TrimRight(b.String(), " ")
}

// rows are those of the screen from the last one that begins with a text to the next
// that has another in it.
func (x *terminal) rows(from, to string) (rows []screenRow) {
	x.t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	columns, lines := x.screen.Size()
	var all []screenRow
	first := -1
	for y := range lines {
		var r screenRow
		for i := range columns {
			r = append(r, x.screen.Cell(i, y))
		}
		if all = append(all, r); strings.HasPrefix(r.text(), from) {
			first = y
		}
	}
	for y := first; y >= 0 && y < lines; y++ {
		if rows = append(rows, all[y]); strings.Contains(all[y].text(), to) {
			return rows
		}
	}
	x.t.Fatalf("%q to %q is not on the screen:\n%s", from, to, trim(x.screen.String()))
	return nil
}

// colours are those of a terminal that stand out on the picture's own background.
var colours = map[vt10x.Color]string{
	vt10x.Red: "r", vt10x.LightRed: "r", vt10x.Green: "g", vt10x.LightGreen: "g", vt10x.Cyan: "c", vt10x.LightCyan: "c",
	vt10x.Blue: "c", vt10x.LightBlue: "c", vt10x.Magenta: "m", vt10x.LightMagenta: "m", vt10x.Yellow: "m", vt10x.LightYellow: "m",
}

const bold = 1 << 2 // of a Glyph's Mode

// picture draws rows as an SVG. It has a background of its own, so that it reads on a
// light and on a dark page, and says how wide each text is, whatever font there is.
func picture(title string, rows []screenRow) string {
	const cell, line, margin, columns = 8.4, 18, 16, 80
	width, height := columns*cell+2*margin, len(rows)*line+2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" viewBox="0 0 %.0f %d" role="img" aria-label="%s">
<style>text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d8dee9;white-space:pre}`+
		`.b{font-weight:bold}.r{fill:#ff7b72}.g{fill:#7ee787}.c{fill:#79c0ff}.m{fill:#e3b341}</style>
<rect width="100%%" height="100%%" rx="8" fill="#161b22"/>
`, width, height, width, height, html.EscapeString(title))
	for y, r := range rows {
		for at := 0; at < len(r); {
			end := at + 1
			for end < len(r) && class(r[end]) == class(r[at]) {
				end++
			}
			text := r[at:end].text()
			indent := len(text) - len(strings.TrimLeft(text, " "))
			if text = text[indent:]; text != "" {
				fmt.Fprintf(&b, `<text x="%.1f" y="%d" textLength="%.1f" xml:space="preserve"%s>%s</text>`+"\n",
					margin+float64(at+indent)*cell, margin+y*line+14, float64(len([]rune(text)))*cell, class(r[at]), html.EscapeString(text))
			}
			at = end
		}
	}
	return b.String() + "</svg>\n"
}

func class(g vt10x.Glyph) string {
	var all []string
	if g.Mode&bold != 0 {
		all = append(all, "b")
	}
	if c := colours[g.FG]; c != "" {
		all = append(all, c)
	}
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf(` class="%s"`, strings.Join(all, " "))
}
