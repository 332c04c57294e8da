//go:build race

package ledger

// raced: nothing here runs at the same time, and the detector makes it eight times
// as long.
const raced = true
