//go:build unix

package npmexec

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/runner/npmrc"
)

const fake = "npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE"

// npm's order, npm's rules for a value, and no value of a credential anywhere.
func TestNpmrcSaysWhereACredentialIsFrom(t *testing.T) {
	const host = "//127.0.0.1:1/"
	const key = host + ":_authToken"
	for _, c := range []struct {
		name                                string
		project, user, global               string
		env, args                           []string
		where, holds, vars, hidden, nearest string
	}{
		{name: "nothing", holds: "empty"},
		{name: "user", user: "; mine\n\n" + key + "=" + fake + "\n", where: "user:3", holds: "present"},
		{name: "project before user", project: key + " = " + fake, user: key + "=" + fake, where: "project:1", holds: "present", hidden: "user:1"},
		{name: "the last line of a file", user: key + "=" + fake + "\r\n" + key + "=\"" + fake + "\"\r\n", where: "user:2", holds: "present", hidden: "user:1"},
		{name: "an empty one hides the good one", project: key + "=\n", user: key + "=" + fake, holds: "empty", hidden: "project:1 user:1"},
		{name: "the environment before all files", project: key + "=" + fake, env: []string{"npm_config_" + key + "=" + fake}, where: "env", holds: "present", hidden: "project:1"},
		{name: "the command line before all", env: []string{"npm_config_" + key + "=" + fake}, args: []string{"--" + key + "=" + fake}, where: "cli", holds: "present", hidden: "env"},
		{name: "global", global: key + "=" + fake, where: "global:1", holds: "present"},
		{name: "a variable", user: key + "=${NPM_TOKEN}", env: []string{"NPM_TOKEN=" + fake}, where: "user:1", holds: "present", vars: "NPM_TOKEN"},
		{name: "a variable that is not set", user: key + "=${NPM_TOKEN}", where: "user:1", holds: "unset-variable", vars: "NPM_TOKEN"},
		{name: "a variable that is empty", user: key + "=${NPM_TOKEN}", env: []string{"NPM_TOKEN="}, holds: "empty", hidden: "user:1"},
		{name: "no variable", user: key + `=\${NPM_TOKEN}`, where: "user:1", holds: "present"},
		{name: "setup-node", user: key + "=${NODE_AUTH_TOKEN}", env: []string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX"}, where: "user:1", holds: "placeholder", vars: "NODE_AUTH_TOKEN"},
		{name: "the shell's form", user: key + "=$NPM_TOKEN", env: []string{"NPM_TOKEN=" + fake}, where: "user:1", holds: "placeholder"},
		{name: "an expression that no CI filled in", user: key + "=${{ secrets.NPM_TOKEN }}", where: "user:1", holds: "placeholder"},
		{name: "a word of the documentation", user: key + "=<token>", where: "user:1", holds: "placeholder"},
		{name: "user and password", user: host + ":username=ann\n" + host + ":_password=ZmFrZQ==\n", where: "user:1 user:2", holds: "present"},
		{name: "a password alone", user: host + ":_password=ZmFrZQ==\n", holds: "empty", hidden: "user:1"},
		{name: "a token before a password", user: host + ":_auth=ZmFrZTpmYWtl\n" + key + "=" + fake, where: "user:2", holds: "present", hidden: "user:1"},
		{name: "no slash", user: "//127.0.0.1:1:_authToken=" + fake, holds: "empty", nearest: "user:1"},
		{name: "another path", user: "//127.0.0.1:1/npm/:_authToken=" + fake, holds: "empty", nearest: "user:1"},
		{name: "another host", user: "//127.0.0.1:2/:_authToken=" + fake, holds: "empty"},
		{name: "a comment", user: "#" + key + "=" + fake, holds: "empty"},
		{name: "in a section", user: "[x]\n" + key + "=" + fake, holds: "empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, names := withNpmrcs(t, c.project, c.user, c.global)
			r.Env = append(r.Env, c.env...)
			n := r.Npmrc(t.Context(), c.args)
			got := n.Credential("http://127.0.0.1:1/")
			where := func(all []classify.Setting) string {
				var words []string
				for _, s := range all {
					word := s.Level
					if s.File != "" {
						word = names.Replace(s.File) + ":" + strconv.Itoa(s.Line)
					}
					words = append(words, word)
				}
				return strings.Join(words, " ")
			}
			if w := where(got.Uses); w != c.where || string(got.Holds()) != c.holds {
				t.Errorf("it is %s at %q, want %s at %q", got.Holds(), w, c.holds, c.where)
			}
			if w := where(got.Hidden); w != c.hidden {
				t.Errorf("hidden: %q, want %q", w, c.hidden)
			}
			if w := where(got.Near); w != c.nearest {
				t.Errorf("near: %q, want %q", w, c.nearest)
			}
			if len(got.Uses) > 0 && strings.Join(got.Uses[0].Vars, " ") != c.vars {
				t.Errorf("variables: %q, want %q", got.Uses[0].Vars, c.vars)
			}
			if text, _ := json.Marshal(n); strings.Contains(string(text), "FAKE") || strings.Contains(string(text), "Zm") {
				t.Errorf("a value was kept: %s", text)
			}
		})
	}
}

