//go:build faults && !windows

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// faultPoint is one place at which safepublish is hit.
type faultPoint struct {
	name string
	ways int // how many instants in turn are hit in another way; 0 where CI has its like, and the soak alone hits it
	hit  func(t *testing.T, count *tally, i int)
}

// inSoak are the points whose like CI has.
var inSoak = []string{
	"own/journal-synced", "own/edit-synced", "own/edit-written", "kill/answered", "hup/menu", "own/applied", "term/answered",
	"hup/put", "hup/stored", "hup/answered", "hup/script", "hup/asking", "hup/otp",
	"int/stored", "int/answered", "int/script", "int/asking", "int/menu", "kill/script", "kill/asking", "kill/menu", "int/otp",
}

// again is the command of a CI that publishes the next free patch.
var again = []string{"--fix", "bump=patch"}

func faultPoints() []faultPoint {
	var all []faultPoint
	add := func(name string, ways int, hit func(t *testing.T, count *tally, i int)) {
		if slices.Contains(inSoak, name) {
			ways = 0
		}
		all = append(all, faultPoint{name, ways, hit})
	}
	for place, passes := range map[string]int{
		"journal-written": 3, "journal-synced": 3, "journal-renamed": 3, "edit-noted": 1, "edit-created": 2, "edit-written": 2,
		"edit-synced": 2, "edit-renamed": 2, "applied": 1, "npm-ended": 2, "upload-noted": 2,
	} {
		add("own/"+place, passes, func(t *testing.T, count *tally, i int) { atPlace(t, count, i, place, passes) })
	}
	add("own/undone", 2, whileUndoing)
	for name, sig := range map[string]syscall.Signal{
		"term": syscall.SIGTERM, "hup": syscall.SIGHUP, "int": syscall.SIGINT, "kill": syscall.SIGKILL,
	} {
		for _, event := range []string{"put", "stored", "answered"} {
			add(name+"/"+event, 1, func(t *testing.T, count *tally, i int) { atUpload(t, count, i, sig, event) })
		}
		add(name+"/script", 1, func(t *testing.T, count *tally, i int) { inScript(t, count, i, sig) })
		add(name+"/asking", 2, func(t *testing.T, count *tally, i int) { whileAsking(t, count, i, sig) })
		add(name+"/menu", 1, func(t *testing.T, count *tally, i int) { atMenu(t, count, i, sig) })
		add(name+"/otp", 2, func(t *testing.T, count *tally, i int) { atOTP(t, count, i, sig) })
	}
	add("own/panic-on-terminal", 3, panicOnTerminal)
	add("own/left-menu", 4, leftMenu)
	add("npm-killed/otp", 1, npmKilledAtOTP)
	add("registry/stored-502", 2, func(t *testing.T, c *tally, i int) {
		lostAnswer(t, c, i, answer{status: 502, err: "bad gateway", store: true})
	})
	add("registry/stored-reset", 2, func(t *testing.T, c *tally, i int) { lostAnswer(t, c, i, answer{drop: true, store: true}) })
	add("registry/stored-502-invisible", 3, invisible)
	add("registry/last-month", 3, lastMonth)
	add("disk/stdout-full", 2, stdoutFull)
	add("disk/no-state", 1, noState)
	add("closed/stderr", 1, stderrClosed)
	add("two/at-once", 2, twoAtOnce)
	return all
}

// atPlace ends safepublish at one of its own places, by a kill or by a panic.
func atPlace(t *testing.T, count *tally, i int, place string, passes int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	how := "kill"
	if i/passes%2 == 1 {
		how = "panic"
	}
	x.fault = fmt.Sprintf("%s:%d:%s", place, i%passes+1, how)
	x.pipes(again...).start().end()
	x.settle(again...)
}

// whileUndoing: the registry refuses the new version for good, and safepublish is
// killed while it puts the files back.
func whileUndoing(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	refused := spam
	x.reg.answersWith(refused)
	if major(npms[i%len(npms)]) < 11 { // these ask by an upload
		x.reg.answersWith(answer{status: 403, err: "You cannot publish over the previously published versions: 1.0.0."}, refused)
	}
	x.fault = "undone:1:" + []string{"kill", "panic"}[i%2]
	x.pipes(again...).start().end()
	x.settle(again...)
}

