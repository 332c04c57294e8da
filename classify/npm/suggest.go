package npm

import (
	"slices"
	"strings"

	"github.com/xrash/smetrics"
)

// documented are the flags that npm publish's help names, and the ones that
// people publish with: the first choice where two are as near, and what
// completion offers.
var documented = []string{
	"tag", "access", "dry-run", "otp", "registry", "provenance", "provenance-file", "workspace", "workspaces",
	"include-workspace-root", "ignore-scripts", "json", "loglevel", "userconfig", "force",
}

func didYouMean(flag string) string {
	if flag == "" {
		return ""
	}
	return "did you mean " + flag + "?"
}

// suggest returns the flag, of npm's or ours, that was probably meant by word,
// with its dashes, or "".
func (c *checker) suggest(word string, no bool) string {
	var own []string
	for _, o := range Options {
		if o.in("") {
			own = append(own, o.Name)
		}
	}
	keys := slices.Concat(documented, keysOf(c.by))
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

// Nearest returns the first word of the list that begins with word, else the one that is
// fewest edits away, the first of several; "" where none is near. Case, "_" and "-" are no
// edits.
func Nearest(word string, list []string) string {
	word = squash(word)
	if len(word) < 3 {
		return ""
	}
	for _, w := range list {
		if strings.HasPrefix(squash(w), word) {
			return w
		}
	}
	best, limit := "", 1+min(len(word)/4, 2)
	for _, w := range list {
		if d := smetrics.WagnerFischer(word, squash(w), 1, 1, 1); d < limit || d == limit && best == "" {
			best, limit = w, d
		}
	}
	return best
}

func squash(s string) string {
	return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, "-", ""), "_", ""))
}
