//go:build !windows

package e2e

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/runner/realnpm"
	"safepublish/runner/registry"
	"safepublish/runner/report"
)

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
