package report

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
)

// Recorder keeps the report of one invocation and writes it after every event, so
// that a kill at any instant leaves a whole one. A nil Recorder records nothing.
type Recorder struct {
	mu     sync.Mutex
	file   *file
	redact func(string) string

	became Became
	turn   int // of the package that is published now, where there are several
	doc    Document
	err    error // the first write that failed
}

// Became tells what became of a package, as the ledger has it.
type Became func(registry, name, version string) ledger.Outcome

// Open begins the report at path; "" leaves it in memory. A document with the
// outcome "unknown" is there when it returns; its error says that none can be, and
// nothing was changed. state is a folder of ours outside of any package; "" for
// none. What it says to type is for the shell.
func Open(path, state string, shell npm.Shell) (*Recorder, error) {
	r := &Recorder{redact: func(s string) string { return s }, became: func(_, _, _ string) ledger.Outcome { return ledger.NotPublished }}
	r.doc = Document{Schema: Version, Outcome: ledger.Unsettled, Packages: []Package{}, Attempts: []Attempt{}}
	if path == "" {
		return r, nil
	}
	var err error
	if r.file, err = openFile(path, state, shell); err != nil {
		return nil, err
	}
	return r, r.file.begin(r.doc)
}

// Begin notes npm's version, the function that every text passes from now on, and what
// is asked of each package.
func (r *Recorder) Begin(npm string, redact func(string) string, became Became) {
	r.record(func() { r.doc.NPM, r.redact, r.became = npm, redact, became })
}

// Queue notes the packages that are going to be published one after another: until its
// Turn has come, one was not tried.
func (r *Recorder) Queue(packages []Package) {
	r.record(func() {
		for i, p := range packages {
			p.turn, p.Outcome = i+1, ledger.NotTried
			r.doc.Packages = append(r.doc.Packages, p)
		}
	})
}

// Turn notes that it is a package's turn, by its place in the Queue, and what is asked
// of it.
func (r *Recorder) Turn(place int, became Became) {
	r.record(func() { r.turn, r.became = place+1, became })
}

// Ended records how a package of the Queue ended, by its place, and why; version is what
// it was published as, or would have been.
func (r *Recorder) Ended(place int, version string, outcome ledger.Outcome, cause string) {
	r.record(func() {
		for i := range r.doc.Packages {
			p := &r.doc.Packages[i]
			if p.turn == place+1 && (p.Outcome == ledger.NotTried || p.Version == version) {
				p.Version, p.Outcome, p.Cause, p.settled = version, outcome, cause, true
			}
		}
	})
}

// Because records why the run ends as it does: the ID of a cause.
func (r *Recorder) Because(cause string) { r.record(func() { r.doc.Cause = cause }) }

// Resume records the command that goes on.
func (r *Recorder) Resume(command string) { r.record(func() { r.doc.Resume = r.redact(command) }) }

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
		r.doc.Attempts = append(r.doc.Attempts, a)
		r.diagnosed(c, d)
	})
}

// Learned records anew what became of the last attempt, of which more is known now.
func (r *Recorder) Learned(c *classify.Case, d *classify.Diagnosis) {
	r.record(func() { r.diagnosed(c, d) })
}

func (r *Recorder) diagnosed(c *classify.Case, d *classify.Diagnosis) {
	last := &r.doc.Attempts[len(r.doc.Attempts)-1]
	if last.Diagnosis = nil; d != nil {
		described := Describe(*d, c, nil, r.redact)
		last.Diagnosis = &described
	}
	r.packages(c)
}

// packages replaces the packages of the attempt before, but for those that may be
// on the registry.
func (r *Recorder) packages(c *classify.Case) {
	r.judge()
	now := packagesOf(c)
	r.doc.Packages = slices.DeleteFunc(r.doc.Packages, func(p Package) bool {
		again := slices.ContainsFunc(now, func(n Package) bool { return n.Name == p.Name && n.Version == p.Version })
		return r.isNow(p) && (again || slices.Contains([]ledger.Outcome{ledger.NotPublished, ledger.DryRun}, p.Outcome))
	})
	r.add(now...)
}

