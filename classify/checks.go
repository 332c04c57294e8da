package classify

import (
	"slices"
	"strings"

	"safepublish/classify/transcript"
)

// The checks: what the registry must have answered. Each is one column of the
// decision tables in decisions_test.go.

func proven(ev ...Evidence) Verdict   { return Verdict{Answer: Yes, Evidence: ev} }
func byFacts(ev ...Evidence) Verdict  { return Verdict{Answer: Yes, ByFacts: true, Evidence: ev} }
func likely(ev ...Evidence) Verdict   { return Verdict{Likely: true, Evidence: ev} }
func ruledOut(ev ...Evidence) Verdict { return Verdict{Answer: No, Evidence: ev} }
func possible() Verdict               { return Verdict{} }

// checkSame: the same bytes are there, so the publish is done, whatever npm said.
func checkSame(c *Case) Verdict {
	switch c.sameBytes() {
	case Yes:
		return byFacts(evThis(c)...)
	case No:
		return ruledOut(evThis(c)...)
	}
	if c.versionThere() == No && c.upload() != transcript.Open {
		return ruledOut()
	}
	return possible()
}

// checkExists: npm's or the registry's own words are enough where they answered
// the first attempt. The answer to a later attempt may be about this very upload.
func checkExists(c *Case) Verdict {
	words := saysExists.MatchString(c.said())
	said := groups(saysExists, c.said())["version"]
	switch {
	case said != "" && c.Version() != "" && said != c.Version(): // a script of the package has changed it
		v := likely(Evidence{"npm", "the registry speaks of " + said + ", and npm packed " + c.Version()})
		v.Vars = map[string]string{"version": said}
		return v
	case c.sameBytes() == No:
		return byFacts(evThis(c)...)
	case words && c.versionThere() == No && c.Facts.Packument.Found != Unknown:
		return likely(append(evPackument(c), Evidence{evView(c), c.Version() + " is not listed: the number is used up, or still being processed"})...)
	case words && c.upload() == transcript.Open:
		return likely(append(evThis(c), evAttempts(c)...)...)
	case words:
		return proven(evThis(c)...)
	case c.versionThere() == Yes && (c.status() == 409 || c.status() == 403):
		return likely(evThis(c)...)
	case c.versionThere() == No:
		return ruledOut()
	}
	return possible()
}

// checkBurnt: the time list keeps the numbers that were unpublished.
func checkBurnt(c *Case) Verdict {
	p := c.Facts.Packument
	switch {
	case c.versionThere() == Yes:
		return ruledOut()
	case slices.Contains(p.Burnt, c.Version()):
		return byFacts(Evidence{evView(c) + " time", c.Version() + " was published once and is gone from the versions"})
	case c.status() == 400 && saysBurnt.MatchString(c.said()):
		return likely() // npmjs.org says E400 for a number that was unpublished, E403 for one that is there
	case p.Found == Yes:
		return ruledOut()
	}
	return possible()
}

// checkManifest says which of the two it is, where npm's words tell.
func checkManifest(c *Case) Verdict {
	v := proven()
	switch {
	case c.manifestMissing():
		v.Vars = map[string]string{"manifest": "there is no package.json here"}
	case c.Code == "EJSONPARSE" && strings.Contains(c.said(), "package.json"):
		v.Vars = map[string]string{"manifest": "package.json is not valid JSON"}
	}
	return v
}

// checkRace: the registry says so itself, or gives a bare 409.
func checkRace(c *Case) Verdict {
	if saysRace.MatchString(c.said()) {
		return proven()
	}
	return likely()
}

// checkNotLoggedIn: npm 7 and later look for a credential before they send
// anything, so that a 401 there came to one that was sent.
func checkNotLoggedIn(c *Case) Verdict {
	switch {
	case c.status() != 401:
		return proven()
	case c.Facts.Identity.Known == Yes:
		return ruledOut()
	case c.major() >= 7:
		return possible()
	}
	return likely()
}

