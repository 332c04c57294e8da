//go:build !windows

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/runner/realnpm"
)

// These tests publish with real npm to a real Verdaccio.

// as logs the project in to Verdaccio as a user, "" for nobody.
func (p *project) as(v *realnpm.Server, user string) *project {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte(v.Npmrc(user)), 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.token = v.Tokens[user]
	return p
}

func versionsOn(t *testing.T, v *realnpm.Server, name string) map[string]any {
	t.Helper()
	r, err := http.Get(v.URL + strings.ReplaceAll(name, "/", "%2f"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var doc struct{ Versions map[string]any }
	if err := json.NewDecoder(r.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc.Versions
}

func TestVerdaccio(t *testing.T) {
	v := realnpm.Verdaccio(t)
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		name := "@alice/demo" + strings.SplitN(npm, ".", 2)[0]
		manifest := `{"name":"` + name + `","version":"1.0.0"}`
		publish := func(p *project, status int, says string, args ...string) {
			t.Helper()
			_, stderr, got := p.piped(args...)
			if got != status || !strings.Contains(stderr, says) {
				t.Errorf("status %d, want %d and %q in\n%s", got, status, says, stderr)
			}
			if p.token != "" && strings.Contains(stderr, p.token) {
				t.Error("the token was shown")
			}
		}
		alice := newProject(t, npm, v.URL, manifest).as(v, "alice")

		publish(newProject(t, npm, v.URL, manifest).as(v, ""), 77, "safepublish: not-logged-in: ")
		publish(alice, 0, "")
		publish(alice, 0, "(already-published)")
		alice.write("index.js", "module.exports = 2\n")
		publish(alice, 65, "safepublish: version-exists: "+name+" 1.0.0 is already on ")
		publish(alice, 0, "", "--fix", "bump=minor")
		if got := versionsOn(t, v, name); len(got) != 2 || got["1.1.0"] == nil {
			t.Errorf("Verdaccio holds %v", got)
		}
		bob := newProject(t, npm, v.URL, strings.Replace(manifest, "1.0.0", "1.2.0", 1)).as(v, "bob")
		publish(bob, 77, "safepublish: no-permission: ")
		own := strings.Replace(manifest, "@alice/", "", 1)
		publish(newProject(t, npm, v.URL, own).as(v, "bob"), 0, "")

		alice.write("package.json", strings.Replace(manifest, "1.0.0", "2.0.0-beta.1", 1))
		publish(alice, 65, "safepublish: prerelease-tag: ")
		publish(alice, 0, "", "--fix", "tag=beta")
		if got := versionsOn(t, v, name); got["2.0.0-beta.1"] == nil {
			t.Errorf("Verdaccio holds %v", got)
		}
	})
}

// check asks a registry that knows few of npm's questions: what it does not answer
// is no wall.
func TestVerdaccioCheck(t *testing.T) {
	v := realnpm.Verdaccio(t)
	alice := newProject(t, npm12, v.URL, `{"name":"@alice/checked","version":"1.0.0"}`).as(v, "alice")
	for _, want := range []string{"1.0.0 is free", "nothing to publish"} {
		stdout, stderr, status := alice.piped("check")
		if status != 0 || !strings.Contains(stdout, want) {
			t.Errorf("status %d, want 0 and %q in\n%s%s", status, want, stdout, stderr)
		}
		if _, stderr, status := alice.piped(); status != 0 {
			t.Errorf("status %d\n%s", status, stderr)
		}
	}
	alice.write("index.js", "module.exports = 2\n")
	if stdout, stderr, status := alice.piped("check"); status != 65 || !strings.Contains(stderr, "safepublish: version-exists: ") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}
