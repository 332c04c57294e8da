package remedy

import (
	"fmt"
	"path/filepath"
	"strings"
)

// editor collects what a plan changes in the files of a package, so that two
// changes of one file become one Edit.
type editor struct {
	pkg   *Package
	now   [][]byte // the files as they will be, beside pkg.Files
	notes []string // files that stay as they are, and why
}

func edit(pkg *Package) *editor {
	e := &editor{pkg: pkg}
	for _, f := range pkg.Files {
		e.now = append(e.now, f.Before)
	}
	return e
}

// follow sets "version" or "name" everywhere that npm version would set it. It
// returns false where the manifest itself has no such string.
func (e *editor) follow(key, value string) bool {
	ok := false
	for i, f := range e.pkg.Files {
		switch {
		case f.Role != "lock":
			var done bool
			e.now[i], done = setString(e.now[i], value, key)
			ok = ok || done && f.Role == "manifest"
		case !valid(f.Before):
			e.notes = append(e.notes, e.pkg.rel(f.Path)+" is not valid JSON and stays as it is")
		case f.Key != "":
			e.now[i], _ = setString(e.now[i], value, "packages", f.Key, key)
		default:
			e.now[i], _ = setString(e.now[i], value, key)
			e.now[i], _ = setString(e.now[i], value, "packages", "", key)
		}
	}
	return ok
}

// manifests changes the manifest, and with it the source that a build copies it
// from. It returns false where the manifest does not let itself be changed.
func (e *editor) manifests(change func([]byte) ([]byte, bool)) bool {
	ok := false
	for i, f := range e.pkg.Files {
		if f.Role == "lock" {
			continue
		}
		var done bool
		e.now[i], done = change(e.now[i])
		ok = ok || done && f.Role == "manifest"
	}
	return ok
}

// changes returns one Edit for each file that will differ.
func (e *editor) changes() []Change {
	var all []Change
	for i, f := range e.pkg.Files {
		if string(e.now[i]) != string(f.Before) {
			all = append(all, Edit{Path: f.Path, Name: e.pkg.rel(f.Path), Before: f.Before, After: e.now[i]})
		}
	}
	return all
}

// names lists the files that will differ, for the menu.
func (e *editor) names() string {
	var all []string
	for i, f := range e.pkg.Files {
		if string(e.now[i]) != string(f.Before) {
			all = append(all, e.pkg.rel(f.Path))
		}
	}
	return strings.Join(all, ", ")
}

// rel names a file from the folder that holds all of the package: that of the
// source manifest where a build writes the published one.
func (pkg *Package) rel(path string) string {
	base := pkg.Dir
	for _, f := range pkg.Files {
		if f.Role == "source" {
			base = filepath.Dir(f.Path)
		}
	}
	if r, err := filepath.Rel(base, path); err == nil {
		return filepath.ToSlash(r)
	}
	return path
}

// fixed says why no file of the package can be changed, "" where they can.
func (p *Problem) fixed() string {
	pkg := &p.Package
	switch sent := p.Case.Name(); {
	case pkg.Why != "":
		return pkg.Why
	case pkg.Kind != "folder" || len(pkg.Files) == 0:
		return "there is no package.json here"
	case sent != "" && sent != pkg.Name:
		return fmt.Sprintf("npm was to publish %s, and package.json here is that of %q", sent, pkg.Name)
	}
	return ""
}

// derived returns what the person must know before a manifest that a build
// writes is changed; nothing for an ordinary one.
func (p *Problem) derived() []string {
	why := p.Package.Derived
	if why == "" && p.Git.Ignored {
		why = "package.json is git-ignored"
	}
	if why == "" {
		return nil
	}
	for _, f := range p.Package.Files {
		if f.Role == "source" {
			return []string{why + ", so a build may write it; it and the " + p.Package.rel(f.Path) + " that it comes from are both changed"}
		}
	}
	return []string{why + ", so the next build may write the old value again: change it at its source too"}
}
