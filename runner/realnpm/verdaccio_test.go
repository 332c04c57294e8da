package realnpm

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// publish publishes name@version as user with that npm, and returns its output
// and exit status.
func publish(t *testing.T, s *Server, npm, user, name, version string) (string, int) {
	t.Helper()
	home, dir := t.TempDir(), t.TempDir()
	write(t, filepath.Join(home, ".npmrc"), s.Npmrc(user))
	write(t, filepath.Join(dir, "package.json"), `{"name":"`+name+`","version":"`+version+`"}`)
	cmd := exec.Command(npm, "publish")
	cmd.Dir = dir
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "npm_config_update_notifier=false"}
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestVerdaccio is what real npm says to a real registry's refusals.
func TestVerdaccio(t *testing.T) {
	s, npm := Verdaccio(t), Path(t, "11.19.1")
	for _, tt := range []struct {
		name, user, pkg, version string
		exit                     int
		says                     []string
	}{
		{"alice publishes", "alice", "@alice/widget", "1.0.0", 0, []string{"+ @alice/widget@1.0.0"}},
		{"alice publishes it again", "alice", "@alice/widget", "1.0.0", 1, []string{"previously published versions: 1.0.0"}},
		{"alice publishes the next", "alice", "@alice/widget", "1.0.1", 0, []string{"+ @alice/widget@1.0.1"}},
		{"bob in alice's scope", "bob", "@alice/other", "1.0.0", 1, []string{"error code E403"}},
		{"a prerelease without a tag", "alice", "@alice/widget", "2.0.0-beta.1", 1, []string{
			"You must specify a tag using --tag when publishing a prerelease version",
		}},
		{"nobody", "", "widget", "1.0.0", 1, []string{"error code ENEEDAUTH"}},
		{"bob publishes his own", "bob", "widget", "1.0.0", 0, []string{"+ widget@1.0.0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, exit := publish(t, s, npm, tt.user, tt.pkg, tt.version)
			if exit != tt.exit {
				t.Errorf("exit status %d, want %d", exit, tt.exit)
			}
			for _, want := range tt.says {
				if !strings.Contains(out, want) {
					t.Errorf("npm did not print %q", want)
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

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
