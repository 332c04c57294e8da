package runner

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
)

// next chooses an offer and applies it. It returns nil, and the status to end
// with, where none is chosen.
func (s *session) next(ctx context.Context, e *end, n int) (*remedy.Offer, int) {
	if e.dry {
		return nil, s.last(e)
	}
	offers, advice := split(remedy.Offers(s.problem(ctx, e)))
	if e.moved && (s.ask == nil || s.records.anyPending()) && !s.packsTheSame(ctx, e) { // the same again would send another version
		s.ui.Line(prompts.Moved)
		offers = nil
	}
	s.rec.Offered(append(offers, advice...), func(o remedy.Offer) string { return s.again(o.Command(s.attempt.Args)) })
	s.advise(advice)
	if e.c.Published() == "yes" {
		return nil, s.last(e)
	}
	if n >= s.opt.MaxAttempts {
		s.ui.Line(prompts.AttemptsUsed(n))
		return nil, s.last(e)
	}
	for {
		offer, err := s.choose(ctx, e, offers)
		if err != nil {
			return nil, s.interrupted()
		}
		if offer == nil {
			return nil, s.last(e)
		}
		if err := s.apply(ctx, e, *offer); err == nil {
			return s.permitted(ctx, offer)
		} else if errors.Is(err, errNoRecord) {
			return nil, s.noRecord(err)
		} else if errors.Is(err, prompts.ErrGivenUp) || ctx.Err() != nil {
			return nil, s.interrupted()
		} else {
			s.ui.Line(err.Error())
		}
		if s.ask == nil {
			return nil, s.last(e)
		}
	}
}

// permitted lets a changed attempt through where the ledger does.
func (s *session) permitted(ctx context.Context, o *remedy.Offer) (*remedy.Offer, int) {
	pkg, _ := remedy.Load(s.npm.Dir, s.attempt.Args, s.major) // npm says what is wrong with it
	if s.permit(ctx, s.outgoing(ctx, pkg), s.word) {
		return o, 0
	}
	if s.gaveUp {
		return nil, s.interrupted()
	}
	return nil, classify.ExitTempFail
}

// packsTheSame tells whether the package, as the scripts have left it, packs to what
// was sent, so that the same can be sent again without running them.
func (s *session) packsTheSame(ctx context.Context, e *end) bool {
	send := ledger.Send{Target: target(e.c)}
	if !s.mayBeSame(send, e.out) {
		return false
	}
	send.Contents = s.repack(ctx, e.out)
	return s.sentBefore(send)
}

// split tells what can be applied from what is only advice.
func split(all []remedy.Offer) (offers, advice []remedy.Offer) {
	for _, o := range all {
		if o.Safety == remedy.Never {
			advice = append(advice, o)
		} else {
			offers = append(offers, o)
		}
	}
	return offers, advice
}

func (s *session) problem(ctx context.Context, e *end) *remedy.Problem {
	git := s.npm.Git(ctx, e.pkg.Dir)
	return &remedy.Problem{
		Case: e.c, Diagnosis: e.diag, Args: s.attempt.Args, Package: e.pkg, NPM: s.major, Standing: s.standing(e),
		Git:      remedy.Git{Inside: git.Inside, Clean: git.Clean, Root: git.Root, Ignored: s.npm.GitIgnores(ctx, filepath.Join(e.pkg.Dir, "package.json"))},
		Terminal: s.npmAsks(), Ask: s.ask != nil, Code: s.opt.OTPCommand != "", Waited: s.retries, Fixes: s.opt.Fixes,
	}
}

// choose returns the offer that a --fix names, that a person chooses, or that may
// be done unasked; nil for none.
func (s *session) choose(ctx context.Context, e *end, offers []remedy.Offer) (*remedy.Offer, error) {
	s.word = ledger.Nobody
	if o := s.code(ctx, offers); o != nil {
		return o, nil
	}
	if o, err := s.fix(offers); o != nil || err != nil {
		return o, err
	}
	if s.ask != nil && len(offers) > 0 {
		s.word = ledger.Person
		return s.menu(offers)
	}
	for _, o := range offers {
		if s.ask == nil && o.Safety == remedy.Unattended && s.waited+wait(o) <= s.opt.MaxWait {
			s.waited += wait(o)
			return &o, nil
		}
	}
	if s.ask == nil {
		s.wayOn(offers)
	}
	return nil, nil
}

// fix takes the first --fix that applies here, and says of each why it does not
// where none does. Each is used once.
func (s *session) fix(offers []remedy.Offer) (*remedy.Offer, error) {
	var refused []string
	for i, f := range s.opt.Fixes {
		o, err := remedy.Find(offers, f)
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		s.opt.Fixes = slices.Delete(slices.Clone(s.opt.Fixes), i, i+1)
		s.used = append(s.used, f)
		if s.word = ledger.Fix; o.NamesNumber(f) {
			s.word = ledger.Number
		}
		return s.filled(&o)
	}
	for _, line := range refused {
		s.ui.Line(line)
		s.refused = true
	}
	return nil, nil
}

// unused says which --fix were not needed, where another one was.
func (s *session) unused(status int) {
	if status == 0 && len(s.walls) > 0 && !s.refused {
		for _, f := range s.opt.Fixes {
			s.ui.Line(prompts.NotNeeded(f))
		}
	}
}

func wait(o remedy.Offer) (d time.Duration) {
	for _, c := range o.Plan.Changes {
		if w, ok := c.(remedy.Wait); ok {
			d += w.For
		}
	}
	return d
}

// menu asks until an offer is complete; a question that is answered with no
// leads back to it.
func (s *session) menu(offers []remedy.Offer) (*remedy.Offer, error) {
	items := make([]prompts.Item, 0, len(offers)+1)
	for _, o := range offers {
		items = append(items, prompts.Item{ID: o.ID, Title: o.Title, Note: o.Note})
	}
	items = append(items, prompts.Item{Title: prompts.GiveUp})
	for {
		i, err := s.ask.Choose(prompts.WhatNow, items, 0)
		if err != nil {
			return nil, err
		}
		if i == len(offers) {
			return nil, prompts.ErrGivenUp
		}
		o := offers[i]
		filled, err := s.filled(&o)
		if err != nil {
			return nil, err
		}
		for _, line := range filled.Lines {
			s.ui.Note(line)
		}
		if filled.Confirm == nil {
			return filled, nil
		}
		if yes, err := s.ask.Confirm(filled.Confirm.Question, filled.Confirm.Want); err != nil || yes {
			return filled, err
		}
	}
}

// filled asks for the value that an offer still lacks.
func (s *session) filled(o *remedy.Offer) (*remedy.Offer, error) {
	if o.Hole == nil {
		return o, nil
	}
	if s.ask == nil {
		return nil, nil
	}
	ask := s.ask.Text
	if o.Hole.Secret {
		ask = s.ask.Secret
	}
	var filled remedy.Offer
	answer, err := ask(o.Hole.Label, func(v string) (err error) { filled, err = o.Hole.Fill(v); return err })
	if o.Hole.Secret {
		s.red.Add(answer)
	}
	return &filled, err
}
