package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
)

// maxFile is the size from which a file is left out of the copy, in bytes.
const maxFile = 50 << 20

// copier copies a package into the sandbox.
type copier struct {
	from, to    string
	registry    string
	withScripts bool
	modules     bool // node_modules too: scripts need it, and bundled dependencies are packed from it
	notes       []string
}

// copyTree copies everything that npm could pack. Left out are .git, .npmrc
// (registries, tokens), files of more than 50 MB and links that lead out of the
// package; node_modules comes along only where something needs it.
func (c *copier) copyTree() error {
	manifest, _ := os.ReadFile(filepath.Join(c.from, "package.json")) // none: npm will say so
	bundled := gjson.GetBytes(manifest, "bundleDependencies").Exists() || gjson.GetBytes(manifest, "bundledDependencies").Exists()
	c.modules = c.withScripts || bundled
	return filepath.WalkDir(c.from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("copying the package: %w", err)
		}
		rel, err := filepath.Rel(c.from, path)
		if err != nil {
			return fmt.Errorf("copying the package: %w", err)
		}
		return c.one(rel, entry)
	})
}

func (c *copier) one(rel string, entry fs.DirEntry) error {
	target := filepath.Join(c.to, rel)
	switch name := entry.Name(); {
	case name == ".git" && rel != ".":
		return skip(entry)
	case name == "node_modules" && entry.IsDir() && !c.modules:
		return fs.SkipDir
	case strings.EqualFold(name, ".npmrc"):
		c.note("%s is left out of the copy", rel)
		return skip(entry)
	case strings.EqualFold(name, "package.json") && !strings.Contains(filepath.ToSlash(rel), "node_modules/"):
		return c.manifest(rel, target)
	case entry.IsDir():
		return os.MkdirAll(target, 0o700)
	case entry.Type()&fs.ModeSymlink != 0:
		return c.link(rel, target)
	case entry.Type().IsRegular():
		return c.file(rel, target)
	}
	return nil // a socket, a pipe, a device: npm packs none
}

func skip(entry fs.DirEntry) error {
	if entry.IsDir() {
		return fs.SkipDir
	}
	return nil
}

// manifest copies a package.json, through a link too: the copy must not lead to a
// file that names another registry.
func (c *copier) manifest(rel, target string) error {
	info, err := os.Stat(filepath.Join(c.from, rel))
	switch {
	case err != nil:
		return fmt.Errorf("copying the package: %w", err)
	case info.IsDir():
		return os.MkdirAll(target, 0o700)
	}
	text, err := os.ReadFile(filepath.Join(c.from, rel))
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	text, notes, err := confine(text, c.registry, c.withScripts)
	if err != nil {
		return err
	}
	c.notes = append(c.notes, notes...)
	return os.WriteFile(target, text, info.Mode().Perm()|0o200)
}

// link copies a relative link that stays inside the package.
func (c *copier) link(rel, target string) error {
	leads, err := os.Readlink(filepath.Join(c.from, rel))
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	real, err := filepath.EvalSymlinks(filepath.Join(c.from, rel))
	if err != nil {
		return nil // it leads nowhere, and npm packs no links
	}
	inside, err := filepath.Rel(c.from, real)
	if filepath.IsAbs(leads) || err != nil || !filepath.IsLocal(inside) || !filepath.IsLocal(filepath.Join(filepath.Dir(rel), leads)) {
		c.note("%s leads out of the package and is left out of the copy", rel)
		return nil
	}
	return os.Symlink(leads, target)
}

func (c *copier) file(rel, target string) error {
	source, err := os.Open(filepath.Join(c.from, rel))
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	defer source.Close() // it was only read
	info, err := source.Stat()
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	if info.Size() > maxFile {
		c.note("%s has more than 50 MB and is left out of the copy", rel)
		return nil
	}
	copied, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, info.Mode().Perm()|0o200)
	if err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	_, err = io.Copy(copied, source)
	if err = errors.Join(err, copied.Close()); err != nil {
		return fmt.Errorf("copying the package: %w", err)
	}
	return nil
}

func (c *copier) note(format string, args ...any) {
	c.notes = append(c.notes, fmt.Sprintf(format, args...))
}
