package npm

import (
	"cmp"
	"slices"
	"strings"
)

// Own is one of safepublish's options.
type Own struct {
	Name     string   // "fix", without dashes
	Bool     bool     // takes no value
	Hint     string   // what its value is, for help and completion: "FILE", "TIME"
	Usage    string   // one line for help and completion
	Commands []string // the subcommands that have it; nil for all, "" is publishing itself
}

// Packers are the clients that --pack-with takes.
var Packers = []string{"pnpm", "yarn", "bun"}

// Options are safepublish's own options. None of them is a config key of any
// npm. Splitting, suggestions and completion follow this
// table; main declares the same ones to urfave/cli.
var Options = []Own{
	{Name: "fix", Hint: "ID[=VALUE]", Usage: "apply this fix without asking; may be given again"},
	{Name: "no-input", Bool: true, Usage: "ask nothing; the last line names the cause"},
	{Name: "max-wait", Hint: "TIME", Usage: "wait no longer in total when nobody is asked (5m)"},
	{Name: "max-attempts", Hint: "N", Usage: "publish at most this many times (5)"},
	{Name: "skip-existing", Bool: true, Usage: "a version that is there already is no failure", Commands: []string{""}},
	{Name: "pack-with", Hint: strings.Join(Packers, "|"), Usage: "let this client pack; npm publishes its tarball", Commands: []string{""}},
	{Name: "wait", Hint: "TIME", Usage: "wait at most this long until the version can be read", Commands: []string{""}},
	{Name: "otp-command", Hint: "CMD", Usage: "ask this command for a one-time password", Commands: []string{""}},
	{Name: "report", Hint: "FILE", Usage: "write what happened to this file, as JSON", Commands: []string{""}},
	{Name: "no-check", Bool: true, Usage: "skip the look before the package's scripts run"},
	{Name: "npm", Hint: "PATH", Usage: "run this program as npm"},
	{Name: "json", Bool: true, Usage: "print JSON", Commands: []string{"check", "explain"}},
	{Name: "scenario", Hint: "NAME", Usage: "play this failure", Commands: []string{"rehearse"}},
	{Name: "all", Bool: true, Usage: "play every failure", Commands: []string{"rehearse"}},
	{Name: "list", Bool: true, Usage: "list the failures", Commands: []string{"rehearse"}},
	{Name: "with-scripts", Bool: true, Usage: "run the package's scripts", Commands: []string{"rehearse"}},
	{Name: "help", Bool: true, Usage: "show help"},
	{Name: "version", Bool: true, Usage: "show the version"},
}

// Subcommand is a word that stands first and does something else than publish.
type Subcommand struct {
	Name    string
	Args    string   // what follows it, for help
	Usage   string   // one line for help and completion
	About   string   // what its own help says, in paragraphs; an indented line is a command to copy
	NPM     bool     // it takes the arguments of npm publish
	Options []string // of safepublish's those that matter to it; --help each has
}

// Subcommands are all of them, in the order of help.
var Subcommands = []Subcommand{
	{
		Name: "check", Args: "[--json] [npm publish arguments]", NPM: true, Options: []string{"json", "npm"},
		Usage: "list all that stands in the way of a publish; change nothing",
		About: `Lists everything that stands in the way of a publish, the worst first. Give it the arguments that the publish
will have.
It changes nothing and runs no script of the package. The status is the class of the worst, 0 if nothing
stands in the way.`,
	},
	{
		Name: "explain", Args: "[--json] FILE | - | CAUSE", Options: []string{"json"},
		Usage: "name the causes in a saved log, or print the page of a cause",
		About: `Names the causes of the failed publishes in a saved log: npm's debug log, a screen, the log of a CI. It works
offline and needs no npm. "-" is stdin.
With a cause it prints the page about it: what it means, how to confirm it, how to fix it, how to prevent it.`,
	},
	{
		Name: "rehearse", Args: "[options] [npm publish arguments]", NPM: true,
		Options: []string{"scenario", "all", "list", "with-scripts", "fix", "no-input", "npm"},
		Usage:   "play a refused publish against a registry on 127.0.0.1",
		About: `Plays a refused publish with real npm, on a copy of the package in this folder, or on a small built-in one,
against an embedded registry on 127.0.0.1.
Nothing leaves the machine; your files and your login stay as they are. If nobody can answer, the rehearsal
answers its own questions.`,
	},
	{
		Name: "shim", Args: "DIR",
		Usage: "write a shim that sends npm publish through safepublish",
		About: `Writes a program npm into DIR that sends npm publish through safepublish, and everything else to npm further
down on PATH. Put DIR first on the PATH of the tool that runs npm.
Its options are the variables: SAFEPUBLISH_OTP_COMMAND, SAFEPUBLISH_SKIP_EXISTING and so on.`,
	},
	{
		Name:  "report-schema",
		Usage: "print the JSON Schema of what --report writes",
		About: `Prints the JSON Schema of what --report writes.`,
	},
	{
		Name: "completion", Args: "bash | zsh | fish",
		Usage: "print a completion script",
		About: `Prints a completion script. To use it in this shell:
    source <(safepublish completion bash)
    source <(safepublish completion zsh)
    safepublish completion fish | source
The same line in ~/.bashrc, in ~/.zshrc after compinit, or in ~/.config/fish/config.fish keeps it.`,
	},
	{
		Name:  "man",
		Usage: "print the manual page",
		About: `Prints the manual page. To read it:
    safepublish man | man -l -`,
	},
	{
		Name: "help", Args: "[COMMAND]",
		Usage: "say more about a command",
		About: `Prints what a command does and its options; without one, those of safepublish itself.`,
	},
	{
		Name: "version", Args: "[--npm PATH]", Options: []string{"npm"},
		Usage: "print the versions of safepublish, npm and node",
		About: `Prints the versions of safepublish, of npm as it would run it, and of npm's node. safepublish
--version prints its own alone and starts nothing.`,
	},
}

// Commands are the words that are subcommands where they stand first.
var Commands = func() (names []string) {
	for _, c := range Subcommands {
		names = append(names, c.Name)
	}
	return names
}()

// FindSubcommand returns the one of that name. The error is a *UsageError.
func FindSubcommand(name string) (Subcommand, error) {
	for _, c := range Subcommands {
		if c.Name == name {
			return c, nil
		}
	}
	return Subcommand{}, &UsageError{"there is no command " + name, cmp.Or(didYouMean(Nearest(name, Commands)), "type safepublish help")}
}

// UsageError is an argument that npm would misread, or that nobody
// understands. npm must not be started after one; the exit status is 64.
type UsageError struct {
	Problem string // what is wrong, without a secret
	Instead string // what to type, or ""
}

// Error returns the problem and what to type instead on one line.
func (e *UsageError) Error() string {
	if e.Instead == "" {
		return e.Problem
	}
	return e.Problem + "; " + e.Instead
}

func (o *Own) in(command string) bool {
	return o.Commands == nil || slices.Contains(o.Commands, command)
}
