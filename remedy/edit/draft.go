package edit

import (
	"bytes"
	"strings"

	"github.com/tailscale/hujson"
)

// Draft is the files of a package as a plan would make them, so that two changes of
// one file become one edit.
type Draft struct {
	Notes []string // which files stay as they are, and why

	pkg *Package
	now [][]byte // beside pkg.Files
}

// Draft begins with the files as they were read.
func (pkg *Package) Draft() *Draft {
	d := &Draft{pkg: pkg}
	for _, f := range pkg.Files {
		d.now = append(d.now, f.Before)
	}
	return d
}

// Follow sets "version" or "name" everywhere that npm version would set it. It
// returns false where the manifest itself has no such string.
func (d *Draft) Follow(key, value string) bool {
	for i, f := range d.pkg.Files {
		if f.Role != Lock {
			continue
		}
		if _, ok := parse(f.Before); !ok {
			d.Notes = append(d.Notes, d.pkg.Rel(f.Path)+" is not valid JSON and stays as it is")
		}
		if f.Key == "" {
			d.now[i], _ = setString(d.now[i], value, key)
		}
		d.now[i], _ = setString(d.now[i], value, "packages", f.Key, key)
	}
	return d.Set(key, value)
}

// Set gives a string at the top of the manifest a new value. Like the next two, it
// returns false where the manifest does not let itself be changed so.
func (d *Draft) Set(key, value string) bool {
	return d.manifests(func(b []byte) ([]byte, bool) { return setString(b, value, key) })
}

// Config sets a key of publishConfig. "true" and "false" are no strings there, for
// npm takes every string for true.
func (d *Draft) Config(key, value string) bool {
	literal := hujson.String(value)
	if value == "true" || value == "false" {
		literal = hujson.Literal(value)
	}
	return d.manifests(func(b []byte) ([]byte, bool) { return put(b, literal, "publishConfig", key) })
}

// Remove takes a key out of the top of the manifest.
func (d *Draft) Remove(key string) bool {
	return d.manifests(func(b []byte) ([]byte, bool) { return remove(b, key) })
}

// manifests changes the manifest, and with it the source that a build copies it
// from.
func (d *Draft) manifests(change func([]byte) ([]byte, bool)) bool {
	ok := false
	for i, f := range d.pkg.Files {
		if f.Role == Lock {
			continue
		}
		var done bool
		d.now[i], done = change(d.now[i])
		ok = ok || done && f.Role == Manifest
	}
	return ok
}

// Edits returns one edit for each file that will differ.
func (d *Draft) Edits() []Edit {
	var all []Edit
	for i, f := range d.pkg.Files {
		if !bytes.Equal(d.now[i], f.Before) {
			all = append(all, Edit{f.Path, d.pkg.Rel(f.Path), f.Before, d.now[i]})
		}
	}
	return all
}

// Names lists the files that will differ, for a person.
func (d *Draft) Names() string {
	var all []string
	for _, e := range d.Edits() {
		all = append(all, e.Name)
	}
	return strings.Join(all, ", ")
}
