//go:build unix

package npmrc

import (
	"encoding/base64"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Wherever a secret stands, and in whatever form it comes back.
func TestSecrets(t *testing.T) {
	const secret = "0pq/ue secret" // the blank shows what is read as one value
	for _, c := range []struct {
		name  string
		files map[string]string
		args  []string
		env   []string
		echo  string // "" for the secret itself
		kept  string // what must still be readable
	}{
		{name: "user", files: map[string]string{"home/.npmrc": "//r/:_authToken=" + secret}},
		{name: "no slash", files: map[string]string{"home/.npmrc": "//r:_authToken=" + secret}},
		{name: "old form", files: map[string]string{"home/.npmrc": "_authToken = " + secret}},
		{name: "what npm refuses", files: map[string]string{"home/.npmrc": "-authtoken=" + secret}},
		{name: "list", files: map[string]string{"home/.npmrc": "//r/:_authToken[]=" + secret}},
		{name: "quoted", files: map[string]string{"home/.npmrc": `//r/:_authToken="0pq/ue\u0020secret"`}},
		{name: "escaped", files: map[string]string{"home/.npmrc": `//r/:_authToken=a\;b\#c ; a comment`}, echo: "a;b#c", kept: "a comment"},
		{name: "project", files: map[string]string{"work/demo/.npmrc": "//r/:_authToken=" + secret}},
		{name: "root of the workspaces", files: map[string]string{"work/.npmrc": "//r/:_authToken=" + secret}},
		{name: "global", files: map[string]string{"prefix/etc/npmrc": "//r/:_authToken=" + secret}},
		{name: "builtin", files: map[string]string{"prefix/lib/node_modules/npm/npmrc": "//r/:_authToken=" + secret}},
		{name: "named by a flag", args: []string{"--userconfig=${ROOT}/mine"}, files: map[string]string{"mine": "//r/:_authToken=" + secret}},
		{name: "variable", files: map[string]string{"home/.npmrc": "//r/:_authToken=${SOME_NAME}"}, env: []string{"SOME_NAME=" + secret}},
		{name: "variable in a part", files: map[string]string{"home/.npmrc": "//r/:_authToken=v1.${SOME_NAME}"}, env: []string{"SOME_NAME=" + secret}},
		{name: "variable in a password", files: map[string]string{"home/.npmrc": "//r/:_password=${SOME_NAME}"}, env: []string{"SOME_NAME=" + encoded(secret)}},
		{name: "variables that are no secret", files: map[string]string{"home/.npmrc": "cache=${SOME_NAME}\n//r/:_authToken=${NOT_SET}"}, env: []string{"SOME_NAME=some-folder"}, echo: " ", kept: "some-folder ${NOT_SET}"},
		{name: "placeholder", files: map[string]string{"home/.npmrc": "//r/:_authToken=${NODE_AUTH}"}, env: []string{"NODE_AUTH=XXXXX-XXXXX-XXXXX-XXXXX"}, echo: " ", kept: "XXXXX-XXXXX-XXXXX-XXXXX"},
		{name: "environment", env: []string{"npm_config_//r/:_authToken=" + secret}},
		{name: "environment, password", env: []string{"NPM_CONFIG_//r/:_password=" + encoded(secret)}},
		{name: "argument", args: []string{"--//r/:_authToken=" + secret}},
		{name: "argument, apart", args: []string{"--//r/:_authToken", secret}},
		{name: "argument, old form", args: []string{"--_auth", encoded("me:" + secret)}},
		{name: "password", files: map[string]string{"home/.npmrc": "//r/:_password=" + encoded(secret)}},
		{name: "password, as it stands", files: map[string]string{"home/.npmrc": "//r/:_password=" + encoded(secret)}, echo: encoded(secret)},
		{name: "password without padding", files: map[string]string{"home/.npmrc": "//r/:_password=" + strings.TrimRight(encoded(secret), "=")}},
		{name: "user and password", files: map[string]string{"home/.npmrc": "//r/:username=ann\n//r/:_password=" + encoded(secret)}, echo: encoded("ann:" + secret), kept: "by ann"},
		{name: "_auth", files: map[string]string{"home/.npmrc": "//r/:_auth=" + encoded("ann:"+secret)}, kept: "by ann"},
		{name: "_auth, as it stands", files: map[string]string{"home/.npmrc": "//r/:_auth=" + encoded("ann:"+secret)}, echo: encoded("ann:" + secret)},
		{name: "a short one", files: map[string]string{"home/.npmrc": "//r/:_password=" + encoded("hund")}, echo: "hund", kept: "hundred"},
		{name: "registry", files: map[string]string{"home/.npmrc": "registry=http://ann:0pq%2Fue%20secret@127.0.0.1:1/"}, kept: "127.0.0.1:1"},
		{name: "registry, percent-encoded", files: map[string]string{"home/.npmrc": "@acme:registry=http://ann:0pq%2Fue%20secret@127.0.0.1:1/"}, echo: "0pq%2fue%20secret"},
		{name: "registry, base64", args: []string{"--registry", "http://ann:0pq%2Fue%20secret@127.0.0.1:1/"}, echo: encoded("ann:" + secret)},
		{name: "token as a user", args: []string{"--registry=http://opaque-token-of-20-bytes@127.0.0.1:1/"}, echo: "opaque-token-of-20-bytes"},
		{name: "a user", args: []string{"--registry=http://annabel@127.0.0.1:1/"}, echo: " ", kept: "annabel"},
		{name: "proxy without scheme", files: map[string]string{"home/.npmrc": "proxy=ann:0pq%2Fue%20secret@127.0.0.1:1"}},
		{name: "proxy in the environment", env: []string{"https_proxy=http://ann:0pq%2Fue%20secret@127.0.0.1:1"}},
		{name: "one-time password", files: map[string]string{"home/.npmrc": "otp=493817"}, echo: "493817", kept: "a493817b"},
		{name: "key on one line", files: map[string]string{"home/.npmrc": `key="-----BEGIN PRIVATE KEY-----\nRkFLRUZBS0U\n-----END PRIVATE KEY-----"`}, echo: "RkFLRUZBS0U"},
		{name: "key without quotes", files: map[string]string{"home/.npmrc": `//r/:key=-----BEGIN PRIVATE KEY-----\nRkFLRUZBS0U\n-----END PRIVATE KEY-----`}, echo: "RkFLRUZBS0U"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := installed(t)
			for path, text := range c.files {
				write(t, filepath.Join(Getenv(r.Env, "ROOT"), path), text+"\n")
			}
			for i, arg := range c.args {
				c.args[i] = strings.ReplaceAll(arg, "${ROOT}", Getenv(r.Env, "ROOT"))
			}
			if c.echo == "" {
				c.echo = secret
			}
			r.Env, r.Args = append(r.Env, c.env...), c.args
			redactor := transcript.NewRedactor(nil)
			for _, secret := range Read(r).Secrets() {
				redactor.Add(secret)
			}
			line := "bad " + c.echo + " of " + c.kept + " sent"
			if got, want := redactor.Line(line), "bad *** of "+c.kept+" sent"; got != want && c.echo != " " || c.echo == " " && got != line {
				t.Errorf("%q became %q", line, got)
			}
		})
	}
}

