package npmexec

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"

	"safepublish/classify/preflight"
)

// headOf is how much of a file is looked at for a secret. What is read goes no
// further than the word that preflight.Smells makes of it.
const headOf = 64 << 10

// secretsIn returns what looks into the suspect files of a folder.
func secretsIn(dir string) func(path string) string {
	return func(path string) string {
		full := filepath.Join(dir, filepath.FromSlash(path))
		if info, err := os.Lstat(full); !preflight.Suspect(path) || err != nil || !info.Mode().IsRegular() {
			return ""
		}
		f, err := os.Open(full)
		if err != nil {
			return ""
		}
		defer f.Close() // it was only read
		return secretOf(path, f)
	}
}

func secretOf(path string, r io.Reader) string {
	head, err := io.ReadAll(io.LimitReader(r, headOf))
	if err != nil {
		return ""
	}
	return preflight.Smells(path, head)
}

// secretsInTarball looks into the suspect files of a tarball, under the names that
// npm gives them: without the folder that all of them lie in.
func secretsInTarball(file string) func(path string) string {
	found := map[string]string{}
	nothing := func(path string) string { return found[path] }
	f, err := os.Open(file)
	if err != nil {
		return nothing
	}
	defer f.Close() // it was only read
	plain, err := gzip.NewReader(f)
	if err != nil {
		return nothing
	}
	for archive := tar.NewReader(plain); ; {
		entry, err := archive.Next()
		if err != nil {
			return nothing
		}
		if _, path, _ := strings.Cut(entry.Name, "/"); preflight.Suspect(path) && entry.Typeflag == tar.TypeReg {
			found[path] = secretOf(path, archive)
		}
	}
}
