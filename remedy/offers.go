package remedy

import (
	"fmt"
	"slices"

	"safepublish/classify"
	"safepublish/classify/transcript"
	"safepublish/remedy/ledger"
)

// Remedies returns the table, in the order of the menu. One cause may have
// several remedies, and one remedy mends several causes.
func Remedies() []Remedy {
	list := []classify.Question{classify.AskPackument}
	me := []classify.Question{classify.AskIdentity}
	return []Remedy{
		{ID: "otp", Title: "publish the same again with a second factor", Safety: Ask, Same: true, Plan: otps, Fixes: []string{"otp-required", "otp-wrong"}},
		{ID: "retry", Title: "wait, then publish the same again", Safety: Unattended, Same: true, Plan: retries, Fixes: []string{"rate-limited", "publish-race", "registry-error", "network"}},
		{ID: "tag", Title: "publish under a dist-tag of its own", Safety: Ask, Plan: tags, Asks: list, Fixes: []string{"prerelease-tag", "latest-behind", "tag-invalid", "already-published"}},
		{ID: "access", Title: "publish for everyone", Safety: Ask, Plan: accesses, Fixes: []string{"payment-required", "unscoped-restricted"}},
		{ID: "login", Title: "log in, then publish the same again", Safety: NeedsUser, Same: true, Plan: logins, Fixes: []string{
			"not-logged-in", "token-invalid", "no-permission", "name-taken", "scope-not-found", "not-found-unexplained",
			"forbidden-unexplained", "unauthorized-unexplained", "token-scope", "2fa-required", "2fa-token-refused",
		}},
		{ID: "bump", Title: "publish under the next free version", Safety: Ask, Edits: true, Plan: bumps, Asks: list, Fixes: []string{"version-exists", "version-burnt", "latest-behind", "version-invalid"}},
		{ID: "rename", Title: "publish under another name", Safety: Ask, Edits: true, Plan: renames, Asks: me, Fixes: []string{
			"name-too-similar", "name-taken", "name-blocked", "name-invalid", "no-permission", "scope-not-found",
		}},
		{ID: "private", Title: "remove \"private\": true", Safety: NeedsUser, Edits: true, Plan: unlocks, Fixes: []string{"private-package"}},
		{ID: "stage", Title: "stage it, for a person to approve", Safety: Ask, Plan: stages, Fixes: []string{"stage-only"}},
		{ID: "token", Title: "advice: make a new token", Plan: tokenSteps, Fixes: []string{
			"not-logged-in", "token-invalid", "token-unset", "token-scope", "2fa-required", "2fa-token-refused",
			"not-found-unexplained", "forbidden-unexplained", "unauthorized-unexplained",
		}},
		{ID: "2fa", Title: "advice: turn on two-factor authentication", Plan: secondFactor, Fixes: []string{"2fa-required"}},
		{ID: "owner", Title: "advice: ask a maintainer", Plan: askOwners, Fixes: []string{"no-permission", "name-taken", "not-found-unexplained"}},
		{ID: "scope", Title: "advice: create the organization", Plan: scopeSteps, Fixes: []string{"scope-not-found"}},
		{ID: "finish", Title: "advice: run the failed script alone", Plan: finishSteps, Fixes: []string{"published-script-failed"}},
	}
}

// For returns the rows of the table that may help against a cause.
func For(cause string) []Remedy {
	return slices.DeleteFunc(Remedies(), func(r Remedy) bool { return !slices.Contains(r.Fixes, cause) })
}

// Needs returns what the plans for a cause want to know of the registry: the
// versions that are used, for one that is free; the account, for a name under its
// scope.
func Needs(cause string) []classify.Question {
	var all []classify.Question
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
	var acts, advice []Offer
	for _, r := range For(p.Diagnosis.Cause.ID) {
		for _, o := range r.Plan(p) {
			o.ID = r.ID
			switch {
			case o.Safety == Never:
				advice = append(advice, o)
			case p.Allows(r):
				acts = append(acts, p.careful(p.guarded(r, o)))
			}
		}
	}
	if p.me() != "" && slices.Contains(loginLast, p.Diagnosis.Cause.ID) {
		slices.SortStableFunc(acts, func(a, b Offer) int { return late(a) - late(b) })
	}
	if len(acts)+len(advice) == 0 {
		advice = pageSteps(p)
	}
	return slices.Concat(acts, productSteps(p), advice)
}

// loginLast are the causes that another account seldom helps with: the name is
// somebody's, or the scope nobody's, whoever asks.
var loginLast = []string{"name-taken", "scope-not-found"}

func late(o Offer) int {
	if o.ID == "login" {
		return 1
	}
	return 0
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
	v := p.after(r)
	refused := v.Permission == ledger.AskRegistry && v.Upload.State == ledger.Refused // asked before anything is sent
	return v.Permission >= ledger.AskPerson || refused
}

