//go:build unix

package npmexec

import (
	"os"
	"path/filepath"
)

// unnamedFile returns a file that nobody else can read, without a name: it is gone
// with our end, whatever ends us.
func unnamedFile() (f *os.File, remove func(), err error) {
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	f, err = os.OpenFile(filepath.Join(dir, "stdout"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return f, func() {}, err
}
