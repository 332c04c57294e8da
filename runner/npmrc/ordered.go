package npmrc

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// Config is npm's configuration as npm itself merges it from all levels (npm config
// list); nil where npm did not answer. publishConfig is not in it, and neither is
// any credential: npm leaves those out.
type Config map[string]string

// Ordered returns the settings about registries and credentials in the order in
// which npm takes them. merged says which files npm reads; selected is the folder of the
// workspace that --workspace selects, "" for none. The value of a credential goes no
// further: it becomes one word here.
func (s *Settings) Ordered(merged Config, selected string) classify.Npmrc {
	user := cmp.Or(merged["userconfig"], filepath.Join(s.home, ".npmrc"))
	root, workspace := Project(s.source.Dir, s.source.Args)
	n := &classify.Npmrc{}
	s.keep(n, "cli", s.places[commandLine])
	s.keep(n, "env", s.places[environment])
	if project := filepath.Join(root, ".npmrc"); merged["global"] != "true" && project != user {
		s.keepFile(n, "project", project)
	}
	s.keepFile(n, "user", Resolve(s.source.Dir, user))
	if global := merged["globalconfig"]; global != "" {
		s.keepFile(n, "global", Resolve(s.source.Dir, global))
	}
	if s.folder != "" {
		s.keepFile(n, "builtin", filepath.Join(s.folder, "npmrc"))
	}
	n.Ignored = s.ignored(n, root, workspace, selected)
	n.Unnamed = s.unnamed(n)
	return *n
}

// ignored returns an .npmrc that a person may well take for the package's and that npm does
// not read: that of a workspace, of the folder that it is told to publish, or of the
// current one, where that is not the project's root.
func (s *Settings) ignored(n *classify.Npmrc, root, workspace, selected string) string {
	folders := []string{workspace, s.source.Dir, selected}
	if off, _ := npm.Get(s.source.Args, "workspaces"); off == "false" { // then the root's is not read
		above, _ := Project(s.source.Dir, nil)
		folders = append(folders, above)
	}
	for _, spec := range npm.Parse(s.source.Args).Specs {
		folders = append(folders, Resolve(s.source.Dir, strings.TrimPrefix(spec, "file:")))
	}
	for _, folder := range folders {
		own := filepath.Join(folder, ".npmrc")
		if folder == "" || !isFile(own) || slices.Contains(n.Files, own) {
			continue
		}
		if rel, err := filepath.Rel(root, own); err == nil && filepath.IsLocal(rel) {
			return rel
		}
		return own
	}
	return ""
}

// tokenName matches what people call the variable with a token of npm's; that of trusted
// publishing is none.
var tokenName = pattern.New(`^(?:(?:NPM|NPMJS|YARN_NPM)_(?:[A-Z]+_)*|NODE_AUTH_)TOKEN$`)

func (s *Settings) unnamed(n *classify.Npmrc) []classify.Unnamed {
	var all []classify.Unnamed
	for _, entry := range slices.Sorted(slices.Values(s.source.Env)) {
		name, value, _ := strings.Cut(entry, "=")
		named := slices.ContainsFunc(n.Settings, func(set classify.Setting) bool { return slices.Contains(set.Vars, name) })
		if !tokenName.MatchString(name) || name == "NPM_ID_TOKEN" || named || strings.TrimSpace(value) == "" {
			continue
		}
		holds := classify.HeldPresent
		switch {
		case placeholder.MatchString(strings.TrimSpace(value)):
			holds = classify.HeldPlaceholder
		case malformed.MatchString(value):
			holds = classify.HeldMalformed
		}
		all = append(all, classify.Unnamed{Name: name, Holds: holds})
	}
	return all
}

func (s *Settings) keepFile(n *classify.Npmrc, level, path string) {
	s.Also(path)
	at := slices.IndexFunc(s.places, func(p place) bool { return p.path == path })
	if p := s.places[at]; p.there && !slices.Contains(n.Files, path) {
		n.Files = append(n.Files, path)
		s.keep(n, level, p)
	}
}

