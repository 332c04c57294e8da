package npm

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// Extracted by extract.js from the npm releases named in the file: for each
// config key its nopt types, and the shorthands.
//
//go:embed flags.json
var flagsJSON []byte

// oldest and newest of the embedded tables, by npm's major version.
var versions = map[int]string{6: "6.14.18", 8: "8.19.4", 9: "9.9.4", 10: "10.9.0", 11: "11.19.1", 12: "12.2.0"}

// table is what one npm release knows about flags.
type table struct {
	major      int
	keys       map[string]types
	shorthands map[string][]string
	full       map[string]string // unambiguous beginning of a key -> key
	fullShort  map[string]string // unambiguous beginning of a shorthand -> shorthand
}

// types are nopt's types of one key: Boolean, String, Number, Array, path, url,
// null, and constants in quotes.
type types []string

func (t types) has(name string) bool { return slices.Contains(t, name) }

// list tells whether nopt has a list of types, one of which is Array in
// addition for a key that accumulates.
func (t types) list() bool { return len(t) != 1 }

func (t types) constant(word string) bool {
	return t.has(`"`+word+`"`) || isNumber(word) && t.has(word)
}

// constants are the words that a key is limited to, in npm's order.
func (t types) constants() []string {
	var words []string
	for _, name := range t {
		if strings.HasPrefix(name, `"`) {
			words = append(words, strings.Trim(name, `"`))
		}
	}
	return words
}

var tables = sync.OnceValue(func() map[int]*table {
	var raw map[string]struct {
		Keys       map[string]string
		Shorthands map[string][]string
	}
	if err := json.Unmarshal(flagsJSON, &raw); err != nil {
		panic("npmargs: embedded flags.json: " + err.Error())
	}
	out := map[int]*table{}
	for major, version := range versions {
		t := &table{major: major, keys: map[string]types{}, shorthands: raw[version].Shorthands}
		for key, names := range raw[version].Keys {
			t.keys[key] = strings.Fields(names)
		}
		t.full, t.fullShort = abbreviations(t.keys), abbreviations(t.shorthands)
		out[major] = t
	}
	return out
})

// tableFor returns the table of the npm release nearest to major from below;
// npm 5 and older get npm 6's.
func tableFor(major int) *table {
	best := 6
	for m := range versions {
		if m <= major && m > best {
			best = m
		}
	}
	return tables()[best]
}

// abbreviations does what npm's abbrev module does: every beginning that only
// one word has stands for that word, and every word for itself.
func abbreviations[V any](words map[string]V) map[string]string {
	count, full := map[string]int{}, map[string]string{}
	for word := range words {
		for i := 1; i <= len(word); i++ {
			count[word[:i]]++
			full[word[:i]] = word
		}
	}
	for prefix, n := range count {
		if n > 1 {
			delete(full, prefix)
		}
	}
	for word := range words {
		full[word] = word
	}
	return full
}

// expand returns what a shorthand stands for, and whether it is one, in the
// order of nopt's resolveShort: a key is no shorthand; then a shorthand; then a
// word made of one-letter shorthands only, however many dashes it has; then the
// beginning of a key; then the beginning of a shorthand.
func (t *table) expand(word string) ([]string, bool) {
	if t.full[word] == word && word != "" {
		return nil, false
	}
	if words, ok := t.shorthands[word]; ok {
		return words, true
	}
	if words, ok := t.cluster(word); ok {
		return words, true
	}
	if _, ok := t.full[word]; ok {
		return nil, false
	}
	words, ok := t.shorthands[t.fullShort[word]]
	return words, ok
}

func (t *table) cluster(word string) ([]string, bool) {
	var out []string
	for _, letter := range word {
		words, ok := t.shorthands[string(letter)]
		if !ok {
			return nil, false
		}
		out = append(out, words...)
	}
	return out, true
}
