//go:build unix

package ledger

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// Owner returns the name of the user whose the file or folder is, and whether that is
// another than this process's. What is not there is judged by the folder that it would
// be in; "nobody" where nothing tells.
func (e *StateError) Owner() (name string, others bool) {
	for path := e.Path; path != ""; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		if err != nil && path != filepath.Dir(path) {
			continue
		}
		stat, ok := statOf(info)
		if !ok {
			break
		}
		id := strconv.Itoa(int(stat.Uid))
		if u, err := user.LookupId(id); err == nil {
			id = u.Username
		}
		return id, int(stat.Uid) != os.Geteuid()
	}
	return "nobody", false
}

func statOf(info os.FileInfo) (*syscall.Stat_t, bool) {
	if info == nil {
		return nil, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return stat, ok
}