// Nothing that is secret stays among the arguments.
func TestHideSecrets(t *testing.T) {
	for in, want := range map[string]string{
		"view demo --json --registry=http://127.0.0.1:1/": "view demo --json --registry=http://127.0.0.1:1/ |",
		"view --registry=http://u:pw@127.0.0.1:1/ demo":   "view demo | npm_config_registry=http://u:pw@127.0.0.1:1/",
		"--registry http://u:pw@127.0.0.1:1/ demo":        "demo | npm_config_registry=http://u:pw@127.0.0.1:1/",
		"--@acme:registry=http://u:pw@127.0.0.1:1/":       "| npm_config_@acme:registry=http://u:pw@127.0.0.1:1/",
		"--@my_org:registry=http://u:pw@127.0.0.1:1/":     "--@my_org:registry=http://127.0.0.1:1/ |",
		"--https-proxy=u:pw@127.0.0.1:1":                  "| npm_config_https_proxy=u:pw@127.0.0.1:1",
		"--//127.0.0.1:1/:_authToken=x":                   "| npm_config_//127.0.0.1:1/:_authToken=x",
		"--//127.0.0.1:1/:_authToken=":                    "--//127.0.0.1:1/:_authToken= |",
		"--key=k --cert c --cafile=f":                     "--cafile=f | npm_config_key=k npm_config_cert=c",
		"dist-tag add @acme/demo@1.0.0 latest":            "dist-tag add @acme/demo@1.0.0 latest |",
		"--no-proxy --tag latest":                         "--no-proxy --tag latest |",
	} {
		open, env := HideSecrets(strings.Fields(in))
		if got := strings.Join(slices.Concat(open, []string{"|"}, env), " "); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}
