//go:build unix

package npmexec

import (
	"fmt"
	"os"
	"syscall"
)

// Become replaces this process by npm with these arguments, so that its streams, signals
// and status are npm's own. It returns only where that is not possible.
func Become(path string, args, env []string, _, _, _ *os.File) (int, error) {
	err := syscall.Exec(path, append([]string{path}, args...), env)
	return 0, fmt.Errorf("starting %s: %w", path, err)
}
