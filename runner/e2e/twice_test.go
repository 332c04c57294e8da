//go:build !windows

package e2e

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/runner/realnpm"
	"safepublish/runner/registry"
	"safepublish/runner/report"
)

// Never twice: a release is run twice, whatever became of the first upload, and
// what the registry holds afterwards is compared with what was promised and said.
//
// A row that fails is run again by its name: go test ./runner/e2e -run 'TestRealTwice/fate=…'

// statuses are the answers to the first run's upload: the one with which an answer
// is lost, and those from 400 to 499 with which registries refuse.
var statuses = []string{
	lostBy, "400", "401", "402", "403", "404", "405", "406", "408", "409", "410", "412", "413", "415", "422", "423", "425", "426", "428",
	"429", "451", "499",
}

const lostBy = "502"

// befalls returns what the registry does to the uploads of a first run.
func befalls(fate, answer string) []registry.Fault {
	status, _ := strconv.Atoi(answer)
	first := registry.Fault{Store: true, Status: status, Message: words(status)}
	again := registry.Fault{Early: true, Always: true, Status: status, Message: words(status)}
	switch fate {
	case "accepted":
		return nil
	case "lost", "refused":
		return []registry.Fault{again}
	case "shown-later", "hidden":
		first.Invisible = true
	case "repacked":
		first.Repack = true
	case "cut":
		first.Reset = true
	}
	return []registry.Fault{first, again}
}

// words is the text of an answer; 499 has none that is known.
func words(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "Client Closed Request"
}

// how is the way a release is run: arguments, lines of the user's .npmrc, or
// scripts of the package.
var how = map[string]struct{ args, rc, scripts string }{
	"plain":          {},
	"--json":         {args: "--json"},
	"--silent":       {args: "--silent"},
	"--no-dry-run":   {args: "--no-dry-run"},
	"json":           {rc: "json=true"},
	"logs-max":       {rc: "logs-max=0"},
	"prefer-offline": {rc: "prefer-offline=true"},
	"offline":        {rc: "offline=true"}, // npm publish fails before it sends anything
	"usage":          {rc: "usage=true"},   // npm prints its usage, sends nothing and ends with 0
	"raises":         {scripts: `,"scripts":{"prepublishOnly":"node raise.js"}`},
	"stamps":         {scripts: `,"scripts":{"prepack":"node stamp.js"}`},
}

// The scripts of the package: one gives it the next number, and keeps it; the
// other gives it contents that it never had.
const (
	raiseScript = `const fs = require('fs'), text = fs.readFileSync('package.json', 'utf8')
fs.writeFileSync('package.json', text.replace(/("version":"\d+\.\d+\.)(\d+)/, (_, a, b) => a + (+b + 1)))
`
	stampScript = "require('fs').writeFileSync('stamp.txt', require('crypto').randomUUID())\n"
)

