//go:build unix

package prompts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"safepublish/classify"
)

var evidence = []classify.Evidence{
	{From: "log:36", Text: "403 Forbidden - PUT https://npmjs.org/@acme%2fwidget - You cannot publish over the previously published versions: 1.0.0."},
	{From: "npm view @acme/widget", Text: "1.0.0 is there, other contents than yours (shasum 21755, yours 9f02c)"},
}

func show(u *UI) {
	u.Diagnosis("@acme/widget 1.0.0 is already on npmjs.org", "version-exists", true, evidence)
	u.Diagnosis("this account may not publish @acme/widget", "no-permission", false, evidence[:1],
		Doubts(classify.Diagnosis{Others: []*classify.Cause{{ID: "token-scope"}, {ID: "name-taken"}}})...)
	u.Diagnosis("the registry refused the publish and gave no reason", "forbidden-unexplained", false, nil)
	u.Changes([]string{"package.json", "- \"version\": \"1.0.0\"\n+ \"version\": \"1.0.1\"", "npm publish --tag beta"})
	u.Settled("demo 1.0.0 is published on npmjs.org: npm's error above can be ignored", "already-published", nil)
	u.Line("That helped; now this is in the way.")
	u.Note("package.json, package-lock.json and src/package.json are as they were before")
	for _, line := range []string{
		"",
		"It is not known whether demo 1.0.1 was published: the upload was sent, and no answer proves that it was refused.",
		"Run safepublish again to find out; it asks the registry first. Or look yourself:",
		"    npm view demo@1.0.1 dist.shasum --registry=https://npmjs.org/",
		"If it prints 3f2cbb29c1d8…, it is published; another shasum: other contents; nothing after half an hour: most likely not.",
		"Until then, send only the same version with the same contents.",
	} {
		u.Line(line)
	}
	u.Page("NAME\n    version-exists\n")
	u.Done("demo 1.0.1 is on 127.0.0.1:4873")
	u.Bare(LastLine("version-exists", "the version is there"))
}

func TestScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		cols int
		env  string
	}{
		{"diagnosis-80", 80, "COLUMNS="},
		{"diagnosis-80", 80, "NO_COLOR=1"},
		{"diagnosis-80", 80, "TERM=dumb"},
		{"diagnosis-40", 40, "COLUMNS="},
		{"diagnosis-20", 20, "COLUMNS="},
	} {
		t.Run(c.name+" "+c.env, func(t *testing.T) {
			s := newTerminal(t, c.cols, 120, true)
			show(s.ui(c.env))
			s.golden(c.name, "safepublish:")
			s.mu.Lock()
			defer s.mu.Unlock()
			if got, want := strings.Contains(string(s.raw), "\x1b"), c.env == "COLUMNS="; got != want {
				t.Errorf("colour: %v, want %v: %q", got, want, s.raw)
			}
		})
	}
}

// A headline that says itself what failed is not introduced a second time, and
// what is published is not said to have failed.
func TestLead(t *testing.T) {
	for _, c := range []struct {
		headline, cause string
		sure            bool
		want            string
	}{
		{"demo 1.0.0 is already on npmjs.org", "version-exists", true, " npm publish failed:"},
		{"demo 1.0.0 is already on npmjs.org", "version-exists", false, " npm publish failed. Most likely:"},
		{"npmjs.org refused demo", "forbidden-unexplained", false, " npm publish failed:"},
		{"npm publish failed in a way that safepublish does not know", "unknown", false, ""},
		{"demo 1.0.0 is published; what ran after the upload failed", "published-script-failed", true, ""},
	} {
		if got := lead(c.headline, c.cause, c.sure); got != c.want {
			t.Errorf("%s, sure %v: %q, want %q", c.cause, c.sure, got, c.want)
		}
	}
}

