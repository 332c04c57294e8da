package npmexec

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// endingsHere are Linux's own: a power failure, as LXC says it, and 16, which is
// SIGSTKFLT on most machines and SIGUSR1 on the others.
var endingsHere = []os.Signal{syscall.SIGPWR, syscall.Signal(16)}

// processes lists the processes of this machine that we can see, from /proc.
func processes() []process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var all []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		// proc(5): pid (comm) state ppid … starttime is the 22nd; comm may hold anything.
		after := string(stat[strings.LastIndexByte(string(stat), ')')+1:])
		fields := strings.Fields(after)
		if len(fields) < 20 || fields[0] == "Z" { // ended, and not yet collected by its parent
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		all = append(all, process{pid, parent, fields[19]})
	}
	return all
}

// adoptOrphans makes us the parent of every process below us that loses its own, so
// that it can be found (prctl(2), PR_SET_CHILD_SUBREAPER). It lasts as long as we do.
func adoptOrphans() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// diesWithUs makes the kernel end cmd with sig when we are killed, so that no
// upload goes on behind the back of a person who believes it ended. The kernel
// means the thread that started cmd (prctl(2), PR_SET_PDEATHSIG): the caller must
// call done, in the same goroutine, when cmd has ended.
func diesWithUs(cmd *exec.Cmd, sig syscall.Signal) (done func()) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = sig
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// stopWith stops us, and whoever else is in our process group, since npm has
// stopped alone: at its own question ^Z is a key, and npm's readline stops nobody
// but itself (node, lib/internal/readline/interface.js). The shell waits for us,
// so without this the terminal would belong to nobody until a second ^Z.
func stopWith(npm *os.Process) {
	_ = unix.Kill(0, unix.SIGTSTP)
	time.Sleep(settle)           // we stop here, until fg
	_ = npm.Signal(unix.SIGCONT) // without a shell to bring us back the kernel drops the signal: npm is woken
}

func isStopped(pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WSTOPPED|unix.WNOHANG|unix.WNOWAIT, nil)
	return err == nil && info.Signo == int32(unix.SIGCHLD)
}

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
)

// pollable makes a deadline end reads of the pty. It must come after every call
// of Fd, which puts the file back into blocking mode.
func pollable(ptmx *os.File) error { return unix.SetNonblock(int(ptmx.Fd()), true) }
