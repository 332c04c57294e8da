package runner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/remedy/edit"
)

// What a run that was killed has changed is shown line by line; what somebody has put
// right meanwhile is not.
func TestPreviewOfWhatIsLeft(t *testing.T) {
	dir := t.TempDir()
	var entries []edit.Entry
	for name, now := range map[string]string{"package.json": "1.0.1", "packages/a/package.json": "1.0.0"} {
		e := edit.Entry{Path: filepath.Join(dir, name)}
		text := func(version string) []byte {
			return []byte("{\n  \"name\": \"demo\",\n  \"version\": \"" + version + "\"\n}\n")
		}
		e.Before, e.After = text("1.0.0"), text("1.0.1")
		if err := os.MkdirAll(filepath.Dir(e.Path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.Path, text(now), 0o644); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, e)
	}
	got := strings.Join(preview([]*edit.Journal{{Entries: entries}}, dir), "\n")
	if want := "package.json:\n-  \"version\": \"1.0.0\"\n+  \"version\": \"1.0.1\""; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}
