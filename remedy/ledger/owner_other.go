//go:build !unix

package ledger

// Owner returns "": the system does not say it in a word.
func (e *StateError) Owner() string { return "" }
