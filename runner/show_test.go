package runner

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// found is a finding about demo 1.0.0 on a registry of ours.
func found(cause string, u transcript.Upload) finding {
	p := transcript.Package{
		Name: "demo", Version: "1.0.0", Registry: "http://127.0.0.1:4873/", Shasum: "3f2cbb29c1d8" + strings.Repeat("0", 28), Upload: u,
	}
	c := &classify.Case{Transcript: transcript.Transcript{Packages: []transcript.Package{p}}}
	return finding{c: c, failed: true, diag: classify.Diagnosis{
		Cause: classify.Lookup(cause), Vars: map[string]string{"release": "demo 1.0.0", "registry": "127.0.0.1:4873", "same": "the same"},
	}}
}

func TestSettled(t *testing.T) {
	open := transcript.Upload{State: transcript.Open}
	pressed, lost := found("already-published", open), found("already-published", open)
	pressed.c.Signal = "interrupt"
	ended := found("interrupted", transcript.Upload{State: transcript.Accepted})
	ended.result = npmexec.Result{SignalToUs: syscall.SIGTERM}
	sent := ended
	sent.result = npmexec.Result{SignalToUs: os.Interrupt}
	for want, f := range map[string]finding{
		"demo 1.0.0 is published on 127.0.0.1:4873: your ^C came too late":            pressed,
		"demo 1.0.0 is published on 127.0.0.1:4873: npm's error above can be ignored": lost,
		"demo 1.0.0 is published on 127.0.0.1:4873: the signal came too late":         ended,
		"this version is already on 127.0.0.1:4873, the same: nothing to publish":     found("already-published", transcript.Upload{}),
	} {
		if got := settled(f); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := settled(sent); !strings.HasSuffix(got, "your ^C came too late") {
		t.Error(got)
	}
}

// What is said of an open upload claims no more than the log shows, and says what to
// compare.
func TestOpenUpload(t *testing.T) {
	for want, u := range map[string]transcript.Upload{
		"demo 1.0.0 was published: the upload was sent, and no answer":                         {Statuses: []int{503}},
		"published: npm did not reach the registry (ECONNREFUSED), and was trying again when":  {Failures: []string{"ECONNREFUSED", "ECONNREFUSED"}},
		"demo 1.0.0 was published: the upload was sent, and no answer proves":                  {Failures: []string{"ECONNREFUSED", "ECONNRESET"}},
		"demo 1.0.0 was published: npm ended before an answer came, and may have sent it.":     {},
		"If it prints 3f2cbb29c1d8…, it is published; another shasum: other contents; nothing": {},
		"    npm view demo@1.0.0 dist.shasum --registry=http://127.0.0.1:4873/":                {},
	} {
		u.State = transcript.Open
		if got := strings.Join((&release{}).openUpload(found("upload-open", u)), "\n"); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	r := &release{shell: npm.PowerShell}
	shut := r.onlyTheSame(ledger.Upload{Target: ledger.Target{Registry: "https://h/", Name: "@a.b/c", Version: "1.0.0"}}, classify.No, `C:\J & J\x.json`)
	for _, want := range []string{`    npm view "@a.b/c@1.0.0" dist.shasum --registry=https://h/`, `    Remove-Item -LiteralPath "C:\J & J\x.json"`} {
		if !slices.Contains(shut, want) {
			t.Errorf("no %s in %q", want, shut)
		}
	}
	if got := compare("", "https://npmjs.org/"); !strings.HasPrefix(got, "If it prints a shasum, ") || !strings.Contains(got, "half an hour") {
		t.Error(got)
	}
}

func TestHelped(t *testing.T) {
	refused := transcript.Upload{State: transcript.Refused, Statuses: []int{403}}
	a := attempt{met: []string{"version-exists"}}
	for _, c := range []struct {
		cause, want string
		u           transcript.Upload
	}{
		{"no-permission", "That helped; now this is in the way.", refused},
		{"version-exists", "That did not help: the same answer came again.", refused},
		{"script-failed", "", transcript.Upload{}},
		{"version-exists", "That did not help: the same answer came again.", transcript.Upload{}},
	} {
		if got := strings.Join(helped(a, found(c.cause, c.u)), " "); got != c.want {
			t.Errorf("%s: %q", c.cause, got)
		}
	}
}
