package prompts

import (
	"fmt"
	"strings"
	"testing"
)

var drawn = []Item{
	{"bump", "Publish as 1.0.1", "package.json, package-lock.json"},
	{"bump", "Publish as 1.1.0", ""},
	{"bump", "Publish as 2.0.0", ""},
	{"bump", "Another version …", ""},
	{"", GiveUp, ""},
}

func TestDrawMenu(t *testing.T) {
	for _, c := range []struct {
		name          string
		at            int
		hint          string
		columns, rows int
		want          string
	}{
		{"wide", 0, MenuKeys, 80, 24, `? What now?   (arrows and Enter; Esc gives up)
> Publish as 1.0.1   (package.json, package-lock.json)
  Publish as 1.1.0
  Publish as 2.0.0
  Another version …
  Give up
`},
		{"no hint yet", 4, "", 80, 24, `? What now?
  Publish as 1.0.1   (package.json, package-lock.json)
  Publish as 1.1.0
  Publish as 2.0.0
  Another version …
> Give up
`},
		{"the hint under the question, a note cut", 0, EnterIsOff, 40, 24, `? What now?
  (Enter is off: press an arrow to ch…)
> Publish as 1.0.1   (package.json, p…)
  Publish as 1.1.0
  Publish as 2.0.0
  Another version …
  Give up
`},
		{"no room for a note, a title cut", 1, "", 20, 24, `? What now?
  Publish as 1.0.1
> Publish as 1.1.0
  Publish as 2.0.0
  Another version …
  Give up
`},
		{"the first page", 0, "", 80, 6, "? What now?\n> Publish as 1.0.1   (package.json, package-lock.json)\n  Publish as 1.1.0\n  Publish as 2.0.0\n"},
		{"a page between", 2, "", 80, 6, "? What now?\n  Publish as 1.1.0\n> Publish as 2.0.0\n  Another version …\n"},
		{"the last page", 4, "", 80, 6, "? What now?\n  Publish as 2.0.0\n  Another version …\n> Give up\n"},
		{"no window is too low for two", 3, "", 80, 1, "? What now?\n  Publish as 2.0.0\n> Another version …\n"},
	} {
		if got := drawMenu("? What now?", drawn, c.at, c.hint, c.columns, c.rows, false); got.text != c.want {
			t.Errorf("%s:\n%s", c.name, got.text)
		}
	}
}

// In every window no line is as wide as the window, the menu leaves a line for the
// cursor, and what is highlighted is on the page, where the drawing says it is.
func TestDrawMenuInEveryWindow(t *testing.T) {
	var many []Item
	for i := range 20 {
		many = append(many, Item{Title: fmt.Sprintf("item %d", i), Note: strings.Repeat("n", i)})
	}
	for columns := 16; columns < 100; columns++ {
		for rows := 5; rows < 25; rows++ {
			for _, hint := range []string{"", MenuKeys, EnterIsOff} {
				at := (columns + rows) % len(many)
				d := drawMenu("? What now?", many, at, hint, columns, rows, true)
				lines := strings.SplitAfter(d.text, "\n")
				plain := strings.NewReplacer(string(bold), "", string(dim), "", reset, "", "\n", "")
				if len(lines) > rows { // the last one is the cursor's, empty so far
					t.Fatalf("%d lines in a window of %d", len(lines), rows)
				}
				for _, line := range lines {
					if n := cells(plain.Replace(line)); n > columns-1 {
						t.Fatalf("%q has %d of %d columns", line, n, columns)
					}
				}
				if line := plain.Replace(lines[len(lines)-1-d.below]); !strings.HasPrefix(line, "> "+cut(many[at].Title, columns-3)) {
					t.Fatalf("%d lines up stands %q, not item %d", d.below, line, at)
				}
			}
		}
	}
}

func TestAgrees(t *testing.T) {
	for _, c := range []struct {
		answer, want string
		yes          bool
	}{
		{"y", "y", true},
		{"Y", "y", true},
		{"yes", "y", true},
		{"YES", "y", true},
		{"", "y", false},
		{"n", "y", false},
		{"yy", "y", false},
		{"@me/demo", "@me/demo", true},
		{"@ME/demo", "@me/demo", false},
		{"y", "@me/demo", false},
		{"", "@me/demo", false},
	} {
		if agrees(c.answer, c.want) != c.yes {
			t.Errorf("%q to a question that wants %q", c.answer, c.want)
		}
	}
}
