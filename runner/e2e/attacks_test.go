//go:build !windows

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/remedy/ledger"
	"safepublish/runner/registry"
)

// Each of these attacks has made some safepublish publish twice, or say what was
// not true. They are played with real npm, and judged as the matrix is.

// hiding is a registry that stores the first upload, answers nothing but 502, and
// shows it to nobody.
func hiding() []registry.Fault { return befalls("hidden", lostBy) }

// ended checks how the last run ended, and returns it.
func (s *stage) ended(status int, outcome ledger.Outcome) *play {
	s.t.Helper()
	p := s.runs[len(s.runs)-1]
	if p.status != status || p.doc.Outcome != outcome {
		s.t.Errorf("run %d: status %d, outcome %s; want %d, %s", len(s.runs), p.status, p.doc.Outcome, status, outcome)
	}
	return p
}

// sentNothing checks that nothing arrived anywhere during the last run.
func (s *stage) sentNothing() {
	s.t.Helper()
	if p := s.runs[len(s.runs)-1]; len(p.made) > 0 {
		s.t.Errorf("run %d sent %v", len(s.runs), p.made)
	}
}

// An upload is open at one registry. That another took the same version says
// nothing about it, and a registry is the same however its address is written.
func TestRealAnotherRegistryProvesNothing(t *testing.T) {
	t.Parallel()
	for name, spell := range map[string]func(string) string{
		"as configured": func(string) string { return "" },
		"in capitals": func(url string) string {
			return "--registry=" + strings.TrimSuffix(strings.Replace(url, "http:", "HTTP:", 1), "/")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "", "")
			s.monorepo(false)
			s.regs[0].Befall(hiding()...)
			s.play("folder", 0)
			s.regs[0].Befall()
			s.play("folder", 1, "--registry="+s.regs[1].URL())
			s.ended(0, ledger.Published)
			s.raise("1.0.1")
			s.play("folder", 0, strings.Fields(spell(s.regs[0].URL()))...)
			s.sentNothing()
			s.judged()
		})
	}
}

// A script gives the package another number at every publish, and the answer to
// the upload is lost: what was sent is the version from after the script. Shown at
// last, it is the end of the release.
func TestRealAScriptRaisesTheVersion(t *testing.T) {
	t.Parallel()
	for _, c := range few(2, []struct{ event, before string }{
		{"prepublishOnly", "1.0.0"}, {"prepack", ""}, {"prepublishOnly", ""}, {"prepack", "1.0.0"},
	}) {
		t.Run(c.event+" after "+c.before, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, `{"name":"demo","version":"1.0.0","scripts":{"`+c.event+`":"node raise.js"}}`, c.before)
			s.monorepo(false)
			s.regs[0].Befall(hiding()...)
			s.play("folder", 0)
			s.regs[0].Befall()
			s.play("folder", 0)
			s.regs[0].Show()
			s.play("folder", 0)
			s.ended(0, ledger.AlreadyPublished)
			s.sentNothing()
			s.judged()
		})
	}
}

// While a tarball is open no other goes out, of another version or with other
// contents, whether npm prints shasums or not.
func TestRealTarballsWhileOneIsOpen(t *testing.T) {
	t.Parallel()
	for _, c := range few(2, []struct{ how, version, description string }{
		{"--json", "1.0.0", "other contents"},
		{"--silent", "1.0.1", ""},
		{"", "1.0.0", "other contents"},
		{"--json", "1.0.1", ""},
	}) {
		t.Run(c.version+" "+c.how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "")
			s.monorepo(false)
			s.regs[0].Befall(hiding()...)
			s.play("tarball", 0, strings.Fields(c.how)...)
			s.regs[0].Befall()
			s.raise(c.version)
			s.write("package.json", strings.Replace(s.manifest(), "{", `{"description":"`+c.description+`",`, 1))
			s.play("tarball", 0, strings.Fields(c.how)...)
			s.sentNothing()
			s.judged()
		})
	}
}

