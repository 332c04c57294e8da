package edit

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
)

// maxManifest bounds what is read of a tarball's package.json.
const maxManifest = 4 << 20

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
			if err != nil {
				return nil
			}
			return data
		}
	}
}

// Read takes name, version, settings and scripts out of a package.json. Its error says
// why that is no JSON object.
func (pkg *Package) Read(data []byte) error {
	pkg.Config, pkg.Text = map[string]string{}, bytes.TrimPrefix(data, bom)
	d, ok := parse(data)
	if !ok {
		var object map[string]json.RawMessage
		return cmp.Or(json.Unmarshal(bytes.TrimPrefix(data, bom), &object), errors.New("it is null"))
	}
	pkg.Name, pkg.Version, pkg.Tag = d.text("name"), d.text("version"), d.text("tag")
	if v := d.at("private"); v != nil { // npm asks whether it is truthy
		pkg.Private = !slices.Contains([]string{"false", "null", "0", `""`}, raw(*v))
	}
	for _, m := range d.members("publishConfig") {
		key := keyOf(m)
		pkg.Config[key] = d.text("publishConfig", key)
		if m.Value.Value.Kind() != '"' {
			pkg.Config[key] = raw(m.Value)
		}
	}
	for _, m := range d.members("scripts") {
		pkg.Scripts = append(pkg.Scripts, keyOf(m))
	}
	return nil
}

// Identity is the name and version in a package.json.
type Identity struct{ Name, Version string }

// IdentityIn reads the name and version of a package.json, "" where it holds none.
func IdentityIn(manifest []byte) Identity {
	d, ok := parse(manifest)
	if !ok {
		return Identity{}
	}
	return Identity{d.text("name"), d.text("version")}
}
