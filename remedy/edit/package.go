// Package edit reads and changes the files of a package: package.json, lock files,
// the manifest that a build copies. Their format is kept, several files are changed
// together or not at all, and what was changed can be put back after a kill. It is
// the only package that writes a project's files, and Replace is how every file of
// safepublish's own is written.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/tailscale/hujson"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// Package is a package on disk as it was read: its manifest and what follows it.
type Package struct {
	Dir     string // the folder that is published, absolute
	Kind    string // "folder", "tarball", "workspaces" or "remote": only a folder can be edited
	Name    string
	Version string
	Private bool
	Tag     string            // "tag" at the top of the manifest, which beats every other setting (libnpmpublish, lib/publish.js)
	Config  map[string]string // publishConfig, values as npm would read them
	Scripts []string          // names of its scripts
	Text    []byte            // package.json as it was read, a tarball's own too
	Files   []File            // package.json first, then lock files and source manifest that must follow a change of version
	Derived string            // why the manifest looks written by a build: "dist/package.json is git-ignored"; "" if it does not
	Why     string            // why it cannot be edited: "demo-1.0.0.tgz is a tarball"; "" if it can

	// Mentions searches the other files of the package for its name, "README.md:3". The
	// search is bounded, and made once, when it is first asked for. nil where there is
	// nothing to search.
	Mentions func() []string
}

// File is one file that may be rewritten, as it was read.
type File struct {
	Path   string // absolute
	Role   Role
	Key    string // the key under "packages" in the root's lock file; "" for the package that a lock file lies beside
	Before []byte
}

// Role is what a file is to a package.
type Role string

// The roles.
const (
	Manifest Role = "manifest"
	Lock     Role = "lock"
	Source   Role = "source"  // the manifest of the same name that a build copies
	Sibling  Role = "sibling" // the manifest of a package of the same release that depends on this one
)

// localSpec matches what npm takes for a path (npm-package-arg, lib/npa.js).
// Measured on npm 11: `dist` is the registry's package of that name, and
// `dist/sub` a repository on GitHub, even where such folders exist.
var localSpec = pattern.New(`^(?:\.{1,2}$|\.{0,2}[/\\]|file:|[A-Za-z]:[/\\])|/$|^[^/@:]+\.(?:tgz|tar|tar\.gz)$`)

// Load reads what npm would publish from dir with these arguments: a folder, its
// manifest and the files that follow its version; a tarball, workspaces or
// something remote, of which Kind and Why tell. The error says in words what is
// wrong with the package; it need not stop anybody, for npm will say the same, and
// the Package holds what could be read.
func Load(dir string, args []string) (Package, error) {
	pkg := Package{Dir: dir, Kind: "folder"}
	given := npm.Parse(args)
	if w := given.Values["workspaces"]; len(given.Values["workspace"]) > 0 || len(w) > 0 && w[len(w)-1] == "true" {
		pkg.Kind, pkg.Why = "workspaces", "workspaces have a package.json each"
		return pkg, nil
	}
	spec := "."
	if len(given.Specs) > 0 {
		spec = given.Specs[0]
	}
	path := strings.TrimPrefix(spec, "file:")
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	switch {
	case !localSpec.MatchString(spec):
		pkg.Kind, pkg.Why = "remote", spec+" is not a folder here"
	case err == nil && info.IsDir():
		pkg.Dir = path
		return loadFolder(pkg)
	case exists(path):
		pkg.Kind, pkg.Why = "tarball", filepath.Base(path)+" is a tarball"
		if data, err := os.ReadFile(path); err == nil {
			_ = pkg.Read(manifestIn(data)) // npm says what is wrong with it
		}
	default:
		pkg.Why = "there is no " + spec
		return pkg, fmt.Errorf("there is no folder and no tarball %s", spec)
	}
	return pkg, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func loadFolder(pkg Package) (Package, error) {
	path := filepath.Join(pkg.Dir, "package.json")
	data, err := os.ReadFile(path)
	switch {
	case err != nil && !exists(path):
		pkg.Why = "there is no package.json"
		return pkg, fmt.Errorf("there is no package.json in %s", pkg.Dir)
	case err != nil:
		pkg.Why = "package.json cannot be read"
		return pkg, fmt.Errorf("package.json cannot be read: %w", Reason(err))
	}
	if err := pkg.Read(data); err != nil {
		pkg.Why = "package.json is not a JSON object"
		return pkg, fmt.Errorf("package.json is not valid: %w", err)
	}
	pkg.Files = append([]File{{Path: path, Role: Manifest, Before: data}}, locksOf(pkg.Dir)...)
	pkg.findSource()
	pkg.findRootLock()
	if pkg.Why == "" && pkg.Name != "" {
		read := pkg
		pkg.Mentions = sync.OnceValue(func() []string { return mentions(&read) })
	}
	return pkg, nil
}

// locksOf reads the lock files of a folder. npm 12 ignores npm-shrinkwrap.json,
// but who keeps one uses an npm that does not.
func locksOf(dir string) []File {
	var files []File
	for _, name := range []string{"package-lock.json", "npm-shrinkwrap.json"} {
		path := filepath.Join(dir, name)
		if data, err := os.ReadFile(path); err == nil {
			files = append(files, File{Path: path, Role: Lock, Before: data})
		}
	}
	return files
}

// nearest returns the first file of that name in a folder above the package.
func (pkg *Package) nearest(name string) (path string, data []byte) {
	for dir := filepath.Dir(pkg.Dir); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, name)
		if data, err := os.ReadFile(path); err == nil {
			return path, data
		}
	}
	return "", nil
}

// findSource looks for the manifest that a build made this one from: the nearest
// package.json above, if it has the same name. If its version is another one, the
// build computes it, and changing either file would be undone or be wrong.
func (pkg *Package) findSource() {
	path, data := pkg.nearest("package.json")
	is := IdentityIn(data)
	if pkg.Name == "" || is.Name != pkg.Name {
		return
	}
	dir := filepath.Dir(path)
	rel, _ := filepath.Rel(dir, pkg.Files[0].Path)
	pkg.Derived = filepath.ToSlash(rel) + " has the same name as the package.json above it"
	if is.Version != pkg.Version {
		pkg.Why = fmt.Sprintf("%s, whose version is %q", pkg.Derived, is.Version)
		return
	}
	pkg.Files = append(pkg.Files, File{Path: path, Role: Source, Before: data})
	pkg.Files = append(pkg.Files, locksOf(dir)...)
}

// findRootLock looks for the lock file of the workspace root that lists this
// package; npm version keeps that one in step as well.
func (pkg *Package) findRootLock() {
	path, data := pkg.nearest("package-lock.json")
	rel, err := filepath.Rel(filepath.Dir(path), pkg.Dir)
	key := filepath.ToSlash(rel)
	if err != nil || !bytes.Contains(data, hujson.String(key)) { // it is large, and seldom about this package
		return
	}
	if d, ok := parse(data); ok && len(d.members("packages", key)) > 0 {
		pkg.Files = append(pkg.Files, File{Path: path, Role: Lock, Key: key, Before: data})
	}
}

// Rel names a file from the folder that holds all of the package: that of the
// source manifest where a build writes the published one.
func (pkg *Package) Rel(path string) string {
	base := pkg.Dir
	for _, f := range pkg.Files {
		if f.Role == Source {
			base = filepath.Dir(f.Path)
		}
	}
	if r, err := filepath.Rel(base, path); err == nil {
		return filepath.ToSlash(r)
	}
	return path
}
