//go:build !windows

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/classify/preflight"
	"safepublish/prompts"
	"safepublish/runner/registry"
)

// eightWrong is a package of which nothing is right.
const eightWrong = `{
  "name": "demo",
  "version": "2.0.0-beta.1",
  "private": true,
  "publishConfig": {"access": "restricted", "provenance": true},
  "repository": "github:acme/other",
  "scripts": {"publish": "npm publish", "prepare": "touch ran", "prepack": "touch ran", "postpack": "touch ran"}
}
`

// world holds demo, which belongs to alice, and bob, who is logged in.
func world(t *testing.T) *registry.Registry {
	t.Helper()
	version := &registry.Version{Manifest: json.RawMessage(`{}`), Shasum: strings.Repeat("a", 40), Integrity: "sha512-FAKE", By: "alice"}
	return start(t, registry.World{
		Users:  map[string]*registry.User{"alice": {Name: "alice"}, "bob": {Name: "bob", TFA: registry.TFAWrites}},
		Tokens: map[string]*registry.Token{fakeToken: {User: "bob", Kind: registry.Session}},
		Packages: map[string]*registry.Package{"demo": {
			Name: "demo", Owners: []string{"alice"}, DistTags: map[string]string{"latest": "1.0.0", "beta": "2.0.0-beta.1"},
			Versions: map[string]*registry.Version{"1.0.0": version, "2.0.0-beta.1": version},
			Times:    map[string]time.Time{"1.0.0": time.Unix(1e9, 0), "2.0.0-beta.1": time.Unix(1e9, 0), "2.0.0-beta.2": time.Unix(1e9, 0)},
		}},
	})
}

func (p *project) repository(remote string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, ".git", "refs"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	for name, text := range map[string]string{
		"HEAD": "ref: refs/heads/main\n", "config": "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = " + remote + "\n",
		"objects/x": "", "refs/x": "",
	} {
		path := filepath.Join(".git", name)
		if err := os.MkdirAll(filepath.Join(p.dir, filepath.Dir(path)), 0o755); err != nil {
			p.t.Fatal(err)
		}
		p.write(path, text)
	}
}

// Everything at once, for every npm: nothing is changed, no script runs, the
// registry is only read.
func TestRealCheckListsEveryWall(t *testing.T) {
	for _, npm := range chosen(npm8, npm12) { // one after the other: each starts eight npms at once
		t.Run(fmt.Sprintf("npm%d", major(npm)), func(t *testing.T) {
			reg := world(t)
			p := newProject(t, npm, strings.TrimSuffix(reg.URL(), "/"), eightWrong)
			p.repository("git@github.com:acme/demo.git")
			p.write(".env", "NPM_TOKEN=fakefakefake\n")
			p.write(".env.example", "NPM_TOKEN=fakefakefake\n")
			p.write("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n")
			before := p.tree()
			stdout, stderr, status := p.piped("check", "--json")
			if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the files are not as they were:\n%q", after)
			}
			var d preflight.Document
			if err := json.Unmarshal([]byte(stdout), &d); err != nil {
				t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
			}
			var found []string
			for _, f := range d.Findings {
				if f.Mark != preflight.OK {
					found = append(found, fmt.Sprintf("%s %s %s", f.Mark, f.Topic, f.Cause))
				}
			}
			want := []string{
				"wall permission name-taken", "wall version version-exists", "wall dist-tag prerelease-tag", "wall access unscoped-restricted",
				"wall package private-package", "wall scripts published-script-failed", "wall provenance provenance-unavailable",
				"warning repository provenance-mismatch", "warning 2FA otp-required", "wall contents ",
			}
			exit := 78
			if major(npm) == 8 { // it makes no provenance
				want, exit = slices.Delete(want, 6, 8), 77
			}
			if fmt.Sprint(found) != fmt.Sprint(want) {
				t.Errorf("found\n%s\nwant\n%s\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"), stdout)
			}
			if status != exit || d.Exit != exit || strings.Contains(stdout, "fakefake") {
				t.Errorf("status %d, exit %d\n%s\n%s", status, d.Exit, stdout, stderr)
			}
			for _, r := range reg.Log() {
				if !strings.HasPrefix(r, "GET ") {
					t.Error(r)
				}
			}
		})
	}
}

