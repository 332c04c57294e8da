//go:build !windows

package e2e

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"safepublish/runner/registry"
)

// monorepo writes ten workspaces, p01 to p10, in which p03 depends on p06, and a
// registry where p04 is there with other contents, p07 and what follows want a code,
// and p09 is answered 429 once.
func monorepo(t *testing.T, npm string) (*project, *stub) {
	t.Helper()
	reg := newStub(t).holds("p04", "1.0.0")
	var once atomic.Bool
	reg.set(func(w *registry.World) {
		w.Watch = func(moment string, q *http.Request) {
			switch {
			case moment != "asked" || q.Method != http.MethodPut:
			case q.URL.Path == "/p07":
				reg.wantsOTP("123456")
			case q.URL.Path == "/p09" && once.CompareAndSwap(false, true):
				reg.Befall(registry.Fault{Early: true, Status: 429, Header: map[string]string{"Retry-After": "1"}})
			}
		}
	})
	p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["packages/*"]}`)
	p.env = append(p.env, "npm_config_fetch_retries=0")
	for i := 1; i <= 10; i++ {
		name, more := fmt.Sprintf("p%02d", i), ""
		if i == 3 {
			more = `,"dependencies":{"p06":"^1.0.0"}`
		}
		p.write("packages/"+name+"/package.json", fmt.Sprintf(`{"name":%q,"version":"1.0.0"%s}`, name, more)+"\n")
		p.write("packages/"+name+"/index.js", "module.exports = 1\n")
	}
	return p, reg
}

// Ten workspaces with three walls are published in one run, each once, and a second run
// sends nothing.
func TestRealQueue(t *testing.T) {
	for _, npm := range npms {
		t.Run(npm, func(t *testing.T) {
			t.Parallel()
			p, reg := monorepo(t, npm)
			args := []string{
				"--workspaces", "--fix", "bump=patch", "--fix", "otp", "--fix", "retry",
				"--otp-command", "echo 123456", "--report", "../r.json",
			}
			_, stderr, status := p.piped(args...)
			if status != 0 {
				t.Fatalf("status %d\n%s", status, stderr)
			}
			_, stored := reg.got()
			var order []string
			for _, u := range stored {
				order = append(order, u.name+"@"+u.version)
			}
			want := []string{
				"p01@1.0.0", "p02@1.0.0", "p06@1.0.0", "p03@1.0.0", "p04@1.0.1", "p05@1.0.0", "p07@1.0.0", "p08@1.0.0", "p09@1.0.0", "p10@1.0.0",
			}
			if !slices.Equal(order, want) {
				t.Errorf("stored %v\n%s", order, stderr)
			}
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if doc.Outcome != "published" || len(doc.Packages) != 10 {
				t.Errorf("%s, %+v", doc.Outcome, doc.Packages)
			}
			for _, k := range doc.Packages {
				if k.Outcome != "published" {
					t.Errorf("%+v", k)
				}
			}
			before := len(stored)
			all, _ := reg.got()
			_, stderr, status = p.piped(args...)
			again, stored := reg.got()
			if status != 0 || len(stored) != before {
				t.Errorf("again: status %d, %d uploads, %d stored\n%s", status, len(again)-len(all), len(stored), stderr)
			}
			if !strings.Contains(stderr, "10 packages: 10 already there") {
				t.Errorf("again:\n%s", stderr)
			}
		})
	}
}
