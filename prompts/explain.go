package prompts

import (
	"fmt"
	"strings"

	"safepublish/classify/logs"
)

// Explained is one failed publish of a log, for the summary: the release as
// "demo 1.0.0", "" where the log does not name it, and the cause's ID.
type Explained struct{ Release, Cause string }

// mostElsewhere is how many failures of other commands are listed.
const mostElsewhere = 5

// Summary prints what explain says at the end: one line where several publishes
// failed; where none did, that, and which failures of other commands were seen, so
// that nobody takes them for overlooked.
func (u *UI) Summary(failed []Explained, elsewhere []logs.Elsewhere) {
	switch {
	case len(failed) > 1:
		var all []string
		for _, e := range failed {
			all = append(all, strings.TrimPrefix(e.Release+" ("+e.Cause+")", " "))
		}
		u.Line("")
		u.Line(fmt.Sprintf("%d publishes failed: %s", len(failed), strings.Join(all, ", ")))
	case len(failed) == 0:
		u.Line(NoFailure)
		for i, e := range elsewhere {
			if i == mostElsewhere {
				u.Note(fmt.Sprintf("- and %d more", len(elsewhere)-i))
				break
			}
			u.Note("- " + e.From + "  " + notPublish + e.Text)
		}
	}
}