// twice is the matrix: where the first run is and where the second, what the
// second is asked for, and so on.
var twice = &matrix{
	factors: []factor{
		{"fate", []string{
			"stored",         // and readers are shown it, but its answer is lost
			"shown-later",    // the same, and readers are shown it before the second run
			"hidden",         // the same, and never
			"lost",           // not stored
			"repacked",       // stored with another shasum, and its answer is lost
			"refused",        // with one of the statuses
			"refused-stored", // stored all the same
			"cut",            // stored, and the connection breaks
			"accepted",
		}},
		{"status", statuses},
		{"where", []string{"folder", "workspace", "tarball", "checkout"}},
		{"then", []string{"same", "bump", "raised"}},
		{"how", []string{
			"plain", "--json", "json", "--silent", "logs-max", "prefer-offline", "--no-dry-run", "raises", "stamps", "offline", "usage",
		}},
		{"to", []string{"same", "other"}},
		{"first", []string{"folder", "workspace", "tarball"}},
		{"asked", []string{"nothing", "bump"}},            // of the first run, by --fix
		{"before", []string{"nothing", "older", "taken"}}, // what another machine published
		{"npm", []string{npm11, npm8, npm10, npm12}},
	},
	impossible: func(r row) bool {
		fate, how, status := r.get("fate"), r.get("how"), r.get("status")
		switch {
		case fate != "" && status != "" && strings.HasPrefix(fate, "refused") != (status != lostBy):
			return true
		case how == "raises" && (r.get("first") == "tarball" || r.get("where") == "tarball"):
			return true // no script runs when a tarball is published
		case how == "offline" || how == "usage":
			return fate != "" && fate != "lost" || status != "" && status != lostBy // nothing arrives that anything could befall
		case r.get("before") == "taken" && (r.get("asked") == "nothing" || r.get("first") == "tarball" || how == "raises"):
			return true // the first run would send nothing, or is a release of its own
		case r.get("to") == "other":
			return !slices.Contains([]string{"", "stored", "hidden", "refused", "refused-stored"}, fate)
		}
		return false
	},
	// Every commit: each fate meets everything that is asked for next, and each of the
	// refusals that differ is met; the other factors take all their values in turn. With
	// SAFEPUBLISH_TEST_WHOLE=pairs each status is met as a refusal; the first of each
	// kind of fates meet every way, the others some; where the first run was, what it was
	// asked for, what was there before and which npm it is take what comes.
	needless: func(r row) bool {
		given := func(name string) bool { return r.get(name) != "" }
		if wanted == "" {
			return !(given("fate") && given("then") || r.get("fate") == "refused" && slices.Contains(refusals, r.get("status")))
		}
		others := slices.Contains([]string{"cut", "accepted", "shown-later", "refused-stored"}, r.get("fate"))
		mixed := given("first") || given("asked") || given("before") || given("npm")
		return given("status") && r.get("fate") != "refused" || others && given("how") || mixed
	},
}

// refusals are statuses of which the ledger thinks differently: it may be a yes to
// somebody else, it says nothing of what became of the upload, it is about the pace.
var refusals = []string{"400", "403", "404", "408", "409", "429", "499"}

func TestRealTwice(t *testing.T) {
	rows, met := twice.pairwise()
	which := fmt.Sprintf("%d pairs of values meet in them", met)
	if wanted == "1" {
		rows, which = wholeOf(twice, "first", "asked", "before", "npm"), "that is every combination of six factors"
	}
	c := &count{words: map[string]int{}}
	began := time.Now()
	inTurn(t, rows, func(t *testing.T, r row) { c.add(t, runTwice(t, r)) })
	fmt.Printf("%d releases were run twice, %s; %d runs sent %d uploads in %s, %s of CPU; they ended with %v\n",
		c.runs/2, which, c.runs, c.uploads, time.Since(began).Round(time.Second), c.cpu.Round(time.Second), c.words)
}

// However few rows there are, each value is in one, of the statuses those of refusals.
func TestTwiceHasEveryValue(t *testing.T) {
	rows, _ := twice.pairwise()
	for _, f := range twice.factors {
		values := f.values
		if f.name == "status" && wanted == "" {
			values = append([]string{lostBy}, refusals...)
		}
		for _, value := range values {
			if !slices.ContainsFunc(rows, func(r row) bool { return r.get(f.name) == value }) {
				t.Errorf("no release is run twice with %s=%s", f.name, value)
			}
		}
	}
	t.Logf("%d rows", len(rows))
}

// wholeOf returns every combination of all factors but some, which take their
// values in turn.
func wholeOf(m *matrix, inTurn ...string) (rows []row) {
	alike := map[string][]row{}
	var order []string
	for _, r := range m.every() {
		key := ""
		for i, f := range m.factors {
			if !slices.Contains(inTurn, f.name) {
				key += "," + f.values[r.values[i]]
			}
		}
		if alike[key] == nil {
			order = append(order, key)
		}
		alike[key] = append(alike[key], r)
	}
	for i, key := range order {
		rows = append(rows, alike[key][i*7%len(alike[key])])
	}
	return rows
}