// The example of the design: headline, evidence, one menu.
func TestWholeScreen(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24, true)
	u := s.ui()
	u.Diagnosis("@acme/widget 1.0.0 is already on npmjs.org", "version-exists", true, evidence)
	got := asking(s, func() (int, error) { return u.Choose(WhatNow, offers, 0) })
	s.ready()
	s.golden("whole", GiveUp)
	s.press("\r")
	got()
	s.golden("whole-chosen", "? What now? Publish as 1.0.1")
}

// What a registry or a script printed is shown and not obeyed, wherever it goes.
func TestControlCharactersAreShown(t *testing.T) {
	t.Parallel()
	const evil = "a\x1b[2J\x1b]0;title\x07\r\b\x9b31mb\u202ec\u200bd\u2028e"
	s := newTerminal(t, 80, 60, true)
	u := s.ui("NO_COLOR=1")
	u.Diagnosis(evil, evil, true, []classify.Evidence{{From: evil, Text: evil}}, evil)
	u.Settled(evil, "", nil)
	u.Line(evil)
	u.Note(evil)
	u.Bare(evil)
	u.Page(evil)
	u.Done(evil)
	u.Changes([]string{evil})
	got := asking(s, func() (int, error) { return u.Choose(evil, []Item{{"x", evil, evil}, {"", GiveUp, ""}}, 0) })
	s.ready()
	s.mu.Lock()
	before := string(s.raw[:strings.Index(string(s.raw), "\x1b[?25l")])
	menu := string(s.raw[len(before):])
	s.mu.Unlock()
	s.press("\r")
	got()
	line := asking(s, func() (string, error) { return u.Text(evil, func(string) error { return nil }) })
	s.see("u2028e:")
	s.press("\r")
	line()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, bad := range []string{"\x1b[2J", "\x1b]0", "\a", "\b", "\u009b", "\u202e", "\u200b", "\u2028"} {
		if strings.Contains(string(s.raw), bad) {
			t.Errorf("%q reached the terminal", bad)
		}
	}
	if want := "a^[[2J^[]0;title^G^M^H\ufffd31mb\\u202ec\\u200bd\\u2028e"; !strings.Contains(before, want) {
		t.Errorf("not shown as %q:\n%q", want, before)
	}
	if strings.Count(menu, "^[[2J") == 0 {
		t.Errorf("the menu hides it: %q", menu)
	}
}

func TestEverythingIsRedacted(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 60, true)
	u := s.ui()
	u.redact = func(x string) string { return strings.ReplaceAll(x, "npm_secret", "[redacted]") }
	const secret = "with npm_secret inside"
	u.Diagnosis(secret, "unknown", false, []classify.Evidence{{From: "log:1", Text: secret}}, secret)
	u.Line(secret)
	u.Note(secret)
	u.Bare(secret)
	u.Page(secret)
	u.Done(secret)
	u.Changes([]string{secret})
	u.pass(secret)
	u.Play([]string{secret})
	if _, err := u.Text(secret, nil); err != nil {
		t.Error(err)
	}
	u.played = false
	got := asking(s, func() (int, error) { return u.Choose(secret, []Item{{"x", secret, secret}, {"", GiveUp, ""}}, 0) })
	s.ready()
	s.press("\r")
	got()
	s.see("? with [redacted] inside with [redacted] inside")
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(string(s.raw), "npm_secret") {
		t.Errorf("%q", s.raw)
	}
}

// A long answer is cut, and not within a secret, of which nobody would know the half.
func TestEvidenceIsRedactedBeforeItIsCut(t *testing.T) {
	u, printed := file(t)
	u.redact = func(x string) string { return strings.ReplaceAll(x, "npm_secret", "***") }
	text := strings.Repeat("x ", longest/2-2) + "npm_secret and more"
	u.Diagnosis("title", "unknown", false, []classify.Evidence{{From: "log:1", Text: text}, {From: "npm view demo", Text: text}})
	if got := printed(); strings.Contains(got, "npm_") || strings.Count(got, "***") != 2 {
		t.Errorf("printed\n%s", got)
	}
}

