// Package classify finds out why a publish was refused: what happened in, why out.
//
// It is pure: no files, no processes, no network. One table of causes, in order
// of precedence, specific before general, is matched against what npm showed; a
// cause that words alone cannot prove asks the registry's answers (Facts). Where
// nothing decides, the honest answers at the end of the table say so.
package classify

import (
	"regexp"
)

// Cause is one reason for which a publish fails: a row of the table and a page of
// explain. A row fits a run in one of two ways. Its words fit: Codes, Status, Says
// and When all agree with what npm showed. Or the run ended with an answer that
// hides its reason, npmjs.org's 404 most of all, and the decision table of that
// answer (tables.go) has the row; the table then decides.
type Cause struct {
	ID      string              // "version-exists": shown to users, names its transcripts, never reused
	Title   string              // one line: what is wrong; ${package}, ${version}, ${registry} and other Vars are filled in
	Why     string              // two or three sentences: what the registry means
	Happens []string            // the ways it happens, most frequent first
	Confirm []string            // commands by which a person can check it himself, each with what it tells after two blanks
	Fix     []string            // what mends it, the best first
	Prevent string              // how not to meet it again
	Exit    int                 // one of the Exit classes; 0 means: npm's own status
	Codes   []string            // npm codes; "" stands for a message without a code; nil for any
	Status  []int               // HTTP statuses of the upload, 0 for none; nil for any
	Says    *regexp.Regexp      // words that tell it apart, matched against Message; named groups become Vars
	When    func(*Case) bool    // what the run itself must show besides; nil for nothing
	Tabled  bool                // no words tell it: only a decision table finds it
	Asks    []Question          // what Check wants to know, to decide or for its Vars
	Check   func(*Case) Verdict // what must be known besides; nil where the words or a table are enough
	End     bool                // an honest end: it says what is known, and is never Sure
}

// Verdict is what the words and the registry's answers say of one cause: Yes
// proves it, No rules it out, Unknown leaves it possible. Evidence is why.
type Verdict struct {
	Answer   Answer
	Likely   bool // not proven, but the best guess that precedence allows
	ByFacts  bool // Yes rests on the registry's answers, so that it needs no debug log to be Sure
	Evidence []Evidence
	Vars     map[string]string
}

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
