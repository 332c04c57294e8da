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
func copyTree(from, to string, withScripts bool) (notes []string, err error) {
	if from, err = filepath.Abs(from); err == nil {
		from, err = filepath.EvalSymlinks(from)
	}
	if err != nil {
		return nil, err
	}
	inside, err := os.OpenRoot(from)
	if err != nil {
		return nil, err
	}
	defer inside.Close()                                            // nothing is written there
	manifest, _ := os.ReadFile(filepath.Join(from, "package.json")) // none: npm will say so
	bundled := gjson.GetBytes(manifest, "bundleDependencies").Exists() || gjson.GetBytes(manifest, "bundledDependencies").Exists()
	c := &copying{from: from, inside: inside, installed: withScripts || bundled}
	err = copy.Copy(from, to, copy.Options{PermissionControl: copy.AddPermission(0o200), Skip: c.leaveOut, OnSymlink: c.link})
	notes = c.notes
	if err != nil {
		return notes, err
	}
	err = eachManifest(to, func(path string) error {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, left := confine(text)
		if len(left) == 0 {
			return nil
		}
		for _, key := range left {
			notes = append(notes, "publishConfig."+key+" is left out of the copy")
		}
		return os.WriteFile(path, text, 0o600)
	})
	return notes, err
}

// copying decides what comes into a copy, and notes what does not.
type copying struct {
	from      string
	inside    *os.Root // from
	installed bool     // node_modules comes along
	notes     []string
}

func (c *copying) below(path string) string {
	return strings.TrimPrefix(path, c.from+string(filepath.Separator))
}

func (c *copying) note(format, path string) {
	c.notes = append(c.notes, fmt.Sprintf(format, c.below(path)))
}

// leaveOut is copy.Options.Skip.
func (c *copying) leaveOut(info os.FileInfo, path, _ string) (bool, error) {
	switch name := info.Name(); {
	case path == c.from:
		return false, nil
	case name == ".git", name == "node_modules" && info.IsDir() && !c.installed:
		return true, nil
	case strings.EqualFold(name, ".npmrc"):
		c.note("%s is left out of the copy", path)
		return true, nil
	case info.Mode().IsRegular() && info.Size() > maxFile:
		c.note("%s has more than 50 MB and is left out of the copy", path)
		return true, nil
	}
	packable := info.IsDir() || info.Mode().IsRegular() || info.Mode()&fs.ModeSymlink != 0
	return !packable, nil // a socket, a pipe, a device
}

// link is copy.Options.OnSymlink.
func (c *copying) link(path string) copy.SymlinkAction {
	info, err := os.Stat(path)
	if err != nil {
		return copy.Skip // it leads nowhere, and npm packs no links
	}
	if strings.EqualFold(filepath.Base(path), "package.json") && info.Mode().IsRegular() {
		return copy.Deep // the copy must not lead to a file that names another registry
	}
	if _, err := c.inside.Stat(c.below(path)); err == nil {
		return copy.Shallow
	}
	c.note("%s leads out of the package and is left out of the copy", path)
	return copy.Skip
}

// harmless are the keys of publishConfig that lead nowhere. npm flattens the whole of
// publishConfig over its configuration, so that any other setting can stand there too
// (lib/commands/publish.js).
var harmless = []string{"access", "tag"}

// confine takes everything but what is harmless out of the publishConfig of a manifest,
// and changes no other byte: out of every one of duplicate keys, for JSON.parse takes
// the last. It returns the keys that it left out. A manifest that is no JSON comes back
// as it is: npm will not read it either.
func confine(manifest []byte) (out []byte, left []string) {
	text := bytes.TrimPrefix(manifest, byteOrderMark)
	root, err := hujson.Parse(text)
	object, is := root.Value.(*hujson.Object)
	if err != nil || !is || !json.Valid(text) {
		return manifest, nil
	}
	for _, m := range object.Members {
		if config, is := m.Value.Value.(*hujson.Object); is && keyOf(m) == "publishConfig" {
			config.Members = slices.DeleteFunc(config.Members, func(setting hujson.ObjectMember) bool {
				if slices.Contains(harmless, keyOf(setting)) {
					return false
				}
				left = append(left, keyOf(setting))
				return true
			})
		}
	}
	mark := manifest[:len(manifest)-len(text)]
	return append(bytes.Clone(mark), root.Pack()...), left
}

func keyOf(m hujson.ObjectMember) string { return m.Name.Value.(hujson.Literal).String() }
