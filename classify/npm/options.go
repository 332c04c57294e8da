package npm

import (
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
	{Name: "no-input", Bool: true, Usage: "ask nothing; the last line names the cause, the status its class"},
	{Name: "max-wait", Hint: "TIME", Usage: "wait no longer than this in all, when nobody is asked (5m)"},
	{Name: "max-attempts", Hint: "N", Usage: "publish at most so many times (5)"},
	{Name: "skip-existing", Bool: true, Usage: "a version that is there already is no failure", Commands: []string{""}},
	{Name: "pack-with", Hint: strings.Join(Packers, "|"), Usage: "let this client pack, and npm publish its tarball", Commands: []string{""}},
	{Name: "wait", Hint: "TIME", Usage: "after the publish, wait at most so long until it can be read", Commands: []string{""}},
	{Name: "otp-command", Hint: "CMD", Usage: "ask this command for a one-time password when one is wanted", Commands: []string{""}},
	{Name: "report", Hint: "FILE", Usage: "write what happened to this file, as JSON", Commands: []string{""}},
	{Name: "no-check", Bool: true, Usage: "do not look for a certain refusal before the scripts run"},
	{Name: "npm", Hint: "PATH", Usage: "the npm to run"},
	{Name: "json", Bool: true, Usage: "print JSON", Commands: []string{"check", "explain"}},
	{Name: "scenario", Hint: "NAME", Usage: "play this failure", Commands: []string{"rehearse"}},
	{Name: "all", Bool: true, Usage: "play every failure", Commands: []string{"rehearse"}},
	{Name: "list", Bool: true, Usage: "list the failures", Commands: []string{"rehearse"}},
	{Name: "with-scripts", Bool: true, Usage: "run the package's scripts", Commands: []string{"rehearse"}},
	{Name: "help", Bool: true, Usage: "show help"},
	{Name: "version", Bool: true, Usage: "show the version"},
}

// Commands are the words that are subcommands where they stand first.
var Commands = []string{"check", "explain", "rehearse", "shim", "report-schema", "completion"}

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
