//go:build !windows

package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"safepublish/runner/realnpm"
	"safepublish/runner/registry"
)

const npm8, npm10, npm11, npm12 = "8.19.4", "10.9.0", "11.19.1", "12.2.0"

// npms are the releases with which a test is run where npm's behaviour differs: an
// old one, and the newest two majors. npm 10 is met by what is written for it.
var npms = few(3, []string{npm8, npm11, npm12, npm10})

// wanted says how much is run beyond what every commit is tested with:
// SAFEPUBLISH_TEST_WHOLE=pairs has every case, and every two values of a matrix meet;
// SAFEPUBLISH_TEST_WHOLE=1 has every combination of a matrix too, for hours.
var wanted = os.Getenv("SAFEPUBLISH_TEST_WHOLE")

// few returns the first n cases, which have one of each kind; the others are their
// likes, and are returned where more is wanted.
func few[T any](n int, cases []T) []T {
	if wanted != "" {
		return cases
	}
	return cases[:n]
}

func major(npm string) int {
	n, _ := strconv.Atoi(strings.SplitN(npm, ".", 2)[0])
	return n
}

// project is a package in a folder of its own, with a home that is logged in to a
// stub registry, and the environment in which a person would publish it.
type project struct {
	t     *testing.T
	dir   string
	home  string
	env   []string
	npm   string
	token string
}

const fakeToken = "npm_ThisIsNotARealTokenOnlyForTests000000"

// newProject writes a package. registry is where its home is logged in. npm is installed as
// npm itself does it, so that its settings and its version are read without a process; npm 8
// alone stands behind a script, as volta's and asdf's do, and is asked. It alone runs on the
// machine's node, too: the others run on npm 12's, on which they start a fifth sooner.
func newProject(t *testing.T, npm, registry, manifest string) *project {
	t.Helper()
	p := &project{t: t, dir: t.TempDir(), home: t.TempDir(), token: fakeToken}
	p.npm = realnpm.Path(t, npm)
	node := ""
	if npm != npm8 {
		p.npm, node = realnpm.Installed(t, npm), filepath.Dir(nodeOf(t, npm12))+":"
	}
	p.write("package.json", manifest)
	p.write("index.js", "module.exports = 1\n")
	p.write("README.md", "# demo\n")
	host := strings.TrimPrefix(registry, "http:")
	rc := fmt.Sprintf("registry=%s/\n%s/:_authToken=%s\n", registry, host, p.token)
	if err := os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	p.env = []string{
		"HOME=" + p.home, "XDG_STATE_HOME=" + p.home + "/state", "TERM=xterm-256color",
		"PATH=" + filepath.Dir(p.npm) + ":" + node + os.Getenv("PATH"), "SAFEPUBLISH_NPM=" + p.npm,
		"npm_config_fetch_retry_mintimeout=20", "npm_config_fetch_retry_maxtimeout=60",
		"npm_config_update_notifier=false", "npm_config_cache=" + p.home + "/cache", "no_proxy=127.0.0.1",
	}
	return p
}

// write writes a file of the package, in a folder that is made for it.
func (p *project) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) read(name string) string {
	p.t.Helper()
	b, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(b)
}

// tree returns every file below the package's folder with its contents.
func (p *project) tree() map[string]string {
	files := map[string]string{}
	_ = filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && d.Type().IsRegular() {
			b, _ := os.ReadFile(path)
			files[path] = string(b)
		}
		return nil
	})
	return files
}

func (p *project) terminal(args ...string) *terminal {
	p.t.Helper()
	return onTerminal(p.t, p.dir, p.env, nil, append([]string{program}, args...)...)
}

// command is the program in the package's folder.
func (p *project) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// piped runs the program without a terminal.
func (p *project) piped(args ...string) (stdout, stderr string, status int) {
	p.t.Helper()
	return outputOf(p.t, p.command(args...))
}

// run runs a command in the package's folder, as the PATH of its environment has
// it, and returns what it printed and its status.
func (p *project) run(argv ...string) (string, int) {
	p.t.Helper()
	cmd := exec.Command("env", argv...)
	cmd.Dir, cmd.Env = p.dir, p.env
	stdout, stderr, status := outputOf(p.t, cmd)
	return stdout + stderr, status
}

func outputOf(t *testing.T, cmd *exec.Cmd) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// longAgo is a package of which another machine published a version long ago: what
// was published in this very minute could be ours.
func longAgo(name, version string) *registry.Package {
	p := registry.NewPackage(name, "me", version)
	p.Versions[version].By, p.Times[version] = "another", time.Unix(1e9, 0)
	return p
}

// start starts the embedded registry for a test.
func start(t *testing.T, w registry.World) *registry.Registry {
	t.Helper()
	reg, err := registry.Start(w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	return reg
}

// lastLine returns the line that scripts look for.
func lastLine(stderr string) string {
	lines := strings.Split(strings.TrimRight(stderr, "\n"), "\n")
	return lines[len(lines)-1]
}

const demo = "{\n  \"name\": \"demo\",\n  \"version\": \"1.0.0\"\n}\n"

// chosen returns the npms that every commit is tested with, and all where more is
// wanted. One that checks versions before it sends (11 and later) and one that does not
// are both chosen where a story takes another course with them; else stories of the
// same kind (a code, a dry run, a workspace, a lost answer) choose another npm each.
func chosen(some ...string) []string {
	if wanted != "" {
		return npms
	}
	return some
}

// eachNPM runs a story with each of some.
func eachNPM(t *testing.T, some []string, story func(t *testing.T, npm string)) {
	t.Parallel()
	for _, npm := range some {
		t.Run(fmt.Sprintf("npm%d", major(npm)), func(t *testing.T) {
			t.Parallel()
			story(t, npm)
		})
	}
}

// holdsNoSecret checks that nothing which safepublish wrote or kept holds the
// token or a one-time password. What npm itself echoed on the screen is npm's.
func (p *project) holdsNoSecret(x *terminal, secrets ...string) {
	p.t.Helper()
	state := filepath.Join(p.home, "state")
	_ = filepath.WalkDir(state, func(path string, d fs.DirEntry, _ error) error {
		if d == nil || !d.Type().IsRegular() {
			return nil
		}
		b, _ := os.ReadFile(path)
		for _, secret := range append(secrets, p.token) {
			if bytes.Contains(b, []byte(secret)) {
				p.t.Errorf("%s holds %q", path, secret)
			}
		}
		return nil
	})
	if _, shown := x.text(); strings.Contains(shown, p.token) {
		p.t.Errorf("the token was shown")
	}
}