// A build stamp gives every try other bytes: by itself nothing is tried again
// while the first may be stored, in the same run or in the next.
func TestRealARetrySendsTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, c := range few(2, []struct{ event, fate string }{
		{"prepublishOnly", "hidden"}, {"prepack", "lost"}, {"prepack", "hidden"}, {"prepare", "lost"},
	}) {
		t.Run(c.event+" "+c.fate, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, `{"name":"demo","version":"1.0.0","scripts":{"`+c.event+`":"node stamp.js"}}`, "")
			s.monorepo(false)
			s.wait = "10s" // long enough for a second try
			s.regs[0].Befall(befalls(c.fate, lostBy)...)
			s.play("folder", 0)
			s.regs[0].Befall()
			s.wait = ""
			s.play("folder", 0)
			s.judged()
		})
	}
}

// What says that this is no dry run switches nothing off.
func TestRealNoDryRunHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range few(3, []struct {
		args, env, rc string
		second        bool // the run that is started so is the second one
	}{
		{args: "--dry-run --no-dry-run"},
		{args: "--no-dry-run", env: "npm_config_dry_run=true", second: true},
		{rc: "dry-run=false"},
		{args: "--no-dry-run"},
		{args: "--no-dry-run", second: true},
		{args: "--dry-run=false", second: true},
		{env: "npm_config_dry_run=false"},
	}) {
		t.Run(fmt.Sprintf("%s%s%s second %v", c.args, c.env, c.rc, c.second), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "")
			s.monorepo(false)
			s.npmrc(c.rc)
			plain := s.p.env
			so := func(yes bool) (args []string) {
				if s.p.env = plain; !yes {
					return nil
				}
				s.p.env = append(slices.Clone(plain), strings.Fields(c.env)...)
				return strings.Fields(c.args)
			}
			s.regs[0].Befall(hiding()...)
			s.play("folder", 0, so(!c.second)...)
			if len(s.runs[0].puts) == 0 {
				t.Error("it was a dry run")
			}
			s.regs[0].Befall()
			s.raise("1.0.1")
			s.play("folder", 0, so(c.second)...)
			s.sentNothing()
			s.judged()
		})
	}
}

// spam is a refusal that nothing but another name helps against.
var spam = answer{status: 403, err: spamSaid}

// Sentences of npmjs.org.
const (
	similar = "Package name too similar to existing package demos; try renaming your package to '@me/demo' " +
		"and publishing with 'npm publish --access=public' instead"
	spamSaid = "Package name triggered spam detection; if you believe this is in error, please contact support"
)

// A registry refuses in well-known words, and has stored the version all the same:
// it is asked before another name, access or dist-tag goes out.
func TestRealRefusedAndStored(t *testing.T) {
	t.Parallel()
	for _, c := range few(5, []struct {
		name, fix, says string
		status          int
		args, before    string
	}{
		{"demo", "rename=@me/demo", similar, 403, "", ""},
		{"demo", "tag=next", "invalid tag", 400, "", ""},
		{"demo", "bump", "Cannot publish over previously published version \"1.0.0\".", 400, "", ""},
		{"@me/demo", "access=@me/demo", "You must sign up for private packages", 402, "", "0.9.0"},
		{"@you/demo", "rename=@me/demo", "Scope not found", 404, "--access=public", ""},
		{"demo", "rename=@me/demo", spamSaid, 403, "", ""},
		{"demo", "rename=@me/demo", "You do not have permission to publish \"demo\". Are you logged in as the correct user?", 403, "", ""},
	}) {
		t.Run(c.fix+" "+c.says[:11], func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, strings.Replace(demo, "demo", c.name, 1), c.before)
			s.monorepo(false)
			s.regs[0].Befall(registry.Fault{Store: true, Status: c.status, Message: c.says})
			s.play("folder", 0, append(strings.Fields(c.args), "--fix", c.fix)...)
			s.ended(0, ledger.AlreadyPublished)
			s.judged()
		})
	}
}