// withNpmrcs returns a Runner whose npm reads these three files, and what turns
// their paths into their names.
func withNpmrcs(t *testing.T, project, user, global string) (*Runner, *strings.Replacer) {
	t.Helper()
	r := withRealNPM(t, map[string]string{"package.json": `{"name":"demo","version":"1.0.0"}`})
	home := npmrc.Getenv(r.Env, "HOME")
	paths := map[string]string{
		"project": filepath.Join(r.Dir, ".npmrc"), "user": filepath.Join(home, ".npmrc"), "global": filepath.Join(home, "etc", "npmrc"),
	}
	r.Env = append(r.Env, "npm_config_globalconfig="+paths["global"])
	var pairs []string
	for name, text := range map[string]string{"project": project, "user": user, "global": global} {
		pairs = append(pairs, paths[name], name)
		if text != "" {
			write(t, paths[name], text)
		}
	}
	return r, strings.NewReplacer(pairs...)
}

// The .npmrc of a workspace's folder is not read by npm, that of the root is.
func TestNpmrcOfAWorkspace(t *testing.T) {
	const line = "//127.0.0.1:1/:_authToken=" + fake + "\n"
	for patterns, listed := range map[string]bool{
		`["packages/*"]`: true, `{"packages":["./packages/{a,b}/"]}`: true, `["**"]`: true, `["packages/**/a"]`: true,
		`["packages/*","!packages/a"]`: false, `["other/*"]`: false, `["package"]`: false,
	} {
		t.Run(patterns, func(t *testing.T) {
			t.Parallel()
			r := withRealNPM(t, map[string]string{
				"package.json":            `{"name":"root","version":"1.0.0","workspaces":` + patterns + `}`,
				"packages/a/package.json": `{"name":"a","version":"1.0.0"}`,
				".npmrc":                  line,
				"packages/a/.npmrc":       line,
			})
			root := r.Dir
			r.Dir = filepath.Join(root, "packages", "a")
			n := r.Npmrc(t.Context(), nil)
			want, ignored := filepath.Join(r.Dir, ".npmrc"), ""
			if listed {
				want, ignored = filepath.Join(root, ".npmrc"), filepath.Join("packages", "a", ".npmrc")
			}
			if c := n.Credential("http://127.0.0.1:1/"); len(c.Uses) != 1 || c.Uses[0].File != want || n.Ignored != ignored {
				t.Errorf("%+v, ignored %q", c.Uses, n.Ignored)
			}
		})
	}
}

// Where npm sends a package, and which line says so.
func TestNpmrcSaysWhyARegistry(t *testing.T) {
	r, names := withNpmrcs(t, "@acme:registry = http://ann:secret@127.0.0.1:1/acme/\n", "registry=http://127.0.0.1:1/mine/\n", "")
	n := r.Npmrc(t.Context(), []string{"--registry", "http://127.0.0.1:1/flag/"})
	all := n.All("registry")
	if len(all) != 2 || all[0].Level != "cli" || all[0].URL != "http://127.0.0.1:1/flag/" || names.Replace(all[1].File) != "user" || all[1].Where() != "~/.npmrc:1" {
		t.Errorf("registry: %+v", all)
	}
	if all := n.All("@acme:registry"); len(all) != 1 || all[0].URL != "http://127.0.0.1:1/acme/" || all[0].Where() != ".npmrc:1" {
		t.Errorf("scope: %+v", all)
	}
}