// inTurn runs a subtest for each row, five at a time: most of the time they wait.
func inTurn(t *testing.T, rows []row, run func(*testing.T, row)) {
	t.Helper()
	var running sync.WaitGroup
	turn := make(chan struct{}, 5)
	for _, r := range rows {
		turn <- struct{}{}
		running.Go(func() {
			defer func() { <-turn }()
			t.Run(r.String(), func(t *testing.T) { run(t, r) })
		})
	}
	running.Wait()
}

// count is what the rows come to.
type count struct {
	mu            sync.Mutex
	runs, uploads int
	cpu           time.Duration
	words         map[string]int
}

func (c *count) add(t *testing.T, runs []*play) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range runs {
		c.runs++
		c.uploads += len(p.puts)
		c.cpu += p.cpu
		c.words[p.doc.Outcome]++
	}
}

// runTwice plays one row.
func runTwice(t *testing.T, r row) []*play {
	before := map[string]string{"older": "0.9.0", "taken": "1.0.0"}[r.get("before")]
	if before != "" && r.get("how") == "raises" {
		before = "1.0.0" // the number from which the script goes on
	}
	s := newStage(t, r.get("npm"), `{"name":"demo","version":"1.0.0"`+how[r.get("how")].scripts+"}\n", before, before)
	s.npmrc(how[r.get("how")].rc)
	s.monorepo(r.get("first") == "workspace" || r.get("where") == "workspace")
	args := strings.Fields(how[r.get("how")].args)
	if r.get("asked") == "bump" {
		args = append(args, "--fix", "bump")
	}
	s.regs[0].Befall(befalls(r.get("fate"), r.get("status"))...)
	s.play(r.get("first"), 0, args...)
	s.regs[0].Befall()
	if r.get("fate") == "shown-later" {
		s.regs[0].Show()
	}
	runAgain(s, r, args)
	for _, wrong := range stopped(r, s) {
		t.Error(wrong)
	}
	s.judged()
	return s.runs
}

// runAgain is the second run of a row.
func runAgain(s *stage, r row, args []string) {
	s.t.Helper()
	place, to := r.get("where"), 0
	if place == "checkout" {
		s.checkOut()
	}
	switch {
	case r.get("then") == "bump" && r.get("asked") == "nothing":
		args = append(args, "--fix", "bump")
	case r.get("then") == "raised":
		s.raise("1.5.0")
	}
	if r.get("to") == "other" {
		to = 1
		args = append(args, "--registry="+s.regs[1].URL())
	}
	s.play(place, to, args...)
}

// stopped returns what is wrong where nothing stood in the way of a run, and it did
// not publish all the same: being careful is no reason.
func stopped(r row, s *stage) []string {
	h := r.get("how")
	if h == "offline" || h == "usage" || r.get("before") == "taken" || h == "raises" && r.get("before") == "older" {
		return nil
	}
	if r.get("fate") == "accepted" && s.runs[0].status != 0 {
		return []string{fmt.Sprintf("run 1: status %d, and nothing stood in the way", s.runs[0].status)}
	}
	first, second := s.runs[0], s.runs[1]
	known := len(first.held) == 0 && !slices.ContainsFunc(first.puts, func(u registry.Upload) bool { return isOpen(first.puts, u, nil) })
	if (second.to != first.to || known) && second.status != 0 {
		return []string{fmt.Sprintf("run 2: status %d, and nothing stood in the way", second.status)}
	}
	return nil
}

// stage is a package, what it can be published from, and the registries.
type stage struct {
	t      *testing.T
	p      *project // the package is in the folder pkg of its folder
	folder string   // the package that is worked on: that folder, or a copy of it
	raised bool     // its version was changed by hand since the last run
	wait   string   // --max-wait, "1s" where it is empty
	regs   []*registry.Registry
	runs   []*play
}

