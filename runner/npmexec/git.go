package npmexec

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"safepublish/runner/npmrc"
)

// Git is what is known of the repository around a folder; all zero outside a
// repository, and where there is no git.
type Git struct {
	Inside bool
	Clean  bool // no change to a tracked file, which is what npm version asks (@npmcli/git, lib/is-clean.js)
	Root   bool // the folder holds .git itself
}

// Git looks at the repository around the folder dir.
func (n *NPM) Git(ctx context.Context, dir string) Git {
	out, ok := n.git(ctx, dir, "rev-parse", "--is-inside-work-tree")
	if !ok || strings.TrimSpace(out) != "true" {
		return Git{}
	}
	changes, ok := n.git(ctx, dir, "status", "--porcelain", "--untracked-files=no")
	_, err := os.Stat(filepath.Join(dir, ".git"))
	return Git{Inside: true, Clean: ok && strings.TrimSpace(changes) == "", Root: err == nil}
}

// Head returns the commit that is checked out around dir, "" where there is none, or
// where any file was changed since or is new and not ignored: npm may pack it.
func (n *NPM) Head(ctx context.Context, dir string) string {
	changes, ok := n.git(ctx, dir, "status", "--porcelain", "--untracked-files=normal")
	if !ok || strings.TrimSpace(changes) != "" {
		return ""
	}
	head, _ := n.git(ctx, dir, "rev-parse", "HEAD")
	return strings.TrimSpace(head)
}

// GitIgnores reports whether git ignores the file at path, as it does what a
// build writes. A file that is tracked is not ignored.
func (n *NPM) GitIgnores(ctx context.Context, path string) bool {
	_, ok := n.git(ctx, filepath.Dir(path), "check-ignore", "--quiet", "--", path)
	return ok
}

func (n *NPM) git(ctx context.Context, dir string, args ...string) (string, bool) {
	cmd, err := n.command(append([]string{"git"}, args...))
	if err != nil {
		return "", false
	}
	cmd.Dir = dir
	cmd.Env = npmrc.WithEnv(n.Env, "GIT_OPTIONAL_LOCKS=0") // status must not write the index
	var out limited
	cmd.Stdout = &out
	err = bounded(ctx, cmd)
	return out.String(), err == nil
}
