package npmexec

import (
	"fmt"
	"os"
)

// Become runs npm with these arguments on these streams and returns its status: no
// process can replace itself here. The caller must outlive ^C, which npm gets too.
func Become(n *NPM, args []string, in, out, errs *os.File) (int, error) {
	cmd := n.start(args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = n.Env, in, out, errs
	if err := cmd.Start(); err != nil {
		return 0, fmt.Errorf("starting %s: %w", n.Path, err)
	}
	defer hold(cmd.Process)()
	_ = cmd.Wait() // a status other than 0 is a result, not an error
	return cmd.ProcessState.ExitCode(), nil
}
