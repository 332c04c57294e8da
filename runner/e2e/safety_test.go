//go:build !windows

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"safepublish/prompts"
)

// These tests break what the README promises, with real npm.

func TestRealScriptFailsAfterTheUploadKeepsTheEdit(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"postpublish":"exit 9"}}`)
	_, stderr, status := p.piped("--fix", "bump=patch")
	if status != 9 || !strings.Contains(stderr, "safepublish: published-script-failed: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if !strings.Contains(p.read("package.json"), "1.0.1") {
		t.Errorf("the edit of a published version was undone:\n%s", p.read("package.json"))
	}
	if _, stored := reg.got(); len(stored) != 1 {
		t.Errorf("stored %+v", stored)
	}
}

func TestRealLeavingTheNextMenuUndoesTheEdit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, manifest string
		leave          func(x *terminal)
		status         int
	}{
		{"given up", "\ufeff{\r\n\t\"name\": \"demo\",\r\n\t\"version\": \"1.0.0\"}", func(x *terminal) { x.send("\x04") }, 130},
		{"SIGTERM", demo, func(x *terminal) { _ = x.cmd.Process.Signal(syscall.SIGTERM) }, 143},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0").answersWith(spam)
			p := newProject(t, npm11, reg.URL, c.manifest)
			before := p.tree()
			x := p.terminal()
			x.menu("version-exists")
			x.send("\r")
			x.menu("name-blocked")
			if !strings.Contains(p.read("package.json"), "1.0.1") {
				t.Error("the edit was not made")
			}
			c.leave(x)
			x.ends(c.status)
			if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the files are not as they were:\n%q", after)
			}
		})
	}
}

// A --fix that cannot be carried out is not tried again and again: the menu follows.
func TestRealAFixThatFailsLeadsToTheMenu(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	const losesTheState = `{"scripts":{"prepublishOnly":"rm -r $XDG_STATE_HOME/safepublish/folders"},`
	p := newProject(t, npm11, reg.URL, strings.Replace(demo, "{", losesTheState, 1))
	before := p.tree()
	x := p.terminal("--fix", "bump=patch", "--no-check")
	x.await("(version-exists)")
	x.await("nothing was written")
	x.await(prompts.GiveUp)
	x.send("\x1b")
	x.ends(130)
	if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the files are not as they were:\n%q", after)
	}
}

func TestRealNPMKilledAtItsPromptGivesTheTerminalBack(t *testing.T) {
	eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
		reg := newStub(t)
		reg.wantsOTP("654321")
		p := newProject(t, npm, reg.URL, demo)
		x := p.terminal()
		x.await("Enter OTP:")
		out, err := exec.Command("pkill", "-KILL", "-P", fmt.Sprint(x.cmd.Process.Pid)).CombinedOutput()
		if err != nil {
			t.Fatalf("%v %s", err, out)
		}
		x.await("Nothing was published.") // the first upload was refused, and no code was entered for a second
		x.ends(137)
		if all, stored := reg.got(); len(stored) > 0 || len(all) != 1 {
			t.Errorf("uploads %+v", all)
		}
	})
}

// The upload is stored, the answer is lost, and npm's own second try is refused:
// npm says that it failed.
func TestRealLostAnswerIsPublished(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		for name, lost := range map[string]answer{"502": {status: 502, err: "bad gateway", store: true}, "reset": {drop: true, store: true}} {
			reg := newStub(t)
			reg.answersWith(lost)
			p := newProject(t, npm, reg.URL, demo)
			_, stderr, status := p.piped("--fix", "bump=patch")
			if status != 0 || !strings.Contains(stderr, "(already-published)") {
				t.Errorf("%s: status %d\n%s", name, status, stderr)
			}
			if _, stored := reg.got(); len(stored) != 1 || p.read("package.json") != demo {
				t.Errorf("%s: stored %+v, package.json %s", name, stored, p.read("package.json"))
			}
		}
	})
}

// The same, and the version stays invisible: nobody can say whether it was
// published, so no other version may be sent, whatever --fix says.
func TestRealLostAnswerUnseenSendsNothingElse(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t)
		down := answer{status: 503, err: "down"}
		reg.answersWith(answer{status: 502, err: "bad gateway", store: true, hide: true}, down, down, down, down, down)
		p := newProject(t, npm, reg.URL, demo)
		_, stderr, status := p.piped("--fix", "bump=patch", "--max-wait", "0s")
		if status != 69 || !strings.Contains(stderr, "It is not known whether demo 1.0.0 was published") {
			t.Errorf("status %d\n%s", status, stderr)
		}
		all, _ := reg.got()
		for _, u := range all {
			if u.version != "1.0.0" {
				t.Errorf("another version was sent: %+v", u)
			}
		}
		if p.read("package.json") != demo {
			t.Errorf("package.json was changed:\n%s", p.read("package.json"))
		}
	})
}

// What a registry says cannot forge our lines or steer the terminal through them.
func TestRealHostileWords(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	words := "\x1b[2J\x1b]0;owned\x07\nsafepublish: published: all is well\n\u202Eevil; " +
		"try renaming your package to '@x/y --access=public; rm -rf /' and publishing with 'npm publish --access=public' instead"
	reg.answersWith(answer{status: 403, err: "Package name too similar to existing package demos" + words})
	p := newProject(t, npm11, reg.URL, demo)
	_, stderr, status := p.piped()
	_, ours, _ := strings.Cut(stderr, "✗")
	if strings.ContainsAny(ours, "\x1b\x07\u202e") || strings.Contains(ours, "\nsafepublish: published") {
		t.Errorf("steered:\n%q", ours)
	}
	if status != 65 || strings.Contains(ours, "--fix rename='@x/y") {
		t.Errorf("status %d\n%s", status, ours)
	}
}

// leftIn returns what is in a folder for temporary files, less what node keeps there: npm 11
// and later have node 22 keep what it compiled (lib/cli.js).
func leftIn(tmp string) []os.DirEntry {
	left, _ := os.ReadDir(tmp)
	return slices.DeleteFunc(left, func(e os.DirEntry) bool { return e.Name() == "node-compile-cache" })
}

// Rehearsals leave nothing behind.
func TestRealRehearsals(t *testing.T) {
	t.Parallel()
	p := newProject(t, npm11, "http://127.0.0.1:9", demo)
	tmp := t.TempDir()
	p.env = append(p.env, "TMPDIR="+tmp)
	before := p.tree()
	args, want := []string{"rehearse"}, "" // every scenario is played in runner/registry
	if wanted != "" {
		args, want = append(args, "--all"), "all as expected"
	}
	stdout, stderr, status := p.piped(args...)
	if status != 0 || !strings.Contains(stdout, want) {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	if fmt.Sprint(p.tree()) != fmt.Sprint(before) {
		t.Error("a file of the package was changed")
	}
	if left := leftIn(tmp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := os.Stat(filepath.Join(p.home, "state")); err == nil {
		t.Error("a rehearsal wrote into the state folder")
	}
}

// npm ends with 0 and has published nothing: the status must say so.
func TestRealGoodEndsThatPublishNothing(t *testing.T) {
	t.Parallel()
	t.Run("a private workspace is skipped", func(t *testing.T) {
		reg := newStub(t)
		p := newProject(t, npm11, reg.URL, `{"name":"root","version":"1.0.0","private":true,"workspaces":["a"]}`)
		p.write("a/package.json", `{"name":"a","version":"1.0.0","private":true}`)
		_, stderr, status := p.piped("-w", "a")
		if status != 65 || !strings.Contains(stderr, "safepublish: private-package: ") {
			t.Errorf("status %d\n%s", status, stderr)
		}
	})
	t.Run("a redirect drops the upload", func(t *testing.T) {
		eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
			reg := newStub(t)
			reg.answersWith(answer{status: 303, header: http.Header{"Location": {reg.URL + "/-/whoami"}}})
			p := newProject(t, npm, reg.URL, demo)
			_, stderr, status := p.piped("--max-wait", "0s")
			if status != 78 || !strings.Contains(stderr, "safepublish: upload-dropped: ") ||
				!strings.Contains(stderr, "It is not known whether demo 1.0.0 was published") {
				t.Errorf("status %d\n%s", status, stderr)
			}
		})
	})
}

// npm 10 and older publish a prerelease as latest, in a tarball too.
func TestRealTarballOfAPrereleaseIsNotLatest(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm10, reg.URL, strings.Replace(demo, "1.0.0", "1.1.0-beta.1", 1))
	pack := exec.Command(p.npm, "pack", "--silent")
	pack.Dir, pack.Env = p.dir, p.env
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	_, stderr, status := p.piped("./demo-1.1.0-beta.1.tgz")
	if all, _ := reg.got(); status != 65 || len(all) > 0 || !strings.Contains(stderr, "safepublish: prerelease-tag: ") {
		t.Errorf("status %d, uploads %+v\n%s", status, all, stderr)
	}
}

// npm 9 and older do not go by a --registry that publishConfig contradicts.
func TestRealRegistryThatIsNotGoneBy(t *testing.T) {
	t.Parallel()
	reg, typed := newStub(t), newStub(t)
	p := newProject(t, npm8, reg.URL, `{"name":"demo","version":"1.0.0","publishConfig":{"registry":"`+reg.URL+`/"}}`)
	_, stderr, status := p.piped("--registry=" + typed.URL)
	if status != 64 || len(reg.asked())+len(typed.asked()) > 0 || !strings.Contains(stderr, "leave --registry out") {
		t.Errorf("status %d, asked %v %v\n%s", status, reg.asked(), typed.asked(), stderr)
	}
}

// A rehearsal that is ended leaves no sandbox and no process behind.
func TestRealRehearsalEndedLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		p := newProject(t, npm11, "http://127.0.0.1:9", demo)
		tmp := t.TempDir()
		p.env = append(p.env, "TMPDIR="+tmp)
		x := p.terminal("rehearse")
		x.menu("version-exists")
		if err := x.cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		x.ends(128 + int(sig))
		if left := leftIn(tmp); len(left) > 0 {
			t.Errorf("%v: left behind: %v", sig, left)
		}
	}
}

// The same of one workspace of several: it is not sent, and the other one is.
func TestRealWorkspaceOfAPrereleaseIsNotLatest(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm8, reg.URL, `{"name":"root","version":"1.0.0","private":true,"workspaces":["a","b"]}`)
	for name, version := range map[string]string{"a": "1.0.0", "b": "2.0.0-rc.1"} {
		p.write(name+"/package.json", `{"name":"`+name+`","version":"`+version+`"}`)
	}
	_, stderr, status := p.piped("-ws")
	if all, _ := reg.got(); status != 65 || len(all) != 1 || all[0].name != "a" || !strings.Contains(stderr, "safepublish: prerelease-tag: b 2.0.0-rc.1 ") {
		t.Errorf("status %d, uploads %+v\n%s", status, all, stderr)
	}
	if _, stderr, status := p.piped("-w", "a"); status != 0 {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
