//go:build bench && !windows

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"safepublish/runner/realnpm"
	"safepublish/runner/registry"
)

// TestBench prints how long things take, each beside its target and, where there is one,
// beside npm alone in the same run: .ci/bench. It judges nothing, for machines differ.
// Ratios are of the CPU time too, which other work on the machine hardly changes.
func TestBench(t *testing.T) {
	b := &bench{t: t}
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"start", b.start},
		{"publish", b.publishes},
		{"diagnosis", b.diagnoses},
		{"doomed", b.doomed},
		{"check", b.check},
		{"explain", b.logs},
		{"copy", b.copied},
		{"wait", b.waits},
		{"retry", b.retries},
		{"peers", b.peers},
	} {
		if only := os.Getenv("SAFEPUBLISH_BENCH"); only == "" || slices.Contains(strings.Fields(only), part.name) {
			part.run()
		}
	}
	b.print(os.Getenv("SAFEPUBLISH_BENCH_JSON"))
}

// figure is one row: what was measured, and what is wanted of it.
type figure struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit"`
	Target float64 `json:"target,omitempty"`
	Note   string  `json:"note,omitempty"`
}

// against is one row of the comparison with others.
type against struct {
	Case      string  `json:"case"`
	Who       string  `json:"who"`
	Seconds   float64 `json:"seconds,omitempty"`
	Processes int     `json:"processes,omitempty"`
	Uploads   int     `json:"uploads,omitempty"`
	Published string  `json:"published"`
}

type bench struct {
	t       *testing.T
	figures []figure
	others  []against
}

func (b *bench) add(name string, value float64, unit string, target float64, note ...string) {
	f := figure{name, value, unit, target, strings.Join(note, "; ")}
	b.figures = append(b.figures, f)
	fmt.Printf("%-60s %9.3g %-4s", f.Name, f.Value, f.Unit)
	if f.Target != 0 {
		fmt.Printf("  wanted %.3g", f.Target)
	}
	if f.Note != "" {
		fmt.Printf("  (%s)", f.Note)
	}
	fmt.Println()
}

