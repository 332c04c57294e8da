package npmexec

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"safepublish/classify/npm"
)

// setting is what one place gives one npm config key, as it is written there.
type setting struct{ key, value string }

// sources are all places that may give npm a setting for one publish: arguments,
// environment, and every .npmrc that it may read. They are found without asking
// npm, so before it is started and at no cost. Where it is not certain whether
// npm reads a file, it is among them.
type sources struct {
	reader  npmrc // how npm reads a value: the environment, the folder, the home
	given   []setting
	queue   []string // files that are still to be read
	seen    []string
	certain bool // npm reads no file but these, and all of them could be read
}

// sources finds them. A file may name the next one (userconfig, globalconfig,
// prefix), so it goes on until none is left.
func (r *Runner) sources(args []string) *sources {
	s := &sources{reader: npmrc{env: r.Env, major: major(r.installed()), dir: r.Dir}, certain: true}
	s.reader.home, s.certain = homeOf(r.Env)
	s.arguments(args)
	for _, entry := range r.Env {
		name, value, _ := strings.Cut(entry, "=")
		if key := configKey(name); key != "" && value != "" { // npm does not read an empty one
			s.take(key, value)
		}
	}
	for dir := r.Dir; ; dir = filepath.Dir(dir) { // the project's is one of them, whatever is a workspace of what
		s.look(filepath.Join(dir, ".npmrc"))
		if dir == filepath.Dir(dir) {
			break
		}
	}
	s.look(filepath.Join(s.reader.home, ".npmrc"))
	s.programs(r.NPM)
	s.read()
	return s
}

// read reads what is to be read.
func (s *sources) read() {
	for len(s.queue) > 0 {
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.file(next)
	}
}

// installed is the version of npm as far as it is known without asking.
func (r *Runner) installed() string {
	r.memo.mu.Lock()
	defer r.memo.mu.Unlock()
	if r.memo.version != "" {
		return r.memo.version
	}
	return installedVersion(r.NPM)
}

// homeOf returns the folder that npm takes for the person's: HOME, else what the
// system says (@npmcli/config 10.8.0, lib/index.js, loadHome).
func homeOf(env []string) (home string, known bool) {
	home = Getenv(env, "HOME")
	if home == "" && runtime.GOOS == "windows" {
		home = Getenv(env, "USERPROFILE")
	}
	if home == "" {
		if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
			home = u.HomeDir
		}
	}
	return home, home != ""
}

// arguments takes the flags as npm does, abbreviations expanded; where npm's
// version is not known, as any npm does.
func (s *sources) arguments(args []string) {
	majors := []int{s.reader.major}
	if s.reader.major == 0 {
		majors = []int{6, 8, 9, 10, 11, 12}
	}
	for _, m := range majors {
		for key, values := range npm.Parse(args, m).Values {
			for _, value := range values {
				s.take(key, value)
			}
		}
	}
}

// take notes a setting, and the file that it leads to.
func (s *sources) take(key, value string) {
	key, _ = s.reader.replaced(strings.TrimSuffix(key, "[]")) // to ini, a list
	s.given = append(s.given, setting{key, value})
	if key != "userconfig" && key != "globalconfig" && key != "prefix" || value == "" {
		return
	}
	path, unset := s.reader.replaced(value)
	if unset {
		s.certain = false
	}
	if rest, found := strings.CutPrefix(path, "~"); found && rest != "" && os.IsPathSeparator(rest[0]) {
		path = filepath.Join(s.reader.home, rest)
	}
	path = resolve(s.reader.dir, path)
	if key != "prefix" {
		s.look(path)
		return
	}
	s.look(filepath.Join(path, ".npmrc")) // as a flag it names the project too
	s.look(filepath.Join(path, "etc", "npmrc"))
}

func (s *sources) look(path string) {
	if !slices.Contains(s.seen, path) {
		s.seen, s.queue = append(s.seen, path), append(s.queue, path)
	}
}

// programs looks for what lies with the programs: the builtin npmrc in npm's own
// folder, and the global one under the prefix, which is the folder above node's
// (@npmcli/config 10.8.0, lib/index.js, loadGlobalPrefix). A script may stand
// before either, so every npm and every node on PATH counts. It is not certain
// where node itself is a script, as with a version manager.
func (s *sources) programs(npm string) {
	env := s.reader.env
	dirs := append(filepath.SplitList(Getenv(env, "PATH")), filepath.Dir(npm))
	if runtime.GOOS == "windows" { // npm.cmd takes the node beside it
		slices.Reverse(dirs)
	}
	nodes := []string{Getenv(env, "PREFIX")}
	found := false
	for _, dir := range dirs {
		if !filepath.IsAbs(dir) {
			continue
		}
		if folder := npmFolder(filepath.Join(dir, "npm")); folder != "" {
			s.look(filepath.Join(folder, "npmrc"))
		}
		if node, err := exec.LookPath(filepath.Join(dir, "node")); err == nil {
			real, err := filepath.EvalSymlinks(node)
			nodes = append(nodes, prefixOf(node), prefixOf(real))
			s.certain = s.certain && (found || err == nil && isNode(real))
			found = true
		}
	}
	if folder := npmFolder(npm); folder != "" {
		s.look(filepath.Join(folder, "npmrc"))
	}
	s.certain = s.certain && found
	for _, prefix := range nodes {
		if prefix != "" {
			s.look(filepath.Join(prefix, "etc", "npmrc"))
			s.look(filepath.Join(Getenv(env, "DESTDIR"), prefix, "etc", "npmrc"))
		}
	}
}

func prefixOf(node string) string {
	if node == "" || runtime.GOOS == "windows" {
		return filepath.Dir(node)
	}
	return filepath.Dir(filepath.Dir(node))
}

// isNode tells node from a version manager's stand-in: a script, or a link to a
// program of another name.
func isNode(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close() // it was only read
	start := make([]byte, 2)
	_, err = f.Read(start)
	return err == nil && !bytes.Equal(start, []byte("#!")) && strings.HasPrefix(filepath.Base(path), "node")
}

// file takes what one .npmrc says.
func (s *sources) file(path string) {
	lines, err := readNpmrc(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.certain = false
	}
	for _, line := range lines {
		s.take(line.key, line.value)
	}
}
