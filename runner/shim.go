package runner

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
)

// WriteShim writes an npm and an npm.cmd into a folder, which is made where it is
// missing: npm publish goes through this safepublish, everything else to the npm that
// stands on PATH without the folder. It says how to use it. Its error is bad input, or
// that a file cannot be written.
func WriteShim(args, env []string, std Streams) error {
	if len(args) != 1 {
		return &npm.UsageError{Problem: "shim takes one folder", Instead: "type safepublish shim DIR"}
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding safepublish itself: %w", err)
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return fmt.Errorf("finding the folder %s: %w", args[0], err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // a folder on PATH, which others may read
		return fmt.Errorf("making the folder: %w", err)
	}
	for name, text := range npmexec.ShimFiles(self) {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) && !npmexec.IsShim(path) {
			return &npm.UsageError{Problem: path + " exists and is not a shim of safepublish", Instead: "name an empty folder"}
		}
		if err := edit.Replace(path, []byte(text), edit.New{Temp: path + ".new", Mode: 0o755}); err != nil {
			return fmt.Errorf("writing %s: %w", path, err)
		}
	}
	_, err = fmt.Fprintf(std.Out, "%s\n", dir)
	_, _ = fmt.Fprintln(std.Err, "npm publish goes through safepublish if this folder is first on PATH:")
	_, _ = fmt.Fprintf(std.Err, "    %s\n", npmexec.Shell(env).FirstOnPath(dir, "COMMAND"))
	return err
}

// Passthrough is npm as the shim runs it for everything but npm publish: this process
// becomes npm, or ends with its status. Its error is that there is no npm.
func Passthrough(args, env []string, std Streams) (int, error) {
	n, err := npmexec.Open(context.Background(), "", env, args, npmrc.Getenv(env, "SAFEPUBLISH_NPM"))
	if err != nil {
		return 0, err
	}
	onGuard(func(os.Signal) {}) // where we are not replaced, npm decides what ^C does
	return npmexec.Become(n, args, std.In, std.Out, std.Err)
}
