package remedy

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// disk is what reading a package needs of the file system; apply.go has the real one.
type disk struct {
	read  func(path string) ([]byte, error)
	isDir func(path string) bool
	exist func(path string) bool
}

// localSpec matches what npm takes for a path (npm-package-arg, lib/npa.js).
// Measured on npm 11: `dist` is the registry's package of that name, and
// `dist/sub` a repository on GitHub, even where such folders exist.
var localSpec = regexp.MustCompile(`^(?:\.{1,2}$|\.{0,2}[/\\]|file:|[A-Za-z]:[/\\])|/$|^[^/@:]+\.(?:tgz|tar|tar\.gz)$`)

// load finds what npm would publish and reads it as far as it can.
func load(dir string, args npm.Parsed, d disk) (Package, error) {
	pkg := Package{Dir: dir, Kind: "folder"}
	if w := args.Values["workspaces"]; len(args.Values["workspace"]) > 0 || len(w) > 0 && w[len(w)-1] == "true" {
		pkg.Kind, pkg.Why = "workspaces", "workspaces have a package.json each"
		return pkg, nil
	}
	spec := "."
	if len(args.Specs) > 0 {
		spec = args.Specs[0]
	}
	path := strings.TrimPrefix(spec, "file:")
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	switch {
	case !localSpec.MatchString(spec):
		pkg.Kind, pkg.Why = "remote", spec+" is not a folder here"
		return pkg, nil
	case d.isDir(path):
		pkg.Dir = path
		return loadFolder(pkg, d)
	case d.exist(path):
		pkg.Kind, pkg.Why = "tarball", filepath.Base(path)+" is a tarball"
		if data, err := d.read(path); err == nil {
			pkg.readManifest(manifestIn(data))
		}
		return pkg, nil
	}
	pkg.Why = "there is no " + spec
	return pkg, fmt.Errorf("there is no folder and no tarball %s", spec)
}

func loadFolder(pkg Package, d disk) (Package, error) {
	path := filepath.Join(pkg.Dir, "package.json")
	data, err := d.read(path)
	switch {
	case err != nil && !d.exist(path):
		pkg.Why = "there is no package.json"
		return pkg, fmt.Errorf("there is no package.json in %s", pkg.Dir)
	case err != nil:
		pkg.Why = "package.json cannot be read"
		return pkg, fmt.Errorf("package.json cannot be read: %w", cause(err))
	case root(data) == nil:
		pkg.Why = "package.json is not a JSON object"
		return pkg, fmt.Errorf("package.json is not valid: %w", whyInvalid(data))
	}
	pkg.readManifest(data)
	pkg.Files = append([]File{{Path: path, Role: "manifest", Before: data}}, locksOf(pkg.Dir, d)...)
	pkg.findSource(d)
	pkg.findRootLock(d)
	return pkg, nil
}

// manifestIn returns the package.json of a tarball, nil where it cannot be read:
// then npm says what is wrong with it. It is the one at the top, whatever the
// folder there is called (pacote strips the first part of every path).
func manifestIn(tarball []byte) []byte {
	var in io.Reader = bytes.NewReader(tarball)
	if z, err := gzip.NewReader(in); err == nil {
		in = z
	} else {
		in = bytes.NewReader(tarball)
	}
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if err != nil {
			return nil
		}
		_, name, _ := strings.Cut(strings.TrimPrefix(h.Name, "./"), "/")
		if name == "package.json" && h.Typeflag == tar.TypeReg {
			data, err := io.ReadAll(io.LimitReader(r, maxManifest))
			if err != nil || root(data) == nil {
				return nil
			}
			return data
		}
	}
}

// maxManifest bounds what is read of a tarball's package.json.
const maxManifest = 4 << 20

func whyInvalid(data []byte) error {
	var object map[string]json.RawMessage
	return json.Unmarshal(bytes.TrimPrefix(data, bom), &object)
}

