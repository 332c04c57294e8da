package npmexec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/runner/realnpm"
)

// The folders of the systems that are played here.
const (
	nodejs  = `C:\Program Files\nodejs\`
	roaming = `C:\Users\J & J\AppData\Roaming\npm\`
)

const (
	npmCmd11 = "@ECHO OFF\r\n\r\nSETLOCAL\r\n\r\nSET \"NODE_EXE=%~dp0\\node.exe\"\r\n" +
		"SET \"NPM_PREFIX_JS=%~dp0\\node_modules\\npm\\bin\\npm-prefix.js\"\r\nSET \"NPM_CLI_JS=%~dp0\\node_modules\\npm\\bin\\npm-cli.js\"\r\n" +
		"FOR /F \"delims=\" %%F IN ('CALL \"%NODE_EXE%\" \"%NPM_PREFIX_JS%\"') DO (\r\n\"%NODE_EXE%\" \"%NPM_CLI_JS%\" %*\r\n"
	npmCmd6 = "@ECHO OFF\r\nSET \"NPM_CLI_JS=%~dp0\\node_modules\\npm\\bin\\npm-cli.js\"\r\n\"%NODE_EXE%\" \"%NPM_CLI_JS%\" %*\r\n"
	cmdShim = "@ECHO off\r\nGOTO start\r\n:start\r\nIF EXIST \"%dp0%\\node.exe\" (\r\n  SET \"_prog=%dp0%\\node.exe\"\r\n) ELSE (\r\n" +
		"  SET \"_prog=node\"\r\n)\r\n\r\nendLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & \"%_prog%\"  \"%dp0%\\TARGET\" %*\r\n"
	oldShim = "@IF EXIST \"%~dp0\\node.exe\" (\r\n  \"%~dp0\\node.exe\"  \"%~dp0\\TARGET\" %*\r\n) ELSE (\r\n" +
		"  @SETLOCAL\r\n  node  \"%~dp0\\TARGET\" %*\r\n)\r\n"
)

func shim(form, target string) string { return strings.ReplaceAll(form, "TARGET", target) }

func TestThroughBatch(t *testing.T) {
	const (
		cli    = `node_modules\npm\bin\npm-cli.js`
		prefix = `node_modules\npm\bin\npm-prefix.js`
	)
	npms := map[string]string{nodejs + "node.exe": "MZ", nodejs + cli: "#!", nodejs + "npm.cmd": npmCmd11}
	for _, c := range []struct {
		name, path string
		files      map[string]string
		prefix     string
		want       []string
		asked      []string // for the global prefix
	}{
		{
			name: "npm's own", path: nodejs + "npm.cmd", files: npms, prefix: nodejs[:len(nodejs)-1] + "\r\n",
			want: []string{nodejs + "node.exe", nodejs + cli}, asked: []string{nodejs + "node.exe", nodejs + prefix},
		},
		{
			name: "npm i -g npm", path: nodejs + "npm.cmd", files: with(npms, roaming+cli, "#!"), prefix: "a warning\r\n" + roaming[:len(roaming)-1] + "\r\n",
			want: []string{nodejs + "node.exe", roaming + cli}, asked: []string{nodejs + "node.exe", nodejs + prefix},
		},
		{name: "a prefix without npm", path: nodejs + "npm.cmd", files: npms, prefix: `D:\elsewhere`, want: []string{nodejs + "node.exe", nodejs + cli}},
		{name: "no prefix", path: nodejs + "npm.cmd", files: npms, want: []string{nodejs + "node.exe", nodejs + cli}},
		{
			name: "npm 6", path: nodejs + "NPM.CMD", files: with(npms, nodejs+"NPM.CMD", npmCmd6),
			want: []string{nodejs + "node.exe", nodejs + cli}, asked: []string{nodejs + "node.exe", nodejs + cli, "prefix", "-g"},
		},
		{
			name: "node elsewhere on PATH", path: roaming + "npm.cmd", files: map[string]string{roaming + "npm.cmd": npmCmd11, roaming + cli: "#!"},
			want: []string{`D:\node.exe`, roaming + cli},
		},
		{name: "npm's own without its script", path: nodejs + "npm.cmd", files: map[string]string{nodejs + "npm.cmd": npmCmd11}},
		{
			name: "cmd-shim in a project", path: `C:\p\node_modules\.bin\npm.cmd`,
			files: map[string]string{`C:\p\node_modules\.bin\npm.cmd`: shim(cmdShim, `..\npm\bin\npm-cli.js`)},
			want:  []string{`D:\node.exe`, `C:\p\node_modules\.bin\..\npm\bin\npm-cli.js`},
		},
		{
			name: "corepack", path: nodejs + "npm.cmd",
			files: with(npms, nodejs+"npm.cmd", shim(oldShim, `node_modules\corepack\dist\npm.js`)),
			want:  []string{nodejs + "node.exe", nodejs + `node_modules\corepack\dist\npm.js`},
		},
		{
			name: "a shim that sets NODE_PATH", path: roaming + "pnpm.cmd",
			files: map[string]string{roaming + "pnpm.cmd": "@SET \"NODE_PATH=x\"\r\n" + shim(oldShim, `x.js`)},
		},
		{
			name: "volta", path: `C:\volta\npm.cmd`, files: map[string]string{`C:\volta\npm.cmd`: "@echo off\nvolta run %~n0 %*\n"},
			want: []string{`D:\volta.exe`, "run", "npm"},
		},
		{name: "a shim that is a program", path: `C:\volta\npm.exe`, want: []string{`C:\volta\npm.exe`}},
		{
			name: "scoop", path: `C:\scoop\shims\npm.cmd`,
			files: with(npms, `C:\scoop\shims\npm.cmd`, "@rem "+nodejs+"npm.cmd\r\n@\""+nodejs+"npm.cmd\" %*\r\n"),
			want:  []string{nodejs + "node.exe", nodejs + cli},
		},
		{
			name: "the program of that name beside it", path: `C:\t\npm.cmd`, files: map[string]string{`C:\t\npm.cmd`: "@echo off\r\n\"%~dpn0.exe\" %*\r\n"},
			want: []string{`C:\t\npm.exe`},
		},
		{name: "npm-cli.js itself", path: nodejs + cli, files: npms, want: []string{`D:\node.exe`, nodejs + cli}},
		{name: "one that calls itself", path: `D:\npm.cmd`, files: map[string]string{`D:\npm.cmd`: "@\"D:\\npm.cmd\" %*"}},
		{name: "one that does more", path: `D:\npm.cmd`, files: map[string]string{`D:\npm.cmd`: "@echo off\r\nset HTTPS_PROXY=x\r\nnode cli.js %*\r\n"}},
		{name: "a variable in its way", path: `D:\npm.cmd`, files: map[string]string{`D:\npm.cmd`: "\"%NVM_SYMLINK%\\npm.exe\" %*"}},
		{name: "one that cannot be read", path: `D:\npm.cmd`},
	} {
		var asked []string
		d := disk{
			isFile: func(path string) bool { return c.files[path] != "" },
			read:   func(path string) string { return c.files[path] },
			find:   func(name string) string { return `D:\` + name + ".exe" },
			prefix: func(argv []string) string {
				asked = argv
				return c.prefix
			},
		}
		got, ok := d.through(c.path, 4)
		if ok != (c.want != nil) || ok && !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, ok, c.want)
		}
		if c.asked != nil && !slices.Equal(asked, c.asked) {
			t.Errorf("%s: asked %q, want %q", c.name, asked, c.asked)
		}
	}
}

func with(files map[string]string, path, text string) map[string]string {
	more := map[string]string{path: text}
	for p, t := range files {
		if p != path {
			more[p] = t
		}
	}
	return more
}

// What npm itself brings along is seen through.
func TestThroughRealNPM(t *testing.T) {
	if testing.Short() {
		t.Skip("needs real npms")
	}
	for _, release := range realnpm.Versions {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(filepath.Dir(realnpm.Path(t, release))), "node_modules", "npm", "bin", "npm.cmd"))
		if err != nil {
			t.Fatal(err)
		}
		d := disk{
			isFile: func(string) bool { return true }, read: func(string) string { return string(text) },
			prefix: func([]string) string { return "" },
		}
		want := []string{nodejs + "node.exe", nodejs + `node_modules\npm\bin\npm-cli.js`}
		if got, ok := d.through(nodejs+"npm.cmd", 4); !ok || !slices.Equal(got, want) {
			t.Errorf("npm %s: %q, %v", release, got, ok)
		}
	}
}

// A batch file that is not seen through gets no argument that cmd.exe would misread.
func TestMisread(t *testing.T) {
	for arg, misreads := range map[string]bool{
		"--tag=next": false, `C:\a b\c.tgz`: false, "--//host:1/:_authToken=x-y_z~": false, "--@acme:registry=https://h/": false, "": false,
		"a&calc": true, "100%": true, "a^b": true, `say "x"`: true, "a|b": true, "<x": true, "a>b": true, "!x!": true, "a\nb": true, "(x)": true,
	} {
		if err := misread([]string{`C:\npm.cmd`, "publish", arg}); (err != nil) != misreads {
			t.Errorf("%q: %v", arg, err)
		}
		if err := misread([]string{`C:\node.exe`, arg}); err != nil {
			t.Errorf("%q to a program: %v", arg, err)
		}
	}
}

func TestTypedForCmd(t *testing.T) {
	got := typed([]string{`C:\Windows\System32\cmd.exe`, "/d", "/s", "/c", `"C:\op cli\op.exe" read "op://npm/otp"`})
	if want := `"C:\Windows\System32\cmd.exe" /d /s /c ""C:\op cli\op.exe" read "op://npm/otp""`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
