package session

import (
	"errors"
	"slices"
	"syscall"

	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
)

// finish ends the session: edits stay where something was published or may have
// been, and are undone otherwise.
func (s *session) finish(status int) int {
	if len(s.held) > 0 {
		if _, err := s.std.Out.Write(s.held); err != nil && !errors.Is(err, syscall.EPIPE) {
			s.lost = err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	outcome := s.settle()
	if s.lost != nil {
		s.ui.Line(prompts.OutputLost(s.lost, outcome == ledger.Published))
		if status == 0 {
			status = exitOutput
		}
	}
	if outcome == ledger.NotPublished && s.ask != nil && status >= 128 {
		s.ui.Line(prompts.NothingPublished)
	}
	if s.got != nil {
		status = 128 + signalNumber(s.got)
	}
	s.unused(status)
	if err := s.rec.End(string(outcome), status, ""); err != nil {
		s.ui.Line(err.Error())
	}
	if s.lastly != "" {
		if d := s.rec.Failure(); d != nil && status != 0 {
			s.ui.Annotate(d.Cause, d.Title, d.Commands())
		}
		s.ui.Bare(s.lastly)
	}
	return status
}

// settle decides what becomes of the edits, and returns what became of the release.
func (s *session) settle() ledger.Outcome {
	if err := s.records.settle(s.takeBack); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
	return s.records.outcome()
}

// takeBack takes edits back, the last one first, and says so. It returns those
// that could not be.
func (s *session) takeBack(edits []*remedy.Journal) (left []*remedy.Journal) {
	for _, j := range slices.Backward(edits) {
		lines, err := j.Undo()
		s.lines(lines)
		if err != nil {
			s.ui.Line(err.Error())
			left = append([]*remedy.Journal{j}, left...)
		}
		fault.Point("undone")
	}
	return left
}

// recovered makes of a defect of ours an end in order: the terminal given back,
// and the edits as at any end.
func (s *session) recovered(status *int) {
	defect := recover()
	if defect == nil {
		return
	}
	s.ui.Restore()
	if s.mu.TryLock() {
		defer s.mu.Unlock()
	}
	outcome := s.settle()
	_ = s.rec.End(string(outcome), exitDefect, "")
	s.lines(prompts.Defect(defect, outcome == ledger.Unsettled, outcome == ledger.Published))
	*status = exitDefect
}
