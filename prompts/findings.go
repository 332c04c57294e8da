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
		head := " " + f.Topic + strings.Repeat(" ", topic-cells(f.Topic)+2)
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

// inTheWay sums a check up.
func inTheWay(all []preflight.Finding) string {
	count := map[preflight.Mark]int{}
	for _, f := range all {
		count[f.Mark]++
	}
	text := "Nothing that can be known beforehand stands in the way"
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

// mostElsewhere is how many failures of other commands are listed.
const mostElsewhere = 5

// Summary prints what explain says at the end: one line where several publishes
// failed; where none did, that, which failures of other commands were seen, so that
// nobody takes them for overlooked, and which lines look like a failure all the same.
// failed are "demo 1.0.0 (version-exists)", without the release where it is not known.
func (u *UI) Summary(failed []string, elsewhere, suspects []classify.Evidence) {
	switch {
	case len(failed) > 1:
		u.Line("")
		u.Line(fmt.Sprintf("%d publishes failed: %s", len(failed), strings.Join(failed, ", ")))
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
