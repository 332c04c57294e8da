package classify

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"safepublish/classify/logs"
	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
)

const transcripts = "../testdata/transcripts"

// reading is one recorded run, read once for all tests: as the runner reads it
// ("run"), and as somebody saves it for explain.
type reading struct {
	recordedtest.Run
	how      string
	c        *Case
	diagnose func() (Diagnosis, bool) // Diagnose, once for all tests
}

func newReading(run recordedtest.Run, how string, x transcript.Transcript) reading {
	c := &Case{Transcript: x}
	return reading{run, how, c, sync.OnceValues(func() (Diagnosis, bool) { return Diagnose(c) })}
}

var readAll = sync.OnceValues(func() ([]reading, error) {
	runs, err := recordedtest.Load(transcripts)
	var all []reading
	for _, run := range runs {
		all = append(all, newReading(run, "run", transcript.Read(run.Input())))
	}
	for _, run := range runs {
		for how, text := range map[string][]byte{
			"log": run.Log, "screen": run.Screen, "stderr": run.Stderr, "output": slices.Concat(run.Stdout, run.Stderr),
		} {
			if len(text) > 0 && (how != "output" || len(run.Stdout) > 0) {
				all = append(all, newReading(run, how, savedRun(text)))
			}
		}
	}
	return all, err
})

// readings returns every recorded run in every way it may come to us; only limits
// it to the ways named.
func readings(t testing.TB, only ...string) []reading {
	t.Helper()
	all, err := readAll()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(slices.Clone(all), func(r reading) bool { return len(only) > 0 && !slices.Contains(only, r.how) })
}

// mislabeled are runs whose label is their case's and not their own, and what is
// right for them.
var mislabeled = map[string]string{
	"stage_publish_403/6.14.18": "bad-usage", // npm 6 knows no stage: it printed its usage and sent nothing
	"git_shorthand/12.2.0":      "none",      // without its log npm 12 says the same when it installs
	"ws_unknown/6.14.18":        "none",      // npm 6 knows no workspaces: it asked for a package of that name, as npm install does
	"logs_max_0/6.14.18":        "unknown",   // npm 6 met an error of its own before the 403, and its log ends with that
}

func label(run recordedtest.Run) []string {
	if right, ok := mislabeled[run.Case+"/"+run.NPM]; ok {
		return append(slices.Clone(run.Expect), right)
	}
	return run.Expect
}

// TestEveryRunIsNamed is the catalogue read one way: each recorded run gets a
// cause that its label allows, however it reaches us. That includes "none is Sure
// and wrong".
func TestEveryRunIsNamed(t *testing.T) {
	scored := 0
	for _, r := range readings(t) {
		if r.Expect == nil {
			continue
		}
		scored++
		d, failed := r.diagnose()
		got := "none"
		if failed {
			got = d.Cause.ID
		}
		if !allowed(label(r.Run), got) {
			t.Errorf("%s, %s: %s (sure %v), want one of %v\n%v", r.Name(), r.how, got, d.Sure, r.Expect, d.Evidence)
		}
		if d.Sure && !r.c.HasLog {
			t.Errorf("%s, %s: %s is Sure without a log or an answer", r.Name(), r.how, got)
		}
	}
	if scored < 2500 {
		t.Errorf("only %d readings were scored", scored)
	}
}

func allowed(label []string, got string) bool {
	return slices.Contains(label, got) || got == "none" && len(label) == 0
}

// TestEveryCauseIsSeen is the catalogue read the other way: each cause is the
// diagnosis of a transcript, except those that only the caller or the registry's
// answers can find. What no recording holds is written by hand after sentences
// that people reported (handwritten-*.txtar).
func TestEveryCauseIsSeen(t *testing.T) {
	found := map[string]bool{
		"npm-missing":         true, // there is no run of npm to record
		"npm-broken":          true, // the same: TestNoProof
		"upload-open":         true, // only who has run npm knows that there should be a log: TestNoProof
		"already-published":   true, // only the registry's answer can say it: TestConflictTable
		"name-taken":          true, // the same: TestForbiddenTable
		"unresolved-protocol": true, // npm publishes it without a word; pnpm refuses: testdata/logs
	}
	for _, r := range readings(t, "run") {
		if d, failed := r.diagnose(); failed {
			found[d.Cause.ID] = true
		}
	}
	for _, row := range Causes() {
		if !found[row.ID] {
			t.Errorf("no transcript ends as %s", row.ID)
		}
	}
}

func ids(causes []*Cause) []string {
	all := make([]string, len(causes))
	for i, c := range causes {
		all[i] = c.ID
	}
	return all
}

// savedRun is what explain makes of a saved text that holds one run: the failure,
// or nothing.
func savedRun(text []byte) transcript.Transcript {
	log, err := logs.Read(bytes.NewReader(text))
	if err != nil || len(log.Failed) == 0 {
		return transcript.Transcript{Exit: -1}
	}
	return log.Failed[len(log.Failed)-1]
}
