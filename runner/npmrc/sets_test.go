//go:build unix

package npmrc

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"safepublish/classify/npm"
	"safepublish/runner/realnpm"
)

// installed returns the source of the settings of a package below a folder where npm
// and node are laid out as an installation does.
func installed(t *testing.T) Source {
	t.Helper()
	root := realnpm.Layout(t)
	return Source{
		NPM: filepath.Join(root, "prefix/bin/npm"), Version: npm.ParseVersion("11.19.1"), Dir: filepath.Join(root, "work/demo"),
		Env: []string{"HOME=" + filepath.Join(root, "home"), "PATH=" + filepath.Join(root, "prefix/bin"), "ROOT=" + root},
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestSets(t *testing.T) {
	const line = "dry-run=true\n"
	for _, c := range []struct {
		name  string
		files map[string]string // under the root, whose path is ${ROOT}
		args  []string
		env   []string
		not   bool
	}{
		{name: "nothing", not: true},
		{name: "others", not: true, files: map[string]string{"home/.npmrc": "registry=http://127.0.0.1:1/\ndry-running=true\n; dry-run=true\n[x]\ndry-run=true\n"}},
		{name: "flag", args: []string{"--dry-run"}},
		{name: "denied", args: []string{"--no-dry-run"}},
		{name: "abbreviated", args: []string{"--dry"}},
		{name: "behind the dashes", not: true, args: []string{"--", "--dry-run"}},
		{name: "variable", env: []string{"NPM_CONFIG_DRY_RUN=false"}},
		{name: "empty variable", not: true, env: []string{"npm_config_dry_run="}},
		{name: "user", files: map[string]string{"home/.npmrc": "a=b\n" + line}},
		{name: "no value", files: map[string]string{"home/.npmrc": "dry-run\n"}},
		{name: "quoted", files: map[string]string{"home/.npmrc": "\"dry\\u002drun\" = 'true'\n"}},
		{name: "not a section", files: map[string]string{"home/.npmrc": " [x]\n" + line}},
		{name: "project", files: map[string]string{"work/demo/.npmrc": line}},
		{name: "root of the workspaces", files: map[string]string{"work/.npmrc": line}},
		{name: "global", files: map[string]string{"prefix/etc/npmrc": line}},
		{name: "builtin", files: map[string]string{"prefix/lib/node_modules/npm/npmrc": line}},
		{name: "--userconfig", args: []string{"--userconfig=${ROOT}/mine"}, files: map[string]string{"mine": line}},
		{name: "userconfig in the environment, from the home", env: []string{"npm_config_userconfig=~/mine"}, files: map[string]string{"home/mine": line}},
		{name: "userconfig, relative", env: []string{"npm_config_userconfig=mine"}, files: map[string]string{"work/demo/mine": line}},
		{name: "--globalconfig", args: []string{"--globalconfig", "${ROOT}/all"}, files: map[string]string{"all": line}},
		{name: "--prefix, project", args: []string{"--prefix", "${ROOT}/other"}, files: map[string]string{"other/.npmrc": line}},
		{name: "--prefix, global", args: []string{"--prefix", "${ROOT}/other"}, files: map[string]string{"other/etc/npmrc": line}},
		{name: "PREFIX", env: []string{"PREFIX=${ROOT}/other"}, files: map[string]string{"other/etc/npmrc": line}},
		{name: "one file names the next", files: map[string]string{
			"work/demo/.npmrc": "userconfig=${ROOT}/a\n", "a": "prefix = ${ROOT}/b\n", "b/etc/npmrc": "globalconfig=${ROOT}/c", "c": line,
		}},
		{name: "a prefix is no doubt", not: true, files: map[string]string{"home/.npmrc": "prefix=~/.npm-global\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := installed(t)
			root := Getenv(r.Env, "ROOT")
			for path, text := range c.files {
				write(t, filepath.Join(root, path), text)
			}
			named := func(s string) string {
				return os.Expand(s, func(name string) string { return Getenv(r.Env, name) })
			}
			for i, arg := range c.args {
				c.args[i] = named(arg)
			}
			for _, entry := range c.env {
				r.Env = append(r.Env, named(entry))
			}
			r.Args = c.args
			if got := Read(r).Sets("json", "dry-run"); got == c.not {
				t.Errorf("it is %v", got)
			}
			if Read(r).Sets("tag") {
				t.Error("a tag is mentioned nowhere")
			}
		})
	}
}

// A pipe, as of --userconfig <(command), can be read once, and by npm.
func TestAPipeIsLeftToNPM(t *testing.T) {
	r := installed(t)
	pipe := filepath.Join(r.Dir, "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	r.Args = []string{"--userconfig", pipe}
	if Read(r).Sets("json") { // would wait for ever
		t.Error("it was read")
	}
}
