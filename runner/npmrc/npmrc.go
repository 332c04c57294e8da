// Package npmrc reads what npm is set to for one publish: its arguments, the
// environment and every .npmrc. It answers which registry and which credential a
// publish will use, whether a setting is mentioned anywhere, and which secrets must
// never be shown. It starts no process.
package npmrc

import (
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"safepublish/classify/npm"
)

// Source is what decides which settings npm has.
type Source struct {
	NPM     string   // npm's path
	Via     []string // what is started in its place, with the node in it; nil for itself
	Version npm.Version
	Dir     string   // the folder that npm runs in, absolute
	Args    []string // npm's arguments after "publish"
	Env     []string
}

// Settings are all places that may give npm a setting, each read once, as they
// were when Read was called. They are found without asking npm; a file of which it
// is not certain whether npm reads it is among them.
type Settings struct {
	source Source
	home   string
	folder string // npm's own, "" where it is not installed as npm itself does it
	places []place
	read   int // so many of the places were read
}

// The first two places; files follow.
const (
	commandLine = iota
	environment
)

// place is one of them.
type place struct {
	path  string // "" for what is no file
	there bool   // the file could be read
	stamp stamp
	lines []line
}

// stamp tells whether a file has been written, made or removed since it was read.
type stamp struct {
	size    int64
	changed time.Time
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.Size(), info.ModTime()}
}

// Read finds and reads the settings.
func Read(from Source) *Settings {
	s := &Settings{source: from, home: homeOf(from.Env)}
	s.places = []place{{lines: s.arguments()}, {lines: s.environment()}}
	for dir := from.Dir; ; dir = filepath.Dir(dir) { // the project's is one of them, whatever is a workspace of what
		s.look(filepath.Join(dir, ".npmrc"))
		if dir == filepath.Dir(dir) {
			break
		}
	}
	s.look(filepath.Join(s.home, ".npmrc"))
	s.programs()
	s.readPlaces()
	return s
}

// Fresh reports whether every file is as it was when Read was called.
func (s *Settings) Fresh() bool {
	return !slices.ContainsFunc(s.places, func(p place) bool { return p.path != "" && stampOf(p.path) != p.stamp })
}

// Clone returns the same settings: Also of the one leaves the other as it is.
func (s *Settings) Clone() *Settings {
	c := *s
	c.places = slices.Clone(s.places)
	return &c
}

// Also reads a further file: one that npm says in its log it has loaded. Behind a
// version manager's stand-in nobody else knows it.
func (s *Settings) Also(path string) {
	s.look(path)
	s.readPlaces()
}

// homeOf returns the folder that npm takes for the person's: HOME, else what the
// system says (@npmcli/config 10.8.0, lib/index.js, loadHome).
func homeOf(env []string) string {
	home := Getenv(env, "HOME")
	if home == "" && runtime.GOOS == "windows" {
		home = Getenv(env, "USERPROFILE")
	}
	if home == "" {
		if u, err := user.LookupId(strconv.Itoa(os.Getuid())); err == nil {
			home = u.HomeDir
		}
	}
	return home
}

// arguments returns the flags as npm reads them.
func (s *Settings) arguments() []line {
	var all []line
	values := npm.Parse(s.source.Args).Values
	for _, key := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[key] {
			all = append(all, line{key: key, value: value})
		}
	}
	return all
}

func (s *Settings) environment() []line {
	var all []line
	for _, entry := range s.source.Env {
		name, value, _ := strings.Cut(entry, "=")
		if key := Key(name); key != "" && value != "" { // npm does not read an empty one
			all = append(all, line{key: key, value: value})
		}
	}
	return all
}

// look adds a file to the places.
func (s *Settings) look(path string) {
	if !slices.ContainsFunc(s.places, func(p place) bool { return p.path == path }) {
		s.places = append(s.places, place{path: path})
	}
}

// readPlaces reads the places that were not read yet. A file may name the next one
// (userconfig, globalconfig, prefix), so it goes on until none is left.
func (s *Settings) readPlaces() {
	for ; s.read < len(s.places); s.read++ {
		p := &s.places[s.read]
		if p.path != "" {
			p.stamp = stampOf(p.path)
			lines, err := readFile(p.path)
			p.lines, p.there = lines, err == nil
		}
		for i, l := range p.lines {
			l.key, _ = s.expand(strings.TrimSuffix(l.key, "[]")) // to ini, a list
			l.full, l.unset = s.expand(strings.TrimSpace(l.value))
			p.lines[i] = l
			s.follow(l)
		}
	}
}

// follow adds the file that a setting leads to.
func (s *Settings) follow(l line) {
	if l.key != "userconfig" && l.key != "globalconfig" && l.key != "prefix" || l.value == "" {
		return
	}
	path := l.full
	if rest, found := strings.CutPrefix(path, "~"); found && rest != "" && os.IsPathSeparator(rest[0]) {
		path = filepath.Join(s.home, rest)
	}
	path = Resolve(s.source.Dir, path)
	if l.key != "prefix" {
		s.look(path)
		return
	}
	s.look(filepath.Join(path, ".npmrc")) // as a flag it names the project too
	s.look(filepath.Join(path, "etc", "npmrc"))
}

// Resolve returns path as seen from the folder dir.
func Resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}
