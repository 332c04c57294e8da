//go:build !windows

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// In GitHub Actions the step has outputs, a summary with a row for each package, and an
// annotation whose first line is the first thing to do. The action of this repository
// runs as it stands.
func TestRealActionSetsOutputs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "actions", "publish", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Outputs map[string]struct{ Value string }
		Runs    struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal(text, &action); err != nil {
		t.Fatal(err)
	}
	reg := newStub(t).holds("a", "1.0.0")
	p := trio(t, npm11, reg, "")
	p.withOnPath(filepath.Dir(program))
	output, summary := filepath.Join(p.home, "output"), filepath.Join(p.home, "summary")
	for _, file := range []string{output, summary} {
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.env = append(p.env, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary, "ARGS=--workspaces --tag 'next'")
	out, status := p.run("bash", "-eo", "pipefail", "-c", action.Runs.Steps[0].Run)
	if status != 65 || !strings.Contains(out, "::error title=safepublish%3A version-exists::safepublish --fix bump=patch ") {
		t.Errorf("status %d\n%s", status, out)
	}
	outputs := map[string]string{}
	read, _ := os.ReadFile(output)
	for line := range strings.Lines(string(read)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		outputs[key] = value
	}
	for key, want := range map[string]string{
		"outcome": "partly-published", "published": "true", "cause": "version-exists", "packages": `[{"name":"a","version":"1.0.0",`,
	} {
		if !strings.HasPrefix(outputs[key], want) || !strings.Contains(action.Outputs[key].Value, "outputs."+key) {
			t.Errorf("%s is %q", key, outputs[key])
		}
	}
	table, _ := os.ReadFile(summary)
	for _, row := range []string{"| `a` | `1.0.0` | `next` |", "failed: version-exists |", "| `c` | `1.0.0` | `next` |", "published |", "not-tried |"} {
		if !strings.Contains(string(table), row) {
			t.Errorf("%q is not in\n%s", row, table)
		}
	}
}
