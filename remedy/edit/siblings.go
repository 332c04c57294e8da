package edit

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify/npm"
)

// dependencies are the keys under which a package names what it needs.
var dependencies = append(slices.Clone(npm.Installed), "devDependencies")

// Beside notes the packages of the same release, by their folders: where one of them
// names a range of this package that a new version is not in, the range follows.
func (pkg *Package) Beside(folders []string) {
	for _, folder := range folders {
		path := filepath.Join(folder, "package.json")
		data, err := os.ReadFile(path)
		if err != nil || folder == pkg.Dir {
			continue
		}
		if d, ok := parse(data); ok && needs(d, pkg.Name) {
			pkg.Files = append(pkg.Files, File{Path: path, Role: Sibling, Key: pkg.keyOf(folder), Before: data})
		}
	}
}

func needs(d *document, name string) bool {
	for _, kind := range dependencies {
		if d.text(kind, name) != "" {
			return true
		}
	}
	return false
}

// keyOf returns the key of a folder under "packages" in the root's lock file, "" where
// there is no such file.
func (pkg *Package) keyOf(folder string) string {
	for _, f := range pkg.Files {
		if f.Role == Lock && f.Key != "" {
			rel, _ := filepath.Rel(filepath.Dir(f.Path), folder)
			return filepath.ToSlash(rel)
		}
	}
	return ""
}

// followRanges gives the packages beside this one, and what the root's lock file says of
// them, ranges that hold its new version.
func (d *Draft) followRanges(version string) {
	for i, f := range d.pkg.Files {
		if f.Role != Sibling {
			continue
		}
		doc := d.doc(i)
		for _, kind := range dependencies {
			if to := holding(doc.text(kind, d.pkg.Name), version); to != "" {
				doc.setString(to, kind, d.pkg.Name)
				d.lockRange(f.Key, kind, to)
			}
		}
	}
}

func (d *Draft) lockRange(key, kind, to string) {
	for i, f := range d.pkg.Files {
		if f.Role == Lock && f.Key != "" && key != "" && d.doc(i) != nil {
			d.doc(i).setString(to, "packages", key, kind, d.pkg.Name)
		}
	}
}

// holding returns the range that is to stand in place of one that a version is not in:
// of the same kind where that is plain. It is "" where the version is in it, and for
// what is no range of versions, such as workspace:* or a dist-tag.
func holding(of, version string) string {
	v, err := semver.NewVersion(version)
	if err != nil || strings.ContainsAny(of, ":/") {
		return ""
	}
	r, err := semver.NewConstraint(of)
	switch {
	case err != nil || of == "" || r.Check(v):
		return ""
	case strings.HasPrefix(of, "~"):
		return "~" + version
	case isVersion(strings.TrimPrefix(of, "=")):
		return version
	}
	return "^" + version
}

func isVersion(text string) bool {
	_, err := semver.StrictNewVersion(text)
	return err == nil
}
