package transcript_test

import (
	"fmt"
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

// A log in short: each word of sent is what one attempt ended with, "1:403" an
// answer, "1!502" a failure as npm 10 and later log it.
func logOf(npm, sent string, failure ...string) string {
	var b strings.Builder
	n := 0
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, "%d "+format+"\n", append([]any{n}, args...)...)
		n++
	}
	line("verbose cli node npm")
	line("info using npm@%s", npm)
	line("verbose title npm publish")
	line("notice 📦  demo@1.0.0")
	line("notice shasum: 21755560922f91d2e144f648401fadea0bd5850f")
	line("notice total files: 3")
	line("notice Publishing to http://127.0.0.1:4880/ with tag latest and default access")
	for _, s := range strings.Fields(sent) {
		if a, what, ok := strings.Cut(s, "!"); ok {
			line("http fetch PUT http://127.0.0.1:4880/demo attempt %s failed with %s", a, what)
		} else if a, what, _ := strings.Cut(s, ":"); a == "1" {
			line("http fetch PUT %s http://127.0.0.1:4880/demo 7ms", what)
		} else {
			line("http fetch PUT %s http://127.0.0.1:4880/demo 7ms attempt #%s", what, a)
		}
	}
	for _, f := range failure {
		line("error %s", f)
	}
	return b.String()
}

func TestUploadState(t *testing.T) {
	const open, refused, accepted, notSent = transcript.Open, transcript.Refused, transcript.Accepted, transcript.NotSent
	for _, tt := range []struct {
		npm, sent, code string
		want            transcript.State
	}{
		{"12.2.0", "1:201", "", accepted},
		{"12.2.0", "1:403", "E403", refused},
		{"12.2.0", "1!502 2:403", "E403", open},
		{"12.2.0", "1!ECONNRESET 2:403", "E403", open},
		{"12.2.0", "1!ECONNREFUSED 2:403", "E403", refused},
		{"12.2.0", "1!429 2:403", "E403", refused},
		{"12.2.0", "1!408 2:403", "E403", open},
		{"12.2.0", "1!408 2!408 3!408 3:408", "E408", open},
		{"12.2.0", "1!429 2!429 3!429 3:429", "E429", refused},
		{"12.2.0", "1!503 2!429 3!429 3:429", "E429", open},
		{"12.2.0", "1!502 2:201", "", accepted},
		{"12.2.0", "1!ENOTFOUND 2!ENOTFOUND 3!ENOTFOUND", "ENOTFOUND", notSent},
		{"12.2.0", "1!ECONNRESET 2!ECONNREFUSED 3!ECONNREFUSED", "ECONNREFUSED", open},
		{"12.2.0", "1!503 2!ECONNREFUSED 3!ECONNREFUSED", "ECONNREFUSED", open},
		{"12.2.0", "1:401 1:403", "E403", refused},
		{"12.2.0", "1:401 1:201", "", accepted},
		{"12.2.0", "1:401 1!502 2:403", "E403", open},
		{"12.2.0", "1:304", "E304", open},
		{"12.2.0", "", "EPRIVATE", notSent},
		{"12.2.0", "", "TLOG_CREATE_ENTRY_ERROR", notSent},
		{"12.2.0", "", "ECONNRESET", open}, // npm stage publish: a POST that broke is not logged
		{"12.2.0", "", "CERT_HAS_EXPIRED", notSent},
		{"8.19.4", "2:403", "E403", open},
		{"8.19.4", "3:429", "E429", open},
		{"8.19.4", "1:401 2:403", "E403", open}, // the second upload's first attempt is unknown
		{"8.19.4", "1:401 1:403", "E403", refused},
		{"8.19.4", "", "EUNHEARDOF", open},
		{"8.19.4", "1:409 1:403", "E403", refused},
		{"8.19.4", "", "FETCH_ERROR", open},
		{"8.19.4", "", "ECONNREFUSED", notSent},
		{"8.19.4", "", "7", accepted}, // a publish or postpublish script: npm runs no other after the notice
	} {
		in := transcript.Input{Log: []byte(logOf(tt.npm, tt.sent)), Exit: 0}
		if tt.code != "" {
			in = transcript.Input{Log: []byte(logOf(tt.npm, tt.sent, "code "+tt.code, "some words")), Exit: 1}
		}
		x := transcript.Read(in)
		if got := x.Last().Upload.State; got != tt.want {
			t.Errorf("npm %s, %q, %s: %v, want %v", tt.npm, tt.sent, tt.code, got, tt.want)
		}
		in.DryRun = true
		if x = transcript.Read(in); x.Last().Upload.State != notSent {
			t.Errorf("npm %s, %q, dry run: %v", tt.npm, tt.sent, x.Last().Upload.State)
		}
	}
}

