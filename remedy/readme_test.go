package remedy

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeFixes: what the README says that --fix takes is made from the table.
func TestReadmeFixes(t *testing.T) {
	const file, begin, end = "../README.md", "<!-- fixes -->", "<!-- /fixes -->"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	is, after, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatal("the README does not say what --fix takes")
	}
	want := strings.ReplaceAll("`"+strings.Join(Usages(), "`, `")+"`", "|", `\|`)
	if is == want {
		return
	}
	if !*update {
		t.Fatalf("what the README says of --fix is stale; run go test ./remedy -run %s -update", t.Name())
	}
	if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
