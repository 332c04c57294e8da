// Package remedy knows what can be done about a cause, as data.
//
// Offers is a pure function of a Problem: it returns plans that say what they
// would change, how safe that is and how to take it back. Nothing happens until
// Apply is given one of them; files are touched by package edit alone.
package remedy

import (
	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
)

// Safety says who may choose a plan. The zero value is Never.
type Safety int

// The levels of safety. Unattended means that the next attempt publishes the
// same name, version, tag, access and contents to the same registry as the same
// user, and that doing it again cannot publish anything twice.
const (
	Never      Safety = iota // advice only: nothing is applied
	NeedsUser                // a person must choose it in the menu
	Ask                      // a person, or a --fix that names it
	Unattended               // may be done unasked
)

// String returns the word that the report uses: "advice", "person", "ask" or
// "unattended".
func (s Safety) String() string {
	return [...]string{"advice", "person", "ask", "unattended"}[s]
}

// Remedy is one row of the table, and owns all that there is to know of it: its word
// and usage, the causes that it may help against, how safe it is, and how to plan it
// for one problem. Plan returns nothing where it does not apply.
type Remedy struct {
	ID     string              // "bump": final
	Usage  string              // what --fix takes: "bump[=patch|X.Y.Z]", "tag=NAME", "otp"; "" where only a person may choose it
	Title  string              // what it does, for tables: "publish under the next free version"
	Fixes  []string            // IDs of causes
	Safety Safety              // the highest that any of its offers has
	Lesser bool                // it gives something up, so that the steps of the cause's page are said beside it
	OnNPM  bool                // it is only for npmjs.org, whose pages and commands are known
	Edits  bool                // its plan rewrites the package's manifest, so that without the package there is none
	Same   bool                // it sends the same name, version, tag, access and contents: it may follow an upload whose answer was lost
	Asks   []classify.Question // what its plan wants to know of the registry, whatever the diagnosis asked
	Plan   func(*Problem) []Offer
	Check  func(value string) error // what is wrong with a value of --fix whatever the failure; nil for a remedy that cannot tell
}

// Problem is a refused publish and everything that a plan may depend on.
type Problem struct {
	Case       *classify.Case
	Diagnosis  classify.Diagnosis
	Args       []string     // npm's arguments of the attempt that failed, "publish" not included
	Package    edit.Package // the manifest that was published and the files beside it
	Git        Git
	NPM        npm.Version
	Standing   ledger.Standing // what the uploads so far leave open for what may follow
	Terminal   bool            // npm itself can ask for a second factor (stdin and stdout are terminals)
	Code       bool            // --otp-command prints a one-time password
	Ask        bool            // a person can answer
	Fixes      []string        // the --fix that are still to come: another wall may be theirs
	Applied    []string        // the remedies so far: one that did not help is not offered first again
	Workspaces int             // so many packages the workspace publishes whose private root this is; 0 for any other
	Waited     int             // unattended waits so far, so that the next one is longer
}

// Git is what is known of the repository around the package. It is all zero
// outside a repository.
type Git struct {
	Inside  bool
	Clean   bool // nothing to commit
	Root    bool // the package's folder holds .git itself, as npm version demands before it commits
	Ignored bool // git ignores the manifest, so that a build is likely to write it
}

// Offer is one plan with what a person needs to choose it.
type Offer struct {
	ID      string   // the remedy
	Value   string   // what --fix would name after "=": "1.0.1", "beta", "@me/demo"; "" for none
	Words   []string // other words that name it after "=", plainer ones: "patch"
	Title   string   // one line for the menu: "Publish as 1.0.1"
	Note    string   // what it touches: "package.json, package-lock.json"
	Safety  Safety
	Lines   []string // what the person should know before choosing, and the steps of an advice
	Input   *Input   // a value that is still to be typed in; nil for none
	Confirm *Confirm // a question that must be answered before it is applied; nil for none
	Plan    Plan

	version *semver.Version // what it publishes, or gives a dist-tag; nil for what was refused
	tag     string          // the dist-tag that this gets; "" where it is not known
	needs   ledger.Word     // whose word it takes, where what was sent demands one
}

// Input is a value that a person types in. Complete turns it into a finished offer;
// its error is shown and the question asked again.
type Input struct {
	Label    string // "Version"
	Secret   bool   // a one-time password: never stored, never in argv
	Complete func(string) (Offer, error)
}

// Confirm is a question before something that cannot be taken back. The answer
// must be Want, typed: "y", or the package's name.
type Confirm struct {
	Question string
	Want     string
}

// Plan is what will be changed, in order. An empty plan is the same publish again.
type Plan []Change
