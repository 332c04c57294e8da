//go:build !windows

package e2e

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"safepublish/runner/realnpm"
)

// tarballs are the npm packages of .ci/npm/pack.js for this system, around the program that
// is tested: the paths of the tarballs, the one of the program first.
var tarballs = sync.OnceValues(func() (paths []string, err error) {
	system, err := exec.Command("node", "-p", "process.platform + '-' + process.arch").Output()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(filepath.Dir(program), "npm")
	build := filepath.Join(dir, "builds", strings.TrimSpace(string(system)))
	if err := os.MkdirAll(build, 0o755); err != nil {
		return nil, err
	}
	if err := os.Link(program, filepath.Join(build, "safepublish")); err != nil {
		return nil, err
	}
	if out, err := exec.Command("node", filepath.Join("..", "..", ".ci", "npm", "pack.js"), released, filepath.Dir(build), dir).CombinedOutput(); err != nil {
		return nil, errors.New(string(out))
	}
	one, _ := filepath.Glob(filepath.Join(dir, "safepublish-*-*-"+released+".tgz"))
	return append(one, filepath.Join(dir, "safepublish-"+released+".tgz")), nil
})

// unpacked is a node_modules with the npm packages, and the path of the program in it.
func unpacked(t *testing.T) (modules, program string) {
	t.Helper()
	paths, err := tarballs()
	if err != nil {
		t.Fatal(err)
	}
	modules = filepath.Join(t.TempDir(), "node_modules")
	system := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(paths[0]), "safepublish-"), "-"+released+".tgz")
	for i, folder := range []string{"@safepublish/" + system, "safepublish"} {
		folder = filepath.Join(modules, folder)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("tar", "-xzf", paths[i], "-C", folder, "--strip-components=1").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return modules, filepath.Join(modules, "@safepublish", system, "bin", "safepublish")
}

// nodeOf is the node that an npm release has of its own.
func nodeOf(t *testing.T, npm string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(realnpm.Path(t, npm)), "..", "node_modules", "node-*", "bin", "node"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

// eachHandover runs a story with a node that has execve and with one that has not, and with
// a shell script in the place of the program.
func eachHandover(t *testing.T, script string, story func(t *testing.T, argv []string)) {
	t.Helper()
	for name, npm := range map[string]string{"execve": npm12, "spawn": "6.14.18"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			modules, program := unpacked(t)
			if script != "" {
				if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			story(t, []string{nodeOf(t, npm), filepath.Join(modules, "safepublish", "bin", "safepublish.js")})
		})
	}
}

// shellStatus is the status of an ended command as a shell has it.
func shellStatus(cmd *exec.Cmd) int {
	if ws := cmd.ProcessState.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return cmd.ProcessState.ExitCode()
}

// What the npm package starts gets the arguments and streams as they are, and its status is
// passed on; node says nothing of its own.
func TestNPMPackageHandsOver(t *testing.T) {
	t.Parallel()
	eachHandover(t, `for a; do echo "<$a>"; done; cat; echo to stderr >&2; exec sh -c "$1"`, func(t *testing.T, argv []string) {
		for ends, want := range map[string]int{"exit 0": 0, "exit 65": 65, "kill -KILL $$": 137, "kill -TERM $$": 143, "kill -INT $$": 130} {
			cmd := exec.Command(argv[0], append(argv[1:], ends, "", "a 'b' \"c\"\n$d", "--", "--eval")...)
			cmd.Env, cmd.Stdin = []string{"PATH=" + os.Getenv("PATH")}, strings.NewReader("from stdin\n")
			stdout, stderr, _ := outputOf(t, cmd)
			if want := "<" + ends + ">\n<>\n<a 'b' \"c\"\n$d>\n<-->\n<--eval>\nfrom stdin\n"; stdout != want || stderr != "to stderr\n" {
				t.Errorf("stdout %q\nwant   %q\nstderr %q", stdout, want, stderr)
			}
			if got := shellStatus(cmd); got != want {
				t.Errorf("%s: %d, want %d", ends, got, want)
			}
		}
	})
	eachHandover(t, "", func(t *testing.T, argv []string) {
		stdout, stderr, status := outputOf(t, exec.Command(argv[0], append(argv[1:], "--version")...))
		if stdout != "safepublish "+released+"\n" || stderr != "" || status != 0 {
			t.Errorf("%d %q %q", status, stdout, stderr)
		}
	})
}

