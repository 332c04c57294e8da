//go:build !windows

package e2e

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/runner/registry"
)

// A registry that asks for more time than --max-wait allows is not waited for;
// one that asks for less is.
func TestRealRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		after, says string
		status      int
	}{
		{"3600", "asks you to wait 3600 seconds", 75},
		{"2", "waiting 2 s", 0},
	} {
		t.Run(c.after, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "0.9.0")
			slow := answer{status: 429, err: "Too many requests", header: http.Header{"Retry-After": {c.after}}}
			reg.answersWith(slow, slow, slow, slow) // npm tries four times by itself
			reg.set(func(w *registry.World) {       // whoever asks for the header is kept off as well
				w.Faults = append(w.Faults, registry.Fault{At: "GET", Status: 429})
				w.Header = map[string]string{"Retry-After": c.after}
			})
			p := newProject(t, npm11, reg.URL, demo)
			p.env = append(p.env, "npm_config_fetch_retries=3")
			_, stderr, status := p.piped("--max-wait", "1m", "--report", "../r.json")
			if status != c.status || !strings.Contains(stderr, c.says) {
				t.Errorf("status %d\n%s", status, stderr)
			}
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if causes := causesOf(doc); len(causes) != 1 || causes[0] != "rate-limited" {
				t.Errorf("causes %v", causes)
			}
		})
	}
}
