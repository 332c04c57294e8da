package npmexec

import (
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// adopt makes us the parent of what loses its own below us, so that it can be
// found (prctl(2), PR_SET_CHILD_SUBREAPER). It lasts as long as we do.
func adopt() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

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
