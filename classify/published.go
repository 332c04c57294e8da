package classify

import "safepublish/classify/transcript"

// Published answers whether the version of this run is on the registry with the
// bytes of this run: "yes", "no", or "unknown" while its upload is open.
func (c *Case) Published() string {
	switch state := c.Last().Upload.State; {
	case state == transcript.Accepted, c.sameBytes() == Yes:
		return "yes"
	case c.Local.Doubt, state == transcript.Open && c.sameBytes() == Unknown:
		return "unknown"
	}
	return "no"
}

// ToldThere tells that the answer to the first upload, or npm's own check before it,
// was that the version is there: so it was there before.
func (c *Case) ToldThere() bool {
	state := c.Last().Upload.State
	return (state == transcript.Refused || state == transcript.NotSent) && saysExists.MatchString(c.said()) && !saysBurnt.MatchString(c.said())
}
