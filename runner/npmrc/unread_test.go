//go:build unix

package npmrc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A variable with a token is found by its name, told in one word, and only where no
// setting names it. Its value is in nothing that comes out.
func TestVariablesThatNoNpmrcNames(t *testing.T) {
	const value = "npm_fakefakefakefake"
	for _, c := range []struct{ env, npmrc, want string }{
		{"NPM_TOKEN=" + value, "", "[{NPM_TOKEN present}]"},
		{"NODE_AUTH_TOKEN=" + value, "", "[{NODE_AUTH_TOKEN present}]"},
		{"NPM_AUTH_TOKEN=" + value, "//127.0.0.1:1/:_authToken=${NPM_TOKEN}\n", "[{NPM_AUTH_TOKEN present}]"},
		{"YARN_NPM_AUTH_TOKEN=" + value, "", "[{YARN_NPM_AUTH_TOKEN present}]"},
		{"NPM_TOKEN=" + value, "//127.0.0.1:1/:_authToken=${NPM_TOKEN}\n", "[]"},
		{"NPM_TOKEN=" + value, "//127.0.0.1:2/:_authToken=${NPM_TOKEN?}\n", "[]"},
		{"NPM_TOKEN=" + value + "\n", "", "[{NPM_TOKEN malformed}]"},
		{`NPM_TOKEN="` + value + `"`, "", "[{NPM_TOKEN malformed}]"},
		{"NPM_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX", "", "[{NPM_TOKEN placeholder}]"},
		{"NPM_TOKEN=", "", "[]"},
		{"NPM_ID_TOKEN=" + value, "", "[]"},
		{"GITHUB_TOKEN=" + value, "", "[]"},
		{"npm_config_token=" + value, "", "[]"},
	} {
		from := installed(t)
		from.Env = append(from.Env, c.env)
		if err := os.WriteFile(filepath.Join(from.Dir, ".npmrc"), []byte(c.npmrc), 0o600); err != nil {
			t.Fatal(err)
		}
		n := Read(from).Ordered(Config{}, "")
		if got := fmt.Sprint(n.Unnamed); got != c.want || strings.Contains(fmt.Sprintf("%+v", n), value) {
			t.Errorf("%q with %q: %s, want %s", c.env, c.npmrc, got, c.want)
		}
	}
}

// An .npmrc that lies where a person takes it for the package's is named if npm does not
// read it.
func TestNpmrcsThatNPMIgnores(t *testing.T) {
	for _, c := range []struct {
		in   string // the current folder
		args []string
		has  string // where the .npmrc lies
		want string
	}{
		{"", nil, "", ""},
		{"sub", nil, "sub", "sub/.npmrc"},
		{"packages/a", nil, "packages/a", "packages/a/.npmrc"},
		{"packages/a/sub", nil, "packages/a", "packages/a/.npmrc"},
		{"", []string{"./dist"}, "dist", "dist/.npmrc"},
		{"", []string{"file:dist"}, "dist", "dist/.npmrc"},
		{"", []string{"."}, "", ""},
		{"packages/a", []string{"--workspaces=false"}, "packages/a", ""},
		{"packages/a", []string{"--workspaces=false"}, "", "ROOT/.npmrc"},
	} {
		from := installed(t)
		root := from.Dir
		for name, text := range map[string]string{
			"package.json": `{"name":"root","workspaces":["packages/*"]}`, "packages/a/package.json": `{"name":"a"}`,
			"packages/a/sub/x": "", "sub/x": "", "dist/package.json": `{"name":"root"}`, filepath.Join(c.has, ".npmrc"): "registry=http://127.0.0.1:1/\n",
		} {
			path := filepath.Join(root, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		from.Dir, from.Args = filepath.Join(root, c.in), c.args
		if got := Read(from).Ordered(Config{}, "").Ignored; got != strings.Replace(filepath.FromSlash(c.want), "ROOT", root, 1) {
			t.Errorf("in %q with %q and %s/.npmrc: %q, want %q", c.in, c.args, c.has, got, c.want)
		}
	}
}
