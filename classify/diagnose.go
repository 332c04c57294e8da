package classify

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Diagnose finds out why a publish was refused. It returns false where nothing
// failed and nothing needs saying, a dry run that went well included.
//
// It walks the table in order of precedence. A row that the run does not fit, or
// that the registry's answers rule out, is passed over; the first that is proven
// or likely is the diagnosis; what stays possible is listed in Others. Sure needs
// npm's debug log or the registry's answers: words on a screen can be anybody's.
func Diagnose(c *Case) (Diagnosis, bool) {
	if !c.failed() {
		return Diagnosis{}, false
	}
	one := *c.trusted()
	one.worded = map[*Cause]bool{}
	c = &one
	t := tableOf(c)
	fits := candidates(c, t)
	var passed []*Cause
	for i, row := range fits {
		switch v := row.verdict(c, t); {
		case v.Answer == Yes || v.Likely:
			d := diagnosis(c, row, v, byLikelihood(c, append(passed, stillPossible(c, t, fits[i+1:])...)))
			if row.End && t != nil {
				d.RuledOut = t.ruledOut()
			}
			return d, true
		case v.Answer == Unknown:
			passed = append(passed, row)
		}
	}
	return diagnosis(c, mustLookup("unknown"), verdict{}, passed), true
}

// Questions returns what must be asked of the registry before Diagnose can be
// sure: only what can decide between causes that the run and the answers so far
// leave possible, and nothing where npm's words suffice, where nothing failed, or
// where it is not known which registry publish talked to. It is called again with
// the answers, until it returns nothing: what is dear is asked late.
func Questions(c *Case) []Question {
	if !c.failed() || c.Registry() == "" {
		return nil
	}
	known := c.trusted()
	var asks []Question
	t := tableOf(known)
	for _, row := range candidates(known, t) {
		v := row.verdict(known, t)
		if v.Answer != No {
			asks = append(asks, row.Asks...)
		}
		if v.Answer == Unknown && t.has(row) {
			asks = append(asks, t.questions()...)
		}
		if v.Answer == Yes || row.End {
			break
		}
	}
	slices.Sort(asks)
	return slices.DeleteFunc(slices.Compact(asks), func(q Question) bool {
		return !c.answerable(q) || slices.Contains(c.Answers.Questions, q)
	})
}

// answerable tells whether a question can be put at all: most need a package name,
// an unscoped name has no scope, and the public registry is no mirror of itself.
func (c *Case) answerable(q Question) bool {
	switch q {
	case AskIdentity, AskLogin:
		return true
	case AskScope, AskMember:
		return c.Scope() != ""
	case AskMirror:
		return !npm.IsPublic(c.Registry()) && c.Name() != ""
	case AskThis:
		return c.Name() != "" && c.Version() != ""
	}
	return c.Name() != ""
}

// candidates returns the rows that fit the run, by words or, all but the honest ends,
// by the table of its answer, in order of precedence.
func candidates(c *Case, t *knownTable) []*Cause {
	said := c.said()
	return slices.DeleteFunc(Causes(), func(row *Cause) bool { return !row.words(c, said) && (row.End || !t.has(row)) })
}

func (row *Cause) verdict(c *Case, t *knownTable) verdict {
	switch {
	case row.Check != nil:
		return row.Check(c)
	case row.End:
		return verdict{Likely: true}
	case t.has(row):
		return t.verdict(row)
	}
	return verdict{Answer: Yes}
}

// stillPossible returns the rows that nothing rules out, up to the honest ends.
func stillPossible(c *Case, t *knownTable, rows []*Cause) []*Cause {
	var left []*Cause
	for _, row := range rows {
		if row.End {
			break
		}
		if row.verdict(c, t).Answer != No {
			left = append(left, row)
		}
	}
	return left
}

// byLikelihood orders causes as the page of the honest end for this status names them;
// those that it does not name come last, by precedence.
func byLikelihood(c *Case, rows []*Cause) []*Cause {
	page := ""
	for _, end := range endCauses {
		if slices.Contains(end.Status, c.status()) {
			page = strings.Join(end.Happens, " ")
		}
	}
	at := func(row *Cause) int {
		if i := strings.Index(page, "("+row.ID+")"); i >= 0 {
			return i
		}
		return len(page)
	}
	slices.SortStableFunc(rows, func(a, b *Cause) int { return at(a) - at(b) })
	return rows
}

func diagnosis(c *Case, row *Cause, v verdict, others []*Cause) Diagnosis {
	d := Diagnosis{
		Cause:    row,
		Open:     c.Published() == "unknown",
		Sure:     v.Answer == Yes && (c.fromLog() || v.ByAnswers),
		Evidence: append(shown(c, row), v.Evidence...),
		Vars:     vars(c, row, v),
		Others:   others,
	}
	if row.End {
		d.Evidence = append(d.Evidence, everyAnswer(c)...)
	}
	if row.ByIdentity || row.End && c.CI.IDToken {
		d.Evidence = append(d.Evidence, c.CI.evidence()...)
	}
	if row.ByAddress {
		d.Evidence = append(d.Evidence, source(c)...)
	}
	if p := c.Settings.Proxy; row.ByLine && p.Host != "" {
		d.Vars["through"] = " through the proxy " + p.Host
		d.Evidence = append(d.Evidence, Evidence{p.From, "sends npm through the proxy " + p.Host})
	}
	if p := productOf(c); p != nil {
		d.Product, d.Steps = p.name, steps(c, d.Vars, p.steps[row.ID])
	}
	if d.Sure || row.Quotes {
		d.Others = nil
	}
	return d
}

// verdict is what the words and the registry's answers say of one cause: Yes
// proves it, No rules it out, Unknown leaves it possible. Evidence is why.
type verdict struct {
	Answer    Answer
	Likely    bool // not proven, but the best guess that precedence allows
	ByAnswers bool // Yes rests on the registry's answers, so that it needs no debug log to be Sure
	Evidence  []Evidence
	Vars      map[string]string
}

func proven(ev ...Evidence) verdict    { return verdict{Answer: Yes, Evidence: ev} }
func byAnswers(ev ...Evidence) verdict { return verdict{Answer: Yes, ByAnswers: true, Evidence: ev} }
func likely(ev ...Evidence) verdict    { return verdict{Likely: true, Evidence: ev} }
func ruledOut(ev ...Evidence) verdict  { return verdict{Answer: No, Evidence: ev} }
func possible() verdict                { return verdict{} }

// failed tells whether there is anything to diagnose: a failure, or a text that
// ends with npm's question (^D at it prints nothing, and no status is saved).
func (c *Case) failed() bool {
	if c.Failed || c.Canceled || c.Signal != "" || c.Exit > 0 || c.dropped() || c.NeverStarted {
		return !c.otherCommand()
	}
	return c.unanswered()
}

// fromLog tells whether npm's words come from its debug log: a run with a log can
// still have said the decisive thing on the screen alone (an unknown command).
func (c *Case) fromLog() bool {
	return c.HasLog && (len(c.Message) == 0 || strings.HasPrefix(c.Message[0].From, "log:"))
}

// trusted returns the case without answers that come from another registry than
// the one that publish talked to: npm view and npm whoami look elsewhere than
// publish does (publishConfig.registry and @scope:registry, measured), and an
// answer from there proves nothing.
func (c *Case) trusted() *Case {
	if sameRegistry(c.Answers.Registry, c.Registry()) {
		return c
	}
	bare := *c
	bare.Answers = Answers{}
	return &bare
}

func sameRegistry(a, b string) bool { return a != "" && npm.Registry(a) == npm.Registry(b) }
