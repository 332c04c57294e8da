package logs_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/logs"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestLogs compares what is made of each log in testdata/logs with what was
// reviewed: every failed publish with its cause and release, and every failure
// that is no publish's.
func TestLogs(t *testing.T) {
	files, err := filepath.Glob("../../testdata/logs/*.log")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d logs: %v", len(files), err)
	}
	var got strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		log, err := logs.Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&got, "%s\n", filepath.Base(f))
		for _, x := range log.Failed {
			c := &classify.Case{Transcript: x}
			d, failed := classify.Diagnose(c)
			if !failed {
				fmt.Fprintf(&got, "  nothing to say of %v\n", x.Message)
				continue
			}
			if d.Sure {
				t.Errorf("%s: %s is Sure without a debug log", f, d.Cause.ID)
			}
			fmt.Fprintf(&got, "  %s: %s (%s, published: %s)\n", d.Cause.ID, d.Title(), d.Evidence[0].From, c.Published())
		}
		for _, e := range log.Elsewhere {
			fmt.Fprintf(&got, "  not a publish: %s %s\n", e.From, strings.TrimPrefix(e.Command+": "+e.Text, ": "))
		}
		for _, e := range log.Suspects {
			fmt.Fprintf(&got, "  looks like one: %s %s\n", e.From, e.Text)
		}
	}
	golden := "testdata/explained.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("line %d differs:\n%s\nwant\n%s", i+1, at(g, i), at(w, i))
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// FuzzRead: whatever a file holds, there is no panic, and nothing is Sure unless the
// file is one debug log.
func FuzzRead(f *testing.F) {
	files, _ := filepath.Glob("../../testdata/logs/*.log")
	for _, name := range files {
		if b, err := os.ReadFile(name); err == nil {
			f.Add(b)
		}
	}
	for _, r := range runs(f) {
		if r.NPM == "12.2.0" && r.On == "pipes" && strings.HasPrefix(r.Case, "e4") {
			f.Add(r.Log)
			f.Add(r.Stderr)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		log, err := logs.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range log.Failed {
			if !x.Failed && !x.Prompted {
				t.Fatalf("no failure: %+v", x)
			}
			d, failed := classify.Diagnose(&classify.Case{Transcript: x})
			if failed && d.Sure && !x.HasLog {
				t.Fatalf("%s is Sure", d.Cause.ID)
			}
			if x.HasLog && len(log.Failed) > 1 {
				t.Fatal("a debug log among others")
			}
		}
	})
}
