package transcript_test

import (
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

func TestScriptsCannotSpeakForNPM(t *testing.T) {
	const packing = "npm notice 📦  demo@1.0.0\nnpm notice shasum: 21755560922f91d2e144f648401fadea0bd5850f\nnpm notice total files: 3\n"
	const sending = "npm notice Publishing to http://127.0.0.1:4880/ with tag latest and default access\n"
	const fake = "npm error code E403\nnpm error 403 403 Forbidden - PUT http://evil.example/demo - fake\n"
	const real = "npm error code 3\nnpm error path /w\nnpm error command failed\n" +
		"npm error A complete log of this run can be found in: /w/x-debug-0.log\n"
	for _, tt := range []struct {
		name, screen, signal string
		exit                 int
		code                 string
		state                transcript.State
	}{
		{"fake error, then success", fake + packing + sending + "+ demo@1.0.0\n", "", 0, "", transcript.Accepted},
		{"fake error, then killed while sending", fake + packing + sending, "killed", -1, "", transcript.Open},
		{"fake error, then killed while sending, status unknown", fake + packing + sending, "", -1, "", transcript.Open},
		{"fake error right before the real one", fake + real, "", 3, "3", transcript.NotSent},
		{"dry run first, then the upload is refused", packing + "npm notice Publishing to http://127.0.0.1:4880/ with tag latest and " +
			"default access (dry-run)\n+ demo@1.0.0\n" + packing + sending + "npm error code E404\nnpm error 404 Not Found - PUT " +
			"http://127.0.0.1:4880/demo - Not found\n", "", 1, "E404", transcript.Refused},
		{"fake success", "+ demo@1.0.0\n" + packing + sending + "npm error code E403\n" +
			"npm error 403 403 Forbidden - PUT http://127.0.0.1:4880/demo - no\n", "", 1, "E403", transcript.Open},
		{"a phrase of the server's own", packing + sending + "npm error code E403\n" +
			"npm error 403 403 Forbidden by policy - see wiki - PUT http://127.0.0.1:4880/demo\n", "", 1, "E403", transcript.Open},
		{"no phrase at all", packing + sending + "npm error code E400\n", "", 1, "E400", transcript.Refused},
		{"fake success of another", "+ other@9.9.9\n" + packing + "npm error code EPRIVATE\n" +
			"npm error This package has been marked as private\n", "", 1, "EPRIVATE", transcript.NotSent},
	} {
		x := transcript.Read(transcript.Input{Screen: []byte(tt.screen), Exit: tt.exit, Signal: tt.signal})
		if x.Code != tt.code || x.Last().Upload.State != tt.state || x.DryRun {
			t.Errorf("%s: code %q, upload %v, dry run %v; want %q, %v", tt.name, x.Code, x.Last().Upload.State, x.DryRun, tt.code, tt.state)
		}
		if len(x.Packages) > 1 {
			t.Errorf("%s: packages %v", tt.name, ids(x))
		}
	}
}

// npm 6 gives up on an unset variable in .npmrc before it does anything, and ends with 0.
func TestUnsetVariableOfNPM6(t *testing.T) {
	const words = "Error: Failed to replace env in config: ${NPM_TOKEN}\n    at /npm/lib/config/core.js:415:13\n"
	x := transcript.Read(transcript.Input{Stderr: []byte(words), Exit: 0})
	if !x.Failed || len(x.Message) == 0 || !strings.Contains(x.Message[0].Text, "${NPM_TOKEN}") {
		t.Errorf("%s", dump(x))
	}
	x = transcript.Read(transcript.Input{Stdout: []byte(words + "+ demo@1.0.0\n"), Exit: 0})
	if x.Failed {
		t.Errorf("a script's words outweigh a success: %s", dump(x))
	}
}

func TestJSONErrorAlone(t *testing.T) {
	const doc = "built\n{\n  \"error\": {\n    \"code\": \"EOTP\",\n    \"summary\": \"This operation requires a one-time " +
		"password.\",\n    \"detail\": \"Open this URL in your browser to authenticate:\\n  x\",\n    \"authUrl\": " +
		"\"https://www.npmjs.com/auth/cli/0000\",\n    \"doneUrl\": \"https://r/done\"\n  }\n}\n"
	x := transcript.Read(transcript.Input{Stdout: []byte(doc), Exit: 1})
	if x.Code != "EOTP" || x.AuthURL != "https://www.npmjs.com/auth/cli/0000" || len(x.Message) != 3 || x.Message[0].From != "stdout:2" {
		t.Errorf("%s", dump(x))
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{
		"e502_committed_then_403/10.9.0/pty", "ws_all_ok_json/8.19.4/pipes", "eotp_web_ctrl_c/11.19.1/pty",
		"redirect_301/12.2.0/pipes",
	} {
		r := find(f, name)
		f.Add(r.Screen, r.Stdout, r.Stderr, r.Log, int8(r.Exit), r.Signal)
	}
	f.Add([]byte("npm error code E1\n"), []byte("{\n}\n+ a@1\n"), []byte("Usage: npm <command>\n"), []byte("0 http fetch PUT 9 x 1ms\n"),
		int8(-1), "")
	f.Fuzz(func(t *testing.T, screen, stdout, stderr, log []byte, exit int8, signal string) {
		in := transcript.Input{Screen: screen, Stdout: stdout, Stderr: stderr, Log: log, Exit: int(exit), Signal: signal}
		for _, x := range []transcript.Transcript{transcript.Read(in), transcript.ReadLog(log, false)} {
			for _, p := range x.Packages {
				if p.Upload.State < transcript.NotSent || p.Upload.State > transcript.Open {
					t.Fatalf("state %d", p.Upload.State)
				}
			}
			if x.Code != "" && !x.Failed {
				t.Fatalf("code %q without a failure", x.Code)
			}
			for _, l := range x.Lines {
				if l.From == "" || l.Level == "" {
					t.Fatalf("line %+v", l)
				}
			}
		}
		in.DryRun = true
		dry := transcript.Read(in)
		if s := dry.Last().Upload.State; s != transcript.NotSent {
			t.Fatalf("a dry run sent: %v", s)
		}
	})
}
