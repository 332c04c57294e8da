//go:build !windows

package e2e

import (
	"os/exec"
	"strings"
	"testing"
)

// What nobody can install is refused before anything is sent, unless a script may still
// put it right: then what npm would publish is published, and said where it is no use.
func TestRealDependenciesThatNobodyCanInstall(t *testing.T) {
	t.Parallel()
	const broken = `{"name":"demo","version":"1.1.0","packageManager":"pnpm@10.0.0","dependencies":{"core":"workspace:*"}`
	const mends = `,"scripts":{"prepack":"npm pkg set dependencies.core=^1.0.0"}}`
	for _, c := range []struct {
		name, manifest string
		args           []string
		env            string
		status, sent   int
		says           string
	}{
		{name: "without a script", manifest: broken + `}`, status: 65, says: "instead  safepublish --pack-with pnpm"},
		{name: "a tarball", manifest: broken + `}`, args: []string{"./demo-1.1.0.tgz"}, status: 65, says: "pack it with pnpm"},
		{name: "--no-check", manifest: broken + `}`, args: []string{"--no-check"}, sent: 1},
		{name: "a script that mends it", manifest: broken + mends, sent: 1, says: "unless prepack rewrites package.json"},
		{
			name: "a script that does not", manifest: broken + `,"scripts":{"prepack":"node -e 0"}}`, sent: 1,
			says: "demo@1.1.0 was published with core \"workspace:*\", which nobody can install",
		},
		{name: "a script that only builds", manifest: broken + `,"scripts":{"prepack":"true"}}`, status: 65, says: "unresolved-protocol"},
		{
			name: "a script that is switched off", manifest: broken + mends, env: "npm_config_ignore_scripts=true",
			status: 65, says: "unresolved-protocol",
		},
		{name: "one of the workspaces", args: []string{"--workspaces"}, status: 65, sent: 1, says: "a dependency of b "},
		{name: "another one", args: []string{"-w", "a"}, sent: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			manifest := c.manifest
			if manifest == "" {
				manifest = `{"name":"root","private":true,"workspaces":["packages/*"]}`
			}
			p := newProject(t, npm12, reg.URL, manifest)
			if c.manifest == "" {
				p.write("packages/a/package.json", `{"name":"a","version":"1.0.0"}`)
				p.write("packages/b/package.json", `{"name":"b","version":"1.0.0","peerDependencies":{"a":"workspace:^"}}`)
			}
			if strings.Contains(strings.Join(c.args, " "), ".tgz") {
				cmd := exec.Command(p.npm, "pack")
				cmd.Dir, cmd.Env = p.dir, p.env
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				p.write("package.json", `{"name":"else"}`)
			}
			if c.env != "" {
				p.env = append(p.env, c.env)
			}
			_, stderr, status := p.piped(append([]string{"--no-input"}, c.args...)...)
			all, stored := reg.got()
			if status != c.status || len(all) != c.sent || len(stored) != c.sent || !strings.Contains(stderr, c.says) {
				t.Errorf("status %d, %d uploads\n%s", status, len(all), stderr)
			}
			if c.name == "a script that mends it" && strings.Contains(stderr, "was published with") {
				t.Error(stderr)
			}
		})
	}
}

// What is in the package, and how its commands begin, is read of a folder and of a tarball
// alike, with each npm's own list of what it packs.
func TestRealCheckOfWhatIsOfNoUse(t *testing.T) {
	t.Parallel()
	for _, npm := range chosen(npm12) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, `{"name":"demo","version":"1.1.0","main":"dist/index.js","types":"src/types.d.ts",`+
			`"bin":{"a":"a.js","b":"b.js"},"files":["lib","dist"],"publishConfig":{"directory":"dist"}}`)
		p.write("a.js", "#!/usr/bin/env node\r\n1\r\n")
		p.write("b.js", "1\n")
		p.write("src/types.d.ts", "export {}\n")
		cmd := exec.Command(p.npm, "pack")
		cmd.Dir, cmd.Env = p.dir, p.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, args := range [][]string{{"check"}, {"check", "./demo-1.1.0.tgz"}} {
			stdout, stderr, status := p.piped(args...)
			for _, want := range []string{
				"dist/index.js (main)", "src/types.d.ts (types)", "lists what does not exist: dist, lib",
				"a.js (bin a) has a Windows line end", "b.js (bin b) does not begin with #!", "publishConfig.directory is dist",
			} {
				if !strings.Contains(stdout, want) {
					t.Errorf("%s %v lacks %q: status %d\n%s\n%s", npm, args, want, status, stdout, stderr)
				}
			}
		}
	}
}

// What nobody typed and nobody sees is said with where it stands, and no value of a
// variable is shown.
func TestRealCheckOfSettingsThatNobodyTyped(t *testing.T) {
	t.Parallel()
	const secret = "npm_fakefakefakefakefakefakefakefakefake"
	for _, npm := range []string{npm8, npm12} {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, `{"name":"demo","version":"1.1.0","scripts":{"prepack":"exit 1"}}`)
		p.write(".npmrc", "ignore-scripts=true\n")
		p.env = append(p.env, "npm_config_dry_run=true", "NPM_TOKEN="+secret, "npm_config_userconfig=/dev/null", "npm_config_registry="+reg.URL)
		stdout, stderr, status := p.piped("check")
		for _, want := range []string{
			"dry-run is set in the environment: npm publishes nothing", "ignore-scripts is set in .npmrc:1:", "does not run prepack",
			"NPM_TOKEN is set, but no .npmrc names it", ":_authToken=${NPM_TOKEN}",
		} {
			if !strings.Contains(stdout, want) {
				t.Errorf("npm %s lacks %q: status %d\n%s\n%s", npm, want, status, stdout, stderr)
			}
		}
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("the token is shown\n%s", stdout)
		}
	}
}
