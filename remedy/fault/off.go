//go:build !faults

// Package fault holds the places at which the fault suite kills safepublish.
// Only a build with the tag "faults", which no release has, knows any of them.
package fault

// Point does nothing but in a build for the fault suite.
func Point(string) {}
