package npmexec

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func program(t *testing.T, path string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		path += ".bat"
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// npm in the current folder is found only where --npm names it.
func TestFind(t *testing.T) {
	here, dir := t.TempDir(), t.TempDir()
	t.Chdir(here)
	local := program(t, filepath.Join(here, "npm"))
	npm := program(t, filepath.Join(dir, "npm"))
	npm10 := program(t, filepath.Join(dir, "npm10"))
	if err := os.Mkdir(filepath.Join(here, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := func(entries ...string) string { return strings.Join(entries, string(filepath.ListSeparator)) }
	for _, c := range []struct{ path, option, want string }{
		{path(dir), "", npm},
		{path("", ".", here+"/nothing", dir), "", npm},
		{path("", "."), "", ""},
		{"", "", ""},
		{path(here, dir), "", local}, // an absolute entry is no accident
		{path(dir), "npm10", npm10},
		{path(dir), "npm11", ""},
		{"", "./npm", local},
		{"", npm10, npm10},
		{"", "./nothing", ""},
		{"", "./folder", ""},
	} {
		got, err := Find(c.path, c.option)
		if got != c.want {
			t.Errorf("Find(%q, %q) = %q, want %q", c.path, c.option, got, c.want)
		}
		if (err == nil) != (c.want != "") || err != nil && !errors.Is(err, ErrNoNPM) {
			t.Errorf("Find(%q, %q): error %v", c.path, c.option, err)
		}
	}
}

func TestStateDir(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the folders of Linux")
	}
	for want, env := range map[string][]string{
		"/s/safepublish":              {"XDG_STATE_HOME=/s", "HOME=/h"},
		"/h/.local/state/safepublish": {"XDG_STATE_HOME=relative", "HOME=/h"},
		"":                            {"HOME="},
	} {
		if got := StateDir(env); got != want {
			t.Errorf("%q: %q, want %q", env, got, want)
		}
	}
}

func TestInsidePublish(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Skip(err)
	}
	in := func(command, event, dir string) []string {
		return []string{"npm_command=" + command, "npm_lifecycle_event=" + event, "npm_package_json=" + filepath.Join(dir, "package.json")}
	}
	for _, c := range []struct {
		name string
		env  []string
		want bool
	}{
		{"prepublishOnly", in("publish", "prepublishOnly", dir), true},
		{"by another path", in("publish", "postpublish", link), true},
		{"npm stage publish", in("stage", "publish", dir), true},
		{"another package of a monorepo", in("publish", "postpublish", other), false},
		{"npm run release", in("run-script", "release", dir), false},
		{"npm run release in a script of a publish that we run", append(in("run-script", "release", dir), underWay+"="+link), true},
		{"another package in such a script", append(in("run-script", "release", other), underWay+"="+other), false},
		{"npm run prepare", in("run-script", "prepare", dir), false},
		{"npm install", in("install", "prepare", dir), false},
		{"no script", nil, false},
		{"npm 6", []string{"npm_lifecycle_event=prepublishOnly", `npm_config_argv={"remain":[],"cooked":["publish"],"original":["publish"]}`}, true},
		{"npm 6 install", []string{"npm_lifecycle_event=prepare", `npm_config_argv={"cooked":["install"]}`}, false},
	} {
		if got := InsidePublish(c.env, dir); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestAsTyped(t *testing.T) {
	const yarns, ours = "npm_config_registry=https://any.yarnpkg.com", "npm_config_registry=https://npm.example.com/"
	for _, c := range []struct {
		agent, registry string
		dropped         bool
	}{
		{"yarn/1.22.22 npm/? node/v20.20.2 linux x64", yarns, true},
		{"yarn/1.22.22 npm/? node/v20.20.2 linux x64", ours, false},
		{"yarn/4.18.1 npm/? node/v20.20.2 linux x64", yarns, false},
		{"npm/11.19.1 node/v20.20.2 linux x64", yarns, false},
		{"", yarns, false},
	} {
		env := []string{userAgent + "=" + c.agent, c.registry}
		if got := AsTyped(env); (len(got) == 1) != c.dropped {
			t.Errorf("%q: %q", env, got)
		}
	}
}

func TestCalled(t *testing.T) {
	for _, c := range []struct{ agent, self, want string }{
		{"npm/11.19.1", "/w/node_modules/@safepublish/linux-x64/bin/safepublish", "npx safepublish"},
		{"", "/usr/lib/node_modules/@safepublish/linux-x64/bin/safepublish", "safepublish"},
		{"npm/11.19.1", "/usr/local/bin/safepublish", "safepublish"},
		{"npm/11.19.1", "/w/my_node_modules/safepublish", "safepublish"},
	} {
		if got := called([]string{userAgent + "=" + c.agent}, c.self); got != c.want {
			t.Errorf("%q %q: %q", c.agent, c.self, got)
		}
	}
}

func TestCapture(t *testing.T) {
	var c capture
	line := strings.Repeat("x", 99) + "\n"
	for range 30000 {
		c.add([]byte(line))
	}
	text := c.bytes()
	if n := len(text); n > headBytes+tailBytes || n < headBytes+tailBytes-2*len(line) {
		t.Errorf("%d bytes kept", n)
	}
	for i, l := range strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n") {
		if strings.TrimSuffix(l, "\n") != line[:99] {
			t.Fatalf("line %d was cut: %q", i, l)
		}
	}
}

func TestLineStart(t *testing.T) {
	for text, want := range map[string]bool{
		"":                        true,
		"done\n":                  true,
		"done\n\x1b[0m\x1b[?25h":  true,
		"done":                    false,
		"Enter OTP: \x1b[12G":     false,
		"\u2819\x1b[1G\x1b[0K":    true,
		"text\r\x1b[K":            true,
		"text\x1b[31mred\x1b[39m": false,
		"\x1b[2K\x1b[1G":          true,
	} {
		if got := lineStart.MatchString(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	env := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if got := GitAround(t.Context(), env, dir); got != (Git{}) {
		t.Errorf("outside a repository: %+v", got)
	}
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	for name, text := range map[string]string{"package.json": "{}", "dist/package.json": "{}", ".gitignore": "dist\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "one")
	if got := GitAround(t.Context(), env, dir); got != (Git{Inside: true, Clean: true, Root: true}) {
		t.Errorf("a clean repository: %+v", got)
	}
	if got := GitAround(t.Context(), env, filepath.Join(dir, "dist")); got != (Git{Inside: true, Clean: true}) {
		t.Errorf("a folder of it: %+v", got)
	}
	if GitIgnores(t.Context(), env, filepath.Join(dir, "package.json")) || !GitIgnores(t.Context(), env, filepath.Join(dir, "dist", "package.json")) {
		t.Error("dist/package.json alone is ignored")
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte("{ }"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := GitAround(t.Context(), env, dir); got != (Git{Inside: true, Root: true}) {
		t.Errorf("after a change: %+v", got)
	}
	if got := GitAround(t.Context(), []string{"PATH="}, dir); got != (Git{}) {
		t.Errorf("without git: %+v", got)
	}
}
