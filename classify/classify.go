// Package classify finds out why a publish was refused: what happened in, why out.
//
// It is pure: no files, no processes, no network. One table of causes, in order
// of precedence, specific before general, is matched against what npm showed; a
// cause that words alone cannot prove asks the registry's answers (Answers). Where
// nothing decides, the honest answers at the end of the table say so.
package classify

// Evidence is one thing that shows the cause: a line ("log:36", "screen:12") or
// an answer ("npm view demo versions").
type Evidence struct{ From, Text string }

// Diagnosis is the cause of one refused publish and what shows it. Sure means
// that npm's own log or the registry's answers prove it; words on a screen alone
// never do, for a lifecycle script can print anything.
type Diagnosis struct {
	Cause    *Cause
	Sure     bool
	Open     bool // the upload was sent, and nothing tells whether it took effect
	Evidence []Evidence
	Vars     map[string]string
	Others   []*Cause // causes that are still possible, where it is not Sure
	RuledOut []*Cause // causes that it is not, by what is known, where the diagnosis is an honest end
	Product  string   // what serves as the registry, "GitHub Packages"; "" where nothing tells
	Steps    []string // what to do about the cause there, in that product's own words; nil where it is as on the cause's page
}
