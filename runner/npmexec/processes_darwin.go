package npmexec

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// zombie is SZOMB of sys/proc.h: ended, and not yet collected by its parent.
const zombie = 5

// processes lists the processes of this machine.
func processes() []process {
	list, err := unix.SysctlKinfoProcSlice("kern.proc.all")
	if err != nil {
		return nil
	}
	all := make([]process, 0, len(list))
	for _, p := range list {
		if p.Proc.P_stat == zombie {
			continue
		}
		all = append(all, process{int(p.Proc.P_pid), int(p.Eproc.Ppid), fmt.Sprint(p.Proc.P_starttime)})
	}
	return all
}