// leftMenu: what a run that was cut off has changed is kept, put back, or left as
// it is by somebody who gives up or is ended at the question.
func leftMenu(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	x.fault = "edit-renamed:1:kill"
	x.pipes(again...).start().end()
	r := x.tty(nil)
	r.term.await("What about these changes?")
	r.term.await("Give up")
	switch i % 4 {
	case 0:
		r.term.send("\r")
		r.term.await("+ demo@1.0.1")
	case 1:
		r.term.send("\x1b[B\r")
		r.term.await("package.json is as it was before")
		r.term.menu("version-exists")
		r.term.send("\x03")
	case 2:
		r.term.send("\x03")
	case 3:
		r.kill(syscall.SIGTERM)
	}
	r.end()
	if got := x.p.read("package.json"); (got == demo) != (i%4 == 1) {
		x.bad(&count.torn, "after answer %d package.json is %q", i%4, got)
	}
	x.settle(again...)
}

// panicOnTerminal: a defect of our own, with the terminal in the menu's hands.
func panicOnTerminal(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	x.fault = []string{"edit-noted", "edit-renamed", "applied"}[i%3] + ":1:panic"
	r := x.tty(nil)
	r.term.menu("version-exists")
	r.term.send("\r")
	r.term.await("safepublish has a defect")
	if status := r.end(); status != 70 {
		x.bad(&count.verdicts, "status %d", status)
	}
	x.settle(again...)
}

func atUpload(t *testing.T, count *tally, i int, sig syscall.Signal, event string) {
	x := newTrial(t, count, i, demo)
	r := x.pipes()
	started := make(chan struct{})
	x.on(event, 1, func() { <-started; r.kill(sig); x.pause() })
	r.start()
	close(started)
	r.end()
	x.settle()
}

