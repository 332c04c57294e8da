package npm

import (
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pieces are what arguments are made of here: what some shell takes for something else.
var pieces = []string{
	"a", "Z9", " ", "  ", "\t", `"`, "'", `\`, `\\`, "&", "^", "%", "%PATH%", "!", "$", "$HOME", "`", "(", ")", "<", ">", "|", ";", ",",
	"@", "@acme/", "#", "*", "?", "[", "]", "{", "}", "~", "=", "-", "--", "--%", ":", "/", ".", "1.10", "1.2.3", "10.", "’", "‘", "“", "”", "„", "é", "–",
}

// arguments returns lists of arguments, each list once in a run.
func arguments(n int) (lists [][]string) {
	r := rand.New(rand.NewPCG(1, 2))
	for range n {
		var args []string
		for range 1 + r.IntN(3) {
			arg := ""
			for range r.IntN(6) {
				arg += pieces[r.IntN(len(pieces))]
			}
			args = append(args, arg)
		}
		lists = append(lists, args)
	}
	return append(lists, []string{""}, []string{`C:\a b\`}, []string{`C:\Program Files (x86)\x.json`, `C:\J&J\100%\`}, []string{"1.10"}, []string{"1.0.1"})
}

// What is quoted is read back as it was: by sh itself, and by models of the rules of the
// shells that are not here.
func TestQuoteReadBack(t *testing.T) {
	for _, args := range arguments(5000) {
		for shell, read := range map[Shell]func(string) ([]string, bool){
			Cmd: readCmd, PowerShell: readPowerShell, WindowsPowerShell: readWindowsPowerShell,
		} {
			typed := shell.Quote(args...)
			if got, ok := read(typed); !ok || !slices.Equal(got, args) {
				t.Fatalf("shell %d: %q is typed %s and read %q, %v", shell, args, typed, got, ok)
			}
		}
		if strings.Contains(strings.Join(args, ""), `"`) { // of a quotation mark npm.cmd can make the end of a quotation
			continue
		}
		if got, ok := readNpmCmd(Cmd.Quote(args...)); !ok || !slices.Equal(got, args) {
			t.Fatalf("through npm.cmd: %q is typed %s and read %q, %v", args, Cmd.Quote(args...), got, ok)
		}
	}
	for _, args := range arguments(100) {
		out, err := exec.Command("sh", "-c", `printf '%s\0' `+Sh.Quote(args...)).Output()
		if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || !slices.Equal(got, args) {
			t.Fatalf("sh: %q is typed %s and read %q, %v", args, Sh.Quote(args...), got, err)
		}
	}
}

// readCmd is what a program gets of a line that is typed into cmd.exe.
func readCmd(typed string) ([]string, bool) {
	line, ok := cmdParse(cmdExpand(typed))
	return argvOf(line), ok
}

// readNpmCmd is the same for one that npm.cmd has handed on with %*: it is parsed again,
// and not expanded again.
func readNpmCmd(typed string) ([]string, bool) {
	line, ok := cmdParse(cmdExpand(typed))
	line, again := cmdParse(line)
	return argvOf(line), ok && again
}

// cmdExpand is the first phase: %NAME% wherever it stands; one that is not set stays.
func cmdExpand(s string) string { return strings.ReplaceAll(s, "%PATH%", `C:\expanded`) }

// cmdParse is the second: quotation marks, signs and carets. It fails where a sign would
// do something.
func cmdParse(s string) (line string, ok bool) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
			b.WriteByte(c)
		case quoted:
			b.WriteByte(c)
		case c == '^' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case strings.IndexByte("&|<>^", c) >= 0:
			return "", false
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), !quoted
}

