package registry

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/classify/npm"
)

// hostile is an environment that leads everywhere but into the sandbox.
func hostile(d *decoy, home string) []string {
	return append(os.Environ(),
		"HOME="+home,
		"npm_config_registry="+d.URL+"/", "NPM_CONFIG_REGISTRY="+d.URL+"/", "npm_config_@acme:registry="+d.URL+"/",
		"npm_config_userconfig="+filepath.Join(home, ".npmrc"), "NPM_CONFIG_GLOBALCONFIG="+filepath.Join(home, ".npmrc"),
		"npm_config_otp=654321", "npm_package_name=outer", "npm_lifecycle_event=prepublishOnly",
		"NPM_TOKEN=npm_fakeFAKEfakeFAKEfakeFAKEfakeFAKEfake", "NODE_AUTH_TOKEN=npm_fakeFAKEfakeFAKEfakeFAKEfakeFAKEfake",
		"GITHUB_ACTIONS=true", "GITHUB_TOKEN=fake", "ACTIONS_ID_TOKEN_REQUEST_URL="+d.URL+"/?x=y", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake",
		"NPM_ID_TOKEN=fake", "SIGSTORE_ID_TOKEN=fake", "GITLAB_CI=true", "CI_JOB_ID=1", "CIRCLECI=true",
		"AWS_SECRET_ACCESS_KEY=fake", "SSH_AUTH_SOCK=/nowhere", "NODE_OPTIONS=--require=/nowhere.js",
		"HTTPS_PROXY="+d.URL, "http_proxy="+d.URL, "NO_PROXY=*", "npm_config_noproxy=*",
		"KEPT=yes",
	)
}

func TestNothingLeavesTheSandbox(t *testing.T) {
	t.Parallel()
	d := newDecoy(t)
	source, home, witness := sample(t, "elsewhere", d), t.TempDir(), filepath.Join(t.TempDir(), "witness")
	write(t, filepath.Join(home, ".npmrc"), "registry="+d.URL+"/\n")
	before := tree(t, source)
	s := open(t, Options{Source: source, Env: append(hostile(d, home), "WITNESS="+witness), Scenario: scenario(t, "otp-required")})
	runNPM(t, s, "whoami")
	runNPM(t, s, "view", s.Name)
	runNPM(t, s, "login", "--registry="+s.Registry.URL())
	if r := npmWith(t, s, []string{"npm_config_otp=" + s.OTP}, "", "publish"); r.exit != 0 || r.stdout != "+ @acme/widget@1.2.3\n" {
		t.Errorf("%+v", r)
	}
	if asked := d.asked(); asked != nil {
		t.Errorf("the decoy was asked: %v", asked)
	}
	if after := tree(t, source); !maps.Equal(before, after) {
		t.Error("the source has changed")
	}
	if rc, _ := os.ReadFile(filepath.Join(home, ".npmrc")); string(rc) != "registry="+d.URL+"/\n" {
		t.Errorf("the person's own .npmrc has changed: %s", rc)
	}
	if _, err := os.Stat(witness); err == nil {
		t.Error("a script ran unasked")
	}
	notes := strings.Join(s.Notes, "\n")
	mustContain(t, "notes", notes, "--with-scripts", ".npmrc is left out", "publishConfig.registry", "publishConfig.@acme:registry")
}

func TestScriptsRunOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	d := newDecoy(t)
	witness := filepath.Join(t.TempDir(), "witness")
	s := open(t, Options{
		Source: sample(t, "elsewhere", d), Env: append(os.Environ(), "WITNESS="+witness),
		WithScripts: true, Scenario: quiet,
	})
	if r := publish(t, s); r.exit != 0 {
		t.Fatal(r.stderr)
	}
	if ran, _ := os.ReadFile(witness); string(ran) != "postpublish" {
		t.Errorf("the last script that ran: %q", ran)
	}
	if asked := d.asked(); asked != nil {
		t.Errorf("the decoy was asked: %v", asked)
	}
}

func TestWorkspaces(t *testing.T) {
	t.Parallel()
	d := newDecoy(t)
	source := sample(t, "workspaces", d)
	s := open(t, Options{Source: source, Args: []string{"--workspaces"}, Scenario: quiet})
	r := publish(t, s)
	mustContain(t, "stdout", r.stdout, "+ @acme/alpha@1.0.0", "+ @acme/beta@1.0.0")
	s = open(t, Options{Source: source, Args: []string{"./packages/beta"}, Scenario: quiet})
	if r := publish(t, s); r.stdout != "+ @acme/beta@1.0.0\n" || s.Name != "@acme/beta" {
		t.Errorf("%s: %+v", s.Name, r)
	}
	if asked := d.asked(); asked != nil {
		t.Errorf("the decoy was asked: %v", asked)
	}
}

