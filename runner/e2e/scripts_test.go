//go:build !windows

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safepublish/prompts"
)

// The script contract: shell scripts of every shape, on every kind of stream, get
// the promised stdout, stderr, status and report, and nothing hangs.

// scripts are what a shell script may be like.
var scripts = &matrix{
	factors: []factor{
		{"cause", []string{
			"", "version-exists", "already-published", "otp-required", "payment-required", "latest-behind", "rate-limited",
			"registry-error", "script-failed", "not-logged-in", "name-blocked",
		}},
		{"person", []string{"yes", "no"}}, // somebody can be asked: stdin, stderr and CI say it
		{"npm", npms},
		{"stdout", []string{"terminal", "file", "pipe", "captured"}},
		{"stdin", []string{"terminal", "/dev/null", "closed"}},
		{"stderr", []string{"terminal", "file"}},
		{"shell", []string{"sh", "bash"}},
		{"CI", []string{"", "true"}},
		{"set -e", []string{"no", "yes"}},
	},
	impossible: func(r row) bool {
		all, none := true, false
		for name, asks := range map[string]string{"stdin": "terminal", "stderr": "terminal", "CI": ""} {
			all = all && r.given(name) && r.get(name) == asks
			none = none || r.given(name) && r.get(name) != asks
		}
		return person(r) && none || r.get("person") == "no" && all
	},
	// Every commit: each cause with a person and without one, and everything else that
	// differs with everything else. With SAFEPUBLISH_TEST_WHOLE=pairs a cause meets it all.
	needless: func(r row) bool {
		if wanted == "" && r.given("cause") {
			return !r.given("person")
		}
		return r.given("person") && !r.given("cause")
	},
}

func TestRealScripts(t *testing.T) {
	t.Parallel()
	all := scripts.every()
	rows, met := scripts.pairwise()
	if wanted == "1" {
		rows = all
	}
	var mu sync.Mutex
	var longest, total time.Duration
	var which row
	t.Cleanup(func() {
		fmt.Printf("%d shell scripts of %d, %d pairs of values meet in them; together %s, the longest %.1fs: %v\n",
			len(rows), len(all), met, total.Round(time.Second), longest.Seconds(), which)
	})
	// A person is made to wait half a minute where an upload's answer was lost, and
	// nothing else is busy at the end: these come first.
	slices.SortStableFunc(rows, func(a, b row) int { return waits(b) - waits(a) })
	eachRow(t, rows, func(t *testing.T, r row) {
		took := runScript(t, r)
		mu.Lock()
		defer mu.Unlock()
		if total += took; took > longest {
			longest, which = took, r
		}
	})
}

// waits is 1 for the rows that take longest, and 0 for others.
func waits(r row) int {
	if person(r) && (r.get("cause") == "registry-error" || r.get("cause") == "rate-limited") {
		return 1
	}
	return 0
}

