package transcript

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// required returns groups of words, in lower case: a text in which re matches holds
// at least one of each group. There is none where nothing can be said. Looking for
// them first makes the reading of a log twenty times faster: most lines have none.
func required(re *regexp.Regexp) [][]string {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	return requiredOf(tree)
}

func requiredOf(re *syntax.Regexp) (groups [][]string) {
	switch re.Op {
	case syntax.OpLiteral:
		return [][]string{{strings.ToLower(string(re.Rune))}}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredOf(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredOf(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			groups = append(groups, requiredOf(sub)...)
		}
	case syntax.OpAlternate:
		var either []string
		for _, sub := range re.Sub {
			words := longest(requiredOf(sub))
			if words == nil {
				return nil
			}
			either = append(either, words...)
		}
		return [][]string{either}
	}
	return groups
}

// longest returns the group whose shortest word is the longest, nil for no group.
func longest(groups [][]string) (best []string) {
	for _, g := range groups {
		if shortest(g) > shortest(best) {
			best = g
		}
	}
	return best
}

// shortest returns the length of the shortest of words, 0 for none.
func shortest(words []string) int {
	n := 0
	for i, w := range words {
		if i == 0 || len(w) < n {
			n = len(w)
		}
	}
	return n
}

// lowered is a line in lower case, in which required words are looked for. It is ""
// for one that is not ASCII: there a regular expression folds letters that are no
// pair (the long s, the sign of the kelvin).
type lowered string

func lower(s string) lowered {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return ""
		}
	}
	return lowered(strings.ToLower(s))
}

// may reports whether a text that holds a word of each group may be within.
func (l lowered) may(groups [][]string) bool {
	for _, words := range groups {
		if l != "" && !slices.ContainsFunc(words, func(w string) bool { return strings.Contains(string(l), w) }) {
			return false
		}
	}
	return true
}