// check takes what a publish takes, and says what it cannot look at.
func TestRealCheckOfATarballAndOfWorkspaces(t *testing.T) {
	reg := world(t)
	p := newProject(t, npm12, strings.TrimSuffix(reg.URL(), "/"), `{"name":"@carol/x","version":"1.0.0"}`)
	cmd := exec.Command(p.npm, "pack")
	cmd.Dir, cmd.Env = p.dir, p.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p.write("package.json", `{"name":"root","private":true}`)
	stdout, stderr, status := p.piped("check", "./carol-x-1.0.0.tgz", "--access", "public")
	if status != 65 || !strings.Contains(stdout, "@carol/x 1.0.0 to ") || !strings.HasPrefix(stderr, "safepublish: scope-not-found: ") {
		t.Errorf("status %d\n%s\n%s", status, stdout, stderr)
	}
	if _, stderr, status := p.piped("check", "-w", "packages/a"); status != 64 || !strings.Contains(stderr, "no such workspace") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// Of several workspaces check is a table, and a list with --json; of one it is as of its
// folder. The status is that of the worst, and a private one is no wall.
func TestRealCheckOfWorkspaces(t *testing.T) {
	for _, npm := range chosen(npm8) {
		reg := newStub(t).holds("b", "1.0.0")
		p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["packages/*"]}`)
		p.write("packages/a/package.json", `{"name":"a","version":"1.0.0"}`)
		p.write("packages/b/package.json", `{"name":"b","version":"1.0.0"}`)
		p.write("packages/c/package.json", `{"name":"c","version":"1.0.0","main":"dist/c.js","dependencies":{"a":"workspace:*"}}`)
		p.write("packages/d/package.json", `{"name":"d","version":"1.0.0","private":true}`)
		before := p.tree()
		stdout, stderr, status := p.piped("check", "--workspaces")
		for _, want := range []string{
			"] b  1.0.0  1.0.0 is already there", "[✗] c  1.0.0  a \"workspace:*\"", "[-] d  1.0.0  private", " packages cannot be published like this",
		} {
			if !strings.Contains(stdout, want) {
				t.Errorf("npm %s lacks %q\n%s", npm, want, stdout)
			}
		}
		if status != 65 || !strings.HasPrefix(stderr, "safepublish: ") || fmt.Sprint(p.tree()) != fmt.Sprint(before) {
			t.Errorf("npm %s: status %d\n%s", npm, status, stderr)
		}
		stdout, _, status = p.piped("check", "--json", "-w", "a", "-w", "packages/d", "--include-workspace-root")
		var d preflight.Workspaces
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			t.Fatalf("%v\n%s", err, stdout)
		}
		names := ""
		for _, w := range d.Packages {
			names += fmt.Sprintf("%s %v %d, ", w.Package, w.Private, w.Exit)
		}
		if names != "root true 0, a false 0, d true 0, " || d.Exit != 0 || status != 0 {
			t.Errorf("npm %s: %s exit %d, status %d\n%s", npm, names, d.Exit, status, stdout)
		}
		if stdout, _, status := p.piped("check", "-w", "c"); status != 65 || !strings.HasPrefix(stdout, "c 1.0.0 to ") || !strings.Contains(stdout, "dist/c.js (main)") {
			t.Errorf("npm %s: status %d\n%s", npm, status, stdout)
		}
	}
}

// A publish that is sure to be refused is refused before the build, which leaves a
// file here; one that may be done is built, and what it will meet is said.
func TestRealSureRefusalsComeBeforeTheBuild(t *testing.T) {
	t.Parallel()
	const building = `"scripts":{"prepublishOnly":"touch built"}`
	for _, c := range []struct {
		name, npm, manifest string
		args                []string
		logout              bool
		status              int
		says                string
		built               bool
		published           string
	}{
		{
			name: "nobody is logged in", npm: npm12, manifest: `{"name":"demo","version":"1.1.0",` + building + `}`,
			logout: true, status: 77, says: "safepublish: not-logged-in: ",
		},
		{
			name: "--no-check", npm: npm12, manifest: `{"name":"demo","version":"1.1.0",` + building + `}`,
			args: []string{"--no-check"}, logout: true, status: 77, says: "safepublish: not-logged-in: ", built: true,
		},
		{
			name: "private", npm: npm8, manifest: `{"name":"demo","version":"1.1.0","private":true,` + building + `}`,
			status: 65, says: "safepublish: private-package: ",
		},
		{
			name: "prerelease", npm: npm11, manifest: `{"name":"demo","version":"2.0.0-rc.1",` + building + `}`,
			status: 65, says: "safepublish: prerelease-tag: ",
		},
		{
			name: "prerelease, repaired", npm: npm11, manifest: `{"name":"demo","version":"2.0.0-rc.1",` + building + `}`,
			args: []string{"--fix", "tag=rc"}, built: true, published: "2.0.0-rc.1 rc",
		},
		{
			name: "behind latest", npm: npm11, manifest: `{"name":"demo","version":"0.9.0",` + building + `}`,
			status: 65, says: "safepublish: latest-behind: ",
		},
		{
			name: "npm 10 takes a prerelease", npm: npm10, manifest: `{"name":"demo","version":"2.0.0-rc.1"}`,
			args: []string{"--no-check"}, status: 65, says: "safepublish: prerelease-tag: ",
		},
		{
			name: "the version is there", npm: npm11, manifest: `{"name":"demo","version":"1.0.0",` + building + `}`,
			status: 65, says: "Unless npm packs the same contents", built: true,
		},
		{
			name: "nothing in the way", npm: npm11, manifest: `{"name":"demo","version":"1.1.0",` + building + `}`,
			built: true, published: "1.1.0 latest",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0")
			p := newProject(t, c.npm, reg.URL, c.manifest)
			if c.logout {
				p.env = append(p.env, "npm_config_userconfig="+os.DevNull, "npm_config_registry="+reg.URL)
			}
			_, stderr, status := p.piped(append([]string{"--no-input"}, c.args...)...)
			_, err := os.Stat(filepath.Join(p.dir, "built"))
			if status != c.status || (err == nil) != c.built || !strings.Contains(stderr, c.says) {
				t.Errorf("status %d, built %v\n%s", status, err == nil, stderr)
			}
			published := ""
			if _, stored := reg.got(); len(stored) == 1 {
				published = stored[0].version + " " + stored[0].tag
			}
			if published != c.published {
				t.Errorf("published %q, want %q", published, c.published)
			}
		})
	}
}

// A job that runs twice is done the second time: that its version is there does
// not stop the build, for what it packs may be the very same.
func TestRealTheSameContentsAfterTheBuildAreNoFailure(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"echo 2 > index.js"}}`)
	for range 2 {
		if _, stderr, status := p.piped("--no-input"); status != 0 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
	}
	if _, stored := reg.got(); len(stored) != 1 {
		t.Errorf("stored %+v", stored)
	}
}

