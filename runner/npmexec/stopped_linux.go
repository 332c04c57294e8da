package npmexec

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

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
