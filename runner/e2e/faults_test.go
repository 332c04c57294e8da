//go:build faults && !windows

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The fault suite: safepublish is hit at every point at which it can be hit, with
// real npm and a stub registry; afterwards it is run again in the same folder as a
// CI or a person would, and everything that it promises is looked at.
//
//	go test -tags faults -run TestFaults ./runner/e2e                         an instant for each way that a point has
//	SAFEPUBLISH_INSTANTS=50 go test -tags faults -run TestFaults ./runner/e2e fifty, as .ci/soak does

// tally is what the suite counts.
type tally struct {
	mu                                                         sync.Mutex
	runs, doubles, torn, verdicts, terminals, orphans, secrets int
	points                                                     map[string]int
}

func (c *tally) String() string {
	return fmt.Sprintf("%-34s %6d\n%-34s %6d\n%-34s %6d\n%-34s %6d\n%-34s %6d\n%-34s %6d\n%-34s %6d\n%-34s %6d\n",
		"fault points", len(c.points), "runs of safepublish", c.runs, "double publishes", c.doubles, "lost or half-written files", c.torn,
		"wrong verdicts", c.verdicts, "terminals not restored", c.terminals, "orphans", c.orphans, "secrets found", c.secrets)
}

// trial is one fault at one instant.
type trial struct {
	*testing.T
	count  *tally
	reg    *stub
	p      *project
	i      int // the instant
	fault  string
	seen   bytes.Buffer // everything that was printed
	n      int          // runs so far
	spared bool         // what a script started may go on: safepublish was killed, and so was npm
	allow  []string     // manifests that package.json may be
}

const faultOTP = "654321"

func init() { buildTags += ",faults" } // the program that can be hit at its own places

const demoLock = `{
  "name": "demo",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "demo",
      "version": "1.0.0"
    }
  }
}
`

func newTrial(t *testing.T, count *tally, i int, manifest string) *trial {
	reg := newStub(t)
	p := newProject(t, npms[i%len(npms)], reg.URL, manifest)
	p.write("package-lock.json", demoLock)
	tmp := filepath.Join(p.home, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "TMPDIR="+tmp, "E2E_TRIAL="+p.dir)
	return &trial{T: t, count: count, reg: reg, p: p, i: i, allow: []string{manifest, strings.Replace(manifest, "1.0.0", "1.0.1", 1)}}
}

// pause is how long after an event the fault comes: the instants of a point lie
// between 0 and 300 ms.
func (x *trial) pause() { time.Sleep(time.Duration(x.i*97%300) * time.Millisecond) }

func (x *trial) bad(counter *int, format string, args ...any) {
	x.Helper()
	x.count.mu.Lock()
	*counter++
	x.count.mu.Unlock()
	x.Errorf(format+"\n%s", append(args, x.seen.String())...)
}

// underWay is one safepublish that was started.
type underWay struct {
	x       *trial
	cmd     *exec.Cmd
	term    *terminal // nil on pipes
	out     *bytes.Buffer
	report  string
	excused bool // it was killed on a terminal, so that nobody could give that back
}

func (x *trial) env() []string {
	env := slices.Clone(x.p.env)
	if x.fault != "" {
		env = append(env, "SAFEPUBLISH_FAULT="+x.fault)
	}
	return env
}

func (x *trial) begin(args ...string) (*underWay, []string) {
	x.Helper()
	x.n++
	x.count.mu.Lock()
	x.count.runs++
	x.count.mu.Unlock()
	r := &underWay{x: x, report: filepath.Join(x.p.home, fmt.Sprintf("report-%d.json", x.n))}
	return r, append([]string{program, "--report", r.report}, args...)
}

// pipes starts safepublish as a CI does.
func (x *trial) pipes(args ...string) *underWay {
	x.Helper()
	r, argv := x.begin(args...)
	r.out = &bytes.Buffer{}
	r.cmd = x.p.command(argv[1:]...)
	r.cmd.Env, r.cmd.Stdout, r.cmd.Stderr = x.env(), r.out, r.out
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	return r
}

func (r *underWay) start() *underWay {
	r.x.Helper()
	if err := r.cmd.Start(); err != nil {
		r.x.Fatal(err)
	}
	return r
}

// tty starts safepublish on a terminal of its own.
func (x *trial) tty(stdout *os.File, args ...string) *underWay {
	x.Helper()
	r, argv := x.begin(args...)
	r.term = onTerminal(x.T, x.p.dir, x.env(), stdout, argv...)
	r.cmd = r.term.cmd
	return r
}

func (r *underWay) kill(sig syscall.Signal) {
	if r.term != nil && sig == syscall.SIGKILL {
		r.excused = true
	}
	_ = r.cmd.Process.Signal(sig)
}

// end waits for the end and looks at everything that holds after every run. It
// returns the status.
func (r *underWay) end() int {
	x := r.x
	x.Helper()
	timer := time.AfterFunc(100*time.Second, func() { _ = r.cmd.Process.Kill() })
	defer timer.Stop()
	var exit *exec.ExitError
	if err := r.cmd.Wait(); err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		x.Fatal(err)
	}
	if r.term != nil {
		_, all := r.term.text()
		x.seen.WriteString(all)
		if after := r.term.settings(); after != r.term.before && !r.excused {
			x.bad(&x.count.terminals, "the terminal was not given back: %+v, before %+v", after, r.term.before)
		}
	} else {
		x.seen.Write(r.out.Bytes())
	}
	ws := r.cmd.ProcessState.Sys().(syscall.WaitStatus)
	status := ws.ExitStatus()
	if ws.Signaled() {
		status = 128 + int(ws.Signal())
	}
	fmt.Fprintf(&x.seen, "\n[status %d]\n", status)
	x.fault = ""
	x.orphans()
	x.files()
	x.verdict(r.report, status)
	x.secrets()
	return status
}

