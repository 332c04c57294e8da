package npmrc

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Sets reports whether any of the places gives one of npm's config keys a value. The
// beginning of a key counts on the command line: some npm expand it.
func (s *Settings) Sets(keys ...string) bool {
	for _, flag := range npm.Parse(s.source.Args).Unknown {
		name := strings.TrimPrefix(strings.TrimLeft(flag, "-"), "no-")
		if slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(key, name) }) {
			return true
		}
	}
	for _, p := range s.places {
		for _, l := range p.lines {
			if slices.Contains(keys, strings.ReplaceAll(strings.ToLower(l.key), "_", "-")) {
				return true
			}
		}
	}
	return false
}

// DryRun reports whether npm is set to publish nothing: by a flag, the environment
// or an .npmrc, and by nothing that npm prints. known is false where one of them says
// something about it that is not plain: then npm must be asked.
func (s *Settings) DryRun() (dry, known bool) {
	if word, _ := npm.Get(s.source.Args, "dry-run"); word == "true" || word == "false" {
		return word == "true", true
	}
	return false, !s.Sets("dry-run")
}
