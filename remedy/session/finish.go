package session

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"time"

	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
	"safepublish/remedy/report"
	"safepublish/runner"
)

// finish ends the session: edits stay where something was published or may have
// been, and are undone otherwise.
func (s *session) finish(status int) int {
	s.passOn()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	if s.lost != nil {
		s.ui.Line(prompts.OutputLost(s.lost, s.outcome == report.Published))
		if status == 0 {
			status = exitOutput
		}
	}
	if s.outcome == report.NotPublished && s.ask != nil && status >= 128 {
		s.ui.Line(prompts.NothingPublished)
	}
	status = s.guard.status(status)
	s.unused(status)
	if err := s.rec.End(s.outcome, status, ""); err != nil {
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

// outcomeNow is what the uploads of this session came to so far.
func (s *session) outcomeNow() string {
	switch {
	case len(s.book.Open) > 0 || s.book.Sending != nil:
		return report.Unknown
	case s.taken:
		return report.Published
	}
	return report.NotPublished
}

// settle decides what becomes of the edits, and keeps on disk what the next run
// must know.
func (s *session) settle() {
	s.outcome = s.outcomeNow()
	if s.book.Sending != nil { // npm had ended, and nobody had looked yet: the next run does
		return
	}
	switch s.outcome {
	case report.Published:
		s.book.Edits = nil
	case report.NotPublished:
		s.undo()
	}
	if err := s.book.Save(); err != nil {
		s.ui.Line(prompts.NotNoted(err))
	}
}

// undo takes the edits back. What cannot be taken back now is left to the next run.
func (s *session) undo() {
	s.journals = s.takeBack(s.journals)
	s.book.Edits = s.journals
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
	_ = s.rec.End(s.outcomeNow(), status, "")
	runner.EndQuestions()
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
	if s.mu.TryLock() {
		defer s.mu.Unlock()
	}
	s.settle()
	_ = s.rec.End(s.outcome, exitDefect, "")
	s.lines(prompts.Defect(defect, s.outcome == report.Unknown, s.outcome == report.Published))
	*status = exitDefect
}
