//go:build !windows

package edit

import "os"

func rename(from, to string) error { return os.Rename(from, to) }
