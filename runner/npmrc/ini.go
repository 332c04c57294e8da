package npmrc

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// line is one setting as it is written.
type line struct {
	number     int // of the line in its file, counted from 1; 0 outside of one
	key, value string
	full       string // the value with its variables put in
	unset      bool   // one of them is not set
}

// means tells whether a line is about a key, however one of the two is written.
func (l line) means(key string) bool { return folded(l.key) == folded(key) }

// folded is a key without what npm sees no difference in where it reads a variable.
func folded(key string) string { return strings.ReplaceAll(strings.ToLower(key), "_", "-") }

// readFile reads an .npmrc; nothing else does. What is no regular file is not
// opened: a pipe, as of --userconfig <(command), can be read once, and by npm.
func readFile(path string) ([]line, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return topLines(string(text)), nil
}

// section starts a line without a blank before it.
var section = pattern.New(`^\[[^\]]*\]\s*$`)

// topLines returns the lines of an ini file that npm sees: those before the first
// [section] (ini 6.0.0, lib/ini.js; npm asks for no key in a section). A byte
// order mark stays a part of the first key, as npm has it.
func topLines(text string) []line {
	var lines []line
	number := 0
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for l := range strings.Lines(text) {
		number++
		if section.MatchString(l) {
			break
		}
		l = strings.TrimSpace(l)
		if l == "" || l[0] == ';' || l[0] == '#' || l[0] == '=' {
			continue
		}
		key, value, assigned := strings.Cut(l, "=")
		if !assigned {
			value = "true" // to ini, a key alone
		}
		lines = append(lines, line{number: number, key: unquoted(key), value: unquoted(value)})
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

// variable is npm's (@npmcli/config, lib/env-replace.js); see npm.OptionalVariables for "?".
var variable = pattern.New(`(\\*)\$\{([^${}?]+)(\?)?\}`)

// expand puts the variables in, as npm does, and reports whether one of them is
// not set. An odd number of backslashes before it keeps one from being a variable.
func (s *Settings) expand(text string) (full string, unset bool) {
	full = variable.ReplaceAllStringFunc(text, func(whole string) string {
		m := variable.FindStringSubmatch(whole)
		value, set := s.lookup(m[2])
		switch {
		case len(m[1])%2 == 1:
			return whole[(len(m[1])+1)/2:]
		case !set && m[3] != "" && s.source.Version.Has(npm.OptionalVariables):
			value = ""
		case !set, m[3] != "" && !s.source.Version.Has(npm.OptionalVariables):
			unset = true
			value = whole[len(m[1]):]
		}
		return m[1][:len(m[1])/2] + value
	})
	return full, unset
}

func (s *Settings) lookup(name string) (value string, set bool) {
	value = Getenv(s.source.Env, name)
	return value, value != "" || slices.Contains(s.source.Env, name+"=")
}

// variables returns the names of the variables in a value.
func variables(text string) []string {
	var names []string
	for _, m := range variable.FindAllStringSubmatch(text, -1) {
		if len(m[1])%2 == 0 {
			names = append(names, m[2])
		}
	}
	return names
}
