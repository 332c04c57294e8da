package classify

import (
	"cmp"
	"slices"

	"safepublish/classify/pattern"
)

// Cause is one reason for which a publish fails: a row of the table, in one of the
// causes_*.go files, and a page of explain. A row fits a run in one of two ways. Its
// words fit: Codes, Status, Says and When all agree with what npm showed. Or the run
// ended with an answer that hides its reason, npmjs.org's 404 most of all, and the
// decision table of that answer (tables.go) has the row; the table then decides.
type Cause struct {
	ID string // "version-exists": shown to users, names its transcripts, never reused
	// Rank is the precedence, the lowest first: what became of the upload before what
	// npm said about it, specific before general, the honest ends last. The hundreds are
	// 1 what became of the upload, 2 it is already there, 3 the second factor, which
	// refuses with words of its own, 4 who you are, 5 what you may, 6 the name, the
	// version, the tag, 7 the package, 8 where it goes and the line, 9 npm itself, and
	// 10 the honest ends.
	Rank       int
	Title      string              // one line: what is wrong; ${package}, ${version}, ${registry} and other Vars are filled in
	Why        string              // two or three sentences: what the registry means
	Happens    []string            // the ways it happens, most frequent first
	Confirm    []string            // commands by which a person can check it himself, each with what it tells after two blanks
	Fix        []string            // what mends it, the best first
	Prevent    string              // how not to meet it again
	Exit       int                 // one of the Exit classes; 0 means npm's own status
	Codes      []string            // npm codes; "" stands for a message without a code; nil for any
	Status     []int               // HTTP statuses of the upload, 0 for none; nil for any
	Says       *pattern.Pattern    // words that tell it apart, matched against npm's message; named groups become Vars
	When       func(*Case) bool    // what the run itself must show besides; nil for nothing
	Own        bool                // it stands in the way of this package alone: others of the same release go on
	Tabled     bool                // no words tell it: only a decision table finds it
	RuledOutBy Clues               // the answers that rule it out, where a decision table has it
	Asks       []Question          // what Check wants to know, to decide or for its Vars
	Check      func(*Case) verdict // what must be known besides; nil where the words or a table are enough
	ByIdentity bool                // it turns on what the CI's job says of itself: the evidence shows that
	ByLine     bool                // it turns on the way there: the title and the evidence name the proxy
	ByAddress  bool                // it turns on where the package goes: the evidence shows which setting says so
	Done       bool                // the release is there, nothing is left to do: the status is 0
	End        bool                // an honest end: it says what is known, and is never Sure
	Quotes     bool                // it quotes the registry's own reason: no guess is listed beside it
}

// Clues are answers by the name of their clue (clues.go): "version": {"other", "burnt"}.
type Clues map[string][]string

// causes is the table, in order of precedence. The first row that is proven, or
// likely where nothing is proven, is the diagnosis.
var causes = ranked(thereCauses, whoCauses, mayCauses, nameCauses, packageCauses, whereCauses, endCauses)

func ranked(groups ...[]*Cause) []*Cause {
	all := slices.Concat(groups...)
	slices.SortFunc(all, func(a, b *Cause) int { return cmp.Compare(a.Rank, b.Rank) })
	return all
}

// Causes returns every cause, in order of precedence.
func Causes() []*Cause { return slices.Clone(causes) }

// IDs returns the ID of every cause, in order of precedence.
func IDs() []string {
	var ids []string
	for _, c := range causes {
		ids = append(ids, c.ID)
	}
	return ids
}

// Lookup returns the cause with that ID, nil if there is none.
func Lookup(id string) *Cause {
	i := slices.IndexFunc(causes, func(c *Cause) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return causes[i]
}

// mustLookup is Lookup for the IDs that stand in this package.
func mustLookup(id string) *Cause {
	row := Lookup(id)
	if row == nil {
		panic("there is no cause " + id)
	}
	return row
}

// words tells whether what npm showed fits the row; said is its message. The words of
// a row may be npm's code, "code TLOG_CREATE_ENTRY_ERROR".
func (row *Cause) words(c *Case, said string) bool {
	fits, known := c.worded[row]
	if !known {
		if fits = row.fits(c, said); c.worded != nil {
			c.worded[row] = fits
		}
	}
	return fits
}

func (row *Cause) fits(c *Case, said string) bool {
	if row.Codes == nil && row.Status == nil && row.Says == nil && row.When == nil {
		return row.End
	}
	return (row.Codes == nil || slices.Contains(row.Codes, c.Code)) &&
		(row.Status == nil || slices.Contains(row.Status, c.status())) &&
		(row.When == nil || row.When(c)) &&
		(row.Says == nil || said != "" && row.Says.MatchString(said) || c.Code != "" && row.Says.MatchString("code "+c.Code))
}
