//go:build unix

package npmexec

import (
	"archive/tar"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"safepublish/classify"
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
	for where, s := range map[string]Subject{"folder": {Dir: dir}, "tarball": {Spec: file, Dir: "/nowhere"}, "no tarball": {Spec: "index.js", Dir: dir}} {
		pkg := classify.Package{}
		for _, name := range []string{".env", "certs/server.pem", "certs/ca.pem", "index.js", "id_rsa", "not/there.pem"} {
			pkg.Packed.Files = append(pkg.Packed.Files, classify.File{Path: name})
		}
		(&NPM{Dir: dir}).lookAtFiles(&pkg, s)
		for _, file := range pkg.Packed.Files {
			expected := want[file.Path]
			if where == "no tarball" {
				expected = ""
			}
			if file.Secret != expected {
				t.Errorf("%s in a %s: %q, want %q", file.Path, where, file.Secret, expected)
			}
		}
	}
}
