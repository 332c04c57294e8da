package runner

import (
	"os/exec"
	"runtime"
	"syscall"
)

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
