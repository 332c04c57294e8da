//go:build unix

package npmexec

import (
	"os"
	"path/filepath"
	"testing"
)

// The manifest is read when the log shows that the upload begins, and it is known
// whether that was before the answer.
func TestWatchUpload(t *testing.T) {
	for name, c := range map[string]struct {
		log, want string
		late      bool
	}{
		"begins":                    {"30 notice Publishing to http://r/ with tag latest and default access\n", "at the upload", false},
		"staged":                    {"30 notice Staging to http://r/ with tag latest and default access\n", "at the upload", false},
		"npm 8 shows the PUT alone": {"31 http fetch PUT 403 http://r/demo 27ms\n", "at the upload", false},
		"answered meanwhile":        {"30 notice Publishing to http://r/ with tag latest and default access\n31 http fetch PUT 201 http://r/demo 2ms\n", "at the upload", true},
		"still packing":             {"29 notice shasum: abc\n30 notice Publishing to", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			manifest, log := filepath.Join(dir, "package.json"), filepath.Join(dir, "a-debug-0.log")
			write := func(path, text string) {
				t.Helper()
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(manifest, "at the upload")
			write(log, "0 verbose cli npm\n"+c.log)
			seen := make(chan string, 1)
			end := watchUpload(dir, manifest, func(m []byte) { seen <- string(m) })
			if c.want != "" {
				if got := <-seen; got != c.want {
					t.Errorf("told %q", got)
				}
				write(manifest, "a script has changed it")
			}
			if got, late := end(); string(got) != c.want || late != c.late {
				t.Errorf("read %q, late %v", got, late)
			}
		})
	}
}
