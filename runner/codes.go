package runner

import (
	"context"
	"errors"
	"slices"
	"time"

	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/runner/npmexec"
)

// codes are the one-time passwords that --otp-command prints.
type codes struct {
	npm     *npmexec.Runner
	ui      *prompts.UI
	command string
	waits   *budget
	last    string
}

// codeLife is how long a one-time password lives (RFC 6238).
const codeLife = 30 * time.Second

// fresh returns a code that was not used yet: npmjs.org takes each once, and a new
// one comes every thirty seconds.
func (c *codes) fresh(ctx context.Context) (string, error) {
	for range 2 {
		done := c.ui.Step("asking --otp-command for a one-time password")
		code, err := c.npm.OneTimePassword(ctx, c.command)
		done()
		c.npm.Redactor.Add(code)
		if err != nil || code != c.last {
			c.last = code
			return code, err
		}
		allowed := c.waits.allow(codeLife)
		if c.waits.spend(codeLife); !allowed {
			break
		}
		if err := c.ui.Wait(ctx, "the next one-time password", codeLife); err != nil {
			return "", err
		}
	}
	return "", errors.New("--otp-command printed the same one-time password again; each can be used only once")
}

// codeOffer completes the offer that wants a one-time password with what
// --otp-command prints; nil where nothing wants one, or where none came.
func (r *release) codeOffer(ctx context.Context, offers []remedy.Offer) *remedy.Offer {
	i := slices.IndexFunc(offers, func(o remedy.Offer) bool { return o.ID == "otp" && o.Input != nil })
	if i < 0 || r.codes == nil {
		return nil
	}
	code, err := r.codes.fresh(ctx)
	if err == nil {
		var o remedy.Offer
		if o, err = offers[i].Input.Complete(code); err == nil {
			return &o
		}
	}
	r.say(err.Error())
	return nil
}
