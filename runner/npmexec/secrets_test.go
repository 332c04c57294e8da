//go:build unix

package npmexec

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Wherever a secret stands, and in whatever form it comes back.
func TestLearn(t *testing.T) {
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
			r.Env, r.Redactor = append(r.Env, c.env...), transcript.NewRedactor(nil)
			r.Learn(c.args)
			line := "bad " + c.echo + " of " + c.kept + " sent"
			if got, want := r.Redactor.Line(line), "bad *** of "+c.kept+" sent"; got != want && c.echo != " " || c.echo == " " && got != line {
				t.Errorf("%q became %q", line, got)
			}
		})
	}
}

// Behind a stand-in for npm only npm's log says which files it has read.
func TestLearnFromTheLog(t *testing.T) {
	for _, line := range []string{"3 silly config load:file:%s\n", "5 timing config:load:file:%s Completed in 30ms\n", "7 silly config load:file:%s\r\n"} {
		r := installed(t)
		r.Redactor = transcript.NewRedactor(nil)
		path := filepath.Join(Getenv(r.Env, "ROOT"), "of the image", "npmrc")
		write(t, path, "//r/:_authToken=opaque-secret\n")
		r.learnFrom([]byte("0 verbose cli /x\n"+strings.Replace(line, "%s", path, 1)+"9 verbose title npm publish\n"), nil)
		if got := r.Redactor.Line("opaque-secret"); got != "***" {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// A login writes a token, and a script may.
func TestLearnAfterALogin(t *testing.T) {
	r := installed(t)
	r.Redactor = transcript.NewRedactor(nil)
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	r.In, r.Out, r.Err = null, null, null
	home := Getenv(r.Env, "HOME")
	write(t, r.NPM, "#!/bin/sh\necho '//r/:_authToken=opaque-secret' >'"+home+"/.npmrc'\n")
	if status, err := r.Interactive(t.Context(), "", []string{"npm", "login"}, nil); err != nil || status != 0 {
		t.Fatal(status, err)
	}
	if got := r.Redactor.Line("opaque-secret"); got != "***" {
		t.Errorf("after a login: %q", got)
	}
	write(t, r.NPM, "#!/bin/sh\necho '//r/:_authToken=another-secret' >'"+home+"/.npmrc'\n")
	if _, err := r.Publish(t.Context(), Attempt{}); err != nil {
		t.Fatal(err)
	}
	if got := r.Redactor.Line("another-secret"); got != "***" {
		t.Errorf("after a publish: %q", got)
	}
}
