//go:build !windows

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shimmed puts a shim first on the project's PATH.
func shimmed(t *testing.T, p *project) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "it's here")
	if _, stderr, status := p.piped("shim", dir); status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	for i, entry := range p.env {
		if rest, ok := strings.CutPrefix(entry, "PATH="); ok {
			p.env[i] = "PATH=" + dir + ":" + rest
		}
		if strings.HasPrefix(entry, "SAFEPUBLISH_NPM=") {
			p.env[i] = "UNUSED=1"
		}
	}
	return dir
}

// An npm that is called by another tool publishes through safepublish, with its settings
// from the environment, and is npm in all else.
func TestRealShim(t *testing.T) {
	t.Parallel()
	reg := newStub(t).wantsOTP("123456")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"hello":"echo from-a-script","prepack":"npm run hello"}}`)
	shimmed(t, p)
	if out, status := p.run("npm", "--version"); status != 0 || strings.TrimSpace(out) != npm11 {
		t.Errorf("npm --version: %d %q", status, out)
	}
	if out, status := p.run("npm", "run", "hello"); status != 0 || !strings.Contains(out, "from-a-script") {
		t.Errorf("npm run: %d %q", status, out)
	}
	if _, status := p.run("npm", "run", "nothing"); status != 1 {
		t.Errorf("npm run nothing: %d", status)
	}
	p.env = append(p.env, "SAFEPUBLISH_OTP_COMMAND=echo 123456", "SAFEPUBLISH_NO_INPUT=1")
	out, status := p.run("npm", "publish", "--json", "--access", "public")
	if _, stored := reg.got(); status != 0 || len(stored) != 1 {
		t.Errorf("npm publish: %d, %+v\n%s", status, stored, out)
	}
	if out, status := p.run("npm", "publish", "--help"); status != 0 || !strings.Contains(out, "npm publish <package-spec>") {
		t.Errorf("npm publish --help: %d\n%s", status, out)
	}
}

// A shim that finds no npm but itself, or itself twice, says so and does not call
// itself for ever; a file that is no shim is not written over.
func TestShimDoesNotCallItself(t *testing.T) {
	t.Parallel()
	p := newProject(t, npm11, "http://127.0.0.1:9", demo)
	one, two := shimmed(t, p), t.TempDir()
	if _, stderr, status := p.piped("shim", two); status != 0 {
		t.Fatalf("status %d\n%s", status, stderr)
	}
	for i, entry := range p.env {
		if strings.HasPrefix(entry, "PATH=") {
			p.env[i] = "PATH=" + one + ":" + two
		}
	}
	if out, status := p.run(filepath.Join(one, "npm"), "--version"); status != 127 || !strings.Contains(out, "npm-missing") {
		t.Errorf("%d %q", status, out)
	}
	mine := t.TempDir()
	if err := os.WriteFile(filepath.Join(mine, "npm"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, stderr, status := p.piped("shim", mine); status != 64 || !strings.Contains(stderr, "is not a shim of safepublish") {
		t.Errorf("%d %q", status, stderr)
	}
}

// What a tool reads of a refusal is npm's own: its JSON alone on stdout, its sentences on
// stderr, and a status that is not 0.
func TestRealShimPassesARefusalOn(t *testing.T) {
	t.Parallel()
	reg := newStub(t).wantsOTP("123456")
	p := newProject(t, npm11, reg.URL, demo)
	dir := shimmed(t, p)
	cmd := exec.Command(filepath.Join(dir, "npm"), "publish", "--json")
	cmd.Dir, cmd.Env = p.dir, p.env
	stdout, stderr, status := outputOf(t, cmd)
	var doc struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(stdout), &doc); err != nil || doc.Error.Code != "EOTP" {
		t.Errorf("%v\n%s", err, stdout)
	}
	if status == 0 || !strings.Contains(stderr, "npm error code EOTP") {
		t.Errorf("status %d\n%s", status, stderr)
	}
}
