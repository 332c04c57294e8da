package npmexec

import (
	"os"
	"strconv"
	"strings"
)

// processes lists the processes of this machine that we can see, from /proc.
func processes() []process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		// proc(5): pid (comm) state ppid … starttime is the 22nd; comm may hold anything.
		after := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
		fields := strings.Fields(after)
		if len(fields) < 20 || fields[0] == "Z" { // ended, and not yet collected by its parent
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, process{pid, parent, fields[19]})
	}
	return all
}
