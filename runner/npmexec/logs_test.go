//go:build unix

package npmexec

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"safepublish/classify/transcript"
)

// quiet returns a Runner as a CI would have it: nobody is asked, its streams are
// files.
func quiet(t *testing.T, npm string) *Runner {
	t.Helper()
	dir := t.TempDir()
	return &Runner{
		NPM:      &NPM{Path: npm, Dir: dir, Env: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}},
		StateDir: filepath.Join(t.TempDir(), "state", "safepublish"),
		In:       nil, Out: create(t, filepath.Join(t.TempDir(), "out")), Err: create(t, filepath.Join(t.TempDir(), "err")),
		Redactor: transcript.NewRedactor(nil),
	}
}

func publish(t *testing.T, r *Runner, a Attempt) Result {
	t.Helper()
	result, err := r.Publish(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// logging is an npm that writes a debug log where it was told to, as npm 8 to 12.
const logging = `d=$npm_config_logs_dir; mkdir -p "$d"
{ echo "0 verbose cli /usr/bin/node /usr/bin/npm"; echo "1 info using npm@11.19.1"; echo "7 verbose title npm publish"
echo "8 verbose argv \"publish\" \"--otp\" \"$npm_config_otp\""; echo "9 verbose token npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE"
echo "33 verbose cwd $PWD"; echo "36 error code E403"; echo "38 verbose exit 1"; } > "$d/2026-11-23T15_47_24_935Z-debug-0.log"
exit 1`

// newestLog returns the first log of the last attempt that left one, "" for none.
func newestLog(r *Runner) string {
	folders, _ := filepath.Glob(filepath.Join(r.StateDir, "logs", "*-*Z-*"))
	if len(folders) == 0 {
		return ""
	}
	if logs := logFiles(folders[len(folders)-1]); len(logs) > 0 {
		return logs[0]
	}
	return ""
}

func TestLogsAreKeptRedactedAndPruned(t *testing.T) {
	r := quiet(t, fakeNPM(t, logging))
	old := filepath.Join(r.StateDir, "logs", "mine")
	if err := os.MkdirAll(old, 0o700); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for range logsKept + 3 {
		result := publish(t, r, Attempt{Env: []string{"npm_config_otp=493817"}})
		if !result.HasLog || result.Code != "E403" {
			t.Fatalf("the log was not read: %+v", result)
		}
		paths = append(paths, newestLog(r))
	}
	for i, path := range paths {
		info, err := os.Stat(path)
		if kept := err == nil; kept != (i >= 3) {
			t.Errorf("log %d of %d: kept is %v", i, len(paths), kept)
		}
		if err == nil && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
	}
	if info, err := os.Stat(filepath.Dir(paths[5])); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info, err)
	}
	if _, err := os.Stat(old); err != nil {
		t.Error("a folder that is not ours was removed")
	}
	noSecretUnder(t, r.StateDir, "493817", "npm_FAKEfake")
}

func noSecretUnder(t *testing.T, root string, secrets ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		files++
		text := read(t, path)
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%s holds %s:\n%s", path, s, text)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files: %v", files, err)
	}
}

// Where the state directory cannot be written, npm runs all the same.
func TestWithoutStateDirectory(t *testing.T) {
	for _, dir := range []string{"", "/dev/null/safepublish"} {
		r := quiet(t, fakeNPM(t, `[ -z "$npm_config_logs_dir" ] && exit 3; exit 4`))
		r.StateDir = dir
		if result := publish(t, r, Attempt{}); result.Exit != 3 || result.HasLog {
			t.Errorf("%q: exit %d, log %v", dir, result.Exit, result.HasLog)
		}
	}
}

