package prompts

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/preflight"
)

// marks are how a finding begins. They differ in their shape, not in colour alone.
var marks = map[preflight.Mark]span{
	preflight.OK:      {"[✓]", green},
	preflight.Warning: {"[!]", bold},
	preflight.Wall:    {"[✗]", red},
}

// severity orders the marks: what stands in the way is read first.
var severity = []preflight.Mark{preflight.Wall, preflight.Warning, preflight.OK}

// Findings prints a check, the worst first: the headline, a line for each finding in three columns
// (mark, topic, what was found with the cause's ID), under it what to type, and at
// the end how many stand in the way. A command is never wrapped.
func (u *UI) Findings(headline string, all []preflight.Finding) {
	var b strings.Builder
	b.WriteString(u.paragraph(2, span{headline, bold}) + "\n")
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b preflight.Finding) int {
		return slices.Index(severity, a.Mark) - slices.Index(severity, b.Mark)
	})
	topic := 0
	for _, f := range all {
		topic = max(topic, cells(f.Topic))
	}
	for _, f := range all {
		head := " " + pad(f.Topic, topic)
		line := []span{marks[f.Mark], {head, normal}, {f.Text, normal}}
		if f.Cause != "" {
			line = append(line, span{"  (" + f.Cause + ")", dim})
		}
		b.WriteString(u.paragraph(3+cells(head), line...))
		for _, command := range f.Type {
			b.WriteString("      " + u.clean(command) + "\n")
		}
	}
	b.WriteString("\n" + u.paragraph(0, span{inTheWay(all), normal}))
	u.write(b.String())
}

// Packages prints a check of several packages, the worst first: a line for each with its
// name, its version and what stands in its way first, and at the end how many cannot be
// published.
func (u *UI) Packages(headline string, all []preflight.Package) {
	var b strings.Builder
	b.WriteString(u.paragraph(2, span{headline, bold}) + "\n")
	rank := func(p preflight.Package) int {
		if f := p.First(); f != nil {
			return slices.Index(severity, f.Mark)
		}
		return len(severity)
	}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b preflight.Package) int { return rank(a) - rank(b) })
	name, version := 0, 0
	for _, p := range all {
		name, version = max(name, cells(p.Name)), max(version, cells(p.Version))
	}
	for _, p := range all {
		head := " " + pad(p.Name, name) + pad(p.Version, version)
		line, hang := []span{mark(p), {head, normal}}, 3+cells(head)
		if hang > u.width()/2 { // what is said goes below
			b.WriteString(u.paragraph(4, line...))
			line, hang = []span{{"      ", normal}}, 6
		}
		b.WriteString(u.paragraph(hang, append(line, row(p)...)...))
	}
	b.WriteString("\n" + u.paragraph(0, span{cannot(all), normal}))
	if all[0].First() != nil {
		b.WriteString(u.paragraph(0, span{"Everything about one of them:", normal}))
		b.WriteString("    safepublish check -w " + u.clean(u.shell.Quote(all[0].Name)) + "\n")
	}
	u.write(b.String())
}

func mark(p preflight.Package) span {
	switch f := p.First(); {
	case p.Private:
		return span{"[-]", dim}
	case f != nil:
		return marks[f.Mark]
	}
	return marks[preflight.OK]
}

// row is what is said of one package: what stands first, and how much there is besides.
func row(p preflight.Package) []span {
	f := p.First()
	switch {
	case p.Private:
		return []span{{"private: npm skips it", dim}}
	case f == nil:
		return []span{{"nothing stands in the way", normal}}
	}
	line := []span{{f.Text, normal}}
	if f.Cause != "" {
		line = append(line, span{"  (" + f.Cause + ")", dim})
	}
	more := 0
	for _, other := range p.Findings {
		if other.Mark != preflight.OK {
			more++
		}
	}
	if more > 1 {
		line = append(line, span{fmt.Sprintf("  and %d more", more-1), dim})
	}
	return line
}

func cannot(all []preflight.Package) string {
	stopped := 0
	for _, p := range all {
		if preflight.Worst(p.Findings) != nil {
			stopped++
		}
	}
	text := "Nothing known in advance stands in the way"
	if stopped > 0 {
		text = fmt.Sprintf("%d of %d packages cannot be published like this", stopped, len(all))
	}
	return text + ". Nothing was changed."
}

// inTheWay sums a check up.
func inTheWay(all []preflight.Finding) string {
	count := map[preflight.Mark]int{}
	for _, f := range all {
		count[f.Mark]++
	}
	text := "Nothing known in advance stands in the way"
	if n := count[preflight.Wall]; n > 0 {
		text = fmt.Sprintf("%d %s in the way", n, plural(n, "thing stands", "things stand"))
	}
	if n := count[preflight.Warning]; n > 0 {
		text += fmt.Sprintf("; %d %s worth a look", n, plural(n, "line is", "lines are"))
	}
	return text + ". Nothing was changed."
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

// mostNamed and mostElsewhere are how many failed publishes are named at the end, and how
// many failures of other commands are listed.
const (
	mostNamed     = 20
	mostElsewhere = 5
)

// Summary prints what explain says at the end: one line where several publishes
// failed; where none did, that, which failures of other commands were seen, so that
// nobody takes them for overlooked, and which lines look like a failure all the same.
// failed are "demo 1.0.0 (version-exists)", without the release where it is not known.
func (u *UI) Summary(failed []string, elsewhere, suspects []classify.Evidence) {
	switch {
	case len(failed) > 1:
		u.Line("")
		names := strings.Join(failed[:min(len(failed), mostNamed)], ", ")
		if n := len(failed) - mostNamed; n > 0 {
			names += fmt.Sprintf(" and %d more", n)
		}
		u.Line(fmt.Sprintf("%d publishes failed: %s", len(failed), names))
	case len(failed) == 0:
		if len(suspects) == 0 {
			u.Line("This log shows no failed publish.")
		} else {
			u.Line("No failed publish was recognized in this log, but these lines look like one:")
		}
		for _, e := range suspects {
			u.Note("- " + e.From + "  " + e.Text)
		}
		for _, e := range elsewhere[:min(len(elsewhere), mostElsewhere)] {
			u.Note("- " + e.From + "  not a publish: " + e.Text)
		}
		if n := len(elsewhere) - mostElsewhere; n > 0 {
			u.Note(fmt.Sprintf("- and %d more", n))
		}
	}
}

// Table prints rows in columns, indented; the last column is wrapped.
func (u *UI) Table(rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], cells(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		head := "  "
		for i, cell := range row[:len(row)-1] {
			head += pad(cell, widths[i])
		}
		b.WriteString(u.paragraph(cells(head), span{head + row[len(row)-1], normal}))
	}
	u.write(b.String())
}
