package remedy

import (
	"fmt"
	"slices"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy/ledger"
)

// Remedies returns the table, in the order of the menu and of --help. One cause may
// have several remedies, and one remedy helps against several causes.
func Remedies() []Remedy {
	return []Remedy{
		publishWorkspaces, changeTag, bumpVersion, secondFactor, tryAgain, logIn, turnOn2FA, makePublic, renamePackage, removePrivate,
		stageVersion, withoutProvenance,
		newToken, askMaintainer, createScope, finishScript,
	}
}

// For returns the rows of the table that may help against a cause.
func For(cause string) []Remedy {
	return slices.DeleteFunc(Remedies(), func(r Remedy) bool { return !slices.Contains(r.Fixes, cause) })
}

// Needs returns what the plans and the steps for a cause want to know of the registry:
// the versions that are used, for one that is free; the account, for a name under its
// scope.
func Needs(cause string) []classify.Question {
	all := classify.Lookup(cause).Wants()
	for _, r := range For(cause) {
		all = append(all, r.Asks...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Offers returns what can be done about a problem, best first; the first one is
// preselected. It is pure and returns nothing for a dry run, and nothing but
// advice for a publish that the registry took or whose diagnosis knows no remedy.
func Offers(p *Problem) []Offer {
	if p.Case == nil || p.Diagnosis.Cause == nil || p.Case.DryRun {
		return nil
	}
	var acts, last, advice []Offer
	whole := false
	for _, r := range For(p.Diagnosis.Cause.ID) {
		for _, o := range p.plans(r) {
			o.ID = r.ID
			switch {
			case o.Safety == Never:
				advice = append(advice, o)
			case !p.Allows(r):
				continue
			case r.ID == logIn.ID && p.loginIsLast():
				last = append(last, p.guarded(r, o))
			default:
				acts = append(acts, p.guarded(r, o))
			}
			whole = whole || p.mends(r)
		}
	}
	if !whole {
		advice = append(pageSteps(p), advice...)
	}
	return slices.Concat(acts, last, productSteps(p), advice)
}

// mends tells whether a remedy mends the cause and gives nothing up. A login, or a second
// factor turned on, that did not help has not.
func (p *Problem) mends(r Remedy) bool {
	triedInVain := r.Same && r.Safety == NeedsUser && slices.Contains(p.Applied, r.ID)
	return !r.Lesser && r.Safety > Never && !triedInVain
}

// plans returns what a remedy plans for the problem, none where it is for npmjs.org and
// this is another registry.
func (p *Problem) plans(r Remedy) []Offer {
	if r.OnNPM && !p.onNPM() {
		return nil
	}
	return r.Plan(p)
}

// loginIsLast tells whether another login seldom helps: there was one already, or the name
// is somebody's, or the scope nobody's, whoever asks.
func (p *Problem) loginIsLast() bool {
	if slices.Contains(p.Applied, logIn.ID) || slices.Contains(p.Applied, turnOn2FA.ID) {
		return true
	}
	return p.user() != "" && slices.Contains([]string{"name-taken", "scope-not-found"}, p.Diagnosis.Cause.ID)
}

// Allows says whether a remedy may be offered after what was sent, and for what npm
// was to publish. A flag or a file that is meant for one package must not reach the
// others of a workspace run; and where some of them are published already, the same
// command again would only meet those.
func (p *Problem) Allows(r Remedy) bool {
	several := p.Package.Kind == "workspaces" || len(p.Case.Packages) > 1
	switch {
	case p.Diagnosis.Cause.ID == "already-published": // a dist-tag for what is there; nothing is sent
		return true
	case p.taken(), several && !r.Same:
		return false
	}
	return mayFollow(p.after(r))
}

// mayFollow tells whether something may be offered after what was sent. What only waits
// for the registry's answer about a refused upload may: it is asked before anything is sent.
func mayFollow(v ledger.Verdict) bool {
	return v.Permission >= ledger.AskPerson || v.Permission == ledger.AskRegistry && v.Upload.State == transcript.Refused
}

// after is what the uploads so far allow of a remedy.
func (p *Problem) after(r Remedy) ledger.Verdict {
	if r.Same {
		return p.Standing.Same
	}
	return p.Standing.Other
}

// guarded makes an offer wait for a person's word where what was sent demands it, or
// where a dist-tag would be invented or moved back; also once a value was typed into
// it. A retry of other bytes under the same number is what --fix retry names; another
// number may be the second version of what is published already.
func (p *Problem) guarded(r Remedy, o Offer) Offer {
	o.ID = r.ID
	if o.Input != nil {
		complete := o.Input.Complete
		o.Input = &Input{o.Input.Label, o.Input.Secret, func(value string) (Offer, error) {
			filled, err := complete(value)
			return p.guarded(r, filled), err
		}}
	}
	switch v := p.after(r); {
	case v.Permission != ledger.AskPerson:
	case r.Same:
		o.Safety = min(o.Safety, Ask)
	default:
		o.needs = v.Word
		o.Lines = append(o.Lines, whoseLine(p, v))
		if o.Confirm == nil {
			o.Confirm = &Confirm{Question: "Publish it anyway?", Want: "y"}
		}
	}
	if o.Confirm == nil {
		o.Confirm = p.aboutTag(o)
	}
	return o
}

func whoseLine(p *Problem, v ledger.Verdict) string {
	if v.Seen != classify.Yes {
		return "the registry did not say whether " + p.name() + " " + v.Upload.Version + " is there"
	}
	return p.name() + " " + v.Upload.Version + " is there, and it may be this release"
}

// aboutTag asks before a dist-tag is invented, moved back or given to a prerelease that
// everybody would get: what stands under it is what they install by it. nil where there
// is nothing to ask.
func (p *Problem) aboutTag(o Offer) *Confirm {
	if o.tag == "" || o.version == nil {
		return nil
	}
	n := numbersOf(p)
	switch at := n.target(o.tag); {
	case at != nil && at.GreaterThan(o.version):
		return &Confirm{Question: fmt.Sprintf("Move the dist-tag %s back, from %s to %s?", o.tag, at, o.version), Want: "y"}
	case o.tag == "latest" && o.version.Prerelease() != "":
		return &Confirm{Question: fmt.Sprintf("Make the prerelease %s latest?", o.version), Want: "y"}
	case n.distTags[o.tag] == "" && o.tag != "latest" && o.tag != p.givenTag():
		return &Confirm{Question: "Create the dist-tag " + o.tag + "?", Want: "y"}
	}
	return nil
}

// taken says whether the registry has what this run was to publish. It is never sent
// again.
func (p *Problem) taken() bool {
	return p.Standing.Stored || slices.ContainsFunc(p.Case.Packages, func(k transcript.Package) bool {
		return k.Upload.State == transcript.Accepted
	})
}

// open says whether the version may be on the registry although npm failed.
func (p *Problem) open() bool { return !mayFollow(p.Standing.Other) }

// StandingOf is what may follow a run of which only the log is there, and what the
// registry answered if it was asked: what the ledger would say of it.
func StandingOf(c *classify.Case) ledger.Standing {
	var l ledger.Ledger
	at := ledger.At(c.Registry(), c.Name(), c.Version())
	last := c.Last()
	here := last.Contents()
	for _, sent := range append(c.Attempt.Sent, here) {
		l.Ended(ledger.Upload{Target: at, State: last.Upload.State, Contents: sent, AlreadyThere: c.ToldThere()})
	}
	if this := c.Answers.RemoteVersion; this.Found != classify.Unknown {
		l.Seen(ledger.SightOf(at, this))
	}
	return l.Standing(at, here)
}
