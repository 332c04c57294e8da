package npmexec

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/runner/npmrc"
)

// probeTime bounds one question to the registry.
const probeTime = 10 * time.Second

// localTime bounds a question that npm answers from its files alone. How a release is made
// hangs on the answer, and a machine with a load of 40 has kept npm 8 from it for more
// than ten seconds.
const localTime = time.Minute

// answer is what npm answered to one question.
type answer struct {
	out, err string
	code     string // npm's error code: "E404"; "" for none
	came     bool   // npm ran and ended by itself
	ok       bool   // with status 0
}

// errorCode finds npm's error code in its JSON (on stdout; npm 8: stderr) or its
// text, whatever --heading has made of the word npm.
var errorCode = pattern.New(`"code":\s*"([A-Z][A-Z0-9_]+)"|(?m:^\S+ (?:ERR!|error) code ([A-Z][A-Z0-9_]+)\s*$)`)

// question runs npm with args and env in dir, without a terminal and for at most d, and
// returns what it answered. It changes nothing on the machine: npm's
// log goes into a folder that is removed. (--logs-max=0 would delete the user's own
// logs, npm 11.19.1 lib/utils/log-file.js, and does not end in npm 6.)
func (n *NPM) question(ctx context.Context, d time.Duration, dir string, env []string, args ...string) answer {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	if logs, err := os.MkdirTemp("", "safepublish-"); err == nil {
		defer os.RemoveAll(logs)
		env = npmrc.WithEnv(env, "npm_config_logs_dir="+logs)
	}
	args, secrets := npmrc.HideSecrets(append(slices.Clone(args), plain...))
	cmd := n.start(args...)
	cmd.Dir, cmd.Env = dir, npmrc.WithEnv(env, secrets...)
	var out, errs limited
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := bounded(ctx, cmd)
	a := answer{out: out.String(), err: errs.String(), ok: err == nil}
	a.came = cmd.ProcessState != nil && cmd.ProcessState.Exited() && ctx.Err() == nil && !out.over && !errs.over
	if m := errorCode.FindStringSubmatch(a.out + "\n" + a.err); m != nil {
		a.code = m[1] + m[2]
	}
	return a
}

// plain are the flags of every question: whatever an .npmrc or the environment says, the
// answer is a document and nothing else.
var plain = []string{"--json", "--loglevel=error", "--no-update-notifier", "--no-progress", "--usage=false"}

// notAsked are the settings of a publish that a question must not have: a one-time
// password would be spent on it, and npm whoami and npm config refuse workspaces.
var notAsked = append([]string{"otp"}, npm.Selection...)

// bounded runs cmd in a process group of its own and ends the whole group when
// ctx ends: npm on PATH may be a shim, which would leave the real one running.
func bounded(ctx context.Context, cmd *exec.Cmd) error {
	// WaitDelay is for what leaves the group and keeps our pipe.
	cmd.WaitDelay = grace
	ownGroup(cmd)
	defer diesWithUs(cmd, syscall.SIGKILL)()
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer hold(cmd.Process)()
	running.Store(cmd.Process, true)
	defer running.Delete(cmd.Process)
	stop := context.AfterFunc(ctx, func() { killGroup(cmd.Process) })
	defer stop()
	return cmd.Wait()
}

// running are the processes that answer a question now.
var running sync.Map

// EndQuestions ends every process that answers a question of ours, with all that
// it has started. It is for an end of the process itself that nobody waits for.
func EndQuestions() {
	running.Range(func(p, _ any) bool {
		killGroup(p.(*os.Process))
		return true
	})
}

// mostAnswered bounds what an answer may be: npm view of a package with 10,000
// versions prints a megabyte.
const mostAnswered = 16 << 20

// limited keeps what a process prints, up to mostAnswered. One that prints more
// gets an error, which ends it.
type limited struct {
	text bytes.Buffer // not embedded: io.Copy would take its ReadFrom, which has no bound
	over bool
}

func (l *limited) String() string { return l.text.String() }

func (l *limited) Write(p []byte) (int, error) {
	if l.over = l.over || l.text.Len()+len(p) > mostAnswered; l.over {
		return 0, errTooLong
	}
	return l.text.Write(p)
}

var errTooLong = errors.New("too long an answer")

// ask asks the registry R a question about a package. R comes last, for the
// scope too: npm's questions do not look where publish looks (view and whoami
// ignore publishConfig, whoami and access ignore @scope:registry; measured).
func (n *NPM) ask(ctx context.Context, registry, name string, args ...string) answer {
	args = slices.Concat(args, asked, alone(n.Args))
	return n.question(ctx, probeTime, n.Dir, n.questionEnv(), append(args, npm.Pin(registry, name)...)...)
}

// questionEnv is the environment of a question: with what the arguments of the
// publish say of the way to the registry, since a credential has no place in another
// argv, and without what a question must not have.
func (n *NPM) questionEnv() []string {
	var carried []string
	values := npm.Parse(n.Args).Values
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(carriedKeys, key) || strings.HasPrefix(key, "//") {
			carried = append(carried, npmrc.Variable(key)+"="+values[key][len(values[key])-1])
		}
	}
	return npmrc.Without(npmrc.WithEnv(n.Env, carried...), notAsked...)
}

// alone is the flag that makes npm read the .npmrc of a workspace's folder instead of
// the root's, where a publish with these arguments has it (npmrc.Project).
func alone(args []string) []string {
	if off, _ := npm.Get(args, "workspaces"); off == "false" {
		return []string{"--workspaces=false"}
	}
	return nil
}

// asked are the flags of every question to the registry. They beat what an .npmrc or
// the environment says: an old answer from npm's cache (prefer-offline, offline,
// cache-min) is no answer. prefer-offline undoes cache-min as well (npm 11.19.1,
// measured).
var asked = []string{
	"--fetch-retries=0", "--fetch-timeout=8000", "--prefer-online", "--prefer-offline=false", "--offline=false", "--dry-run=false",
	"--heading=npm", "--color=false",
}

// carriedKeys are the npm settings by which a command line says how a registry
// is reached and as whom.
var carriedKeys = []string{
	"userconfig", "globalconfig", "prefix", "proxy", "https-proxy", "noproxy", "cafile", "ca", "cert", "key",
	"strict-ssl", "local-address", "cache",
}
