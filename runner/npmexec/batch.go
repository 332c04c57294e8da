package npmexec

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/runner/npmrc"
)

// On Windows npm, pnpm and yarn are batch files. cmd.exe would read every argument a second
// time, by its own rules, and ask "Terminate batch job (Y/N)?" after ^C, so that what
// such a file would start is started in its place.

// through returns the command that the program at path, from Find, stands for: itself,
// node with a script, or what a version manager's batch file starts. It is path alone
// where a batch file cannot be seen through; see misread.
func through(ctx context.Context, env []string, dir, path string) []string {
	if runtime.GOOS != "windows" {
		return []string{path}
	}
	d := disk{
		isFile: func(path string) bool {
			info, err := os.Stat(path)
			return err == nil && info.Mode().IsRegular()
		},
		read: func(path string) string {
			text, _ := os.ReadFile(path) // one that cannot be read is not seen through
			return string(text)
		},
		find: func(name string) string {
			found, _ := Find(npmrc.Getenv(env, "PATH"), name)
			return found
		},
		prefix: func(argv []string) string {
			out, _ := printed(ctx, env, dir, argv[0], argv[1:]...)
			return out
		},
	}
	argv, ok := d.through(path, 4)
	if !ok {
		return []string{path}
	}
	if last := len(argv) - 1; last > 0 && strings.Contains(argv[last], `\`) {
		argv[last] = filepath.Clean(argv[last])
	}
	return argv
}

// disk is what through looks at on Windows; a test has its own.
type disk struct {
	isFile func(path string) bool
	read   func(path string) string
	find   func(name string) string   // a program on PATH, "" for none
	prefix func(argv []string) string // what npm prints that is asked for its global prefix
}

var (
	script     = pattern.New(`(?i)\.[cm]?js$`)
	batch      = pattern.New(`(?i)\.(?:cmd|bat)$`)
	executable = pattern.New(`(?i)\.(?:exe|com)$`)

	// npmsOwn is the line by which npm's own npm.cmd names its npm-cli.js (npm 6.14.18 to
	// 12.2.0, bin/npm.cmd); npmsPrefix names what prints the global prefix, from npm 10 on.
	npmsOwn    = pattern.New(`(?mi)^SET "NPM_CLI_JS=%~dp0\\(node_modules\\npm\\bin\\npm-cli\.js)"\s*$`)
	npmsPrefix = pattern.New(`(?mi)^SET "NPM_PREFIX_JS=%~dp0\\(node_modules\\npm\\bin\\npm-prefix\.js)"\s*$`)

	// shimmed is the line by which the batch file of a package's program starts node
	// (cmd-shim 8.0.0, lib/index.js, and read-cmd-shim; corepack's and older ones' are in
	// the other forms). One that sets NODE_PATH first is more than its line.
	shimmed = pattern.New(`(?mi)^[^\r\n"]*(?:"%_prog%"|"%~dp0\\node\.exe"|\bnode)\s+"%(?:~dp0|dp0%)\\([^"%\r\n]+\.[cm]?js)"\s+%\*\s*$`)

	// silent are the lines of a batch file that start nothing.
	silent = pattern.New(`(?i)^@?(?:echo off|setlocal|rem\b.*|::.*|)$`)

	// forward is a line that hands everything on, as volta's "volta run %~n0 %*"
	// (volta-cli/volta, crates/volta-core/src/shim.rs) and scoop's "C:\…\x.exe" %* do.
	forward = pattern.New(`^@?("[^"]+"|[\w.-]+)((?: +[\w.%~-]+)*) +%\*$`)
)

// through is the function of that name. A batch file may start another, so many deep.
func (d disk) through(path string, deep int) (argv []string, ok bool) {
	switch {
	case script.MatchString(path):
		node := d.node(folderOf(path))
		return []string{node, path}, node != ""
	case !batch.MatchString(path):
		return []string{path}, true
	}
	argv, ok = d.once(path)
	if !ok || deep == 0 {
		return nil, false
	}
	first, ok := d.through(argv[0], deep-1)
	return append(first, argv[1:]...), ok
}

// once returns what one batch file starts, before the arguments.
func (d disk) once(path string) (argv []string, ok bool) {
	text, dir := d.read(path), folderOf(path)
	if own := npmsOwn.FindStringSubmatch(text); own != nil {
		return d.npm(dir, text, dir+own[1])
	}
	if m := shimmed.FindStringSubmatch(text); m != nil && !strings.Contains(text, "NODE_PATH") {
		node := d.node(dir)
		return []string{node, dir + m[1]}, node != ""
	}
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(l string) bool { return silent.MatchString(strings.TrimSpace(l)) })
	if len(lines) != 1 {
		return nil, false
	}
	m := forward.FindStringSubmatch(strings.TrimSpace(lines[0]))
	if m == nil {
		return nil, false
	}
	name := path[len(dir) : len(path)-len(".cmd")]
	known := strings.NewReplacer("%~dp0", dir, "%~dpn0", dir+name, "%~n0", name)
	argv = append([]string{known.Replace(strings.Trim(m[1], `"`))}, strings.Fields(known.Replace(m[2]))...)
	if !strings.Contains(argv[0], `\`) {
		argv[0] = d.find(argv[0])
	}
	return argv, argv[0] != "" && !strings.Contains(strings.Join(argv, ""), "%")
}

// npm is what npm's own npm.cmd starts: the npm that was installed globally, where there
// is one, else the one beside it.
func (d disk) npm(dir, text, cli string) (argv []string, ok bool) {
	node := d.node(dir)
	if node == "" || !d.isFile(cli) {
		return nil, false
	}
	ask := []string{node, cli, "prefix", "-g"}
	if m := npmsPrefix.FindStringSubmatch(text); m != nil {
		ask = []string{node, dir + m[1]}
	}
	lines := strings.Split(strings.TrimSpace(d.prefix(ask)), "\n")
	prefix := strings.TrimSpace(lines[len(lines)-1])
	if global := prefix + `\node_modules\npm\bin\npm-cli.js`; prefix != "" && d.isFile(global) {
		cli = global
	}
	return []string{node, cli}, true
}

// node is the node beside a script or on PATH, "" where there is none that is no script
// itself.
func (d disk) node(dir string) string {
	if beside := dir + "node.exe"; d.isFile(beside) {
		return beside
	}
	if found := d.find("node"); executable.MatchString(found) {
		return found
	}
	return ""
}

// folderOf is the folder of a file on Windows, with its last backslash.
func folderOf(path string) string { return path[:strings.LastIndexByte(path, '\\')+1] }

// plainWord is what cmd.exe reads in an argument as it is meant, wherever in a batch file
// it comes to stand.
var plainWord = pattern.New(`^[\w@.:/\\=,+~ '#{}\[\]-]*$`)

// start is the command that starts argv; it fails where argv would not arrive as it is.
func start(argv []string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	if runtime.GOOS == "windows" && cmd.Err == nil {
		cmd.Err = misread(argv)
	}
	return cmd
}

// misread returns an error where a program is a batch file that was not seen through and
// cmd.exe would take one of the arguments for something else: os/exec quotes for programs
// alone (CVE-2024-24576).
func misread(argv []string) error {
	if !batch.MatchString(argv[0]) || !slices.ContainsFunc(argv[1:], func(arg string) bool { return !plainWord.MatchString(arg) }) {
		return nil
	}
	return &npm.UsageError{
		Problem: argv[0] + " is a batch file of its own kind, and cmd.exe would misread an argument on the way through it",
		Instead: `name npm's own: --npm DIR\npm.cmd`,
	}
}

// typed is the command line by which cmd.exe gets the last of its arguments as a person
// would type it, its quotes too: with /s it takes away the outer ones and no other.
func typed(argv []string) string {
	last := len(argv) - 1
	return `"` + argv[0] + `" ` + strings.Join(argv[1:last], " ") + ` "` + argv[last] + `"`
}