// print prints the comparison, and writes all as JSON where a file is named.
func (b *bench) print(file string) {
	fmt.Printf("\n%-30s %-22s %8s %10s %8s  %s\n", "", "", "seconds", "processes", "uploads", "published")
	for _, o := range b.others {
		fmt.Printf("%-30s %-22s %8.2f %10d %8d  %s\n", o.Case, o.Who, o.Seconds, o.Processes, o.Uploads, o.Published)
	}
	if file == "" {
		return
	}
	text, err := json.MarshalIndent(map[string]any{"date": time.Now().UTC().Format(time.DateOnly), "figures": b.figures, "beside": b.others}, "", "  ")
	if err == nil {
		err = os.WriteFile(file, append(text, '\n'), 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// took is what one run cost: its time, and the CPU time of all its processes.
type took struct {
	wall, cpu float64
	status    int
}

func (b *bench) run(cmd *exec.Cmd) took {
	b.t.Helper()
	began := time.Now()
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		b.t.Fatal(err)
	}
	return took{time.Since(began).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), cmd.ProcessState.ExitCode()}
}

// pairs runs two things in turn, now the one first and now the other, for the first of two
// finds colder caches. It returns the medians of the ratios of their times.
func (b *bench) pairs(n int, one, other func() took) (wall, cpu float64) {
	var walls, cpus []float64
	for i := range n {
		var x, y took
		if i%2 == 0 {
			x, y = one(), other()
		} else {
			y, x = other(), one()
		}
		walls, cpus = append(walls, x.wall/y.wall), append(cpus, x.cpu/y.cpu)
	}
	return median(walls), median(cpus)
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// project is a package with the npm of most people.
func (b *bench) project(reg *stub, manifest string) *project {
	return newProject(b.t, npm11, reg.URL, manifest)
}

func (p *project) alone(args ...string) *exec.Cmd {
	cmd := exec.Command(p.npm, args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	return cmd
}

// start: --version against npm's, and how long after its start npm is there.
func (b *bench) start() {
	p := b.project(newStub(b.t), demo)
	_, cpu := b.pairs(9, func() took { return b.run(p.command("--version")) }, func() took { return b.run(p.alone("--version")) })
	b.add("--version, of npm's (CPU)", cpu, "", 0.05)
	root, stamp := realnpm.Layout(b.t), filepath.Join(p.home, "stamp")
	fake := "#!/bin/sh\n[ \"$1\" = publish ] && date +%s%N >" + stamp + "\nexit 1\n" // it has published nothing, so that each run begins anew
	if err := os.WriteFile(filepath.Join(root, "prefix/lib/node_modules/npm/bin/npm-cli.js"), []byte(fake), 0o755); err != nil {
		b.t.Fatal(err)
	}
	p.env = append(p.env, "SAFEPUBLISH_NPM="+filepath.Join(root, "prefix/bin/npm"))
	var all []float64
	for range 9 {
		began := time.Now()
		_ = b.run(p.command())
		text, _ := os.ReadFile(stamp)
		ns, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		all = append(all, float64(ns-began.UnixNano())/1e6)
	}
	b.add("start until npm runs", median(all), "ms", 10, "with sh and date, some 3 ms")
}

// publishes: what a publish that goes well costs, against npm's.
func (b *bench) publishes() {
	reg := newStub(b.t)
	for _, c := range []struct {
		name, script string
		files, pairs int
		terminal     bool
		target       float64
	}{
		{name: "publish, pipes", pairs: 7, target: 1.03},
		{name: "publish, terminal", pairs: 7, terminal: true, target: 1.03},
		{name: "folder of 2,000 files, 200 MB", files: 2000, pairs: 3, target: 1.03},
		{name: "a script of 3 s before", script: `,"scripts":{"prepublishOnly":"sleep 3"}`, pairs: 3, target: 1.10},
	} {
		number := 0
		next := func(p *project) {
			number++
			p.write("package.json", fmt.Sprintf(`{"name":"demo","version":"1.0.%d"%s}`, number, c.script))
		}
		p := b.project(reg, demo)
		for i := range c.files {
			p.write(fmt.Sprintf("lib/%d.js", i), strings.Repeat(fmt.Sprintf("module.exports = %d // a line of a bundle\n", i), 2400))
		}
		reg.set(func(w *registry.World) { delete(w.Packages, "demo") })
		run := b.run
		if c.terminal {
			run = b.onPty
		}
		wall, cpu := b.pairs(c.pairs, func() took { next(p); return run(p.command()) }, func() took { next(p); return run(p.alone("publish")) })
		b.add(c.name+", of npm's", wall, "", c.target, fmt.Sprintf("CPU %.3g", cpu))
	}
}

// printed ends what a fake npm prints: who runs it on a terminal may ask a question then,
// and is ended.
const printed = "all-was-printed"

func (b *bench) onPty(cmd *exec.Cmd) took {
	b.t.Helper()
	began := time.Now()
	f, err := pty.Start(cmd)
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	_ = pty.Setsize(f, &pty.Winsize{Rows: 40, Cols: 100})
	wall, seen := 0.0, []byte{}
	for buf := make([]byte, 64<<10); ; {
		n, err := f.Read(buf)
		seen = append(seen[max(0, len(seen)-len(printed)):], buf[:n]...)
		if bytes.Contains(seen, []byte(printed)) {
			wall = time.Since(began).Seconds()
			_ = cmd.Process.Kill()
		}
		if err != nil {
			break
		}
	}
	_ = cmd.Wait()
	if wall == 0 {
		wall = time.Since(began).Seconds()
	}
	return took{wall, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), cmd.ProcessState.ExitCode()}
}

// benchWorld is a registry in which "me" publishes, with a package of that name.
func benchWorld(name string, change func(*registry.World)) registry.World {
	w := registry.World{
		Users: map[string]*registry.User{"me": {Name: "me"}, "bob": {Name: "bob"}}, Tokens: map[string]*registry.Token{fakeToken: {User: "me"}},
		Scopes: map[string][]string{"me": {"me"}}, Packages: map[string]*registry.Package{name: longAgo(name, "1.0.0")},
	}
	change(&w)
	return w
}

func (b *bench) registry(w registry.World) *stub {
	r := start(b.t, w)
	return &stub{Registry: r, URL: strings.TrimSuffix(r.URL(), "/")}
}

// diagnoses: from npm's end to what we say of it, where a publish is refused and nobody is
// asked. The end of node itself, some milliseconds, is in it.
func (b *bench) diagnoses() {
	for _, c := range []struct {
		name, cause, manifest string
		change                func(*registry.World)
		target                float64
	}{
		{"version-exists", "version-exists", demo, func(*registry.World) {}, 150},
		{
			"too similar", "name-too-similar", `{"name":"de-mo","version":"1.0.0"}`,
			func(w *registry.World) { w.Popular = []string{"demo"} }, 20,
		},
		{
			"masked 404, scoped", "token-scope", `{"name":"@me/demo","version":"1.0.1"}`,
			func(w *registry.World) { w.Masks, w.Tokens[fakeToken].Packages = true, []string{"x"} }, 0,
		},
	} {
		name := "demo"
		if strings.Contains(c.manifest, "@me") {
			name = "@me/demo"
		}
		p := b.project(b.registry(benchWorld(name, c.change)), c.manifest)
		report, ended, hook := filepath.Join(p.home, "report.json"), filepath.Join(p.home, "ended"), filepath.Join(p.home, "hook.js")
		text := fmt.Sprintf(`if (process.argv[2] === "publish")
			process.on("exit", () => require("fs").writeFileSync(%q, String(Math.round(1e6 * (performance.timeOrigin + performance.now())))))`, ended)
		if err := os.WriteFile(hook, []byte(text), 0o644); err != nil {
			b.t.Fatal(err)
		}
		p.env = append(p.env, "NODE_OPTIONS=--require "+hook)
		var all []float64
		for range 5 {
			var said moment
			cmd := p.command("--report", report)
			cmd.Stderr = &said
			b.run(cmd)
			var r struct {
				Attempts []struct{ Diagnosis struct{ Cause string } }
			}
			text, _ := os.ReadFile(report)
			if json.Unmarshal(text, &r) != nil || len(r.Attempts) != 1 || r.Attempts[0].Diagnosis.Cause != c.cause {
				b.t.Fatalf("%s", text)
			}
			text, _ = os.ReadFile(ended)
			ns, _ := strconv.ParseInt(string(text), 10, 64)
			all = append(all, float64(said.at.UnixNano()-ns)/1e6)
		}
		note := ""
		if c.target == 0 {
			question := b.run(p.alone("view", name, "--json"))
			c.target, note = 1.2*question.wall*1000, "1.2 of one npm question"
		}
		b.add("npm's end to diagnosis: "+c.name, median(all), "ms", c.target, note)
	}
}

// moment is when a diagnosis was printed.
type moment struct{ at time.Time }

func (m *moment) Write(p []byte) (int, error) {
	if m.at.IsZero() && bytes.Contains(p, []byte("✗")) {
		m.at = time.Now()
	}
	return len(p), nil
}

// doomed: how long until a refusal is known that is certain, before a build of 10 s.
func (b *bench) doomed() {
	for _, c := range []struct {
		name, version, more string
		change              func(*registry.World)
		loggedOut           bool
	}{
		{name: "nobody logged in", version: "1.0.1", loggedOut: true},
		{name: "dead token", version: "1.0.1", change: func(w *registry.World) { w.Tokens[fakeToken].DeadAs = 401 }},
		{name: "somebody else's name", version: "1.0.1", change: func(w *registry.World) { w.Packages["demo"].Owners = []string{"bob"} }},
		{name: "prerelease without a tag", version: "1.1.0-beta.1"},
		{name: "lower than latest", version: "0.9.0"},
		{name: "private", version: "1.0.1", more: `,"private":true`},
		{name: "workspace:", version: "1.0.1", more: `,"dependencies":{"x":"workspace:*"}`},
	} {
		change := c.change
		if change == nil {
			change = func(*registry.World) {}
		}
		p := b.project(b.registry(benchWorld("demo", change)), fmt.Sprintf(`{"name":"demo","version":%q,"scripts":{"prepublishOnly":"sleep 10"}%s}`, c.version, c.more))
		if c.loggedOut {
			text, _ := os.ReadFile(filepath.Join(p.home, ".npmrc"))
			first, _, _ := strings.Cut(string(text), "\n")
			_ = os.WriteFile(filepath.Join(p.home, ".npmrc"), []byte(first+"\n"), 0o600)
		}
		b.add("doomed: "+c.name, b.run(p.command()).wall, "s", 1.5)
	}
}

func (b *bench) check() {
	reg := b.registry(benchWorld("demo", func(*registry.World) {}))
	p := b.project(reg, `{"name":"demo","version":"1.0.1"}`)
	var all []float64
	for range 5 {
		all = append(all, b.run(p.command("check")).wall)
	}
	b.add("check", median(all), "s", 0.7)
}

// logs: explain of 100 MB of each kind of line.
func (b *bench) logs() {
	dir := b.t.TempDir()
	for name, line := range map[string]string{
		"build": "2026-11-23T16:02:06.1234567Z [%d/99999] src/module.ts: compiled, nothing to do here\n",
		"npm":   "npm error something went wrong with module %d, and this is the text of it\n",
		"E403":  "npm error code E403\nnpm error 403 403 Forbidden - PUT https://registry.example/thing-%d - You cannot publish over 1.0.0.\n",
		"+":     "+ thing-%d@1.0.0\n",
	} {
		file := filepath.Join(dir, name)
		f, err := os.Create(file)
		if err != nil {
			b.t.Fatal(err)
		}
		for i, n := 0, 0; n < 100<<20; i++ {
			var block strings.Builder
			for range 1000 {
				fmt.Fprintf(&block, line, i)
				i++
			}
			n += block.Len()
			_, _ = f.WriteString(block.String())
		}
		_ = f.Close()
		t, mb := b.memory(exec.Command(program, "explain", file))
		b.add("explain 100 MB, "+name+" (CPU)", t.cpu, "s", 1.5, fmt.Sprintf("%.0f MB", mb))
		_ = os.Remove(file)
	}
}

// copied: a gigabyte of output on a terminal, against script -qec; and memory with 2 GB.
func (b *bench) copied() {
	p := b.project(newStub(b.t), demo)
	root := realnpm.Layout(b.t)
	print := func(mb int) string { return fmt.Sprintf("yes 'a line of the output of a build' | head -c %dM", mb) }
	npm := filepath.Join(root, "prefix/lib/node_modules/npm/bin/npm-cli.js")
	p.env = append(p.env, "SAFEPUBLISH_NPM="+filepath.Join(root, "prefix/bin/npm"))
	prints := func(mb int) {
		if err := os.WriteFile(npm, []byte("#!/bin/sh\n[ \"$1\" = publish ] && "+print(mb)+" && echo "+printed+"\nexit 1\n"), 0o755); err != nil {
			b.t.Fatal(err)
		}
	}
	if _, err := exec.LookPath("script"); err == nil {
		prints(100) // of 50 MB the start of the program would be a tenth
		quiet := func() took {
			cmd := exec.Command("script", "-qec", npm+" publish", "/dev/null")
			cmd.Dir, cmd.Env = p.dir, p.env
			return b.onPty(cmd)
		}
		wall, _ := b.pairs(5, quiet, func() took { return b.onPty(p.command()) })
		b.add("speed of the copy, of script -qec's", wall, "", 0.9)
	}
	prints(2048)
	_, mb := b.memory(p.command())
	b.add("memory with 2 GB of output", mb, "MB", 25)
}

// memory is run, with the most memory that the process had, 0 where /proc does not tell.
func (b *bench) memory(cmd *exec.Cmd) (t took, mb float64) {
	b.t.Helper()
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }()
	for running := true; running; {
		select {
		case <-ended:
			running = false
		case <-time.After(20 * time.Millisecond):
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			_, most, _ := strings.Cut(string(text), "VmHWM:")
			var kb float64
			_, _ = fmt.Sscan(most, &kb)
			mb = max(mb, kb/1024)
		}
	}
	state := cmd.ProcessState
	return took{time.Since(began).Seconds(), (state.UserTime() + state.SystemTime()).Seconds(), state.ExitCode()}, mb
}

// waits: how long after a version can be read --wait says so.
func (b *bench) waits() {
	reg := newStub(b.t).answersWith(answer{store: true, hide: true})
	p := b.project(reg, demo)
	var shown time.Time
	time.AfterFunc(4*time.Second, func() { shown = time.Now(); reg.Show() })
	_ = b.run(p.command("--wait", "1m"))
	b.add("--wait, after it can be read", time.Since(shown).Seconds(), "s", 1)
}

// retries: how often a build runs where the registry refuses the first code and takes the
// second: what packs to the bytes that were sent is not built again.
func (b *bench) retries() {
	const builds = "echo built >>$HOME/builds; sleep 1; echo built >lib.js"
	for _, c := range []struct {
		name, scripts string
		target        float64
	}{
		{"what is built stays", `"prepublishOnly":"` + builds + `"`, 1},
		{"other contents each time", `"prepack":"` + builds + `; date +%N >>lib.js"`, 1},
		{"what is built is removed again", `"prepack":"` + builds + `","postpack":"rm lib.js"`, 2},
	} {
		reg := newStub(b.t)
		reg.wantsOTP("123456")
		p := b.project(reg, `{"name":"demo","version":"1.0.0","scripts":{`+c.scripts+`}}`)
		t := b.run(p.command("--otp", "111111", "--otp-command", "echo 123456"))
		text, _ := os.ReadFile(filepath.Join(p.home, "builds"))
		b.add("wrong code then right, builds: "+c.name, float64(bytes.Count(text, []byte("built"))), "", c.target, fmt.Sprintf("%.1f s, status %d", t.wall, t.status))
	}
}

// peers: from a refusal to the version that is published, by hand and with others.
func (b *bench) peers() {
	const code = "123456"
	for _, c := range []struct {
		name string
		otp  string
		who  map[string][]string
	}{
		{"version there, then published", "", map[string][]string{
			"by hand":           {"sh", "-c", "npm publish; npm version patch --no-git-tag-version && npm publish"},
			"safepublish":       {program, "--fix", "bump"},
			"np 12.1.1":         np(nil, nil),
			"release-it 21.1.2": {"release-it", "patch", "--ci"},
		}},
		{"wrong code, then published", code, map[string][]string{
			"by hand":           {"sh", "-c", "npm publish --otp=111111; npm publish --otp=" + code},
			"safepublish":       {program, "--otp", "111111", "--otp-command", "echo " + code},
			"np 12.1.1":         append(np(nil, nil), "--otp=111111"),
			"release-it 21.1.2": {"release-it", "patch", "--ci", "--npm.otp=111111"},
		}},
	} {
		for _, who := range []string{"by hand", "safepublish", "np 12.1.1", "release-it 21.1.2"} {
			reg := b.registry(benchWorld("demo", func(w *registry.World) {
				if c.otp != "" {
					w.Users["me"].TFA, w.Users["me"].OTP = registry.TFAWrites, c.otp
					delete(w.Packages, "demo")
				}
			}))
			p := b.project(reg, demo)
			if tool, version, other := strings.Cut(who, " "); other && tool != "by" {
				p.withTool(b.t, tool, version)
			} else {
				p.withOnPath(filepath.Dir(p.npm))
			}
			p.env = append(p.env, "npm_config_registry="+reg.URL+"/")
			p.inGit(b.t)
			b.others = append(b.others, b.against(c.name, who, p, reg, c.who[who]))
		}
	}
}

// against runs one of them, and counts the processes of node and the uploads.
func (b *bench) against(name, who string, p *project, reg *stub, argv []string) against {
	started, hook := filepath.Join(p.home, "started"), filepath.Join(p.home, "hook.js")
	if err := os.WriteFile(hook, fmt.Appendf(nil, "require('fs').appendFileSync(%q, 'x')", started), 0o644); err != nil {
		b.t.Fatal(err)
	}
	cmd := exec.Command("env", argv...)
	cmd.Dir, cmd.Env = p.dir, append(p.env, "NODE_OPTIONS=--require "+hook)
	t := b.run(cmd)
	text, _ := os.ReadFile(started)
	all, stored := reg.got()
	a := against{Case: name, Who: who, Seconds: t.wall, Processes: len(text), Uploads: len(all), Published: "no: it needs a person or a second run"}
	if len(stored) > 0 {
		a.Published = "demo " + stored[0].version
	}
	return a
}
