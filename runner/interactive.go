package runner

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Interactive runs a command on the person's terminal itself: npm login, npm
// version. argv[0] "npm" stands for the npm in use, env is added to the
// environment. Its stdout goes to our stderr where our stdout is no terminal, so
// that v=$(safepublish) stays clean. It returns the exit status, 128+n where
// signal n ended the command or asked us to end; the error says that it could
// not be started.
func (r *Runner) Interactive(ctx context.Context, argv, env []string) (int, error) {
	w := &wiring{stdin: r.In, stdout: r.Out, stderr: r.Err}
	if !isTerminal(r.Out) {
		w.stdout = r.Err
	}
	cmd, err := r.command(argv)
	if err != nil {
		return 0, err
	}
	cmd.Env = withEnv(r.Env, env...)
	end, err := r.run(ctx, cmd, w)
	if err != nil {
		return 0, err
	}
	return end.status(), nil
}

// Secret runs a command of the user's through the shell (--otp-command) and
// returns the first line that it prints, without the blanks around it. It may
// ask on the terminal: stdin and stderr are the person's. The error never quotes
// what was printed.
func (r *Runner) Secret(ctx context.Context, command string) (string, error) {
	argv := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		argv = []string{"cmd", "/d", "/s", "/c", command}
	}
	from, to, err := os.Pipe()
	if err != nil {
		return "", fmt.Errorf("open a pipe for the command that prints a one-time password: %w", err)
	}
	o := &outlet{kind: "stdout", from: from, done: make(chan struct{})}
	w := &wiring{stdin: r.In, stdout: to, stderr: r.Err}
	w.add(o, to)
	cmd, err := r.command(argv)
	if err != nil {
		w.close()
		return "", err
	}
	end, err := r.run(ctx, cmd, w)
	if err != nil {
		return "", err
	}
	if end.status() != 0 {
		return "", fmt.Errorf("the command that prints a one-time password ended with %d", end.status())
	}
	line, _, _ := bytes.Cut(o.got.head, []byte("\n"))
	return strings.TrimSpace(string(line)), nil
}

func (r *Runner) command(argv []string) (*exec.Cmd, error) {
	path := argv[0]
	if path == "npm" {
		path = r.NPM
	} else if found, err := Find(getenv(r.Env, "PATH"), path); err == nil {
		path = found
	} else {
		return nil, fmt.Errorf("%s: %w", path, exec.ErrNotFound)
	}
	cmd := exec.Command(path, argv[1:]...)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	return cmd, nil
}
