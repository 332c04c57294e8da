package edit

import (
	"bytes"

	"github.com/tailscale/hujson"
)

// Draft is the files of a package as a plan would make them, so that two changes of
// one file become one edit.
type Draft struct {
	Notes []string // which files stay as they are, and why

	pkg  *Package
	docs []*document // beside pkg.Files; nil for one that was not asked for, or is no JSON object
}

// Draft begins with the files as they were read.
func (pkg *Package) Draft() *Draft { return &Draft{pkg: pkg, docs: make([]*document, len(pkg.Files))} }

// doc reads a file, once: lock files are large. It is nil for what is no JSON object.
func (d *Draft) doc(i int) *document {
	if d.docs[i] == nil {
		d.docs[i], _ = parse(d.pkg.Files[i].Before)
	}
	return d.docs[i]
}

// Follow sets "version" or "name" everywhere that npm version would set it. It
// returns false where the manifest itself has something else there.
func (d *Draft) Follow(key, value string) bool {
	for i, f := range d.pkg.Files {
		if f.Role != Lock {
			continue
		}
		doc := d.doc(i)
		if doc == nil {
			d.Notes = append(d.Notes, d.pkg.Rel(f.Path)+" is not valid JSON and stays as it is")
			continue
		}
		if f.Key == "" {
			doc.setString(value, key)
		}
		doc.setString(value, "packages", f.Key, key)
	}
	if key == "version" {
		d.followRanges(value)
	}
	return d.Set(key, value)
}

// Set gives a string at the top of the manifest a new value, also where it is missing.
// Like the next two, it returns false where the manifest does not let itself be changed so.
func (d *Draft) Set(key, value string) bool {
	return d.manifests(func(m *document) bool { return m.setString(value, key) || m.add(key, value) })
}

// Config sets a key of publishConfig. "true" and "false" are no strings there, for
// npm takes every string for true.
func (d *Draft) Config(key, value string) bool {
	literal := hujson.String(value)
	if value == "true" || value == "false" {
		literal = hujson.Literal(value)
	}
	return d.manifests(func(m *document) bool { return m.put(literal, "publishConfig", key) })
}

// Remove takes a key out of the top of the manifest.
func (d *Draft) Remove(key string) bool {
	return d.manifests(func(m *document) bool { return m.remove(key) })
}

// manifests changes the manifest, and with it the source that a build copies it
// from.
func (d *Draft) manifests(change func(*document) bool) bool {
	ok := false
	for i, f := range d.pkg.Files {
		if f.Role == Lock || f.Role == Sibling {
			continue
		}
		doc := d.doc(i)
		done := doc != nil && change(doc)
		ok = ok || done && f.Role == Manifest
	}
	return ok
}

// Edits returns one edit for each file that will differ.
func (d *Draft) Edits() []Edit {
	var all []Edit
	for i, f := range d.pkg.Files {
		if d.docs[i] == nil {
			continue
		}
		if now := d.docs[i].bytes(); !bytes.Equal(now, f.Before) {
			all = append(all, Edit{f.Path, d.pkg.Rel(f.Path), f.Before, now})
		}
	}
	return all
}
