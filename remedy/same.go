package remedy

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// The remedies that send the same again: as another user, with a second factor, later.

var secondFactor = Remedy{
	ID: "otp", Usage: "otp", Title: "publish the same again with a second factor", Safety: Ask, Same: true, Plan: otps,
	Fixes: []string{"otp-required", "otp-wrong"},
}

// otpShape is a one-time password: six digits to npmjs.org, up to eight elsewhere
// (RFC 4226), or a recovery code (npm 11, lib/utils/read-user-info.js).
var otpShape = pattern.New(`^(?:[0-9]{6,8}|[0-9a-fA-F]{64})$`)

const otpEnv = "npm_config_otp"

// otps sends the same again with a second factor. Where npm can ask, npm asks,
// at the last moment: a code lives for thirty seconds, and a build takes minutes.
func otps(p *Problem) []Offer {
	code := "a one-time password"
	if p.Diagnosis.Cause.ID == "otp-wrong" {
		code = "a new one-time password"
	}
	npmAsks := Plan{Secret{Env: otpEnv}}
	weAsk := &Input{Label: "One-time password", Secret: true, Complete: completeOTP}
	switch {
	case p.Terminal && p.Case.AuthURL != "":
		return []Offer{{Title: "Publish again and confirm in the browser", Safety: Ask, Plan: npmAsks}}
	case p.Terminal:
		return []Offer{{Title: "Publish again; npm asks for " + code, Safety: Ask, Plan: npmAsks}}
	case p.Case.AuthURL != "" && p.Case.InCI():
		return advise("The registry wants a confirmation in a browser, which nobody can give in CI", p.withoutFactor()...)
	case p.Case.AuthURL != "":
		return advise("Confirm in the browser: publish on a terminal, without capturing stdout",
			"npm waits for the browser only if its input and output are a terminal", "run: "+Typed(p.Case.Shell, nil, p.Args))
	case p.Code:
		return []Offer{{Title: "Publish again with " + code + " of --otp-command", Safety: Ask, Input: weAsk}}
	case p.Ask:
		return []Offer{{Title: "Publish again with " + code, Safety: Ask, Input: weAsk}}
	}
	lines := []string{"publish on a terminal, name a command that prints one with --otp-command, or pass a fresh one with --otp"}
	if p.onNPM() && p.Case.CI.Name != "" {
		lines = append(lines, p.withoutFactor()[0])
	}
	return advise("A one-time password is needed, but nobody can be asked here", lines...)
}

// withoutFactor is how a job of a CI publishes where the account has a second factor.
func (p *Problem) withoutFactor() []string {
	if !p.onNPM() {
		return []string{"use a token that the registry accepts without a second factor, or publish from a terminal"}
	}
	return []string{
		p.fill("let the package trust this job, which then needs no second factor: ${trust}"),
		"or let the job stage it; a maintainer then approves it with a second factor: npm stage publish",
		"or publish this version from a terminal",
	}
}

// completeOTP never repeats what was typed: the error is shown on the screen.
func completeOTP(s string) (Offer, error) {
	code := strings.Join(strings.Fields(s), "")
	if !otpShape.MatchString(code) {
		return Offer{}, fmt.Errorf("a one-time password has six to eight digits, a recovery code 64 hexadecimal ones")
	}
	return Offer{Title: "Publish again with the one-time password", Safety: Ask, Plan: Plan{Secret{otpEnv, code}}}, nil
}

var tryAgain = Remedy{
	ID: "retry", Usage: "retry", Title: "wait, then publish the same again", Safety: Unattended, Same: true, Plan: retries,
	Fixes: []string{"rate-limited", "publish-race", "registry-error", "network", "provenance-failed", "oidc-unreachable"},
}

// waits are the pauses before an unattended attempt; the last one is repeated.
var waits = []time.Duration{5 * time.Second, 15 * time.Second, 45 * time.Second}

