package npm

import (
	"slices"
	"strings"
)

// Parsed is what npm makes of its arguments.
type Parsed struct {
	// Values are the flags under npm's own names for them, abbreviations and
	// shorthands expanded: "true", "false", "null" (what --no-KEY gives most
	// keys that take a value) or the text, in the order they were written. npm
	// goes by the last one, or by all where a key accumulates. What npm would
	// drop as invalid is still here: see Check.
	Values map[string][]string
	// Specs are the words that are no flags: what is to be published.
	Specs []string
}

// Parse returns what npm of that major version understands by args, its
// arguments after "publish".
func Parse(args []string, major int) Parsed {
	p := Parsed{Values: map[string][]string{}}
	for _, it := range tableFor(major).scan(args).items {
		if it.positional() {
			p.Specs = append(p.Specs, it.value)
		} else {
			p.Values[it.key] = append(p.Values[it.key], it.value)
		}
	}
	return p
}

func (it *item) positional() bool {
	return it.typed == "" && it.key == "" && !it.known && !it.no && !it.hadEq
}

// Get returns the value that npm of that major version uses for key, and
// whether args have the key at all. See Parsed.Values for what a value is.
func Get(args []string, key string, major int) (string, bool) {
	values := Parse(args, major).Values[key]
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// Set returns args with key set to value: in place of the last mention of key,
// in whatever form it was written, the others removed; else as --key=value
// before the first "--". All other arguments stay as they are, in their order.
// A flag hidden in a cluster ("-dj") is taken out of it.
func Set(args []string, key, value string, major int) []string {
	t := tableFor(major)
	flag := "--" + key + "=" + value
	s := t.scan(args)
	if out, ok := s.rewrite(args, key, flag); ok {
		return out
	}
	at := len(args)
	if s.stop < len(s.tokens) {
		at = s.tokens[s.stop].arg
	}
	out := slices.Insert(slices.Clone(args), at, flag)
	if got, ok := Get(out, key, major); ok && got == strings.TrimSpace(value) {
		return out
	}
	// The word before would swallow it: "--access" at the end, or "--browser".
	return slices.Insert(slices.Clone(args), 0, flag)
}

// Remove returns args without key, in whatever form it was written.
func Remove(args []string, key string, major int) []string {
	out, _ := tableFor(major).scan(args).rewrite(args, key, "")
	return out
}

// rewrite replaces the last mention of key by flag ("" removes it too), removes
// the others, and tells whether there was one.
func (s *scanned) rewrite(args []string, key, flag string) ([]string, bool) {
	drop, touched, last := map[int]bool{}, map[int]bool{}, -1
	for _, it := range s.items {
		if it.positional() || it.key != key {
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
			out = append(out, args[tok.arg])
		}
	}
	return out, last >= 0
}