// staged sets the registry and the package up so that the cause is met.
func staged(t *testing.T, r row) *project {
	t.Helper()
	reg, manifest := newStub(t), demo
	refuse := func(status int, text string) {
		reg.answersWith(slices.Repeat([]answer{{status: status, err: text}}, 12)...) // npm tries again by itself
	}
	switch r.get("cause") {
	case "version-exists":
		reg.holds("demo", "1.0.0")
	case "already-published":
		reg.answersWith(answer{status: 403, err: "You cannot publish over the previously published versions: 1.0.0.", store: true})
	case "otp-required":
		reg.wantsOTP("654321")
	case "payment-required":
		manifest = strings.Replace(demo, `"demo"`, `"@me/demo"`, 1)
	case "latest-behind":
		reg.holds("demo", "2.0.0")
	case "rate-limited":
		refuse(429, "Too many requests")
	case "registry-error":
		refuse(503, "Service unavailable")
	case "script-failed":
		manifest = `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"exit 7"}}`
	case "name-blocked":
		refuse(403, spamSaid)
	}
	p := newProject(t, r.get("npm"), reg.URL, manifest)
	if r.get("cause") == "not-logged-in" {
		if err := os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte("registry="+reg.URL+"/\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if ci := r.get("CI"); ci != "" {
		p.env = append(p.env, "CI="+ci)
	}
	return p
}

// shellScript writes the combination as somebody would have written it.
func shellScript(r row, out string) string {
	command := `safepublish --max-wait 1s --report "$OUT/r.json"`
	switch r.get("stdin") {
	case "/dev/null":
		command += " </dev/null"
	case "closed":
		command += " <&-"
	}
	if r.get("stderr") == "file" {
		command += ` 2>"$OUT/err"`
	}
	lines := []string{"OUT=" + out}
	if r.get("set -e") == "yes" {
		lines = append(lines, "set -e")
	}
	switch r.get("stdout") {
	case "file":
		command += ` >"$OUT/out"`
	case "captured":
		command = "v=$(" + command + ")"
	case "pipe":
		command = `{ st=0; ` + command + ` || st=$?; echo $st >"$OUT/status"; } | cat >"$OUT/out"; (exit "$(cat "$OUT/status")")`
	}
	lines = append(lines, command, "st=$?", `echo reached >"$OUT/reached"`)
	if r.get("stdout") == "captured" {
		lines = append(lines, `printf '%s\n' "$v" >"$OUT/out"`)
	}
	return strings.Join(append(lines, "exit $st", ""), "\n")
}

// runScript runs one combination and returns how long it took.
func runScript(t *testing.T, r row) time.Duration {
	p := staged(t, r)
	out := t.TempDir()
	p.env[slices.IndexFunc(p.env, func(s string) bool { return strings.HasPrefix(s, "PATH=") })] += ":" + filepath.Dir(program)
	script := filepath.Join(out, "release.sh")
	if err := os.WriteFile(script, []byte(shellScript(r, out)), 0o755); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	x := onTerminal(t, p.dir, p.env, nil, "sh", "-c", `"$@"; st=$?; echo "`+over+`" >/dev/tty; exit $st`, "sh", r.get("shell"), script)
	done, answer := make(chan struct{}), make(chan bool, 1)
	go func() { answer <- giveUp(x, done) }()
	x.await(over)
	status := x.wait()
	close(done)
	asked, took := <-answer, time.Since(began)
	got := ran{out: slurp(out, "out"), status: status, asked: asked, reached: slurp(out, "reached") != ""}
	_, shown := x.text()
	if got.err, _, _ = strings.Cut(shown, over); r.get("stderr") == "file" {
		got.err = slurp(out, "err")
	}
	holds(t, r, got)
	doc := validReport(t, filepath.Join(out, "r.json"))
	if doc.Exit == nil || *doc.Exit != status {
		t.Errorf("the report says %v, the status is %d", doc.Exit, status)
	}
	last := "" // what stopped it
	if causes := causesOf(doc); len(causes) > 0 {
		last = causes[len(causes)-1]
	}
	if !asked && last != r.get("cause") {
		t.Errorf("the report says %q", last)
	}
	if t.Failed() {
		t.Logf("%v\nstatus %d\nstdout %q\nstderr\n%s\nterminal\n%s", r, status, got.out, slurp(out, "err"), shown)
	}
	return took
}

// over is printed on the terminal once everything else was.
const over = "(the script has ended)"

// giveUp presses ^C at the first question, whoever asks it, and reports whether
// there was one before done. It presses nothing while we wait for the registry:
// that would end the script too.
func giveUp(x *terminal, done chan struct{}) bool {
	for {
		x.mu.Lock()
		text, seen := x.raw.String(), x.seen
		x.mu.Unlock()
		if strings.Contains(text, prompts.GiveUp) || strings.Contains(text, "Enter OTP:") {
			x.send("\x03")
			return true
		}
		select {
		case <-seen:
		case <-done:
			return false
		}
	}
}

func slurp(dir, name string) string {
	b, _ := os.ReadFile(filepath.Join(dir, name))
	return string(b)
}

// ran is what a script did.
type ran struct {
	out, err       string // err is the terminal's text where stderr is one
	status         int
	asked, reached bool
}

// classes are the promised statuses where nobody is asked.
var classes = map[string]int{
	"": 0, "version-exists": 65, "already-published": 0, "otp-required": 77, "payment-required": 77, "latest-behind": 65,
	"rate-limited": 75, "registry-error": 69, "script-failed": 7, "not-logged-in": 77, "name-blocked": 65,
}

// holds checks what is promised.
func holds(t *testing.T, r row, got ran) {
	t.Helper()
	cause := r.get("cause")
	question := person(r) && !slices.Contains([]string{"", "already-published", "script-failed"}, cause)
	want := classes[cause]
	if question {
		want = 130
	}
	if got.asked != question {
		t.Errorf("asked: %v, want %v", got.asked, question)
	}
	if got.status != want {
		t.Errorf("status %d, want %d", got.status, want)
	}
	if stops := r.get("set -e") == "yes" && want != 0; got.reached == stops {
		t.Errorf("the script went on: %v", got.reached)
	}
	if !person(r) && cause != "" && !strings.HasPrefix(strings.TrimLeft(lastLine(got.err), "\r"), "safepublish: "+cause+": ") {
		t.Errorf("the last line is %q", lastLine(got.err))
	}
	if r.get("stderr") == "file" && strings.Contains(got.err, "\x1b") {
		t.Errorf("an escape in the log")
	}
	checkStdout(t, r, got.out)
}

// person tells whether there is one to ask.
func person(r row) bool { return r.get("person") == "yes" }

func checkStdout(t *testing.T, r row, out string) {
	t.Helper()
	if r.get("stdout") == "terminal" || out == "" {
		if out != "" || r.get("cause") == "" && r.get("stdout") != "terminal" {
			t.Errorf("stdout is %q", out)
		}
		return
	}
	if strings.Contains(out, "\x1b") || strings.Contains(out, "safepublish: ") {
		t.Errorf("an escape or our words in %q", out)
	}
	if plus := strings.HasSuffix(out, "+ demo@1.0.0\n"); plus != (r.get("cause") == "") {
		t.Errorf("stdout is %q", out)
	}
}
