package classify

import (
	"slices"
	"strings"
	"testing"
)

// refines names what a certain diagnosis may turn into when more is known, because
// it stays true: the number is taken, and what stands there says by what; nobody is
// logged in, and the .npmrc says why.
var refines = map[string][]string{
	"version-exists": {"already-published", "version-burnt"},
	"version-staged": {"already-published", "version-exists"},
	"publish-race":   {"already-published", "version-exists", "version-burnt"},
	"not-logged-in":  {"token-unset", "oidc-not-configured", "oidc-unreachable", "oidc-not-offered"},
	"token-unset":    {"oidc-not-configured", "oidc-unreachable"}, // of the login table: the exchange came first
}

// TestEveryCombination walks every combination of answers of every table. What is
// certain must stay so whatever the questions that nobody answered would have said;
// a rule that nothing reaches is a mistake; and so is an end that is certain.
func TestEveryCombination(t *testing.T) {
	for _, table := range tables() {
		t.Run(table.title, func(t *testing.T) {
			reached := map[int]bool{}
			last := table.rules[len(table.rules)-1]
			if slices.ContainsFunc(last.cells, func(c cell) bool { return c != nil }) {
				t.Error("the last rule does not fit everything")
			}
			combinations(table, func(known []string) {
				r := table.decide(known)
				reached[slices.IndexFunc(table.rules, func(o rule) bool { return o.fits(known) })] = true
				if !r.sure || r.cause.End {
					return
				}
				for i, k := range table.clues {
					if known[i] != "" {
						continue
					}
					more := slices.Clone(known)
					for _, a := range k.answers {
						more[i] = a
						if consistent(table, more) {
							staysTrue(t, r, table.decide(more), known, more)
						}
					}
				}
			})
			for i, r := range table.rules {
				if !reached[i] {
					t.Errorf("no combination of answers reaches rule %d (%s)", i+1, r.cause.ID)
				}
			}
		})
	}
}

func staysTrue(t *testing.T, before, after rule, known, more []string) {
	t.Helper()
	if after.cause != before.cause && !slices.Contains(refines[before.cause.ID], after.cause.ID) {
		t.Errorf("%v is certainly %s, and %v is %s", known, before.cause.ID, more, after.cause.ID)
	}
}

// combinations calls with every combination of answers that can be, "" for one that
// did not come.
func combinations(table *table, with func([]string)) {
	known := make([]string, len(table.clues))
	var next func(int)
	next = func(i int) {
		if i == len(known) {
			with(known)
			return
		}
		for _, a := range append([]string{""}, table.clues[i].answers...) {
			known[i] = a
			if consistent(table, known[:i+1]) {
				next(i + 1)
			}
		}
		known[i] = ""
	}
	next(0)
}

var columnsOf = map[*table]map[string]int{}

// columns tells by a clue's name where it is among those of a table.
func columns(table *table) map[string]int {
	if columnsOf[table] == nil {
		columnsOf[table] = map[string]int{}
		for i, c := range table.clues {
			columnsOf[table][c.name] = i
		}
	}
	return columnsOf[table]
}

// consistent leaves out what cannot be: answers of which one makes the other
// impossible, and clues that are never unknown. known may be the first few answers.
func consistent(table *table, known []string) bool {
	at := func(name string) int {
		i, there := columns(table)[name]
		if !there || i >= len(known) {
			return -1
		}
		return i
	}
	is := func(name string, answers ...string) bool {
		i := at(name)
		return i >= 0 && known[i] != "" && (len(answers) == 0 || slices.Contains(answers, known[i]))
	}
	needs := func(name, other string, answers ...string) bool {
		return is(name) && at(other) >= 0 && !is(other, answers...)
	}
	last := len(known) - 1
	if known[last] == "" && slices.Contains([]string{"says", "notice", "answer", "setting", "endpoint", "scoped"}, table.clues[last].name) {
		return false
	}
	switch {
	// the registry takes no such login
	case is("login", "none", "empty", "unset", "placeholder", "malformed") && (is("token", "named") || is("alive", "yes")):
	case is("accounts", "none") && is("token"): // both are whoami's answer
	case needs("alive", "token", "refused"): // that is when it is asked
	case is("token", "nobody") && needs("token", "login", "none"): // that is how it is known
	case needs("write", "token", "named"), needs("member", "token", "named"): // it is looked up under the name
	case is("write") && is("package", "unseen"): // there is no list to look it up in
	case is("member") && is("scope", "missing", "none"), is("member") && is("scoped", "no"):
	case is("scope", "missing") && is("package", "there"):
	case is("version", "same", "other", "there", "burnt") && is("package", "unseen"):
	default:
		return true
	}
	return false
}

// TestRuledOut: no rule rests on an answer that rules its own cause out, and none of
// the answers is misspelt.
func TestRuledOut(t *testing.T) {
	for _, row := range causes {
		for name, answers := range row.RuledOutBy {
			i := slices.IndexFunc(clues, func(k *clue) bool { return k.name == name })
			for _, a := range answers {
				if i < 0 || !slices.Contains(clues[i].answers, a) {
					t.Errorf("%s: %s is never %s", row.ID, name, a)
				}
			}
		}
	}
	for _, table := range tables() {
		for n, r := range table.rules {
			for i, k := range table.clues {
				for _, a := range r.cells[i] {
					if slices.Contains(r.cause.RuledOutBy[k.name], a) && !(r.cause.ID == "version-exists" && a == "gone") {
						t.Errorf("%s, rule %d: %s is %s, which rules %s out", table.title, n+1, k.name, a, r.cause.ID)
					}
				}
			}
		}
	}
}

// TestClues: what a clue reads is an answer that its column knows, or nothing.
func TestClues(t *testing.T) {
	for _, r := range readings(t, "run") {
		for _, k := range clues {
			if a, _ := k.read(r.c); a != "" && !slices.Contains(k.answers, a) {
				t.Errorf("%s: %s is %q", r.Name(), k.name, a)
			}
		}
	}
}

// TestNewTable: a table with a mistake in it does not start.
func TestNewTable(t *testing.T) {
	for _, text := range []string{
		"notice=came | no-such-cause",
		"nothing=came | unknown",
		"notice=perhaps | unknown",
		"notice | unknown",
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("taken: %s", strings.ReplaceAll(text, "\n", "; "))
				}
			}()
			newTable("test", nil, text)
		}()
	}
}
