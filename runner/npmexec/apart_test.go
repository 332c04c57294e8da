//go:build unix

package npmexec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestApart(t *testing.T) {
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
		open, env := apart(strings.Fields(in))
		if got := strings.Join(slices.Concat(open, []string{"|"}, env), " "); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// npm config is asked with what was typed, and with no secret among it.
func TestConfigIsAskedWithoutSecrets(t *testing.T) {
	r := installed(t)
	argv := filepath.Join(t.TempDir(), "argv")
	write(t, r.NPM, "#!/bin/sh\necho \"$@\" >'"+argv+"'\necho \"{\\\"registry\\\":\\\"$npm_config_registry\\\"}\"\n")
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
	write(t, r.NPM, "#!/bin/sh\necho \"$@ | $npm_config_registry\" >'"+said+"'\necho '\"ann\"'\n")
	if id := r.Whoami(t.Context(), "http://u:opaque-1@127.0.0.1:1/", "demo"); id.User != "ann" {
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
