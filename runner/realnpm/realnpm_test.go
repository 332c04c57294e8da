package realnpm

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestRealNpmVersions: each npm is the one it is said to be, on a node that it takes.
func TestRealNpmVersions(t *testing.T) {
	for _, version := range Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			var stderr strings.Builder
			cmd := exec.Command(Path(t, version), "--version")
			cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if got := strings.TrimSpace(string(out)); err != nil || got != version {
				t.Errorf("npm --version: %q, %v\n%s", got, err, &stderr)
			}
			if strings.Contains(stderr.String(), "does not support Node.js") {
				t.Errorf("on the wrong node: %s", &stderr)
			}
		})
	}
}
