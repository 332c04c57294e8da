package npm

import (
	"slices"
	"strings"

	"safepublish/classify/pattern"
)

// Parsed is what npm makes of its arguments.
type Parsed struct {
	// Values are the flags under npm's own names for them, shorthands expanded: "true",
	// "false", "null" (what --no-KEY gives most keys that take a value) or the text, in the
	// order they were written. npm goes by the last one, or by all where a key
	// accumulates. What npm would drop as invalid is still here: see Check.
	Values map[string][]string
	// Specs are the words that are no flags: what is to be published.
	Specs []string
	// Unknown are the flags, as they were typed, that no npm has under just that name.
	// Check refuses them; behind "--" one may be the beginning of another flag to npm.
	Unknown []string
}

// Parse returns what npm understands by args, its arguments after "publish". It goes by
// the exact names of flags, and by nopt's rules for their values.
func Parse(args []string) Parsed {
	s := scan(args)
	p := Parsed{Values: map[string][]string{}}
	for _, it := range s.items {
		switch {
		case it.positional:
			p.Specs = append(p.Specs, it.value)
			continue
		case !it.known && !it.addressed():
			p.Unknown = append(p.Unknown, s.written(it))
		}
		p.Values[it.key] = append(p.Values[it.key], it.value)
	}
	return p
}

// Get returns the value that npm uses for key, and whether args have the key at all.
// See Parsed.Values for what a value is.
func Get(args []string, key string) (string, bool) {
	values := Parse(args).Values[key]
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// Set returns args with key set to value: in place of the last mention of key, in
// whatever form it was written, the others removed; else as --key=value before the first
// "--". All other arguments stay as they are, in their order.
func Set(args []string, key, value string) []string {
	flag := "--" + key + "=" + value
	s := scan(args)
	if out, ok := s.rewrite(key, flag); ok {
		return out
	}
	at := len(args)
	if s.stop < len(s.tokens) {
		at = s.tokens[s.stop].arg
	}
	out := slices.Insert(slices.Clone(args), at, flag)
	if got, ok := Get(out, key); ok && got == strings.TrimSpace(value) {
		return out
	}
	// The word before would swallow it: "--access" at the end, or "--browser".
	return slices.Insert(slices.Clone(args), 0, flag)
}

// Remove returns args without key, in whatever form it was written.
func Remove(args []string, key string) []string {
	out, _ := scan(args).rewrite(key, "")
	return out
}

// Selection are the keys by which npm selects workspaces.
var Selection = []string{"workspace", "workspaces", "include-workspace-root"}

// Unselected returns args without what selects workspaces, in whatever form it was written.
func Unselected(args []string) []string {
	for _, key := range Selection {
		args = Remove(args, key)
	}
	return args
}

// SetSpec returns args with one word that is no flag, in place of those that there are.
func SetSpec(args []string, spec string) []string {
	s := scan(args)
	drop := map[int]bool{}
	for _, it := range s.items {
		if it.positional {
			drop[s.tokens[it.at].arg] = true
		}
	}
	var out []string
	for i, arg := range args {
		if !drop[i] {
			out = append(out, arg)
		}
	}
	if got := append([]string{spec}, out...); slices.Equal(Parse(got).Specs, []string{spec}) {
		return got
	}
	return append(out, spec)
}

// credential matches a flag that holds one. Without "=" npm does not take the next word
// for its value, but that is one all the same.
var credential = pattern.New(`^-+(?:.*:)?_(?:auth|authToken|password)(?:=(.*))?$`)

// Credentials returns the credentials among npm's arguments, as in
// --//host/:_authToken=VALUE, so that they can be kept out of what is shown.
func Credentials(args []string) []string {
	var all []string
	for i, arg := range args {
		m := credential.FindStringSubmatch(arg)
		switch {
		case m == nil:
		case m[1] != "":
			all = append(all, m[1])
		case i+1 < len(args):
			all = append(all, args[i+1])
		}
	}
	return all
}

// rewrite replaces the last mention of key by flag ("" removes it too), removes
// the others, and tells whether there was one.
func (s *scanned) rewrite(key, flag string) ([]string, bool) {
	drop, touched, last := map[int]bool{}, map[int]bool{}, -1
	for _, it := range s.items {
		if it.positional || it.key != key {
			continue
		}
		last = it.at
		for i := it.at; i < it.end; i++ {
			drop[i], touched[s.tokens[i].arg] = true, true
		}
	}
	var out []string
	for i, tok := range s.tokens {
		first := i == 0 || s.tokens[i-1].arg != tok.arg
		switch {
		case i == last && flag != "":
			out = append(out, flag)
		case drop[i]:
		case touched[tok.arg]:
			out = append(out, tok.text)
		case first:
			out = append(out, s.args[tok.arg])
		}
	}
	return out, last >= 0
}
