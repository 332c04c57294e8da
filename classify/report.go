package classify

import "safepublish/classify/transcript"

// Report is a diagnosis as explain --json and the report print it.
type Report struct {
	Cause     string            `json:"cause"`
	Title     string            `json:"title"`
	Sure      bool              `json:"sure"`
	Exit      int               `json:"exit"`      // what safepublish would end with
	Published string            `json:"published"` // "yes", "no" or "unknown"
	Vars      map[string]string `json:"vars"`
	Evidence  []ReportEvidence  `json:"evidence"`
}

// ReportEvidence is one Evidence of a Report.
type ReportEvidence struct {
	From string `json:"from"`
	Text string `json:"text"`
}

// Report returns the diagnosis of c as a Report without secrets: every text goes
// through redact.
func (d Diagnosis) Report(c *Case, redact func(string) string) Report {
	r := Report{
		Cause: d.Cause.ID, Title: redact(d.Title()), Sure: d.Sure, Exit: ExitStatus(d, c.Exit, c.Signal),
		Published: c.Published(), Vars: map[string]string{}, Evidence: []ReportEvidence{},
	}
	for k, v := range d.Vars {
		r.Vars[k] = redact(v)
	}
	for _, e := range d.Evidence {
		r.Evidence = append(r.Evidence, ReportEvidence{e.From, redact(e.Text)})
	}
	return r
}

// Published answers whether the version of this run is on the registry with the
// bytes of this run: "yes", "no", or "unknown" while its upload is open.
func (c *Case) Published() string {
	switch state := c.Last().Upload.State; {
	case state == transcript.Accepted, c.sameBytes() == Yes:
		return "yes"
	case state == transcript.Open && c.sameBytes() == Unknown:
		return "unknown"
	}
	return "no"
}
