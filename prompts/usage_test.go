package prompts

import (
	"strings"
	"testing"

	"safepublish/classify/npm"
)

var fixes = []string{"tag=NAME", "bump[=patch|minor|major|prerelease|X.Y.Z]", "otp", "access=PACKAGE", "rename=@SCOPE/NAME"}

// Help fits the terminal, and a command's own names its options and no others.
func TestUsage(t *testing.T) {
	for _, command := range append([]string{""}, npm.Commands...) {
		for _, columns := range []int{60, 80, 100} {
			text := Usage(columns, command, fixes)
			for line := range strings.Lines(text) {
				if line = strings.TrimSuffix(line, "\n"); cells(line) > columns && !strings.HasPrefix(line, "    ") {
					t.Errorf("help %s, %d columns: %q", command, columns, line)
				}
			}
		}
		text := Usage(80, command, fixes)
		for _, option := range []string{"json", "fix", "scenario", "report", "npm", "help"} {
			want := option == "help"
			switch c, err := npm.FindSubcommand(command); {
			case err != nil:
				want = option != "json" && option != "scenario"
			default:
				want = want || strings.Contains(" "+strings.Join(c.Options, " ")+" ", " "+option+" ")
			}
			if got := strings.Contains(text, "\n  --"+option+" "); got != want {
				t.Errorf("help %s names --%s: %v", command, option, got)
			}
		}
	}
}

// The manual page has every command and option, and no text in it is taken for a command of roff's.
func TestMan(t *testing.T) {
	text := Man(fixes)
	for _, c := range npm.Subcommands {
		if !strings.Contains(text, "\n.SS "+roff(c.Name)+"\n") {
			t.Errorf("no %s", c.Name)
		}
	}
	for _, o := range npm.Options {
		if !strings.Contains(text, "\n.B "+roff("--"+o.Name)) {
			t.Errorf("no --%s", o.Name)
		}
	}
	for line := range strings.Lines(text) {
		macro, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch macro {
		case ".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".br", ".nh", ".ad", ".nf", ".fi":
		default:
			if line == "\n" || strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
				t.Errorf("roff obeys %q", line)
			}
		}
	}
	for in, want := range map[string]string{".TH x": `\&.TH x`, "'x": `\&'x`, `a\n-b`: `a\en\-b`} {
		if got := roff(in); got != want {
			t.Errorf("roff(%q) = %q, want %q", in, got, want)
		}
	}
}