// What the user has said of npm's logs is honoured by what is left behind; the attempt
// writes one of ours whatever that was, for without it nothing is proven.
func TestOwnLogsAreHonoured(t *testing.T) {
	const name = "2026-11-23T15_47_24_935Z-debug-0.log"
	for title, c := range map[string]struct {
		args, env []string
		npmrc     string
		none      bool
	}{
		"folder by flag":        {args: []string{"--logs-dir=OWN"}},
		"folder by two words":   {args: []string{"--logs-dir", "OWN"}},
		"folder by environment": {env: []string{"NPM_CONFIG_LOGS_DIR=OWN"}},
		"folder by file":        {npmrc: "logs-dir=OWN\n"},
		"none by flag":          {args: []string{"--logs-max=0"}, none: true},
		"none by file":          {npmrc: "logs-max = 0\n", none: true},
	} {
		t.Run(title, func(t *testing.T) {
			own := t.TempDir()
			config := fmt.Sprintf(`{"logs-dir":%q,"logs-max":10}`, own)
			if c.none {
				config = `{"logs-dir":null,"logs-max":0}`
			}
			r := quiet(t, fakeNPM(t, "case $1 in config) echo '"+config+"'; exit;; --version) echo 11.19.1; exit;; esac; case \"$*\" in *logs-*) exit 9;; esac\n"+logging))
			for _, e := range c.env {
				r.Env = append(r.Env, strings.ReplaceAll(e, "OWN", own))
			}
			if err := os.WriteFile(filepath.Join(r.Dir, ".npmrc"), []byte(strings.ReplaceAll(c.npmrc, "OWN", own)), 0o600); err != nil {
				t.Fatal(err)
			}
			var args []string
			for _, a := range c.args {
				args = append(args, strings.ReplaceAll(a, "OWN", own))
			}
			result := publish(t, r, Attempt{Args: args, Env: []string{"npm_config_otp=493817"}})
			if result.Code != "E403" || !result.HasLog {
				t.Fatalf("code %q, log %v", result.Code, result.HasLog)
			}
			ours, _ := filepath.Glob(filepath.Join(r.StateDir, "logs", "*", name))
			text, err := os.ReadFile(filepath.Join(own, name))
			if c.none != (len(ours) == 0) || c.none != os.IsNotExist(err) {
				t.Errorf("ours %v, the user's %v", ours, err)
			}
			if strings.Contains(string(text), "493817") {
				t.Error("a secret was left in the user's folder")
			}
		})
	}
}

// The second file of one run (npm begins it after 50,000 lines) belongs to it.
func TestLogInTwoFiles(t *testing.T) {
	r := quiet(t, fakeNPM(t, `cd "$npm_config_logs_dir" && echo "7 verbose title npm publish" > a-debug-0.log && echo "50001 error code E402" > a-debug-1.log; exit 1`))
	if result := publish(t, r, Attempt{}); result.Code != "E402" {
		t.Errorf("code %q", result.Code)
	}
}

func heldText(t *testing.T, h *Held) string {
	t.Helper()
	var b strings.Builder
	if _, err := h.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	h.Close()
	return b.String()
}

func TestHeldStdout(t *testing.T) {
	r := quiet(t, fakeNPM(t, `echo '{"id":1}'; echo text >&2`))
	for _, hold := range []bool{true, false} {
		result := publish(t, r, Attempt{Args: []string{"--json"}, HoldStdout: hold})
		shown := read(t, r.Out.Name())
		if hold && (heldText(t, result.Stdout) != "{\"id\":1}\n" || shown != "") || !hold && (result.Stdout != nil || shown != "{\"id\":1}\n") {
			t.Errorf("hold %v: held %q, shown %q", hold, heldText(t, result.Stdout), shown)
		}
	}
}

func TestPublishLeavesNothingRunning(t *testing.T) {
	r := quiet(t, fakeNPM(t, "seq 1 1000; exit 1"))
	for range 5 {
		publish(t, r, Attempt{})
	}
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != syscall.ECHILD {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
	if n := copying(); n > 0 {
		t.Errorf("%d goroutines are still copying", n)
	}
}

func TestNPMThatCannotBeStarted(t *testing.T) {
	r := quiet(t, "/nowhere/npm")
	if _, err := r.Publish(context.Background(), Attempt{}); err == nil {
		t.Error("no error")
	}
	if entries, _ := os.ReadDir(filepath.Join(r.StateDir, "logs")); len(entries) != 0 {
		t.Errorf("left %v behind", entries)
	}
}