// argvOf is how a program on Windows reads its command line (CommandLineToArgvW).
func argvOf(line string) (args []string) {
	var arg strings.Builder
	open, quoted, slashes := false, false, 0
	flush := func(n int) {
		arg.WriteString(strings.Repeat(`\`, n))
		slashes = 0
	}
	for i := range len(line) {
		switch c := line[i]; {
		case c == '\\':
			slashes++
			open = true
		case c == '"':
			odd := slashes%2 == 1
			flush(slashes / 2)
			open = true
			if odd {
				arg.WriteByte('"')
			} else {
				quoted = !quoted
			}
		case (c == ' ' || c == '\t') && !quoted:
			flush(slashes)
			if open {
				args = append(args, arg.String())
			}
			arg.Reset()
			open = false
		default:
			flush(slashes)
			open = true
			arg.WriteByte(c)
		}
	}
	if flush(slashes); open {
		args = append(args, arg.String())
	}
	return args
}

// readPowerShell is what a program gets of a line that is typed into PowerShell 7.3. It
// fails on what has a meaning there, and on what is not known to have none.
func readPowerShell(typed string) (args []string, ok bool) {
	in := []rune(typed)
	isDouble := func(r rune) bool { return strings.ContainsRune("\"“”„", r) }
	isSingle := func(r rune) bool { return strings.ContainsRune("'‘’‚‛", r) }
	for i := 0; i < len(in); {
		var word strings.Builder
		switch {
		case in[i] == ' ':
			i++
			continue
		case isDouble(in[i]):
			for i++; i < len(in) && !isDouble(in[i]); i++ {
				if in[i] == '$' || in[i] == '`' {
					return nil, false
				}
				word.WriteRune(in[i])
			}
			i++
		case isSingle(in[i]):
			for i++; i < len(in); i++ {
				if isSingle(in[i]) && (i+1 == len(in) || !isSingle(in[i+1])) {
					break
				} else if isSingle(in[i]) {
					i++
				}
				word.WriteRune(in[i])
			}
			i++
		default:
			from := i
			for i < len(in) && in[i] != ' ' {
				i++
			}
			if word.WriteString(string(in[from:i])); !bareInPowerShell(word.String()) {
				return nil, false
			}
		}
		if i > len(in) || i < len(in) && in[i] != ' ' {
			return nil, false
		}
		args = append(args, word.String())
	}
	return args, true
}

// bareInPowerShell tells whether a word without quotes is certainly a text, and no
// number: npm.ps1 gets that as its value.
func bareInPowerShell(word string) bool {
	if strings.ContainsAny(word, "\"“”„'‘’‚‛$`(){}|&<>;,#*?[]~%!^–—") || word[0] == '@' || strings.HasPrefix(word, "--%") {
		return false
	}
	if len(word) > 1 && word[0] == '-' && word[1] != '-' && strings.ContainsAny(word, ".:") { // -a.b is read as two
		return false
	}
	first := strings.TrimLeft(word, "+-.")
	digits := first != "" && first[0] >= '0' && first[0] <= '9'
	return !digits || strings.Count(word, ".") >= 2 // 1.0.1 is none, nor is 127.0.0.1:80
}

// readWindowsPowerShell is the same for 5.1, which makes a command line of the words: an
// empty one is lost, quotes go around one with a blank outside of quotes, and nothing is escaped.
func readWindowsPowerShell(typed string) ([]string, bool) {
	words, ok := readPowerShell(typed)
	var line []string
	for _, word := range words {
		quotes, blank := 0, false
		for i, c := range word {
			if c == '"' && (i == 0 || word[i-1] != '\\') {
				quotes++
			}
			blank = blank || (c == ' ' || c == '\t') && quotes%2 == 0
		}
		if blank {
			word = `"` + word + `"`
		}
		line = append(line, word)
	}
	return argvOf(strings.Join(line, " ")), ok
}

func TestQuoteLooks(t *testing.T) {
	for _, c := range []struct {
		shell Shell
		args  []string
		want  string
	}{
		{Sh, []string{"npm", "view", "@acme/widget", "it's"}, `npm view @acme/widget 'it'\''s'`},
		{Cmd, []string{"npm", "view", "@acme/widget@1.0.0", "--registry=https://host/a"}, `npm view "@acme/widget@1.0.0" --registry=https://host/a`},
		{PowerShell, []string{"npm", "view", "@acme/widget@1.0.0", "--registry=https://host/a"}, `npm view "@acme/widget@1.0.0" --registry=https://host/a`},
		{Cmd, []string{`C:\Users\J & J\x.json`}, `"C:\Users\J & J\x.json"`},
		{WindowsPowerShell, []string{`C:\Users\J & J\x.json`}, `"C:\Users\J & J\x.json"`},
		{PowerShell, []string{"//127.0.0.1:4873/", "127.0.0.1:4873", "1.0"}, `//127.0.0.1:4873/ 127.0.0.1:4873 "1.0"`},
		{Cmd, []string{`C:\100%`}, `^"C:\100^%^"`},
		{PowerShell, []string{"$x"}, `'$x'`},
		{WindowsPowerShell, []string{""}, `'""'`},
		{PowerShell, []string{"npm", "version", "1.0.1", "-w", "demo"}, "npm version 1.0.1 -w demo"},
	} {
		if got := c.shell.Quote(c.args...); got != c.want {
			t.Errorf("shell %d: %s, want %s", c.shell, got, c.want)
		}
	}
}