// inScript hits a build before anything was sent.
func inScript(t *testing.T, count *tally, i int, sig syscall.Signal) {
	const build = "test -e done || { touch done; echo started >fifo; sleep 30; }"
	x := newTrial(t, count, i, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"`+build+`"},"files":["index.js"]}`)
	fifo := filepath.Join(x.p.dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	r := x.pipes().start()
	if _, err := os.ReadFile(fifo); err != nil {
		t.Fatal(err)
	}
	x.pause()
	r.kill(sig)
	x.spared = sig == syscall.SIGKILL
	r.end()
	if err := os.Remove(fifo); err != nil {
		t.Fatal(err)
	}
	if all, _ := x.reg.got(); len(all) > 0 {
		x.bad(&count.verdicts, "a build that was stopped was uploaded: %+v", all)
	}
	x.settle()
}

// whileAsking hits it after a refusal, while the registry is asked about it.
func whileAsking(t *testing.T, count *tally, i int, sig syscall.Signal) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	r := x.pipes(again...)
	started := make(chan struct{})
	x.on("get", 2+i%2, func() { <-started; r.kill(sig); x.pause() })
	r.start()
	close(started)
	r.end()
	x.settle(again...)
}

func atMenu(t *testing.T, count *tally, i int, sig syscall.Signal) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	r := x.tty(nil)
	r.term.menu("version-exists")
	x.pause()
	if sig == syscall.SIGINT {
		r.term.send("\x03")
	} else {
		r.kill(sig)
	}
	r.end()
	x.settle(again...)
}

// atOTP hits it while npm asks for a one-time password, or just after it was typed.
func atOTP(t *testing.T, count *tally, i int, sig syscall.Signal) {
	x := newTrial(t, count, i, demo)
	x.reg.wantsOTP(faultOTP)
	r := x.tty(nil)
	r.term.await("Enter OTP:")
	if i%2 == 1 {
		r.term.send(faultOTP + "\r")
	}
	x.pause()
	if sig == syscall.SIGINT {
		r.term.send("\x03")
	} else {
		r.kill(sig)
	}
	r.end()
	x.reg.wantsOTP("")
	x.settle()
}

func npmKilledAtOTP(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.wantsOTP(faultOTP)
	r := x.tty(nil)
	r.term.await("Enter OTP:")
	x.pause()
	killChildren(r.cmd.Process.Pid)
	r.end()
	x.reg.wantsOTP("")
	x.settle()
}

func killChildren(pid int) {
	all, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range all {
		stat, _ := os.ReadFile(path)
		var child, parent int
		_, after, _ := strings.Cut(string(stat), ") ")
		_, _ = fmt.Sscan(filepath.Base(filepath.Dir(path)), &child)
		var state string
		if _, err := fmt.Sscan(after, &state, &parent); err == nil && parent == pid {
			_ = syscall.Kill(child, syscall.SIGKILL)
		}
	}
}

// lostAnswer: the upload is stored, and npm says that it failed.
func lostAnswer(t *testing.T, count *tally, i int, lost answer) {
	x := newTrial(t, count, i, demo)
	x.reg.answersWith(lost)
	if status := x.pipes(again...).start().end(); status != 0 {
		x.bad(&count.verdicts, "status %d", status)
	}
	x.settle(again...)
}

// invisible: the upload is stored, the answer is a 502, and the version stays
// invisible: whatever is chosen, exactly one version is ever uploaded.
func invisible(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	down := answer{status: 502, err: "bad gateway"}
	x.reg.answersWith(answer{status: 502, err: "bad gateway", store: true, hide: true}, down, down)
	choices := []func(){
		func() {
			x.pipes("--no-input", "--max-wait", "1s", "--fix", "bump=patch", "--fix", "retry").start().end()
		},
		func() { x.pipes("--no-input", "--max-wait", "0s", "--fix", "rename=@me/demo").start().end() },
		func() {
			r := x.tty(nil)
			r.term.await("checking again")
			r.term.send("\x03")
			r.term.await("It is not known whether demo 1.0.0 was published")
			r.term.await("Give up")
			r.term.send("\x03")
			r.end()
		},
	}
	choices[i%len(choices)]()
	// A person bumps by hand, or changes something.
	for _, manifest := range []string{strings.Replace(demo, "1.0.0", "1.0.1", 1), strings.Replace(demo, "{", "{ ", 1)} {
		x.allow = append(x.allow, manifest)
		x.p.write("package.json", manifest)
		if status := x.pipes(append([]string{"--no-input", "--max-wait", "0s"}, again...)...).start().end(); status != 75 {
			x.bad(&count.verdicts, "something else while the upload is open: status %d", status)
		}
	}
	x.p.write("package.json", demo)
	x.reg.answersWith(answer{status: 403, err: "You cannot publish over the previously published versions: 1.0.0."})
	if status := x.pipes(append([]string{"--no-input", "--max-wait", "0s"}, again...)...).start().end(); status == 0 || status == 65 {
		x.bad(&count.verdicts, "the same while it is invisible: status %d", status)
	}
	x.reg.Show()
	sent, _ := x.reg.got()
	before := len(sent)
	for _, u := range sent {
		if u.version != "1.0.0" || u.name != "demo" {
			x.Errorf("%s %s was uploaded", u.name, u.version)
		}
	}
	x.settle(again...)
	if all, _ := x.reg.got(); len(all) != before {
		x.bad(&count.doubles, "it was sent again after the registry showed it: %+v", all)
	}
}

// lastMonth: a CI job of last month runs again; its version and its bytes are
// there, and latest has moved on.
func lastMonth(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.settle()
	x.reg.holds("demo", "1.1.0", "1.2.0")
	before := fmt.Sprint(x.reg.tagged("demo"), x.reg.stores("demo"))
	args := [][]string{{"--no-input"}, again, {"--no-input", "--tag", "latest"}}[i%3]
	x.pipes(args...).start().end()
	if after := fmt.Sprint(x.reg.tagged("demo"), x.reg.stores("demo")); after != before {
		x.bad(&count.doubles, "the registry changed from %s to %s", before, after)
	}
}

// stdoutFull: npm's document cannot be passed on.
func stdoutFull(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	r := x.pipes([][]string{{"--json"}, {}}[i%2]...)
	r.cmd.Stdout = full
	if status := r.start().end(); status != 74 || !strings.Contains(x.seen.String(), "the package is published") {
		x.bad(&count.verdicts, "status %d", status)
	}
	x.settle()
}

// noState: what an edit needs to be taken back cannot be kept, so that it is not made.
func noState(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	state := filepath.Join(x.p.home, "state")
	if err := os.WriteFile(state, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if status := x.pipes(again...).start().end(); status != 78 || x.p.read("package.json") != demo {
		x.bad(&count.torn, "status %d, package.json %s", status, x.p.read("package.json"))
	}
	if err := os.Remove(state); err != nil {
		t.Fatal(err)
	}
	x.settle(again...)
}

func stderrClosed(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	r := x.pipes(again...)
	r.cmd.Stderr = write
	r.start().end()
	_ = write.Close()
	x.settle(again...)
}

// twoAtOnce: of two in one folder only one publishes, and only one version.
func twoAtOnce(t *testing.T, count *tally, i int) {
	x := newTrial(t, count, i, demo)
	x.reg.holds("demo", "1.0.0")
	one, two := x.pipes(again...).start(), x.pipes(again...)
	x.pause()
	two.start()
	statuses := []int{two.wait(), one.wait()}
	x.seen.WriteString(one.out.String() + two.out.String())
	x.files()
	if _, stored := x.reg.got(); len(stored) != 1 {
		x.bad(&count.doubles, "statuses %v, stored %+v", statuses, stored)
	}
	x.settle(again...)
}

func (r *underWay) wait() int {
	_ = r.cmd.Wait()
	return r.cmd.ProcessState.ExitCode()
}
