package npmrc

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// usual are the settings that are merged here, with what they are where nothing sets them
// (npm 8 to 12, @npmcli/config, lib/definitions/definitions.js): all that is read of a
// Config, for what is left out passes for not set.
var usual = map[string]string{
	"registry": npm.Public, "tag": "latest", "access": "", "scope": "",
	"force": "false", "ignore-scripts": "false", "provenance": "false", "dry-run": "false",
	"message": "%s", "tag-version-prefix": "v", "git-tag-version": "true",
	"fetch-retries": "2", "fetch-retry-factor": "10", "fetch-retry-mintimeout": "10000", "fetch-retry-maxtimeout": "60000",
}

// ways say how a registry is reached.
var ways = []string{"proxy", "https-proxy", "local-address", "ca", "cafile", "cert", "key"}

// elsewhere are the settings that change which files npm reads, or that are read seldom.
var elsewhere = []string{"global", "location", "globalconfig", "logs-dir", "logs-max"}

// Merged returns what npm config list would say, without a process: the settings of
// usual, the registries of scopes and the ways, merged as npm merges its levels. Of the
// ways, what any file says counts, read by npm or not. ok is false where npm has to be
// asked: where it is not installed as npm itself does it, and where a value is not
// plain, or stands in a file of which it is not certain that npm reads it.
func (s *Settings) Merged() (merged Config, ok bool) {
	plainNPM := s.folder != "" && s.source.Version.Has(npm.LogsDir)
	user, known := s.userFile()
	if !plainNPM || !known || len(npm.Parse(s.source.Args).Unknown) > 0 || s.Sets(elsewhere...) {
		return nil, false
	}
	merged = Config{"userconfig": user, "strict-ssl": "true"}
	if s.Sets("strict-ssl") {
		merged["strict-ssl"] = "false"
	}
	for _, key := range ways {
		merged[key], _ = s.last(key)
	}
	sure, unsure := s.levels(user)
	if slices.ContainsFunc(unsure, func(p place) bool { return slices.ContainsFunc(p.lines, func(l line) bool { return matters(l.key) }) }) {
		return nil, false
	}
	for _, key := range s.mergedKeys() {
		value, plain := s.merge(key, sure, unsure)
		if !plain {
			return nil, false
		}
		merged[key] = value
	}
	return merged, true
}

// userFile returns the person's .npmrc. actions/setup-node names another one by the
// environment; what a file says of it is npm's business.
func (s *Settings) userFile() (path string, known bool) {
	path = filepath.Join(s.home, ".npmrc")
	for i, p := range s.places {
		for _, l := range p.lines {
			if l.key == "userconfig" {
				path = l.value
				known = i == commandLine || i == environment
				return path, known && filepath.IsAbs(path) && !strings.ContainsAny(path, "$~")
			}
		}
	}
	return path, true
}

// levels returns the places that npm is certain to read, those of npm's own folder last,
// and the files of which that is not certain. The other .npmrc above the current folder
// are certain not to be read.
func (s *Settings) levels(user string) (sure, unsure []place) {
	root, _ := Project(s.source.Dir, s.source.Args)
	ours := []string{filepath.Join(root, ".npmrc"), user, filepath.Join(s.folder, "npmrc")}
	read := make([]place, len(ours))
	for _, p := range s.places[environment+1:] {
		switch i := slices.Index(ours, p.path); {
		case i >= 0:
			read[i] = p
		case p.there && !s.above(p.path):
			unsure = append(unsure, p)
		}
	}
	return append([]place{s.places[commandLine], s.places[environment]}, read...), unsure
}

// above tells the .npmrc of a folder that the current one lies in.
func (s *Settings) above(path string) bool {
	rel, err := filepath.Rel(filepath.Dir(path), s.source.Dir)
	return err == nil && filepath.IsLocal(rel) && filepath.Base(path) == ".npmrc"
}

// mergedKeys are those of usual, and @scope:registry of each scope that has one.
func (s *Settings) mergedKeys() (keys []string) {
	for key := range usual {
		keys = append(keys, key)
	}
	for _, p := range s.places {
		for _, l := range p.lines {
			if strings.HasPrefix(l.key, "@") && strings.HasSuffix(l.key, ":registry") {
				keys = append(keys, l.key)
			}
		}
	}
	return keys
}

// merge returns what the first of the places says of a key. A file of which it is not
// certain that npm reads it stands before npm's own.
func (s *Settings) merge(key string, sure, unsure []place) (value string, plain bool) {
	last := len(sure) - 1
	for i, p := range sure {
		if i == last && slices.ContainsFunc(unsure, func(p place) bool { return p.says(key) }) {
			return "", false
		}
		if p.says(key) {
			return p.plain(key)
		}
	}
	return usual[key], true
}

// says tells whether a place speaks of a key, however it is written.
func (p place) says(key string) bool {
	return slices.ContainsFunc(p.lines, func(l line) bool { return l.means(key) })
}

// plain returns the value that a place has for a key, as npm goes by it.
func (p place) plain(key string) (value string, plain bool) {
	for _, l := range p.lines { // of two lines the last holds
		if !l.means(key) {
			continue
		}
		if l.key != key || l.unset || l.full == "" {
			return "", false
		}
		value = npm.Value(key, l.full)
	}
	switch _, common := usual[key]; {
	case key == "registry" || !common: // else that of a scope
		return value, plainAddress(value)
	case key == "access":
		if value == "null" {
			value = ""
		}
		return value, value == "" || value == "public" || value == "restricted"
	case value == "null":
		return "", false
	}
	return value, true
}

func plainAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.Host == strings.ToLower(u.Host)
}
