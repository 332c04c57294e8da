package classify

import (
	"slices"
	"strings"
)

// table is the decision table of one answer that hides its reason. Its rules are read
// from the top: the first one of which every clue is answered as it says is the
// diagnosis. A question without an answer fits only a rule that does not ask it, so
// that what did not come proves nothing. A rule that does not fit disproves nothing: a
// cause is ruled out by the answers that its row lists (RuledOutBy), and by no others.
// A question is put only while a rule that wants its answer can still come true.
type table struct {
	title string
	fits  func(*Case) bool
	clues []*clue // those that any rule asks, in the order of clues
	rules []rule
}

// rule is one line of a table: what the clues must say, and what that means.
type rule struct {
	cells []cell // one for each clue of the table
	cause *Cause
	sure  bool
}

// cell is the set of answers that a rule wants, nil for whatever.
type cell []string

func (c cell) takes(answer string) bool { return c == nil || slices.Contains(c, answer) }

// contradicts tells whether a known answer is another than the rule wants.
func (c cell) contradicts(answer string) bool { return answer != "" && !c.takes(answer) }

// newTable reads a table from its text, a line for each rule: "clue=answer" for each
// question that it asks, "a,b" for either answer, "otherwise" for none; behind "|" the
// cause, with "?" where it is only likely; what stands behind that is a comment that says
// why. A mistake in it panics.
func newTable(title string, fits func(*Case) bool, text string) *table {
	t := &table{title: title, fits: fits}
	var wants []Clues
	for line := range strings.Lines(strings.TrimSpace(text)) {
		left, right, _ := strings.Cut(line, "|")
		id, _, _ := strings.Cut(strings.TrimSpace(right), " ")
		id, unsure := strings.CutSuffix(id, "?")
		t.rules = append(t.rules, rule{cause: mustLookup(id), sure: !unsure})
		wants = append(wants, readClues(left))
	}
	for _, k := range clues {
		if !slices.ContainsFunc(wants, func(w Clues) bool { return w[k.name] != nil }) {
			continue
		}
		t.clues = append(t.clues, k)
		for i := range t.rules {
			t.rules[i].cells = append(t.rules[i].cells, wants[i][k.name])
		}
	}
	return t
}

// readClues reads the left side of a rule.
func readClues(text string) Clues {
	wants := Clues{}
	for _, word := range strings.Fields(strings.TrimSuffix(strings.TrimSpace(text), "otherwise")) {
		name, answers, _ := strings.Cut(word, "=")
		i := slices.IndexFunc(clues, func(k *clue) bool { return k.name == name })
		for _, a := range strings.Split(answers, ",") {
			if i < 0 || !slices.Contains(clues[i].answers, a) {
				panic("decision table: no clue says " + word)
			}
			wants[name] = append(wants[name], a)
		}
	}
	return wants
}

// tableOf returns the table for the answer that a run ended with, nil where npm's
// words need none.
func tableOf(c *Case) *table {
	i := slices.IndexFunc(tables(), func(t *table) bool { return t.fits(c) })
	if i < 0 {
		return nil
	}
	return tables()[i]
}

func (t *table) has(row *Cause) bool {
	return t != nil && slices.ContainsFunc(t.rules, func(r rule) bool { return r.cause == row })
}

// answers returns what is known of each clue, "" for what is not.
func (t *table) answers(c *Case) []string {
	known := make([]string, len(t.clues))
	for i, k := range t.clues {
		known[i], _ = k.read(c)
	}
	return known
}

// decide returns the first rule that the answers fit. The last one fits any.
func (t *table) decide(known []string) rule {
	i := slices.IndexFunc(t.rules, func(r rule) bool { return r.fits(known) })
	return t.rules[i]
}

func (r rule) fits(known []string) bool {
	for i, c := range r.cells {
		if !c.takes(known[i]) {
			return false
		}
	}
	return true
}

func (r rule) possible(known []string) bool {
	for i, c := range r.cells {
		if c.contradicts(known[i]) {
			return false
		}
	}
	return true
}

// verdict is what the table says of one cause.
func (t *table) verdict(c *Case, row *Cause) verdict {
	known := t.answers(c)
	r := t.decide(known)
	switch {
	case r.cause == row:
		v := verdict{Likely: !r.sure, Evidence: t.evidence(c, r, known)}
		if r.sure {
			v.Answer, v.ByAnswers = Yes, t.asked(r)
		}
		return v
	case len(t.against(row, known)) > 0:
		return ruledOut()
	}
	return possible()
}

// against returns the clues whose answers rule a cause out.
func (t *table) against(row *Cause, known []string) []*clue {
	var out []*clue
	for i, k := range t.clues {
		if known[i] != "" && slices.Contains(row.RuledOutBy[k.name], known[i]) {
			out = append(out, k)
		}
	}
	return out
}

// asked tells whether a rule rests on an answer to a question of ours.
func (t *table) asked(r rule) bool {
	for i, c := range r.cells {
		if c != nil && t.clues[i].asks != nil {
			return true
		}
	}
	return false
}

// evidence shows what a rule rests on, and whatever else is known where it rests on
// nothing but npm's words or is only likely.
func (t *table) evidence(c *Case, r rule, known []string) []Evidence {
	var all []Evidence
	rests := slices.ContainsFunc(r.cells, func(c cell) bool { return c != nil })
	for i, k := range t.clues {
		if known[i] == "" || r.sure && rests && r.cells[i] == nil {
			continue
		}
		_, shown := k.read(c)
		all = addEvidence(all, shown...)
	}
	return all
}

// ruledOut returns the causes that an answer to a question of ours rules out.
func (t *table) ruledOut(c *Case) []*Cause {
	known := t.answers(c)
	var out []*Cause
	for _, r := range t.rules {
		asked := slices.ContainsFunc(t.against(r.cause, known), func(k *clue) bool { return k.asks != nil })
		if asked && !slices.Contains(out, r.cause) {
			out = append(out, r.cause)
		}
	}
	return out
}

// questions returns what is still to be asked: of each rule that no known answer
// contradicts, down to the one that decides already, what it wants to know. What
// is late is asked only where the rest of the rule is known to fit.
func (t *table) questions(c *Case) []Question {
	known := t.answers(c)
	var asks []Question
	for _, r := range t.rules {
		if r.fits(known) {
			break
		}
		if !r.possible(known) {
			continue
		}
		early, late := t.unknown(r, known)
		if early == nil {
			early = late
		}
		asks = append(asks, early...)
	}
	return asks
}

// unknown returns the questions of a rule that have no answer yet.
func (t *table) unknown(r rule, known []string) (early, late []Question) {
	for i, k := range t.clues {
		switch {
		case r.cells[i] == nil || known[i] != "":
		case k.late:
			late = append(late, k.asks...)
		default:
			early = append(early, k.asks...)
		}
	}
	return early, late
}
