//go:build faults

// Package fault holds the places at which the fault suite ends safepublish.
package fault

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
)

var passed atomic.Int64

// Point ends the process at the named place, as SAFEPUBLISH_FAULT says in the form
// PLACE:N:HOW: when it is passed for the Nth time, by "kill" (SIGKILL, as a power
// cut or the kernel's memory killer would) or by "panic".
func Point(name string) {
	place, rest, _ := strings.Cut(os.Getenv("SAFEPUBLISH_FAULT"), ":")
	if place != name {
		return
	}
	nth, how, _ := strings.Cut(rest, ":")
	if n, _ := strconv.ParseInt(nth, 10, 64); passed.Add(1) != n {
		return
	}
	if how == "panic" {
		panic("fault at " + name)
	}
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
	select {}
}
