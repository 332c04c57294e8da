//go:build !windows

package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"safepublish/runner/realnpm"
)

// These tests install the npm packages from a Verdaccio, as people do.

// installer is how a client installs for a whole machine, and takes away again: shell
// commands, in which $OWN is an empty folder, whose programs are on PATH.
type installer struct {
	name, version, npm string // the package that brings the client; "" for npm
	add, remove        string
}

var installers = []installer{
	{npm: npm12, add: `npm install --global --prefix "$OWN" safepublish`, remove: `npm uninstall --global --prefix "$OWN" safepublish`},
	{name: "pnpm", version: "10.34.9", npm: npm11, add: "pnpm add --global safepublish", remove: "pnpm remove --global safepublish"},
	{
		name: "yarn", version: "1.22.22", npm: npm11,
		add: `yarn global add --prefix "$OWN" safepublish`, remove: `yarn global remove --prefix "$OWN" safepublish`,
	},
	{name: "bun", version: "1.4.5", npm: npm11, add: "bun add --global safepublish", remove: "bun remove --global safepublish"},
}

// shop is a Verdaccio that has the packages.
func shop(t *testing.T) *realnpm.Server {
	t.Helper()
	paths, err := tarballs()
	if err != nil {
		t.Fatal(err)
	}
	v := realnpm.Verdaccio(t)
	for _, path := range paths {
		customer(t, v, npm11, demo).sh(0, "npm publish '"+path+"'")
	}
	return v
}

// customer is a person who is logged in there as alice, with npm and without Go.
func customer(t *testing.T, v *realnpm.Server, npm, manifest string) *project {
	t.Helper()
	p := newProject(t, npm, v.URL, manifest).as(v, "alice")
	own := filepath.Join(p.home, "own")
	path := []string{own, filepath.Join(own, "bin"), filepath.Dir(p.npm)}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if _, err := exec.LookPath(filepath.Join(dir, "go")); err != nil {
			path = append(path, dir)
		}
	}
	p.env = slices.DeleteFunc(p.env, func(entry string) bool {
		return strings.HasPrefix(entry, "PATH=") || strings.HasPrefix(entry, "SAFEPUBLISH_NPM=")
	})
	p.env = append(p.env, "PATH="+strings.Join(path, ":"), "OWN="+own, "PNPM_HOME="+own, "BUN_INSTALL="+own,
		"YARN_ENABLE_TELEMETRY=0", "YARN_ENABLE_GLOBAL_CACHE=0", "YARN_NPM_REGISTRY_SERVER="+v.URL, "YARN_UNSAFE_HTTP_WHITELIST=127.0.0.1",
		"YARN_NPM_MINIMAL_AGE_GATE=0", "YARN_IGNORE_PATH=1")
	return p
}

// with puts the program of a client on PATH.
func (p *project) with(t *testing.T, name, version string) {
	t.Helper()
	tools := realnpm.Tools(t, name, version)
	if real, _ := filepath.Glob(filepath.Join(tools, "..", "@oven", "bun-*", "bin", "bun")); len(real) > 0 { // an install script links it
		tools = filepath.Dir(real[0])
	}
	p.withOnPath(tools)
}

// sh runs a command, which must end with a status, and returns what it printed.
func (p *project) sh(status int, command string) string {
	p.t.Helper()
	out, got := p.run("sh", "-c", command)
	if got != status {
		p.t.Fatalf("%s: status %d, want %d\n%s", command, got, status, out)
	}
	return out
}

// named returns the paths below a folder whose names have a word in them.
func named(dir, word string) (found []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, _ error) error {
		if d != nil && strings.Contains(d.Name(), word) {
			found = append(found, path)
		}
		return nil
	})
	return found
}