// file returns a UI that prints into a file, and a function that reads it.
func file(t *testing.T) (*UI, func() string) {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return New(f, f, []string{"TERM=xterm"}, strings.Clone), func() string {
		b, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

func TestStep(t *testing.T) {
	u, printed := file(t)
	synctest.Test(t, func(t *testing.T) {
		done := u.Step("asking npmjs.org")
		time.Sleep(299 * time.Millisecond)
		done()
		if got := printed(); got != "" {
			t.Errorf("a short step says %q", got)
		}
		done = u.Step("asking npmjs.org")
		time.Sleep(301 * time.Millisecond)
		synctest.Wait()
		if got := printed(); got != "asking npmjs.org …\n" {
			t.Errorf("a long step says %q", got)
		}
		done()
	})
	if got := printed(); got != "asking npmjs.org …\n" {
		t.Errorf("at the end stands %q", got)
	}
}

// On a terminal the step's line is gone when something else is printed.
func TestStepIsReplaced(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 30, 24, true)
	u := s.ui()
	done := u.Step("asking a registry with a long name and many words")
	s.see("asking a registry with a lon…")
	u.Line("one")
	done()
	u.Line("two")
	s.until("both lines alone", func(shown string) bool { return shown == "one\ntwo\n" })
}

func TestWait(t *testing.T) {
	u, printed := file(t)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := u.Wait(t.Context(), "too many requests", 95*time.Second); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != 95*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
	if got, want := printed(), "waiting 1 min 35 s: too many requests\nwaiting 35 s: too many requests\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := u.Wait(ended, "nothing", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A wait of which nobody knows the end says how long it has been, in a log once a minute.
func TestAwait(t *testing.T) {
	u, printed := file(t)
	synctest.Test(t, func(t *testing.T) {
		for began := time.Now(); time.Since(began) < 61*time.Second; {
			if err := u.Await(t.Context(), "another safepublish (process 7)", time.Second, time.Since(began)); err != nil {
				t.Fatal(err)
			}
		}
	})
	want := "waiting for 0 s now: another safepublish (process 7)\nwaiting for 1 min 00 s now: another safepublish (process 7)\n"
	if got := printed(); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

func TestPlayer(t *testing.T) {
	u, printed := file(t)
	u.Diagnosis("demo 1.0.0 is already on npmjs.org", "version-exists", true, nil)
	u.Play([]string{"bump", "Another version …", "1.0.0", "1.0.1", "123456", Agree, "", "retry", "left over"})
	var got []string
	note := func(v any, err error) { got = append(got, fmt.Sprint(v, " ", err)) }
	choose := func() { i, err := u.Choose(WhatNow, offers, 0); note(i, err) }
	choose()
	choose()
	v, err := u.Text("Version", func(s string) error {
		if s == "1.0.0" {
			return errors.New("1.0.0 is already there")
		}
		return nil
	})
	note(v, err)
	v, err = u.Secret("One-time password", nil)
	note(v, err)
	for range 2 {
		yes, err := u.Confirm("Everyone will be able to install it. Go on?", "y")
		note(yes, err)
	}
	choose()
	if left := u.answers; len(left) != 1 || left[0] != "left over" {
		t.Errorf("unused: %+v", left)
	}
	note(u.Text("Tag", nil))
	note(u.Text("Tag", nil))
	want := []string{
		"0 <nil>", "3 <nil>", "1.0.1 <nil>", "123456 <nil>", "true <nil>", "false <nil>",
		`0 the menu has no "retry": given up`, "left over <nil>", " given up",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if strings.Contains(printed(), "123456") {
		t.Error("the secret was printed")
	}
	if *update {
		if err := os.WriteFile("testdata/player.txt", []byte(printed()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("testdata/player.txt")
	if err != nil {
		t.Fatal(err)
	}
	if printed() != string(golden) {
		t.Errorf("printed\n%s\nwant\n%s", printed(), golden)
	}
}