// readManifest takes what the remedies need out of package.json.
func (pkg *Package) readManifest(data []byte) {
	pkg.Name, _ = stringAt(data, "name")
	pkg.Version, _ = stringAt(data, "version")
	pkg.Tag, _ = stringAt(data, "tag")
	if m, ok := find(data, "private"); ok { // npm asks whether it is truthy
		pkg.Private = !slices.Contains([]string{"false", "null", "0", `""`}, string(data[m.start:m.value]))
	}
	pkg.Config = map[string]string{}
	for _, m := range childrenOf(data, "publishConfig") {
		value, isString := stringAt(data, "publishConfig", m.key)
		if !isString {
			value = string(data[m.start:m.value])
		}
		pkg.Config[m.key] = value
	}
	pkg.Access = pkg.Config["access"]
	for _, m := range childrenOf(data, "scripts") {
		pkg.Scripts = append(pkg.Scripts, m.key)
	}
}

// Identity is the name and version in a package.json.
type Identity struct{ Name, Version string }

// Manifest reads the name and version of a package.json, "" where it holds none.
func Manifest(data []byte) Identity {
	var pkg Package
	if root(data) != nil {
		pkg.readManifest(data)
	}
	return Identity{pkg.Name, pkg.Version}
}

// locksOf reads the lock files of a folder. npm 12 ignores npm-shrinkwrap.json,
// but who keeps one uses an npm that does not.
func locksOf(dir string, d disk) []File {
	var files []File
	for _, name := range []string{"package-lock.json", "npm-shrinkwrap.json"} {
		path := filepath.Join(dir, name)
		if data, err := d.read(path); err == nil {
			files = append(files, File{Path: path, Role: "lock", Before: data})
		}
	}
	return files
}

// findSource looks for the manifest that a build made this one from: the nearest
// package.json above, if it has the same name. If its version is another one, the
// build computes it, and changing either file would be undone or be wrong.
func (pkg *Package) findSource(d disk) {
	for dir := filepath.Dir(pkg.Dir); pkg.Name != "" && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "package.json")
		data, err := d.read(path)
		if err != nil {
			continue
		}
		if name, _ := stringAt(data, "name"); name != pkg.Name {
			return
		}
		rel, _ := filepath.Rel(dir, pkg.Files[0].Path)
		pkg.Derived = filepath.ToSlash(rel) + " has the same name as the package.json above it"
		if version, ok := stringAt(data, "version"); !ok || version != pkg.Version {
			pkg.Why = fmt.Sprintf("%s, whose version is %q", pkg.Derived, version)
			return
		}
		pkg.Files = append(pkg.Files, File{Path: path, Role: "source", Before: data})
		pkg.Files = append(pkg.Files, locksOf(dir, d)...)
		return
	}
}

// findRootLock looks for the lock file of the workspace root that lists this
// package; npm version keeps that one in step as well.
func (pkg *Package) findRootLock(d disk) {
	for dir := filepath.Dir(pkg.Dir); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		path := filepath.Join(dir, "package-lock.json")
		data, err := d.read(path)
		if err != nil {
			continue
		}
		rel, _ := filepath.Rel(dir, pkg.Dir)
		if key := filepath.ToSlash(rel); len(childrenOf(data, "packages", key)) > 0 {
			pkg.Files = append(pkg.Files, File{Path: path, Role: "lock", Key: key, Before: data})
		}
		return
	}
}

func childrenOf(data []byte, path ...string) []member {
	m, ok := find(data, path...)
	if !ok {
		return nil
	}
	return members(data, m.start)
}

// mentions returns the numbers of the lines that hold the name as a word of its
// own, less those that an edit will change.
func mentions(data []byte, name string, skip int) []int {
	var lines []int
	for i, line := range bytes.Split(data, []byte("\n")) {
		if i+1 != skip && holdsWord(line, name) {
			lines = append(lines, i+1)
		}
	}
	return lines
}

func holdsWord(line []byte, name string) bool {
	for {
		at := bytes.Index(line, []byte(name))
		if at < 0 {
			return false
		}
		end := at + len(name)
		if (at == 0 || !wordByte(line[at-1])) && (end == len(line) || !wordByte(line[end])) {
			return true
		}
		line = line[end:]
	}
}

func wordByte(b byte) bool {
	return b == '-' || b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
