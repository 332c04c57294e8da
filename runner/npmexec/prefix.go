package npmexec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// localPrefix returns the folder whose .npmrc npm reads as the project's, and the
// workspace that it was left for: the nearest folder upwards with a package.json
// or a node_modules, and above it the root of which that is a workspace, whose
// own .npmrc npm does not read (@npmcli/config 10.8.0, lib/index.js,
// loadLocalPrefix).
func localPrefix(dir string) (root, workspace string) {
	for at := dir; ; at = filepath.Dir(at) {
		switch {
		case root == "" && (isFile(filepath.Join(at, "package.json")) || isDir(filepath.Join(at, "node_modules"))):
			root = at
		case root != "" && holdsWorkspace(at, root):
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

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// holdsWorkspace reports whether the package.json in root lists dir among its
// workspaces.
func holdsWorkspace(root, dir string) bool {
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
		if negated := strings.HasPrefix(p, "!"); workspaceGlob(strings.TrimLeft(p, "!")).MatchString(filepath.ToSlash(rel)) {
			listed = !negated
		}
	}
	return listed
}

var globParts = regexp.MustCompile(`\*\*/?|\*|\?|\{[^{}]*\}|[^*?{]+|\{`)

// workspaceGlob turns a pattern such as "packages/*" into what it matches.
func workspaceGlob(pattern string) *regexp.Regexp {
	pattern = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(pattern, "./"), "/"), "/")
	expr := globParts.ReplaceAllStringFunc(pattern, func(part string) string {
		switch {
		case part == "**/":
			return "(?:.*/)?"
		case part == "**":
			return ".*"
		case part == "*":
			return "[^/]*"
		case part == "?":
			return "[^/]"
		case len(part) > 1 && part[0] == '{':
			return "(?:" + strings.ReplaceAll(regexp.QuoteMeta(part[1:len(part)-1]), ",", "|") + ")"
		}
		return regexp.QuoteMeta(part)
	})
	return regexp.MustCompile("^" + expr + "$")
}
