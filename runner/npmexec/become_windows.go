package npmexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// Become runs npm with these arguments on these streams and returns its status: no
// process can replace itself here.
func Become(path string, args, env []string, in, out, errs *os.File) (int, error) {
	cmd := exec.Command(path, args...)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, in, out, errs
	err := cmd.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("starting %s: %w", path, err)
	}
	return 0, nil
}
