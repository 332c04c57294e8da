package remedy

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// otpShape is a one-time password: six digits to npmjs.org, up to eight elsewhere
// (RFC 4226), or a recovery code (npm 11, lib/utils/read-user-info.js).
var otpShape = regexp.MustCompile(`^(?:[0-9]{6,8}|[0-9a-fA-F]{64})$`)

const otpEnv = "npm_config_otp"

// otps sends the same again with a second factor. Where npm can ask, npm asks,
// at the last moment: a code lives for thirty seconds, and a build takes minutes.
func otps(p *Problem) []Offer {
	again, code := "Publish again", "a one-time password"
	if p.Diagnosis.Cause.ID == "otp-wrong" {
		code = "a new one-time password"
	}
	switch {
	case p.Terminal && p.Case.AuthURL != "":
		return []Offer{{Title: again + " and confirm in the browser", Safety: Ask, Plan: Plan{[]Change{Secret{Env: otpEnv}}}}}
	case p.Terminal:
		return []Offer{{Title: again + "; npm asks for " + code, Safety: Ask, Plan: Plan{[]Change{Secret{Env: otpEnv}}}}}
	case p.Case.AuthURL != "":
		return []Offer{{
			Title: "Confirm in the browser: publish on a terminal, with stdout not captured",
			Lines: []string{"npm waits for the browser only where its input and output are a terminal", "run: " + commandLine("", p.Args)},
		}}
	case p.Code:
		o := Offer{Title: again + " with " + code + " of --otp-command", Safety: Ask}
		o.Hole = &Hole{Label: "One-time password", Secret: true, Fill: fillOTP}
		return []Offer{o}
	case p.Ask:
		o := Offer{Title: again + " with " + code, Safety: Ask}
		o.Hole = &Hole{Label: "One-time password", Secret: true, Fill: fillOTP}
		return []Offer{o}
	}
	return []Offer{{
		Title: "A one-time password is needed, and nobody can be asked here",
		Lines: []string{"publish on a terminal, give a fresh code with --otp, or name a command that prints one with --otp-command"},
	}}
}

// fillOTP never repeats what was typed: the error is shown on the screen.
func fillOTP(s string) (Offer, error) {
	code := strings.Join(strings.Fields(s), "")
	if !otpShape.MatchString(code) {
		return Offer{}, fmt.Errorf("a one-time password has six to eight digits, a recovery code 64 hexadecimal ones")
	}
	return Offer{ID: "otp", Title: "Publish again with the one-time password", Safety: Ask, Plan: Plan{[]Change{Secret{otpEnv, code}}}}, nil
}

// waits are the pauses before an unattended attempt; the last one is repeated.
var waits = []time.Duration{5 * time.Second, 15 * time.Second, 45 * time.Second}

// retries waits and sends the same again.
func retries(p *Problem) []Offer {
	w := Wait{For: waits[min(max(p.Waited, 0), len(waits)-1)], Why: map[string]string{
		"publish-race":   "the registry is still saving an earlier publish",
		"registry-error": "the registry failed",
		"network":        "the registry was not reached",
		"rate-limited":   "the registry asks for fewer requests",
	}[p.Diagnosis.Cause.ID]}
	if p.Diagnosis.Cause.ID == "rate-limited" {
		w.For = time.Minute
		if s, err := strconv.Atoi(p.Diagnosis.Vars["retry_after"]); err == nil && s > 0 {
			w.For = time.Duration(s) * time.Second
		}
	}
	o := Offer{Title: "Wait " + seconds(w.For) + " and publish again", Safety: Unattended, Plan: Plan{[]Change{w}}}
	if p.open() {
		o.Lines = []string{"the registry may have stored it although npm failed; the same again cannot publish it twice"}
	}
	return []Offer{o}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.0f s", d.Seconds()) }

// where returns the flags that send a npm command to the registry of this publish.
func (p *Problem) where() []string {
	r := p.Case.Registry()
	flags := []string{"--registry=" + r}
	if scope, _, ok := strings.Cut(p.name(), "/"); ok && strings.HasPrefix(scope, "@") {
		flags = append(flags, "--"+scope+":registry="+r)
	}
	return flags
}

// logins runs npm login for the registry that refused, and lets npm whoami prove
// that it took.
func logins(p *Problem) []Offer {
	r := p.Case.Registry()
	u, err := url.Parse(r)
	if !p.Ask || err != nil || u.Host == "" || u.User != nil {
		return nil
	}
	where := p.where()
	title := "Log in to " + u.Host + " and publish again"
	if me := p.me(); me != "" {
		title = fmt.Sprintf("Log in to %s as another user than %s and publish again", u.Host, me)
	}
	return []Offer{{
		Title: title, Safety: NeedsUser,
		Lines: []string{"npm login writes to your own .npmrc; a token in the project's .npmrc or in the environment still wins over it"},
		Plan: Plan{[]Change{Command{
			Argv:  append([]string{"npm", "login"}, where...),
			Proof: append([]string{"npm", "whoami"}, where...),
		}}},
	}}
}
