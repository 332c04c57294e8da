//go:build !windows

package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"safepublish/runner/report"
)

// validReport reads a report and checks it against the schema that the program
// itself prints, and for secrets.
func validReport(t *testing.T, path string) report.Document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", schema); err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if err := c.MustCompile("report.json").Validate(v); err != nil {
		t.Errorf("the report is not as its schema says: %v\n%s", err, text)
	}
	if bytes.Contains(text, []byte(fakeToken)) {
		t.Errorf("the token is in the report:\n%s", text)
	}
	var doc report.Document
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func causesOf(doc report.Document) []string {
	var all []string
	for _, a := range doc.Attempts {
		if a.Diagnosis != nil {
			all = append(all, a.Diagnosis.Cause)
		}
	}
	return all
}

// The story of the README: two walls in one command, and the report tells it.
func TestRealTwoWallsInOneCommand(t *testing.T) {
	eachNPM(t, chosen(npm12), func(t *testing.T, npm string) {
		reg := newStub(t).holds("demo", "1.0.0", "2.0.0")
		p := newProject(t, npm, reg.URL, demo)
		_, stderr, status := p.piped("--fix", "bump=patch", "--fix", "tag=next", "--report", "r.json")
		if status != 0 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
		if _, stored := reg.got(); len(stored) != 1 || stored[0].version != "1.0.1" || stored[0].tag != "next" {
			t.Errorf("stored %+v", stored)
		}
		doc := validReport(t, filepath.Join(p.dir, "r.json"))
		if got := causesOf(doc); !slices.Equal(got, []string{"version-exists", "latest-behind"}) {
			t.Fatalf("the causes are %v\n%s", got, p.read("r.json"))
		}
		var chosen []string
		for _, a := range doc.Attempts {
			chosen = append(chosen, a.Chosen)
		}
		if !slices.Equal(chosen, []string{"bump=patch", "tag=next", ""}) || doc.Outcome != "published" || *doc.Exit != 0 {
			t.Errorf("chosen %v, outcome %s", chosen, doc.Outcome)
		}
		last := doc.Packages[len(doc.Packages)-1]
		if len(doc.Packages) != 1 || last.Version != "1.0.1" || last.Tag != "next" || last.Outcome != "published" || len(last.Shasum) != 40 {
			t.Errorf("packages %+v", doc.Packages)
		}
		if got := strings.Join(doc.Attempts[0].Changes, "\n"); !strings.Contains(got, `+  "version": "1.0.1"`) {
			t.Errorf("changes %q", got)
		}
		if doc.Attempts[1].Changes[0] != "npm publish --tag=next" || doc.NPM != npm {
			t.Errorf("changes %q, npm %q", doc.Attempts[1].Changes, doc.NPM)
		}
	})
}

// A report in the package's own folder is not packed with it: the bytes are the
// same with and without one, that of an earlier run included.
func TestRealReportIsNotPublished(t *testing.T) {
	eachNPM(t, chosen(npm8), func(t *testing.T, npm string) {
		reg := newStub(t)
		p := newProject(t, npm, reg.URL, demo)
		_, stderr, status := p.piped()
		if status != 0 {
			t.Fatalf("status %d\n%s", status, stderr)
		}
		p.write("r.json", `{"schema":1,"outcome":"unknown","packages":[],"attempts":[]}`)
		_, stderr, status = p.piped("--report=r.json")
		doc := validReport(t, filepath.Join(p.dir, "r.json"))
		if status != 0 || doc.Outcome != "already-published" || !slices.Equal(causesOf(doc), []string{"already-published"}) {
			t.Errorf("status %d, outcome %s, causes %v\n%s", status, doc.Outcome, causesOf(doc), stderr)
		}
		if left, _ := filepath.Glob(filepath.Join(p.dir, ".*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

// A file that is no report is not replaced, and nothing is sent; one that a script
// makes meanwhile is not lost.
func TestRealReportReplacesNothingElse(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, reg.URL, demo)
	p.write("empty.js", "")
	before := p.tree()
	for _, name := range []string{"package.json", "index.js", "empty.js", "README.md", p.home + "/.npmrc"} {
		_, stderr, status := p.piped("--report", name)
		if status != 64 || strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "safepublish: --report "+name+": ") {
			t.Errorf("%s: status %d\n%s", name, status, stderr)
		}
	}
	if after := p.tree(); !maps.Equal(after, before) || len(reg.asked()) > 0 {
		t.Errorf("asked %v, files\n%q", reg.asked(), after)
	}
	p.write("package.json", `{"name":"demo","version":"1.0.0","scripts":{"prepack":"echo mine > built.js"}}`)
	_, stderr, status := p.piped("--report", "built.js")
	if status != 0 || p.read("built.js") != "mine\n" || strings.Count(stderr, "something else wrote ") != 1 {
		t.Errorf("status %d, %q\n%s", status, p.read("built.js"), stderr)
	}
}

// Whatever ends safepublish, there is a valid report.
func TestRealReportAfterAKill(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"r.json", "../report/r.json"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0")
			p := newProject(t, npm11, reg.URL, demo)
			path := filepath.Join(p.dir, where)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			x := p.terminal("--report", where)
			x.menu("version-exists")
			if err := x.cmd.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			_ = x.cmd.Wait()
			doc := validReport(t, path)
			if doc.Outcome != "unknown" || doc.Exit != nil || !slices.Equal(causesOf(doc), []string{"version-exists"}) {
				t.Errorf("%+v", doc)
			}
			x = p.terminal("--report", where)
			x.menu("version-exists")
			if err := x.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			x.wait()
			if doc = validReport(t, path); doc.Outcome != "not-published" || doc.Exit == nil || *doc.Exit != 143 {
				t.Errorf("after SIGTERM: %+v", doc)
			}
			if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%v %v", info, err)
			}
		})
	}
}

func TestRealReportOfWorkspaces(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("b", "1.0.0")
	p := newProject(t, npm11, reg.URL, `{"name":"root","private":true,"workspaces":["a","b"]}`)
	for _, name := range []string{"a", "b"} {
		p.write(name+"/package.json", `{"name":"`+name+`","version":"1.0.0"}`)
	}
	_, stderr, status := p.piped("--workspaces", "--report", "r.json")
	doc := validReport(t, filepath.Join(p.dir, "r.json"))
	var got []string
	for _, k := range doc.Packages {
		got = append(got, k.Name+" "+string(k.Outcome))
	}
	if status != 65 || doc.Outcome != "partly-published" || !slices.Equal(got, []string{"a published", "b failed"}) {
		t.Errorf("status %d, outcome %s, packages %v\n%s", status, doc.Outcome, got, stderr)
	}
}

// A dry run is reported as one, whatever it ended with.
func TestRealReportOfADryRun(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	p := newProject(t, npm11, reg.URL, demo)
	for version, exit := range map[string]int{"1.0.0": 65, "1.0.1": 0} {
		p.write("package.json", strings.Replace(demo, "1.0.0", version, 1))
		_, stderr, status := p.piped("--dry-run", "--fix", "bump=patch", "--report", "../r.json")
		doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
		if status != exit || *doc.Exit != exit || doc.Outcome != "dry-run" || len(doc.Packages) != 1 || doc.Packages[0].Outcome != "dry-run" {
			t.Errorf("%s: status %d, %+v\n%s", version, status, doc, stderr)
		}
	}
	if all, _ := reg.got(); len(all) > 0 {
		t.Errorf("uploads %+v", all)
	}
}
