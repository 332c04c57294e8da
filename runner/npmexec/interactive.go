package npmexec

import (
	"context"
	"fmt"
	"os/exec"
	"slices"

	"safepublish/runner/npmrc"
)

// Interactive runs a command on the person's terminal itself: npm login, npm
// version. argv[0] "npm" stands for the npm in use; dir is the folder it runs in,
// "" for the one that npm publish runs in; env is added to the environment. Its stdout goes to our stderr where our stdout is no terminal, so
// that v=$(safepublish) stays clean. It returns the exit status, 128+n where
// signal n ended the command or asked us to end; the error says that it could
// not be started.
func (r *Runner) Interactive(ctx context.Context, dir string, argv, env []string) (int, error) {
	w := &wiring{stdout: r.Out, stderr: r.Err}
	if r.Ask {
		w.stdin = r.In
	}
	if !isTerminal(r.Out) {
		w.stdout = r.Err
	}
	var secrets []string
	if argv[0] == "npm" {
		argv, secrets = npmrc.HideSecrets(argv)
	}
	cmd, err := r.command(argv)
	if err != nil {
		return 0, err
	}
	defer r.Learn(r.Args) // npm login has written a new token
	cmd.Env = npmrc.WithEnv(r.Env, slices.Concat(secrets, env)...)
	if dir != "" {
		cmd.Dir = dir
	}
	end, err := r.run(ctx, cmd, w)
	if err != nil {
		return 0, err
	}
	return end.status(), nil
}

func (r *Runner) command(argv []string) (*exec.Cmd, error) {
	path := argv[0]
	if path == "npm" {
		path = r.NPM
	} else if found, err := Find(npmrc.Getenv(r.Env, "PATH"), path); err == nil {
		path = found
	} else {
		return nil, fmt.Errorf("%s: %w", path, exec.ErrNotFound)
	}
	cmd := exec.Command(path, argv[1:]...)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	return cmd, nil
}
