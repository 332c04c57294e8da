package classify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Held says in one word what a setting holds, so that nobody needs its value.
type Held string

// What a setting can hold. setup-node exports the placeholder where a job has
// not set NODE_AUTH_TOKEN (actions/setup-node, src/authutil.ts).
const (
	HeldEmpty       Held = "empty"
	HeldUnset       Held = "unset-variable" // npm sends "${NPM_TOKEN}" as it stands
	HeldPlaceholder Held = "placeholder"
	HeldMalformed   Held = "malformed" // a character that no header can carry, or that no token has
	HeldPresent     Held = "present"
)

// Setting is one place that gives npm a setting: a line of an .npmrc, a variable,
// an argument. The value of a credential is not in it.
type Setting struct {
	Level string   // cli, env, project, user, global or builtin: the order in which npm takes them
	File  string   // absolute; "" for cli and env
	Name  string   // of the file, as a person says it: "~/.npmrc", ".npmrc"
	Line  int      // counted from 1; 0 for cli and env
	Key   string   // "//npmjs.org/:_authToken"; some registries have a secret in their path, so show Where
	Holds Held     // of the value
	Vars  []string // names of the variables in the value: NPM_TOKEN
	URL   string   // of registry and @scope:registry alone: the address, without user and password
	Plain string   // the value of what says how to publish, and holds no secret: dry-run, ignore-scripts
}

// Where says where a setting stands: "~/.npmrc:3", "the environment", "the command
// line".
func (s Setting) Where() string {
	switch {
	case s.Level == "cli":
		return "the command line"
	case s.File == "":
		return "the environment"
	}
	return fmt.Sprintf("%s:%d", cmp.Or(s.Name, s.File), s.Line)
}

func (s Setting) empty() bool { return s.Holds == HeldEmpty }

// Npmrc is every setting about registries, credentials and how to publish that npm reads for a
// publish, in npm's order: the first of a key wins, even if it is empty. A later
// line of a file stands before an earlier one.
type Npmrc struct {
	Settings []Setting
	Files    []string // the .npmrc files that are there and were read, in npm's order
	Ignored  string   // an .npmrc of the package or of the current folder that npm does not read; "" for none
	Unnamed  []Unnamed
}

// Unnamed is a variable that is called as one with a token of npm's, is set, and stands in
// no setting: npm reads none of these by itself. Its value is not in it.
type Unnamed struct {
	Name  string
	Holds Held
}

// Line is the line of an .npmrc by which npm takes its login at a registry from a variable.
func (u Unnamed) Line(registry string) string {
	return npm.NerfDart(registry) + ":_authToken=${" + u.Name + "}"
}

// Says says of the variable what few know.
func (u Unnamed) Says(registry string) string {
	text := "is set, but no .npmrc names it, so npm does not read it; the line is " + u.Line(registry)
	switch u.Holds {
	case HeldMalformed:
		return text + "; it contains a line break, a space or a quotation mark, and cannot be sent like this"
	case HeldPlaceholder:
		return text + "; it holds a placeholder, not a token"
	}
	return text
}

// All returns every setting of a key; the first one holds.
func (n Npmrc) All(key string) []Setting {
	var all []Setting
	for _, s := range n.Settings {
		if s.Key == key {
			all = append(all, s)
		}
	}
	return all
}

// Credential is what npm finds where it looks for a login at one registry.
type Credential struct {
	Uses       []Setting // what supplies it: one token, or a user and a password, or a certificate and its key; nil where there is none
	Hidden     []Setting // what would, and what stands before it in npm's order holds instead; of an empty one too
	Near       []Setting // credentials for the same host that npm does not take for this registry: another path, or a slash that is missing
	TopLevel   []Setting // without a registry before them: npm 9 and later refuse to run, older ones send them to the default registry
	Registries []string  // addresses without scheme of all the registries that there are credentials for
}

// Missing reports whether npm finds no login at all, so that npm 7 and later
// refuse to publish (ENEEDAUTH; npm 12.2.0, lib/commands/publish.js). A value of
// which nothing is known but a variable is no missing one: npm sends it.
func (c Credential) Missing() bool { return len(c.Uses) == 0 }

// Holds says what the credential holds: the worst of its parts. It is empty
// where there is none.
func (c Credential) Holds() Held {
	for _, h := range []Held{HeldEmpty, HeldUnset, HeldPlaceholder, HeldMalformed} {
		if slices.ContainsFunc(c.Uses, func(s Setting) bool { return s.Holds == h }) {
			return h
		}
	}
	if c.Missing() {
		return HeldEmpty
	}
	return HeldPresent
}

// credentialKinds are the keys of a login, in the order in which npm publish
// looks for them (@npmcli/config 10.8.0, lib/index.js, getCredentialsByURI).
var credentialKinds = [][]string{{"_authToken"}, {"username", "_password"}, {"_auth"}, {"certfile", "keyfile"}}

// Credential returns what npm finds as the login at a registry. npm publish looks
// under exactly //host/path/ before it sends anything: a credential for the host
// alone is not found for a registry with a path, nor one without the slash.
func (n Npmrc) Credential(registry string) Credential {
	var c Credential
	dart := npm.NerfDart(registry)
	if dart == "" {
		return c
	}
	for _, kind := range credentialKinds {
		var found []Setting
		for _, key := range kind {
			all := n.All(dart + ":" + key)
			if len(all) > 0 && all[0].Holds != HeldEmpty {
				found = append(found, all[0])
				all = all[1:]
			}
			c.Hidden = append(c.Hidden, all...)
		}
		if c.Uses == nil && len(found) == len(kind) {
			c.Uses = found
		} else {
			c.Hidden = append(c.Hidden, found...)
		}
	}
	n.elsewhere(dart, &c)
	return c
}

// elsewhere notes the credentials that are for something else.
func (n Npmrc) elsewhere(dart string, c *Credential) {
	authority, _, _ := strings.Cut(strings.TrimPrefix(dart, "//"), "/")
	for _, s := range n.Settings {
		at, kind := CredentialKey(s.Key)
		switch {
		case kind == "":
			continue
		case at == "":
			c.TopLevel = append(c.TopLevel, s)
			continue
		case at != dart && authorityOf(at) == authority:
			c.Near = append(c.Near, s)
		}
		if !slices.Contains(c.Registries, at) {
			c.Registries = append(c.Registries, at)
		}
	}
}

// CredentialKey splits the key of a credential into the registry that it is for,
// "//npmjs.org/" or as it was written, and its kind, "_authToken". The kind is ""
// for any other key.
func CredentialKey(key string) (at, kind string) {
	at, kind = "", key
	if i := strings.LastIndex(key, ":"); i >= 0 {
		at, kind = key[:i], key[i+1:]
	}
	for _, kinds := range credentialKinds {
		if slices.Contains(kinds, kind) {
			return at, kind
		}
	}
	return "", ""
}

// authorityOf returns the host and port of an address with or without a scheme.
func authorityOf(at string) string {
	if _, rest, found := strings.Cut(at, "//"); found {
		at = rest
	}
	authority, _, _ := strings.Cut(at, "/")
	return authority
}
