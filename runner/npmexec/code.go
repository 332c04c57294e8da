package npmexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"
)

// codeTime bounds the command that prints a one-time password: a person may have
// to touch a key first.
const codeTime = time.Minute

// Code runs a command line of the user's own, as --otp-command names one, through
// the shell, and returns what it printed without the blanks around it. Nothing
// that it prints is shown, on stderr neither; stdin is the person's where one may
// be asked. The error says how it ended and never quotes what was printed.
func (r *Runner) Code(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, codeTime)
	defer cancel()
	argv := []string{"sh", "-c", command}
	if runtime.GOOS == "windows" {
		argv = []string{"cmd", "/d", "/c", command}
	}
	cmd, err := r.command(argv)
	if err != nil {
		return "", fmt.Errorf("--otp-command: %w", err)
	}
	w, err := r.wireCode()
	if err != nil {
		return "", fmt.Errorf("--otp-command: %w", err)
	}
	end, err := r.run(ctx, cmd, w)
	switch {
	case err != nil:
		return "", fmt.Errorf("--otp-command: %w", err)
	case ctx.Err() != nil && end.got == nil:
		return "", fmt.Errorf("--otp-command did not end within %s", codeTime)
	case end.status() != 0:
		return "", fmt.Errorf("--otp-command ended with status %d; its output is not shown", end.status())
	}
	code := string(bytes.TrimSpace(w.outlets[0].got.head))
	if code == "" {
		return "", errors.New("--otp-command printed nothing")
	}
	return code, nil
}

// wireCode keeps what the command prints, and throws its stderr away.
func (r *Runner) wireCode() (*wiring, error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	from, to, err := os.Pipe()
	if err != nil {
		_ = null.Close()
		return nil, err
	}
	w := &wiring{stdout: to, stderr: null}
	if r.Ask {
		w.stdin = r.In
	}
	w.add(&outlet{kind: "stdout", from: from, done: make(chan struct{})}, to)
	w.npms = append(w.npms, null)
	return w, nil
}
