package runner

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"time"

	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// finish ends the session: edits stay where something was published or may have
// been, and are undone otherwise.
func (s *session) finish(status int) int {
	s.passOn()
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
	status = s.guard.status(status)
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

// settle decides what becomes of the edits, says so, and returns what became of the
// release.
func (s *session) settle() ledger.Outcome {
	said, err := s.records.settle()
	s.lines(said)
	if err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
	return s.records.outcome()
}

// takeBack takes edits back, the last one first. It returns those that could not be,
// and what to say of it.
func takeBack(edits []*remedy.Journal) (left []*remedy.Journal, said []string) {
	for _, j := range slices.Backward(edits) {
		lines, err := j.Undo()
		said = append(said, lines...)
		if err != nil {
			said = append(said, err.Error())
			left = append([]*remedy.Journal{j}, left...)
		}
		fault.Point("undone")
	}
	return left, said
}

// passOn writes what was held back of npm's stdout, for as long as nobody hurries.
func (s *session) passOn() {
	written := make(chan error, 1)
	go func() {
		_, err := s.held.WriteTo(s.std.Out)
		s.held.Close()
		written <- err
	}()
	select {
	case err := <-written:
		if err != nil && !errors.Is(err, syscall.EPIPE) {
			s.lost = err
		}
	case <-s.guard.hurried:
		s.lost = errors.New("nobody read it")
	}
}

// endBy ends the process for a signal, in order. The loop stands still meanwhile,
// at a question.
func (s *session) endBy(sig os.Signal) {
	time.AfterFunc(time.Second, s.ui.Hurry)
	s.ui.Restore()
	s.settle()
	if s.closing != nil {
		s.closing()
	}
	status := 128 + signalNumber(sig)
	_ = s.rec.End(string(s.records.outcome()), status, "")
	npmexec.EndQuestions()
	os.Exit(status) // with the guard's lock held: the loop must not start npm again
}

// recovered makes of a defect of ours an end in order: the terminal given back,
// and the edits as at any end.
func (s *session) recovered(status *int) {
	defect := recover()
	if defect == nil {
		return
	}
	s.ui.Restore()
	outcome := s.settle()
	_ = s.rec.End(string(outcome), exitDefect, "")
	s.lines(prompts.Defect(defect, outcome == ledger.Unsettled, outcome == ledger.Published))
	*status = exitDefect
}
