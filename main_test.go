package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript/recordedtest"
	"safepublish/runner"
	"safepublish/runner/realnpm"
)

var update = flag.Bool("update", false, "rewrite golden files")

// TestMain makes safepublish and a fake npm out of the test binary, so that the
// scripts run real processes with real exit statuses.
func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"safepublish": main,
		"npm":         fakeNPM,
	})
}

// tests are those of this package, as opposed to the programs that the test binary
// is to them.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	realnpm.TakeSignals()
	return t.m.Run()
}

// fakeNPM leaves a mark that it was started with a publish, prints and logs what
// the files of the script say, and ends with the status in FAKE_NPM.
func fakeNPM() {
	if slices.Contains(os.Args, "--version") {
		fmt.Println("11.19.1")
		return
	}
	if len(os.Args) > 1 && os.Args[1] == "version" {
		fmt.Println(`{"demo":"1.0.0","npm":"11.19.1","node":"22.1.0"}`)
		return
	}
	if len(os.Args) < 2 || os.Args[1] != "publish" {
		os.Exit(1) // it answers no question
	}
	started, _ := os.OpenFile(os.Getenv("MARK"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	_, _ = fmt.Fprintf(started, "%q\n", os.Args[1:])
	_ = started.Close()
	dir := os.Getenv("npm_config_logs_dir")
	if log, err := os.ReadFile(os.Getenv("FAKE_LOG")); err == nil && dir != "" {
		_ = os.MkdirAll(dir, 0o700)
		wd, _ := os.Getwd()
		log = bytes.ReplaceAll(log, []byte("$WORK"), []byte(wd))
		_ = os.WriteFile(filepath.Join(dir, "2026-01-01T00_00_00_000Z-debug-0.log"), log, 0o600)
	}
	for name, to := range map[string]*os.File{"FAKE_OUT": os.Stdout, "FAKE_ERR": os.Stderr} {
		text, _ := os.ReadFile(os.Getenv(name))
		_, _ = to.Write(text)
	}
	status, _ := strconv.Atoi(os.Getenv("FAKE_NPM"))
	os.Exit(status)
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir+"/home")
			e.Setenv("XDG_STATE_HOME", e.WorkDir+"/state")
			e.Setenv("GORACE", "atexit_sleep_ms=0")
			e.Setenv("MARK", e.WorkDir+"/started")
			bin, _, _ := strings.Cut(e.Getenv("PATH"), string(filepath.ListSeparator))
			e.Setenv("SAFEPUBLISH", filepath.Join(bin, "safepublish"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status},
	})
}

// status runs a command and checks its exit status: status 64 safepublish --x.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command …")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("status %s, want %s", got, args[0])
	}
}

