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
	const broken = `{"name":"demo","version":"1.1.0","packageManager":"pnpm@10.0.0","dependencies":{"core":"workspace:*"}`
	const mends = `,"scripts":{"prepack":"npm pkg set dependencies.core=^1.0.0"}}`
	for _, c := range []struct {
		name, manifest string
		args           []string
		env            string
		status, sent   int
		says           string
	}{
		{name: "without a script", manifest: broken + `}`, status: 65, says: "pnpm pack, then safepublish ./demo-1.1.0.tgz"},
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
		{name: "one of the workspaces", args: []string{"--workspaces"}, status: 65, says: "a dependency of b "},
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