// retries waits and sends the same again.
func retries(p *Problem) []Offer {
	w := Wait{For: waits[min(max(p.Waited, 0), len(waits)-1)], Why: map[string]string{
		"publish-race":      "the registry is still saving an earlier publish",
		"registry-error":    "the registry failed",
		"network":           "the registry was not reached",
		"rate-limited":      "the registry asks for fewer requests",
		"provenance-failed": "the signing services failed",
		"oidc-unreachable":  "the CI or the registry gave npm no token",
	}[p.Diagnosis.Cause.ID]}
	if p.Diagnosis.Cause.ID == "rate-limited" {
		w.For = time.Minute
		if s, err := strconv.Atoi(p.Diagnosis.Vars["retry_after"]); err == nil && s > 0 {
			w.For = time.Duration(s) * time.Second
		}
	}
	o := Offer{Title: "Wait " + seconds(w.For) + " and publish again", Safety: Unattended, Plan: Plan{w}}
	if p.open() {
		o.Lines = []string{"the registry may have stored it although npm failed; sending the same again cannot publish it twice"}
	}
	return []Offer{o}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }

var logIn = Remedy{
	ID: "login", Title: "log in, then publish the same again", Safety: NeedsUser, Same: true, Plan: logins,
	Asks: []classify.Question{classify.AskLogin}, Fixes: []string{
		"not-logged-in", "token-invalid", "no-permission", "name-taken", "scope-not-found", "not-found-unexplained",
		"forbidden-unexplained", "unauthorized-unexplained", "token-scope", "2fa-required", "2fa-token-refused",
	},
}

// logins runs npm login for the registry that refused.
func logins(p *Problem) []Offer {
	u, err := url.Parse(p.Case.Registry())
	if !p.Ask || p.Case.InCI() || err != nil || u.Host == "" || u.User != nil {
		return nil
	}
	title, where := "Log in to "+u.Host+" and publish again", p.where()
	if me := p.user(); me != "" && slices.Contains([]string{"no-permission", "name-taken", "scope-not-found"}, p.Diagnosis.Cause.ID) {
		title = fmt.Sprintf("Log in to %s as somebody other than %s and publish again", u.Host, me)
	}
	return []Offer{{
		Title: title, Safety: NeedsUser,
		Lines: p.beatsLogin(),
		Plan: Plan{Command{
			Argv:  append([]string{"npm", "login"}, where...),
			Login: p.Case.Registry(),
		}},
	}}
}

var turnOn2FA = Remedy{
	ID: "enable-2fa", Title: "add a second factor, then publish the same again", Safety: NeedsUser, Same: true,
	Fixes: []string{"2fa-required"}, Plan: enables,
}

// enables leads to a second factor and then logs in, so that npm uses a login that has it.
// npm profile enable-2fa is no way on npmjs.org any more: it takes no new code generators
// since autumn 2025, and npm's command line cannot register a passkey.
func enables(p *Problem) []Offer {
	where := "open your account settings at " + npm.Host(p.Case.Registry()) + " and add a second factor"
	if p.onNPM() {
		where = "open https://www.npmjs.com, then Account, Two-Factor Authentication, and add a passkey or a security key"
	}
	const title = "Add a second factor to your account, then log in and publish again"
	offers := logins(p)
	if len(offers) == 0 {
		return advise(title, where)
	}
	o := offers[0]
	o.Title, o.Lines = title, append([]string{where}, o.Lines...)
	o.Confirm = &Confirm{Question: "Run npm login now, with the second factor added?", Want: "y"}
	return []Offer{o}
}

// beatsLogin says where the login stands that npm would go on using: npm login writes to
// the person's own .npmrc, over which the project's, the environment and the command line
// win.
func (p *Problem) beatsLogin() []string {
	for _, s := range p.Case.Credential().Uses {
		if s.Level == "project" || s.Level == "env" || s.Level == "cli" {
			return []string{"npm login writes to your own .npmrc; the login in " + s.Where() + " still beats it, so remove that first"}
		}
	}
	return nil
}
