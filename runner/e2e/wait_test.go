//go:build !windows

package e2e

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// --wait has three ends, each with its word, its status and its line.
func TestRealWait(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, manifest, wait string
		set                  func(*stub)
		status               int
		says, last, outcome  string
	}{
		{
			name: "visible after a while", manifest: demo, wait: "60s", set: func(s *stub) { s.showsAfter(6) },
			says: "✓ demo 1.0.0 is published and can be read on ", outcome: "published",
		},
		{
			name: "not visible in time", manifest: demo, wait: "2s", status: 75, says: "still processing it. Do not publish it again.",
			last: "safepublish: version-staged: ", outcome: "accepted",
		},
		{
			name: "lost", manifest: demo, wait: "15s", set: func(s *stub) { s.lost("demo", "1.0.0") }, status: 65,
			says: "--fix bump=patch", last: "safepublish: version-burnt: demo 1.0.0 ", outcome: "not-published",
		},
		{
			name: "accepted by an earlier run", manifest: demo, wait: "60s", set: func(s *stub) {
				s.answersWith(answer{status: 403, err: "You cannot publish over previously staged version 1.0.0.", store: true, hide: true})
				s.showsAfter(5)
			},
			last: "safepublish: already-published: demo 1.0.0 ", outcome: "already-published",
		},
		{
			name: "private", manifest: `{"name":"@me/demo","version":"1.0.0"}`, wait: "60s", set: func(s *stub) { s.isPrivate().showsAfter(4) },
			says: "✓ @me/demo 1.0.0 is published and can be read on ", outcome: "published",
		},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			reg := newStub(t)
			name := "demo"
			reg.answersWith(answer{status: 201, store: true, hide: true})
			if c.set != nil {
				c.set(reg)
			}
			if strings.Contains(c.manifest, "@me") {
				name = "@me/demo"
			}
			reg.holds(name, "0.9.0")
			p := newProject(t, npm11, reg.URL, c.manifest)
			stdout, stderr, status := p.piped("--wait", c.wait, "--report", "../r.json")
			if status != c.status || !strings.Contains(stderr, c.says) || !strings.HasPrefix(lastLine(stderr), c.last) {
				t.Errorf("status %d\n%s", status, stderr)
			}
			if stdout != "+ "+name+"@1.0.0\n" && c.outcome != "already-published" {
				t.Errorf("stdout %q", stdout)
			}
			if n := strings.Count(stderr, "waiting "); n > 1 {
				t.Errorf("%d lines about waiting in less than a minute", n)
			}
			if doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")); string(doc.Outcome) != c.outcome || *doc.Exit != c.status {
				t.Errorf("outcome %s, exit %d", doc.Outcome, *doc.Exit)
			}
		})
	}
}

// A private package is not taken for readable because its owner reads it, where
// the publish said that it is for everybody; and ^C ends the waiting alone.
func TestRealWaitForEverybodyEndedByHand(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("@me/demo", "0.9.0")
	reg.isPrivate()
	p := newProject(t, npm11, reg.URL, `{"name":"@me/demo","version":"1.0.0"}`)
	x := p.terminal("--wait=10m", "--access=public", "--report", "../r.json")
	x.await("+ @me/demo@1.0.0")
	x.await("to be readable on")
	x.send("\x03")
	x.await("You ended the wait, not the publish.")
	x.ends(130)
	if doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")); doc.Outcome != "accepted" || *doc.Exit != 130 {
		t.Errorf("outcome %s, exit %d", doc.Outcome, *doc.Exit)
	}
}

// A registry that answers drop by drop does not make the wait longer than it was to
// be: what is asked ends with it.
func TestRealWaitOnARegistryThatDrips(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "0.9.0")
	var sent atomic.Bool
	var asked atomic.Int64
	drips := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !sent.Load() || r.Method != http.MethodGet {
			reg.ServeHTTP(w, r)
			sent.Store(sent.Load() || r.Method == http.MethodPut)
			return
		}
		asked.Add(1)
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	}))
	t.Cleanup(drips.Close)
	p := newProject(t, npm11, drips.URL, demo)
	_, stderr, status := p.piped("--wait", "1s")
	if status != 75 || !strings.HasPrefix(lastLine(stderr), "safepublish: version-staged: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	if n := asked.Load(); n > 2 { // its document, and npm about it: both end with the look
		t.Errorf("%d questions were asked", n)
	}
}

// Of several packages each is looked at, and one that cannot be read yet is named.
func TestRealWaitForWorkspaces(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	reg.answersWith(answer{status: 201, store: true}, answer{status: 201, store: true, hide: true})
	p := newProject(t, npm11, reg.URL, `{"name":"root","private":true,"workspaces":["a","b"]}`)
	for _, name := range []string{"a", "b"} {
		p.write(name+"/package.json", `{"name":"`+name+`","version":"1.0.0"}`)
	}
	_, stderr, status := p.piped("--workspaces", "--wait", "4s", "--report", "../r.json")
	if status != 75 || !strings.HasPrefix(lastLine(stderr), "safepublish: version-staged: ") {
		t.Errorf("status %d\n%s", status, stderr)
	}
	doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
	if doc.Outcome != "accepted" || doc.Packages[0].Outcome != "published" || doc.Packages[1].Outcome != "accepted" {
		t.Errorf("%s, %+v", doc.Outcome, doc.Packages)
	}
}
