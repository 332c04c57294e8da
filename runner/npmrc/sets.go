package npmrc

import (
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
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
	return slices.ContainsFunc(keys, func(key string) bool {
		return slices.ContainsFunc(s.places, func(p place) bool { return p.says(key) })
	})
}

// shortDryRun matches the beginnings of --dry-run and --no-dry-run, which npm 11 and older
// complete. They get to npm behind "--" only.
var shortDryRun = pattern.New(`^(-+(?:no-)*)dr(?:y|y-|y-r|y-ru)?(=|$)`)

// DryRun reports whether npm is set to publish nothing: by a flag, the environment
// or an .npmrc, and by nothing that npm prints. known is false where one of them says
// something about it that is not plain: then npm must be asked.
func (s *Settings) DryRun() (dry, known bool) {
	args := slices.Clone(s.source.Args)
	for i, arg := range args {
		args[i] = shortDryRun.ReplaceAllString(arg, "${1}dry-run$2")
	}
	if word, _ := npm.Get(args, "dry-run"); word == "true" || word == "false" {
		return word == "true", true
	}
	return false, !s.Sets("dry-run")
}
