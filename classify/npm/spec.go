package npm

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/pattern"
)

var (
	pathLike = pattern.New(`^(?:[./]|~/|[a-zA-Z]:[/\\]|file:)|/$|/.*/`)
	urlLike  = pattern.New(`^(?:[a-zA-Z][a-zA-Z0-9+.-]*:|[^@/]+@[^:/]+:)`)
	tarball  = pattern.New(`^[^/]*[.](?:tgz|tar[.]gz|tar)$`)
)

// specs checks the words that are no flags as npm-package-arg reads them: what
// is neither a path, a URL nor a tarball's name is no folder to most (WordIsPackage).
func (c *checker) specs() error {
	specs := Parse(c.args).Specs
	if len(specs) == 0 {
		return nil
	}
	if u := c.spec(specs[0]); u != nil {
		return u
	}
	if len(specs) > 1 {
		return &UsageError{fmt.Sprintf("npm publishes one package at a time, but these are %d: %s", len(specs), strings.Join(specs, " ")), ""}
	}
	return nil
}

func (c *checker) spec(word string) *UsageError {
	switch {
	case word == "":
		return &UsageError{"an argument is empty", "leave it out, or name a folder"}
	case pathLike.MatchString(word), urlLike.MatchString(word):
		return nil
	case tarball.MatchString(word) && !c.isSpec(word):
		return &UsageError{"there is no tarball " + word + " here", ""}
	case tarball.MatchString(word), !c.by.Has(WordIsPackage) && c.isSpec(word):
		return nil
	case c.isSpec(word):
		return &UsageError{fmt.Sprintf("npm takes %s for %s", word, takenFor(word)), "write ./" + word}
	case word == "publish":
		return &UsageError{"safepublish is npm publish", "leave the word publish out"}
	case slices.Contains(Commands, word):
		return &UsageError{word + " is a subcommand only as the first argument", "write safepublish " + word}
	}
	u := &UsageError{Problem: fmt.Sprintf("there is no folder or tarball %s here; npm would take it for %s", word, takenFor(word))}
	if near := Nearest(word, Commands); near != "" {
		u.Instead = didYouMean(near)
	}
	return u
}

func takenFor(word string) string {
	if strings.Contains(word, "/") && word[0] != '@' {
		return "a repository on GitHub"
	}
	return "a package of the registry"
}
