//go:build !windows

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"safepublish/prompts"
	"safepublish/runner/registry"
)

func TestRealVersionExistsBumpPublished(t *testing.T) {
	eachNPM(t, chosen(npm8, npm12), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "1.0.0")
		p := newProject(t, npm, reg.URL, demo)
		x := p.terminal()
		x.await("(version-exists)")
		x.await("What now?")
		x.await("Give up")
		x.send("\r")
		x.await("+ demo@1.0.1")
		x.ends(0)
		if got, want := p.read("package.json"), strings.Replace(demo, "1.0.0", "1.0.1", 1); got != want {
			t.Errorf("package.json is\n%s\nwant\n%s", got, want)
		}
		if _, stored := reg.got(); len(stored) != 1 || stored[0].version != "1.0.1" {
			t.Errorf("stored %+v", stored)
		}
	})
}

func TestRealWrongOTPTwiceThenRight(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t)
		reg.wantsOTP("654321")
		p := newProject(t, npm, reg.URL, demo)
		x := p.terminal()
		for _, code := range []string{"111111", "222222"} {
			x.await("Enter OTP:")
			x.send(code + "\r")
			x.await("(otp-wrong)")
			x.await("What now?")
			x.await("Give up")
			x.send("\r")
		}
		x.await("Enter OTP:")
		x.send("654321\r")
		x.await("+ demo@1.0.0")
		x.ends(0)
		p.holdsNoSecret(x, "111111", "222222", "654321")
	})
}

func TestRealOTPFlagRefusedThenRight(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		reg := newStub(t)
		reg.wantsOTP("654321")
		p := newProject(t, npm, reg.URL, demo)
		x := p.terminal("--otp=111111")
		x.await("Enter OTP:")
		x.send("654321\r")
		x.await("+ demo@1.0.0")
		x.ends(0)
		all, _ := reg.got()
		if all[0].otp != "111111" {
			t.Errorf("the first upload came with the one-time password %q", all[0].otp)
		}
		p.holdsNoSecret(x, "111111", "654321")
	})
}

func TestRealPaymentRequiredThenPublic(t *testing.T) {
	eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, strings.Replace(demo, `"demo"`, `"@me/demo"`, 1))
		x := p.terminal()
		x.menu("payment-required")
		x.send("\r")
		x.await("[y/N]")
		x.send("y\r")
		x.await("+ @me/demo@1.0.0")
		x.ends(0)
		if _, stored := reg.got(); len(stored) != 1 || stored[0].access != "public" {
			t.Errorf("stored %+v", stored)
		}
	})
}

func TestRealDeadTokenOffersLogin(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "0.9.0")
		reg.knowsNobody()
		notice := map[string][]string{"Npm-Notice": {"Access token expired or revoked. Please try logging in again."}}
		reg.answersWith(answer{status: 404, err: "Not found", header: notice})
		p := newProject(t, npm, reg.URL, demo)
		x := p.terminal()
		x.await("(token-invalid)")
		x.await("Log in")
		x.await("Give up")
		x.send("\x03")
		x.ends(130)
	})
}

func TestRealKeysTypedDuringTheBuildChooseNothing(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0-rc.1", "1.0.0")
	p := newProject(t, npm10, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"echo building; sleep 2; echo built"}}`)
	x := p.terminal()
	x.await("(version-exists)")
	x.await(prompts.RunScripts)
	x.await(prompts.GiveUp)
	x.send("\x1b[A\x1b[A\r") // above Give up
	x.await("building")
	x.send("\r\x1b[By\r")
	x.await("built")
	x.await("What now?")
	x.awaitText("Give up")
	if all, _ := reg.got(); len(all) != 1 {
		t.Errorf("%d uploads, want the refused one alone", len(all))
	}
	x.send("\x03")
	x.ends(130)
	if all, _ := reg.got(); len(all) != 1 {
		t.Errorf("%d uploads after giving up", len(all))
	}
}

func TestRealFifteenNestedNPMsStillSure(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "0.1.0")
	reg.answersWith(spam)
	const build = "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do npm pkg get name >/dev/null; done"
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"`+build+`"}}`)
	x := p.terminal()
	x.menu("name-blocked")
	x.send("\x03")
	if s, _ := x.text(); strings.Contains(s, "Most likely") || !strings.Contains(s, "npm publish failed: ") {
		t.Errorf("not sure:\n%s", trim(s))
	}
	x.wait()
}

// A decoy on the default registry answers the opposite; it must change nothing.
func TestRealDecoyRegistryChangesNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, manifest, rc string }{
		{"publishConfig", `{"name":"@me/demo","version":"1.0.0","publishConfig":{"registry":"%s/"}}`, ""},
		{"scope", `{"name":"@me/demo","version":"1.0.0"}`, "@me:registry=%s/\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			decoy := newStub(t).holds("@me/demo", "1.0.1", "1.0.2")
			decoy.knowsNobody()
			reg := newStub(t).holds("@me/demo", "1.0.0")
			p := newProject(t, npm10, decoy.URL, fill(c.manifest, reg.URL))
			rc := filepath.Join(p.home, ".npmrc")
			old, _ := os.ReadFile(rc)
			more := fmt.Sprintf("%s/:_authToken=%s\n", strings.TrimPrefix(reg.URL, "http:"), p.token) + fill(c.rc, reg.URL)
			if err := os.WriteFile(rc, append(old, more...), 0o600); err != nil {
				t.Fatal(err)
			}
			x := p.terminal()
			x.await("(version-exists)")
			x.await("Publish as 1.0.1")
			x.await("Give up")
			x.send("\r")
			x.await("+ @me/demo@1.0.1")
			x.wait()
			if asked := decoy.asked(); len(asked) > 0 {
				t.Errorf("the decoy was asked: %v", asked)
			}
		})
	}
}

