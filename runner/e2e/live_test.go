//go:build !windows

package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// What a script makes of package.json is known to nobody before it has run: npm 11
// looks at the version afterwards, and so a placeholder in the file refuses nothing.
// npm 10 looks at nothing: there it is refused, and not called sure.
func TestRealAPlaceholderThatAScriptReplaces(t *testing.T) {
	const stamp = `const fs = require('fs'), pkg = JSON.parse(fs.readFileSync('package.json', 'utf8'))
pkg.version = '1.4.0'
fs.writeFileSync('package.json', JSON.stringify(pkg))
`
	const manifest = `{"name":"demo","version":"0.0.0-development","scripts":{"prepublishOnly":"node tools/stamp.js"}}`
	for npm, want := range map[string]string{npm11: "1.4.0 latest", npm12: "1.4.0 latest", npm10: ""} {
		t.Run(npm, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			p := newProject(t, npm, reg.URL, manifest)
			p.write("tools/stamp.js", stamp)
			_, stderr, status := p.piped("--no-input")
			published := ""
			if _, stored := reg.got(); len(stored) == 1 {
				published = stored[0].version + " " + stored[0].tag
			}
			if published != want || (status == 0) != (want != "") {
				t.Errorf("status %d, published %q, want %q\n%s", status, published, want, stderr)
			}
			if want == "" && !strings.Contains(stderr, "--tag latest publishes that one") {
				t.Errorf("not said how to go on:\n%s", stderr)
			}
		})
	}
}

// In a workspace's folder npm reads the .npmrc of the root, and with --workspaces=false
// that of the folder.
func TestRealTheNpmrcOfAWorkspaceAlone(t *testing.T) {
	for _, flag := range []string{"", "--workspaces=false", "--no-workspaces"} {
		t.Run(flag, func(t *testing.T) {
			t.Parallel()
			reg, roots := newStub(t), newStub(t)
			p := newProject(t, npm11, reg.URL, `{"name":"root","private":true,"workspaces":["packages/*"]}`)
			p.write(".npmrc", "registry="+roots.URL+"/\n"+strings.TrimPrefix(roots.URL, "http:")+"/:_authToken="+p.token+"\n")
			p.write("packages/a/package.json", `{"name":"a","version":"1.0.0"}`)
			p.dir = filepath.Join(p.dir, "packages", "a")
			var args []string
			goes, other := roots, reg
			if flag != "" {
				args, goes, other = []string{flag}, reg, roots
			}
			stdout, stderr, _ := p.piped(append([]string{"check"}, args...)...)
			if !strings.Contains(stdout, goes.URL) || strings.Contains(stdout, other.URL) {
				t.Errorf("check names another registry than %s\n%s%s", goes.URL, stdout, stderr)
			}
			_, stderr, status := p.piped(args...)
			if _, stored := goes.got(); status != 0 || len(stored) != 1 || len(other.asked()) > 0 {
				t.Errorf("status %d, stored %v, the other was asked %q\n%s", status, stored, other.asked(), stderr)
			}
		})
	}
}
