package transcript_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"safepublish/classify/transcript"
	"safepublish/classify/transcript/recordedtest"
)

var load = sync.OnceValues(func() ([]recordedtest.Run, error) {
	return recordedtest.Load("../../testdata/transcripts")
})

func runs(t testing.TB) []recordedtest.Run {
	t.Helper()
	all, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func find(t testing.TB, name string) recordedtest.Run {
	t.Helper()
	for _, r := range runs(t) {
		if r.Name() == name {
			return r
		}
	}
	t.Fatalf("no recorded run %s", name)
	return recordedtest.Run{}
}

// reading is one run read with its log and without.
type reading struct{ logged, shown transcript.Transcript }

var readings = sync.OnceValue(func() map[string]reading {
	all := map[string]reading{}
	rs, _ := load()
	for _, r := range rs {
		all[r.Name()] = reading{transcript.Read(r.Input()), unlogged(r)}
	}
	return all
})

// unlogged reads a run as if it had left no debug log.
func unlogged(r recordedtest.Run) transcript.Transcript {
	in := r.Input()
	in.Log = nil
	return transcript.Read(in)
}

// id is how the registry's record names a package; a redirect may store it under
// another name, which npm never learns.
func stored(r recordedtest.Run, p transcript.Package) bool {
	if strings.HasPrefix(r.Case, "redirect_30") {
		return len(r.Committed) > 0
	}
	return slices.ContainsFunc(r.Committed, func(c string) bool {
		return strings.TrimPrefix(c, "stage:") == p.Name+"@"+p.Version
	})
}

// misread are the runs of which the text alone says what is not so.
func misread(r recordedtest.Run) string {
	switch {
	case strings.HasPrefix(r.NPM, "6.") && (strings.HasPrefix(r.Case, "dry_run") || r.Case == "dryrun_camel"):
		return "npm 6 does not say that it is a dry run; the caller does (Input.DryRun)"
	case strings.HasPrefix(r.NPM, "6.") && strings.HasPrefix(r.Case, "redirect_30"):
		return "npm 6 takes a redirect for success, prints + and ends with 0"
	case r.Case == "redirect_303":
		return "npm 8 to 12 take a 303 for success, print + and end with 0; only the log lacks an answer to the upload"
	}
	return ""
}

// TestNothingStoredIsDenied is the rule that everything else leans on: where the
// registry stored an upload, no reading calls it refused or never sent, and
// where it stored none, no reading calls it accepted.
func TestNothingStoredIsDenied(t *testing.T) {
	for _, r := range runs(t) {
		for how, x := range map[string]transcript.Transcript{"log": readings()[r.Name()].logged, "no log": readings()[r.Name()].shown} {
			for _, p := range x.Packages {
				switch s := p.Upload.State; {
				case stored(r, p) && s != transcript.Accepted && s != transcript.Open:
					t.Errorf("%s, %s: %s@%s was stored, read as %v", r.Name(), how, p.Name, p.Version, s)
				case !stored(r, p) && s == transcript.Accepted && (misread(r) == "" || how == "log" && r.Case == "redirect_303"):
					t.Errorf("%s, %s: %s@%s was not stored, read as accepted", r.Name(), how, p.Name, p.Version)
				}
			}
			if len(r.Committed) > 0 && len(x.Packages) == 0 && x.Failed {
				t.Errorf("%s, %s: %v was stored, no package is read", r.Name(), how, r.Committed)
			}
		}
	}
}

// TestLogTellsTheUpload compares what a log is read as with what the registry
// answered.
func TestLogTellsTheUpload(t *testing.T) {
	for _, r := range runs(t) {
		x := readings()[r.Name()].logged
		if !x.HasLog || r.Case == "logs_max_0" { // npm 6's log is that of another failure there
			continue
		}
		if got, want := x.Last().Upload.State, answered(r); got != want {
			t.Errorf("%s: answers %v are read as %v, want %v", r.Name(), r.Status, got, want)
		}
	}
}

func answered(r recordedtest.Run) transcript.State {
	switch {
	case r.Case == "tls_on_http_port": // npm reports a mere reset: it may have come later
		return transcript.Open
	case r.Uploads == 0 || len(r.Status) == 0:
		return transcript.NotSent
	}
	last, _ := r.Status[len(r.Status)-1].(float64)
	oldRepeats := strings.HasPrefix(r.NPM, "8.") && len(r.Status) == 3
	refused := !oldRepeats && !slices.ContainsFunc(r.Status, func(s any) bool {
		n, ok := s.(float64)
		return !ok || n < 400 || n > 499 || n == 408 || n == 499
	})
	switch {
	case (r.Status[0] == "truncated" || r.Status[0] == "late") && !strings.HasPrefix(r.NPM, "6."):
		return transcript.Open // npm ends well, and its log has no answer
	case last >= 200 && last < 300, r.Status[0] == "truncated":
		return transcript.Accepted
	case refused, r.Case == "ws_second_fails":
		return transcript.Refused
	}
	return transcript.Open
}

// silent are the runs whose screen leaves out what the log tells.
var silent = map[string]bool{
	"ok_silent": true, "prepublishOnly_fails_silent": true, // --silent
	"eotp_json": true, "e403_published_over_json": true, // --json: no packing list, and no package in npm's words
	"logs_max_0": true, // npm 6's log is that of another failure
}

func TestScreenAgreesWithLog(t *testing.T) {
	for _, r := range runs(t) {
		logged, shown := readings()[r.Name()].logged, readings()[r.Name()].shown
		if !logged.HasLog || silent[r.Case] {
			continue
		}
		if shown.Code != logged.Code || shown.Failed != logged.Failed || shown.Canceled != logged.Canceled {
			t.Errorf("%s: code %q, failed %v, canceled %v by the log, %q, %v, %v by the screen", r.Name(),
				logged.Code, logged.Failed, logged.Canceled, shown.Code, shown.Failed, shown.Canceled)
		}
		if got, want := ids(shown), ids(logged); !slices.Equal(got, want) {
			t.Errorf("%s: packages %v by the log, %v by the screen", r.Name(), want, got)
		}
		if got, want := words(shown), words(logged); got != want && !shown.Canceled {
			t.Errorf("%s: message\n%s\nby the log,\n%s\nby the screen", r.Name(), want, got)
		}
	}
}

func ids(x transcript.Transcript) []string {
	var out []string
	for _, p := range x.Packages {
		out = append(out, p.Name+"@"+p.Version)
	}
	return out
}

func words(x transcript.Transcript) string {
	var b strings.Builder
	for _, l := range x.Message {
		// npm 6 logs blank lines differently from what it prints, npm 8 prints the
		// stack of a lost connection twice and logs it once
		w := strings.Join(strings.Fields(l.Text), " ")
		if strings.Contains(w, " ") && !strings.HasPrefix(w, "at ") && !strings.Contains(b.String(), w) {
			b.WriteString(w + "\n")
		}
	}
	return b.String()
}

func TestFailedAsRecorded(t *testing.T) {
	for _, r := range runs(t) {
		x := readings()[r.Name()].logged
		if r.Expect != nil && len(r.Expect) == 0 && x.Failed {
			t.Errorf("%s: nothing failed, read as failed: %s %s", r.Name(), x.Code, words(x))
		}
		if len(r.Expect) > 0 && !slices.Contains(r.Expect, "none") && !x.Failed {
			t.Errorf("%s: %v is not read as a failure", r.Name(), r.Expect)
		}
	}
}

func TestPromptsAsTyped(t *testing.T) {
	for _, r := range runs(t) {
		x := readings()[r.Name()].logged
		asked := strings.HasPrefix(r.Case, "eotp_") && r.On == "pty"
		if x.Prompted && !asked {
			t.Errorf("%s: read as if npm had asked", r.Name())
		}
		if asked && !x.Prompted && !(strings.HasPrefix(r.NPM, "6.") && strings.Contains(r.Case, "web")) {
			t.Errorf("%s: npm asked, not read", r.Name())
		}
		quit := strings.HasSuffix(r.Case, "_ctrl_c") || strings.HasSuffix(r.Case, "_ctrl_d")
		if x.Canceled && !(quit && r.On == "pty") {
			t.Errorf("%s: read as canceled", r.Name())
		}
		if x.AuthURL != "" && (strings.Contains(x.AuthURL, "***") || !strings.HasPrefix(x.AuthURL, "https://www.npmjs.com/auth/cli/")) {
			t.Errorf("%s: address %q", r.Name(), x.AuthURL)
		}
	}
}
