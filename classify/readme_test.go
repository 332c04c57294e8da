package classify_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/remedy"
)

// TestReadmeTable: the table of causes in README.md is made from the rows of this
// package and from the remedies.
func TestReadmeTable(t *testing.T) {
	const file, begin, end = "README.md", "<!-- causes -->\n", "<!-- /causes -->"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(b), begin)
	table, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatal("README.md has no table of causes")
	}
	want := causesTable()
	if table == want {
		return
	}
	if flag.Lookup("update").Value.String() != "true" {
		t.Fatalf("the table of causes in README.md is stale; run go test ./classify -run %s -update", t.Name())
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func causesTable() string {
	var b strings.Builder
	b.WriteString("| cause | what is wrong | what is offered | status |\n|---|---|---|---|\n")
	for _, c := range classify.Causes() {
		var fixes []string
		for _, r := range remedy.Remedies() {
			if slices.Contains(r.Fixes, c.ID) {
				fixes = append(fixes, r.ID)
			}
		}
		offered := strings.Join(fixes, ", ")
		if offered == "" {
			offered = "advice"
		}
		title := strings.ReplaceAll(classify.Diagnosis{Cause: c}.Title(), "|", `\|`)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.ID, title, offered, c.ExitWords())
	}
	return b.String()
}
