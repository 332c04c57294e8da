package classify

import (
	"strings"
	"testing"

	"safepublish/classify/transcript"
)

// misleading are recordings that try to lead a diagnosis astray, and what is true.
var misleading = map[string]string{
	"script_prints_fake_error": "none", // a script printed an npm error, and the publish went well
	"script_reads_stdin":       "none",
	"term_dumb":                "none",
	"ok_200_with_error_body":   "none",
	"nested_npm":               "forbidden-unexplained", // a script ran npm, which wrote a log of its own
	"heading":                  "forbidden-unexplained", // "acme error" instead of "npm error"
	"e403_multiline":           "refused",               // the registry's sentence has line ends and escapes
	"no_color_env":             "forbidden-unexplained",
	"force_color_env":          "forbidden-unexplained",
	"timing":                   "forbidden-unexplained",
}

func TestNothingMisleads(t *testing.T) {
	met := map[string]bool{}
	for _, r := range readings(t) {
		want, listed := misleading[r.Case]
		if !listed {
			continue
		}
		met[r.Case] = true
		got := "none"
		if d, failed := r.diagnose(); failed {
			got = d.Cause.ID
		}
		if got != want {
			t.Errorf("%s, %s: %s, want %s", r.Name(), r.how, got, want)
		}
	}
	if len(met) != len(misleading) {
		t.Errorf("only %v are recorded", met)
	}
}

// TestSuggestedName: the registry's suggestion ends up in package.json and on a
// command line.
func TestSuggestedName(t *testing.T) {
	for suggested, ok := range map[string]bool{
		"@alice/my-pkg": true, "@a/b": true, "my-pkg": false, "@alice/../x": false, "@alice/x --force": false,
		"@Alice/Pkg": false, "@alice/$(id)": false, "@alice/_x": false, "@/x": false,
	} {
		c := refusal("my-pkg", 403, "Package name too similar to existing package mypkg; try renaming your package to '"+suggested+
			"' and publishing with 'npm publish --access=public' instead")
		d, _ := Diagnose(c)
		if d.Cause.ID != "name-too-similar" || !d.Sure || (d.Vars["suggested"] == suggested) != ok {
			t.Errorf("%s: %s %v", suggested, d.Cause.ID, d.Vars)
		}
		if ok && d.Vars["similar"] != "mypkg" {
			t.Errorf("similar to %q", d.Vars["similar"])
		}
	}
	older := refusal("my-pkg", 403, "Package name too similar to existing packages; try renaming your package to '@alice/my-pkg' "+
		"and publishing with 'npm publish --access=public' instead")
	if d, _ := Diagnose(older); d.Vars["suggested"] != "@alice/my-pkg" {
		t.Errorf("the older sentence: %v", d.Vars)
	}
}

func TestVars(t *testing.T) {
	for sentence, want := range map[string]map[string]string{
		`Cannot implicitly apply the "latest" tag because previously published version 2.0.0 ` +
			`is higher than the new version 1.0.0. You must specify a tag using --tag.`: {"highest": "2.0.0"},
		`Tag name must not be a valid SemVer range: v1`:                                                                   {"tag": "v1"},
		`Invalid tag name "a b" of package "demo@a b": Tags may not have any characters that encodeURIComponent encodes.`: {"tag": "a b"},
	} {
		c := &Case{Transcript: transcript.Transcript{Failed: true, HasLog: true, Message: []transcript.Line{{From: "log:1", Text: sentence}}}}
		d, _ := Diagnose(c)
		for name, value := range want {
			if d.Vars[name] != value {
				t.Errorf("%s: %s %v, want %s", sentence, d.Cause.ID, d.Vars, value)
			}
		}
	}
}

// TestLongMessage: a registry's answer of a megabyte costs no more than a short one.
func TestLongMessage(t *testing.T) {
	long := strings.Repeat("package name cannot ", 50000)
	c := refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.0. "+long)
	for range 20000 {
		c.Message = append(c.Message, transcript.Line{From: "log:31", Text: "403 and so on"})
	}
	if n := len(c.said()); n > longest {
		t.Errorf("%d bytes are matched", n)
	}
	if d, _ := Diagnose(c); d.Cause.ID != "version-exists" {
		t.Error(d.Cause.ID)
	}
}

// FuzzDiagnose: whatever npm printed, there is no panic, nothing is Sure without
// npm's log, and nothing is published because a text says so.
func FuzzDiagnose(f *testing.F) {
	for _, r := range readings(f, "run") {
		if r.NPM == "11.19.1" && r.On == "pty" || strings.HasPrefix(r.Case, "handwritten-") {
			f.Add(r.Screen, r.Stderr, r.Log, r.Exit)
		}
	}
	f.Fuzz(func(t *testing.T, screen, stderr, log []byte, exit int) {
		c := &Case{Transcript: transcript.Read(transcript.Input{Screen: screen, Stderr: stderr, Log: log, Exit: exit})}
		Questions(c)
		d, failed := Diagnose(c)
		if !failed {
			return
		}
		if d.Cause.ID == "already-published" {
			t.Error("already-published without an answer of the registry")
		}
		if d.Sure && (!c.HasLog || d.Cause.End || len(d.Others) > 0) {
			t.Errorf("%s is Sure: log %v, others %v", d.Cause.ID, c.HasLog, ids(d.Others))
		}
		if d.Title() == "" {
			t.Errorf("%s has no title", d.Cause.ID)
		}
		if status := ExitStatus(d, exit, ""); status <= 0 || status > 255 {
			t.Errorf("%s ends with %d", d.Cause.ID, status)
		}
	})
}
