//go:build !windows

package e2e

import (
	"slices"
	"strings"
	"testing"
)

// matrix is what may differ from one run of a test to the next.
type matrix struct {
	factors    []factor
	impossible func(row) bool // of a row, in which some factors may not be chosen yet; nil for none
	needless   func(row) bool // of two values: they need not meet
}

// factor is one thing that differs, and its values.
type factor struct {
	name   string
	values []string
}

// row is one combination: of each factor the index of its value, -1 where none is
// chosen yet.
type row struct {
	of     *matrix
	values []int
}

// get returns the value of a factor, "" where none is chosen.
func (r row) get(name string) string {
	for i, f := range r.of.factors {
		if f.name == name && r.values[i] < 0 {
			return ""
		}
		if f.name == name {
			return f.values[r.values[i]]
		}
	}
	panic("no factor " + name)
}

// given tells whether a value of a factor is chosen.
func (r row) given(name string) bool {
	return r.values[slices.IndexFunc(r.of.factors, func(f factor) bool { return f.name == name })] >= 0
}

// String returns the row as a subtest can be called: "where=folder,to=same".
func (r row) String() string {
	var words []string
	for i, f := range r.of.factors {
		words = append(words, f.name+"="+f.values[r.values[i]])
	}
	return strings.Join(words, ",")
}

func (r row) with(f, value int) row {
	r.values = slices.Clone(r.values)
	r.values[f] = value
	return r
}

func (m *matrix) empty() row { return row{m, slices.Repeat([]int{-1}, len(m.factors))} }

func (m *matrix) possible(r row) bool { return m.impossible == nil || !m.impossible(r) }

// every returns all combinations.
func (m *matrix) every() []row {
	all := []row{m.empty()}
	for f := range m.factors {
		var longer []row
		for _, r := range all {
			for v := range m.factors[f].values {
				if next := r.with(f, v); m.possible(next) {
					longer = append(longer, next)
				}
			}
		}
		all = longer
	}
	return all
}

// pair is two values that meet.
type pair struct{ f, v, g, w int }

func pairs(r row) []pair {
	var all []pair
	for f := range r.values {
		for g := f + 1; g < len(r.values); g++ {
			if r.values[f] >= 0 && r.values[g] >= 0 {
				all = append(all, pair{f, r.values[f], g, r.values[g]})
			}
		}
	}
	return all
}

// wanted returns the pairs that have to meet.
func (m *matrix) wanted() (order []pair) {
	for f := range m.factors {
		for g := f + 1; g < len(m.factors); g++ {
			for v := range m.factors[f].values {
				for w := range m.factors[g].values {
					r := m.empty().with(f, v).with(g, w)
					if m.possible(r) && (m.needless == nil || !m.needless(r)) {
						order = append(order, pair{f, v, g, w})
					}
				}
			}
		}
	}
	return order
}

// pairwise returns few combinations in which every two values meet: greedily,
// each row begins with a pair that has not met yet, and takes of each other
// factor the value that brings the most new pairs, of equals the one that was
// taken least.
func (m *matrix) pairwise() (rows []row, met int) {
	left, order, taken := map[pair]bool{}, m.wanted(), map[[2]int]int{}
	for _, p := range order {
		left[p] = true
	}
	for _, p := range order {
		if !left[p] {
			continue
		}
		r := m.empty().with(p.f, p.v).with(p.g, p.w)
		for f := range r.values {
			if r.values[f] < 0 {
				r = m.best(r, f, left, taken)
			}
		}
		for _, q := range pairs(r) {
			delete(left, q)
		}
		for f, v := range r.values {
			taken[[2]int{f, v}]++
		}
		rows = append(rows, r)
	}
	return rows, len(order)
}

func (m *matrix) best(r row, f int, left map[pair]bool, taken map[[2]int]int) row {
	var chosen row
	most := -1
	for v := range m.factors[f].values {
		next, n := r.with(f, v), 0
		if !m.possible(next) {
			continue
		}
		for _, p := range pairs(next) {
			if left[p] {
				n++
			}
		}
		if n > most || n == most && taken[[2]int{f, v}] < taken[[2]int{f, chosen.values[f]}] {
			chosen, most = next, n
		}
	}
	return chosen
}

func TestPairwiseMeetsEveryPairAndNoImpossibleRow(t *testing.T) {
	m := &matrix{
		factors: []factor{
			{"a", []string{"0", "1", "2"}}, {"b", []string{"0", "1"}}, {"c", []string{"0", "1", "2", "3"}}, {"d", []string{"0", "1"}},
		},
		impossible: func(r row) bool { return r.get("a") == "0" && r.get("c") == "3" },
		needless:   func(r row) bool { return r.get("b") == "1" && r.get("d") == "1" },
	}
	rows, met := m.pairwise()
	seen := map[pair]bool{}
	for _, r := range rows {
		if !m.possible(r) {
			t.Errorf("%s is impossible", r)
		}
		for _, p := range pairs(r) {
			seen[p] = true
		}
	}
	for _, p := range m.wanted() {
		if !seen[p] {
			t.Errorf("%+v never meet", p)
		}
	}
	if all := m.every(); len(all) != 44 || met != 42 || len(rows) >= len(all)/2 {
		t.Errorf("%d rows, %d pairs, %d combinations", len(rows), met, len(all))
	}
}
