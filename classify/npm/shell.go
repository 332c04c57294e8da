package npm

import (
	"strings"

	"safepublish/classify/pattern"
)

// Shell is what a person types a command into. All that one is told to type is written
// for it. The zero value is sh and what reads as it does.
type Shell int

// The shells.
const (
	Sh                Shell = iota
	Cmd                     // cmd.exe
	PowerShell              // 7.3 and later
	WindowsPowerShell       // 5.1: no &&, and no argument that is empty or holds a quotation mark reaches a program unchanged
)

// ShellOf tells from the environment, in the form of os.Environ, which shell a person types
// into. Git Bash and MSYS2 set MSYSTEM, Cygwin SHELL. Each PowerShell puts folders of its
// own before the machine's into PSModulePath (about_PSModulePath), and what it starts
// inherits them, also through npm run, which runs cmd.exe.
func ShellOf(env []string, windows bool) Shell {
	if !windows {
		return Sh
	}
	value := map[string]string{}
	for _, entry := range env {
		name, v, _ := strings.Cut(entry, "=")
		value[strings.ToUpper(name)] = v
	}
	if value["MSYSTEM"] != "" || value["SHELL"] != "" {
		return Sh
	}
	shell := Cmd
	for _, folder := range strings.Split(value["PSMODULEPATH"], ";") {
		folder = strings.TrimRight(folder, `\`)
		switch {
		case sevens.MatchString(folder):
			return PowerShell
		case fives.MatchString(folder) && !strings.EqualFold(folder, value["PROGRAMFILES"]+`\WindowsPowerShell\Modules`):
			shell = WindowsPowerShell
		}
	}
	return shell
}

var (
	sevens = pattern.New(`(?i)\\PowerShell(?:\\7[^\\]*)?\\Modules$`)
	fives  = pattern.New(`(?i)\\WindowsPowerShell\\Modules$`)
)

// Quote writes arguments as they are typed, with blanks between them. Where it can it
// writes what cmd.exe and PowerShell read alike.
func (s Shell) Quote(args ...string) string {
	words := make([]string, len(args))
	for i, arg := range args {
		switch {
		case s == Sh && bareInSh.MatchString(arg) || s != Sh && bare.MatchString(arg):
			words[i] = arg
		case s == Sh:
			words[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		case s == Cmd:
			words[i] = forCmd(arg)
		default:
			words[i] = s.forPowerShell(arg)
		}
	}
	return strings.Join(words, " ")
}

// bareInSh is what needs no quotes in sh. zsh would look for a program behind a = at the
// beginning.
var bareInSh = pattern.New(`^[\w@%+:,./-][\w@%+=:,./-]*$`)

// bare is what needs none in cmd.exe and in PowerShell, and stays the same through npm.ps1,
// which makes numbers of its own of what looks like one. An @ at the beginning is
// PowerShell's (PowerShell/PowerShell#17466, #21291).
var bare = pattern.New(`^(?:[A-Za-z/\\][\w./\\:+@=-]*|` +
	`\d+(?:[.]\d+){2,}[\w./:-]*|` + // a version, an address
	`-[A-Za-z]|--[A-Za-z][\w-]*(?:=[\w./:+-]+)?|\.)$`)

// forCmd quotes for a program (CommandLineToArgvW), and for cmd.exe before it. Within
// quotes cmd.exe expands %NAME% all the same, so that there every special sign gets a ^
// and cmd.exe sees no quote at all. A line break cannot be typed.
func forCmd(arg string) string {
	quoted := `"` + slashes(arg) + `"`
	if strings.ContainsAny(arg, `"%`) {
		return cmdSign.ReplaceAllString(quoted, `^$0`)
	}
	return quoted
}

var cmdSign = pattern.New(`[()%!^"<>&|]`)

// slashes escapes quotation marks and what stands before them, as programs read it within
// quotes.
func slashes(arg string) string {
	return beforeQuote.ReplaceAllStringFunc(arg, func(found string) string {
		twice := strings.Repeat(`\`, 2*strings.Count(found, `\`))
		if strings.HasSuffix(found, `"`) {
			return twice + `\"`
		}
		return twice
	})
}

var beforeQuote = pattern.New(`\\*"|\\+$`)

// forPowerShell quotes for PowerShell, which takes some typographic marks for quotes too.
func (s Shell) forPowerShell(arg string) string {
	switch blank := strings.ContainsAny(arg, " \t\n\v"); {
	case s != WindowsPowerShell:
	case arg == "":
		arg = `""`
	case blank: // it puts quotes around it, and escapes nothing
		arg = slashes(arg)
	case strings.Contains(arg, `"`):
		arg = strings.TrimSuffix(slashes(arg+"."), ".")
	}
	return literal(arg)
}

// literal is a text as PowerShell reads it.
func literal(text string) string {
	if !strings.ContainsAny(text, "$`\"“”„") {
		return `"` + text + `"`
	}
	return "'" + singleQuote.ReplaceAllString(text, "$0$0") + "'"
}

var singleQuote = pattern.New(`['‘’‚‛]`)

// Then writes two commands, the second for where the first went well.
func (s Shell) Then(first, second string) string {
	if s == WindowsPowerShell {
		return first + "; if ($?) { " + second + " }"
	}
	return first + " && " + second
}

// With writes a command that gets a variable in its environment.
func (s Shell) With(name, value, command string) string {
	switch s {
	case Sh:
		return name + "=" + s.Quote(value) + " " + command
	case Cmd:
		return `set "` + name + "=" + value + `" && ` + command
	}
	return "$env:" + name + " = " + literal(value) + "; " + command
}

// FirstOnPath writes a command that finds its programs in a folder first.
func (s Shell) FirstOnPath(folder, command string) string {
	switch s {
	case Sh:
		return "PATH=" + s.Quote(folder) + ":$PATH " + command
	case Cmd:
		return `set "PATH=` + folder + `;%PATH%" && ` + command
	}
	return "$env:PATH = " + literal(folder+";") + " + $env:PATH; " + command
}

// SetFrom writes the command that sets a variable to what a file holds, without the line
// break at its end and quotation marks around it.
func (s Shell) SetFrom(name, file string) string {
	switch s {
	case Sh:
		return "export " + name + `="$(tr -d '[:space:]"' < ` + s.Quote(file) + `)"`
	case Cmd:
		return `for /f "usebackq delims=" %A in ("` + file + `") do @set "` + name + `=%~A"`
	}
	return "$env:" + name + " = (Get-Content -Raw " + literal(file) + `) -replace '[\s"]'`
}

// MakeFolder writes the command that makes a folder, with those above it.
func (s Shell) MakeFolder(path string) string {
	if s == Sh {
		return "mkdir -p " + s.Quote(path)
	}
	return "mkdir " + s.Quote(path)
}

// Remove writes the command that removes a file.
func (s Shell) Remove(path string) string {
	return [...]string{Sh: "rm ", Cmd: "del ", PowerShell: literalRemove, WindowsPowerShell: literalRemove}[s] + s.Quote(path)
}

// Move writes the command that gives a file another name.
func (s Shell) Move(from, to string) string {
	return [...]string{Sh: "mv ", Cmd: "move ", PowerShell: literalMove, WindowsPowerShell: literalMove}[s] + s.Quote(from, to)
}

// Without LiteralPath a [ in a path would be a pattern.
const (
	literalRemove = "Remove-Item -LiteralPath "
	literalMove   = "Move-Item -LiteralPath "
)

// MakeReadable writes the command that gives a person back the rights to what is his.
func (s Shell) MakeReadable(path string) string {
	if s == Sh {
		return "chmod -R u+rwX " + s.Quote(path)
	}
	return "icacls " + s.Quote(path) + " /reset /T"
}
