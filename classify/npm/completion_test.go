package npm

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// line is typed word by word; Tab is pressed in every one of them.
var typed = [][]string{
	{""},
	{"-"},
	{"--"},
	{"--fi"},
	{"--tag", ""},
	{"--tag", "beta", "--fi"},
	{"--dryrun", ""},
	{"--fix", ""},
	{"--fix", "bump="},
	{"--access", ""},
	{"--json", "./"},
	{"--", ""},
	{"--", "--"},
	{"check", "--"},
	{"explain", ""},
	{"explain", "--"},
	{"rehearse", "--"},
	{"completion", ""},
	{"report-schema", ""},
	{"--otp", ""},
	{"--registry", ""},
	{"ch"},
	{"--generate-bash-completion"},
	{"--tag", "next", "--generate-bash-completion"},
	{"; npm publish"},
	{"$(npm publish)", ""},
	{"`npm publish`"},
	{"--fix", "$(npm publish)"},
}

// offers are words that must be among what Tab offers.
var offers = []struct {
	typed []string
	want  []string
	not   []string
}{
	{typed: []string{"--fi"}, want: []string{"--fix"}},
	{typed: []string{"--max"}, want: []string{"--max-wait", "--max-attempts"}},
	{typed: []string{"--tag", "beta", "--dry"}, want: []string{"--dry-run"}},
	{typed: []string{"--fix", ""}, want: []string{"bump=minor", "retry"}},
	{typed: []string{"--access", ""}, want: []string{"public", "restricted"}},
	{typed: []string{"explain", "version-"}, want: []string{"version-exists"}},
	{typed: []string{"completion", ""}, want: []string{"bash", "zsh", "fish"}},
	{typed: []string{"re"}, want: []string{"rehearse", "report-schema"}},
	{typed: []string{"rehearse", "--sc"}, want: []string{"--scenario"}, not: []string{"--report"}},
	{typed: []string{"rehearse", "--scenario", "o"}, want: []string{"otp-wrong"}},
	{typed: []string{"rehearse", "--ta"}, want: []string{"--tag"}},
	{typed: []string{"help", "ch"}, want: []string{"check"}},
	{typed: []string{"v"}, want: []string{"version"}},
	{typed: []string{"--pack-with", ""}, want: []string{"pnpm", "yarn", "bun"}},
	{typed: []string{"--ot"}, want: []string{"--otp", "--otp-command"}},
	{typed: []string{"check", "--js"}, want: []string{"--json"}},
	{typed: []string{"explain", "--"}, want: []string{"--json", "--help"}, not: []string{"--fix", "--tag", "--scenario", "--no-input"}},
	{typed: []string{"--json", "di"}, want: []string{"dist"}},
}

// press are the programs that press Tab: they source the script, put the words
// (the arguments) where the shell's completion looks, and print what is offered.
var press = map[string]string{
	"bash": `source "$SCRIPT"; COMP_WORDS=(safepublish "$@"); COMP_CWORD=$#; _safepublish; printf '%s\n' "${COMPREPLY[@]}"`,
	// The completion widgets work only while a key is handled; these stand for them.
	"zsh": `compdef() { :; }; compset() { PREFIX=${PREFIX#*=}; }; compadd() { shift; print -rl -- ${(M)@:#$PREFIX*}; }
_files() { print -rl -- $PREFIX*(N); }
source "$SCRIPT"; words=(safepublish "$@"); CURRENT=$#words; PREFIX=$words[-1]; _safepublish`,
	"fish": `source $SCRIPT; complete -C "safepublish $LINE"`,
}

// TestTabNeverStartsAnything presses Tab in every position, with an npm and a
// safepublish in PATH that leave a trace if they are started.
func TestTabNeverStartsAnything(t *testing.T) {
	for _, shell := range shells {
		t.Run(shell, func(t *testing.T) {
			tab := newTab(t, shell)
			for _, words := range typed {
				tab.press(t, words)
			}
			for _, o := range offers {
				got := tab.press(t, o.typed)
				if i := slices.IndexFunc(got, func(s string) bool { return slices.Contains(o.not, s) }); i >= 0 {
					t.Errorf("Tab after %q offers %s", o.typed, got[i])
				}
				for _, want := range o.want {
					if !slices.ContainsFunc(got, func(s string) bool { return s == want || strings.TrimRight(s, "/") == want }) {
						t.Errorf("Tab after %q offers %q, not %s", o.typed, got, want)
					}
				}
			}
			if trace, err := os.ReadFile(tab.trace); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("Tab started %s, %v", trace, err)
			}
		})
	}
}

type tab struct{ shell, dir, script, trace string }

func newTab(t *testing.T, shell string) *tab {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("no %s here", shell)
	}
	dir := t.TempDir()
	tb := &tab{shell: path, dir: dir, script: filepath.Join(dir, "script"), trace: filepath.Join(dir, "trace")}
	script, err := Completion(shell, Vocabulary{
		Causes: []string{"version-exists", "tag-invalid"}, Fixes: []string{"tag=", "bump", "bump=minor", "retry"},
		Scenarios: []string{"otp-wrong", "network"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"script": script, "bin/npm": "#!/bin/sh\necho npm \"$@\" >> " + tb.trace + "\n",
		"bin/safepublish": "#!/bin/sh\necho safepublish \"$@\" >> " + tb.trace + "\n", "work/dist/package.json": "{}",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return tb
}

func (tb *tab) press(t *testing.T, words []string) []string {
	t.Helper()
	name := filepath.Base(tb.shell)
	cmd := exec.Command(tb.shell, append([]string{"-c", press[name], name}, words...)...)
	if name == "fish" {
		cmd.Args = cmd.Args[:3] // it takes words for options of its own
	}
	cmd.Dir = filepath.Join(tb.dir, "work")
	cmd.Env = []string{
		"PATH=" + filepath.Join(tb.dir, "bin") + ":" + os.Getenv("PATH"), "HOME=" + tb.dir,
		"SCRIPT=" + tb.script, "LINE=" + shellLine(words),
	}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if stderr.Len() > 0 {
		t.Errorf("%s, Tab after %q: %v\n%s", name, words, err, &stderr)
	}
	var offered []string
	for line := range strings.Lines(string(out)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), "\t") // fish adds what the option does
		offered = append(offered, word)
	}
	return offered
}

// shellLine joins words as they are typed, those in quotes that are no plain words.
func shellLine(words []string) string {
	words = slices.Clone(words)
	for i, w := range words {
		if strings.ContainsAny(w, "; $`") {
			words[i] = quote(w)
		}
	}
	return strings.Join(words, " ")
}

func TestCompletionOtherShell(t *testing.T) {
	_, err := Completion("tcsh", Vocabulary{})
	var usage *UsageError
	if !errors.As(err, &usage) {
		t.Errorf("got %v, want a *UsageError", err)
	}
}
