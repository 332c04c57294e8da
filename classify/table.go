package classify

import "slices"

// causes is the table, in order of precedence: what became of the upload before
// what npm said about it, specific before general, and the honest ends last. The
// first row that is proven, or likely where nothing is proven, is the diagnosis.
var causes = []*Cause{
	// did it publish, did the person stop it
	publishedScriptFailed, alreadyPublished, uploadOpen, uploadDropped, npmBroken, interrupted,
	// it is already there
	versionStaged, republishTooSoon, versionBurnt, versionExists,
	// the second factor, which refuses with words of its own
	twoFATokenRefused, twoFARequired, otpWrong, otpRequired,
	// who you are
	tokenUnset, npmrcInvalid, accountBlocked, emailUnverified, oidcDenied, oidcNotConfigured, notLoggedIn, tokenInvalid,
	// what you may
	stageOnly, paymentRequired, unscopedRestricted, scopeNotFound, wrongRegistry, nameTaken, noPermission, tokenScope,
	// the name, the version, the tag
	nameTooSimilar, nameBlocked, nameInvalid, prereleaseTag, latestBehind, tagInvalid, versionInvalid,
	// the package
	privatePackage, provenanceMismatch, provenanceUnavailable, manifestInvalid, specNotFound, packageTooLarge,
	scriptFailed, workspaceNone,
	// where, and the line
	policyBlocked, uploadMalformed, rateLimited, publishRace, registryError, registryURLInvalid, tls, network,
	// npm itself
	badUsage, npmMissing,
	// the honest ends
	forbiddenUnexplained, notFoundUnexplained, unauthorizedUnexplained, unknown,
}

// Causes returns every cause, in order of precedence.
func Causes() []*Cause { return slices.Clone(causes) }

// Lookup returns the cause with that ID, nil if there is none.
func Lookup(id string) *Cause {
	i := slices.IndexFunc(causes, func(c *Cause) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return causes[i]
}
