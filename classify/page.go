package classify

import (
	"strings"
	"unicode/utf8"
)

// pageWidth leaves two columns free on a terminal of 80.
const pageWidth = 78

// Page returns the cause's page for explain: what to do, what it means, how it happens,
// how to confirm it, how to prevent it, what to do on other registries, and the exit
// status. It is plain text of at most 78 columns and ends with a newline.
func (row *Cause) Page() string { return row.PageIn(pageWidth) }

// PageIn is Page for a terminal of so many columns.
func (row *Cause) PageIn(columns int) string {
	p := page{width: min(columns, pageWidth)}
	p.wrap("", row.ID+": "+Diagnosis{Cause: row}.Title())
	p.list("What to do, the best first", row.Fix)
	p.head("What it means")
	p.wrap("  ", row.Why)
	p.list("How it happens, the most frequent first", row.Happens)
	p.checks(row.Confirm)
	p.head("How to prevent it")
	p.wrap("  ", unfilled(row.Prevent))
	p.products(row)
	p.line("")
	p.line("Exit status: " + row.ExitWords())
	return p.String()
}

type page struct {
	strings.Builder
	width int
}

func (p *page) line(text string) { p.WriteString(strings.TrimRight(text, " ") + "\n") }

func (p *page) head(text string) {
	p.line("")
	p.line(text)
}

func (p *page) list(head string, items []string) {
	p.head(head)
	for _, item := range items {
		p.wrap("  - ", unfilled(item))
	}
}

// checks prints each command with what it tells beneath it, where that does not
// fit beside it.
func (p *page) checks(items []string) {
	p.head("How to confirm it")
	for _, item := range items {
		command, tells, _ := strings.Cut(unfilled(item), "  ")
		if tells == "" {
			p.wrap("  ", command)
			continue
		}
		if utf8.RuneCountInString(command+tells) <= p.width-6 {
			p.line("  " + command + "    " + tells)
			continue
		}
		p.wrap("  ", command)
		p.wrap("      ", tells)
	}
}

// products prints what to do at the registries that are other products than
// npmjs.org's.
func (p *page) products(row *Cause) {
	var items []string
	for _, product := range products {
		for _, step := range product.steps[row.ID] {
			items = append(items, product.name+": "+step)
		}
	}
	if items != nil {
		p.list("On other registries", items)
	}
}

// wrap prints text in lines of the page's width; those after the first are indented as
// deep as the first one's text.
func (p *page) wrap(first, text string) {
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	line := first
	for i, word := range strings.Fields(text) {
		if i > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > p.width {
			p.line(line)
			line = indent + word
			continue
		}
		if i > 0 {
			line += " "
		}
		line += word
	}
	p.line(line)
}
