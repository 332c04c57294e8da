//go:build !windows

package e2e

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/sys/unix"

	"safepublish/prompts"
)

// terminal is a program on a terminal of its own: it leads a session whose
// controlling terminal is a pty, behind which a virtual terminal draws the screen
// and answers what programs ask of it. Tests wait for what a person would see.
type terminal struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File // kept open so that the settings can be read after the end
	before unix.Termios

	mu     sync.Mutex
	screen vt10x.Terminal
	raw    bytes.Buffer
	read   int           // how much of raw await has gone past
	seen   chan struct{} // closed and replaced at every change
	ended  chan struct{}
}

// onTerminal starts a program in dir. A non-nil stdout takes the place of the
// terminal there, as in v=$(safepublish).
func onTerminal(t *testing.T, dir string, env []string, stdout *os.File, argv ...string) *terminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, master: master, slave: slave, seen: make(chan struct{}), ended: make(chan struct{})}
	x.screen = vt10x.New(vt10x.WithSize(120, 40), vt10x.WithWriter(master))
	x.before = x.settings()
	x.cmd = exec.Command(argv[0], argv[1:]...)
	x.cmd.Dir, x.cmd.Env = dir, env
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = slave, slave, slave
	if stdout != nil {
		x.cmd.Stdout = stdout
	}
	x.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go x.watch()
	t.Cleanup(x.close)
	return x
}

func (x *terminal) watch() {
	defer close(x.ended)
	buf := make([]byte, 4096)
	for {
		n, err := x.master.Read(buf)
		if n > 0 {
			x.mu.Lock()
			x.raw.Write(buf[:n])
			_, _ = x.screen.Write(buf[:n])
			close(x.seen)
			x.seen = make(chan struct{})
			x.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

func (x *terminal) close() {
	if x.cmd.ProcessState == nil {
		_ = x.cmd.Process.Kill()
		_ = x.cmd.Wait()
	}
	_ = x.slave.Close()
	_ = x.master.Close()
}

// text returns what stands on the screen, and everything that ever did.
func (x *terminal) text() (screen, history string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.String(), x.raw.String()
}

// await waits until want is shown, after what the last await waited for. A menu, whose
// last item is Give up, is there when it has been drawn again with the hint about its
// keys: before that it takes no Enter.
func (x *terminal) await(want string) {
	x.t.Helper()
	x.awaitText(want)
	if want == prompts.GiveUp {
		x.awaitText("Esc ")
		x.awaitText(want)
	}
}

// menu waits until the menu about a cause can be answered.
func (x *terminal) menu(cause string) {
	x.t.Helper()
	x.await("(" + cause + ")")
	x.await(prompts.GiveUp)
}

func (x *terminal) awaitText(want string) {
	x.t.Helper()
	deadline := time.After(90 * time.Second)
	for {
		x.mu.Lock()
		at := strings.Index(x.raw.String()[x.read:], want)
		if at >= 0 {
			x.read += at + len(want)
			x.mu.Unlock()
			return
		}
		now, seen := x.screen.String(), x.seen
		x.mu.Unlock()
		select {
		case <-seen:
		case <-x.ended:
			x.t.Fatalf("the program ended without showing %q; screen:\n%s", want, trim(now))
		case <-deadline:
			x.t.Fatalf("waited 90 s for %q; screen:\n%s", want, trim(now))
		}
	}
}

// send types keys.
func (x *terminal) send(keys string) {
	x.t.Helper()
	if _, err := x.master.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// wait returns the exit status, 128+n for a signal, and checks that the
// terminal's settings are what they were before. All that was printed has been read then:
// the kernel hands it over when it finds the time, and ends what is read when nobody holds
// the terminal any more.
func (x *terminal) wait() int {
	x.t.Helper()
	timer := time.AfterFunc(120*time.Second, func() { _ = x.cmd.Process.Kill() })
	defer timer.Stop()
	err := x.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		x.t.Fatal(err)
	}
	if after := x.settings(); !reflect.DeepEqual(after, x.before) {
		x.t.Errorf("the terminal's settings were not given back:\nbefore %+v\nafter  %+v", x.before, after)
	}
	_ = x.slave.Close()
	<-x.ended
	ws := x.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return ws.ExitStatus()
}

// ends waits for the end and checks the exit status.
func (x *terminal) ends(want int) {
	x.t.Helper()
	if status := x.wait(); status != want {
		screen, _ := x.text()
		x.t.Errorf("status %d, want %d; screen:\n%s", status, want, trim(screen))
	}
}

func (x *terminal) settings() unix.Termios {
	x.t.Helper()
	s, err := unix.IoctlGetTermios(int(x.slave.Fd()), ioctlGetTermios)
	if err != nil {
		x.t.Fatal(err)
	}
	return *s
}

// trim drops the empty lines below a screen's text.
func trim(screen string) string { return strings.TrimRight(screen, " \n") }
