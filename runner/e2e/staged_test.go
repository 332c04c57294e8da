//go:build !windows

package e2e

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/runner/registry"
)

// stageWorld is a registry where demo 1.0.0 is there and the token may only stage.
func stageWorld(t *testing.T) *registry.Registry {
	t.Helper()
	return start(t, registry.World{
		Users:    map[string]*registry.User{"me": {Name: "me", TFA: registry.TFAWrites}},
		Tokens:   map[string]*registry.Token{fakeToken: {User: "me", Kind: registry.StageOnly}},
		Packages: map[string]*registry.Package{"demo": longAgo("demo", "1.0.0")},
	})
}

// stagedUploads returns the versions that the registry keeps, and fails where one
// of them can be read.
func stagedUploads(t *testing.T, reg *registry.Registry, p *project) (kept []string) {
	t.Helper()
	for _, u := range reg.Uploads("demo") {
		if u.Committed {
			kept = append(kept, u.Version)
		}
	}
	if seen, _ := p.run(p.npm, "view", "demo", "versions", "--json"); strings.Contains(seen, "1.0.1") {
		t.Errorf("a staged version can be read: %s", seen)
	}
	return kept
}

// Two walls in one command: the version is there, and the token may only stage. The
// edit stays, for the staged version is made of it. An npm without npm stage gets
// the steps.
func TestRealStaged(t *testing.T) {
	eachNPM(t, chosen(npm8, npm11), func(t *testing.T, npm string) {
		reg := stageWorld(t)
		p := newProject(t, npm, strings.TrimSuffix(reg.URL(), "/"), demo)
		stdout, stderr, status := p.piped("--fix", "stage", "--fix", "bump=patch", "--wait", "20s", "--report", "../r.json")
		doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
		kept, walls := stagedUploads(t, reg, p), []string{"version-exists", "stage-only"}
		old := major(npm) < 11
		if old { // npm 11 and later look at the versions before they send
			walls = walls[1:]
		}
		if got := causesOf(doc); !slices.Equal(got, walls) {
			t.Errorf("walls %v", got)
		}
		if old {
			if status != 77 || doc.Outcome != "not-published" || len(kept) > 0 || p.read("package.json") != demo {
				t.Errorf("status %d, outcome %s, kept %v\n%s", status, doc.Outcome, kept, stderr)
			}
			if !strings.Contains(stderr, "npm stage publish") {
				t.Errorf("the steps are missing:\n%s", stderr)
			}
			return
		}
		if status != 0 || doc.Outcome != "staged" || doc.Packages[0].Outcome != "staged" || !slices.Equal(kept, []string{"1.0.1"}) {
			t.Errorf("status %d, outcome %s, kept %v\n%s", status, doc.Outcome, kept, stderr)
		}
		if !strings.HasPrefix(stdout, "+ demo@1.0.1 (staged with id ") ||
			!strings.Contains(stderr, "✓ demo 1.0.1 is staged on ") || !strings.Contains(stderr, "npm stage approve ID") {
			t.Errorf("stdout %q\n%s", stdout, stderr)
		}
		if got := p.read("package.json"); got != strings.Replace(demo, "1.0.0", "1.0.1", 1) {
			t.Errorf("package.json is %s", got)
		}
		_, stderr, status = p.piped("--fix", "stage") // the job runs again
		if status != 75 || !strings.HasPrefix(lastLine(stderr), "safepublish: version-staged: ") {
			t.Errorf("again: status %d\n%s", status, stderr)
		}
	})
}

// At the menu Enter stages: that publishes nothing yet.
func TestRealStagedAtTheMenu(t *testing.T) {
	t.Parallel()
	reg := stageWorld(t)
	p := newProject(t, npm12, strings.TrimSuffix(reg.URL(), "/"), strings.Replace(demo, "1.0.0", "1.0.1", 1))
	x := p.terminal()
	x.menu("stage-only")
	x.send("\r")
	x.await("is staged on")
	x.ends(0)
	if kept := stagedUploads(t, reg, p); !slices.Equal(kept, []string{"1.0.1"}) {
		t.Errorf("kept %v", kept)
	}
}