// Killed npm writes no last line. What it was doing is unknown from "Publishing
// to" on, and after a 401 too: the second upload follows the answer to its question.
func TestUploadStateKilled(t *testing.T) {
	for sent, want := range map[string]transcript.State{
		"": transcript.Open, "1:401": transcript.Open, "1!ECONNREFUSED": transcript.Open, "1:201": transcript.Accepted,
	} {
		for _, in := range []transcript.Input{{Exit: -1, Signal: "killed"}, {Exit: -1}} {
			in.Log = []byte(logOf("12.2.0", sent))
			x := transcript.Read(in)
			if got := x.Last().Upload.State; got != want {
				t.Errorf("%q then signal %q: %v, want %v", sent, in.Signal, got, want)
			}
		}
	}
	for sent, want := range map[string]transcript.State{ // ended in the pause between two tries
		"1!ECONNREFUSED": transcript.NotSent, "1:401 1!ECONNREFUSED": transcript.Refused,
		"1!503 2!ECONNREFUSED": transcript.Open, "": transcript.Open,
	} {
		in := transcript.Input{Log: []byte(logOf("12.2.0", sent)), Exit: -1, Signal: "interrupt", Ours: transcript.Ours{Run: true, Between: true}}
		x := transcript.Read(in)
		if got := x.Last().Upload.State; got != want {
			t.Errorf("%q then ^C in the pause: %v, want %v", sent, got, want)
		}
	}
	for screen, want := range map[string]transcript.State{
		"Enter OTP: \x1b[12G": transcript.Refused, "Enter OTP: \x1b[12G\r\n": transcript.Open, "Enter OTP: \nnpm notice": transcript.Open,
	} {
		x := transcript.Read(transcript.Input{Log: []byte(logOf("12.2.0", "1:401")), Screen: []byte(screen), Exit: -1, Signal: "killed"})
		if got := x.Last().Upload.State; got != want {
			t.Errorf("killed after the screen %q: %v, want %v", screen, got, want)
		}
	}
	log, _, _ := strings.Cut(logOf("12.2.0", ""), "6 notice Publishing")
	x := transcript.Read(transcript.Input{Log: []byte(log), Exit: -1, Signal: "interrupt"})
	if got := x.Last().Upload.State; got != transcript.NotSent {
		t.Errorf("interrupted before the upload: %v", got)
	}
}

func TestAttempts(t *testing.T) {
	x := transcript.Read(transcript.Input{Log: []byte(logOf("12.2.0", "1:401 1!502 2!ECONNRESET 3!503 3:503", "code E503")), Exit: 1})
	u := x.Last().Upload
	if fmt.Sprint(u.Statuses, u.Failures, u.Attempt, u.Status()) != "[401 503] [502 ECONNRESET] 3 503" {
		t.Errorf("%+v", u)
	}
	if u.Method != "PUT" || u.URL != "http://127.0.0.1:4880/demo" || x.Last().Registry != "http://127.0.0.1:4880/" {
		t.Errorf("%+v", x.Last())
	}
}

// A script of the second workspace that fails before anything is packed must not
// be blamed on the first one, which is public by then.
func TestSecondWorkspaceFailsBeforePacking(t *testing.T) {
	log := logOf("12.2.0", "1:201", "code 3", "path /w/b", "command failed") + "99 verbose pkgid other@2.0.0\n"
	x := transcript.Read(transcript.Input{Log: []byte(log), Exit: 3})
	if p := x.Last(); p.Name != "other" || p.Upload.State != transcript.NotSent || x.Packages[0].Upload.State != transcript.Accepted {
		t.Errorf("%+v", x.Packages)
	}
}

func TestRetriedByRegistryOfOtherPackage(t *testing.T) {
	const oidc = "0 verbose cli node npm\n1 http fetch POST 201 http://127.0.0.1:4880/-/npm/v1/oidc/token/exchange/package/demo 4ms\n" +
		"2 error code ENEEDAUTH\n"
	x := transcript.Read(transcript.Input{Log: []byte(oidc), Exit: 1})
	if got := x.Last().Upload.State; got != transcript.NotSent {
		t.Errorf("a token exchange is read as an upload: %v", got)
	}
}

// TestQuotedScript: npm repeats the command that failed, and a script can hold
// any words, npm's own too.
func TestQuotedScript(t *testing.T) {
	const script = `echo "npm error 403 403 Forbidden - PUT http://elsewhere.example/demo - ` +
		`You cannot publish over the previously published versions: 1.0.0."; exit 1`
	for npm, failure := range map[string][]string{
		"12.2.0": {"code 1", "command failed", "command sh -c " + script},
		"8.19.4": {"code 1", "command failed", "command sh -c -- " + script},
		"6.14.18": {
			"code ELIFECYCLE", "demo@1.0.0 postpublish: `" + script + "`", "Exit status 1", "Failed at the demo@1.0.0 postpublish script.",
		},
	} {
		x := transcript.Read(transcript.Input{Exit: 1, Log: []byte(logOf(npm, "", failure...))})
		if p := x.Last(); p.Upload.State != transcript.Accepted || strings.Contains(p.Upload.URL, "elsewhere") {
			t.Errorf("npm %s: %v, %q; want accepted, for only what runs after the upload can fail by then", npm, p.Upload.State, p.Upload.URL)
		}
	}
}

// npm ends with 0 where every workspace that was asked for is private.
func TestEveryWorkspaceSkipped(t *testing.T) {
	log := "0 verbose cli node npm\n1 info using npm@11.19.1\n2 verbose title npm publish\n" +
		"3 warn publish Skipping workspace a, marked as private\n4 verbose exit 0\n5 info ok\n"
	x := transcript.Read(transcript.Input{Log: []byte(log)})
	if !x.Failed || x.Code != "EPRIVATE" || len(x.Packages) > 0 {
		t.Errorf("%+v", x)
	}
	if x := transcript.Read(transcript.Input{Log: []byte(log), DryRun: true}); x.Failed {
		t.Errorf("a dry run: %+v", x)
	}
}
