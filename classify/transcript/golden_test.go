package transcript_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The whole of what is read, for a handful of runs that differ most.
var goldens = []string{
	"e502_committed_then_403/12.2.0/pty",
	"e502_committed_then_403/8.19.4/pipes",
	"eotp_web_ctrl_c/12.2.0/pty",
	"eotp_classic_ctrl_c/8.19.4/pty",
	"e404_notice_expired/11.19.1/pipes",
	"ws_second_fails/12.2.0/pipes",
	"stage_publish_403/12.2.0/pty",
	"heading/6.14.18/pty",
	"abbrev_flag2/12.2.0/pipes",
	"prepublishOnly_fails/6.14.18/pty",
	"e403_multiline/8.19.4/pty",
	"dry_run_json/12.2.0/pipes",
}

func TestGolden(t *testing.T) {
	for _, name := range goldens {
		r := find(t, name)
		got := "by the log\n" + dump(transcript.Read(r.Input())) + "\nby the screen\n" + dump(unlogged(r))
		file := filepath.Join("testdata", "golden", strings.ReplaceAll(name, "/", "_")+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

func dump(x transcript.Transcript) string {
	var b strings.Builder
	fmt.Fprintf(&b, "npm %q log %v command %q exit %d signal %q\n", x.NPM, x.HasLog, x.Command, x.Exit, x.Signal)
	fmt.Fprintf(&b, "code %q failed %v canceled %v prompted %v dry-run %v\n", x.Code, x.Failed, x.Canceled, x.Prompted, x.DryRun)
	fmt.Fprintf(&b, "title %q pkgid %q cwd %q auth-url %q\n", x.Title, x.PkgID, x.Cwd, x.AuthURL)
	for _, l := range x.Message {
		fmt.Fprintf(&b, "message %s %s: %s\n", l.From, l.Level, l.Text)
	}
	for _, l := range x.Notices {
		fmt.Fprintf(&b, "notice %s: %s\n", l.From, l.Text)
	}
	for _, p := range x.Packages {
		fmt.Fprintf(&b, "package %s@%s shasum %q integrity %q registry %q tag %q access %q published %v\n",
			p.Name, p.Version, p.Shasum, p.Integrity, p.Registry, p.Tag, p.Access, p.Published)
		fmt.Fprintf(&b, "  upload %v %s %s statuses %v failures %v attempt %d\n",
			p.Upload.State, p.Upload.Method, p.Upload.URL, p.Upload.Statuses, p.Upload.Failures, p.Upload.Attempt)
	}
	return b.String()
}
