//go:build !windows

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"safepublish/runner/registry"
)

// A release that is killed at a random instant and run again: every version is
// uploaded exactly once, every report is valid, and every status is true to what
// the registry holds.

func TestRealKilledAndRunAgain(t *testing.T) {
	t.Parallel()
	rounds := 3 // the fault suite kills at each step; what no step is found by .ci/soak
	if wanted == "1" {
		rounds = 100
	}
	var mu sync.Mutex
	ends := map[string]int{}
	t.Run("rounds", func(t *testing.T) {
		for range rounds {
			seed := rand.Uint64()
			t.Run(strconv.FormatUint(seed, 16), func(t *testing.T) {
				t.Parallel()
				end := killRound(t, rand.New(rand.NewPCG(seed, 0)))
				mu.Lock()
				defer mu.Unlock()
				ends[end]++
			})
		}
	})
	fmt.Printf("%d releases were killed and run again; the first run had ended with: %v\n", rounds, ends)
}

// killRound kills one release and runs it again. It returns how the first ended.
func killRound(t *testing.T, random *rand.Rand) string {
	reg := start(t, registry.World{
		Users:    map[string]*registry.User{"me": {Name: "me", TFA: registry.TFALogin}},
		Tokens:   map[string]*registry.Token{fakeToken: {User: "me"}},
		Packages: map[string]*registry.Package{"demo": registry.NewPackage("demo", "me", "1.0.0")},
	})
	manifest := `{"name":"demo","version":"1.0.1"}`
	args := []string{"--report", "r.json"}
	if random.IntN(2) == 0 { // the version is there, and an edit is made on the way
		manifest, args = demo, append(args, "--fix", "bump=patch")
	}
	p := newProject(t, npms[random.IntN(len(npms))], reg.URL()[:len(reg.URL())-1], manifest)
	instant := time.Duration(random.Int64N(int64(3 * time.Second)))
	alone := random.IntN(3) == 0 // else npm is killed with it, as by a CI that is out of time
	first := killed(t, p, instant, alone, args...)
	if _, err := os.Stat(filepath.Join(p.dir, "r.json")); err == nil {
		validReport(t, filepath.Join(p.dir, "r.json"))
	}
	_, stderr, status := p.piped(args...)
	doc := validReport(t, filepath.Join(p.dir, "r.json"))
	committed := map[string]int{}
	for _, u := range reg.Uploads("demo") {
		if u.Committed {
			committed[u.Version]++
		}
	}
	if len(committed) != 1 || committed["1.0.1"] != 1 {
		t.Errorf("uploaded: %v", committed)
	}
	if there := committed["1.0.1"] == 1; there != (status == 0) {
		t.Errorf("status %d, and the registry has it: %v", status, there)
	}
	if good := doc.Outcome == "published" || doc.Outcome == "already-published"; good != (status == 0) || *doc.Exit != status {
		t.Errorf("status %d, outcome %s, exit %d", status, doc.Outcome, *doc.Exit)
	}
	if t.Failed() {
		t.Logf("npm %s, %v, killed after %s (alone: %v): %s\npackage.json %s\n%s",
			p.npm, args, instant, alone, first, p.read("package.json"), stderr)
	}
	return first
}

// killed runs safepublish in a process group of its own and kills it after d,
// alone or with all that it started. It returns how it ended.
func killed(t *testing.T, p *project, d time.Duration, alone bool, args ...string) string {
	t.Helper()
	cmd := p.command(args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(d, func() {
		if alone {
			_ = cmd.Process.Kill()
		} else {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
	})
	_ = cmd.Wait()
	timer.Stop()
	if cmd.ProcessState.ExitCode() < 0 {
		return "killed"
	}
	return strconv.Itoa(cmd.ProcessState.ExitCode())
}