// after is what the uploads so far allow of a remedy.
func (p *Problem) after(r Remedy) ledger.Verdict {
	if r.Same {
		return p.Standing.Same
	}
	return p.Standing.Other
}

// guarded makes an offer wait for a person's word where what was sent demands it. A
// retry of other bytes under the same number is what --fix retry names; another
// number may be the second version of what is published already.
func (p *Problem) guarded(r Remedy, o Offer) Offer {
	v := p.after(r)
	switch {
	case v.Permission != ledger.AskPerson:
	case r.Same:
		o.Safety = min(o.Safety, Ask)
	default:
		o = p.withWord(o, v)
	}
	return o
}

// careful makes a person say yes before a dist-tag is invented or moved back: what
// stands under it is what everybody gets who installs by it.
func (p *Problem) careful(o Offer) Offer {
	if o.Hole != nil && !o.Hole.Secret {
		hole, fill := *o.Hole, o.Hole.Fill
		hole.Fill = func(value string) (Offer, error) {
			filled, err := fill(value)
			return p.careful(filled), err
		}
		o.Hole = &hole
	}
	tag := o.distTag()
	if tag == "" || o.Confirm != nil {
		return o
	}
	n := numbersOf(p)
	v, _ := strict(p.version())
	switch at := n.tagged(tag); {
	case at != nil && v != nil && at.GreaterThan(v):
		o.Confirm = &Confirm{Question: fmt.Sprintf("Move the dist-tag %s back, from %s to %s?", tag, at, v), Want: "y"}
	case at == nil && n.distTags[tag] == "" && tag != "latest":
		o.Confirm = &Confirm{Question: "Create the dist-tag " + tag + "?", Want: "y"}
	}
	return o
}

// distTag is the dist-tag that an offer publishes under, or adds; "" for none.
func (o Offer) distTag() string {
	for _, c := range o.Plan.Changes {
		switch c := c.(type) {
		case Flag:
			if c.Key == "tag" {
				return c.Value
			}
		case Command:
			if len(c.Argv) > 4 && c.Argv[1] == "dist-tag" {
				return c.Argv[4]
			}
		}
	}
	if o.ID == "tag" { // kept in the manifest, where that beats the command line
		return o.Value
	}
	return ""
}

// withWord makes a person say yes to an offer before it is applied, also once a value
// was typed into it.
func (p *Problem) withWord(o Offer, v ledger.Verdict) Offer {
	o.needs = v.Word
	if o.Lines = append(o.Lines, whoseLine(p, v)); o.Confirm == nil {
		o.Confirm = &Confirm{Question: "Publish another one all the same?", Want: "y"}
	}
	if o.Hole != nil {
		hole, fill := *o.Hole, o.Hole.Fill
		hole.Fill = func(value string) (Offer, error) {
			filled, err := fill(value)
			return p.withWord(filled, v), err
		}
		o.Hole = &hole
	}
	return o
}

func whoseLine(p *Problem, v ledger.Verdict) string {
	if v.Seen != ledger.Yes {
		return "the registry could not be asked whether " + p.name() + " " + v.Upload.Version + " is there"
	}
	return p.name() + " " + v.Upload.Version + " is there, and it may be this very release"
}

// taken says whether the registry has what this run was to publish. It is never sent
// again.
func (p *Problem) taken() bool {
	return p.Standing.Stored || slices.ContainsFunc(p.Case.Packages, func(k transcript.Package) bool {
		return k.Upload.State == transcript.Accepted
	})
}

// open says whether the version may be on the registry although npm failed.
func (p *Problem) open() bool {
	v := p.Standing.Other
	return v.Permission < ledger.AskPerson && !(v.Permission == ledger.AskRegistry && v.Upload.State == ledger.Refused)
}

// StandingOf is what may follow a run of which only the log is there, and what the
// registry answered if it was asked: what the ledger would say of it.
func StandingOf(c *classify.Case) ledger.Standing {
	var l ledger.Ledger
	at := ledger.At(c.Registry(), c.Name(), c.Version())
	last := c.Last()
	here := ledger.Contents{Shasum: last.Shasum, Integrity: last.Integrity}
	states := []ledger.State{
		transcript.NotSent: ledger.NotSent, transcript.Refused: ledger.Refused, transcript.Accepted: ledger.Accepted, transcript.Open: ledger.Open,
	}
	for _, sent := range append(c.Local.Sent, here) {
		l.Ended(ledger.Upload{Target: at, State: states[last.Upload.State], Contents: sent, AlreadyThere: c.ToldThere()})
	}
	if this := c.Facts.This; this.Found != classify.Unknown {
		found := map[classify.Answer]ledger.Answer{classify.Yes: ledger.Yes, classify.No: ledger.No}
		l.Seen(ledger.Sight{Target: at, Found: found[this.Found], Contents: this.Contents(), Published: this.At, Clock: this.Clock, Asked: this.Asked})
	}
	return l.Standing(at, here)
}
