package npmexec

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify"
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
	inTarball(file, func(path string, r io.Reader) {
		if preflight.Suspect(path) {
			found[path] = secretOf(path, r)
		}
	})
	return func(path string) string { return found[path] }
}

// inTarball calls look for each file of a tarball that can be read.
func inTarball(file string, look func(path string, r io.Reader)) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close() // it was only read
	plain, err := gzip.NewReader(f)
	if err != nil {
		return
	}
	for archive := tar.NewReader(plain); ; {
		entry, err := archive.Next()
		if err != nil {
			return
		}
		if _, path, _ := strings.Cut(entry.Name, "/"); entry.Typeflag == tar.TypeReg {
			look(path, archive)
		}
	}
}

// headOfCommand is how much of a command is read: npm looks as far (bin-links 6.0.2,
// lib/fix-bin.js).
const headOfCommand = 2048

func startOfCommand(r io.Reader) string {
	head, err := io.ReadAll(io.LimitReader(r, headOfCommand))
	if err != nil {
		return ""
	}
	return preflight.Start(head)
}

// lookAtFiles says of a package how its commands begin, and which of the paths that
// its package.json names are on disk.
func (n *NPM) lookAtFiles(pkg *classify.Package, s Subject) {
	var packed []string
	for _, file := range pkg.Packed.Files {
		packed = append(packed, file.Path)
	}
	bins, starts := preflight.Bins(pkg.Manifest, packed), map[string]string{}
	if file := n.tarball(s.Spec); file != "" {
		inTarball(file, func(path string, r io.Reader) {
			if bins[path] != "" {
				starts[path] = startOfCommand(r)
			}
		})
	} else {
		for path := range bins {
			if f, err := os.Open(filepath.Join(s.Dir, filepath.FromSlash(path))); err == nil {
				starts[path] = startOfCommand(f)
				f.Close()
			}
		}
		pkg.There = slices.DeleteFunc(preflight.Named(pkg.Manifest), func(path string) bool {
			full := filepath.Join(s.Dir, filepath.FromSlash(path))
			completed, _ := filepath.Glob(full + ".*") // lib/index is lib/index.js
			_, err := os.Lstat(full)
			return err != nil && len(completed) == 0
		})
	}
	for i, file := range pkg.Packed.Files {
		pkg.Packed.Files[i].Start = starts[file.Path]
	}
}
