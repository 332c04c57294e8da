package classify

import (
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"safepublish/classify/transcript"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// nameVariables are the causes whose page shows a variable of an .npmrc.
var nameVariables = []string{
	"token-unset", "not-logged-in", "npmrc-invalid", "token-invalid", "no-permission", "forbidden-unexplained", "oidc-not-configured",
}

// A person in a hurry reads a page of at most 40 lines, what is for other registries not
// counted.
func TestPages(t *testing.T) {
	for _, row := range Causes() {
		text := row.Page()
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		own, _, _ := strings.Cut(text, "\nOn other registries\n")
		if n := strings.Count(own, "\n"); n < 15 || n > 40 || len(lines) > 65 {
			t.Errorf("%s: %d lines, %d of them its own", row.ID, len(lines), n)
		}
		for l := range strings.Lines(row.PageIn(60)) {
			if utf8.RuneCountInString(l) > 61 && strings.Contains(strings.TrimSpace(l), " ") {
				t.Errorf("%s in 60 columns: %q", row.ID, l)
			}
		}
		for _, l := range lines {
			if utf8.RuneCountInString(l) > pageWidth || strings.TrimRight(l, " ") != l {
				t.Errorf("%s: %q", row.ID, l)
			}
		}
		if strings.ContainsAny(text, "!\t\x1b") || strings.Contains(text, "${") && !slices.Contains(nameVariables, row.ID) {
			t.Errorf("%s: shouts, or has something unfilled:\n%s", row.ID, text)
		}
		if row.Why == "" || row.Prevent == "" || slices.Contains([]int{len(row.Happens), len(row.Confirm), len(row.Fix)}, 0) {
			t.Errorf("%s: a section is empty", row.ID)
		}
		for _, item := range slices.Concat(row.Happens, row.Confirm, row.Fix) {
			if strings.TrimSpace(item) == "" {
				t.Errorf("%s: an empty item", row.ID)
			}
		}
	}
}

// No word of a page is taken for a secret, where it stands in a diagnosis: nobody can
// follow "--otp *** the start".
func TestNoWordOfAPageIsTakenForASecret(t *testing.T) {
	var all []string
	for _, row := range Causes() {
		all = slices.Concat(all, []string{row.Title, row.Why, row.Prevent}, row.Happens, row.Confirm, row.Fix)
	}
	for _, p := range products {
		for _, steps := range p.steps {
			all = append(all, steps...)
		}
	}
	for _, text := range all {
		if shown := transcript.NewRedactor(nil).Line(text); shown != text {
			t.Errorf("%q is shown as %q", text, shown)
		}
	}
}

func TestPagesAsReviewed(t *testing.T) {
	var all strings.Builder
	for _, row := range Causes() {
		all.WriteString(row.Page() + strings.Repeat("=", pageWidth) + "\n")
	}
	golden(t, "pages.golden", all.String())
}

// TestDiagnosesAsReviewed keeps what a person reads for every run of npm 11.
func TestDiagnosesAsReviewed(t *testing.T) {
	var all strings.Builder
	for _, run := range readings(t, "run") {
		if run.NPM != "11.19.1" {
			continue
		}
		d, failed := run.diagnose()
		if !failed {
			fmt.Fprintf(&all, "%s: nothing to say\n", run.Name())
			continue
		}
		fmt.Fprintf(&all, "%s: %s, sure %v, others %v\n  %s\n", run.Name(), d.Cause.ID, d.Sure, ids(d.Others), d.Title())
		for _, e := range d.Evidence {
			fmt.Fprintf(&all, "    %s  %q\n", e.From, e.Text)
		}
	}
	golden(t, "diagnoses.golden", all.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		a, b := strings.Split(got, "\n"), strings.Split(string(want), "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				t.Fatalf("%s:%d differs: %q (go test -run %s -update)", file, i+1, a[i], t.Name())
			}
		}
		t.Fatalf("%s is longer than what is made now", file)
	}
}

