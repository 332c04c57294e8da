package classify

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestSentencesOfOtherRegistries runs every answer that other registries are known
// to give to a publish through the classifier, in the line that npm makes of it.
// testdata/sentences.tsv has the registry, the status, the reason phrase where it is
// its own, what npm prints behind the address ("-" for nothing: the sentence stood
// where npm does not look), and the cause: with "?" where the text cannot prove it.
func TestSentencesOfOtherRegistries(t *testing.T) {
	text, err := os.ReadFile("testdata/sentences.tsv")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			t.Fatalf("%q has %d columns", line, len(f))
		}
		rows++
		status, err := strconv.Atoi(f[1])
		if err != nil {
			t.Fatal(err)
		}
		c := refusal("@acme/widget", status, "")
		c.Message[0].Text = fmt.Sprintf("%d %s - PUT %s@acme%%2fwidget", status, f[2], testRegistry)
		if f[3] != "-" {
			c.Message[0].Text += " - " + f[3]
		}
		d, _ := Diagnose(c)
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != f[4] {
			t.Errorf("%s %d %q %q: %s, want %s", f[0], status, f[2], f[3], got, f[4])
		}
	}
	if rows < 90 {
		t.Errorf("only %d sentences", rows)
	}
}

// TestProducts: a registry's product is told by the shape of its address or by its
// words, and by nothing else.
func TestProducts(t *testing.T) {
	for _, test := range []struct{ registry, said, want string }{
		{"https://gitlab.example/api/v4/projects/42/packages/npm/", "", "GitLab"},
		{"https://feeds.example/acme/_packaging/main/npm/registry/", "", "Azure Artifacts"},
		{"https://acme-1.d.codeartifact.eu-west-1.example/npm/main/", "", "AWS CodeArtifact"},
		{"https://repo.example/artifactory/api/npm/npm-local/", "", "Artifactory"},
		{"https://nexus.example/repository/npm-hosted/", "", "Sonatype Nexus"},
		{"https://git.example/api/packages/acme/npm/", "", "Gitea or Forgejo"},
		{"https://ghe.example/_registry/npm/acme/", "", "GitHub Packages"},
		{testRegistry, "Permission permission_denied: write_package", "GitHub Packages"},
		{testRegistry, "[FORBIDDEN] Read-only Token \"x\" can't publish", "cnpm"},
		{testRegistry, "user ann is not allowed to publish package @acme/widget", "Verdaccio"},
		{testRegistry, "Forbidden", ""},
		{"http://localhost:4873/", "", ""},
		{"https://npmjs.org/", "Permission permission_denied: write_package", ""},
	} {
		c := refusal("@acme/widget", 403, test.said)
		c.Packages[0].Registry = test.registry
		got := ""
		if k := productOf(c); k != nil {
			got = k.name
		}
		if got != test.want {
			t.Errorf("%s %q: %q, want %q", test.registry, test.said, got, test.want)
		}
	}
	for _, k := range products {
		for id, steps := range k.steps {
			if Lookup(id) == nil || len(steps) == 0 {
				t.Errorf("%s has steps for %s", k.name, id)
			}
		}
	}
}

// TestReadOnlyEndpoints: an address that is read from only decides by itself; one
// that does not tell makes it likely.
func TestReadOnlyEndpoints(t *testing.T) {
	at := func(registry string, status int) func() *Case {
		return func() *Case {
			c := refusal("@acme/widget", status, "")
			c.Packages[0].Registry, c.Answers.Registry = registry, registry
			return c
		}
	}
	for _, test := range []struct {
		registry string
		status   int
		want     string
	}{
		{"https://gitlab.example/api/v4/packages/npm/", 404, "wrong-registry"},
		{"https://gitlab.example/api/v4/groups/7/-/packages/npm/", 404, "wrong-registry"},
		{"https://gitlab.example/api/v4/projects/7/packages/npm/", 404, "not-found-unexplained?"},
		{"https://nexus.example/repository/npm-all/", 400, "wrong-registry?"},
		{"https://nexus.example/repository/npm-all/", 404, "wrong-registry?"},
		{testRegistry, 400, "unknown?"},
	} {
		d, _ := Diagnose(at(test.registry, test.status)())
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != test.want {
			t.Errorf("%s %d: %s, want %s", test.registry, test.status, got, test.want)
		}
	}
}
