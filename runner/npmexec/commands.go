package npmexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"time"

	"safepublish/runner/npmrc"
)

// Interactive runs a command on the person's terminal itself: npm login, npm
// version. argv[0] "npm" stands for the npm in use; dir is the folder it runs in,
// "" for the one that npm publish runs in; env is added to the environment. Its
// stdout goes to our stderr where our stdout is no terminal, so that
// v=$(safepublish) stays clean. It returns the exit status, 128+n where signal n
// ended the command or asked us to end; the error says that it could not be started.
func (r *Runner) Interactive(ctx context.Context, dir string, argv, env []string) (int, error) {
	s := r.newStreams(r.Ask)
	s.stdout, s.stderr = r.Out, r.Err
	if !isTerminal(r.Out) {
		s.stdout = r.Err
	}
	var secrets []string
	if argv[0] == "npm" {
		argv, secrets = npmrc.HideSecrets(argv)
	}
	cmd, err := r.command(ctx, argv)
	if err != nil {
		return 0, err
	}
	defer func() { // npm login has written a new token, and maybe which registry a scope has
		r.forgetConfig()
		r.LearnSecrets(ctx, r.Args)
	}()
	cmd.Env = npmrc.WithEnv(r.Env, slices.Concat(secrets, env)...)
	if dir != "" {
		cmd.Dir = dir
	}
	end, err := r.run(ctx, cmd, s)
	if err != nil {
		return 0, err
	}
	return end.status(), nil
}

// command returns the command that an argv stands for.
func (n *NPM) command(ctx context.Context, argv []string) (*exec.Cmd, error) {
	if argv[0] != "npm" {
		return onPath(ctx, n.Env, n.Dir, argv[0], argv[1:]...)
	}
	cmd := n.start(argv[1:]...)
	cmd.Dir, cmd.Env = n.Dir, n.Env
	return cmd, nil
}

// onPath returns the command that runs a program of the PATH in env in the folder dir.
func onPath(ctx context.Context, env []string, dir, name string, args ...string) (*exec.Cmd, error) {
	found, err := Find(npmrc.Getenv(env, "PATH"), name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, exec.ErrNotFound)
	}
	cmd := start(append(through(ctx, env, dir, found), args...))
	cmd.Dir, cmd.Env = dir, env
	return cmd, nil
}

// printed returns what a program on PATH printed on stdout, and whether it ended with 0.
func printed(ctx context.Context, env []string, dir, name string, args ...string) (string, bool) {
	cmd, err := onPath(ctx, env, dir, name, args...)
	if err != nil {
		return "", false
	}
	var out limited
	cmd.Stdout = &out
	err = bounded(ctx, cmd)
	return out.String(), err == nil
}

// codeTime bounds the command that prints a one-time password: a person may have
// to touch a key first.
const codeTime = time.Minute

// OneTimePassword runs a command line of the user's own, as --otp-command names one, through
// sh, on Windows cmd, whatever shell called us: the same line stands in a CI and in a
// profile. It returns what it printed without the blanks around it. Nothing
// that it prints is shown, on stderr neither; stdin is the person's where one may
// be asked. The error says how it ended and never quotes what was printed.
func (r *Runner) OneTimePassword(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, codeTime)
	defer cancel()
	argv := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		argv = []string{"cmd", "/d", "/s", "/c", command} // as npm runs a script (@npmcli/promise-spawn 9.0.1, lib/index.js)
	}
	cmd, err := r.command(ctx, argv)
	if err != nil {
		return "", fmt.Errorf("--otp-command: %w", err)
	}
	asTyped(cmd)
	s := r.newStreams(r.Ask) // without a stderr
	if s.stdout, _, err = s.open(stdout, nil, false, false); err != nil {
		return "", fmt.Errorf("--otp-command: %w", err)
	}
	end, err := r.run(ctx, cmd, s)
	switch {
	case err != nil:
		return "", fmt.Errorf("--otp-command: %w", err)
	case ctx.Err() != nil && end.got == nil:
		return "", fmt.Errorf("--otp-command did not end within %s", codeTime)
	case end.status() != 0:
		return "", fmt.Errorf("--otp-command ended with status %d; its output is not shown", end.status())
	}
	printed, _ := s.captured()
	code := string(bytes.TrimSpace(printed.Stdout))
	if code == "" {
		return "", errors.New("--otp-command printed nothing")
	}
	return code, nil
}
