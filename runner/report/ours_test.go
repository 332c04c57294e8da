package report

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"safepublish/classify/npm"
	"safepublish/remedy/ledger"
)

const earlier = `{"schema":1,"outcome":"published","packages":[],"attempts":[],"of":"a later version"}`

// What may give way to a report, in a package and outside of one.
func TestWhatIsReplaced(t *testing.T) {
	for _, c := range []struct {
		name, text string
		inside     string // the refusal, "" for none
		outside    string
	}{
		{name: "r.json", text: earlier},
		{name: "r.json", text: ""},
		{name: "R.JSON", text: ""},
		{name: "index.js", text: "", inside: "an empty file of the package"},
		{name: "report", text: "", inside: "an empty file of the package"},
		{name: "index.js", text: "mine", inside: "not a report", outside: "not a report"},
		{name: "r.json", text: "\n", inside: "not a report", outside: "not a report"},
		{name: "r.json", text: `{"name":"demo"}`, inside: "not a report", outside: "not a report"},
		{name: "r.json", text: `{"schema":1,"outcome":"x","packages":[]}`, inside: "not a report", outside: "not a report"},
		{name: "r.json", text: `{"schema":"1","outcome":"x","packages":[],"attempts":[]}`, inside: "not a report", outside: "not a report"},
		{name: "r.json", text: `{"schema":1,"diagnoses":[]}`, inside: "not a report", outside: "not a report"},
		{name: "r.json", text: earlier + earlier, inside: "not a report", outside: "not a report"},
		{name: "r.json", text: `[` + earlier + `]`, inside: "not a report", outside: "not a report"},
		{name: "package.json", text: earlier, inside: "npm reads", outside: "npm reads"},
		{name: "PACKAGE.json", text: earlier, inside: "npm reads", outside: "npm reads"},
		{name: "README.json", text: earlier, inside: "npm reads", outside: "npm reads"},
		{name: ".npmignore", text: "", inside: "npm reads", outside: "npm reads"},
		{name: "binding.gyp", text: "", inside: "npm reads", outside: "npm reads"},
	} {
		for where, want := range map[string]string{inPackage(t): c.inside, t.TempDir(): c.outside} {
			path := filepath.Join(where, c.name)
			before := c.text
			if text, err := os.ReadFile(path); err == nil && c.name != "package.json" { // a file system that knows no capitals
				before = string(text)
			} else if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Open(path, t.TempDir(), npm.Sh)
			switch {
			case want == "" && err != nil:
				t.Errorf("%s with %q: %v", c.name, c.text, err)
			case want != "" && !isRefusal(err, want):
				t.Errorf("%s with %q: %v, want %q", c.name, c.text, err, want)
			case want != "":
				if text, _ := os.ReadFile(path); string(text) != before {
					t.Errorf("%s became %q", c.name, text)
				}
				if all, _ := filepath.Glob(filepath.Join(where, "._*")); len(all) > 0 {
					t.Errorf("left: %v", all)
				}
			}
		}
	}
}

func isRefusal(err error, why string) bool {
	return err != nil && strings.Contains(err.Error(), why) && strings.Contains(err.Error(), "as with --report ") && !strings.Contains(err.Error(), "\n")
}

// The file that a refusal names is free.
func TestRefusalNamesAFreeFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"mine.txt", "report.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Open(filepath.Join(dir, "mine.txt"), "", npm.Sh)
	_, path, _ := strings.Cut(err.Error(), "as with --report ")
	if path != filepath.Join(dir, "report-2.json") {
		t.Errorf("%v", err)
	}
	if _, err := Open(path, "", npm.Sh); err != nil {
		t.Error(err)
	}
}

