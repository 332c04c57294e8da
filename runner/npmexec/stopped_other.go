//go:build unix && !linux

package npmexec

import "os"

// isStopped is false where a stopped child cannot be told from an ended one
// without taking its status from os/exec.
func isStopped(int) bool { return false }

func stopWith(*os.Process) {}