// add adds packages whose turn it is, behind those whose turn was before. The lock is
// held.
func (r *Recorder) add(packages ...Package) {
	r.doc.Packages = slices.DeleteFunc(r.doc.Packages, func(p Package) bool { return r.isNow(p) && p.Outcome == ledger.NotTried })
	for _, p := range packages {
		p.turn = r.turn
		r.doc.Packages = append(r.doc.Packages, p)
	}
	slices.SortStableFunc(r.doc.Packages, func(a, b Package) int { return cmp.Compare(a.turn, b.turn) })
	r.judge()
}

// isNow tells whether a package is the one that is published now, or one of them.
func (r *Recorder) isNow(p Package) bool { return p.turn == r.turn }

// Found records a package that is known without an attempt of this run: an upload of
// an earlier one that the registry shows by now.
func (r *Recorder) Found(registry, name, version, shasum string) {
	r.record(func() { r.add(Package{Name: name, Version: version, Shasum: shasum, address: registry}) })
}

// Skipped records a package of which the registry has the version, and which is not
// compared with it.
func (r *Recorder) Skipped(registry, name, version string) {
	r.record(func() {
		r.add(Package{Name: name, Version: version, Outcome: ledger.Skipped, settled: true, address: registry})
	})
}

// judge asks what became of every package by now.
func (r *Recorder) judge() {
	for i, p := range r.doc.Packages {
		if !r.isNow(p) || p.Outcome == ledger.NotTried || p.settled {
			continue
		}
		r.doc.Packages[i].Outcome = r.became(p.address, p.Name, p.Version)
		r.doc.Packages[i].Registry, r.doc.Packages[i].URL = r.redact(p.address), page(r.doc.Packages[i])
	}
}

// page is where npmjs.org shows a version that is there; "" for another registry.
func page(p Package) string {
	if !npm.IsPublic(p.address) || !slices.Contains([]ledger.Outcome{ledger.Published, ledger.AlreadyPublished, ledger.Taken}, p.Outcome) {
		return ""
	}
	return "https://www.npmjs.com/package/" + p.Name + "/v/" + p.Version
}

// packagesOf returns the packages of one npm publish. The case tells most of the last
// one, with which it ended.
func packagesOf(c *classify.Case) []Package {
	all := c.Packages
	if len(all) == 0 && c.Name() != "" {
		all = []transcript.Package{{}}
	}
	var out []Package
	for i, p := range all {
		n := Package{Name: p.Name, Version: p.Version, address: p.Registry, Tag: p.Tag, Access: p.Access, Shasum: p.Shasum}
		if i == len(all)-1 {
			n.Name, n.Version, n.address = c.Name(), c.Version(), c.Registry()
			n.Tag, n.Access = cmp.Or(c.Settings.Tag, n.Tag), cmp.Or(c.Settings.Access, n.Access)
			if !c.Package.Built {
				n.Shasum = cmp.Or(n.Shasum, c.Package.Packed.Contents.Shasum)
			}
		}
		out = append(out, n)
	}
	return out
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
		a.Diagnosis.Remedies = append(a.Diagnosis.Remedies, redacted(Remedies(offers, command), r.redact)...)
	})
}

// Chosen records the offer that was applied after the last attempt, and what it changed.
func (r *Recorder) Chosen(o remedy.Offer, changes []string) {
	r.last(func(a *Attempt) {
		a.Chosen = o.Fix()
		for _, line := range changes {
			a.Changes = append(a.Changes, r.redact(line))
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

// End writes the report as it stays. why is the line that was printed
// where npm was not started, else "". It returns the first error of any write. What
// is recorded after the first End is not written.
func (r *Recorder) End(outcome ledger.Outcome, exit int, why string) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.doc.Exit != nil {
		return nil
	}
	r.judge()
	r.doc.Outcome, r.doc.Exit, r.doc.Error = outcome, &exit, r.redact(why)
	if err := r.file.end(r.doc); r.err == nil {
		r.err = err
	}
	return r.err
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