// checkToken: whoami may refuse a granular token that publishes well, so its 401
// proves a dead token only together with a 401 to the upload or the registry's
// notice; and the notice alone proves nothing.
func checkToken(c *Case) Verdict {
	_, notice := c.expiredNotice()
	switch who := c.Facts.Identity.Known; {
	case who == Yes:
		return ruledOut()
	case who == No && (c.status() == 401 || notice):
		return byFacts(append(evNotice(c), evIdentity(c)...)...)
	case who == No:
		return likely(append(evIdentity(c), evPackument(c)...)...)
	case notice:
		return likely(evNotice(c)...)
	case c.status() == 401 && !saysOtherScheme.MatchString(c.said()):
		return likely()
	}
	return possible()
}

// checkScope: a scope is a user or an organization of the registry.
func checkScope(c *Case) Verdict {
	f := c.Facts
	words := saysNoScope.MatchString(c.said())
	switch {
	case c.scope() == "" || f.ScopeThere == Yes || f.Packument.Found == Yes:
		return ruledOut()
	case f.ScopeThere == No && (words || f.Identity.Known == Yes):
		return byFacts(append(evIdentity(c), evScope(c)...)...)
	case words:
		return likely()
	}
	return possible()
}

// checkTaken: an unscoped name that is in use by others. In a scope it is the
// scope that is theirs, and a permission that is missing.
func checkTaken(c *Case) Verdict {
	f := c.Facts
	switch {
	case c.scope() != "" || f.Packument.Found == No || c.maintains() == Yes:
		return ruledOut()
	case f.Packument.Found == Yes && f.Identity.Known == Yes && f.Identity.User != "" &&
		len(f.Packument.Maintainers) > 0 && !slices.Contains(f.Packument.Maintainers, f.Identity.User):
		return byFacts(append(evPackument(c), evIdentity(c)...)...)
	}
	return possible()
}

// checkPermission: the registry says so in words, or it hid it and its lists say so.
func checkPermission(c *Case) Verdict {
	f := c.Facts
	words := saysNoPermission.MatchString(c.said())
	switch {
	case f.MayWrite == No && f.Packument.Found == Yes && f.Identity.Known == Yes, words && f.MayWrite == No:
		return byFacts(append(evIdentity(c), append(evPackument(c), evAccess(c)...)...)...)
	case words && c.maintains() == Yes:
		return ruledOut()
	case words && f.Identity.Known == Yes && f.Packument.Found != Unknown:
		return proven(append(evIdentity(c), evPackument(c)...)...)
	case words:
		return likely(append(evIdentity(c), evPackument(c)...)...)
	case f.Identity.Known == Yes && f.Packument.Found == Yes && c.maintains() == No:
		return byFacts(append(evIdentity(c), evPackument(c)...)...)
	case f.Packument.Found == No || c.maintains() == Yes:
		return ruledOut()
	}
	return possible()
}

// checkTokenScope: the account may, so the token may not.
func checkTokenScope(c *Case) Verdict {
	f := c.Facts
	switch {
	case saysTokenScope.MatchString(c.said()) || c.Code == "EAUTHIP":
		return proven()
	case saysTheseCredentials.MatchString(c.said()):
		return likely()
	case f.Identity.Known == Yes && f.Packument.Found == Yes && c.maintains() == Yes:
		return likely(append(evIdentity(c), evAccess(c)...)...)
	case f.Identity.Known == Yes && c.maintains() == No:
		return ruledOut()
	}
	return possible()
}

// checkOTPWrong: refused with a code, or npm asked and was refused again. That a
// second upload was refused is visible in a saved log too, but whether a code or
// a browser was meant by then is not.
func checkOTPWrong(c *Case) Verdict {
	switch {
	case c.codeGiven() && c.Code == "EOTP":
		return proven()
	case c.codeGiven():
		return likely()
	case c.refusedTwice():
		return possible()
	}
	return ruledOut()
}

func checkOTPRequired(c *Case) Verdict {
	switch {
	case c.refusedTwice():
		return likely(Evidence{lastUpload(c).From, "the upload after npm's question was refused too"})
	case c.Code == "EOTP":
		return proven()
	}
	return likely()
}
