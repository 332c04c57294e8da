//go:build !unix

package ledger

// Owner returns "somebody": the system does not say it in a word.
func (e *StateError) Owner() (name string, others bool) { return "somebody", false }
