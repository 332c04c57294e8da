package npmexec

import (
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/windows"
)

// jobs are the job objects of the processes that we have started and wait for.
var jobs = struct {
	sync.Mutex
	of map[*os.Process]windows.Handle
}{of: map[*os.Process]windows.Handle{}}

// hold makes Windows end a process, with all that it starts, when we are ended, however
// that happens: no upload goes on behind the back of a person who believes it ended.
// done is for its own end: what it leaves running (a browser, for npm login) stays.
func hold(p *os.Process) (done func()) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return func() {}
	}
	killOnClose(job, true)
	_ = p.WithHandle(func(h uintptr) { _ = windows.AssignProcessToJobObject(job, windows.Handle(h)) })
	jobs.Lock()
	defer jobs.Unlock()
	jobs.of[p] = job
	return func() {
		jobs.Lock()
		defer jobs.Unlock()
		delete(jobs.of, p)
		killOnClose(job, false)
		_ = windows.CloseHandle(job)
	}
}

func killOnClose(job windows.Handle, kill bool) {
	var info windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	if kill {
		info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	}
	//nolint:gosec // the call takes the structure's address
	_, _ = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
}

// killGroup ends a process that is held, with all that it has started.
func killGroup(p *os.Process) {
	jobs.Lock()
	defer jobs.Unlock()
	if job, held := jobs.of[p]; held {
		_ = windows.TerminateJobObject(job, 1)
	}
	_ = p.Kill() // the job may not be to be had
}
