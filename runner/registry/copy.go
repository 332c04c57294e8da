package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/otiai10/copy"
	"github.com/tidwall/gjson"
)

// maxFile is the size from which a file is left out of the copy, in bytes.
const maxFile = 50 << 20

// copyTree copies everything that npm could pack, and confines every manifest. It
// returns what a person should know. Left out are .git, .npmrc (registries,
// tokens), files of more than 50 MB and links that lead out of the package;
// node_modules comes along only where something needs it: scripts, or bundled
// dependencies, which are packed from it.
func copyTree(from, to, registry string, withScripts bool) (notes []string, err error) {
	if from, err = filepath.Abs(from); err == nil {
		from, err = filepath.EvalSymlinks(from)
	}
	if err != nil {
		return nil, err
	}
	manifest, _ := os.ReadFile(filepath.Join(from, "package.json")) // none: npm will say so
	bundled := gjson.GetBytes(manifest, "bundleDependencies").Exists() || gjson.GetBytes(manifest, "bundledDependencies").Exists()
	note := func(format string, path string) {
		rel, _ := filepath.Rel(from, path) // path is below from
		notes = append(notes, fmt.Sprintf(format, rel))
	}
	err = copy.Copy(from, to, copy.Options{
		PermissionControl: copy.AddPermission(0o200),
		Skip: func(info os.FileInfo, path, _ string) (bool, error) {
			switch name := info.Name(); {
			case path == from:
				return false, nil
			case name == ".git", name == "node_modules" && info.IsDir() && !withScripts && !bundled:
				return true, nil
			case strings.EqualFold(name, ".npmrc"):
				note("%s is left out of the copy", path)
				return true, nil
			case info.Mode().IsRegular() && info.Size() > maxFile:
				note("%s has more than 50 MB and is left out of the copy", path)
				return true, nil
			}
			packable := info.IsDir() || info.Mode().IsRegular() || info.Mode()&fs.ModeSymlink != 0
			return !packable, nil // a socket, a pipe, a device
		},
		OnSymlink: func(path string) copy.SymlinkAction {
			info, err := os.Stat(path)
			switch {
			case err != nil:
				return copy.Skip // it leads nowhere, and npm packs no links
			case strings.EqualFold(filepath.Base(path), "package.json") && info.Mode().IsRegular():
				return copy.Deep // the copy must not lead to a file that names another registry
			case staysInside(from, path):
				return copy.Shallow
			}
			note("%s leads out of the package and is left out of the copy", path)
			return copy.Skip
		},
	})
	if err != nil {
		return notes, err
	}
	return notes, eachManifest(to, func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, changed, err := confine(text, registry, withScripts)
		if err != nil || len(changed) == 0 {
			return err
		}
		notes = append(notes, changed...)
		return os.WriteFile(path, text, 0o600)
	})
}

// staysInside tells whether a link is relative and leads to something in the folder.
func staysInside(folder, link string) bool {
	leads, err := os.Readlink(link)
	if err != nil || filepath.IsAbs(leads) {
		return false
	}
	here, err := filepath.Rel(folder, filepath.Dir(link))
	if err != nil || !filepath.IsLocal(filepath.Join(here, leads)) {
		return false
	}
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	inside, err := filepath.Rel(folder, target)
	return err == nil && filepath.IsLocal(inside)
}

// confine rewrites the publishConfig of a manifest so that nothing in it leads
// out of the sandbox, and changes no other byte. It returns what it changed as
// lines for a person. A manifest that is no JSON comes back as it is: npm will not
// read it either.
func confine(manifest []byte, registry string, withScripts bool) (out []byte, notes []string, err error) {
	text, marked := bytes.CutPrefix(manifest, byteOrderMark)
	if !json.Valid(text) {
		return manifest, nil, nil
	}
	done := 0 // so much of text is in out
	if marked {
		out = append(out, byteOrderMark...)
	}
	gjson.ParseBytes(text).ForEach(func(key, config gjson.Result) bool {
		if key.String() != "publishConfig" || !config.IsObject() {
			return true
		}
		config.ForEach(func(key, value gjson.Result) bool {
			with, why := confined(key.String(), registry, withScripts)
			if with == "" || value.Raw == with {
				return true
			}
			if value.Index < done {
				err = fmt.Errorf("publishConfig.%s was not found again in its manifest", key)
				return false
			}
			out = append(append(out, text[done:value.Index]...), with...)
			done = value.Index + len(value.Raw)
			notes = append(notes, fmt.Sprintf("in the copy publishConfig.%s is %s", key.String(), why))
			return true
		})
		return err == nil
	})
	return append(out, text[done:]...), notes, err
}

// confined says what a key of publishConfig becomes in the sandbox, in JSON and in
// words; "" leaves it alone. npm flattens the whole of publishConfig over its
// configuration, so that any setting can stand there (lib/commands/publish.js).
func confined(key, registry string, withScripts bool) (value, why string) {
	switch {
	case strings.HasPrefix(key, "@"), slices.Contains([]string{"registry", "proxy", "https-proxy", "http-proxy"}, key):
		return `"` + registry + `"`, "the embedded registry"
	case key == "noproxy" || key == "no-proxy":
		return `"127.0.0.1"`, "127.0.0.1"
	case key == "provenance" || key == "provenance-file":
		return "false", "off: provenance is signed outside of this machine"
	case key == "ignore-scripts" && !withScripts:
		return "true", "true: scripts run with --with-scripts"
	case leads(key):
		return `""`, "empty"
	}
	return "", ""
}
