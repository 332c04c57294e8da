//go:build unix

package ledger

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Owner returns the name of the user whose the file or folder is, "" where that is
// this process's own user, or nobody can say. What is not there is judged by the
// folder that it would be in.
func (e *StateError) Owner() string {
	for path := e.Path; path != "" && path != filepath.Dir(path); path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok || int(stat.Uid) == os.Getuid() {
			return ""
		}
		id := strconv.Itoa(int(stat.Uid))
		if u, err := user.LookupId(id); err == nil {
			return u.Username
		}
		return "user " + id
	}
	return ""
}
