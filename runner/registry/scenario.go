package registry

import "slices"

// Scenario is one wall, or several in a row, and a person's way past them.
type Scenario struct {
	ID      string // the cause's ID, with a suffix where a cause comes in several ways
	Title   string // one line for --list
	Causes  []string
	Answers []Answer
	End     string
	// OnTerminal is how it ends where npm itself can ask on a terminal, if that
	// differs from End.
	OnTerminal string
	Args       []string // arguments of npm publish that the wall needs

	shape []edit
	seed  func(*stage)
}

// How a scenario ends.
const (
	Published        = "published"
	AlreadyPublished = "already-published"
	OnlyYou          = "only-you"
	TryLater         = "try-later"
	Unknown          = "unknown"
)

// Answer is what a person answers to one question; one field is set. The answers
// of a scenario are in the order of the questions. Secret and Text may hold a word
// for Sandbox.Fill.
type Answer struct {
	Choose  string // in a menu: the remedy's ID, or GiveUp
	Secret  string // "otp" or "wrong-otp"
	Text    string
	Confirm bool // types what the question wants
}

// GiveUp is the Choose of an Answer that takes the menu's last entry.
const GiveUp = "give-up"

// Default is the one that is rehearsed where none is named: the seed of
// all problems.
const Default = "version-exists"

// Scenarios returns every scenario, in the order of --list.
func Scenarios() []Scenario { return slices.Clone(scenarios) }

// Find returns the scenario of an ID, "" for the default. It returns false where
// there is none.
func Find(id string) (Scenario, bool) {
	if id == "" {
		id = Default
	}
	for _, s := range scenarios {
		if s.ID == id {
			return s, true
		}
	}
	return Scenario{}, false
}

// browser tells whether npm will print an address for a browser: in its second
// factor, or in a login.
func (s Scenario) browser() bool {
	return s.ID == "otp-web" || slices.Contains(s.Answers, Answer{Choose: "login"})
}