// Where nothing runs before the upload nothing is asked before it.
func TestRealNothingIsAskedBeforeAPublishWithoutScripts(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm12, reg.URL, demo)
	if _, stderr, status := p.piped(); status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	asked := reg.asked()
	i := slices.IndexFunc(asked, func(r string) bool { return strings.HasPrefix(r, "PUT") })
	if i < 0 || strings.Count(strings.Join(asked[:i], " "), "GET") > 2 { // npm's own look at the name: twice where it is new
		t.Errorf("asked %q", asked)
	}
}

// A person may decide against the build, and then takes a free number.
func TestRealAPersonDecidesAgainstTheBuild(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm12, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"touch built-$npm_package_version"}}`)
	x := p.terminal()
	x.await("not published:")
	x.await("(version-exists)")
	x.await(prompts.RunScripts)
	x.await(prompts.GiveUp)
	if _, err := os.Stat(filepath.Join(p.dir, "built-1.0.0")); err == nil {
		t.Error("the script has run")
	}
	x.send("\r")
	x.await("+ demo@1.0.1")
	x.ends(0)
	if all, stored := reg.got(); len(all) != 1 || len(stored) != 1 || stored[0].version != "1.0.1" {
		t.Errorf("%d uploads, stored %+v", len(all), stored)
	}
}

func TestRealGivingUpBeforeTheBuild(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"touch built"}}`)
	before := p.tree()
	x := p.terminal()
	x.menu("version-exists")
	x.send("\x04")
	x.ends(130)
	if all, _ := reg.got(); len(all) != 0 || fmt.Sprint(p.tree()) != fmt.Sprint(before) {
		t.Errorf("%d uploads, files %q", len(all), p.tree())
	}
}

// ^C while the registry is asked starts neither the scripts nor the upload.
func TestRealInterruptBeforeTheBuild(t *testing.T) {
	t.Parallel()
	asked, put := make(chan bool, 8), make(chan bool, 8)
	reg := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			put <- true
		}
		asked <- true
		<-r.Context().Done()
	}))
	t.Cleanup(reg.Close)
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"touch built"}}`)
	before := p.tree()
	x := p.terminal()
	<-asked
	x.send("\x03")
	x.ends(130)
	if len(put) > 0 || fmt.Sprint(p.tree()) != fmt.Sprint(before) {
		t.Errorf("%d uploads, files %q", len(put), p.tree())
	}
}
