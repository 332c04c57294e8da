//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a script makes of package.json is known to nobody before it has run: npm 11
// looks at the version afterwards, and so a placeholder in the file refuses nothing.
// npm 10 looks at nothing: there it is refused, and not called sure.
func TestRealAPlaceholderThatAScriptReplaces(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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

// A script of the package that runs npm publish itself: its "+ name@version" is no
// upload of ours, and what npm finds there afterwards are these very contents.
func TestRealAScriptThatPublishesItself(t *testing.T) {
	t.Parallel()
	for _, npm := range []string{npm11, npm12} {
		t.Run(npm, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			p := newProject(t, npm, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"npm publish --ignore-scripts"}}`)
			_, stderr, status := p.piped("--no-input")
			all, stored := reg.got()
			if status != 0 || len(all) != 1 || len(stored) != 1 || !strings.HasPrefix(lastLine(stderr), "safepublish: already-published: ") {
				t.Errorf("status %d, %d uploads\n%s", status, len(all), stderr)
			}
		})
	}
}

// What a script prints as npm would is believed of no upload: another one's version is
// there with other contents.
func TestRealAScriptPrintsAPlusAndTheVersionIsThere(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepack":"echo + demo@1.0.0"}}`)
	_, stderr, status := p.piped("--no-input")
	if all, _ := reg.got(); status != 65 || len(all) != 0 || !strings.HasPrefix(lastLine(stderr), "safepublish: version-exists: ") {
		t.Errorf("status %d, %d uploads\n%s", status, len(all), stderr)
	}
}

// npm whoami reads the name of a user and a password from the .npmrc, and asks nobody: it
// proves no login.
func TestRealAPasswordThatIsRefused(t *testing.T) {
	t.Parallel()
	for _, line := range []string{":_auth=bWU6ZmFrZWZha2U=", ":username=me\n%s:_password=ZmFrZWZha2U="} {
		t.Run(line[:6], func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "0.9.0")
			reg.answersWith(answer{status: 401, err: "no"})
			p := newProject(t, npm11, reg.URL, demo)
			host := strings.TrimPrefix(reg.URL, "http:") + "/"
			rc := "registry=" + reg.URL + "/\n" + host + strings.ReplaceAll(line, "%s", host) + "\n"
			if err := os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte(rc), 0o600); err != nil {
				t.Fatal(err)
			}
			_, stderr, status := p.piped("--no-input")
			if status != 77 || strings.Contains(stderr, "knows this login") || !strings.HasPrefix(lastLine(stderr), "safepublish: token-invalid: ") {
				t.Errorf("status %d\n%s", status, stderr)
			}
		})
	}
}

// A package in a scope goes where @scope:registry says, whatever --registry is typed.
func TestRealARegistryThatTheScopeBeats(t *testing.T) {
	t.Parallel()
	reg, typed := newStub(t), newStub(t)
	p := newProject(t, npm11, typed.URL, `{"name":"@me/demo","version":"1.0.0"}`)
	p.write(".npmrc", "@me:registry="+reg.URL+"/\n"+strings.TrimPrefix(reg.URL, "http:")+"/:_authToken="+p.token+"\n")
	_, stderr, status := p.piped("--registry="+typed.URL, "--access=public")
	instead := "--@me:registry=" + typed.URL
	if status != 64 || !strings.Contains(stderr, "type "+instead+" instead") || !strings.Contains(stderr, ".npmrc:1 sends") {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	if _, stderr, status := p.piped("--registry="+reg.URL, "--access=public", "--dry-run"); status != 0 { // the same
		t.Errorf("status %d\n%s", status, stderr)
	}
	if _, stderr, status := p.piped(instead, "--access=public"); status != 0 {
		t.Errorf("status %d\n%s", status, stderr)
	}
	all, _ := reg.got()
	if _, stored := typed.got(); len(stored) != 1 || len(all) > 0 {
		t.Errorf("stored %v, the scope's own got %v", stored, all)
	}
}

// A proxy that does not answer is named, and what sets it.
func TestRealAProxyThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm12, reg.URL, demo)
	p.env = append(p.env, "no_proxy=", "http_proxy=http://127.0.0.1:9", "npm_config_fetch_retries=0")
	_, stderr, status := p.piped("--no-input", "--max-attempts", "1")
	if status != 69 || !strings.Contains(lastLine(stderr), "through the proxy 127.0.0.1:9 failed") || !strings.Contains(stderr, "http_proxy  sends npm") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// A variable that is not set in the address of the registry and of its login, as in
// GitLab's own instructions.
func TestRealAVariableInTheAddressOfTheLogin(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm12, reg.URL, `{"name":"@me/demo","version":"1.0.0"}`)
	const path = "/api/v4/projects/${CI_PROJECT_ID}/packages/npm/"
	p.write(".npmrc", "@me:registry="+reg.URL+path+"\n"+strings.TrimPrefix(reg.URL, "http:")+path+":_authToken=${CI_JOB_TOKEN}\n")
	_, stderr, status := p.piped("--no-input")
	if status != 78 || !strings.Contains(stderr, "${CI_PROJECT_ID}") || !strings.Contains(stderr, "${CI_JOB_TOKEN}") ||
		!strings.HasPrefix(lastLine(stderr), "safepublish: token-unset: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// npm drops what stands behind the last slash of a registry's address where it looks for
// the login: without one at the end it finds none, and npm login there helps nothing.
func TestRealARegistryWithoutItsSlash(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, "http://127.0.0.1:9", `{"name":"demo","version":"1.0.0","publishConfig":{"registry":"`+reg.URL+`/npm"}}`)
	rc := strings.TrimPrefix(reg.URL, "http:") + "/npm/:_authToken=" + p.token + "\n"
	if err := os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr, status := p.piped("--no-input")
	if status != 77 || !strings.Contains(stderr, "no slash at its end") || !strings.Contains(stderr, "Add the slash where the registry is set: "+reg.URL+"/npm/") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
