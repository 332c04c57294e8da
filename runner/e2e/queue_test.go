//go:build !windows

package e2e

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"safepublish/runner/registry"
)

// monorepo writes six workspaces, p1 to p6, in which p1 depends on p3, and a registry
// where p2 is there with other contents, p4 and what follows want a code, and p5 is
// answered 429 once; whoever then asks for how long is told a second, else it would be
// a minute.
func monorepo(t *testing.T, npm string) (*project, *stub) {
	t.Helper()
	reg := newStub(t).holds("p2", "1.0.0")
	var limited atomic.Int32
	reg.set(func(w *registry.World) {
		w.Watch = func(moment string, q *http.Request) {
			switch {
			case moment != "asked" || q.Method != http.MethodPut:
			case q.URL.Path == "/p4":
				reg.wantsOTP("123456")
			case q.URL.Path == "/p5" && limited.Add(1) == 1:
				slow := map[string]string{"Retry-After": "1"}
				reg.Befall(registry.Fault{Early: true, Status: 429, Header: slow}, registry.Fault{At: "GET /p5", Status: 429, Header: slow})
			case q.URL.Path == "/p5":
				reg.Befall()
			}
		}
	})
	p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["packages/*"]}`)
	p.env = append(p.env, "npm_config_fetch_retries=0")
	for i := range 6 {
		name, more := fmt.Sprintf("p%d", i+1), ""
		if name == "p1" {
			more = `,"dependencies":{"p3":"^1.0.0"}`
		}
		p.write("packages/"+name+"/package.json", fmt.Sprintf(`{"name":%q,"version":"1.0.0"%s}`, name, more)+"\n")
		p.write("packages/"+name+"/index.js", "module.exports = 1\n")
	}
	return p, reg
}

// Six workspaces with three walls are published in one run, each once, and a second run
// sends nothing.
func TestRealQueue(t *testing.T) {
	t.Parallel()
	for _, npm := range few(1, npms) {
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
				"p3@1.0.0", "p1@1.0.0", "p2@1.0.1", "p4@1.0.0", "p5@1.0.0", "p6@1.0.0",
			}
			if !slices.Equal(order, want) {
				t.Errorf("stored %v\n%s", order, stderr)
			}
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if doc.Outcome != "published" || len(doc.Packages) != 6 {
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
			if status != 0 || len(stored) != before || len(again) != len(all) {
				t.Errorf("again: status %d, %d uploads, %d stored\n%s", status, len(again)-len(all), len(stored), stderr)
			}
			if !strings.Contains(stderr, "6 packages: 6 already there") {
				t.Errorf("again:\n%s", stderr)
			}
		})
	}
}

// trio writes a workspace b that depends on a, and one c that does not.
func trio(t *testing.T, npm string, reg *stub, more string) *project {
	t.Helper()
	p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["*"]}`)
	p.write("a/package.json", `{"name":"a","version":"1.0.0"`+more+"}\n")
	p.write("b/package.json", `{"name":"b","version":"1.0.0","dependencies":{"a":"1.0.0"}}`+"\n")
	p.write("c/package.json", `{"name":"c","version":"1.0.0"}`+"\n")
	return p
}

// A wall of one package lets the others go on, but for what needs it; the report, the
// table and npm's JSON tell of each.
func TestRealQueueGoesOnWithWhatItCan(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0")
	p := trio(t, npm11, reg, "")
	stdout, stderr, status := p.piped("--workspaces", "--json", "--report", "../r.json")
	_, stored := reg.got()
	if status != 65 || len(stored) != 1 || stored[0].name != "c" {
		t.Errorf("status %d, %+v\n%s", status, stored, stderr)
	}
	doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
	var became []string
	for _, k := range doc.Packages {
		became = append(became, k.Name+" "+string(k.Outcome)+" "+k.Cause)
	}
	if want := []string{"a failed version-exists", "b not-tried ", "c published "}; !slices.Equal(became, want) || doc.Outcome != "partly-published" {
		t.Errorf("%s, %q", doc.Outcome, became)
	}
	if doc.Resume != "safepublish --workspaces --json" || !strings.HasPrefix(lastLine(stderr), "safepublish: version-exists: a 1.0.0 ") {
		t.Errorf("%q\n%s", doc.Resume, stderr)
	}
	var printed map[string]map[string]any
	if err := json.Unmarshal([]byte(stdout), &printed); err != nil || printed["c"]["name"] != "c" || printed["error"] == nil || printed["a"] != nil {
		t.Errorf("%v\n%s", err, stdout)
	}
}

// A new number for one package is a new range for those that need it, and in the lock
// file of both.
func TestRealQueueRaisesRanges(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0")
	p := trio(t, npm11, reg, "")
	p.write("package-lock.json", `{"name":"root","lockfileVersion":3,"packages":{"":{"name":"root","workspaces":["*"]},`+
		`"a":{"version":"1.0.0"},"b":{"version":"1.0.0","dependencies":{"a":"1.0.0"}},"c":{"version":"1.0.0"}}}`+"\n")
	_, stderr, status := p.piped("--workspaces", "--fix", "bump=patch")
	_, stored := reg.got()
	if status != 0 || len(stored) != 3 {
		t.Fatalf("status %d, %+v\n%s", status, stored, stderr)
	}
	if got := p.read("b/package.json"); !strings.Contains(got, `{"a":"1.0.1"}`) {
		t.Error(got)
	}
	if got := p.read("package-lock.json"); !strings.Contains(got, `"a":{"version":"1.0.1"},"b":{"version":"1.0.0","dependencies":{"a":"1.0.1"}}`) {
		t.Error(got)
	}
}

