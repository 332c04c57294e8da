package npmexec

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"safepublish/classify"
)

// Npmrc reads what npm knows about registries and credentials for a publish with
// these arguments: every .npmrc in npm's order, the environment, the arguments.
// It is the one place that reads such a file. The value of a credential goes no
// further: it becomes one word while it is read.
func (r *Runner) Npmrc(ctx context.Context, args []string) classify.Npmrc {
	config := r.Config(ctx, args)
	home := Getenv(r.Env, "HOME")
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	user := cmp.Or(config["userconfig"], filepath.Join(home, ".npmrc"))
	root, workspace := localPrefix(r.Dir)
	if prefix, given := flag(args, "prefix"); given && prefix != "" {
		root, workspace = resolve(r.Dir, prefix), ""
	}
	n := &npmrc{env: r.Env, major: major(r.Version(ctx)), dir: r.Dir, home: home}
	n.arguments(args)
	n.environment()
	if project := filepath.Join(root, ".npmrc"); config["global"] != "true" && project != user {
		n.file("project", project)
	}
	n.file("user", resolve(r.Dir, user))
	if global := config["globalconfig"]; global != "" {
		n.file("global", resolve(r.Dir, global))
	}
	n.file("builtin", filepath.Join(npmFolder(r.NPM), "npmrc"))
	if own := filepath.Join(workspace, ".npmrc"); workspace != "" && isFile(own) {
		n.Ignored = own
	}
	return n.Npmrc
}

func resolve(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

type npmrc struct {
	classify.Npmrc
	env       []string
	major     int
	dir, home string
}

func (n *npmrc) arguments(args []string) {
	for _, arg := range slices.Backward(beforeDashes(args)) {
		if key, value, found := strings.Cut(strings.TrimLeft(arg, "-"), "="); found && strings.HasPrefix(arg, "-") {
			n.take(classify.Setting{Level: "cli", Key: key}, value)
		}
	}
	if v, given := flag(args, "registry"); given && n.All("registry") == nil {
		n.take(classify.Setting{Level: "cli", Key: "registry"}, v)
	}
}

func (n *npmrc) environment() {
	for _, entry := range slices.Backward(n.env) {
		name, value, _ := strings.Cut(entry, "=")
		if key := configKey(name); key != "" && value != "" { // npm does not read an empty one
			n.take(classify.Setting{Level: "env", Key: key}, value)
		}
	}
}

// file reads one .npmrc: of a key that occurs twice the last line holds.
func (n *npmrc) file(level, path string) {
	lines, err := readNpmrc(path)
	if err != nil || slices.Contains(n.Files, path) {
		return
	}
	n.Files = append(n.Files, path)
	for _, l := range slices.Backward(lines) {
		n.take(classify.Setting{Level: level, File: path, Name: n.name(path), Line: l.number, Key: l.key}, l.value)
	}
}

// name shortens a path: "package/.npmrc" from the current folder, "~/.npmrc" from
// the person's own.
func (n *npmrc) name(path string) string {
	if rel, err := filepath.Rel(n.dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	if rel, err := filepath.Rel(n.home, path); err == nil && filepath.IsLocal(rel) && n.home != "" {
		return filepath.Join("~", rel)
	}
	return path
}

// take keeps a setting, if it is about registries, without the value.
func (n *npmrc) take(s classify.Setting, value string) {
	s.Key, _ = n.replaced(s.Key)
	_, kind := classify.CredentialKey(s.Key)
	isRegistry := s.Key == "registry" || strings.HasSuffix(s.Key, ":registry")
	if kind == "" && !isRegistry {
		return
	}
	s.Holds, s.Vars = n.holds(value)
	if isRegistry {
		full, _ := n.replaced(strings.TrimSpace(value))
		s.URL = withoutUser(full)
	}
	n.Settings = append(n.Settings, s)
}

func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// holds says in one word what a value is.
func (n *npmrc) holds(value string) (classify.Held, []string) {
	full, unset := n.replaced(strings.TrimSpace(value))
	names := n.variables(value)
	switch {
	case full == "":
		return classify.HeldEmpty, names
	case unset:
		return classify.HeldUnset, names
	case placeholder.MatchString(full):
		return classify.HeldPlaceholder, names
	}
	return classify.HeldPresent, names
}

var (
	// setup-node's, and what a shell or a CI was to fill in and did not
	placeholder = regexp.MustCompile(`^X{5}(?:-X{5}){3}$|^\$[A-Za-z_]\w*$|^%\w+%$|^\$\{\{.*\}\}$|^<[^<>]*>$`)
	// variable is npm's (@npmcli/config, lib/env-replace.js); "?" is new in npm 12.
	variable = regexp.MustCompile(`(\\*)\$\{([^${}?]+)(\?)?\}`)
)

// replaced puts the variables in, as npm does, and reports whether one of them is
// not set. An odd number of backslashes before it keeps one from being a variable.
func (n *npmrc) replaced(text string) (full string, unset bool) {
	full = variable.ReplaceAllStringFunc(text, func(whole string) string {
		m := variable.FindStringSubmatch(whole)
		value, set := n.lookup(m[2])
		switch {
		case len(m[1])%2 == 1:
			return whole[(len(m[1])+1)/2:]
		case !set && m[3] != "" && n.major >= 12:
			value = ""
		case !set, m[3] != "" && n.major < 12:
			unset = true
			value = whole[len(m[1]):]
		}
		return m[1][:len(m[1])/2] + value
	})
	return full, unset
}

func (n *npmrc) lookup(name string) (string, bool) {
	value := Getenv(n.env, name)
	return value, value != "" || slices.Contains(n.env, name+"=")
}

func (n *npmrc) variables(text string) []string {
	var names []string
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		if len(m[1])%2 == 0 {
			names = append(names, m[2])
		}
	}
	return names
}

// readNpmrc reads an .npmrc; nothing else does. What is no regular file is not
// opened: a pipe, as of --userconfig <(command), can be read once, and by npm.
func readNpmrc(path string) ([]iniLine, error) {
	switch info, err := os.Stat(path); {
	case err != nil && notThere(err):
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return topLines(string(text)), nil
}

func notThere(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

type iniLine struct {
	number     int
	key, value string
}

// section starts a line without a blank before it.
var section = regexp.MustCompile(`^\[[^\]]*\]\s*$`)

// topLines returns the lines of an ini file that npm sees: those before the first
// [section] (ini 6.0.0, lib/ini.js; npm asks for no key in a section). A byte
// order mark stays a part of the first key, as npm has it.
func topLines(text string) []iniLine {
	var lines []iniLine
	number := 0
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for line := range strings.Lines(text) {
		number++
		if section.MatchString(line) {
			break
		}
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' || line[0] == '#' || line[0] == '=' {
			continue
		}
		key, value, assigned := strings.Cut(line, "=")
		if !assigned {
			value = "true" // to ini, a key alone
		}
		lines = append(lines, iniLine{number, unquoted(key), unquoted(value)})
	}
	return lines
}

// unquoted reads a key or value as ini does: what is quoted as JSON, what is no
// JSON without its single quotes; else all up to the first ; or # without a
// backslash.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		var text string
		if s[0] == '\'' {
			s = s[1 : len(s)-1]
		}
		if json.Unmarshal([]byte(s), &text) == nil {
			return text
		}
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`\;#`, s[i+1]) >= 0:
			i++
		case s[i] == ';', s[i] == '#':
			return strings.TrimSpace(b.String())
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
