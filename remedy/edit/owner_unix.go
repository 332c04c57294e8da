//go:build unix

package edit

import (
	"io/fs"
	"syscall"
)

// Owner returns whose file that is; false where the system does not say.
func Owner(file fs.FileInfo) (uid, gid int, ok bool) {
	s, ok := file.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(s.Uid), int(s.Gid), true
}