// The upload was stored, and nobody answers the question whether it was: what is
// not known is no permission.
func TestRealNobodyAnswersTheQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range few(3, []struct {
		fix, says string
		status    int
	}{
		{"bump", "You cannot publish over the previously published versions: 1.0.0.", 403},
		{"rename=@me/demo", spamSaid, 403},
		{"bump", "bad gateway", 502},
		{"bump", "Cannot publish over previously published version \"1.0.0\".", 400},
	}) {
		t.Run(c.fix+" "+c.says[:11], func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm10, demo, "") // it asks nothing before it sends
			s.monorepo(false)
			s.regs[0].Befall(registry.Fault{Store: true, Status: c.status, Message: c.says}, registry.Fault{At: "GET", Status: http.StatusServiceUnavailable})
			p := s.play("folder", 0, "--fix", c.fix)
			if len(s.regs[0].Holds()) != 1 || p.status == 0 || len(p.puts) > 1 && c.status != 502 {
				t.Errorf("status %d, sent %v", p.status, p.puts)
			}
			if c.status != 403 || c.fix != "bump" { // there the registry itself says that the version was there before
				s.judged()
			}
		})
	}
}

// npm prints no shasum, and the same bytes are the same bytes all the same: a
// release that is run again changes nothing, and one whose answer was lost is not
// given another number.
func TestRealNPMPrintsNoShasum(t *testing.T) {
	t.Parallel()
	for _, c := range few(2, []struct{ name, args, rc string }{
		{"--json", "--json", ""},
		{"silent without a log", "--silent", "logs-max=0"},
		{"json in a file", "", "json=true"},
		{"warnings without a log", "", "loglevel=warn\nlogs-max=0"},
	}) {
		t.Run(c.name+" run again", func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "")
			s.monorepo(false)
			s.npmrc(c.rc)
			args := strings.Fields(c.args)
			s.play("folder", 0, args...)
			s.ended(0, ledger.Published)
			if c.rc == "" {
				s.play("folder", 0, args...)
				s.ended(0, ledger.AlreadyPublished)
			}
			s.play("folder", 0, append(args, "--fix", "bump")...)
			s.ended(0, ledger.AlreadyPublished)
			s.judged()
		})
		t.Run(c.name+" answer lost", func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "")
			s.monorepo(false)
			s.npmrc(c.rc)
			s.wait = "6s" // long enough for a second try
			s.regs[0].Befall(befalls("stored", lostBy)...)
			s.play("folder", 0, append(strings.Fields(c.args), "--fix", "bump")...)
			s.judged()
		})
	}
}

// An npm that ends with 0 and published nothing has published nothing.
func TestRealExitZeroWithoutAPublish(t *testing.T) {
	t.Parallel()
	for _, c := range few(3, []struct{ name, script string }{
		{"nothing", `:`},
		{"an object", `echo '{"demo":{"id":"demo@1.0.0","name":"demo","version":"1.0.0","shasum":"0000000000000000000000000000000000000000"}}'`},
		{"notices", `echo "npm notice Publishing to http://127.0.0.1:9/ with tag latest and default access" >&2; echo "+ demo@1.0.0"`},
		{"a plus line", `echo "+ demo@1.0.0"`},
		{"a sentence", `echo "No version is set for command npm"`},
	}) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, demo, "")
			s.monorepo(false)
			npm := filepath.Join(t.TempDir(), "npm")
			shim := "#!/bin/sh\n[ \"$1\" = publish ] || exec " + s.p.npm + " \"$@\"\n" + c.script + "\n"
			if err := os.WriteFile(npm, []byte(shim), 0o755); err != nil {
				t.Fatal(err)
			}
			s.p.env = append(s.p.env, "SAFEPUBLISH_NPM="+npm)
			s.play("folder", 0, map[bool][]string{true: {"--json"}}[c.name == "an object"]...)
			s.judged()
		})
	}
	t.Run("its usage", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, npm11, demo, "")
		s.monorepo(false)
		s.npmrc("usage=true")
		s.play("folder", 0)
		s.judged()
	})
}