func TestTitle(t *testing.T) {
	for _, test := range []struct {
		id   string
		vars map[string]string
		want string
	}{
		{
			"version-exists",
			map[string]string{"package": "@acme/widget", "version": "1.0.0", "registry": "npmjs.org"},
			"@acme/widget 1.0.0 is already on npmjs.org",
		},
		{
			"version-exists",
			map[string]string{"package": "a", "version": "1.0.0", "registry": "https://npmjs.org/"},
			"a 1.0.0 is already on npmjs.org",
		},
		{"version-exists", nil, "this version is already on the registry"},
		{"version-exists", map[string]string{"version": "1.0.0"}, "version 1.0.0 is already on the registry"},
		{
			"no-permission",
			map[string]string{"package": "a", "user": "bob", "registry": "r.example:4873"},
			"this account (bob) may not publish a on r.example:4873",
		},
		{"scope-not-found", map[string]string{"package": "@acme/a"}, "the scope @acme does not exist on the registry, or you may not see it"},
		{"script-failed", map[string]string{"package": "a", "event": "prepack"}, "the script prepack of a failed before anything was sent"},
		{
			"version-exists",
			map[string]string{"package": "${version}", "version": "${package}"},
			"${version} ${package} is already on the registry",
		},
	} {
		if got := (Diagnosis{Cause: Lookup(test.id), Vars: test.vars}).Title(); got != test.want {
			t.Errorf("%s %v: %q, want %q", test.id, test.vars, got, test.want)
		}
	}
	for _, row := range Causes() {
		title := Diagnosis{Cause: row}.Title()
		if title == "" || strings.Contains(title, "$") || strings.Contains(title, "  ") || strings.HasSuffix(title, ".") || len(title) > 110 {
			t.Errorf("%s: %q", row.ID, title)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		id     string
		npm    int
		signal string
		want   int
	}{
		{"version-exists", 1, "", 65},
		{"already-published", 1, "", 0},
		{"already-published", 1, "terminated", 0},
		{"interrupted", 1, "", 130},
		{"interrupted", -1, "interrupt", 130},
		{"interrupted", -1, "terminated", 143},
		{"interrupted", -1, "signal 12", 140},
		{"script-failed", 3, "", 3},
		{"published-script-failed", 4, "", 4},
		{"script-failed", 0, "", 1},
		{"unknown", 254, "", 254},
		{"unknown", -1, "", 1},
		{"name-taken", 1, "", 77},
		{"npm-missing", 0, "", 127},
		{"registry-url-invalid", 1, "", 64},
		{"network", 1, "", 69},
		{"publish-race", 1, "", 75},
		{"token-unset", 1, "", 78},
	} {
		if got := ExitStatus(Diagnosis{Cause: Lookup(test.id)}, test.npm, test.signal); got != test.want {
			t.Errorf("%s, npm %d, %q: %d, want %d", test.id, test.npm, test.signal, got, test.want)
		}
	}
	if got := ExitStatus(Diagnosis{}, 0, ""); got != 1 {
		t.Errorf("no cause: %d", got)
	}
}

// TestTable: IDs are unique, and no row hides behind one that fits everything.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for i, row := range causes {
		if seen[row.ID] || Lookup(row.ID) != row {
			t.Errorf("%s is there twice", row.ID)
		}
		if i > 0 && row.Rank <= causes[i-1].Rank {
			t.Errorf("%s and %s have the same rank", row.ID, causes[i-1].ID)
		}
		seen[row.ID] = true
		bare := row.Codes == nil && row.Status == nil && row.Says == nil && row.When == nil
		tabled := slices.ContainsFunc(tables(), func(t *table) bool { return t.has(row) })
		if bare != row.Tabled && i < len(causes)-1 || row.Tabled && !tabled {
			t.Errorf("%s fits every run", row.ID)
		}
	}
	if Lookup("nothing") != nil {
		t.Error("Lookup finds what is not there")
	}
}

var pureToo = []string{"safepublish/classify/transcript", "safepublish/classify/npm", "safepublish/classify/pattern"}

// TestPure: what happened in, why out. No files, no processes, no network.
func TestPure(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imp := range parsed.Imports {
			path := strings.Trim(imp.Path.Value, `"`)
			first, _, _ := strings.Cut(path, "/")
			ours := strings.HasPrefix(path, "safepublish/") && !slices.Contains(pureToo, path)
			if first == "os" || first == "net" && path != "net/url" || path == "syscall" || ours {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}
