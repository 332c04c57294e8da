package edit

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file that somebody reads just now is replaced once he has done.
func TestReplaceWaitsForReaders(t *testing.T) {
	dir, err := os.MkdirTemp("", "edit-") // wine 8 cannot remove a testing.T's own
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "record.json")
	defer func() { _, _ = os.Remove(path), os.Remove(dir) }()
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path, path+".x"); err == nil {
		t.Fatal("a file that is open can be renamed: nothing is shown here")
	}
	time.AfterFunc(100*time.Millisecond, func() { reader.Close() })
	if err := Replace(path, []byte("new"), New{Temp: path + ".new", Mode: 0o600}); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(path); string(text) != "new" {
		t.Errorf("it holds %q", text)
	}
}
