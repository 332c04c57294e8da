package edit

import (
	"errors"
	"os"
	"time"

	"golang.org/x/sys/windows"
)

// rename gives a file the place of another, at once or not at all. Here nobody may hold
// that one open meanwhile, not even a scanner or an indexer that looks at it for a moment:
// they are waited for, two seconds in all (as cmd/go does, cmd/internal/robustio).
func rename(from, to string) error {
	for wait := time.Millisecond; ; wait *= 2 {
		err := os.Rename(from, to)
		held := errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION)
		if !held || wait > time.Second {
			return err
		}
		time.Sleep(wait)
	}
}