// What stands in the way of every package is found before the first upload.
func TestRealQueueWithoutALoginSendsNothing(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := trio(t, npm11, reg, "")
	p.env = append(p.env, "npm_config_userconfig=/dev/null", "npm_config_registry="+reg.URL)
	_, stderr, status := p.piped("--workspaces", "--report", "../r.json")
	if all, _ := reg.got(); status != 77 || len(all) != 0 || !strings.HasPrefix(lastLine(stderr), "safepublish: not-logged-in: ") {
		t.Errorf("status %d, %+v\n%s", status, all, stderr)
	}
	if strings.Contains(stderr, "npm notice") {
		t.Errorf("npm publish was started:\n%s", stderr)
	}
	if doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")); doc.Outcome != "not-published" || len(doc.Packages) != 3 {
		t.Errorf("%s, %+v", doc.Outcome, doc.Packages)
	}
}

// --skip-existing: what is there is no failure, whatever its contents, and is not
// touched; what is not there is published.
func TestRealSkipExisting(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0").holds("demo", "1.0.0")
	p := trio(t, npm11, reg, "")
	_, stderr, status := p.piped("--workspaces", "--skip-existing", "--report", "../r.json")
	all, stored := reg.got()
	if status != 0 || len(all) != 2 || len(stored) != 2 || !strings.Contains(stderr, "3 packages: 1 skipped, 2 published") {
		t.Errorf("status %d, %+v\n%s", status, all, stderr)
	}
	one := newProject(t, npm11, reg.URL, demo)
	_, stderr, status = one.piped("--skip-existing", "--report", "../r.json")
	doc := validReport(t, filepath.Join(filepath.Dir(one.dir), "r.json"))
	if now, _ := reg.got(); status != 0 || len(now) != len(all) || doc.Outcome != "skipped" || doc.Packages[0].Outcome != "skipped" {
		t.Errorf("status %d, %s %+v\n%s", status, doc.Outcome, doc.Packages, stderr)
	}
}

// A script that stamps the version is run: what package.json says before it is not what
// is published.
func TestRealSkipExistingOfAStampedVersion(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"npm version 1.2.0 --no-git-tag-version"}}`)
	_, stderr, status := p.piped("--skip-existing")
	if _, stored := reg.got(); status != 0 || len(stored) != 1 || stored[0].version != "1.2.0" {
		t.Errorf("status %d, %+v\n%s", status, stored, stderr)
	}
}

// A person passes over one package, and the others go on.
func TestRealQueueOnATerminal(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0").holds("c", "1.0.0")
	p := trio(t, npm11, reg, "")
	x := p.terminal("--workspaces")
	x.menu("version-exists")
	x.send("\r")
	x.awaitText("c 1.0.0 (3 of 3)")
	x.menu("version-exists")
	x.send("\x1b[B\x1b[B\x1b[B\x1b[B") // past the three numbers and the one that is typed
	x.awaitText("> Skip this package")
	x.send("\r")
	x.awaitText("3 packages: 2 published, 1 skipped")
	x.ends(0)
	if _, stored := reg.got(); len(stored) != 2 {
		t.Errorf("%+v", stored)
	}
}

// A queue that is killed at a random instant and run again ends as one that was not:
// every package is stored once, and the edits are those of the numbers that are there.
func TestRealQueueKilledAndRunAgain(t *testing.T) {
	large(t)
	for range 50 {
		seed := rand.Uint64()
		t.Run(strconv.FormatUint(seed, 16), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 0))
			p, reg := monorepo(t, npms[random.IntN(len(npms))])
			args := []string{
				"--workspaces", "--fix", "bump=patch", "--fix", "otp", "--fix", "retry",
				"--otp-command", "echo 123456", "--report", "../r.json",
			}
			instant := time.Duration(random.Int64N(int64(15 * time.Second)))
			first := killed(t, p, instant, random.IntN(3) == 0, args...)
			reg.set(func(w *registry.World) { w.Faults = nil })
			_, stderr, status := p.piped(args...)
			_, stored := reg.got()
			count := map[string]int{}
			for _, u := range stored {
				count[u.name]++
			}
			for i := range 6 {
				if name := fmt.Sprintf("p%d", i+1); count[name] != 1 {
					t.Errorf("%s was stored %d times", name, count[name])
				}
			}
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if status != 0 || doc.Outcome != "published" && doc.Outcome != "already-published" || !strings.Contains(p.read("packages/p2/package.json"), "1.0.1") {
				t.Errorf("killed after %s (%s): status %d, %s\n%s", instant, first, status, doc.Outcome, stderr)
			}
		})
	}
}

// One workspace alone is repaired as any package is; the others are not touched.
func TestRealOneWorkspaceIsRepaired(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("a", "1.0.0")
	p := trio(t, npm11, reg, "")
	before := p.read("b/package.json")
	_, stderr, status := p.piped("-w", "a", "--fix", "bump=patch")
	_, stored := reg.got()
	if status != 0 || len(stored) != 1 || stored[0].version != "1.0.1" || !strings.Contains(p.read("a/package.json"), `"1.0.1"`) {
		t.Errorf("status %d, %+v\n%s", status, stored, stderr)
	}
	if p.read("b/package.json") != before {
		t.Error("b was edited")
	}
}

// At the private root of a workspace what was most likely meant is the first entry.
func TestRealPrivateRootPublishesItsPackages(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := trio(t, npm11, reg, "")
	x := p.terminal("--tag", "next")
	x.menu("version-invalid") // which npm minds first
	if s, _ := x.text(); !strings.Contains(s, "> Publish its 3 packages: safepublish --workspaces --tag next") {
		t.Fatal(s)
	}
	x.send("\r")
	x.awaitText("3 packages: 3 published")
	x.ends(0)
	if _, stored := reg.got(); len(stored) != 3 {
		t.Errorf("%+v", stored)
	}
}