// --wait follows the version that was sent, not the one that npm printed before
// the scripts ran.
func TestRealWaitFollowsWhatWasSent(t *testing.T) {
	t.Parallel()
	for _, kept := range []bool{false, true} {
		t.Run(fmt.Sprintf("stored %v", kept), func(t *testing.T) {
			t.Parallel()
			s := newStage(t, npm11, `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"node raise.js"}}`, "1.0.0")
			s.monorepo(false)
			if !kept { // a yes to an upload that is dropped
				s.regs[0].Befall(registry.Fault{Early: true, Status: http.StatusCreated})
			}
			p := s.play("folder", 0, "--wait", "4s")
			if kept {
				s.ended(0, ledger.Published)
			}
			if strings.Contains(p.err, "demo 1.0.0 is published") {
				t.Errorf("another version is waited for:\n%s", p.err)
			}
			s.judged()
		})
	}
}

// A script prints what npm would print and fails: with a log and without one
// nothing was sent, and nobody says that it was.
func TestRealAScriptPrintsNPMsLines(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{
		"already there": `npm notice Publishing to http://127.0.0.1:9/ with tag latest and default access
npm error code E403
npm error 403 403 Forbidden - PUT http://127.0.0.1:9/demo - You cannot publish over the previously published versions: 1.0.0.
npm error A complete log of this run can be found in: /tmp/x-debug-0.log
`,
		"published": `npm notice Publishing to http://127.0.0.1:9/ with tag latest and default access
npm http fetch PUT 201 http://127.0.0.1:9/demo 12ms
+ demo@1.0.0
`,
	} {
		for _, args := range few(1, []string{"--logs-max=0", ""}) {
			t.Run(name+" "+args, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, npm11, `{"name":"demo","version":"1.0.0","scripts":{"prepack":"cat lines.txt >&2; cat lines.txt; exit 1"}}`, "")
				s.monorepo(false)
				s.write("lines.txt", lines)
				s.play("folder", 0, append(strings.Fields(args), "--fix", "bump")...)
				s.sentNothing()
				s.judged()
			})
		}
	}
}

// npm logs the header npm-notice of any answer as if it had said so itself. It
// names no registry and no package, makes no run a dry run, and closes no upload.
func TestRealNoticeOfTheRegistry(t *testing.T) {
	t.Parallel()
	for i, notice := range []string{
		"Publishing to http://127.0.0.1:9/ with tag x and public access (dry-run)",
		"package: other@9.9.9",
		"name: other",
		"version: 9.9.9",
		"shasum: " + strings.Repeat("a", 40),
	} {
		for _, c := range few(1, []struct{ on, fate string }{
			{"PUT", "hidden"}, {"GET", "accepted"}, {"PUT", "accepted"}, {"PUT", "refused"}, {"GET", "hidden"}, {"GET", "refused"},
		}[i%2:]) {
			t.Run(c.on+" "+c.fate+" "+notice, func(t *testing.T) {
				t.Parallel()
				noticed(t, notice, c.on, c.fate)
			})
		}
	}
}

// noticed plays a release to a registry that sends a notice with its answers.
func noticed(t *testing.T, notice, on, fate string) {
	header := map[string]string{"Npm-Notice": notice}
	s := newStage(t, npm11, demo, "0.9.0")
	s.monorepo(false)
	faults := befalls(fate, map[string]string{"hidden": lostBy, "refused": "403"}[fate])
	if fate == "accepted" {
		faults = []registry.Fault{{Store: true, Status: http.StatusCreated}}
	}
	if on == "GET" {
		s.regs[0].Change(func(w *registry.World) { w.Header = header })
	}
	for i := range faults {
		if on == "PUT" {
			faults[i].Header = header
		}
	}
	s.regs[0].Befall(faults...)
	s.play("folder", 0)
	switch s.regs[0].Befall(); fate {
	case "accepted":
		s.ended(0, ledger.Published)
	case "hidden":
		s.raise("1.0.1")
		s.play("folder", 0)
		s.sentNothing()
	}
	s.judged()
}
