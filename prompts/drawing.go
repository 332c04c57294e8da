package prompts

import (
	"fmt"
	"math"
	"strings"
)

// drawing is a menu as it is drawn for a window.
type drawing struct {
	text  string
	above int // lines from the first to the one that is highlighted
	below int // lines from there to the cursor behind the menu
}

// drawMenu draws a menu for a window of this size. No line is as wide as the window,
// and there is a line for the cursor. The hint stands behind the question, or under it
// where it does not fit there.
func drawMenu(question string, items []Item, at int, hint string, columns, rows int, colour bool) drawing {
	d := drawing{}
	add := func(spans ...span) {
		d.text += flow(math.MaxInt, 0, colour, spans...) + "\n"
	}
	room := columns - 1
	question = cut(question, max(1, room))
	head, beside := span{question, bold}, span{"   (" + hint + ")", dim}
	switch {
	case hint == "":
		add(head)
	case cells(question+beside.text) <= room:
		add(head, beside)
	default:
		add(head)
		add(span{"  (" + cut(hint, max(1, room-len("  ()"))) + ")", dim})
	}
	page := min(len(items), max(2, rows-3)) // the question, a hint under it, and the cursor's line
	first := min(max(0, at-page/2), len(items)-page)
	for i := first; i < first+page; i++ {
		mark, style := "  ", normal
		if i == at {
			mark, style = "> ", bold
		}
		title, note := fit(items[i], room-len(mark))
		add(span{mark + title, style}, span{note, dim})
	}
	d.below = first + page - at
	d.above = strings.Count(d.text, "\n") - d.below
	return d
}

// fit returns an item's title and its note for a line of so many columns. The note
// gives way first; a note of which nothing is left says nothing.
func fit(item Item, room int) (title, note string) {
	title = cut(item.Title, max(1, room))
	left := room - cells(title) - len("   ()")
	if item.Note == "" || left < 8 && cells(item.Note) > left {
		return title, ""
	}
	return title, "   (" + cut(item.Note, left) + ")"
}

// cleanItems returns items whose texts are fit to be printed.
func (u *UI) cleanItems(items []Item) []Item {
	var all []Item
	for _, item := range items {
		all = append(all, Item{item.ID, u.clean(item.Title), u.clean(item.Note)})
	}
	return all
}

// list returns the menu as text. Nothing is marked in it: no item is taken for no answer.
func (u *UI) list(question string, items []Item) string {
	var b strings.Builder
	b.WriteString(u.paragraph(2, span{"?", bold}, span{" " + question, bold}))
	for i, item := range items {
		line := []span{{fmt.Sprintf("  %d. %s", i+1, item.Title), normal}}
		if item.Note != "" {
			line = append(line, span{"   (" + item.Note + ")", dim})
		}
		b.WriteString(u.paragraph(5, line...))
	}
	return b.String()
}
