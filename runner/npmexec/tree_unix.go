//go:build unix

package npmexec

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// process is one process; its time of start tells it from a later one that got
// the same number.
type process struct {
	pid, parent int
	start       string
}

// tree is the processes below npm, as far as they were seen. npm passes a signal
// on to the shell of a script alone, whose own children outlive it: a build that
// goes on after the job was cancelled.
type tree []process

// add notes everything that is below the process pid now.
func (t *tree) add(pid int) {
	all := processes()
	below := []int{pid}
	for _, p := range *t { // whose parent may be gone by now
		below = append(below, p.pid)
	}
	for i := 0; i < len(below); i++ {
		for _, p := range all {
			if p.parent == below[i] && !slices.Contains(below, p.pid) {
				below = append(below, p.pid)
				if !slices.Contains(*t, p) {
					*t = append(*t, p)
				}
			}
		}
	}
}

// end asks what is left of the tree to end, and ends what does not.
func (t tree) end() {
	if !t.signal(unix.SIGTERM) {
		return
	}
	for until := time.Now().Add(grace); time.Now().Before(until); time.Sleep(askAgain / 5) {
		if !t.signal(0) {
			return
		}
	}
	t.signal(unix.SIGKILL)
}

// signal sends s to what is left of the tree, and reports whether anything is.
func (t tree) signal(s unix.Signal) bool {
	if len(t) == 0 {
		return false
	}
	left := false
	for _, now := range processes() {
		if slices.ContainsFunc(t, func(p process) bool { return p.pid == now.pid && p.start == now.start }) {
			left = unix.Kill(now.pid, s) == nil || left
		}
	}
	return left
}
