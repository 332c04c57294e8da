//go:build unix && !linux

package npmexec

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

var endingsHere []os.Signal

// adoptOrphans does nothing here: a process that loses its parent in the very moment
// in which npm is ended is not found.
func adoptOrphans() {}

// diesWithUs does nothing here: npm outlives a safepublish that is killed, and the
// next one in the folder reads from npm's log what became of the upload.
func diesWithUs(*exec.Cmd, syscall.Signal) (done func()) { return func() {} }

// isStopped is false where a stopped child cannot be told from an ended one
// without taking its status from os/exec.
func isStopped(int) bool { return false }

func stopWith(*os.Process) {}

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
)

// pollable does nothing: a pty cannot be polled here (creack/pty, io_test.go),
// and a read of it that would block would fail instead. See stream.abandon.
func pollable(*os.File) error { return nil }
