package runner

import (
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
)

// show prints the diagnosis.
func (s *session) show(e *end) {
	d := e.diag
	s.walls = append(s.walls, d.Cause.ID)
	var more []string
	if s.applied != nil {
		more = append(more, s.progress(d))
	}
	more = append(more, prompts.Doubts(d)...)
	if e.early {
		s.ui.Refused(d.Title(), d.Cause.ID, d.Evidence, more...)
	} else {
		s.ui.Diagnosis(d.Title(), d.Cause.ID, d.Sure, d.Evidence, more...)
	}
	if s.records.pending(target(e.c)) {
		s.openUpload(e)
	}
}

func (s *session) progress(d classify.Diagnosis) string {
	if s.before == d.Cause.ID {
		return prompts.DidNotHelp
	}
	return prompts.Helped
}

func (s *session) openUpload(e *end) {
	for _, line := range prompts.OpenUpload(e.c.Name(), e.c.Version(), e.c.Registry(), e.c.Staged()) {
		s.ui.Line(line)
	}
}

func (s *session) advise(advice []remedy.Offer) {
	for _, o := range advice {
		s.ui.Line("")
		s.ui.Line(o.Title)
		for _, line := range o.Lines {
			s.ui.Note(line)
		}
	}
}

// wayOn prints the commands that would go on from here.
func (s *session) wayOn(offers []remedy.Offer) {
	var commands []string
	for _, o := range offers {
		if c := s.again(o.Command(s.attempt.Args)); c != "" && o.Hole == nil && !slices.Contains(commands, c) {
			commands = append(commands, c)
		}
	}
	if len(commands) > 0 {
		s.ui.Line("")
		s.ui.Line(prompts.GoOn)
	}
	for _, c := range commands {
		s.ui.Bare("    " + c)
	}
}

// again puts the fixes that are undone with this run before the next one.
func (s *session) again(command string) string {
	rest, ok := strings.CutPrefix(command, "safepublish ")
	for _, f := range slices.Backward(s.used) {
		rest = "--fix " + f + " " + rest
	}
	if !ok {
		return ""
	}
	return "safepublish " + rest
}
