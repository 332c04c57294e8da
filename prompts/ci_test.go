package prompts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify"
)

func logged(t *testing.T, env []string, say func(*UI)) string {
	t.Helper()
	out, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	say(New(out, out, env, strings.Clone))
	b, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What a registry says cannot give commands to the CI through our lines.
func TestNobodyForgesCommands(t *testing.T) {
	for _, said := range []string{
		"::set-output name=a::b", "  ::add-path::/evil", "\u2003::stop-commands::x", "x ##[error]y", "##vso[task.setvariable variable=a]b",
		"x\n::error::y", "x\r\n##[debug]y", "%0A::error::x",
	} {
		for _, ci := range []string{"GITHUB_ACTIONS=true", "TF_BUILD=True"} {
			text := logged(t, []string{ci}, func(u *UI) {
				u.Diagnosis(said, "unknown", true, []classify.Evidence{{From: "log:1", Text: said}}, said)
				u.Line(said)
				u.Bare(said)
				u.Note(said)
				u.Annotate("unknown", said, said, []string{said})
			})
			for line := range strings.Lines(text) {
				ours := strings.HasPrefix(line, "::error title=safepublish%3A unknown::")
				if !ours && strings.HasPrefix(strings.TrimSpace(line), "::") || !ours && (strings.Contains(line, "##[") || strings.Contains(line, "##vso[")) {
					t.Errorf("%s, %q: %q", ci, said, line)
				}
			}
		}
	}
}

func TestAnnotation(t *testing.T) {
	got := logged(t, []string{"GITHUB_ACTIONS=true"}, func(u *UI) {
		u.Annotate("version-exists", "100% there, 1:2", "do it", []string{"safepublish --fix bump=patch"})
	})
	want := "::error title=safepublish%3A version-exists::do it%0A100%25 there, 1:2%0ATo go on:%0Asafepublish --fix bump=patch\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, env := range [][]string{nil, {"GITLAB_CI=true"}} {
		if got := logged(t, env, func(u *UI) { u.Annotate("unknown", "x", "", nil) }); got != "" {
			t.Errorf("%v: %q", env, got)
		}
	}
}

func TestGroups(t *testing.T) {
	for env, want := range map[string][]string{
		"GITHUB_ACTIONS=true": {"::group::npm publish\n", "::endgroup::\n"},
		"GITLAB_CI=true":      {"\x1b[0Ksection_start:", ":safepublish_1\r\x1b[0Knpm publish\n", "\x1b[0Ksection_end:", ":safepublish_1\r\x1b[0K\n"},
		"TERM=xterm":          nil,
	} {
		got := logged(t, []string{env}, func(u *UI) { u.Group("npm publish")() })
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q is not in %q", env, part, got)
			}
		}
		if want == nil && got != "" {
			t.Errorf("%s: %q", env, got)
		}
	}
}