func TestEnvironment(t *testing.T) {
	d := newDecoy(t)
	home := t.TempDir()
	s := open(t, Options{Env: hostile(d, home), Scenario: quiet})
	for _, entry := range s.Env {
		name, value, _ := strings.Cut(entry, "=")
		if strings.Contains(value, d.URL) || strings.Contains(value, "fake") || strings.HasPrefix(value, home) {
			t.Errorf("%s came through", entry)
		}
		if slices.Contains([]string{
			"NODE_OPTIONS", "GITHUB_ACTIONS", "GITLAB_CI", "CIRCLECI", "CI_JOB_ID", "SSH_AUTH_SOCK", "npm_config_otp", "npm_lifecycle_event",
		}, name) {
			t.Errorf("%s came through", name)
		}
	}
	if !slices.Contains(s.Env, "KEPT=yes") || !slices.Contains(s.Env, "PATH="+os.Getenv("PATH")) {
		t.Error("what is harmless did not come through")
	}
}

func TestVersionManagersStayWhereTheyAre(t *testing.T) {
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".volta"), 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Env: []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}, Scenario: quiet})
	if !slices.Contains(s.Env, "VOLTA_HOME="+filepath.Join(home, ".volta")) {
		t.Errorf("%v", s.Env)
	}
}

func TestRefusedArguments(t *testing.T) {
	d := newDecoy(t)
	source := sample(t, "elsewhere", d)
	write(t, filepath.Join(source, "widget-1.2.3.tgz"), "x")
	for _, args := range [][]string{
		{"--registry=" + d.URL},
		{"--registry", d.URL},
		{"--reg", d.URL},
		{"--regis=" + d.URL},
		{"--no-registry"},
		{"--@acme:registry=" + d.URL},
		{"--//127.0.0.1/:_authToken=x"},
		{"--_authToken=x"},
		{"--_auth=x"},
		{"--userconfig=/x"},
		{"--userc", "/x"},
		{"--globalconfig=/x"},
		{"--prefix", "/x"},
		{"-C", "/x"},
		{"--cache=/x"},
		{"--proxy=" + d.URL},
		{"--no-proxy"},
		{"--https-proxy", d.URL},
		{"--noproxy=*"},
		{"--cafile=x"},
		{"--cert=x"},
		{"--key=x"},
		{"--username=x"},
		{"--ignore-scripts=false"},
		{"--no-ignore-scripts"},
		{"--node-options=--require=x"},
		{"widget-1.2.3.tgz"},
		{"/etc"},
		{"../elsewhere"},
		{"lodash"},
		{"npm/cli"},
		{"https://example.com/x.tgz"},
		{"--", "--registry=" + d.URL},
		{"-g"},
		{"--tag", "beta", "--registry", d.URL},
	} {
		s, err := Open(Options{Source: source, Args: args, Scenario: quiet})
		var usage *npm.UsageError
		if !errors.As(err, &usage) || s != nil || strings.Contains(usage.Error(), "\n") {
			t.Errorf("%v: %v", args, err)
		}
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "safepublish-rehearsal-*", "package", "lib", "index.js"))
	if err != nil || left != nil {
		t.Errorf("a refusal left %v", left)
	}
}

func TestAllowedArguments(t *testing.T) {
	d := newDecoy(t)
	for _, args := range [][]string{
		nil,
		{"."},
		{"./lib"},
		{"--tag", "beta"},
		{"--access=public"},
		{"--dry-run"},
		{"--otp=123456"},
		{"--json"},
		{"--tag=v1/x"},
		{"-w", "lib"},
		{"--ignore-scripts"},
		{"--loglevel", "verbose"},
		{"--provenance=false"},
	} {
		source := sample(t, "elsewhere", d)
		s := open(t, Options{Source: source, Args: args, Scenario: quiet})
		if !slices.Equal(s.Args, args) {
			t.Errorf("%v became %v", args, s.Args)
		}
	}
}

