//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A CI job of last month is run again: nothing is published, and no dist-tag is
// moved back; one that is missing is added where a --fix names it.
func TestRealSameBytesAgain(t *testing.T) {
	eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, demo)
		if _, stderr, status := p.piped(); status != 0 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
		reg.holds("demo", "1.2.0")
		for _, c := range []struct {
			args, tags string
			says       []string
		}{
			{"", "latest=1.2.0", []string{"(already-published)"}},
			{"--tag old", "latest=1.2.0", []string{"npm dist-tag add demo@1.0.0 old --registry=" + reg.URL}},
			{"--fix tag=latest", "latest=1.2.0", []string{"latest points at 1.2.0 and is not moved back to 1.0.0"}},
			{"--fix tag=old", "latest=1.2.0 old=1.0.0", nil},
			{"--fix tag=old", "latest=1.2.0 old=1.0.0", []string{"its dist-tags: old", "old points at 1.0.0 already"}},
		} {
			stdout, stderr, status := p.piped(strings.Fields(c.args)...)
			if status != 0 || !strings.HasPrefix(lastLine(stderr), "safepublish: already-published: demo 1.0.0 is already on ") {
				t.Errorf("%q: status %d\n%s", c.args, status, stderr)
			}
			for _, want := range c.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("%q: %q is not said\n%s", c.args, want, stderr)
				}
			}
			if stdout != "" {
				t.Errorf("%q: stdout %q", c.args, stdout)
			}
			if got := strings.Join(reg.tagged("demo"), " "); got != c.tags {
				t.Errorf("%q: the dist-tags are %s, want %s", c.args, got, c.tags)
			}
		}
		if _, stored := reg.got(); len(stored) != 1 {
			t.Errorf("stored %+v", stored)
		}
	})
}

// The code comes from the command when the registry wants one, after the build,
// and nowhere else than to npm.
func TestRealOTPCommand(t *testing.T) {
	eachNPM(t, chosen(npm11), func(t *testing.T, npm string) {
		reg := newStub(t)
		reg.wantsOTP("65432178")
		p := newProject(t, npm, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"echo build >>../order"}}`)
		order := filepath.Join(filepath.Dir(p.dir), "order")
		command := filepath.Join(p.home, "code")
		script := "#!/bin/sh\necho code >>'" + order + "'\necho 'vault of NOBODY' >&2\necho 65432178\n"
		if err := os.WriteFile(command, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		stdout, stderr, status := p.piped("--otp-command", command, "--report", "../r.json")
		if status != 0 || !strings.HasSuffix(stdout, "+ demo@1.0.0\n") {
			t.Fatalf("status %d, stdout %q\n%s", status, stdout, stderr)
		}
		if did, _ := os.ReadFile(order); string(did) != "build\ncode\n" { // the same bytes again are not built again
			t.Errorf("what was done: %q", did)
		}
		report, _ := os.ReadFile(filepath.Join(filepath.Dir(p.dir), "r.json"))
		for _, secret := range []string{"65432178", "NOBODY"} {
			if strings.Contains(stdout+stderr+string(report), secret) {
				t.Errorf("%s was shown\n%s\n%s", secret, stderr, report)
			}
		}
		doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
		if got := causesOf(doc); !slices.Equal(got, []string{"otp-required"}) || doc.Attempts[0].Chosen != "otp" {
			t.Errorf("causes %v, chosen %q", got, doc.Attempts[0].Chosen)
		}
		p.write("package.json", strings.Replace(demo, "1.0.0", "1.0.1", 1))
		x := p.terminal("--otp-command", command) // npm asks nobody there either
		x.await("(otp-required)")
		x.await("+ demo@1.0.1")
		x.ends(0)
	})
}

func TestRealOTPCommandThatFails(t *testing.T) {
	t.Parallel()
	for i, c := range []struct{ command, says string }{
		{"echo 123; exit 3", "--otp-command ended with status 3"},
		{"echo NOBODY", "a one-time password has six to eight digits"},
		{"true", "--otp-command printed nothing"},
		{"echo 111111", "--otp-command printed the same one-time password again"},
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			reg.wantsOTP("654321")
			p := newProject(t, npm11, reg.URL, demo)
			_, stderr, status := p.piped("--otp-command", c.command, "--max-wait", "10s")
			if status != 77 || !strings.Contains(stderr, c.says) || !strings.HasPrefix(lastLine(stderr), "safepublish: otp-") {
				t.Errorf("status %d\n%s", status, stderr)
			}
			if strings.Contains(stderr, "NOBODY") || strings.Contains(stderr, "111111") {
				t.Errorf("the output of the command was shown\n%s", stderr)
			}
		})
	}
}

// What does not apply is refused with its reason, and what was not needed is said.
func TestRealFixesThatDoNotApply(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, demo)
	_, stderr, status := p.piped("--fix", "access=demo", "--fix", "rename=@me/demo")
	for _, want := range []string{
		"--fix access=demo does not apply to this failure", "--fix rename=@me/demo does not apply", "safepublish --fix bump=patch",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if status != 65 {
		t.Errorf("status %d\n%s", status, stderr)
	}
	_, stderr, status = p.piped("--fix", "tag=next", "--fix", "bump=minor")
	if status != 0 || !strings.Contains(stderr, "--fix tag=next was not needed.") || strings.Contains(stderr, "does not apply") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if _, stored := reg.got(); len(stored) != 1 || stored[0].version != "1.1.0" || stored[0].tag != "latest" {
		t.Errorf("stored %+v", stored)
	}
}

// In a CI the log is folded, the job marked and its summary written, and a
// registry cannot do any of that itself.
func TestRealGitHubActions(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "0.9.0")
	reg.answersWith(answer{status: 403, err: "::set-env name=PATH::/evil ##[error]`x` policy"})
	p := newProject(t, npm11, reg.URL, demo)
	p.write("summary.md", "# earlier\n")
	summary := filepath.Join(p.dir, "summary.md")
	p.env = append(p.env, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_STEP_SUMMARY="+summary)
	_, stderr, status := p.piped()
	ours, ok := strings.CutPrefix(stderr, "::group::npm publish\n")
	_, ours, ended := strings.Cut(ours, "\n::endgroup::\n")
	if !ok || !ended || status != 77 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	lines := strings.Split(strings.TrimSpace(ours), "\n")
	if n := len(lines); !strings.HasPrefix(lines[n-2], "::error title=safepublish%3A ") || !strings.HasPrefix(lines[n-1], "safepublish: ") {
		t.Errorf("the end is\n%s\n%s", lines[n-2], lines[n-1])
	}
	for _, line := range lines[:len(lines)-2] {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[") || strings.Contains(line, "\x1b") {
			t.Errorf("a command or an escape in %q", line)
		}
	}
	text := p.read("summary.md")
	if !strings.HasPrefix(text, "# earlier\n### safepublish: not-published\n") || !strings.Contains(text, "``") {
		t.Errorf("the summary is\n%s", text)
	}
}
