package npmexec

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// ErrNoNPM means that there is no npm to run: not on PATH, or not where --npm said.
var ErrNoNPM = errors.New("npm not found")

// Find returns the absolute path of npm. option is what --npm or SAFEPUBLISH_NPM
// says, a path or a name; "" stands for npm. A name is looked up in path, the
// value of PATH, of which entries that are empty or relative are skipped: an npm
// that lies in the current folder is never run by accident, and a shim of ours is passed
// over. The error wraps ErrNoNPM.
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
		if IsShim(full) {
			return "", fmt.Errorf("%w: %s is a shim of safepublish, which would call itself", ErrNoNPM, option)
		}
		return full, nil
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if full, err := exec.LookPath(filepath.Join(dir, name)); err == nil && !IsShim(full) {
			return full, nil
		}
	}
	return "", fmt.Errorf("%w: %s is not on PATH", ErrNoNPM, name)
}

// NPM is one npm as it is asked questions. None of them changes anything on the
// machine. Dir, Env and Args hold for every question: Args for the proxies,
// certificates, config files and credentials that they name.
type NPM struct {
	Path string   // its program: from Find, or the npm-cli.js that a batch file stands for
	Via  []string // what is started in its place (Windows); nil for itself
	Dir  string   // the folder npm runs in, absolute
	Env  []string // the environment npm gets
	Args []string // npm's arguments of the publish

	mu      sync.Mutex
	version npm.Version
	asked   bool                           // for its version, in vain
	config  map[string]func() npmrc.Config // by the arguments that npm was asked for
	kept    map[string]*npmrc.Settings     // by what they were read for
}

// Open finds npm, as Find does, for questions about a publish with these arguments from
// the folder dir.
func Open(ctx context.Context, dir string, env, args []string, option string) (*NPM, error) {
	path, err := Find(npmrc.Getenv(env, "PATH"), option)
	if err != nil {
		return nil, err
	}
	n := &NPM{Path: path, Dir: dir, Env: env, Args: args}
	if via := through(ctx, env, dir, path); len(via) > 1 {
		n.Via = via
		if last := via[len(via)-1]; script.MatchString(last) {
			n.Path = last
		}
	}
	return n, n.start(args...).Err
}

// start is the command that starts npm with arguments.
func (n *NPM) start(args ...string) *exec.Cmd {
	if n.Via == nil {
		return start(append([]string{n.Path}, args...))
	}
	return start(slices.Concat(n.Via, args))
}

// Version returns npm's version, the zero value if it cannot be found out. It is
// read beside the program where npm is installed as npm itself does, which costs
// nothing; a shim (volta, asdf) is asked, which costs a tenth of a second.
func (n *NPM) Version(ctx context.Context) npm.Version {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.version.Known() {
		n.version = npmrc.Version(n.Path)
	}
	if !n.version.Known() && !n.asked {
		n.version = npm.ParseVersion(strings.TrimSpace(n.question(ctx, localTime, n.Dir, n.Env, "--version").out))
		n.asked = ctx.Err() == nil
	}
	return n.version
}

// Versions asks npm for its version and for that of the node that runs it; "" where it
// gives no answer.
func (n *NPM) Versions(ctx context.Context) (npm, node string) {
	doc := gjson.Parse(n.question(ctx, localTime, n.Dir, n.Env, "version", "--workspaces=false").out)
	return doc.Get("npm").String(), doc.Get("node").String()
}
