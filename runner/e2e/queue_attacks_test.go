//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"safepublish/runner/registry"
)

// became returns what a report says of each package: "a published".
func became(t *testing.T, p *project) (all []string) {
	t.Helper()
	for _, k := range validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")).Packages {
		all = append(all, k.Name+" "+string(k.Outcome))
	}
	return all
}

// A workspace whose name is the folder of another one is published alone, and so is the
// other.
func TestRealQueueNameIsAFolder(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["*"]}`)
		p.write("a/package.json", `{"name":"b","version":"1.0.0"}`+"\n")
		p.write("b/package.json", `{"name":"a","version":"1.0.0","scripts":{"prepublishOnly":"exit 3"}}`+"\n")
		_, stderr, status := p.piped("--workspaces", "--report", "../r.json")
		all, _ := reg.got()
		if want := []string{"b published", "a failed"}; status != 3 || len(all) != 1 || !slices.Equal(became(t, p), want) {
			t.Errorf("status %d, %+v, %v\n%s", status, all, became(t, p), stderr)
		}
	})
}

// Of a root that is published with its workspaces npm leaves them out, and packs them
// where it is published alone: a workspace that is private would become public with it.
func TestRealQueueRootHoldsNoWorkspace(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, `{"name":"root","version":"1.0.0","workspaces":["x/*"]}`)
		p.write("x/a/package.json", `{"name":"a","version":"1.0.0"}`+"\n")
		p.write("x/b/package.json", `{"name":"b","version":"1.0.0","private":true}`+"\n")
		_, stderr, status := p.piped("--workspaces", "--include-workspace-root")
		if _, stored := reg.got(); status != 0 || len(stored) != 2 || strings.Contains(stderr, "x/b/package.json") {
			t.Errorf("status %d, %+v\n%s", status, stored, stderr)
		}
	})
}

// A name or a number is for one package: given to several, nothing is sent.
func TestRealQueueFixForOne(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0").holds("c", "1.0.0")
	p := trio(t, npm11, reg, "")
	for _, fix := range []string{"bump=3.0.0", "rename=@me/x"} {
		_, stderr, status := p.piped("--workspaces", "--fix", fix)
		if all, _ := reg.got(); status != 64 || len(all) != 0 || !strings.Contains(stderr, "--fix "+fix+" is for one package, and 3 are published") {
			t.Errorf("status %d, %+v\n%s", status, all, stderr)
		}
	}
}

// --access public for several packages opens none that says restricted itself.
func TestRealQueueOpensNone(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := trio(t, npm, reg, "")
		p.write("b/package.json", `{"name":"@me/b","version":"1.0.0","publishConfig":{"access":"restricted"}}`+"\n")
		_, stderr, status := p.piped("--workspaces", "--access", "public")
		if all, _ := reg.got(); status != 64 || len(all) != 0 || !strings.Contains(stderr, "@me/b") {
			t.Errorf("status %d, %+v\n%s", status, all, stderr)
		}
	})
}

// One workspace is published under another name, by which npm finds it then; what needs
// the old name is not published, for a stranger may have that.
func TestRealQueueRenamed(t *testing.T) {
	t.Parallel()
	reg := newStub(t).set(func(w *registry.World) { w.Packages["a"] = registry.NewPackage("a", "another", "0.1.0") })
	p := newProject(t, npm11, reg.URL, `{"name":"root","private":true,"workspaces":["x/*"]}`)
	p.write("x/a/package.json", `{"name":"a","version":"1.0.0"}`+"\n")
	p.write("x/b/package.json", `{"name":"b","version":"1.0.0","dependencies":{"a":"1.0.0"}}`+"\n")
	x := p.terminal("--workspaces", "--report", "../r.json")
	x.menu("name-taken")
	x.send("\r")
	x.awaitText("[y/N]")
	x.send("y\r")
	x.ends(0)
	_, stored := reg.got()
	if got := became(t, p); !slices.Equal(got, []string{"@me/a published", "b not-tried"}) {
		t.Error(got)
	}
	if _, shown := x.text(); len(stored) != 1 || stored[0].name != "@me/a" || !strings.Contains(shown, "it needs a, which is now @me/a") {
		t.Errorf("%+v\n%s", stored, shown)
	}
}

// A one-time password for one registry is sent to no other.
func TestRealQueueCodeForOneRegistry(t *testing.T) {
	t.Parallel()
	reg, other := newStub(t).wantsOTP("123456"), newStub(t)
	p := trio(t, npm11, reg, "")
	p.write("b/package.json", `{"name":"b","version":"1.0.0","dependencies":{"a":"1.0.0"},"publishConfig":{"registry":"`+other.URL+`/"}}`+"\n")
	p.write(".npmrc", strings.TrimPrefix(other.URL, "http:")+"/:_authToken="+fakeToken+"\n")
	_, stderr, status := p.piped("--workspaces", "--otp-command", "echo 123456")
	_, here := reg.got()
	_, there := other.got()
	if status != 0 || len(here) != 2 || here[1].otp == "" || len(there) != 1 || there[0].otp != "" {
		t.Errorf("status %d, %+v, %+v\n%s", status, here, there, stderr)
	}
}

// A run that was killed after it had raised a package, and the range of another one, is
// decided about before that other one is published.
func TestRealQueueKilledAndAnotherPublished(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0")
	p := trio(t, npm11, reg, `,"scripts":{"prepublishOnly":"test $npm_package_version = 1.0.0 || test -e ../go || kill -9 0"}`)
	if end := killed(t, p, 60e9, false, "--workspaces", "--fix", "bump=patch"); end != "killed" {
		t.Fatal(end)
	}
	_, stderr, status := p.piped("-w", "b")
	if all, _ := reg.got(); status != 78 || len(all) != 0 || !strings.HasPrefix(lastLine(stderr), "safepublish: edit-left: run safepublish first in ") {
		t.Errorf("status %d, %+v\n%s", status, all, stderr)
	}
	p.write("go", "")
	_, stderr, status = p.piped("--workspaces", "--fix", "bump=patch")
	if _, stored := reg.got(); status != 0 || len(stored) != 3 || stored[0].version != "1.0.1" {
		t.Errorf("status %d, %+v\n%s", status, stored, stderr)
	}
}

// A terminal that is closed at a question leaves a report of the whole queue.
func TestRealQueueEndedAtAQuestion(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("b", "1.0.0")
	p := trio(t, npm11, reg, "")
	x := p.terminal("--workspaces", "--report", "../r.json")
	x.menu("version-exists")
	_ = x.cmd.Process.Signal(syscall.SIGTERM)
	x.ends(143)
	doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
	want := []string{"a published", "b failed", "c not-tried"}
	if doc.Outcome != "partly-published" || doc.Resume != "safepublish --workspaces" || !slices.Equal(became(t, p), want) {
		t.Errorf("%s, %q, %v", doc.Outcome, doc.Resume, became(t, p))
	}
}

// A shim that is named as the npm to use is refused, and asked how npm publish is used it
// is npm.
func TestRealShimIsNoNPM(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, reg.URL, demo)
	dir := shimmed(t, p)
	for _, flag := range []string{"--usage", "-?", "-H", "-h", "--help"} {
		if out, status := p.run("npm", "publish", flag); status != 0 || !strings.Contains(out, "npm publish <package-spec>") {
			t.Errorf("%s: %d\n%s", flag, status, out)
		}
	}
	p.env = append(p.env, "SAFEPUBLISH_NPM="+filepath.Join(dir, "npm"))
	for _, command := range []string{"--version", "publish"} {
		if out, status := p.run("timeout", "20", "npm", command); status != 127 || !strings.Contains(out, "npm-missing") {
			t.Errorf("%s: %d\n%s", command, status, out)
		}
	}
	if all, _ := reg.got(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// --skip-existing is for a version that is there: one that was unpublished, or that waits
// to be approved, can be installed by nobody, and is no success.
func TestRealSkipExistingOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	for _, k := range []struct {
		name, says, cause string
		status            int
		exit              int
	}{
		{"unpublished", `Cannot publish over previously published version "1.0.0".`, "version-burnt", 400, 65},
		{"staged", "Cannot publish over previously staged version \"1.0.0\".", "version-staged", 409, 75},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).answersWith(answer{status: k.status, err: k.says})
			p := newProject(t, npm11, reg.URL, demo)
			_, stderr, status := p.piped("--skip-existing", "--report", "../r.json")
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if status != k.exit || doc.Outcome != "not-published" || !strings.HasPrefix(lastLine(stderr), "safepublish: "+k.cause+": ") {
				t.Errorf("status %d, %s\n%s", status, doc.Outcome, stderr)
			}
		})
	}
}

// What a CI is told holds no secret, wherever one stands: in the registry's address, in a
// script's words, in what the registry says, in an argument.
func TestRealOutputsHoldNoSecret(t *testing.T) {
	t.Parallel()
	const password = "hunter2hunter2"
	for _, k := range []struct {
		name, manifest string
		answers        []answer
	}{
		{"published", demo, nil},
		{"refused", demo, []answer{{status: 403, err: "no, " + fakeToken + " of https://me:" + password + "@127.0.0.1/ may not"}}},
		{"script", `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"echo //127.0.0.1/:_authToken=` + fakeToken + ` https://me:` + password + `@127.0.0.1/; exit 3"}}`, nil},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).answersWith(k.answers...)
			p := newProject(t, npm11, reg.URL, k.manifest)
			files := []string{filepath.Join(p.home, "output"), filepath.Join(p.home, "summary"), filepath.Join(p.home, "r.json")}
			for _, file := range files[:2] {
				if err := os.WriteFile(file, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p.env = append(p.env, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+files[0], "GITHUB_STEP_SUMMARY="+files[1])
			secret := strings.Replace(reg.URL, "http://", "http://me:"+password+"@", 1)
			_, stderr, _ := p.piped("--registry", secret, "--report", files[2])
			texts := map[string]string{"stderr": stderr}
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil || len(text) == 0 {
					t.Errorf("%s: %v", file, err)
				}
				texts[file] = string(text)
			}
			for file, text := range texts {
				if strings.Contains(text, fakeToken) || strings.Contains(text, password) {
					t.Errorf("%s:\n%s", file, text)
				}
			}
		})
	}
}

// Behind the shim is refused what is refused when it is typed: npm would take a bare word
// for a package of the registry, and publish for real on --dryrun.
func TestRealShimRefusesABareWord(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, reg.URL, demo)
	shimmed(t, p)
	for _, args := range [][]string{{"publish", "lodash"}, {"publish", "check"}, {"--tag", "next", "publish", "--dryrun"}} {
		out, status := p.run(append([]string{"npm"}, args...)...)
		if all, _ := reg.got(); status != 64 || len(all) != 0 {
			t.Errorf("%q: status %d, %+v\n%s", args, status, all, out)
		}
	}
}
