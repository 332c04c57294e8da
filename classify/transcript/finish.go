package transcript

import (
	"cmp"
	"slices"
	"strings"

	"safepublish/classify/pattern"
)

// finish names the package that failed, settles every upload and hands the
// packages over.
func (t *Transcript) finish(p *packer) {
	p.nameFailed()
	for i, c := range p.list {
		last := i == len(p.list)-1
		c.Upload.State = t.believed(t.state(c, last))
		c.tell()
		if !t.fromLog && i > 0 && !c.sending { // npm 11.12 and later print equal notices once
			before := p.list[i-1]
			c.Registry, c.Tag, c.Access = cmp.Or(c.Registry, before.Registry), before.Tag, before.Access
		}
		t.Packages = append(t.Packages, c.Package)
	}
	if len(t.Packages) == 0 && t.Exit == 0 && len(t.skipped) > 0 && !t.DryRun { // npm ends well, and has published nothing
		t.Failed, t.Code, t.Message = true, "EPRIVATE", t.skipped
	}
}

// believed is the state of an upload as far as it can be believed: of a run of ours
// that left no log, screen and status prove neither that something was sent nor
// that nothing was, for a script prints what it likes.
func (t *Transcript) believed(s State) State {
	switch {
	case t.NeverStarted:
		return NotSent
	case t.ours.Run && !t.fromLog && !t.DryRun:
		return Open
	}
	return s
}

// neverStarted tells that what was run was no npm: it failed without a line of
// npm's, and no log is where npm 8 and later write theirs before anything else.
func (t *Transcript) neverStarted() bool {
	return t.ours.Run && t.ours.Logs && len(t.Lines) == 0 && len(t.Message) == 0 && (t.Exit > 0 || t.Signal != "")
}

// unproven tells a run of ours that ended with 0 although no answer to an upload is
// on record: what was run was no npm, or npm was set to do something else
// (usage=true prints its usage).
func (t *Transcript) unproven() bool {
	return t.ours.Run && t.Exit == 0 && !t.DryRun && !t.Failed &&
		(len(t.Packages) == 0 || slices.ContainsFunc(t.Packages, func(p Package) bool { return p.Upload.State != Accepted }))
}

// nameFailed finds the package that the run ended with, where its packing list
// is not shown (--json, --loglevel error) or was never reached: a script of the
// second workspace fails before anything is packed.
func (p *packer) nameFailed() {
	t := p.t
	if name, version, ok := nameAndVersion(t.PkgID); ok {
		p.ensure(name, version)
	}
	if name, version, ok := nameAndVersion(t.script); ok && t.Failed && (len(p.list) == 0 || scriptFailed(t.Code)) {
		p.ensure(name, version)
	}
	if m := notFound.FindStringSubmatch(said(t.Message)); m != nil {
		p.ensure(m[1], m[2])
	}
	if m := httpSaid.FindStringSubmatch(said(t.Message)); m != nil && m[2] != "GET" {
		p.answered(number(m[1]), m[2], m[3])
	}
	if p.unnamed() {
		p.add(Package{})
	}
}

// unnamed tells that the run was about a package that nothing names.
func (p *packer) unnamed() bool {
	if len(p.list) > 0 {
		return p.wentOn()
	}
	return p.t.silent() || p.t.ours.Run && !p.t.fromLog && p.t.Exit == 0
}

// answered notes the answer to an upload that npm's message tells.
func (p *packer) answered(status int, method, url string) {
	registry, name := split(url)
	c := p.ensure(name, "")
	c.Registry = cmp.Or(c.Registry, safeURL(registry))
	c.Upload.Method, c.Upload.URL = method, safeURL(url)
	if len(c.attempts) == 0 {
		c.Upload.Statuses = []int{status}
	}
}

// wentOn tells that npm's last words are not about the last package that is known:
// it had printed "+ name@version" for that one, which it does at the very end.
func (p *packer) wentOn() bool {
	t, c := p.t, p.current()
	ownFailure := httpSaid.MatchString(said(t.Message)) || scriptFailed(t.Code) || t.Code == "ELIFECYCLE"
	return len(t.Message) > 0 && c.Published && len(c.attempts) == 0 && !ownFailure
}

// ensure returns the last package if it may be this one, else a new one.
func (p *packer) ensure(name, version string) *parcel {
	if len(p.list) == 0 {
		return p.add(Package{Name: name, Version: version})
	}
	c := p.current()
	if c.Name == "" {
		c.Name = name
	}
	if !strings.EqualFold(c.Name, name) || c.Version != "" && version != "" && c.Version != version {
		return p.add(Package{Name: name, Version: version})
	}
	c.Version = cmp.Or(c.Version, version)
	return c
}

// notFound is how npm names the package of a 404.
var notFound = pattern.New(`'((?:@[^\s@/']+/)?[^\s@/']+)@(\d[^\s']*)' (?:is not in|could not be found)`)

// silent tells a run that failed without a word and without a log (--silent with
// logs-max=0): it may have sent an upload for all we know.
func (t *Transcript) silent() bool {
	return (t.Exit > 0 || t.Signal != "") && len(t.Lines) == 0 && len(t.Message) == 0 && t.script == ""
}

// state tells what became of the upload of one package; last tells that it is the one
// that the run ended with.
//
//nolint:cyclop // one table, its rows by precedence: see upload.go
func (t *Transcript) state(c *parcel, last bool) State {
	killed := last && t.killed()
	switch {
	case t.DryRun:
		return NotSent
	case len(c.attempts) > 0:
		return attemptsState(c.attempts, killed && !t.asking && !t.ours.Between)
	case last && httpSaid.MatchString(said(t.Message)):
		return t.saidState(c) // outweighs a "+ name@version", which a script can print
	case t.dropped(c):
		return Open
	case c.Published, !last && c.sending: // npm goes on to the next workspace only after a success
		return Accepted
	case !last: // another workspace, or what a script packed
		return Open
	case killed && (c.sending || t.maybeSent(c)):
		return Open
	case t.silent():
		return Open
	case !t.Failed && t.Exit == 0 && (c.sending || !t.fromLog && c.Shasum != ""): // without "+ name@version", as with --silent
		return Accepted
	case !t.Failed:
		return NotSent
	}
	return t.saidState(c)
}

// dropped tells a publish that npm believes went well although its log, which has
// every answer since npm 7, shows none to the upload: a redirect (303) turned it
// into a GET, which the registry answered with something (measured, npm 8 to 12).
func (t *Transcript) dropped(c *parcel) bool {
	return t.modern() && t.ended && c.sending && !t.Failed
}

// killed tells that npm ended without saying how: by a signal, or the text just
// stops.
func (t *Transcript) killed() bool {
	return len(t.Message) == 0 && (t.Signal != "" || t.Exit < 0)
}

// tell fills in what the log shows of the attempts.
func (c *parcel) tell() {
	for i, a := range c.attempts {
		if a.status != 0 {
			c.Upload.Statuses = append(c.Upload.Statuses, a.status)
		} else if i+1 >= len(c.attempts) || c.attempts[i+1].n != a.n || c.attempts[i+1].status == 0 {
			c.Upload.Failures = append(c.Upload.Failures, a.failed)
		}
		c.Upload.Attempt = a.n
	}
}
