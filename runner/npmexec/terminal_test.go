//go:build unix

package npmexec

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

func ignoreTTOU() { signal.Ignore(syscall.SIGTTOU) }

// However npm ends, the terminal's settings are those of before: session.wait looks.
func TestTerminalIsLeftAsItWas(t *testing.T) {
	endings := map[string]struct {
		script string
		keys   string // sent when npm shows "ready"
		signal syscall.Signal
		exit   int
		by     string
		got    string
	}{
		"published":          {script: "echo ready; exit 0"},
		"refused":            {script: "echo ready; exit 1", exit: 1},
		"killed while raw":   {script: "stty raw -echo; echo ready; kill -9 $$", exit: -1, by: "killed"},
		"left raw":           {script: "stty raw -echo; echo ready; exit 3", exit: 3},
		"^C":                 {script: "echo ready; read x; echo no", keys: "\x03", exit: -1, by: "interrupt"},
		"^C at a raw prompt": {script: `stty raw -echo; echo ready; k=$(dd bs=1 count=1 2>/dev/null | od -An -tx1); [ "$k" = " 03" ] && exit 1; exit 9`, keys: "\x03", exit: 1},
		"^C that npm traps":  {script: "trap 'exit 5' INT; echo ready; read x; echo no", keys: "\x03", exit: 5},
		"^backslash":         {script: "ulimit -c 0; echo ready; read x; echo no", keys: "\x1c", exit: -1, by: "quit"},
		"terminated":         {script: "stty raw -echo; echo ready; sleep 60", signal: syscall.SIGTERM, exit: -1, by: "terminated", got: "terminated"},
		"hung up":            {script: "stty raw -echo; echo ready; sleep 60", signal: syscall.SIGHUP, exit: -1, by: "hangup", got: "hangup"},
	}
	// They wait in read, not in sleep: a ^C that comes while dash forks waits there
	// until the child has ended.
	for name, e := range endings {
		t.Run(name, func(t *testing.T) {
			s := on(t, "publish", order{NPM: fakeNPM(t, e.script), Ask: true}, nil)
			s.expect("ready")
			s.send(e.keys)
			if e.signal != 0 {
				if err := s.cmd.Process.Signal(e.signal); err != nil {
					t.Fatal(err)
				}
			}
			o := s.wait()
			if o.Exit != e.exit || o.Signal != e.by || o.Got != e.got {
				t.Errorf("exit %d, signal %q, got %q, want %d, %q, %q", o.Exit, o.Signal, o.Got, e.exit, e.by, e.got)
			}
		})
	}
}

// A killed npm may have hidden the cursor, and the terminal printed ^C.
func TestKilledNPMGetsItsLineEnded(t *testing.T) {
	s := on(t, "publish", order{NPM: fakeNPM(t, `printf '\033[?25l\033[31mready'; kill -9 $$`), Ask: true}, nil)
	s.expect("ready\x1b[?25h\x1b[0m\r\n")
	s.wait()
}

func TestStopAndForeground(t *testing.T) {
	s := on(t, "shell", order{NPM: fakeNPM(t, "echo ready; read line; echo read $line; exit 4"), Ask: true}, nil)
	s.expect("ready")
	s.send("\x1a")
	s.expect("shell: stopped by stopped")
	s.send("fg\n")
	s.send("typed\n")
	s.expect("read typed")
	s.expect("shell: ended 0")
	if o := s.wait(); o.Exit != 4 {
		t.Errorf("exit %d, want 4", o.Exit)
	}
}

// At its own question ^Z is a key to npm, which then stops only itself.
func TestNPMStopsItselfAndForeground(t *testing.T) {
	s := on(t, "shell", order{NPM: fakeNPM(t, "echo ready; kill -TSTP $$; read line; echo read $line; exit 4"), Ask: true}, nil)
	s.expect("shell: stopped by stopped")
	s.send("fg\n")
	s.send("typed\n")
	s.expect("read typed")
	s.expect("shell: ended 0")
	if o := s.wait(); o.Exit != 4 {
		t.Errorf("exit %d, want 4", o.Exit)
	}
}

func TestNPMReadsTheTerminalItself(t *testing.T) {
	script := "[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && printf 'Enter OTP: '; read otp; echo got $otp"
	s := on(t, "publish", order{NPM: fakeNPM(t, script), Ask: true}, nil)
	s.expect("Enter OTP: ") // before any newline
	s.send("123456\nleft over\n")
	s.expect("got 123456")
	s.wait()
	if line := firstLine(t, s.tty); line != "left over\n" {
		t.Errorf("what was typed next was taken: %q is left", line)
	}
}

func firstLine(t *testing.T, tty *os.File) string {
	t.Helper()
	buf := make([]byte, 100)
	n, err := tty.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return string(buf[:n])
}

// A script that starts a daemon must not hold us.
func TestGrandchildThatKeepsThePtyOpen(t *testing.T) {
	for _, ask := range []bool{true, false} {
		npm := fakeNPM(t, "sleep 60 & echo daemon $! ; exit 6")
		s := on(t, "publish", order{NPM: npm, Ask: ask}, nil)
		s.expect("daemon ")
		began := time.Now()
		o := s.wait()
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("ask %v: it took %v", ask, took)
		}
		if o.Exit != 6 {
			t.Errorf("ask %v: exit %d, want 6", ask, o.Exit)
		}
		pid, err := strconv.Atoi(strings.TrimSpace(strings.SplitAfter(s.screen(), "daemon ")[1]))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Errorf("the daemon was not left alone: %v", err)
		}
	}
}