func TestShellOf(t *testing.T) {
	const (
		machine = `C:\Program Files\WindowsPowerShell\Modules;C:\Windows\system32\WindowsPowerShell\v1.0\Modules`
		five    = `C:\Users\me\OneDrive\Dokumente\WindowsPowerShell\Modules;` + machine
		seven   = `C:\Users\me\Documents\PowerShell\Modules;C:\Program Files\PowerShell\Modules;c:\program files\powershell\7\Modules;` + machine
	)
	for _, c := range []struct {
		name    string
		env     []string
		windows bool
		want    Shell
	}{
		{"unix", []string{"PSModulePath=" + seven}, false, Sh},
		{"cmd", []string{"PSModulePath=" + machine, `ProgramFiles=C:\Program Files`, "PROMPT=$P$G"}, true, Cmd},
		{"nothing known", nil, true, Cmd},
		{"PowerShell 5.1", []string{"PSModulePath=" + five, `ProgramFiles=C:\Program Files`}, true, WindowsPowerShell},
		{"PowerShell 7", []string{"PSModulePath=" + seven, `ProgramFiles=C:\Program Files`}, true, PowerShell},
		{"a preview of PowerShell 7", []string{`psmodulepath=C:\program files\powershell\7-preview\Modules`}, true, PowerShell},
		{"PowerShell 7 from 5.1", []string{`PSModulePath=C:\Users\me\Documents\WindowsPowerShell\Modules;` + seven}, true, PowerShell},
		{"npm run in PowerShell", []string{"PSModulePath=" + seven, "PROMPT=$P$G", "npm_lifecycle_event=release"}, true, PowerShell},
		{"Git Bash", []string{"MSYSTEM=MINGW64", "PSModulePath=" + machine}, true, Sh},
		{"Cygwin", []string{"SHELL=/bin/bash", "PSModulePath=" + machine}, true, Sh},
	} {
		if got := ShellOf(c.env, c.windows); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func TestShellCommands(t *testing.T) {
	const file = `C:\a b\x.json`
	for _, c := range []struct {
		shell Shell
		want  []string
	}{
		{Sh, []string{
			"a && b", "X=DIR npm", `PATH='C:\a b\x.json':$PATH npm`, `rm 'C:\a b\x.json'`, `mv 'C:\a b\x.json' y`, `chmod -R u+rwX 'C:\a b\x.json'`,
			`export X="$(tr -d '[:space:]"' < FILE)"`,
		}},
		{Cmd, []string{
			"a && b", `set "X=DIR" && npm`, `set "PATH=C:\a b\x.json;%PATH%" && npm`, `del "C:\a b\x.json"`, `move "C:\a b\x.json" y`,
			`icacls "C:\a b\x.json" /reset /T`, `for /f "usebackq delims=" %A in ("FILE") do @set "X=%~A"`,
		}},
		{PowerShell, []string{
			"a && b", `$env:X = "DIR"; npm`, `$env:PATH = "C:\a b\x.json;" + $env:PATH; npm`, `Remove-Item -LiteralPath "C:\a b\x.json"`,
			`Move-Item -LiteralPath "C:\a b\x.json" y`, `icacls "C:\a b\x.json" /reset /T`,
			`$env:X = (Get-Content -Raw "FILE") -replace '[\s"]'`,
		}},
		{WindowsPowerShell, []string{
			"a; if ($?) { b }", `$env:X = "DIR"; npm`, `$env:PATH = "C:\a b\x.json;" + $env:PATH; npm`,
			`Remove-Item -LiteralPath "C:\a b\x.json"`, `Move-Item -LiteralPath "C:\a b\x.json" y`, `icacls "C:\a b\x.json" /reset /T`,
			`$env:X = (Get-Content -Raw "FILE") -replace '[\s"]'`,
		}},
	} {
		s := c.shell
		got := []string{
			s.Then("a", "b"), s.With("X", "DIR", "npm"), s.FirstOnPath(file, "npm"), s.Remove(file), s.Move(file, "y"), s.MakeReadable(file), s.SetFrom("X", "FILE"),
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("shell %d:\n%q, want\n%q", s, got, c.want)
		}
	}
}
