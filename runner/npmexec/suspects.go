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

// headOfCommand is how much of a command is looked at: npm reads as far (bin-links 6.0.2,
// lib/fix-bin.js).
const headOfCommand = 2048

// heads returns how the wanted files of a package begin, under the names that npm gives
// them; those that can be read are among them.
func (n *NPM) heads(s Subject, wanted []string) map[string][]byte {
	heads := map[string][]byte{}
	keep := func(path string, r io.Reader) {
		if head, err := io.ReadAll(io.LimitReader(r, headOf)); err == nil {
			heads[path] = head
		}
	}
	if file := n.tarball(s.Spec); file != "" {
		inTarball(file, func(path string, r io.Reader) {
			if slices.Contains(wanted, path) {
				keep(path, r)
			}
		})
		return heads
	}
	for _, path := range wanted {
		if f, err := openRegular(filepath.Join(s.Dir, filepath.FromSlash(path))); err == nil {
			keep(path, f)
			f.Close()
		}
	}
	return heads
}

// inTarball calls look for each file of a tarball that can be read, without the folder
// that all of them lie in.
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

// lookAtFiles says of a package which of its files seem to hold a secret, how its commands
// begin, and which of the paths that its package.json names are on disk.
func (n *NPM) lookAtFiles(pkg *classify.Package, s Subject) {
	var wanted []string
	for _, file := range pkg.Packed.Files {
		wanted = append(wanted, file.Path)
	}
	bins := preflight.Bins(pkg.Manifest, wanted)
	heads := n.heads(s, slices.DeleteFunc(wanted, func(path string) bool { return bins[path] == "" && !preflight.Suspect(path) }))
	for i, file := range pkg.Packed.Files {
		head, read := heads[file.Path]
		if !read {
			continue
		}
		pkg.Packed.Files[i].Secret = preflight.Smells(file.Path, head)
		if bins[file.Path] != "" {
			pkg.Packed.Files[i].Start = preflight.Start(head[:min(len(head), headOfCommand)])
		}
	}
	if n.tarball(s.Spec) != "" {
		return
	}
	pkg.There = slices.DeleteFunc(preflight.Named(pkg.Manifest), func(path string) bool {
		full := filepath.Join(s.Dir, filepath.FromSlash(path))
		completed, _ := filepath.Glob(full + ".*") // lib/index is lib/index.js
		_, err := os.Lstat(full)
		return err != nil && len(completed) == 0
	})
}