// A signal that is sent to what was started comes to the program.
func TestNPMPackagePassesSignalsOn(t *testing.T) {
	t.Parallel()
	const script = `for s in HUP INT QUIT TERM USR1 USR2; do trap "echo $s; exit 9" $s; done; echo ready; for i in $(seq 999); do sleep 0.03; done`
	eachHandover(t, script, func(t *testing.T, argv []string) {
		for _, sig := range []syscall.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2} {
			cmd := exec.Command(argv[0], argv[1:]...)
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(out)
			lines.Scan()
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			lines.Scan()
			_ = cmd.Wait()
			if want := strings.TrimPrefix(unix.SignalName(sig), "SIG"); lines.Text() != want || shellStatus(cmd) != 9 {
				t.Errorf("%s: got %q, status %d", want, lines.Text(), shellStatus(cmd))
			}
		}
	})
	eachHandover(t, "", func(t *testing.T, argv []string) { // the program's own end
		cmd := exec.Command(argv[0], append(argv[1:], "explain", "-")...)
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write(make([]byte, 1<<20)); err != nil { // more than a pipe holds: it reads
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if got := shellStatus(cmd); got != 143 {
			t.Errorf("status %d", got)
		}
	})
}

// ^C comes to the program once, ^Z stops it with node, and the terminal is given back as
// it was.
func TestNPMPackageOnATerminal(t *testing.T) {
	t.Parallel()
	const script = `n=0; trap 'n=$((n+1)); echo interrupted $n' INT; echo ready; until read line; do :; done; echo read "$line" after $n; exit 7`
	eachHandover(t, script, func(t *testing.T, argv []string) {
		env := []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm", "PS1=shell$ ", "HOME=" + t.TempDir()}
		x := onTerminal(t, t.TempDir(), env, nil, "bash", "--norc", "--noediting", "-i")
		x.await("shell$")
		x.send(strings.Join(argv, " ") + "\r")
		x.await("\nready")
		x.send("\x03")
		x.await("interrupted 1")
		x.send("\x1a")
		x.await("Stopped")
		x.await("shell$")
		x.send("fg\r")
		x.await("safepublish.js")
		x.send("typed\r")
		x.await("read typed after 1")
		x.send("echo status $?; exit\r")
		x.await("status 7")
		x.ends(0)
	})
}

// Where the program is not there or cannot be started one line says how to mend it.
func TestNPMPackageWithoutItsProgram(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		breaks func(program string) error
		node   []string
		says   string
	}{
		"--omit=optional": {
			breaks: func(program string) error { return os.RemoveAll(filepath.Join(program, "..", "..")) },
			says:   "safepublish: install again without --omit=optional: @safepublish/",
		},
		"not executable": {breaks: func(program string) error { return os.Chmod(program, 0o644) }, says: "EACCES"},
		"another system": {node: []string{"--require", "./mips.js"}, says: "there is no build for linux-mips, only @safepublish/"},
	} {
		t.Run(name, func(t *testing.T) {
			eachHandover(t, "", func(t *testing.T, argv []string) {
				modules := filepath.Join(argv[1], "..", "..", "..")
				if found, _ := filepath.Glob(filepath.Join(modules, "@safepublish", "*", "bin", "safepublish")); c.breaks != nil {
					if err := c.breaks(found[0]); err != nil {
						t.Fatal(err)
					}
				}
				mips := "for (const [k, v] of [['arch', 'mips'], ['platform', 'linux']]) Object.defineProperty(process, k, { value: v })"
				if err := os.WriteFile(filepath.Join(modules, "mips.js"), []byte(mips), 0o600); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(argv[0], append(c.node, argv[1], "--version")...)
				cmd.Dir = modules
				stdout, stderr, status := outputOf(t, cmd)
				if status != 127 || stdout != "" || !strings.Contains(stderr, c.says) || strings.Count(stderr, "\n") != 1 {
					t.Errorf("status %d\n%s%s", status, stdout, stderr)
				}
			})
		})
	}
}