func TestCopyLeavesOut(t *testing.T) {
	source, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret.txt"), "x")
	write(t, filepath.Join(outside, "real.json"),
		`{"name":"linked","version":"1.0.0","publishConfig":{"registry":"http://registry.example/"}}`)
	for path, text := range map[string]string{
		"a/index.js": "1", ".git/config": "x", "a/.npmrc": "x", "node_modules/dep/index.js": "x", ".gitignore": "dist", "run.sh": "#!/bin/sh",
	} {
		write(t, filepath.Join(source, path), text)
	}
	for name, target := range map[string]string{
		"inside": "a/index.js", "out": "../" + filepath.Base(outside) + "/secret.txt", "absolute": filepath.Join(source, "a"),
		"package.json": filepath.Join(outside, "real.json"), "dangling": "nowhere",
	} {
		if err := os.Symlink(target, filepath.Join(source, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(source, "run.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(source, "run.sh"), 9); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(source, "big.bin"), "")
	if err := os.Truncate(filepath.Join(source, "big.bin"), maxFile+1); err != nil {
		t.Fatal(err)
	}
	s := open(t, Options{Source: source, Scenario: quiet})
	got := slices.Sorted(maps.Keys(tree(t, s.Dir)))
	if want := []string{".gitignore", "a/index.js", "package.json", "run.sh"}; !slices.Equal(got, want) {
		t.Errorf("copied %v, want %v", got, want)
	}
	if to, _ := os.Readlink(filepath.Join(s.Dir, "inside")); to != "a/index.js" {
		t.Errorf("inside leads to %q", to)
	}
	if info, err := os.Stat(filepath.Join(s.Dir, "run.sh")); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("run.sh: %v %v", info, err)
	}
	manifest, _ := os.ReadFile(filepath.Join(s.Dir, "package.json"))
	if strings.Contains(string(manifest), "registry.example") {
		t.Errorf("it leads out: %s", manifest)
	}
	mustContain(t, "notes", strings.Join(s.Notes, "\n"), "big.bin", "out leads out", "absolute leads out", "a/.npmrc is left out")
}

func TestBundledDependenciesComeAlong(t *testing.T) {
	t.Parallel()
	source := t.TempDir()
	write(t, filepath.Join(source, "package.json"),
		`{"name":"bundle","version":"1.0.0","dependencies":{"dep":"1.0.0"},"bundleDependencies":["dep"]}`)
	write(t, filepath.Join(source, "node_modules/dep/package.json"), `{"name":"dep","version":"1.0.0"}`)
	s := open(t, Options{Source: source, Scenario: quiet})
	mustContain(t, "the packing list", publish(t, s).stderr, "total files: 2")
}

func TestConfineChangesNothingElse(t *testing.T) {
	for name, c := range map[string]struct{ in, out string }{
		"no publishConfig": {"{\r\n\t\"name\": \"x\"\r\n}", "{\r\n\t\"name\": \"x\"\r\n}"},
		"registries": {
			"\ufeff{ \"publishConfig\" : {\"registry\":\"https://a/\",  \"@b:registry\" : \"https://c/\", \"tag\":\"next\"},\"x\":1.0 }\n",
			"\ufeff{ \"publishConfig\" : { \"tag\":\"next\"},\"x\":1.0 }\n",
		},
		"twice, and escaped": {
			`{"publishConfig":{"registry":"a"},"publish\u0043onfig":{"regist\u0072y":"b","access":"public","registry":"c"}}`,
			`{"publishConfig":{},"publish\u0043onfig":{"access":"public"}}`,
		},
		"credentials": {
			`{"publishConfig":{"//h/:_authToken":"x","proxy":null,"noproxy":"*","cafile":"/x","provenance":true,"ignore-scripts":false}}`,
			`{"publishConfig":{}}`,
		},
		"no JSON": {`{"publishConfig":{"registry":"a"},}`, `{"publishConfig":{"registry":"a"},}`},
	} {
		if out, _ := confine([]byte(c.in)); string(out) != c.out {
			t.Errorf("%s:\n got %q\nwant %q", name, out, c.out)
		}
	}
}

// Whatever a manifest looks like, JSON.parse must not find another registry in it
// afterwards.
func FuzzConfine(f *testing.F) {
	f.Add(`{"publishConfig":{"registry":"https://a/","@s:registry":"https://b/"}}`)
	f.Add(`{"publishConfig":{"registry":{"a":["https://a/"]},"registry":""}, "publishConfig":{"registry":"x"}}`)
	f.Add("\ufeff [{}]")
	f.Fuzz(func(t *testing.T, manifest string) {
		out, _ := confine([]byte(manifest))
		var parsed map[string]any
		if json.Unmarshal([]byte(strings.TrimPrefix(string(out), "\ufeff")), &parsed) != nil {
			return
		}
		config, _ := parsed["publishConfig"].(map[string]any)
		for key, value := range config {
			if key != "access" && key != "tag" {
				t.Errorf("%s is still %v", key, value)
			}
		}
	})
}
