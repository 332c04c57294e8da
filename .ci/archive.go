//go:build ignore

// Archive writes, for .ci/release, one archive for each program below BUILDS into OUT, and
// SHA256SUMS of all files there. The same files give the same bytes, whenever and wherever.
//
//	go run .ci/archive.go VERSION BUILDS OUT
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// epoch is the time of every file: the first that a zip can hold.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func main() {
	version, builds, out := os.Args[1], os.Args[2], os.Args[3]
	folders, err := os.ReadDir(builds) // sorted
	check(err)
	for _, folder := range folders {
		system := strings.Replace(folder.Name(), "win32", "windows", 1) // node's word, and everybody's
		name := "safepublish-" + version + "-" + system
		programs, err := filepath.Glob(filepath.Join(builds, folder.Name(), "safepublish*"))
		check(err)
		write, suffix := tarred, ".tar.gz"
		if strings.HasPrefix(system, "windows-") {
			write, suffix = zipped, ".zip"
		}
		f, err := os.Create(filepath.Join(out, name+suffix))
		check(err)
		check(write(f, name, append(programs, "LICENSE", "README.md")))
		check(f.Close())
	}
	check(sums(out))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func mode(path string) os.FileMode {
	if strings.HasPrefix(filepath.Base(path), "safepublish") {
		return 0o755
	}
	return 0o644
}

// tarred writes files into a folder of a tar.gz.
func tarred(w io.Writer, folder string, paths []string) error {
	z := gzip.NewWriter(w)
	t := tar.NewWriter(z)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header := &tar.Header{Name: folder + "/" + filepath.Base(path), Mode: int64(mode(path)), Size: int64(len(text)), ModTime: epoch}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		if _, err := t.Write(text); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// zipped writes files into a folder of a zip.
func zipped(w io.Writer, folder string, paths []string) error {
	z := zip.NewWriter(w)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: folder + "/" + filepath.Base(path), Method: zip.Deflate, Modified: epoch}
		header.SetMode(mode(path))
		entry, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := entry.Write(text); err != nil {
			return err
		}
	}
	return z.Close()
}

// sums writes SHA256SUMS as sha256sum -c reads it.
func sums(dir string) error {
	var lines strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error { // sorted
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(text), filepath.ToSlash(name))
		return err
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
