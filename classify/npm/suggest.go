package npm

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xrash/smetrics"
)

// Documented are the flags that npm publish's help names, and the ones that
// people publish with: the first choice where two are as near, and what
// completion offers.
var Documented = []string{
	"tag", "access", "dry-run", "otp", "registry", "provenance", "provenance-file", "workspace", "workspaces",
	"include-workspace-root", "ignore-scripts", "json", "loglevel", "userconfig", "force",
}

func isSpace(r rune) bool { return unicode.IsSpace(r) }

func didYouMean(flag string) string {
	if flag == "" {
		return ""
	}
	return "did you mean " + flag + "?"
}

// suggest returns the flag, of npm's or ours, that was probably meant by word,
// with its dashes, or "".
func (t *table) suggest(word string, no bool) string {
	var own, keys []string
	for _, o := range Options {
		if o.in("") {
			own = append(own, o.Name)
		}
	}
	for key := range t.keys {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	keys = append(slices.Clone(Documented), keys...)
	if no {
		if near := Nearest("no-"+word, own); near != "" {
			return "--" + near
		}
		if near := Nearest(word, keys); near != "" {
			return "--no-" + near
		}
		return ""
	}
	if near := Nearest(word, append(own, keys...)); near != "" {
		return "--" + near
	}
	return ""
}

// Nearest returns the word of the list that is fewest edits away, the first of
// several, or "" where none is near. Case, "_" and "-" are no edits.
func Nearest(word string, list []string) string {
	word = squash(word)
	best, limit := "", 1+min(len(word)/4, 2)
	if len(word) < 3 {
		return ""
	}
	for _, w := range list {
		if d := smetrics.WagnerFischer(word, squash(w), 1, 1, 1); d < limit || d == limit && best == "" {
			best, limit = w, d
		}
	}
	if best == "" {
		best = longer(word, list)
	}
	return best
}

// longer returns the first word of the list that begins with word.
func longer(word string, list []string) string {
	for _, w := range list {
		if strings.HasPrefix(squash(w), word) {
			return w
		}
	}
	return ""
}

func squash(s string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(s))
}
