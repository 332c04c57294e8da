package runner

import (
	"context"
	"fmt"
	"strings"
	"time"

	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/fault"
)

// apply carries an offer out. Its error leaves everything as it was.
func (s *session) apply(ctx context.Context, e *end, o remedy.Offer) error {
	var lines []string
	otp := false
	for _, c := range o.Plan.Changes {
		lines = append(lines, c.Preview()...)
		if secret, ok := c.(remedy.Secret); ok {
			otp = secret.Value != ""
		}
	}
	if s.remind != "" && !otp {
		s.ui.Note(s.remind)
	}
	s.ui.Changes(lines)
	s.planned = o.Names()
	attempt, _, err := remedy.Apply(ctx, o.Plan, s.attempt, s)
	fault.Point("applied")
	if err != nil {
		return err
	}
	s.attempt, s.applied, s.before = attempt, &o, e.diag.Cause.ID
	s.fixes = append(s.fixes, o.ID)
	s.rec.Chosen(o)
	if o.ID == "retry" {
		s.retries++
	}
	return nil
}

// Note keeps on disk what a plan is about to do.
func (s *session) Note(j *remedy.Journal) error { return s.records.note(j, s.planned) }

// Run runs a command of a plan on the person's terminal.
func (s *session) Run(ctx context.Context, dir string, argv []string) error {
	if argv[1] != "dist-tag" {
		return s.command(ctx, dir, argv, nil)
	}
	err := s.command(ctx, dir, argv, s.attempt.Env)
	if err == nil || s.opt.OTPCommand == "" {
		return err
	}
	code, err := s.freshCode(ctx) // npm's status does not tell, but most accounts want one
	if err != nil {
		return err
	}
	return s.command(ctx, dir, argv, []string{"npm_config_otp=" + code})
}

func (s *session) command(ctx context.Context, dir string, argv, env []string) error {
	status, err := s.npm.Interactive(ctx, dir, argv, env)
	if err == nil && status != 0 {
		err = fmt.Errorf("%s ended with status %d", strings.Join(argv, " "), status)
	}
	return err
}

// Wait waits for a plan, and says so.
func (s *session) Wait(ctx context.Context, d time.Duration, why string) error {
	if s.played {
		s.ui.Note(prompts.NotWaited(why, d))
		return nil
	}
	return s.ui.Wait(ctx, why, d)
}
