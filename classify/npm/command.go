package npm

import (
	"slices"
	"strings"
)

// Command parts the arguments of npm itself: the command, which is the first word that
// is no flag, and the others, in their order. The command is "" where there is none, and
// "publish" for the words that mean it.
func Command(args []string) (command string, rest []string) {
	s := scan(args)
	i := slices.IndexFunc(s.items, func(it *item) bool { return it.positional })
	if i < 0 {
		return "", args
	}
	word, at := s.items[i].value, s.tokens[s.items[i].at].arg
	if IsPublish(word) {
		word = "publish"
	}
	return word, slices.Delete(slices.Clone(args), at, at+1)
}

// IsPublish tells whether npm takes a word for its command publish, whose beginnings it
// completes (npm 11.19.1, lib/utils/cmd-list.js, deref).
func IsPublish(word string) bool { return len(word) > 2 && strings.HasPrefix("publish", word) }