// A mistyped flag makes npm publish for real what was not meant: npm 11 and older
// ignore what they do not know. None of these may start npm.
func TestMistypedFlagsNeverStartNPM(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	mark := filepath.Join(t.TempDir(), "started")
	npm := filepath.Join(t.TempDir(), "npm")
	script := "#!/bin/sh\n[ \"$1\" = --version ] && echo 11.19.1 && exit\necho \"$@\" >>" + mark + "\n"
	if err := os.WriteFile(npm, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("package.json", []byte("{\n  \"name\": \"demo\",\n  \"version\": \"1.0.0\"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"--dryrun", "--dryRun", "--dry_run", "--DRY-RUN", "--access --dry-run", "--tag --dry-run", "--registry --dry-run",
		"--loglevel --dry-run", "--otp --dry-run", "--dry-run false", "--acess public", "--acc public", "--tga beta", "--tags beta",
		"--no-input=maybe --x", "--publc", "--registry not-a-url", "--no-tag", "--tag=", "--frobnicate", "--yes-please", "--fixx bump",
		"--fix", "--max-attempts zero", "--max-attempts 0", "wdiget", "publish", "a b", "--workspce a", "--provenence", "-z",
	} {
		var errs bytes.Buffer
		out, err := os.CreateTemp(t.TempDir(), "err")
		if err != nil {
			t.Fatal(err)
		}
		got := run(strings.Fields(args), append(os.Environ(), "SAFEPUBLISH_NPM="+npm), runner.Streams{In: os.Stdin, Out: out, Err: out})
		text, _ := os.ReadFile(out.Name())
		errs.Write(text)
		lines := strings.Count(errs.String(), "\n")
		if got != classify.ExitUsage || lines != 1 || !strings.HasPrefix(errs.String(), "safepublish: ") {
			t.Errorf("%s: status %d, said %q", args, got, errs.String())
		}
	}
	if started, err := os.ReadFile(mark); err == nil {
		t.Errorf("npm was started with:\n%s", started)
	}
}

// Every recorded run, saved to a file as log or as screen, is explained rightly.
func TestExplainNamesEveryRecordedRun(t *testing.T) {
	runs, err := recordedtest.Load("testdata/transcripts")
	if err != nil {
		t.Fatal(err)
	}
	step, explained := 1, 0
	if testing.Short() {
		step = 8
	}
	for i := 0; i < len(runs); i += step {
		r := runs[i]
		in := r.Input()
		for kind, text := range map[string][]byte{"log": in.Log, "screen": in.Screen, "stderr": in.Stderr} {
			if len(text) == 0 || len(r.Expect) == 0 || r.Case == "logs_max_0" && kind == "log" {
				continue // npm 6's log under logs-max=0 is about the failure to write one
			}
			explained++
			doc := explainJSON(t, text)
			switch {
			case len(doc.Diagnoses) == 0:
				if kind == "log" && !slices.Contains(r.Expect, "none") {
					t.Errorf("%s %s: no failure found, want %v", r.Name(), kind, r.Expect)
				}
			case !slices.Contains(r.Expect, doc.Diagnoses[0].Cause) && (kind == "log" || doc.Diagnoses[0].Sure):
				t.Errorf("%s %s: %s (sure: %v), want %v", r.Name(), kind, doc.Diagnoses[0].Cause, doc.Diagnoses[0].Sure, r.Expect)
			}
		}
	}
	if explained < 1000/step {
		t.Errorf("only %d texts were explained", explained)
	}
}

type explained struct {
	Diagnoses []struct {
		Cause string
		Sure  bool
	}
}

func explainJSON(t *testing.T, text []byte) explained {
	t.Helper()
	file := filepath.Join(t.TempDir(), "npm.log")
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if got := run([]string{"explain", "--json", file}, nil, runner.Streams{In: os.Stdin, Out: out, Err: out}); got != 0 {
		t.Fatalf("status %d", got)
	}
	b, _ := os.ReadFile(out.Name())
	var doc explained
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	return doc
}

// A start makes little: every safepublish --version, and every publish, pays for it. In
// bytes, which do not depend on the machine; six megabytes were patterns and tables.
func TestStartMakesLittle(t *testing.T) {
	if n := pattern.CompileAll(); n < 200 {
		t.Errorf("%d patterns are known", n)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	said, err := cmd.CombinedOutput()
	made := 0
	for _, m := range regexp.MustCompile(`(?m)^init safepublish\S* @.* (\d+) bytes`).FindAllSubmatch(said, -1) {
		n, _ := strconv.Atoi(string(m[1]))
		made += n
	}
	if err != nil || made == 0 || made > 1<<20 {
		t.Errorf("%d bytes, %v:\n%s", made, err, said)
	}
}

// Options are declared twice, to the splitter and to urfave/cli: they must agree.
func TestOptionsAgree(t *testing.T) {
	for _, command := range append([]string{""}, npm.Commands...) {
		app := newApp(nil, command, "", nil)
		for _, o := range npm.Options {
			declared := slices.ContainsFunc(app.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), o.Name) })
			in := o.Commands == nil || slices.Contains(o.Commands, command)
			if o.Name != "help" && o.Name != "version" && declared != in && command != "check" && command != "report-schema" {
				t.Errorf("--%s after %q: urfave knows it: %v, the splitter: %v", o.Name, command, declared, in)
			}
		}
	}
}
