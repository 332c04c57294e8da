//go:build unix

package npmexec

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
	"safepublish/runner/realnpm"
)

// installed returns a Runner in a package below a folder where npm and node are laid
// out as an installation does.
func installed(t *testing.T) *Runner {
	t.Helper()
	root := realnpm.Layout(t)
	return &Runner{NPM: &NPM{
		Path: filepath.Join(root, "prefix/bin/npm"), Dir: filepath.Join(root, "work/demo"),
		Env: []string{"HOME=" + filepath.Join(root, "home"), "PATH=" + filepath.Join(root, "prefix/bin"), "ROOT=" + root},
	}}
}

// Behind a stand-in for npm only npm's log says which files it has read.
func TestLearnFromTheLog(t *testing.T) {
	for _, line := range []string{"3 silly config load:file:%s\n", "5 timing config:load:file:%s Completed in 30ms\n", "7 silly config load:file:%s\r\n"} {
		r := installed(t)
		r.Redactor = transcript.NewRedactor(nil)
		path := filepath.Join(npmrc.Getenv(r.Env, "ROOT"), "of the image", "npmrc")
		write(t, path, "//r/:_authToken=opaque-secret\n")
		log := filepath.Join(t.TempDir(), "log")
		write(t, log, "0 verbose cli /x\n"+strings.Replace(line, "%s", path, 1)+"9 verbose title npm publish\n")
		r.learnFrom(t.Context(), log, nil)
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
	home := npmrc.Getenv(r.Env, "HOME")
	write(t, r.Path, "#!/bin/sh\necho '//r/:_authToken=opaque-secret' >'"+home+"/.npmrc'\n")
	if status, err := r.Interactive(t.Context(), "", []string{"npm", "login"}, nil); err != nil || status != 0 {
		t.Fatal(status, err)
	}
	if got := r.Redactor.Line("opaque-secret"); got != "***" {
		t.Errorf("after a login: %q", got)
	}
	write(t, r.Path, "#!/bin/sh\necho '//r/:_authToken=another-secret' >'"+home+"/.npmrc'\n")
	if _, err := r.Publish(t.Context(), Attempt{}); err != nil {
		t.Fatal(err)
	}
	if got := r.Redactor.Line("another-secret"); got != "***" {
		t.Errorf("after a publish: %q", got)
	}
}

// npm config is asked with what was typed, and with no secret among it.
func TestConfigIsAskedWithoutSecrets(t *testing.T) {
	r := installed(t)
	argv := filepath.Join(t.TempDir(), "argv")
	write(t, r.Path, "#!/bin/sh\necho \"$@\" >'"+argv+"'\necho \"{\\\"registry\\\":\\\"$npm_config_registry\\\"}\"\n")
	config := r.Config(t.Context(), []string{
		"--_auth", "opaque-1", "--tag=next", "--key=opaque-2", "--registry", "http://u:opaque-3@127.0.0.1:1/", "--proxy=u:opaque-4@127.0.0.1:1",
	})
	text, err := os.ReadFile(argv)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "opaque") || !strings.Contains(string(text), "--tag=next") {
		t.Errorf("npm %s", text)
	}
	if config["registry"] != "http://u:opaque-3@127.0.0.1:1/" {
		t.Errorf("%v", config)
	}
}

// A registry is pinned on every question, and its password is not shown by it.
func TestQuestionsAreAskedWithoutSecrets(t *testing.T) {
	r := installed(t)
	said := filepath.Join(t.TempDir(), "said")
	write(t, r.Path, "#!/bin/sh\n[ $1 = whoami ] || exit 1\necho \"$@ | $npm_config_registry\" >'"+said+"'\necho '\"ann\"'\n")
	if id := whoami(t.Context(), r, "http://u:opaque-1@127.0.0.1:1/"); id.User != "ann" {
		t.Errorf("%+v", id)
	}
	text, err := os.ReadFile(said)
	if err != nil {
		t.Fatal(err)
	}
	args, registry, _ := strings.Cut(strings.TrimSpace(string(text)), " | ")
	if strings.Contains(args, "opaque") || registry != "http://u:opaque-1@127.0.0.1:1/" {
		t.Errorf("npm %s, registry %q", args, registry)
	}
}

// A login may write which registry a scope has: npm's settings are asked anew.
func TestConfigIsAskedAnewAfterACommand(t *testing.T) {
	r := quiet(t, fakeNPM(t, `case $1 in config) cat "$HOME/config.json";; login) echo '{"registry":"b"}' > "$HOME/config.json";; esac`))
	file := filepath.Join(r.Dir, "config.json")
	write(t, file, `{"registry":"a"}`)
	for range 2 {
		if got := r.Config(t.Context(), nil)["registry"]; got != "a" {
			t.Errorf("registry %q", got)
		}
		write(t, file, `{"registry":"not asked"}`)
	}
	if _, err := r.Interactive(t.Context(), "", []string{"npm", "login"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := r.Config(t.Context(), nil)["registry"]; got != "b" {
		t.Errorf("after the login: registry %q", got)
	}
}
