package preflight

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// dependency is one dependency that whoever installs the package has to fetch.
type dependency struct{ key, name, as string }

// installed returns the dependencies that come with the package, in a fixed order. Of a key
// that stands twice the last counts, as in npm.
func installed(manifest []byte) []dependency {
	var doc map[string]json.RawMessage
	_ = json.Unmarshal(manifest, &doc) // what is no object has none
	var all []dependency
	for _, key := range npm.Installed {
		var ranges map[string]any
		_ = json.Unmarshal(doc[key], &ranges)
		for _, name := range slices.Sorted(maps.Keys(ranges)) {
			if as, is := ranges[name].(string); is {
				all = append(all, dependency{key, name, as})
			}
		}
	}
	return all
}

// What npm-package-arg 13.0.2 (lib/npa.js, isURL and fromURL) takes for an address, and the
// schemes that it knows; any other is "Unsupported URL Type" to whoever installs it. That
// workspace: may stand anywhere in a peer's range is pnpm's (exportable-manifest, index.ts).
var (
	scheme    = pattern.New(`^([A-Za-z]{2,}):`) // one letter is a drive
	known     = []string{"npm", "file", "http", "https", "git", "ssh", "github", "gitlab", "bitbucket", "gist", "sourcehut"}
	inARange  = pattern.New(`\bworkspace:`)
	nameless  = pattern.New(`^npm:(?:[~^<>=*].*|[\d.]+)$`) // yarn's for a range; to npm "aliases must have a name"
	aPath     = pattern.New(`^(?:file:|\.{1,2}(?:/|$)|~/|/|[A-Za-z]:[/\\])`)
	replaced  = pattern.New(`\b(?:workspace|catalog|jsr):`)
	outOfHere = pattern.New(`^(?:file:)?(?:\.\./|~/|/|[A-Za-z]:)`)
)

func (d dependency) unresolved() bool {
	m := scheme.FindStringSubmatch(d.as)
	return m != nil && !slices.Contains(known, strings.ToLower(m[1])) || inARange.MatchString(d.as)
}

// Unresolved names the dependencies of a package.json that npm publishes as they stand
// and nobody can install: workspace:, catalog:, link: and the like, which their own client
// replaces when it packs. It is "" where there are none.
func Unresolved(manifest []byte) string {
	return said(slices.DeleteFunc(installed(manifest), func(d dependency) bool { return !d.unresolved() }))
}

// mostNamed is how many of a kind are named.
const mostNamed = 4

func listed(all []string) string {
	words := slices.Clone(all[:min(len(all), mostNamed)])
	if more := len(all) - mostNamed; more > 0 {
		words = append(words, fmt.Sprintf("%d more", more))
	}
	return strings.Join(words, ", ")
}

func said(all []dependency) string {
	var words []string
	for _, d := range all {
		words = append(words, fmt.Sprintf("%s %q", d.name, d.as))
	}
	return listed(words)
}

// dependencies: what whoever installs the package cannot fetch. Where a script that runs
// before the upload may rewrite package.json it is not certain, and a warning.
func dependencies(c *classify.Case) []Finding {
	const topic, cause = "package", "unresolved-protocol"
	var unresolved, paths, aliases []dependency
	for _, d := range installed(c.Package.Manifest) {
		switch {
		case d.unresolved():
			unresolved = append(unresolved, d)
		case aPath.MatchString(d.as) && !comesAlong(c, d):
			paths = append(paths, d)
		case nameless.MatchString(d.as):
			aliases = append(aliases, d)
		}
	}
	var found []Finding
	if len(paths) > 0 {
		found = warning(topic, "", said(paths)+": a path that only this machine has; nobody else can install it")
	}
	if len(aliases) > 0 {
		found = append(found, warning(topic, "", said(aliases)+": npm cannot install that; write the range without npm:")...)
	}
	if len(unresolved) == 0 {
		return found
	}
	text := Unusable(c)
	if MayRewrite(c) {
		return append(warning(topic, cause, text), found...)
	}
	advice, typed := packedBy(c, unresolved)
	return append(certainIf(!c.Package.Private, wall(topic, cause, text+advice, typed...)), found...)
}

// Unusable says that nobody can install the package as npm would publish it; "" where its
// dependencies leave nobody out.
func Unusable(c *classify.Case) string {
	as := Unresolved(c.Package.Manifest)
	if as == "" {
		return ""
	}
	text := as + ": npm publishes that as it is, and nobody can install it"
	if MayRewrite(c) {
		text += ", unless " + strings.Join(ScriptsBefore(c), " or ") + " rewrites package.json"
	}
	return text
}

// comesAlong tells whether a path is in the package itself, or bundled with it.
func comesAlong(c *classify.Case, d dependency) bool {
	for _, key := range []string{"bundleDependencies", "bundledDependencies"} {
		all := field(c, key)
		bundled := slices.ContainsFunc(all.Array(), func(name gjson.Result) bool { return name.String() == d.name })
		if all.IsArray() && bundled || all.Type == gjson.True {
			return true
		}
	}
	return !outOfHere.MatchString(d.as)
}

// packedBy says how the package is published as it was meant: packed by the client that
// replaces such ranges (pnpm, exportable-manifest; yarn 4, plugin-workspace-tools and
// plugin-catalog; bun pm pack), where there is one that does.
func packedBy(c *classify.Case, unresolved []dependency) (advice string, typed []string) {
	switch client := c.Package.Client; {
	case slices.ContainsFunc(unresolved, func(d dependency) bool { return !replaced.MatchString(d.as) }):
		return "; no client replaces that: write a version range instead", nil
	case c.Package.Kind != "folder":
		return "; pack it with pnpm, yarn or bun", nil
	case !slices.Contains(npm.Packers, client):
		return "; let the workspace's own client pack: safepublish --pack-with pnpm (or yarn, bun)", nil
	default:
		return "", command(c, "safepublish", "--pack-with", client)
	}
}