func fill(format, value string) string { return strings.ReplaceAll(format, "%s", value) }

func TestRealDryRunEditsNothing(t *testing.T) {
	eachNPM(t, chosen(npm8, npm11), func(t *testing.T, npm string) {
		for _, how := range []string{"flag", "env", "npmrc"} {
			reg := newStub(t).holds("demo", "1.0.0")
			p := newProject(t, npm, reg.URL, demo)
			args := []string{}
			switch how {
			case "flag":
				args = append(args, "--dry-run")
			case "env":
				p.env = append(p.env, "npm_config_dry_run=true")
			case "npmrc":
				p.write(".npmrc", "dry-run=true\n")
			}
			before := p.tree()
			x := p.terminal(args...)
			status := x.wait()
			if s, _ := x.text(); strings.Contains(s, "What now?") {
				t.Errorf("%s: a dry run asked:\n%s", how, trim(s))
			}
			if all, _ := reg.got(); len(all) > 0 {
				t.Errorf("%s: a dry run uploaded %+v", how, all)
			}
			if fmt.Sprint(p.tree()) != fmt.Sprint(before) {
				t.Errorf("%s: a dry run changed a file", how)
			}
			if want := map[bool]int{true: 65, false: 0}[major(npm) >= 11]; status != want {
				t.Errorf("%s: status %d, want %d", how, status, want)
			}
		}
	})
}

func TestRealCapturedStdout(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "1.0.0")
		reg.wantsOTP("654321")
		p := newProject(t, npm, reg.URL, demo)
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		x := onTerminal(t, p.dir, p.env, write, program)
		_ = write.Close()
		x.menu("version-exists")
		x.send("\r")
		x.menu("otp-required")
		x.send("\r")
		x.await("One-time password (")
		x.send("654321\r")
		if status := x.wait(); status != 0 {
			s, _ := x.text()
			t.Errorf("status %d\n%s", status, trim(s))
		}
		var out bytes.Buffer
		_, _ = out.ReadFrom(read)
		if out.String() != "+ demo@1.0.1\n" {
			t.Errorf("stdout is %q", out.String())
		}
		p.holdsNoSecret(x, "654321")
	})
}

func TestRealNobodyAsked(t *testing.T) {
	eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "1.0.0")
		p := newProject(t, npm, reg.URL, demo)
		before := p.tree()
		stdout, stderr, status := p.piped()
		lines := strings.Split(strings.TrimSpace(stderr), "\n")
		if last := lines[len(lines)-1]; !strings.HasPrefix(last, "safepublish: version-exists: demo 1.0.0 ") {
			t.Errorf("the last line is %q", last)
		}
		if status != 65 || stdout != "" {
			t.Errorf("status %d, stdout %q", status, stdout)
		}
		if fmt.Sprint(p.tree()) != fmt.Sprint(before) {
			t.Error("a file was changed")
		}
		if strings.Contains(stderr, "\x1b") || strings.Contains(stderr, p.token) {
			t.Errorf("escapes or the token in\n%s", stderr)
		}
	})
}

func TestRealJSONStdoutIsOneDocument(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "1.0.0")
		p := newProject(t, npm, reg.URL, demo)
		stdout, stderr, status := p.piped("--json", "--fix", "bump=patch")
		if status != 0 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
		var doc map[string]any
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
			t.Errorf("%v in %q", err, stdout)
		}
		if !strings.Contains(stdout, "demo@1.0.1") {
			t.Errorf("stdout is %q", stdout)
		}
	})
}

// What is left to commit is named as npm itself would commit and tag it.
func TestRealWhatIsLeftToCommit(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, demo)
	p.inGit(t)
	_, stderr, status := p.piped("--fix", "bump=patch")
	if status != 0 || !strings.Contains(stderr, "    git commit -m 1.0.1 package.json && git tag -m 1.0.1 v1.0.1\n") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}

// What npm's words make certain is said at once: that nobody waits for what the offers want
// to know, and for whether the version is there all the same.
func TestRealTheReasonIsSaidBeforeAnythingIsAsked(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"de-mo","version":"1.0.0"}`)
	said, err := os.Create(filepath.Join(p.home, "said"))
	if err != nil {
		t.Fatal(err)
	}
	defer said.Close()
	var sent atomic.Bool
	var early, later atomic.Int64
	reg.set(func(w *registry.World) {
		w.Popular = []string{"demo"}
		w.Watch = func(moment string, q *http.Request) {
			switch text, _ := os.ReadFile(said.Name()); {
			case moment != "asked":
			case q.Method == http.MethodPut:
				sent.Store(true)
			case sent.Load() && bytes.Contains(text, []byte("(name-too-similar)")):
				later.Add(1)
			case sent.Load():
				early.Add(1)
			}
		}
	})
	cmd := p.command()
	cmd.Stderr = said
	_ = cmd.Run()
	if text, _ := os.ReadFile(said.Name()); early.Load() > 0 || later.Load() == 0 {
		t.Errorf("%d questions before it was said, %d after\n%s", early.Load(), later.Load(), text)
	}
}
