// Package realnpm is for tests alone. It gives them real npms and a real registry:
// Path installs an npm release, Verdaccio starts a server on 127.0.0.1. Both come
// from the npm registry through the machine's own npm, once, into .cache at the
// root of the repository. A test that cannot have them fails; only -short skips it.
package realnpm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// nodes are the npm releases that tests can have, and the node each needs where
// the machine's (20 or newer) will not do: npm 6 came with node 14, and npm 12
// asks for node 22.
var nodes = map[string]string{
	"6.14.18": "14.21.3",
	"8.19.4":  "",
	"10.9.0":  "",
	"11.19.1": "",
	"12.2.0":  "22.23.3",
}

// Versions are the npm releases that Path knows, oldest first.
var Versions = []string{"6.14.18", "8.19.4", "10.9.0", "11.19.1", "12.2.0"}

const installTime = 5 * time.Minute

// What the process began with: a test may well change its environment or its
// folder, or put an npm of its own before the machine's (testscript.Main does),
// before it asks for a real one.
var (
	environ        = os.Environ()
	workdir, _     = os.Getwd()
	machineNPM, _  = exec.LookPath("npm")
	machineNode, _ = exec.LookPath("node")
)

// Path returns the path of an executable npm of that version. It runs on the
// node that it needs, or on the one in PATH.
func Path(tb testing.TB, version string) string {
	tb.Helper()
	node, ok := nodes[version]
	if !ok {
		tb.Fatalf("realnpm has no npm %s, only %s", version, strings.Join(Versions, ", "))
	}
	packages := map[string]string{"npm": version}
	nodePath := "node"
	if node != "" {
		packages[nodePackage()] = node
		nodePath = `"$here/../node_modules/` + nodePackage() + `/bin/node"`
	}
	dir := install(tb, filepath.Join("npm", version), manifest{Dependencies: packages}, func(dir string) error {
		script := "#!/bin/sh\nhere=$(dirname \"$0\")\nexec " + nodePath + " \"$here/../node_modules/npm/bin/npm-cli.js\" \"$@\"\n"
		if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "bin", "npm"), []byte(script), 0o755)
	})
	return filepath.Join(dir, "bin", "npm")
}

// Installed returns the path of that npm as npm itself installs it, where Path's is a script
// before it: beside it lies the node that it needs, for PATH.
func Installed(tb testing.TB, version string) string {
	tb.Helper()
	return filepath.Join(filepath.Dir(filepath.Dir(Path(tb, version))), "node_modules", ".bin", "npm")
}

// nodePackage is the package that ships node's executable for this machine.
func nodePackage() string {
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	return "node-" + runtime.GOOS + "-" + arch
}

// install returns the folder name under .cache with m's dependencies installed
// and finish done, installing it first if it is not there. Test packages run in
// parallel: one installs, the others wait for it. What is there is whole, for
// it is moved there last.
func install(tb testing.TB, name string, m manifest, finish func(dir string) error) string {
	tb.Helper()
	if testing.Short() {
		tb.Skipf("-short: %s is not installed", name)
	}
	root, err := repository()
	if err != nil {
		tb.Fatal(err)
	}
	dir := filepath.Join(root, ".cache", name)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		tb.Fatal(err)
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		tb.Fatal(err)
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := installNew(dir, m, finish); err != nil {
		tb.Fatalf("install %s: %v", name, err)
	}
	return dir
}

// manifest is the package.json that an installation is made from.
type manifest struct {
	Private      bool              `json:"private"`
	Dependencies map[string]string `json:"dependencies"`
	Overrides    map[string]string `json:"overrides,omitempty"`
}

func (m manifest) write(dir string) error {
	m.Private = true
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "package.json"), append(data, '\n'), 0o644)
}

func installNew(dir string, m manifest, finish func(dir string) error) error {
	temp, err := os.MkdirTemp(filepath.Dir(dir), ".installing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := m.write(temp); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, machineNPM, "install",
		"--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
	cmd.Dir, cmd.Env = temp, environ
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install in %s: %w\n%s", temp, err, out)
	}
	if err := finish(temp); err != nil {
		return err
	}
	if err := os.Chmod(temp, 0o755); err != nil {
		return err
	}
	return os.Rename(temp, dir)
}

// repository returns the folder of go.mod above the tested package.
func repository() (string, error) {
	for dir := workdir; ; dir = filepath.Dir(dir) {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil {
			return dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above %s", workdir)
		}
	}
}

// Tools returns the folder of the programs that an npm package of that version
// comes with. More packages, each with its version behind its name, are installed beside it.
func Tools(tb testing.TB, name, version string, more ...string) string {
	tb.Helper()
	folder := strings.NewReplacer("/", "+", "@", "").Replace(strings.Join(append([]string{name, version}, more...), "-"))
	packages := map[string]string{name: version}
	for i := 0; i+1 < len(more); i += 2 {
		packages[more[i]] = more[i+1]
	}
	dir := install(tb, filepath.Join("tools", folder), manifest{Dependencies: packages}, func(string) error { return nil })
	return filepath.Join(dir, "node_modules", ".bin")
}

// TakeSignals gives the processes that a test starts the signals as a terminal
// would: under nohup, or in the background of a script, SIGHUP or SIGINT come
// ignored, every child inherits that, and nothing that a test sends would arrive.
// One that the test itself gets from then on ends it with status 1.
func TakeSignals() {
	ignored := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM} {
		if signal.Ignored(s) {
			signal.Notify(ignored, s)
		}
	}
	go func() {
		<-ignored
		os.Exit(1)
	}()
}
