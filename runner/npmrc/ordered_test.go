//go:build unix

package npmrc

import (
	"encoding/json"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// What npm's own rules make of its merged configuration, the package's publishConfig
// and the command line (with real npm: npmexec, TestConfig).
func TestRegistry(t *testing.T) {
	const (
		file, acme         = "http://127.0.0.1:1/file/", "http://127.0.0.1:1/acme/"
		flagged, published = "http://127.0.0.1:1/flag/", "http://127.0.0.1:1/publish/"
	)
	flag, own := []string{"--registry", flagged}, map[string]string{"registry": published}
	for _, c := range []struct {
		name, pkg     string
		version       string
		args          []string
		merged        Config
		publishConfig map[string]string
		want          string
	}{
		{name: "file", pkg: "demo", want: file},
		{name: "scope", pkg: "@acme/widget", want: acme},
		{name: "another scope", pkg: "@other/widget", want: file},
		{name: "flag", pkg: "demo", args: flag, merged: Config{"registry": flagged}, want: flagged},
		{name: "publishConfig", pkg: "demo", publishConfig: own, want: published},
		{name: "flag beats publishConfig", pkg: "demo", args: flag, merged: Config{"registry": flagged}, publishConfig: own, want: flagged},
		{
			name: "up to npm 9 it does not", pkg: "demo", version: "9.9.4", args: flag, merged: Config{"registry": flagged},
			publishConfig: own, want: published,
		},
		{name: "behind the dashes is no flag", pkg: "demo", args: []string{"--", "--registry=" + flagged}, publishConfig: own, want: published},
		{name: "the scope beats publishConfig's registry", pkg: "@acme/widget", publishConfig: own, want: acme},
		{name: "--scope", pkg: "demo", merged: Config{"scope": "acme"}, want: acme},
	} {
		from := installed(t)
		from.Args = c.args
		if c.version != "" {
			from.Version = npm.ParseVersion(c.version)
		}
		merged := Config{"registry": file, "@acme:registry": acme}
		for key, value := range c.merged {
			merged[key] = value
		}
		if got := Read(from).Registry(merged, c.pkg, c.publishConfig); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// The order of the levels, and no value (with real npm: npmexec, npmrc_test.go).
func TestOrdered(t *testing.T) {
	const key, secret = "//127.0.0.1:1/:_authToken", "opaque-secret"
	from := installed(t)
	root := Getenv(from.Env, "ROOT")
	for _, file := range []string{"work/demo/.npmrc", "home/.npmrc", "prefix/etc/npmrc", "prefix/lib/node_modules/npm/npmrc"} {
		write(t, filepath.Join(root, file), "# "+file+"\n"+key+"="+secret+"\ncache=/x\n")
	}
	write(t, filepath.Join(root, "work/.npmrc"), key+"="+secret+"\n") // of no root of workspaces
	from.Args, from.Env = []string{"--" + key + "=" + secret}, append(from.Env, "npm_config_"+key+"="+secret)
	n := Read(from).Ordered(Config{"globalconfig": filepath.Join(root, "prefix/etc/npmrc")}, "")
	var got []string
	for _, s := range n.All(key) {
		got = append(got, s.Level+":"+strconv.Itoa(s.Line))
	}
	if want := "cli:0 env:0 project:2 user:2 global:2 builtin:2"; strings.Join(got, " ") != want || len(n.Files) != 4 {
		t.Errorf("%s in %q, want %s", got, n.Files, want)
	}
	if n.Settings[0].Holds != classify.HeldPresent || len(n.Settings) != 6 {
		t.Errorf("%+v", n.Settings)
	}
	if text, _ := json.Marshal(n); strings.Contains(string(text), secret) {
		t.Errorf("a value was kept: %s", text)
	}
}

// What is plain, and where npm must be asked.
func TestDryRun(t *testing.T) {
	for _, c := range []struct {
		args, env  []string
		dry, known bool
	}{
		{known: true},
		{args: []string{"--dry-run"}, dry: true, known: true},
		{args: []string{"--dry-run", "--no-dry-run"}, known: true},
		{args: []string{"--dry-run=false"}, env: []string{"npm_config_dry_run=true"}, known: true},
		{args: []string{"--dry-run", "--no-dry"}, known: true}, // npm 11 and older publish
		{args: []string{"--no-dry-run", "--dry-r"}, dry: true, known: true},
		{env: []string{"npm_config_dry_run=true"}},
	} {
		from := installed(t)
		from.Args, from.Env = c.args, append(from.Env, c.env...)
		if dry, known := Read(from).DryRun(); dry != c.dry || known != c.known {
			t.Errorf("%q %q: %v, known %v", c.args, c.env, dry, known)
		}
	}
}
