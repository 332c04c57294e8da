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

// knownTable is a table with what is known of a run.
type knownTable struct {
	*table
	c     *Case
	known []string // the answer to each of its clues, "" for what is not known
}

// tableOf returns the table for the answer that a run ended with, nil where npm's
// words need none.
func tableOf(c *Case) *knownTable {
	i := slices.IndexFunc(tables(), func(t *table) bool { return t.fits(c) })
	if i < 0 {
		return nil
	}
	t := tables()[i]
	return &knownTable{t, c, t.answers(c)}
}

func (t *table) has(row *Cause) bool {
	return slices.ContainsFunc(t.rules, func(r rule) bool { return r.cause == row })
}

func (t *knownTable) has(row *Cause) bool { return t != nil && t.table.has(row) }

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
func (t *knownTable) verdict(row *Cause) verdict {
	r := t.decide(t.known)
	switch {
	case r.cause == row:
		v := verdict{Likely: !r.sure, Evidence: t.evidence(r)}
		if r.sure {
			v.Answer, v.ByAnswers = Yes, t.asked(r)
		}
		return v
	case len(t.against(row)) > 0:
		return ruledOut()
	}
	return possible()
}

// against returns the clues whose answers rule a cause out.
func (t *knownTable) against(row *Cause) []*clue {
	var out []*clue
	for i, k := range t.clues {
		if t.known[i] != "" && slices.Contains(row.RuledOutBy[k.name], t.known[i]) {
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
func (t *knownTable) evidence(r rule) []Evidence {
	var all []Evidence
	rests := slices.ContainsFunc(r.cells, func(c cell) bool { return c != nil })
	for i, k := range t.clues {
		if t.known[i] == "" || r.sure && rests && r.cells[i] == nil {
			continue
		}
		_, shown := k.read(t.c)
		all = addEvidence(all, shown...)
	}
	return all
}

// ruledOut returns the causes that an answer to a question of ours rules out.
func (t *knownTable) ruledOut() []*Cause {
	var out []*Cause
	for _, r := range t.rules {
		asked := slices.ContainsFunc(t.against(r.cause), func(k *clue) bool { return k.asks != nil })
		if asked && !slices.Contains(out, r.cause) {
			out = append(out, r.cause)
		}
	}
	return out
}

// questions returns what is still to be asked: of each rule that no known answer
// contradicts, down to the one that decides already, what it wants to know. What
// is late is asked only where the rest of the rule is known to fit.
func (t *knownTable) questions() []Question {
	var asks []Question
	for _, r := range t.rules {
		if r.fits(t.known) {
			break
		}
		if !r.possible(t.known) {
			continue
		}
		early, late := t.unknown(r)
		if early == nil {
			early = late
		}
		asks = append(asks, early...)
	}
	return asks
}

// unknown returns the questions of a rule that have no answer yet.
func (t *knownTable) unknown(r rule) (early, late []Question) {
	for i, k := range t.clues {
		switch {
		case r.cells[i] == nil || t.known[i] != "":
		case k.late:
			late = append(late, k.asks...)
		default:
			early = append(early, k.asks...)
		}
	}
	return early, late
}