// plainKeys are settings that skip a part of a publish, or publish something else.
var plainKeys = []string{"dry-run", "force", "ignore-scripts", "include-workspace-root", "workspace", "workspaces"}

// matters tells a setting about a registry, a credential or a part of a publish.
func matters(key string) bool {
	_, kind := classify.CredentialKey(key)
	return kind != "" || isRegistry(key) || slices.Contains(plainKeys, key)
}

func isRegistry(key string) bool { return key == "registry" || strings.HasSuffix(key, ":registry") }

// keep adds the settings of one place, without their values. Of a key that occurs
// twice the last line holds.
func (s *Settings) keep(n *classify.Npmrc, level string, p place) {
	for _, l := range slices.Backward(p.lines) {
		if !matters(l.key) {
			continue
		}
		set := classify.Setting{Level: level, File: p.path, Name: s.shortName(p.path), Line: l.number, Key: l.key}
		set.Holds, set.Vars = l.holds(), variables(l.value)
		if unset := variables(l.key); len(unset) > 0 { // all that is set has been put in
			set.Holds, set.Vars = classify.HeldUnset, append(unset, set.Vars...)
		}
		if isRegistry(l.key) {
			set.URL = withoutUser(l.full)
		}
		if slices.Contains(plainKeys, l.key) {
			set.Plain = npm.Value(l.key, l.full)
		}
		n.Settings = append(n.Settings, set)
	}
}

// shortName shortens a path: "package/.npmrc" from the current folder, "~/.npmrc"
// from the person's own.
func (s *Settings) shortName(path string) string {
	if rel, err := filepath.Rel(s.source.Dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	if rel, err := filepath.Rel(s.home, path); err == nil && filepath.IsLocal(rel) && s.home != "" {
		return filepath.Join("~", rel)
	}
	return path
}

func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// placeholder is setup-node's, and what a shell or a CI was to fill in and did not.
var placeholder = pattern.New(`^X{5}(?:-X{5}){3}$|^\$[A-Za-z_]\w*$|^%\w+%$|^\$\{\{.*\}\}$|^<[^<>]*>$`)

// malformed is what a token, a user and a password in base64 never hold, and a file's
// name may: a line break, a quotation mark, a letter that is not ASCII. Of a blank only
// the one at an end counts.
var malformed = pattern.New(`[\x00-\x1f\x7f"]|[^\x00-\x7f]|^ | $`)

// holds says in one word what a value is.
func (l line) holds() classify.Held {
	switch {
	case l.full == "":
		return classify.HeldEmpty
	case l.unset:
		return classify.HeldUnset
	case placeholder.MatchString(l.full):
		return classify.HeldPlaceholder
	case malformed.MatchString(l.full):
		return classify.HeldMalformed
	}
	return classify.HeldPresent
}

// Registry returns the registry that npm publish sends the package name to, "" where
// npm does not say: for a scoped package what @scope:registry says at any level, then
// the scope setting's, then registry (npm-registry-fetch, lib/index.js, pickRegistry).
// publishConfig beats every setting but the command line, and up to npm 9 that too
// (npm 9.9.4, lib/commands/publish.js).
func (s *Settings) Registry(merged Config, name string, publishConfig map[string]string) string {
	get := func(key string) string {
		if _, given := npm.Get(s.source.Args, key); given && s.source.Version.Has(npm.FlagBeatsPublishConfig) {
			return merged[key]
		}
		return cmp.Or(publishConfig[key], merged[key])
	}
	if scope := npm.Scope(name); scope != "" {
		if v := get(scope + ":registry"); v != "" {
			return v
		}
	}
	if scope := get("scope"); scope != "" {
		if v := get("@" + strings.TrimPrefix(scope, "@") + ":registry"); v != "" {
			return v
		}
	}
	return get("registry")
}
