package registry

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// checks are what stands between an upload and the store, in order. Each returns
// nil where it has nothing against it.
var checks = []func(*Registry, *attempt) *outcome{
	checkMirror,
	checkToken,
	checkKind,
	checkAccount,
	checkScope,
	checkOwner,
	checkName,
	checkTooSoon,
	checkNumber,
	checkPaid,
	checkTFA,
	checkOTP,
}

// The sentences of npmjs.org, from public reports of refused publishes.
const (
	saysExpired    = "Access token expired or revoked. Please try logging in again."
	saysNoRight    = `You do not have permission to publish "%s". Are you logged in as the correct user?`
	saysExists     = "You cannot publish over the previously published versions: %s."
	saysBurnt      = `Cannot publish over previously published version "%s".`
	saysStaged     = `Cannot publish over previously staged version "%s".`
	saysTooSoon    = "%s cannot be republished until 24 hours have passed."
	saysSimilar    = "Package name too similar to existing package %s; try renaming your package to '@%s/%s' and publishing with 'npm publish --access=public' instead"
	saysInvalid    = `"%s" is invalid for new packages`
	saysPay        = "You must sign up for private packages"
	saysNeedsTFA   = "Two-factor authentication or granular access token with bypass 2fa enabled is required to publish packages."
	saysTokenTFA   = "Two-factor authentication is required to publish this package but an automation token was specified"
	saysUnverified = "you must verify your email before publishing a new package: https://www.npmjs.com/email-edit"
	saysMayNot     = "You may not perform that action with these credentials."
	saysStageOnly  = "This token can only be used to stage packages. Use npm stage publish." // wording of our own: none was public
	saysRace       = "Failed to save packument. A common cause is if you try to publish a new package before the previous package has been fully processed."
	saysLimited    = "Could not publish, as user undefined: rate limited exceeded"
	saysSpam       = "Package name triggered spam detection; if you believe this is in error, please contact support at https://npmjs.com/support"
	saysOTP        = "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA."
)

func checkMirror(_ *Registry, a *attempt) *outcome {
	if !a.world.Mirror {
		return nil
	}
	return &outcome{status: http.StatusNotFound, message: "Not found"}
}

func checkToken(_ *Registry, a *attempt) *outcome {
	switch {
	case a.token == nil:
		return &outcome{status: http.StatusUnauthorized, message: "You must be logged in to publish packages."}
	case !a.token.Dead:
		return nil
	case a.token.DeadAs == http.StatusUnauthorized:
		return &outcome{status: http.StatusUnauthorized, message: "Unauthorized", header: map[string]string{"WWW-Authenticate": `Basic, Bearer`}}
	}
	gone := &outcome{status: http.StatusNotFound, message: "Not found"}
	if a.token.Notice != "" {
		gone.header = map[string]string{"Npm-Notice": a.token.Notice}
	}
	return gone
}

func checkKind(_ *Registry, a *attempt) *outcome {
	switch {
	case a.token.Kind == ReadOnly:
		return a.refused(saysMayNot)
	case a.token.Kind == StageOnly && !a.staged:
		return denied(saysStageOnly)
	case a.token.Kind != Granular || a.token.Packages == nil || slices.Contains(a.token.Packages, a.name):
		return nil
	case a.world.Packages[a.name] == nil:
		return &outcome{status: http.StatusNotFound, message: "Not found"}
	}
	return a.refused(fmt.Sprintf(saysNoRight, a.name))
}

func checkAccount(_ *Registry, a *attempt) *outcome {
	if a.user.Unverified && a.world.Packages[a.name] == nil {
		return denied(saysUnverified)
	}
	return nil
}

func checkScope(_ *Registry, a *attempt) *outcome {
	scope := scopeOf(a.name)
	if scope == "" || slices.Contains(a.world.Scopes[scope], a.user.Name) {
		return nil
	}
	if _, there := a.world.Scopes[scope]; !there {
		if a.world.Masks {
			return a.refused("")
		}
		return &outcome{status: http.StatusNotFound, message: "Scope not found"}
	}
	return a.refused(fmt.Sprintf(saysNoRight, a.name))
}

func checkOwner(_ *Registry, a *attempt) *outcome {
	p := a.world.Packages[a.name]
	if p == nil || slices.Contains(p.Owners, a.user.Name) {
		return nil
	}
	return a.refused(fmt.Sprintf(saysNoRight, a.name))
}

var newName = regexp.MustCompile(`^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*$`)

// checkName holds for new packages only: old ones keep capitals and likeness.
func checkName(_ *Registry, a *attempt) *outcome {
	if a.world.Packages[a.name] != nil {
		return nil
	}
	if !newName.MatchString(a.name) || len(a.name) > 214 {
		return &outcome{status: http.StatusBadRequest, message: fmt.Sprintf(saysInvalid, a.name)}
	}
	if scopeOf(a.name) != "" {
		return nil
	}
	for _, popular := range a.world.Popular {
		if bare(popular) == bare(a.name) {
			return denied(fmt.Sprintf(saysSimilar, popular, a.user.Name, a.name))
		}
	}
	return nil
}

// bare is a name without what npmjs.org overlooks when it compares names.
func bare(name string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
}

func checkTooSoon(_ *Registry, a *attempt) *outcome {
	p := a.world.Packages[a.name]
	if p != nil && time.Since(p.Removed) < 24*time.Hour {
		return denied(fmt.Sprintf(saysTooSoon, a.name))
	}
	return nil
}

func checkNumber(_ *Registry, a *attempt) *outcome {
	p := a.world.Packages[a.name]
	if p == nil {
		return nil
	}
	_, used := p.Times[a.number]
	switch v := p.Versions[a.number]; {
	case v != nil && v.Staged:
		return &outcome{status: http.StatusConflict, message: fmt.Sprintf(saysStaged, a.number)}
	case v != nil:
		return denied(fmt.Sprintf(saysExists, a.number))
	case used:
		return &outcome{status: http.StatusBadRequest, message: fmt.Sprintf(saysBurnt, a.number)}
	}
	return nil
}

// checkPaid: a scoped package starts restricted unless it is said to be public,
// and a restricted one wants a paid plan. One that is restricted already has it.
func checkPaid(_ *Registry, a *attempt) *outcome {
	p := a.world.Packages[a.name]
	switch {
	case scopeOf(a.name) == "" || a.document.Access == "public":
		return nil
	case p != nil && (p.Restricted || a.document.Access != "restricted"):
		return nil
	}
	return &outcome{status: http.StatusPaymentRequired, message: saysPay}
}

func checkTFA(_ *Registry, a *attempt) *outcome {
	replaced := a.token.Kind == Automation || a.token.Kind == Granular && a.token.Bypass
	p := a.world.Packages[a.name]
	switch {
	case replaced && p != nil && p.RequireTFA:
		return denied(saysTokenTFA)
	case !replaced && a.user.TFA == NoTFA:
		return denied(saysNeedsTFA)
	}
	return nil
}

func checkOTP(r *Registry, a *attempt) *outcome {
	replaced := a.token.Kind == Automation || a.token.Kind == Granular && a.token.Bypass
	if a.passed || replaced || a.staged || a.user.TFA != TFAWrites {
		return nil
	}
	return r.challenge(a.user, a.web)
}

// refused says no to what this account or token may not, in words or behind a 404.
func (a *attempt) refused(message string) *outcome {
	if a.world.Masks {
		return &outcome{status: http.StatusNotFound, message: "Not found"}
	}
	return denied(message)
}

func denied(message string) *outcome {
	return &outcome{status: http.StatusForbidden, message: message}
}
