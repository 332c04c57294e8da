package report

import (
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/remedy"
)

// Diagnosis is why one publish failed, and what can be done about it.
type Diagnosis struct {
	Package   string            `json:"package"` // its name; "" where nothing tells it
	Cause     string            `json:"cause"`
	Title     string            `json:"title"`
	Sure      bool              `json:"sure"`
	Exit      int               `json:"exit"`      // what safepublish ends with if nothing is done
	Published string            `json:"published"` // "yes", "no" or "unknown"
	Vars      map[string]string `json:"vars"`
	Evidence  []Evidence        `json:"evidence"`
	Remedies  []Remedy          `json:"remedies"` // the best first
}

// Evidence is one thing that shows the cause: a line, or an answer of the registry.
type Evidence struct {
	From string `json:"from"`
	Text string `json:"text"`
}

// Remedy is one thing that can be done. Command is the whole command line that
// does it, quoted for a shell; "" where there is none, as for an advice.
type Remedy struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Safety  string   `json:"safety"` // "advice", "person", "ask" or "unattended"
	Command string   `json:"command"`
	Steps   []string `json:"steps"` // what to do, or to know before; never null
}

// Diagnoses is the document of explain --json.
type Diagnoses struct {
	Schema    int         `json:"schema"`
	Diagnoses []Diagnosis `json:"diagnoses"` // one for each package that failed; never null
}

// Describe returns the diagnosis d of c without secrets: every text goes through
// redact. remedies may be nil.
func Describe(d classify.Diagnosis, c *classify.Case, remedies []Remedy, redact func(string) string) Diagnosis {
	r := Diagnosis{
		Package: redact(c.Name()), Cause: d.Cause.ID, Title: redact(d.Title()), Sure: d.Sure, Exit: classify.ExitStatus(d, c.Exit, c.Signal),
		Published: c.Published(), Vars: map[string]string{}, Evidence: []Evidence{},
		Remedies: redacted(remedies, redact),
	}
	for k, v := range d.Vars {
		r.Vars[k] = redact(v)
	}
	for _, e := range d.Evidence {
		r.Evidence = append(r.Evidence, Evidence{e.From, redact(e.Text)})
	}
	return r
}

// redacted returns the remedies without secrets, never nil.
func redacted(remedies []Remedy, redact func(string) string) []Remedy {
	all := []Remedy{}
	for _, o := range remedies {
		o.Title, o.Command, o.Steps = redact(o.Title), redact(o.Command), slices.Clone(o.Steps)
		for i := range o.Steps {
			o.Steps[i] = redact(o.Steps[i])
		}
		all = append(all, o)
	}
	return all
}

// Remedies returns offers as a Diagnosis prints them. command writes the command
// line of one, "" for none.
func Remedies(offers []remedy.Offer, command func(remedy.Offer) string) []Remedy {
	var all []Remedy
	for _, o := range offers {
		steps := []string{}
		for _, line := range o.Lines {
			steps = append(steps, strings.TrimPrefix(line, "- "))
		}
		all = append(all, Remedy{o.ID, o.Title, o.Safety.String(), command(o), steps})
	}
	return all
}

// Known returns what can be done about a failure of which only the log is there:
// the offers that need no more than that, and the row of every other remedy that
// the cause has.
func Known(p *remedy.Problem) []Remedy {
	var whole []remedy.Offer
	offers, rows := remedy.Offers(p), remedy.For(p.Diagnosis.Cause.ID)
	for _, o := range offers {
		edits := slices.ContainsFunc(rows, func(r remedy.Remedy) bool { return r.ID == o.ID && r.Edits })
		if o.Input == nil && !(edits && p.Package.Kind == "") {
			whole = append(whole, o)
		}
	}
	for _, r := range rows {
		listed := slices.ContainsFunc(whole, func(o remedy.Offer) bool { return o.ID == r.ID })
		if !listed && r.Safety > remedy.Never && p.Allows(r) {
			whole = append(whole, remedy.Offer{ID: r.ID, Title: r.Title, Safety: r.Safety})
		}
	}
	return Remedies(whole, func(o remedy.Offer) string { return o.Command(p.Case.Shell, nil, p.Args) })
}
