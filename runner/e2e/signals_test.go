//go:build !windows

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Every signal that ends a process ends safepublish in order, as SIGTERM does.

// harmless are the signals that end no Go program. Of job control's and of those
// that cannot be caught there is nothing to test.
var harmless = map[syscall.Signal]bool{
	unix.SIGCONT: true, unix.SIGCHLD: true, unix.SIGURG: true, unix.SIGWINCH: true,
	unix.SIGPROF: true, unix.SIGPIPE: true, unix.SIGXFSZ: true, unix.SIGIO: true,
}

// The cheapest place at which a signal can come: explain waits for its input.
func TestEverySignalEndsWithItsStatusAndNoDump(t *testing.T) {
	for n := syscall.Signal(1); n < 32; n++ {
		switch n {
		case unix.SIGKILL, unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
			continue
		}
		t.Run(n.String(), func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(program, "explain", "-")
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			cmd.Env, cmd.Stdout, cmd.Stderr = []string{"HOME=" + t.TempDir()}, &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			if _, err := in.Write(bytes.Repeat([]byte("\n"), 1<<20)); err != nil { // more than a pipe holds: it reads
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(n); err != nil {
				t.Fatal(err)
			}
			want := 128 + int(n)
			if harmless[n] {
				want = 0
				in.Close()
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != want || strings.Contains(out.String(), "goroutine ") {
				t.Errorf("status %d, want %d\n%s", got, want, out.String())
			}
		})
	}
}

// ended checks what must hold after any end by a signal.
func (p *project) ended(x *terminal, sig syscall.Signal, before map[string]string) {
	p.t.Helper()
	if status := x.wait(); status != 128+int(sig) { // checks the terminal's settings
		p.t.Errorf("%v: status %d", sig, status)
	}
	if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
		p.t.Errorf("%v: the files are not as they were:\n%q", sig, after)
	}
	if _, shown := x.text(); strings.Contains(shown, "goroutine ") {
		p.t.Errorf("%v: a dump:\n%s", sig, shown)
	}
	if doc := validReport(p.t, filepath.Join(filepath.Dir(p.dir), "r.json")); doc.Exit == nil || *doc.Exit != 128+int(sig) {
		p.t.Errorf("%v: the report ends with %+v", sig, doc.Exit)
	}
	left, _ := filepath.Glob(filepath.Join(p.home, "state", "safepublish", "folders", "*.json"))
	if len(left) > 0 {
		p.t.Errorf("%v: left behind: %v", sig, left)
	}
}

func TestRealSignalAtTheMenuTakesTheEditBack(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{unix.SIGQUIT, unix.SIGABRT, unix.SIGINT, unix.SIGXCPU} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("demo", "1.0.0")
			reg.answersWith(spam)
			p := newProject(t, npm11, reg.URL, demo)
			before := p.tree()
			x := p.terminal("--fix", "bump=patch", "--report", "../r.json")
			x.menu("name-blocked")
			if p.read("package.json") == demo {
				t.Error("no edit was made")
			}
			if err := x.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			p.ended(x, sig, before)
		})
	}
}

// A terminal that ^S has stopped takes nothing that is printed.
func TestRealSignalUnderAStoppedTerminal(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	reg.answersWith(spam)
	p := newProject(t, npm11, reg.URL, demo)
	before := p.tree()
	x := p.terminal("--fix", "bump=patch", "--report", "../r.json")
	x.menu("name-blocked")
	if err := stopOutput(x.slave); err != nil {
		t.Fatal(err)
	}
	if err := x.cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	p.ended(x, unix.SIGTERM, before)
}

func TestRealSignalAtASecretQuestion(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	reg.wantsOTP("654321")
	p := newProject(t, npm11, reg.URL, demo)
	before := p.tree()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	x := onTerminal(t, p.dir, p.env, write, program, "--report", "../r.json")
	write.Close()
	x.menu("otp-required")
	x.send("\r")
	x.await("ne-time password (")
	if err := x.cmd.Process.Signal(unix.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	p.ended(x, unix.SIGQUIT, before)
}

// ^\ is a key of the terminal's that reaches us and the npm that we ask.
func TestRealQuitWhileTheRegistryIsAsked(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "1.0.0")
	asked, release, put := make(chan struct{}), make(chan struct{}), false
	t.Cleanup(func() { close(release) }) // before the stub waits for its connections
	reg.answersWith(answer{status: 403, err: "Forbidden"}).tells(func(event string) {
		if put && event == "get" {
			close(asked)
			<-release
		}
		put = put || event == "answered"
	})
	p := newProject(t, npm11, reg.URL, demo)
	before := p.tree()
	x := p.terminal("--fix", "bump=patch", "--report", "../r.json")
	<-asked
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(x.cmd.Process.Pid)).Output()
	if err != nil {
		t.Fatalf("nothing asks: %v", err)
	}
	x.send("\x1c")
	p.ended(x, unix.SIGQUIT, before)
	for pid := range strings.FieldsSeq(string(out)) {
		if stat, err := os.ReadFile("/proc/" + pid + "/stat"); err == nil && !strings.Contains(string(stat), ") Z ") {
			t.Errorf("a question goes on: %s", stat)
		}
	}
}

// While a published version is waited for, ^\ ends all and changes nothing of what
// is said of it.
func TestRealQuitWhileWaiting(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "0.9.0")
	reg.answersWith(answer{status: 201, store: true, hide: true})
	p := newProject(t, npm11, reg.URL, demo)
	before := p.tree()
	x := p.terminal("--wait=10m", "--report", "../r.json")
	x.await("to be readable on")
	x.send("\x1c")
	p.ended(x, unix.SIGQUIT, before)
	if doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")); doc.Outcome != "accepted" {
		t.Errorf("outcome %s", doc.Outcome)
	}
}

// Nobody reads what npm prints: a signal ends both all the same.
func TestRealSignalWhileNobodyReads(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0","scripts":{"prepack":"yes >&2"}}`)
	cmd := p.command("--no-check", "--report", "../r.json")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for line := bufio.NewReader(stderr); ; {
		if text, err := line.ReadString('\n'); err != nil {
			t.Fatal(err)
		} else if text == "y\n" {
			break
		}
	}
	if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if end, err := cmd.Process.Wait(); err != nil || end.ExitCode() != 143 {
		t.Errorf("%v, %v", end, err)
	}
	if doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json")); doc.Outcome != "not-published" || *doc.Exit != 143 {
		t.Errorf("outcome %s, exit %d", doc.Outcome, *doc.Exit)
	}
	if uploads, _ := reg.got(); len(uploads) > 0 {
		t.Errorf("uploads %+v", uploads)
	}
}
