//go:build unix

package npmexec

import (
	"fmt"
	"os"
	"syscall"
)

// Become replaces this process by npm with these arguments, so that its streams, signals
// and status are npm's own. It returns only where that is not possible.
func Become(n *NPM, args []string, _, _, _ *os.File) (int, error) {
	err := syscall.Exec(n.Path, append([]string{n.Path}, args...), n.Env)
	if err != nil {
		err = fmt.Errorf("starting %s: %w", n.Path, err)
	}
	return 0, err
}
