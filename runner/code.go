package runner

import (
	"context"
	"errors"
	"slices"
	"time"

	"safepublish/prompts"
	"safepublish/remedy"
)

// code fills the offer that wants a one-time password with what --otp-command
// prints; nil where nothing wants one, or where none came.
func (s *session) code(ctx context.Context, offers []remedy.Offer) *remedy.Offer {
	i := slices.IndexFunc(offers, func(o remedy.Offer) bool { return o.ID == "otp" && o.Hole != nil })
	if i < 0 || s.opt.OTPCommand == "" {
		return nil
	}
	code, err := s.freshCode(ctx)
	if err == nil {
		var o remedy.Offer
		if o, err = offers[i].Hole.Fill(code); err == nil {
			return &o
		}
	}
	s.ui.Line(err.Error())
	return nil
}

// freshCode asks --otp-command for a code that was not used yet: npmjs.org takes
// each once, and a new one comes every thirty seconds.
func (s *session) freshCode(ctx context.Context) (string, error) {
	for range 2 {
		done := s.ui.Step(prompts.AskingForCode)
		code, err := s.npm.Code(ctx, s.opt.OTPCommand)
		done()
		s.red.Add(code)
		if err != nil || code != s.lastCode {
			s.lastCode = code
			return code, err
		}
		if s.waited += codeLife; s.waited > s.opt.MaxWait {
			break
		}
		if err := s.ui.Wait(ctx, prompts.NextCode, codeLife); err != nil {
			return "", err
		}
	}
	return "", errors.New(prompts.SameCode)
}

// codeLife is how long a one-time password lives (RFC 6238).
const codeLife = 30 * time.Second