func TestResizeReachesNPM(t *testing.T) {
	npm := fakeNPM(t, `exec 3>&1; stty size <&3
trap 's=$(stty size <&3); [ "$s" = "40 132" ] && kill $! && exit 0' WINCH
sleep 60 & echo ready; while :; do wait; done`)
	s := on(t, "publish", order{NPM: npm, Ask: true}, nil)
	s.expect("24 80")
	s.expect("ready")
	if err := pty.Setsize(s.ptmx, &pty.Winsize{Rows: 40, Cols: 132}); err != nil {
		t.Fatal(err)
	}
	if o := s.wait(); o.Exit != 0 {
		t.Errorf("exit %d, want 0", o.Exit)
	}
}

func TestNoOutputIsLost(t *testing.T) {
	s := on(t, "publish", order{NPM: fakeNPM(t, "seq 1 70000; printf end"), Ask: true}, nil)
	s.expect("end")
	o := s.wait()
	if len(o.Screen) != 408894+len("end") {
		t.Errorf("captured %d bytes", len(o.Screen))
	}
	// The terminal adds its own CR; npm ended in mid-line, which the runner ends.
	shown := strings.ReplaceAll(s.screen(), "\r\n", "\n")
	if shown != string(o.Screen)+"\n" {
		t.Errorf("the terminal shows %d bytes, captured were %d", len(shown), len(o.Screen))
	}
}

func TestCaptureOfALongRunIsBounded(t *testing.T) {
	s := on(t, "publish", order{NPM: fakeNPM(t, "echo first line; seq 1 350000; echo the error"), Ask: true}, nil)
	s.expect("the error")
	o := s.wait()
	total := int64(len("first line\nthe error\n") + 2338895)
	if n := len(o.Screen); n > headBytes+tailBytes || n < headBytes+tailBytes-20 {
		t.Errorf("captured %d bytes", len(o.Screen))
	}
	if got := string(o.Screen); !strings.HasPrefix(got, "first line\n1\n") || !strings.HasSuffix(got, "350000\nthe error\n") {
		t.Errorf("captured %q … %q", got[:20], got[len(got)-20:])
	}
	shown := strings.ReplaceAll(s.screen(), "\r\n", "\n")
	if int64(len(shown)) != total {
		t.Errorf("the terminal shows %d bytes of %d", len(shown), total)
	}
}

// Every stream that is no terminal is a pipe of its own, and only that.
func TestStreams(t *testing.T) {
	const script = `seen=""
for fd in 0 1 2; do if [ -t $fd ]; then seen=${seen}t; else seen=$seen-; fi; done
[ "$(readlink /proc/$$/fd/0)" = /dev/null ] && seen="$seen null"
printf '%s' "$seen" > seen; printf 'out\n'; printf 'err\n' >&2`
	for _, c := range []struct {
		outTTY, errTTY, ask   bool
		seen                  string
		screen, stdout, stder string
	}{
		{true, true, true, "ttt", "out\nerr\n", "", ""},
		{false, true, true, "t-t", "err\n", "out\n", ""},
		{true, false, true, "tt-", "out\n", "", "err\n"},
		{false, false, true, "t--", "", "out\n", "err\n"},
		{true, true, false, "--- null", "", "out\n", "err\n"},
		{false, true, false, "--- null", "", "out\n", "err\n"},
		{false, false, false, "--- null", "", "out\n", "err\n"},
	} {
		dir := t.TempDir()
		files := [2]string{filepath.Join(dir, "out"), filepath.Join(dir, "err")}
		s := on(t, "publish", order{NPM: fakeNPM(t, script), Dir: dir, Ask: c.ask}, func(cmd *exec.Cmd) {
			if !c.outTTY {
				cmd.Stdout = create(t, files[0])
			}
			if !c.errTTY {
				cmd.Stderr = create(t, files[1])
			}
		})
		o := s.wait()
		if seen := read(t, filepath.Join(dir, "seen")); seen != c.seen {
			t.Errorf("%+v: npm saw %q", c, seen)
		}
		if string(o.Screen) != c.screen || string(o.Stdout) != c.stdout || string(o.Stderr) != c.stder {
			t.Errorf("%+v: captured %q %q %q", c, o.Screen, o.Stdout, o.Stderr)
		}
		if !c.outTTY && read(t, files[0]) != "out\n" || !c.errTTY && read(t, files[1]) != "err\n" {
			t.Errorf("%+v: a pipe got other bytes than npm's", c)
		}
	}
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestInteractive(t *testing.T) {
	npm := fakeNPM(t, `[ "$1" = login ] && [ -t 0 ] && [ -t 1 ] && printf 'Username: '; read name; echo hello $name; stty -echo; exit 7`)
	out := filepath.Join(t.TempDir(), "out")
	s := on(t, "publish", order{NPM: npm, Ask: true, Interactive: []string{"npm", "login"}}, func(cmd *exec.Cmd) {
		cmd.Stdout = create(t, out)
	})
	s.expect("Username: ")
	s.send("alice\n")
	s.expect("hello alice")
	if o := s.wait(); o.Status != 7 || o.Err != "<nil>" {
		t.Errorf("%+v", o)
	}
	if text := read(t, out); text != "" {
		t.Errorf("stdout got %q", text)
	}
}
