package report

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy"
)

// Recorder keeps the report of one invocation and writes it after every event, so
// that a kill at any instant leaves a whole one. A nil Recorder records nothing.
type Recorder struct {
	mu     sync.Mutex
	file   *file
	redact func(string) string

	followed bool // --wait has the last word
	doc      Document
	err      error // the first write that failed
}

// Open begins the report at path; "" leaves it in memory. A document with the
// outcome "unknown" is there when it returns; its error says that none can be, and
// nothing was changed. state is a folder of ours outside of any package; "" for
// none.
func Open(path, state string) (*Recorder, error) {
	r := &Recorder{redact: func(s string) string { return s }}
	r.doc = Document{Schema: Version, Outcome: Unknown, Packages: []Package{}, Attempts: []Attempt{}}
	if path == "" {
		return r, nil
	}
	var err error
	if r.file, err = openFile(path, state); err != nil {
		return nil, err
	}
	return r, r.file.begin(r.doc)
}

// Begin notes npm's version, and the function that every text passes from now on.
func (r *Recorder) Begin(npm string, redact func(string) string) {
	r.record(func() { r.doc.NPM, r.redact = npm, redact })
}

// Attempt records one npm publish: what npm was given, how long it ran (0 where a
// check of ours kept it from starting), and the diagnosis, nil where nothing
// failed.
func (r *Recorder) Attempt(args []string, ran time.Duration, c *classify.Case, d *classify.Diagnosis) {
	r.record(func() {
		last := c.Last().Upload
		a := Attempt{
			Args: remedy.Redacted(args), Exit: c.Exit, Signal: c.Signal, Seconds: math.Round(ran.Seconds()*1000) / 1000,
			Upload: Upload{last.State.String(), last.Status(), r.redact(last.URL), last.Attempt},
			Offers: []string{}, Changes: []string{},
		}
		for i, arg := range a.Args {
			a.Args[i] = r.redact(arg)
		}
		if ran == 0 {
			a.Exit = -1
		}
		if d != nil {
			described := Describe(*d, c, nil, r.redact)
			a.Diagnosis = &described
		}
		r.doc.Attempts = append(r.doc.Attempts, a)
		r.packages(c, d)
	})
}

// packages replaces the packages of the attempt before, but for those that may be
// on the registry.
func (r *Recorder) packages(c *classify.Case, d *classify.Diagnosis) {
	now := packagesOf(c, d)
	r.doc.Packages = slices.DeleteFunc(r.doc.Packages, func(p Package) bool {
		again := slices.ContainsFunc(now, func(n Package) bool { return n.Name == p.Name && n.Version == p.Version })
		return again || p.Outcome == NotPublished || p.Outcome == DryRun
	})
	for _, p := range now {
		p.Registry = r.redact(p.Registry)
		r.doc.Packages = append(r.doc.Packages, p)
	}
}

func packagesOf(c *classify.Case, d *classify.Diagnosis) []Package {
	all := c.Packages
	if len(all) == 0 && c.Name() != "" {
		all = []transcript.Package{{}}
	}
	var out []Package
	for i, p := range all {
		n := Package{p.Name, p.Version, p.Registry, p.Tag, p.Access, p.Shasum, outcomeOf(c, p)}
		if i == len(all)-1 {
			n.Name, n.Version, n.Registry = c.Name(), c.Version(), c.Registry()
			n.Tag, n.Access = cmp.Or(c.Local.Tag, n.Tag), cmp.Or(c.Local.Access, n.Access)
			if d != nil && d.Cause.ID == "already-published" {
				n.Outcome = AlreadyThere
			}
		}
		out = append(out, n)
	}
	return out
}

func outcomeOf(c *classify.Case, p transcript.Package) string {
	switch {
	case c.DryRun:
		return DryRun
	case p.Upload.State == transcript.Open:
		return Unknown
	case p.Upload.State != transcript.Accepted:
		return NotPublished
	case c.Staged():
		return Staged
	}
	return Published
}

// Offered records what could be chosen after the last attempt, advice included.
// command writes the command line of an offer.
func (r *Recorder) Offered(offers []remedy.Offer, command func(remedy.Offer) string) {
	r.last(func(a *Attempt) {
		for _, o := range offers {
			if word := o.Fix(); o.Safety > remedy.Never && !slices.Contains(a.Offers, word) {
				a.Offers = append(a.Offers, word)
			}
		}
		for _, o := range Remedies(offers, command) {
			o.Title, o.Command = r.redact(o.Title), r.redact(o.Command)
			a.Diagnosis.Remedies = append(a.Diagnosis.Remedies, o)
		}
	})
}

// Chosen records the offer that was applied after the last attempt.
func (r *Recorder) Chosen(o remedy.Offer) {
	r.last(func(a *Attempt) {
		a.Chosen = o.Fix()
		for _, c := range o.Plan.Changes {
			for _, line := range c.Preview() {
				a.Changes = append(a.Changes, r.redact(line))
			}
		}
	})
}

// Followed records what readers see of a package that the registry has accepted.
func (r *Recorder) Followed(name, version, outcome string) {
	r.record(func() {
		r.followed = true
		for i, p := range r.doc.Packages {
			if p.Name == name && p.Version == version && p.Outcome != AlreadyThere {
				r.doc.Packages[i].Outcome = outcome
			}
		}
	})
}

// last records something about the last attempt, which failed.
func (r *Recorder) last(event func(*Attempt)) {
	r.record(func() {
		if n := len(r.doc.Attempts); n > 0 && r.doc.Attempts[n-1].Diagnosis != nil {
			event(&r.doc.Attempts[n-1])
		}
	})
}

// End writes the report as it stays. outcome is what the session knows of its
// uploads: Published, NotPublished or Unknown; why is the line that was printed
// where npm was not started, else "". It returns the first error of any write. What
// is recorded after the first End is not written.
func (r *Recorder) End(outcome string, exit int, why string) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doc.Exit != nil {
		return nil
	}
	if len(r.doc.Packages) == 1 && outcome == Published && r.doc.Packages[0].Outcome == NotPublished && !r.followed {
		r.doc.Packages[0].Outcome = Published // npm said so without naming the package (--silent)
	}
	r.doc.Outcome, r.doc.Exit, r.doc.Error = r.doc.outcome(outcome), &exit, r.redact(why)
	if err := r.file.end(r.doc); r.err == nil {
		r.err = err
	}
	return r.err
}

// outcome makes one word of the outcomes of all packages: published only if all
// are.
func (d *Document) outcome(session string) string {
	if len(d.Packages) == 0 || session == Unknown {
		return session
	}
	all := map[string]bool{}
	for _, p := range d.Packages {
		all[p.Outcome] = true
	}
	for _, worst := range []string{Unknown, NotPublished, DryRun, Accepted, Staged, Published} {
		if all[worst] {
			return worst
		}
	}
	return AlreadyThere
}

func (r *Recorder) record(event func()) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doc.Exit != nil {
		return
	}
	event()
	if err := r.file.keep(r.doc); r.err == nil {
		r.err = err
	}
}
