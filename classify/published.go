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
