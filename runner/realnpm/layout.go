package realnpm

import (
	"os"
	"path/filepath"
	"testing"
)

// Layout lays npm and node out as an installation does, beside a package and an empty
// home, and returns the folder of all: prefix/bin/npm, prefix/bin/node, work/demo,
// home. Neither program does anything.
func Layout(t testing.TB) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(path string) string { return filepath.Join(root, path) }
	for path, text := range map[string]string{
		"prefix/lib/node_modules/npm/package.json":   `{"name":"npm","version":"11.19.1"}`,
		"prefix/lib/node_modules/npm/bin/npm-cli.js": "",
		"prefix/bin/node":        "\x7fELF",
		"work/demo/package.json": `{"name":"demo","version":"1.0.0"}`,
		"home/.keep":             "",
	} {
		if err := os.MkdirAll(filepath.Dir(at(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(path), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(at("prefix/lib/node_modules/npm/bin/npm-cli.js"), at("prefix/bin/npm")); err != nil {
		t.Fatal(err)
	}
	return root
}
