//go:build unix

package prompts

import (
	"slices"
	"strings"
	"testing"

	"safepublish/classify/preflight"
)

var findings = []preflight.Finding{
	{Topic: "registry", Mark: preflight.OK, Text: "https://npmjs.org/"},
	{Topic: "login", Mark: preflight.OK, Text: "a token from ~/.npmrc:2 (NPM_TOKEN)"},
	{Topic: "permission", Mark: preflight.Wall, Cause: "name-taken", Text: "read-only: widget belongs to alice, and bob may not publish it; ask one of them to run:", Type: []string{"npm owner add bob widget"}},
	{Topic: "version", Mark: preflight.Wall, Cause: "version-exists", Text: "1.0.0 is already there; free are 1.0.1, 1.1.0, 2.0.0", Type: []string{"npm version 1.0.1"}},
	{
		Topic: "repository", Mark: preflight.Warning, Cause: "provenance-mismatch",
		Text: "package.json names no repository: a publish with provenance is refused",
		Type: []string{"npm pkg set repository.url=git+https://github.com/acme/a-rather-long-name-of-a-repository.git"},
	},
	{Topic: "contents", Mark: preflight.OK, Text: "12 files, 34.5 kB packed, 101.2 kB unpacked"},
}

func TestFindingsScreens(t *testing.T) {
	for _, c := range []struct {
		name string
		cols int
		env  string
	}{
		{"findings-80", 80, "COLUMNS="},
		{"findings-80", 80, "NO_COLOR=1"},
		{"findings-80", 80, "TERM=dumb"},
		{"findings-40", 40, "COLUMNS="},
	} {
		t.Run(c.name+" "+c.env, func(t *testing.T) {
			s := newTerminal(t, c.cols, 120, true)
			s.ui(c.env).Findings("widget 1.0.0 to npmjs.org", findings)
			s.golden(c.name, "changed.")
			s.mu.Lock()
			defer s.mu.Unlock()
			if got, want := strings.Contains(string(s.raw), "\x1b"), c.env == "COLUMNS="; got != want {
				t.Errorf("colour: %v, want %v: %q", got, want, s.raw)
			}
		})
	}
}

var packages = []preflight.Package{
	{Name: "@acme/fine", Version: "1.2.0", Findings: findings[:2]},
	{Name: "@acme/tools", Version: "1.0.0", Private: true},
	{Name: "@acme/look", Version: "10.0.0-rc.1", Findings: findings[4:]},
	{Name: "@acme/widget", Version: "1.0.0", Findings: findings},
}

// A row for each package, the worst first, at 80 columns and at 40.
func TestPackagesScreens(t *testing.T) {
	for name, cols := range map[string]int{"packages-80": 80, "packages-40": 40} {
		s := newTerminal(t, cols, 120, true)
		s.ui("COLUMNS=").Packages("4 workspaces to npmjs.org", packages)
		s.golden(name, "check -w @acme/widget")
	}
}

func TestInTheWay(t *testing.T) {
	for marks, want := range map[string]string{
		"":    "Nothing known in advance stands in the way. Nothing was changed.",
		"!":   "Nothing known in advance stands in the way; 1 line is worth a look. Nothing was changed.",
		"x!!": "1 thing stands in the way; 2 lines are worth a look. Nothing was changed.",
		"xx":  "2 things stand in the way. Nothing was changed.",
	} {
		var all []preflight.Finding
		for _, m := range marks {
			all = append(all, preflight.Finding{Mark: map[rune]preflight.Mark{'!': preflight.Warning, 'x': preflight.Wall}[m]})
		}
		if got := inTheWay(all); got != want {
			t.Errorf("%q: %s", marks, got)
		}
	}
}

// What a package or a registry says is shown and not obeyed.
func TestFindingsObeyNothing(t *testing.T) {
	const evil = "a\x1b[2J\nb\x9b31m"
	s := newTerminal(t, 80, 60, true)
	s.ui("NO_COLOR=1").Findings(evil, []preflight.Finding{{Topic: evil, Mark: preflight.Wall, Cause: evil, Text: evil, Type: []string{evil}}})
	s.see("changed.")
	s.mu.Lock()
	defer s.mu.Unlock()
	if strings.Contains(string(s.raw), "\x1b") {
		t.Errorf("%q", s.raw)
	}
}

// A log of five hundred failed publishes ends with a line that can be read.
func TestSummaryNamesTheFirst(t *testing.T) {
	s := newTerminal(t, 80, 60, true)
	s.ui("TERM=dumb").Summary(slices.Repeat([]string{"demo 1.0.0 (refused)"}, 500), nil, nil)
	s.see("480 more")
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := strings.Count(string(s.raw), "(refused)"); n != mostNamed {
		t.Errorf("%d are named", n)
	}
}
