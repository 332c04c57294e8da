package classify

import (
	"strconv"
	"strings"

	"safepublish/classify/transcript"
)

// The checks of the rows that need no table: what the run itself shows decides.

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

// checkLimit: the status says it all but how long.
func checkLimit(c *Case) Verdict {
	v := proven()
	if wait := c.Facts.RetryAfter; wait > 0 {
		seconds := strconv.Itoa(int(wait.Seconds()))
		v.Vars = map[string]string{"retry_after": seconds}
		v.Evidence = []Evidence{{"GET " + c.Name(), "the registry asks to wait " + seconds + " seconds (Retry-After)"}}
	}
	return v
}
