package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"safepublish/classify/npm"
)

// checks are what stands between an upload and the store, in order. Each returns
// nil where it has nothing against it.
var checks = []func(*Registry, *upload) *reply{
	checkLogin, checkToken, checkRights, checkName, checkVersion, checkAccess, checkMerged, checkSecondFactor,
}

// The sentences of npmjs.org, from public reports of refused publishes.
const (
	saysExpired = "Access token expired or revoked. Please try logging in again."
	saysNoRight = `You do not have permission to publish "%s". Are you logged in as the correct user?`
	saysExists  = "You cannot publish over the previously published versions: %s."
	saysBurnt   = `Cannot publish over previously published version "%s".`
	saysStaged  = `Cannot publish over previously staged version "%s".`
	saysTooSoon = "%s cannot be republished until 24 hours have passed."
	saysSimilar = "Package name too similar to existing package %s; try renaming your package to '@%s/%s' " +
		"and publishing with 'npm publish --access=public' instead"
	saysInvalid    = `"%s" is invalid for new packages`
	saysPay        = "You must sign up for private packages"
	saysNeedsTFA   = "Two-factor authentication or granular access token with bypass 2fa enabled is required to publish packages."
	saysTokenTFA   = "Two-factor authentication is required to publish this package but an automation token was specified"
	saysUnverified = "you must verify your email before publishing a new package: https://www.npmjs.com/email-edit"
	saysMayNot     = "You may not perform that action with these credentials."
	saysStageOnly  = "This token can only be used to stage packages. Use npm stage publish." // wording of our own: none was public
	saysRace       = "Failed to save packument. A common cause is if you try to publish a new package " +
		"before the previous package has been fully processed."
	saysUnproven = `Error verifying sigstore provenance bundle: Unsupported GitHub Actions source repository visibility: "private". ` +
		"Only public source repositories are supported when publishing with provenance." // projen/projen#3866
	saysLimited = "Could not publish, as user undefined: rate limited exceeded"
	saysSpam    = "Package name triggered spam detection; if you believe this is in error, please contact support at https://npmjs.com/support"
	saysOTP     = "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA."
)

// checkLogin is who asks. A dead token gets 401, or 404 as if there were no
// package, with or without a notice: all three were reported.
func checkLogin(r *Registry, u *upload) *reply {
	switch {
	case r.world.Mirror:
		return notFound()
	case u.token == nil:
		return refused(http.StatusUnauthorized, "You must be logged in to publish packages.")
	case u.token.DeadAs == http.StatusUnauthorized:
		a := unauthorized()
		a.header = map[string]string{"WWW-Authenticate": "Basic, Bearer"}
		return a
	case u.token.DeadAs != 0:
		a := notFound()
		if u.token.Notice != "" {
			a.header = map[string]string{"Npm-Notice": u.token.Notice}
		}
		return a
	}
	return nil
}

// checkToken is what the token may.
func checkToken(r *Registry, u *upload) *reply {
	other := u.token.Packages != nil && !slices.Contains(u.token.Packages, u.Name)
	switch {
	case u.token.Kind == ReadOnly:
		return r.mayNot(saysMayNot)
	case u.token.Kind == StageOnly && !u.staged:
		return denied(saysStageOnly)
	case other && u.there == nil:
		return notFound()
	case other:
		return r.mayNot(fmt.Sprintf(saysNoRight, u.Name))
	case u.user.Unverified && u.there == nil:
		return denied(saysUnverified)
	}
	return nil
}

// checkRights is what the account may: in the scope, and with the package.
func checkRights(r *Registry, u *upload) *reply {
	scope := scopeOf(u.Name)
	members, there := r.world.Scopes[scope]
	switch {
	case scope != "" && !there && !r.world.Masks:
		return refused(http.StatusNotFound, "Scope not found")
	case scope != "" && !slices.Contains(members, u.user.Name),
		u.there != nil && !slices.Contains(u.there.Owners, u.user.Name):
		return r.mayNot(fmt.Sprintf(saysNoRight, u.Name))
	}
	return nil
}

// mayNot says no to what this account or token may not, in words or behind a 404.
func (r *Registry) mayNot(words string) *reply {
	if r.world.Masks {
		return notFound()
	}
	return denied(words)
}

// checkName holds for new packages only: old ones keep capitals and likeness.
func checkName(r *Registry, u *upload) *reply {
	switch {
	case u.there != nil:
		return nil
	case !npm.ValidName(u.Name):
		return refused(http.StatusBadRequest, fmt.Sprintf(saysInvalid, u.Name))
	case slices.Contains(r.world.Spam, u.Name):
		return denied(saysSpam)
	case scopeOf(u.Name) != "":
		return nil
	}
	for _, popular := range r.world.Popular {
		if bare(popular) == bare(u.Name) {
			return denied(fmt.Sprintf(saysSimilar, popular, u.user.Name, u.Name))
		}
	}
	return nil
}

// bare is a name without what npmjs.org overlooks when it compares names.
func bare(name string) string {
	return strings.NewReplacer("-", "", "_", "", ".", "").Replace(strings.ToLower(name))
}

// checkVersion: a number is taken once, even where it was unpublished.
func checkVersion(_ *Registry, u *upload) *reply {
	if u.there == nil {
		return nil
	}
	v := u.there.Versions[u.Version]
	_, used := u.there.Times[u.Version]
	switch {
	case time.Since(u.there.Removed) < 24*time.Hour:
		return denied(fmt.Sprintf(saysTooSoon, u.Name))
	case v != nil && v.Staged:
		return refused(http.StatusConflict, fmt.Sprintf(saysStaged, u.Version))
	case v != nil:
		return denied(fmt.Sprintf(saysExists, u.Version))
	case used:
		return refused(http.StatusBadRequest, fmt.Sprintf(saysBurnt, u.Version))
	}
	return nil
}

// checkAccess: a scoped package starts restricted unless it is said to be public,
// and a restricted one wants a paid plan. One that is restricted already has it.
func checkAccess(_ *Registry, u *upload) *reply {
	switch {
	case scopeOf(u.Name) == "" || u.Access == "public":
		return nil
	case u.there != nil && (u.there.Restricted || u.Access != "restricted"):
		return nil
	}
	return refused(http.StatusPaymentRequired, saysPay)
}

// checkMerged refuses what npm 9 and older send by themselves after a 409: as long as
// they do, the registry is still busy.
func checkMerged(_ *Registry, u *upload) *reply {
	if u.merged {
		return refused(http.StatusConflict, saysRace)
	}
	return nil
}

func checkSecondFactor(r *Registry, u *upload) *reply {
	bypass := u.token.Kind == Automation // it stands in for a second factor
	switch {
	case bypass && u.there != nil && u.there.RequireTFA:
		return denied(saysTokenTFA)
	case bypass:
		return nil
	case u.user.TFA == NoTFA:
		return denied(saysNeedsTFA)
	case u.staged || u.user.TFA != TFAWrites || r.passes2FA(u.user, u.request.Header.Get("Npm-Otp")):
		return nil
	}
	return r.challenge(u.user, u.request)
}
