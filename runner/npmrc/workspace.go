package npmrc

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"safepublish/classify/npm"
)

// Project returns the folder whose .npmrc npm reads as the project's, and the
// workspace that it was left for, "" for none: the nearest folder upwards with a
// package.json or a node_modules, and above it the root of which that is a workspace,
// whose own .npmrc npm does not read. With --prefix it is that folder, and without
// workspaces (--workspaces=false among the arguments; no .npmrc and no variable counts)
// npm does not look for a root (@npmcli/config 10.8.0, lib/index.js, loadLocalPrefix).
func Project(dir string, args []string) (root, workspace string) {
	if prefix, _ := npm.Get(args, "prefix"); prefix != "" {
		return Resolve(dir, prefix), ""
	}
	alone, _ := npm.Get(args, "workspaces")
	for at := dir; ; at = filepath.Dir(at) {
		switch {
		case root == "" && (isFile(filepath.Join(at, "package.json")) || isDir(filepath.Join(at, "node_modules"))):
			root = at
			if alone == "false" {
				return root, ""
			}
		case root != "" && HoldsWorkspace(at, root):
			return at, root
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	if root == "" {
		root = dir
	}
	return root, ""
}

// HoldsWorkspace reports whether the package.json in root lists the package in dir
// among its workspaces.
func HoldsWorkspace(root, dir string) bool {
	var manifest struct{ Workspaces json.RawMessage }
	text, err := os.ReadFile(filepath.Join(root, "package.json"))
	if err != nil || json.Unmarshal(text, &manifest) != nil {
		return false
	}
	var patterns []string
	if json.Unmarshal(manifest.Workspaces, &patterns) != nil {
		var object struct{ Packages []string }
		_ = json.Unmarshal(manifest.Workspaces, &object)
		patterns = object.Packages
	}
	rel, err := filepath.Rel(root, dir)
	if err != nil || !isFile(filepath.Join(dir, "package.json")) {
		return false
	}
	listed := false
	for _, p := range patterns {
		glob := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimLeft(p, "!"), "./"), "/"), "/")
		if match, _ := doublestar.Match(glob, filepath.ToSlash(rel)); match {
			listed = !strings.HasPrefix(p, "!")
		}
	}
	return listed
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