// play is one run of the program, and what it came to.
type play struct {
	argv          []string
	to            int              // the registry
	url           string           // its address
	raised        bool             // the package got its version by hand since the run before
	before, after string           // package.json
	made          map[int][]string // what arrived at any registry, "demo 1.0.0 502"
	puts          []registry.Upload
	held          []registry.Held // ours, at the registry, at the end
	shown         []registry.Held // what readers are shown there, at the end
	out, err      string
	status        int
	cpu           time.Duration
	doc           report.Document
}

// newStage makes a package, and a registry for each of befores: the version of the
// package that another machine published there long ago, "" for none. The home of
// the package is logged in to all of them.
func newStage(t *testing.T, npm, manifest string, befores ...string) *stage {
	t.Helper()
	s := &stage{t: t}
	for _, before := range befores {
		s.regs = append(s.regs, start(t, worldWith(gjson.Get(manifest, "name").String(), before)))
	}
	s.p = newProject(t, npm, strings.TrimSuffix(s.regs[0].URL(), "/"), `{"name":"root","private":true,"workspaces":["pkg"]}`)
	s.p.env = append(s.p.env, "npm_config_fetch_retries=1")
	for _, reg := range s.regs[1:] {
		s.npmrc(strings.TrimPrefix(reg.URL(), "http:") + ":_authToken=" + fakeToken)
	}
	s.folder = filepath.Join(s.p.dir, "pkg")
	if err := os.Mkdir(s.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"package.json": manifest, "index.js": "1\n", "raise.js": raiseScript, "stamp.js": stampScript} {
		s.p.write(filepath.Join("pkg", name), text)
	}
	return s
}

