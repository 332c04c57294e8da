package npmrc

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"safepublish/classify/npm"
)

// Version returns npm's version as it stands beside its program, the zero value where
// npm is not installed as npm itself does.
func Version(program string) npm.Version {
	version, _ := manifestOfNPM(Folder(program))
	return npm.ParseVersion(version)
}

// Folder returns the folder of the npm package that a program belongs to:
// <npm>/bin/npm-cli.js behind a link, or node_modules/npm beside npm.cmd. It is ""
// for a shim.
func Folder(program string) string {
	real, err := filepath.EvalSymlinks(program)
	if err != nil {
		return ""
	}
	dir := filepath.Dir(real)
	for _, root := range []string{filepath.Dir(dir), filepath.Join(dir, "node_modules", "npm")} {
		if _, ok := manifestOfNPM(root); ok {
			return root
		}
	}
	return ""
}

func manifestOfNPM(dir string) (version string, ok bool) {
	var manifest struct{ Name, Version string }
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	ok = dir != "" && err == nil && json.Unmarshal(text, &manifest) == nil && manifest.Name == "npm"
	return manifest.Version, ok
}

// programs looks for what lies with the programs: the builtin npmrc in npm's own
// folder, and the global one under the prefix, which is the folder above node's
// (@npmcli/config 10.8.0, lib/index.js, loadGlobalPrefix). A script may stand
// before either, so every npm and every node on PATH counts.
func (s *Settings) programs() {
	env, program := s.source.Env, s.source.NPM
	dirs := append(filepath.SplitList(Getenv(env, "PATH")), filepath.Dir(program))
	if len(s.source.Via) > 0 {
		dirs = append(dirs, filepath.Dir(s.source.Via[0]))
	}
	if runtime.GOOS == "windows" { // npm.cmd takes the node beside it
		slices.Reverse(dirs)
	}
	prefixes := []string{Getenv(env, "PREFIX")}
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			continue
		}
		if folder := Folder(filepath.Join(dir, "npm")); folder != "" {
			s.look(filepath.Join(folder, "npmrc"))
		}
		if node := nodeIn(dir); node != "" {
			real, _ := filepath.EvalSymlinks(node)
			prefixes = append(prefixes, prefixOf(node), prefixOf(real))
		}
	}
	if s.folder = Folder(program); s.folder != "" {
		s.look(filepath.Join(s.folder, "npmrc"))
	}
	for _, prefix := range prefixes {
		if prefix != "" {
			s.look(filepath.Join(prefix, "etc", "npmrc"))
			s.look(filepath.Join(Getenv(env, "DESTDIR"), prefix, "etc", "npmrc"))
		}
	}
}

// nodeIn returns the node of a folder, "" where there is none that can be run.
func nodeIn(dir string) string {
	node := filepath.Join(dir, "node")
	if runtime.GOOS == "windows" {
		node += ".exe"
	}
	info, err := os.Stat(node)
	if err != nil || info.IsDir() || runtime.GOOS != "windows" && info.Mode()&0o111 == 0 {
		return ""
	}
	return node
}

func prefixOf(node string) string {
	if node == "" || runtime.GOOS == "windows" {
		return filepath.Dir(node)
	}
	return filepath.Dir(filepath.Dir(node))
}
