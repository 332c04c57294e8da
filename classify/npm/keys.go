package npm

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed flags.txt
var flagsText string

// key is one of npm's config keys, or a shorthand for flags.
type key struct {
	since, last int   // the major versions that know it
	types       types // nil for a shorthand
	stands      []string
}

// types are nopt's types of a key: Boolean, String, Number, Array, path, url, null, and
// constants in quotes. What an exact name means is the same in all npm that know it, but
// for a few that npm 6 has other types for and that do not matter to a publish.
type types []string

func (t types) has(name string) bool { return slices.Contains(t, name) }

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

// oldest and newest are the major versions of the table; an older npm counts as the
// oldest, a newer one as the newest.
const oldest, newest = 6, 12

// table has every key by its name, every shorthand by its name behind one dash.
var table = sync.OnceValue(func() map[string]key {
	all := map[string]key{}
	for line := range strings.Lines(flagsText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		var k key
		if _, err := fmt.Sscanf(words[1], "%d-%d", &k.since, &k.last); err != nil {
			panic("npm: embedded flags.txt: " + line)
		}
		if strings.HasPrefix(words[0], "-") {
			k.stands = words[2:]
		} else {
			k.types = words[2:]
		}
		all[words[0]] = k
	}
	return all
})

// keyOf returns a config key.
func keyOf(name string) (key, bool) {
	k, ok := table()[name]
	return k, ok && !strings.HasPrefix(name, "-")
}

// shorthand returns the flags that a word without its dashes stands for.
func shorthand(word string) (key, bool) {
	k, ok := table()["-"+word]
	return k, ok
}

// in tells whether that npm knows the key. One of which nothing is known may know it.
func (k key) in(v Version) bool {
	major := min(max(v.Major(), oldest), newest)
	return !v.Known() || k.since <= major && major <= k.last
}

// keysOf returns the names of the keys that an npm knows, in order.
func keysOf(v Version) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(table())), func(name string) bool {
		return name[0] == '-' || !table()[name].in(v)
	})
}

// Value returns a value of a config key as npm goes by it. npm 10 and later list what the
// environment or an .npmrc says as it is written there; to a switch every word is true
// but a zero, "false" and "null" (nopt 8, nopt-lib.js, validateBoolean).
func Value(key, written string) string {
	k, _ := keyOf(key)
	if len(k.types) != 1 || !k.types.has("Boolean") || written == "" {
		return written
	}
	number, err := strconv.ParseFloat(written, 64)
	off := err == nil && number == 0 || written == "false" || written == "null"
	return strconv.FormatBool(!off)
}
