//go:build unix

package npmexec

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"safepublish/classify/transcript"
	"safepublish/runner/realnpm"
)

// The test binary is also the programs under test, which need processes of their
// own: a terminal's session, a process group, signals.
func TestMain(m *testing.M) {
	switch os.Getenv("RUNNER_TEST_PROGRAM") {
	case "publish":
		publishProgram()
	case "shell":
		shellProgram()
	default:
		realnpm.TakeSignals()
		os.Exit(m.Run())
	}
}

// order is what publishProgram is told to do.
type order struct {
	NPM, Dir, State string
	Args, Env       []string
	Ask, Hold       bool
	Interactive     []string
	Waits           bool   // run Publish as a whole, and show what npm waits for
	Report          string // file for the outcome
}

// outcome is what publishProgram reports.
type outcome struct {
	Exit    int
	Signal  string
	Got     string
	Screen  []byte
	Stdout  []byte
	Stderr  []byte
	Held    []byte
	Elapsed time.Duration
	Status  int
	Err     string
	Upload  transcript.State
}

func publishProgram() {
	var o order
	if err := json.Unmarshal([]byte(os.Getenv("RUNNER_TEST_ORDER")), &o); err != nil {
		panic(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(e string) bool { return strings.HasPrefix(e, "RUNNER_TEST_") })
	r := &Runner{
		NPM: &NPM{Path: o.NPM, Dir: o.Dir, Env: append(env, o.Env...)}, StateDir: o.State, Ask: o.Ask,
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Redactor: transcript.NewRedactor(nil),
	}
	var out outcome
	if o.Waits {
		result := waitsProgram(r, o.Dir)
		out = outcome{Exit: result.Exit, Signal: result.Signal, Upload: result.Last().Upload.State}
	} else if o.Interactive != nil {
		status, err := r.Interactive(context.Background(), "", o.Interactive, nil)
		out = outcome{Status: status, Err: fmt.Sprint(err)}
	} else {
		out = r.outcome(Attempt{Args: o.Args, HoldStdout: o.Hold})
	}
	text, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	if err := os.WriteFile(o.Report, text, 0o600); err != nil {
		panic(err)
	}
}

// outcome is Publish up to the reading of what was captured.
func (r *Runner) outcome(a Attempt) outcome {
	s, err := r.openStreams(r.Ask, a.HoldStdout)
	if err != nil {
		return outcome{Err: err.Error()}
	}
	cmd := exec.Command(r.Path, logs{}.argv(a)...)
	cmd.Dir, cmd.Env = r.Dir, r.Env
	end, err := r.run(context.Background(), cmd, s)
	if err != nil {
		return outcome{Err: err.Error()}
	}
	in, held := s.captured()
	var whole bytes.Buffer
	_, lost := held.WriteTo(&whole)
	out := outcome{
		Exit: end.exit, Signal: end.signal, Screen: in.Screen, Stdout: in.Stdout, Stderr: in.Stderr,
		Held: whole.Bytes(), Err: fmt.Sprint(lost), Elapsed: end.elapsed, Status: end.status(),
	}
	if end.got != nil {
		out.Got = end.got.String()
	}
	return out
}

// shellProgram is as much of a shell as job control takes: it starts the program
// under test in a foreground process group of its own, says when it stopped,
// takes the terminal back, and continues it in the foreground.
func shellProgram() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RUNNER_TEST_PROGRAM=publish")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Foreground: true, Ctty: 0}
	if err := cmd.Start(); err != nil {
		panic(err)
	}
	job := cmd.Process.Pid
	for {
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(job, &status, syscall.WUNTRACED, nil); err == syscall.EINTR {
			continue
		}
		if !status.Stopped() {
			fmt.Println("shell: ended", status.ExitStatus())
			return
		}
		own := unix.Getpgrp()
		// Not stopped by our own taking of the terminal.
		ignoreTTOU()
		_ = unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, own)
		waitStopped(job)
		fmt.Println("shell: stopped by", status.StopSignal())
		var line string
		_, _ = fmt.Scanln(&line)
		_ = unix.IoctlSetPointerInt(0, unix.TIOCSPGRP, job)
		_ = syscall.Kill(-job, syscall.SIGCONT)
	}
}

