package npmexec

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// lockFiles are what other clients leave in a project.
var lockFiles = []struct{ file, client string }{
	{"pnpm-lock.yaml", "pnpm"},
	{"pnpm-workspace.yaml", "pnpm"},
	{"bun.lock", "bun"},
	{"bun.lockb", "bun"},
	{"yarn.lock", "yarn"},
	{"package-lock.json", "npm"},
	{"npm-shrinkwrap.json", "npm"},
}

// RunByYarnPack tells whether yarn pack runs a script of that name; it has no option that
// keeps it from it (yarn 4.18.1; yarn 1 runs prepare too).
func RunByYarnPack(script string) bool {
	return slices.Contains([]string{"prepublish", "prepare", "prepack", "postpack"}, script)
}

// PackCommand returns the command by which a client packs the package in a folder, as a
// file in the folder into; without scripts, where the client can. yarn is asked for its
// version: yarn 1 takes other options.
func (n *NPM) PackCommand(ctx context.Context, client, folder, into string, scripts bool) []string {
	file := filepath.Join(into, "package.tgz")
	switch {
	case client == "pnpm" && !scripts: // pnpm pack has no --ignore-scripts (10.34.9 and 11.28.7)
		return []string{"pnpm", "pack", "--pack-destination", into, "--config.ignore-scripts=true"}
	case client == "pnpm":
		return []string{"pnpm", "pack", "--pack-destination", into}
	case client == "bun" && !scripts:
		return []string{"bun", "pm", "pack", "--destination", into, "--ignore-scripts"}
	case client == "bun":
		return []string{"bun", "pm", "pack", "--destination", into}
	}
	if version, _ := printed(ctx, n.Env, folder, "yarn", "--version"); strings.HasPrefix(strings.TrimSpace(version), "1.") {
		return []string{"yarn", "pack", "--filename", file}
	}
	return []string{"yarn", "pack", "--out", file}
}

// Client says which client the project in dir, or the workspace that it is part of, is
// installed with: "pnpm", "yarn", "bun" or "npm", as the nearest packageManager,
// devEngines or lock file has it; "" where nothing says. No process is started.
func Client(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		manifest, _ := os.ReadFile(filepath.Join(at, "package.json"))
		name, _, _ := strings.Cut(gjson.GetBytes(manifest, "packageManager").String(), "@")
		if name == "" {
			name = gjson.GetBytes(manifest, "devEngines.packageManager.name").String()
		}
		if name != "" {
			return name
		}
		for _, lock := range lockFiles {
			if _, err := os.Lstat(filepath.Join(at, lock.file)); err == nil {
				return lock.client
			}
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil || at == filepath.Dir(at) {
			return ""
		}
	}
}
