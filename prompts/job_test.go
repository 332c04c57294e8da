//go:build unix

package prompts

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"safepublish/runner/realnpm"
)

// TestMain turns the test binary into a small program that asks, for the tests
// that need a process of their own: signals, and a shell's job control.
func TestMain(m *testing.M) {
	if what := os.Getenv("PROMPTS_TEST_ASK"); what != "" {
		askAlone(what)
		return
	}
	realnpm.TakeSignals()
	_ = flag.Set("test.parallel", "8") // they wait for a terminal, and take no time of the processor
	os.Exit(m.Run())
}

// askAlone handles SIGTERM as Restore says that main should.
func askAlone(what string) {
	u := New(os.Stdin, os.Stderr, os.Environ(), strings.Clone)
	term := make(chan os.Signal, 1)
	signal.Notify(term, unix.SIGTERM)
	go func() {
		<-term
		u.Restore()
		u.Line("ended")
		os.Exit(143)
	}()
	signal.Ignore(unix.SIGHUP) // a terminal that is gone must be noticed without it
	if what == "wait" {
		u.Line(fmt.Sprintf("error %v", u.Wait(context.Background(), "the registry asked for it", time.Hour)))
		return
	}
	answer, err := asked(what).ask(u)
	u.Line(fmt.Sprintf("answer %v, error %v", answer, err))
	if err == nil && answer != any(false) {
		os.Exit(taken)
	}
}

// taken is what askAlone ends with where an answer was taken.
const taken = 9

// start runs askAlone, or a shell where what is "", as the session of the terminal.
func start(s *screen, what string, env ...string) *exec.Cmd {
	s.t.Helper()
	self, err := os.Executable()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append([]string{"TERM=xterm", "PROMPTS_TEST_ASK=" + what, "PATH=" + os.Getenv("PATH")}, env...)
	if what == "" {
		cmd = exec.Command("sh", "-i")
		cmd.Env = []string{"TERM=xterm", "PS1=shell$ ", "ASK=" + self, "PATH=" + os.Getenv("PATH")}
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.slave, s.slave, s.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

func TestWaitEndsWithControlC(t *testing.T) {
	slow(t)
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	cmd := start(s, "wait")
	s.see("waiting 60 min 00 s (^C gives up): the registry asked for it")
	s.see("waiting 59 min 59 s")
	s.press("\r")
	s.press("\x03")
	s.see("error given up")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	if shown := s.shown(); strings.Contains(shown, "waiting") || strings.Contains(shown, "^C") {
		t.Errorf("the countdown was left behind:\n%s", shown)
	}
	s.unchanged()
}

func TestTerminatedWhileAsking(t *testing.T) {
	for what, seen := range map[string]string{"menu": "Give up\n", "text": "Version:\n", "secret": "password:\n", "y/N": "[y/N]\n", "wait": "waiting"} {
		t.Run(what, func(t *testing.T) {
			s := newTerminal(t, 80, 24, true)
			cmd := start(s, what)
			s.see(seen)
			if err := cmd.Process.Signal(unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if status := cmd.ProcessState.ExitCode(); status != 143 {
				t.Errorf("ended with %d", status)
			}
			s.unchanged()
			s.see(strings.TrimSuffix(seen, "waiting") + "ended\n")
		})
	}
}

// ^Z gives the shell its terminal, fg asks again, and a secret is as secret as before.
func TestStoppedAndContinued(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	start(s, "")
	s.see("shell$")
	s.press("PROMPTS_TEST_ASK=secret $ASK\r")
	s.see("password:")
	s.press("\x1a")
	s.see("Stopped")
	s.press("stty echo; fg\r")
	s.until("the question again", func(shown string) bool {
		return strings.Count(shown, "password:") == 2
	})
	s.press("135790\r")
	s.see("answer taken, error <nil>")
	if shown := s.shown(); strings.Contains(shown, "135790") {
		t.Errorf("the secret is on the screen:\n%s", shown)
	}
}

// In the background the kernel stops a question before it reads or changes a mode.
func TestInTheBackground(t *testing.T) {
	for what, seen := range map[string]string{"menu": GiveUp, "text": "Version:"} {
		t.Run(what, func(t *testing.T) {
			s := newTerminal(t, 80, 24, true)
			start(s, "")
			s.see("shell$")
			s.press("PROMPTS_TEST_ASK=" + what + " $ASK &\r")
			s.press("wait\r")
			s.see("Stopped")
			if strings.Contains(s.shown(), seen) {
				t.Errorf("asked in the background:\n%s", s.shown())
			}
			s.press("fg\r")
			s.see(seen)
			s.press("\x03")
			s.see("error given up")
		})
	}
}

// A job in the background waits without touching the terminal, and SIGTERM ends it
// instead of stopping it.
func TestTerminatedInTheBackground(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	start(s, "")
	s.see("shell$")
	s.press("PROMPTS_TEST_ASK=wait $ASK &\r")
	s.see("waiting")
	s.press("kill $!; wait $!; echo status=$?\r")
	s.see("status=143")
}

func TestRestoreFromRaw(t *testing.T) {
	s := newTerminal(t, 80, 24, true)
	u := s.ui()
	raw := *s.before
	raw.Lflag &^= unix.ECHO | unix.ICANON | unix.ISIG
	raw.Oflag &^= unix.OPOST
	if err := unix.IoctlSetTermios(int(s.slave.Fd()), setTermios, &raw); err != nil {
		t.Fatal(err)
	}
	if _, err := s.slave.WriteString("\x1b[?25l\x1b[31mred"); err != nil {
		t.Fatal(err)
	}
	s.see("red")
	u.Restore()
	u.Restore()
	s.unchanged()
}
