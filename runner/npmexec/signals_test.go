//go:build unix

package npmexec

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inCI starts publishProgram as a CI does: pipes, nobody to ask, no terminal.
func inCI(t *testing.T, o order) (cmd *exec.Cmd, stdout *bufio.Reader, report string) {
	t.Helper()
	cmd = testProgram(t, "publish", &o)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, bufio.NewReader(pipe), o.Report
}

func readLine(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("after %q: %v", line, err)
	}
	return strings.TrimSuffix(line, "\n")
}

// A cancelled job: the signal goes to safepublish alone. Neither npm nor what its
// script has started goes on.
func TestAskedToEndLeavesNothingBehind(t *testing.T) {
	for _, s := range []struct {
		sent   syscall.Signal
		by     string
		status int
	}{
		{syscall.SIGTERM, "terminated", 143},
		{syscall.SIGHUP, "hangup", 129},
		{syscall.SIGINT, "terminated", 130}, // npm 9 would swallow a SIGINT
		{syscall.SIGQUIT, "terminated", 131},
		{syscall.SIGABRT, "terminated", 134},
		{syscall.SIGUSR1, "terminated", 138}, // node would start its debugger
	} {
		t.Run(s.sent.String(), func(t *testing.T) {
			cmd, out, report := inCI(t, order{NPM: fakeNPM(t, `sh -c 'sleep 60 & echo $!; wait; echo on' & wait; echo no`)})
			pid, err := strconv.Atoi(readLine(t, out))
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(s.sent); err != nil {
				t.Fatal(err)
			}
			rest, _ := io.ReadAll(out)
			o := waitFor(t, cmd, report)
			if o.Signal != s.by || o.Got != s.sent.String() || o.Status != s.status {
				t.Errorf("signal %q, got %q, status %d", o.Signal, o.Got, o.Status)
			}
			if len(rest) > 0 {
				t.Errorf("npm went on: %q", rest)
			}
			if alive(pid) {
				t.Error("the script's child is still alive")
			}
		})
	}
}

// alive tells whether a process outlives what should have ended it by more than
// the moment that the kernel takes for that.
func alive(pid int) bool {
	for until := time.Now().Add(time.Second); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil || strings.Contains(string(stat), ") Z ") {
			return false
		}
	}
	return true
}

// A script that handles the signal and ends well makes npm go on to the upload.
func TestAskedToEndIsAskedAgain(t *testing.T) {
	npm := fakeNPM(t, `trap 'trap - TERM; echo cleaning up' TERM; sleep 60 & echo ready; wait; sleep 60; echo published`)
	cmd, out, report := inCI(t, order{NPM: npm})
	readLine(t, out)
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if line := readLine(t, out); line != "cleaning up" {
		t.Errorf("npm said %q", line)
	}
	rest, _ := io.ReadAll(out)
	if o := waitFor(t, cmd, report); o.Signal != "terminated" || len(rest) > 0 || time.Since(began) > 20*time.Second {
		t.Errorf("%+v, and npm said %q", o, rest)
	}
}

// ^C and ^\ of a terminal reach npm by themselves: they are not passed on a second
// time, and an npm that decides to go on goes on, also where nobody may be asked.
func TestKeysOfATerminalAreNPMsToDecide(t *testing.T) {
	for name, key := range map[string]string{"INT": "\x03", "QUIT": "\x1c"} {
		for _, ask := range []bool{true, false} {
			npm := fakeNPM(t, `n=0; trap 'n=$((n+1)); echo interrupt $n' `+name+`; trap 'echo no' TERM; sleep 1 & echo ready; wait; wait; exit 3`)
			s := on(t, "publish", order{NPM: npm, Ask: ask}, nil)
			s.expect("ready")
			s.send(key)
			s.expect("interrupt 1")
			o := s.wait()
			if o.Exit != 3 || o.Got != "" || strings.Contains(s.screen(), "interrupt 2") || strings.Contains(s.screen(), "no") {
				t.Errorf("%s, ask %v: exit %d, got %q, screen %q", name, ask, o.Exit, o.Got, s.screen())
			}
		}
	}
}

// A signal that comes in the very instant in which npm has ended is not lost: the
// relay ends first, and what came by then is looked at.
func TestSignalInTheInstantOfNPMsEnd(t *testing.T) {
	r := quiet(t, fakeNPM(t, "exit 0"))
	r.Relay = func(to chan<- os.Signal) (stop func()) {
		return func() { to <- syscall.SIGTERM }
	}
	if result := publish(t, r, Attempt{}); result.SignalToUs != syscall.SIGTERM {
		t.Errorf("got %v", result.SignalToUs)
	}
}

// An end that nobody waits for ends what answers a question, and what that has started.
func TestEndQuestions(t *testing.T) {
	started := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	r := quiet(t, fakeNPM(t, "sh -c 'echo $$ > "+started+"; exec sleep 600' & wait"))
	answered := make(chan answer)
	go func() { answered <- r.question(context.Background(), probeTime, r.Dir, r.Env, "view") }()
	pid, err := strconv.Atoi(strings.TrimSpace(read(t, started)))
	if err != nil {
		t.Fatal(err)
	}
	EndQuestions()
	if a := <-answered; a.came {
		t.Error("it came to its end")
	}
	if alive(pid) {
		t.Error("what it has started goes on")
	}
}

// npm must not inherit a signal that is ignored because of us, and must go on
// ignoring one that was ignored before (nohup).
func TestNPMInheritsTheSignalsOfBefore(t *testing.T) {
	npm := fakeNPM(t, `grep SigIgn /proc/$$/status`)
	mask := func() uint64 {
		cmd, out, report := inCI(t, order{NPM: npm})
		line := readLine(t, out)
		waitFor(t, cmd, report)
		return ignored(t, line)
	}
	if got := mask(); got != 0 {
		t.Errorf("npm ignores signals %b", got)
	}
	o := order{NPM: npm}
	cmd := testProgram(t, "publish", &o)
	cmd.Args = []string{"sh", "-c", `trap "" HUP; exec "$0"`, cmd.Path}
	cmd.Path = "/bin/sh"
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := ignored(t, string(text)); got != 1<<(syscall.SIGHUP-1) {
		t.Errorf("under nohup npm ignores signals %b", got)
	}
}

func ignored(t *testing.T, line string) uint64 {
	t.Helper()
	_, hex, _ := strings.Cut(line, ":")
	n, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// "safepublish | head -1": a write to the closed pipe must neither end us nor
// hold npm up in the middle of an upload.
func TestClosedStdoutDoesNotStopNPM(t *testing.T) {
	dir := t.TempDir()
	npm := fakeNPM(t, "echo one; seq 1 70000; seq 1 70000; touch published; exit 0")
	o := order{NPM: npm, Dir: dir}
	cmd := testProgram(t, "publish", &o)
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = to
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	to.Close()
	if line := readLine(t, bufio.NewReaderSize(from, 16)); line != "one" {
		t.Errorf("got %q", line)
	}
	from.Close()
	got := waitFor(t, cmd, o.Report)
	if got.Exit != 0 || len(got.Stdout) != 4+2*408894 {
		t.Errorf("exit %d, %d bytes captured", got.Exit, len(got.Stdout))
	}
	if _, err := os.Stat(filepath.Join(dir, "published")); errors.Is(err, os.ErrNotExist) {
		t.Error("npm did not come to its end")
	}
}