// waitStopped waits until every process of a group has stopped. A reader that was
// not scheduled since the ^Z takes what is typed next before it stops.
func waitStopped(group int) {
	for {
		out, err := exec.Command("ps", "-A", "-o", "pgid=,stat=").Output()
		if err != nil {
			panic(err)
		}
		running := regexp.MustCompile(`(?m)^ *` + strconv.Itoa(group) + ` +[^TtZ]`)
		if !running.Match(out) {
			return
		}
	}
}

// fakeNPM writes a program that runs an sh script in place of npm.
func fakeNPM(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "npm")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// session is a program under test on a terminal of its own.
type session struct {
	t      *testing.T
	ptmx   *os.File
	tty    *os.File // kept open, so that its settings can be read at any time
	cmd    *exec.Cmd
	report string
	before unix.Termios // the settings before the program was started

	mu    sync.Mutex
	wake  *sync.Cond
	shown []byte
	read  int // how far expect has looked
}

// on starts a program on a terminal as the leader of its session. change may
// give it other streams.
func on(t *testing.T, program string, o order, change func(*exec.Cmd)) *session {
	t.Helper()
	ptmx, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(ptmx, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	s := &session{t: t, ptmx: ptmx, tty: tty, cmd: testProgram(t, program, &o), report: o.Report}
	s.wake = sync.NewCond(&s.mu)
	s.before = s.settings()
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = tty, tty, tty
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	if change != nil {
		change(s.cmd)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.copy()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		tty.Close()
		ptmx.Close()
	})
	return s
}

// testProgram returns the command for a program under test, and where it reports.
func testProgram(t *testing.T, program string, o *order) *exec.Cmd {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.Report = filepath.Join(t.TempDir(), "report.json")
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "GORACE=atexit_sleep_ms=0", "RUNNER_TEST_PROGRAM="+program, "RUNNER_TEST_ORDER="+string(text))
	return cmd
}

func (s *session) copy() {
	buf := make([]byte, 64<<10)
	for {
		n, err := s.ptmx.Read(buf)
		s.mu.Lock()
		s.shown = append(s.shown, buf[:n]...)
		if err != nil {
			s.read = -1
		}
		s.wake.Broadcast()
		s.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// patienceOfTests bounds every wait; a test that runs into it has failed.
const patienceOfTests = 30 * time.Second

// expect waits until text appears on the terminal behind what was expected before.
func (s *session) expect(text string) {
	s.t.Helper()
	timer := time.AfterFunc(patienceOfTests, s.wake.Broadcast)
	defer timer.Stop()
	until := time.Now().Add(patienceOfTests)
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if at := strings.Index(string(s.shown[max(s.read, 0):]), text); s.read >= 0 && at >= 0 {
			s.read += at + len(text)
			return
		}
		if s.read < 0 || !time.Now().Before(until) {
			s.t.Fatalf("no %q on the terminal, which shows:\n%q", text, s.shown)
		}
		s.wake.Wait()
	}
}

// screen returns what the terminal has shown, after wait all of it.
func (s *session) screen() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	shown, _, _ := strings.Cut(string(s.shown), over)
	return shown
}

func (s *session) send(keys string) {
	s.t.Helper()
	if _, err := s.ptmx.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

func (s *session) settings() unix.Termios {
	s.t.Helper()
	now, err := unix.IoctlGetTermios(int(s.tty.Fd()), getTermios)
	if err != nil {
		s.t.Fatal(err)
	}
	return *now
}

// over is written behind everything that the program under test wrote.
const over = "(the program has ended)"

// wait waits for the program's end and for all that it wrote, checks that the
// terminal's settings are those of before, and returns its outcome.
func (s *session) wait() outcome {
	s.t.Helper()
	o := waitFor(s.t, s.cmd, s.report)
	if now := s.settings(); now != s.before {
		s.t.Errorf("the terminal's settings are %+v, before %+v", now, s.before)
	}
	if _, err := s.tty.WriteString(over); err != nil {
		s.t.Fatal(err)
	}
	s.expect(over)
	return o
}

func waitFor(t *testing.T, cmd *exec.Cmd, report string) outcome {
	t.Helper()
	timer := time.AfterFunc(patienceOfTests, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("the program under test: %v", err)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var o outcome
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// copying counts the goroutines that are still at work for an npm.
func copying() int {
	buf := make([]byte, 1<<20)
	all := string(buf[:runtime.Stack(buf, true)])
	return strings.Count(all, "(*stream).pump") + strings.Count(all, "(*signals).follow")
}
