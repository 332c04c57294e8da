//go:build unix

package npmexec

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// What a file seems to hold is found in a folder and in a tarball alike, whatever
// lies elsewhere under the same name.
func TestSecretsInPackedFiles(t *testing.T) {
	files := map[string]string{
		".env": "API_KEY=fakefake\n", "certs/server.pem": "-----BEGIN PRIVATE KEY-----\nMIIB\n",
		"certs/ca.pem": "-----BEGIN CERTIFICATE-----\nMIIB\n", "index.js": "-----BEGIN PRIVATE KEY-----\n",
	}
	want := map[string]string{".env": "secrets of an environment", "certs/server.pem": "a private key"}
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "x.tgz")
	archive, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	packed := gzip.NewWriter(archive)
	entries := tar.NewWriter(packed)
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
		if err := entries.WriteHeader(&tar.Header{Name: "package/" + name, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := entries.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []func() error{entries.Close, packed.Close, archive.Close} {
		if err := c(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "id_rsa")); err != nil {
		t.Fatal(err)
	}
	for where, secret := range map[string]func(string) string{"folder": secretsIn(dir), "tarball": secretsInTarball(file), "no tarball": secretsInTarball(dir)} {
		for _, name := range []string{".env", "certs/server.pem", "certs/ca.pem", "index.js", "id_rsa", "not/there.pem"} {
			expected := want[name]
			if where == "no tarball" {
				expected = ""
			}
			if got := secret(name); got != expected {
				t.Errorf("%s in a %s: %q, want %q", name, where, got, expected)
			}
		}
	}
}