func unix(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no links without a privilege")
	}
}

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustLink(t *testing.T, target, path string) {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// A person's link stays a link, and what it leads to is treated as any file.
func TestLinks(t *testing.T) {
	unix(t)
	dir, state := t.TempDir(), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	mustWrite(t, at("mine"), "mine")
	mustWrite(t, at("report"), earlier)
	mustLink(t, "mine", at("to-mine"))
	mustLink(t, "report", at("to-report"))
	mustLink(t, "nothing", at("to-nothing"))
	if err := os.Link(at("mine"), at("hard")); err != nil {
		t.Fatal(err)
	}
	mustLink(t, "/dev/null", at("to-null"))
	for name, why := range map[string]string{
		"to-mine": "not a report", "to-nothing": "a link to a file that does not exist", "hard": "not a report", "to-null": "not a file", "to-report": "",
	} {
		r, err := Open(at(name), state, npm.Sh)
		if why != "" {
			if err == nil || !strings.Contains(err.Error(), why) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || r.End(ledger.Published, 0, "") != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if doc, link := written(t, at(name)); !link || doc.Outcome != ledger.Published {
			t.Errorf("%s: link %v, %+v", name, link, doc)
		}
	}
	if text, _ := os.ReadFile(at("mine")); string(text) != "mine" {
		t.Errorf("it became %q", text)
	}
	if target, _ := os.Readlink(at("to-nothing")); target != "nothing" {
		t.Errorf("the link leads to %q", target)
	}
}

// A link from outside into a package: npm would pack the report there.
func TestALinkIntoAPackage(t *testing.T) {
	unix(t)
	pkg, dir := inPackage(t), t.TempDir()
	deep := filepath.Join(pkg, "deep")
	if err := os.Mkdir(deep, 0o755); err != nil {
		t.Fatal(err)
	}
	mustLink(t, deep, filepath.Join(dir, "folder"))
	mustWrite(t, filepath.Join(deep, "r.json"), earlier)
	mustLink(t, filepath.Join(deep, "r.json"), filepath.Join(dir, "r.json"))
	for _, path := range []string{filepath.Join(dir, "folder", "r.json"), filepath.Join(dir, "r.json")} {
		r, err := Open(path, t.TempDir(), npm.Sh)
		if err != nil {
			t.Fatal(err)
		}
		if doc, link := written(t, filepath.Join(deep, "r.json")); !link || doc.Outcome != ledger.Unsettled {
			t.Errorf("npm would pack it: link %v, %+v", link, doc)
		}
		if err := r.End(ledger.Published, 0, ""); err != nil {
			t.Fatal(err)
		}
		if doc, link := written(t, filepath.Join(deep, "r.json")); link || doc.Outcome != ledger.Published {
			t.Errorf("link %v, %+v", link, doc)
		}
	}
}

// npm's own output is no place for a report: what npm prints would be lost.
func TestNotOverOurOwnStreams(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	out, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	defer func(std *os.File) { os.Stdout = std }(os.Stdout)
	os.Stdout = out
	if _, err := Open(path, t.TempDir(), npm.Sh); err == nil || !strings.Contains(err.Error(), "npm's own output goes there") {
		t.Errorf("%v", err)
	}
}

// A script writes a file of the report's name while npm runs: it is never lost.
func TestWrittenMeanwhile(t *testing.T) {
	unix(t)
	for name, write := range map[string]func(t *testing.T, path string){
		"through the link": func(t *testing.T, path string) { t.Helper(); mustWrite(t, path, "mine") },
		"in its place": func(t *testing.T, path string) {
			t.Helper()
			mustWrite(t, path+".new", "mine")
			if err := os.Rename(path+".new", path); err != nil {
				t.Fatal(err)
			}
		},
		"another link": func(t *testing.T, path string) {
			t.Helper()
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			mustWrite(t, path+".target", "mine")
			mustLink(t, path+".target", path)
		},
	} {
		for where, dir := range map[string]string{"in a package": inPackage(t), "outside": t.TempDir()} {
			t.Run(name+" "+where, func(t *testing.T) {
				path, state := filepath.Join(dir, "r.json"), t.TempDir()
				r, err := Open(path, state, npm.Sh)
				if err != nil {
					t.Fatal(err)
				}
				write(t, path)
				r.Begin("11.19.1", func(s string) string { return s }, func(_, _, _ string) ledger.Outcome { return ledger.Published })
				if err := r.End(ledger.Published, 0, ""); err == nil || !strings.Contains(err.Error(), "something else wrote "+path) {
					t.Errorf("said %v", err)
				}
				if text, _ := os.ReadFile(path); string(text) != "mine" {
					t.Errorf("it became %q", text)
				}
				if target, _ := os.Readlink(path); strings.HasPrefix(target, state) {
					t.Errorf("it is a link to %s", target)
				}
				if left, _ := filepath.Glob(filepath.Join(state, "reports", "*")); len(left) > 0 {
					t.Errorf("left: %v", left)
				}
			})
		}
	}
}

// What a script wrote through the link of a run that was killed is not lost by the
// next run either.
func TestWrittenAndThenKilled(t *testing.T) {
	unix(t)
	path, state := filepath.Join(inPackage(t), "r.json"), t.TempDir()
	if _, err := Open(path, state, npm.Sh); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, path, "mine")
	if _, err := Open(path, state, npm.Sh); err == nil || !strings.Contains(err.Error(), "not a report") {
		t.Errorf("%v", err)
	}
	if text, _ := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("it became %q", text)
	}
}

// Whoever removes the report meanwhile gets a new one.
func TestRemovedMeanwhile(t *testing.T) {
	for _, dir := range []string{inPackage(t), t.TempDir()} {
		path := filepath.Join(dir, "r.json")
		r, err := Open(path, t.TempDir(), npm.Sh)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := r.End(ledger.Published, 0, ""); err != nil {
			t.Fatal(err)
		}
		if doc, link := written(t, path); link || doc.Outcome != ledger.Published {
			t.Errorf("link %v, %+v", link, doc)
		}
	}
}

// Without a place for it elsewhere there is none while npm runs, and none is put
// over what a script has made.
func TestWrittenMeanwhileWithoutState(t *testing.T) {
	path := filepath.Join(inPackage(t), "r.json")
	r, err := Open(path, "", npm.Sh)
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, path, "mine")
	if err := r.End(ledger.Published, 0, ""); err == nil {
		t.Error("nothing was said")
	}
	if text, _ := os.ReadFile(path); string(text) != "mine" {
		t.Errorf("it became %q", text)
	}
}
