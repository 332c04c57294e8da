package npmexec

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"safepublish/runner/npmrc"
)

// Find returns the absolute path of npm. option is what --npm or SAFEPUBLISH_NPM
// says, a path or a name; "" stands for npm. A name is looked up in path, the
// value of PATH, of which entries that are empty or relative are skipped: a npm
// that lies in the current folder is never run by accident. The error wraps
// ErrNoNPM.
func Find(path, option string) (string, error) {
	name := option
	if name == "" {
		name = "npm"
	}
	if filepath.Base(name) != name {
		full, err := filepath.Abs(name)
		if err == nil {
			full, err = exec.LookPath(full)
		}
		if err != nil {
			return "", fmt.Errorf("%w: %s is not a program", ErrNoNPM, option)
		}
		return full, nil
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if full, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return full, nil
		}
	}
	return "", fmt.Errorf("%w: %s is not on PATH", ErrNoNPM, name)
}

// memo keeps answers that do not change during one invocation.
type memo struct {
	mu      sync.Mutex
	version string
	config  map[string]npmrc.Config
}

// Version returns npm's version, "11.19.1", "" if it cannot be found out. It is
// read beside the program where npm is installed as npm itself does, which costs
// nothing; a shim (volta, asdf) is asked, which costs a tenth of a second.
func (r *Runner) Version(ctx context.Context) string {
	r.memo.mu.Lock()
	defer r.memo.mu.Unlock()
	if r.memo.version == "" {
		r.memo.version = npmrc.Version(r.NPM)
	}
	if r.memo.version == "" {
		a := r.question(ctx, r.Dir, r.Env, "--version")
		if v := strings.TrimSpace(a.out); major(v) > 0 {
			r.memo.version = v
		}
	}
	return r.memo.version
}

// installed is the version of npm as far as it is known without asking.
func (r *Runner) installed() string {
	r.memo.mu.Lock()
	defer r.memo.mu.Unlock()
	if r.memo.version != "" {
		return r.memo.version
	}
	return npmrc.Version(r.NPM)
}

// Major returns npm's major version, 0 if it cannot be found out.
func (r *Runner) Major(ctx context.Context) int { return major(r.Version(ctx)) }

// major returns the first number of a version, 0 if there is none.
func major(version string) int {
	first, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(first)
	if err != nil {
		return 0
	}
	return n
}
