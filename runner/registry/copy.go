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
	"github.com/tailscale/hujson"
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
	confined, err := confineAll(to, registry, withScripts)
	return append(notes, confined...), err
}

// confineAll confines every manifest of the copy.
func confineAll(dir, registry string, withScripts bool) (notes []string, err error) {
	err = eachManifest(dir, func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, changed := confine(text, registry, withScripts)
		if len(changed) == 0 {
			return nil
		}
		notes = append(notes, changed...)
		return os.WriteFile(path, text, 0o600)
	})
	return notes, err
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
// out of the sandbox, and changes no other byte: every one of duplicate keys, for
// JSON.parse takes the last. It returns what it changed as lines for a person. A
// manifest that is no JSON comes back as it is: npm will not read it either.
func confine(manifest []byte, registry string, withScripts bool) (out []byte, notes []string) {
	text := bytes.TrimPrefix(manifest, byteOrderMark)
	root, err := hujson.Parse(text)
	object, is := root.Value.(*hujson.Object)
	if err != nil || !is || !json.Valid(text) {
		return manifest, nil
	}
	for _, m := range object.Members {
		config, is := m.Value.Value.(*hujson.Object)
		if !is || keyOf(m) != "publishConfig" {
			continue
		}
		for i, setting := range config.Members {
			with, why := confined(keyOf(setting), registry, withScripts)
			now, literal := setting.Value.Value.(hujson.Literal)
			if with == "" || literal && string(now) == with {
				continue
			}
			config.Members[i].Value.Value = hujson.Literal(with)
			notes = append(notes, fmt.Sprintf("in the copy publishConfig.%s is %s", keyOf(setting), why))
		}
	}
	mark := manifest[:len(manifest)-len(text)]
	return append(bytes.Clone(mark), root.Pack()...), notes
}

func keyOf(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }

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