// npmrc adds a line to the user's .npmrc.
func (s *stage) npmrc(line string) {
	s.t.Helper()
	name := filepath.Join(s.p.home, ".npmrc")
	old, err := os.ReadFile(name)
	if err == nil {
		err = os.WriteFile(name, append(old, line+"\n"...), 0o600)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// worldWith knows one account, and holds one version of a package, "" for none.
func worldWith(name, version string) registry.World {
	w := registry.World{
		Users:    map[string]*registry.User{"me": {Name: "me", TFA: registry.TFALogin}},
		Tokens:   map[string]*registry.Token{fakeToken: {User: "me"}},
		Scopes:   map[string][]string{"me": {"me"}, "you": {"me"}},
		Packages: map[string]*registry.Package{},
	}
	if version != "" {
		w.Packages[name] = longAgo(name, version)
	}
	return w
}

// monorepo makes the folder above the package its workspace root, or a folder like
// any other.
func (s *stage) monorepo(yes bool) {
	s.t.Helper()
	if yes {
		return
	}
	if err := os.Remove(filepath.Join(s.p.dir, "package.json")); err != nil {
		s.t.Fatal(err)
	}
}

// checkOut makes a copy of the package, elsewhere, the one that is worked on.
func (s *stage) checkOut() {
	s.t.Helper()
	copied := filepath.Join(s.t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(s.folder)); err != nil {
		s.t.Fatal(err)
	}
	s.folder = copied
}

// raise gives the package a version by hand.
func (s *stage) raise(version string) {
	s.t.Helper()
	text := s.manifest()
	s.write("package.json", strings.Replace(text, versionOf(text), version, 1))
	s.raised = true
}

// write writes a file of the package that is worked on.
func (s *stage) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) manifest() string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join(s.folder, "package.json"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func versionOf(manifest string) string { return gjson.Get(manifest, "version").String() }

// play runs the program once, in one of the places that the package can be
// published from.
func (s *stage) play(place string, to int, args ...string) *play {
	s.t.Helper()
	dir := s.folder
	switch place {
	case "workspace":
		dir, args = s.p.dir, append(args, "-w", "pkg")
	case "tarball":
		dir = s.pack()
		args = append(args, "./demo.tgz")
	}
	reportFile := filepath.Join(s.t.TempDir(), "report.json")
	args = append(args, "--report", reportFile, "--max-wait", cmp.Or(s.wait, "1s"))
	if s.wait == "" {
		args = append(args, "--max-attempts", "2")
	}
	p := &play{argv: args, to: to, url: s.regs[to].URL(), raised: s.raised, before: s.manifest(), made: map[int][]string{}}
	s.raised = false
	seen := s.arrived()
	s.run(p, dir)
	for i, reg := range s.regs {
		for _, u := range reg.Uploads("")[seen[i]:] {
			p.made[i] = append(p.made[i], fmt.Sprintf("%s@%s %.7s %d", u.Name, u.Version, u.Shasum, u.Status))
			if i == to {
				p.puts = append(p.puts, u)
			}
		}
	}
	p.after = s.manifest()
	for _, h := range s.regs[to].Holds() {
		if h.By == "me" {
			p.held = append(p.held, h)
		}
		if h.Readable {
			p.shown = append(p.shown, h)
		}
	}
	if _, err := os.Stat(reportFile); err == nil {
		p.doc = validReport(s.t, reportFile)
	}
	s.runs = append(s.runs, p)
	return p
}

// run starts the program without a terminal and waits for it.
func (s *stage) run(p *play, dir string) {
	s.t.Helper()
	cmd := s.p.command(p.argv...)
	cmd.Dir = dir
	p.out, p.err, p.status = outputOf(s.t, cmd)
	p.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// arrived returns how many uploads each registry has got.
func (s *stage) arrived() (all []int) {
	for _, reg := range s.regs {
		all = append(all, len(reg.Uploads("")))
	}
	return all
}

// packed are tarballs, by the manifest of the package: npm makes the same bytes of
// the same package.
var packed sync.Map

// pack makes a tarball of the package in a folder of its own, which it returns.
func (s *stage) pack() string {
	s.t.Helper()
	dir, manifest := s.t.TempDir(), s.manifest()
	tarball, have := packed.Load(manifest)
	if !have {
		cmd := exec.Command(realnpm.Path(s.t, npm11), "pack", "--silent", "--pack-destination", dir)
		cmd.Dir, cmd.Env = s.folder, append(slices.Clone(s.p.env), "npm_config_userconfig=/dev/null")
		if out, err := cmd.CombinedOutput(); err != nil {
			s.t.Fatalf("%v %s", err, out)
		}
		made, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
		if err != nil || len(made) != 1 {
			s.t.Fatalf("%v %v", made, err)
		}
		if tarball, err = os.ReadFile(made[0]); err != nil {
			s.t.Fatal(err)
		}
		if err := os.Remove(made[0]); err != nil {
			s.t.Fatal(err)
		}
		if !strings.Contains(manifest, "stamp.js") {
			packed.Store(manifest, tarball)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "demo.tgz"), tarball.([]byte), 0o644); err != nil {
		s.t.Fatal(err)
	}
	return dir
}

// judged fails the test for whatever the judge finds, and tells the story.
func (s *stage) judged() {
	s.t.Helper()
	for _, wrong := range judge(s) {
		s.t.Error(wrong)
	}
	if s.t.Failed() {
		s.tell()
	}
}

// tell prints what the runs did, for whoever looks for the reason of a failure.
func (s *stage) tell() {
	s.t.Helper()
	var b strings.Builder
	for i, p := range s.runs {
		fmt.Fprintf(&b, "run %d: safepublish %s\n  uploads %v\n  status %d, outcome %s, packages %+v\n  held %v\n",
			i+1, strings.Join(p.argv, " "), p.made, p.status, p.doc.Outcome, p.doc.Packages, holdings(p.held))
		fmt.Fprintf(&b, "  package.json %q, then %q\n", p.before, p.after)
		for line := range strings.Lines(p.err) {
			if !strings.HasPrefix(line, "npm ") {
				_, _ = io.WriteString(&b, "  | "+line)
			}
		}
	}
	s.t.Log(b.String())
}
