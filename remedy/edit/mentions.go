package edit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The bounds of the search for a package's name among its files.
const (
	maxScanned  = 2000
	maxSize     = 256 << 10
	maxMentions = 20
)

var errEnough = errors.New("enough")

// mentions lists where the files of a package name it, lock files and what npm
// installed aside.
func mentions(pkg *Package) []string {
	var found []string
	seen := 0
	word := regexp.MustCompile(`(?:^|[^-\w])` + regexp.QuoteMeta(pkg.Name) + `(?:[^-\w]|$)`)
	_ = filepath.WalkDir(pkg.Dir, func(path string, e fs.DirEntry, err error) error {
		if seen++; seen > maxScanned || len(found) >= maxMentions {
			return errEnough
		}
		switch {
		case err != nil: // unreadable: nobody is kept from renaming by it
		case !e.IsDir():
			for _, line := range pkg.linesWith(word, path, e) {
				found = append(found, fmt.Sprintf("%s:%d", pkg.Rel(path), line))
			}
		case path != pkg.Dir && (e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".")):
			return fs.SkipDir
		}
		return nil
	})
	return found[:min(len(found), maxMentions)]
}

// linesWith returns the numbers of a file's lines that hold the package's name, less
// the one that an edit will change.
func (pkg *Package) linesWith(word *regexp.Regexp, path string, e fs.DirEntry) []int {
	info, err := e.Info()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil
	}
	edited := slices.IndexFunc(pkg.Files, func(f File) bool { return f.Path == path })
	if edited >= 0 && pkg.Files[edited].Role == Lock {
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil || bytes.IndexByte(data, 0) >= 0 {
		return nil
	}
	skip := 0
	if d, ok := parse(data); ok && edited >= 0 {
		if v := d.at("name"); v != nil {
			skip = 1 + bytes.Count(data[:len(d.start)+v.StartOffset], []byte("\n"))
		}
	}
	var lines []int
	number := 0
	for line := range bytes.Lines(data) {
		if number++; number != skip && word.Match(line) {
			lines = append(lines, number)
		}
	}
	return lines
}
