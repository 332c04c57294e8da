package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"safepublish/classify/npm"
	"safepublish/remedy/ledger"
)

// written returns the document at path, and whether path is a link.
func written(t *testing.T, path string) (doc Document, link bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return doc, info.Mode()&os.ModeSymlink != 0
}

func inPackage(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestOutsideOfPackages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	r, err := Open(path, t.TempDir(), npm.Sh)
	if err != nil {
		t.Fatal(err)
	}
	if doc, link := written(t, path); link || doc.Outcome != ledger.Unsettled || doc.Exit != nil {
		t.Errorf("link %v, %+v", link, doc)
	}
	if err := r.End(ledger.NotPublished, 65, ""); err != nil {
		t.Fatal(err)
	}
	if doc, _ := written(t, path); doc.Outcome != ledger.NotPublished || *doc.Exit != 65 {
		t.Errorf("%+v", doc)
	}
	if err := r.End(ledger.Published, 0, ""); err != nil {
		t.Fatal(err)
	}
	if doc, _ := written(t, path); *doc.Exit != 65 {
		t.Error("a second end was written")
	}
}

func TestInsideOfAPackage(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no links without a privilege")
	}
	dir, state := inPackage(t), t.TempDir()
	path := filepath.Join(dir, "deep", "r.json")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second finds the link of the first, which was killed
		if _, err := Open(path, state, npm.Sh); err != nil {
			t.Fatal(err)
		}
		if doc, link := written(t, path); !link || doc.Outcome != ledger.Unsettled {
			t.Errorf("link %v, %+v", link, doc)
		}
	}
	if err := os.RemoveAll(filepath.Join(state, "reports")); err != nil { // a link that leads nowhere
		t.Fatal(err)
	}
	r, err := Open(path, state, npm.Sh)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.End(ledger.Published, 0, ""); err != nil {
		t.Fatal(err)
	}
	if doc, link := written(t, path); link || doc.Outcome != ledger.Published {
		t.Errorf("link %v, %+v", link, doc)
	}
	if left, _ := filepath.Glob(filepath.Join(state, "reports", "*")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Without a state folder there is nothing to link to: npm finds no report at all.
func TestInsideOfAPackageWithoutState(t *testing.T) {
	path := filepath.Join(inPackage(t), "r.json")
	if err := os.WriteFile(path, []byte(`{"schema":1,"outcome":"published","packages":[],"attempts":[]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, "", npm.Sh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("npm would pack it: %v", err)
	}
	if err := r.End(ledger.Published, 0, ""); err != nil {
		t.Fatal(err)
	}
	if doc, _ := written(t, path); doc.Outcome != ledger.Published {
		t.Errorf("%+v", doc)
	}
}

func TestThePersonsOwnLinkStays(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no links without a privilege")
	}
	dir := t.TempDir()
	target, path := filepath.Join(dir, "target.json"), filepath.Join(dir, "r.json")
	if err := os.WriteFile(target, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path, "", npm.Sh)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.End(ledger.Published, 0, ""); err != nil {
		t.Fatal(err)
	}
	if doc, link := written(t, path); !link || doc.Outcome != ledger.Published {
		t.Errorf("link %v, %+v", link, doc)
	}
}

func TestMarkdownObeysNobody(t *testing.T) {
	d := Document{Outcome: ledger.NotPublished, Attempts: []Attempt{{Diagnosis: &Diagnosis{
		Cause: "unknown", Title: "`</code><script>` [x](y)\n# head", Evidence: []Evidence{{"log:1", "``a`` | b"}},
	}}}}
	text := d.Markdown()
	for _, want := range []string{"`` `</code><script>` [x](y) # head ``", "``` ``a`` | b ```"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
