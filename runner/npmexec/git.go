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

// GitAround looks at the repository around the folder dir. The git that env names is
// asked.
func GitAround(ctx context.Context, env []string, dir string) Git {
	changes, ok := git(ctx, env, dir, "status", "--porcelain", "--untracked-files=no") // fails outside a work tree
	if !ok {
		return Git{}
	}
	_, err := os.Stat(filepath.Join(dir, ".git"))
	return Git{Inside: true, Clean: strings.TrimSpace(changes) == "", Root: err == nil}
}

// GitHead returns the commit that is checked out around dir, "" where there is none, or
// where any file was changed since or is new and not ignored: npm may pack it.
func GitHead(ctx context.Context, env []string, dir string) string {
	changes, ok := git(ctx, env, dir, "status", "--porcelain", "--untracked-files=normal")
	if !ok || strings.TrimSpace(changes) != "" {
		return ""
	}
	head, _ := git(ctx, env, dir, "rev-parse", "HEAD")
	return strings.TrimSpace(head)
}

// GitTracked returns those of the files, named from dir, that git tracks.
func GitTracked(ctx context.Context, env []string, dir string, files []string) []string {
	if len(files) == 0 {
		return nil
	}
	out, _ := git(ctx, env, dir, append([]string{"-c", "core.quotePath=false", "ls-files", "-z", "--"}, files...)...)
	var tracked []string
	for _, file := range strings.Split(out, "\x00") {
		if file != "" {
			tracked = append(tracked, file)
		}
	}
	return tracked
}

// GitRemotes tells whether the repository around dir has any remote.
func GitRemotes(ctx context.Context, env []string, dir string) bool {
	out, _ := git(ctx, env, dir, "remote")
	return strings.TrimSpace(out) != ""
}

// GitTags returns the commit that is checked out around dir and those right before it, and
// the tags that stand on it.
func GitTags(ctx context.Context, env []string, dir string) (last, tags []string) {
	commits, _ := git(ctx, env, dir, "rev-list", "--parents", "-n1", "HEAD")
	out, _ := git(ctx, env, dir, "tag", "--points-at", "HEAD")
	return strings.Fields(commits), strings.Fields(out)
}

// GitIgnores reports whether git ignores the file at path, as it does what a
// build writes. A file that is tracked is not ignored.
func GitIgnores(ctx context.Context, env []string, path string) bool {
	_, ok := git(ctx, env, filepath.Dir(path), "check-ignore", "--quiet", "--", path)
	return ok
}

func git(ctx context.Context, env []string, dir string, args ...string) (string, bool) {
	return printed(ctx, npmrc.WithEnv(env, "GIT_OPTIONAL_LOCKS=0"), dir, "git", args...) // status must not write the index
}
