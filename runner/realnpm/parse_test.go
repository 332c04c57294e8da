package realnpm

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/classify/npm"
)

// vocabulary has a word for every rule of npm's parser that was found to matter, less
// the abbreviations and the letters written together, which npm.Check refuses.
var vocabulary = []string{
	"--tag", "--tag=next", "-tag", "--tag=--dry-run", "--no-tag", "--access", "--access=public", "--no-access",
	"-C", "--otp", "--no-otp", "--dry-run", "--dry-run=yes", "--dry-run=", "--no-dry-run",
	"--no-no-dry-run", "--NO-dry-run", "--dryrun", "--DRY-RUN", "--json", "-json", "--browser", "--no-browser", "--color",
	"--registry", "--registry=http://127.0.0.1/", "--reg=http://127.0.0.1/", "--@a:registry", "--@a:registry=http://127.0.0.1/",
	"--//h/:_authToken=FAKE", "-w", "-ws", "--ws", "-dd", "-d", "-s=x", "--silent", "--no-ca", "--ca",
	"--depth", "--no-depth", "--logs-max=5", "--omit", "--omit=dev", "--message", "--call=-x", "--yes", "-n", "--no", "--foo",
	"--foo=bar", "--foo=", "--tag next", "--=x", "-=-f", "--x=--", "---", "--", "-", "", "true", "false", "null", "always",
	"5", "public", "dev", "./dist", "x y", "-1", "--provenance", "--workspaces", "--no-workspace", "--audit-level", " pad ",
}

// elsewhere are the words that an npm does not know, or of which it knows other types.
var elsewhere = map[string][]string{
	"6.14.18": {
		"--browser", "--no-browser", "--depth", "--no-depth", "--registry", "--call=-x", "-w", "-ws", "--ws", "--no", "--yes", "-n",
		"--omit", "--omit=dev", "--audit-level", "--provenance", "--workspaces", "--no-workspace",
	},
	"8.19.4": {"--provenance"},
}

// TestRealNpmParse compares npm.Parse with each npm's own parser over
// arguments put together at random, always the same ones.
func TestRealNpmParse(t *testing.T) {
	all := randomLists(5000)
	for _, version := range Versions {
		t.Run(version, func(t *testing.T) {
			lists := all
			if version != "11.19.1" && os.Getenv("SAFEPUBLISH_TEST_WHOLE") == "" {
				lists = all[:1000] // .ci/soak has all of them
			}
			input, err := json.Marshal(lists)
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(filepath.Dir(Path(t, version)), "..", "node_modules", "npm")
			cmd := exec.Command("node", "parse.cjs", path)
			cmd.Stdin = bytes.NewReader(input)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, &stderr)
			}
			var answers []struct {
				Values map[string][]string
				Specs  []string
			}
			if err := json.Unmarshal(out, &answers); err != nil {
				t.Fatal(err)
			}
			for i, want := range answers {
				if !slices.ContainsFunc(lists[i], func(word string) bool { return slices.Contains(elsewhere[version], word) }) {
					compare(t, lists[i], npm.Parse(lists[i]), want.Values, want.Specs)
				}
			}
		})
	}
}

func randomLists(n int) [][]string {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same lists every time
	lists := make([][]string, n)
	for i := range lists {
		for range 1 + random.IntN(5) {
			lists[i] = append(lists[i], vocabulary[random.IntN(len(vocabulary))])
		}
	}
	return lists
}

// compare: npm keeps only the last value where a key does not accumulate, makes
// a number of an empty one, and parse.cjs tells what is invalid first.
func compare(t *testing.T, args []string, got npm.Parsed, values map[string][]string, specs []string) {
	t.Helper()
	if !slices.Equal(got.Specs, specs) {
		t.Errorf("Parse(%q): words %q, npm's %q", args, got.Specs, specs)
	}
	for key, want := range values {
		have := got.Values[key]
		if len(want) < len(have) {
			have = have[len(have)-len(want):]
		}
		if key == "depth" && want[0] == "0" {
			want[0] = ""
		}
		have, want = slices.Sorted(slices.Values(have)), slices.Sorted(slices.Values(want))
		if !slices.Equal(have, want) {
			t.Errorf("Parse(%q): %s is %q, npm's %q", args, key, got.Values[key], want)
		}
	}
	if len(got.Values) != len(values) {
		t.Errorf("Parse(%q): keys %v, npm's %v", args, got.Values, values)
	}
}
