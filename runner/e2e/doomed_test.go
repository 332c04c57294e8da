//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/runner/registry"
)

// A build that is for nothing: the registry's answers come while it runs. It would end by
// itself only after a minute.
const slowBuild = `{"name":"demo","version":"1.0.1","scripts":{"prepublishOnly":"sleep 60; touch built"}}`

// Where nobody is asked, the scripts are stopped, and nothing is sent.
func TestRealDoomedBuildIsStopped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*registry.World)
		want   string
	}{
		"a dead token": {func(w *registry.World) { w.Tokens[fakeToken].DeadAs = 401 }, "token-invalid"},
		"a stranger's name": {func(w *registry.World) {
			w.Users["bob"] = &registry.User{Name: "bob"}
			w.Packages["demo"].Owners = []string{"bob"}
		}, "name-taken"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0").set(c.change)
			p := newProject(t, npm11, reg.URL, slowBuild)
			_, stderr, status := p.piped()
			if status != 77 || !strings.Contains(stderr, "safepublish: "+c.want+": ") {
				t.Errorf("status %d\n%s", status, stderr)
			}
			if all, _ := reg.got(); len(all) > 0 {
				t.Errorf("sent: %+v", all)
			}
			if _, err := os.Stat(filepath.Join(p.dir, "built")); err == nil {
				t.Error("the build went to its end")
			}
		})
	}
}

// A new number that a --fix asks for is taken before the build, which runs once; and not
// where what is there packs to the same.
func TestRealNumberIsRaisedBeforeTheBuild(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"echo run >>../ran"}}`)
	built := func() int {
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(p.dir), "ran"))
		return strings.Count(string(text), "run")
	}
	if _, stderr, status := p.piped("--fix", "bump"); status != 0 || built() != 1 {
		t.Errorf("status %d, built %d times\n%s", status, built(), stderr)
	}
	if _, stored := reg.got(); len(stored) != 1 || stored[0].version != "1.0.1" {
		t.Errorf("stored: %+v", stored)
	}
	if _, stderr, status := p.piped("--fix", "bump"); status != 0 || built() != 2 || !strings.Contains(stderr, "already") {
		t.Errorf("again: status %d, built %d times\n%s", status, built(), stderr)
	}
	if _, stored := reg.got(); len(stored) != 1 {
		t.Errorf("stored again: %+v", stored)
	}
}