func TestRealInstall(t *testing.T) {
	t.Parallel()
	v := shop(t)
	t.Run("global", func(t *testing.T) { // ends before v does
		for _, c := range installers {
			t.Run(c.add[:4], func(t *testing.T) {
				t.Parallel()
				p := customer(t, v, c.npm, demo)
				if c.name != "" {
					p.with(t, c.name, c.version)
				}
				p.sh(0, c.add)
				if out := p.sh(0, "safepublish --version"); out != "safepublish "+released+"\n" {
					t.Errorf("the version is %q", out)
				}
				if c.name == "" {
					rehearsed(p)
					p.sh(0, "safepublish")
				}
				p.sh(0, c.remove)
				p.sh(127, "safepublish --version")
				state := filepath.Join(p.home, "state", "safepublish")
				if left := named(p.home, "safepublish"); c.name == "" && !slices.Equal(left, []string{state}) {
					t.Errorf("left behind: %q", left)
				}
			})
		}
		t.Run("npx", func(t *testing.T) { viaNPX(t, v) })
		t.Run("devDependency", func(t *testing.T) { asDevDependency(t, v) })
	})
}

// rehearsed plays a whole rehearsal on a terminal.
func rehearsed(p *project) {
	p.t.Helper()
	x := onTerminal(p.t, p.dir, p.env, nil, "env", "safepublish", "rehearse")
	x.menu("version-exists")
	x.send("\r")
	x.await("Enter OTP:")
	_, shown := x.text()
	code := regexp.MustCompile(`the one-time password of this rehearsal is (\d+)`).FindStringSubmatch(shown)
	if code == nil {
		p.t.Fatalf("no code is said:\n%s", shown)
	}
	x.send(code[1] + "\r")
	x.ends(0)
}

// A publish through npx that is refused, bumped and published is what it is without.
func viaNPX(t *testing.T, v *realnpm.Server) {
	for _, npm := range few(1, []string{npm11, npm12, npm8}) {
		t.Run(npm, func(t *testing.T) {
			t.Parallel()
			name := "by-npx-" + strings.SplitN(npm, ".", 2)[0]
			p := customer(t, v, npm, strings.Replace(demo, "demo", name, 1))
			p.sh(0, "npm publish")
			p.write("index.js", "module.exports = 2\n")
			x := onTerminal(t, p.dir, p.env, nil, "npx", "--yes", "safepublish", "--tag", "beta")
			x.menu("version-exists")
			x.send("\r")
			x.await("+ " + name + "@1.0.1")
			x.ends(0)
			p.write("index.js", "module.exports = 3\n")
			if out := p.sh(65, "npx --yes safepublish --no-input"); !strings.Contains(out, "    npx safepublish --fix bump=patch ") {
				t.Errorf("the command that goes on is not found in the shell:\n%s", out)
			}
			if got := versionsOn(t, v, name); len(got) != 2 {
				t.Errorf("Verdaccio holds %v", got)
			}
		})
	}
}

// A script of the project runs what its devDependencies have, and gets its status.
func asDevDependency(t *testing.T, v *realnpm.Server) {
	for _, c := range few(3, []struct{ name, pkg, version, add, run string }{
		{"npm", "", "", "npm install --save-dev safepublish", "npm run release"},
		{"yarn", "yarn", "1.22.22", "yarn add --dev safepublish", "yarn run release"},
		{"yarn berry", "@yarnpkg/cli-dist", "4.18.1", "touch yarn.lock; yarn add --dev safepublish", "yarn run release"},
		{"pnpm", "pnpm", "10.34.9", "pnpm add --save-dev safepublish", "pnpm run release"},
		{"bun", "bun", "1.4.5", "bun add --dev safepublish", "bun run release"},
	}) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			name := "by-" + strings.ReplaceAll(c.name, " ", "-")
			p := customer(t, v, npm11, `{"name":"`+name+`","version":"1.0.0","files":["index.js"],"scripts":{"release":"safepublish"}}`)
			if c.pkg != "" {
				p.with(t, c.pkg, c.version)
			}
			p.sh(0, c.add)
			p.sh(0, c.run)
			p.write("index.js", "module.exports = 2\n")
			out, status := p.run("sh", "-c", c.run)
			if status == 0 || !strings.Contains(out, "safepublish: version-exists: ") {
				t.Errorf("status %d\n%s", status, out)
			}
			if got := versionsOn(t, v, name); len(got) != 1 {
				t.Errorf("Verdaccio holds %v", got)
			}
		})
	}
}