// orphans looks for processes that outlive their safepublish.
func (x *trial) orphans() {
	x.Helper()
	mark := []byte("E2E_TRIAL=" + x.p.dir + "\x00")
	var left []string
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		left = nil
		all, _ := filepath.Glob("/proc/[0-9]*/environ")
		for _, path := range all {
			if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, mark) {
				line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
				if bytes.HasPrefix(line, []byte("sleep")) && x.spared {
					continue
				}
				left = append(left, string(bytes.ReplaceAll(line, []byte{0}, []byte(" "))))
			}
		}
		if len(left) == 0 {
			return
		}
	}
	x.bad(&x.count.orphans, "still running: %q", left)
}

// files looks whether package.json and its lock are each an old or a new one.
func (x *trial) files() {
	x.Helper()
	if got := x.p.read("package.json"); !slices.Contains(x.allow, got) {
		x.bad(&x.count.torn, "package.json is %q", got)
	}
	if got := x.p.read("package-lock.json"); got != demoLock && got != strings.ReplaceAll(demoLock, "1.0.0", "1.0.1") {
		x.bad(&x.count.torn, "package-lock.json is %q", got)
	}
}

// verdict compares what a run says with what the registry stored.
func (x *trial) verdict(path string, status int) {
	x.Helper()
	_, stored := x.reg.got()
	if len(stored) > 1 {
		x.bad(&x.count.doubles, "published %d times: %+v", len(stored), stored)
	}
	if status == 0 && len(stored) == 0 {
		x.bad(&x.count.verdicts, "status 0, and nothing was stored")
	}
	var doc struct{ Outcome string }
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &doc) != nil {
		return // ended before there was one
	}
	switch doc.Outcome {
	case "published", "already-published":
		if len(stored) == 0 {
			x.bad(&x.count.verdicts, "said %s, and nothing was stored", doc.Outcome)
		}
	case "not-published":
		if len(stored) > 0 {
			x.bad(&x.count.verdicts, "said not-published, and %s is stored", stored[0].version)
		}
	}
}

// secrets looks for the token and the one-time password in all that was printed
// or kept.
func (x *trial) secrets() {
	x.Helper()
	look := func(where string, text []byte, secrets ...string) {
		for _, secret := range secrets {
			if bytes.Contains(text, []byte(secret)) {
				x.bad(&x.count.secrets, "%s holds a secret", where)
			}
		}
	}
	look("the output", x.seen.Bytes(), x.p.token) // npm 9 and later echo the one-time password at their own prompt
	for _, root := range []string{"state", "tmp"} {
		_ = filepath.WalkDir(filepath.Join(x.p.home, root), func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				text, _ := os.ReadFile(path)
				look(path, text, x.p.token, faultOTP)
			}
			return nil
		})
	}
}

// settle runs safepublish again, as a CI would, until it has published or three
// runs have not; then exactly one upload is stored, the files say its version and
// nothing is left beside them.
func (x *trial) settle(args ...string) {
	x.Helper()
	status := -1
	for range 3 {
		if status = x.pipes(append([]string{"--no-input", "--max-wait", "0s"}, args...)...).start().end(); status == 0 {
			break
		}
	}
	_, stored := x.reg.got()
	if status != 0 || len(stored) != 1 {
		x.bad(&x.count.verdicts, "after everything the status is %d and stored are %+v", status, stored)
		return
	}
	var manifest struct{ Version string }
	_ = json.Unmarshal([]byte(strings.TrimPrefix(x.p.read("package.json"), "\ufeff")), &manifest)
	if manifest.Version != stored[0].version {
		x.bad(&x.count.torn, "package.json says %s, and %s is published", manifest.Version, stored[0].version)
	}
	if left, _ := filepath.Glob(filepath.Join(x.p.dir, ".*")); len(left) > 0 {
		x.bad(&x.count.torn, "left behind: %v", left)
	}
}

// on calls what, once, in the middle of the nth event of that name.
func (x *trial) on(event string, nth int, what func()) {
	n := 0
	hook := func(e string) {
		if e != event {
			return
		}
		if n++; n == nth {
			what()
		}
	}
	x.reg.tells(hook)
}

// stores returns what a package's versions hold: shasums by version.
func (s *stub) stores(name string) map[string]string {
	all := map[string]string{}
	for _, h := range s.Holds() {
		if h.Name == name {
			all[h.Version] = h.Shasum
		}
	}
	return all
}

func TestFaults(t *testing.T) {
	instants, _ := strconv.Atoi(os.Getenv("SAFEPUBLISH_INSTANTS"))
	unix.Umask(0o022)
	count := &tally{points: map[string]int{}}
	t.Run("points", func(t *testing.T) {
		for _, point := range faultPoints() {
			first, n := 0, instants
			if n <= 0 { // the npm and the pause, which come of i, are others for another point
				first, n = len(point.name), point.ways
			}
			for i := first; i < first+n; i++ {
				t.Run(fmt.Sprintf("%s/%d", point.name, i), func(t *testing.T) {
					t.Parallel()
					count.mu.Lock()
					count.points[point.name]++
					count.mu.Unlock()
					point.hit(t, count, i)
				})
			}
		}
	})
	fmt.Print(count)
	part := strings.Contains(flag.Lookup("test.run").Value.String(), "/")
	if count.runs == 0 || !part && len(count.points) < 25 {
		t.Errorf("only %d runs at %d points", count.runs, len(count.points))
	}
}
