// Safepublish is typed instead of npm publish. It runs npm, and when the
// registry refuses it finds out why, shows the evidence, offers the fix, applies
// it and tries again.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/runner"
	"safepublish/runner/registry"
	"safepublish/runner/report"
)

// version is set by the linker for a release; otherwise the module's own is shown.
var version = ""

func main() {
	runner.Listen()
	os.Exit(run(os.Args[1:], os.Environ(), runner.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// run is the whole program: arguments and environment in, exit status out.
func run(args, env []string, std runner.Streams) int {
	// A reader that is gone must not end us before an edit is undone; Ignore would be inherited.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if len(args) > 1 && args[0] == "shim" && args[1] == "--" {
		return shimmed(args[2:], env, std)
	}
	return safepublish(args, npm.Options, env, std)
}

// shimmed is npm as the shim has it: npm publish is safepublish with npm's arguments alone,
// none of which is an option or a command of ours, and everything else npm itself.
func shimmed(args, env []string, std runner.Streams) int {
	command, rest := npm.Command(args)
	if usage, _ := npm.Get(rest, "usage"); command == "publish" && usage != "true" && !slices.Contains(rest, "--help") {
		return safepublish(rest, nil, env, std)
	}
	status, err := runner.Passthrough(args, env, std)
	if err != nil {
		return complain(std.Err, err)
	}
	return status
}

func safepublish(args []string, own []npm.Own, env []string, std runner.Streams) int {
	words, err := npm.Split(args, own)
	if err != nil {
		return complain(std.Err, err)
	}
	status := 0
	usage := ""
	if slices.Contains(words.Own, "--help") { // no other start has to make it
		usage = prompts.Usage(prompts.Columns(std.Out), words.Command, remedy.Usages())
	}
	app := newApp(std.Out, words.Command, usage, func(c *cli.Context) error {
		status, err = dispatch(words, c, env, std)
		return err
	})
	if err := app.Run(append([]string{"safepublish"}, words.Own...)); err != nil {
		return complain(std.Err, err)
	}
	return status
}

// exitNoInput is the status of explain where its input cannot be read (EX_NOINPUT).
const exitNoInput = 66

// newApp declares our own options to urfave/cli. It never sees npm's, for it
// fails on a flag that it does not know; npm.Split takes them out first.
func newApp(out io.Writer, command, usage string, action cli.ActionFunc) *cli.App {
	flags := []cli.Flag{
		&cli.BoolFlag{Name: "version"}, // urfave's own prints through a global
		&cli.StringSliceFlag{Name: "fix"},
		&cli.BoolFlag{Name: "no-input", EnvVars: []string{"SAFEPUBLISH_NO_INPUT"}},
		&cli.DurationFlag{Name: "max-wait", Value: 5 * time.Minute, EnvVars: []string{"SAFEPUBLISH_MAX_WAIT"}},
		&cli.IntFlag{Name: "max-attempts", Value: 5, EnvVars: []string{"SAFEPUBLISH_MAX_ATTEMPTS"}},
		&cli.BoolFlag{Name: "no-check", EnvVars: []string{"SAFEPUBLISH_NO_CHECK"}},
		&cli.StringFlag{Name: "npm", EnvVars: []string{"SAFEPUBLISH_NPM"}},
	}
	switch command {
	case "":
		flags = append(flags, &cli.BoolFlag{Name: "skip-existing", EnvVars: []string{"SAFEPUBLISH_SKIP_EXISTING"}},
			&cli.StringFlag{Name: "pack-with", EnvVars: []string{"SAFEPUBLISH_PACK_WITH"}},
			&cli.DurationFlag{Name: "wait", EnvVars: []string{"SAFEPUBLISH_WAIT"}},
			&cli.StringFlag{Name: "otp-command", EnvVars: []string{"SAFEPUBLISH_OTP_COMMAND"}},
			&cli.StringFlag{Name: "report", EnvVars: []string{"SAFEPUBLISH_REPORT"}})
	case "check", "explain":
		flags = append(flags, &cli.BoolFlag{Name: "json"})
	case "rehearse":
		flags = append(flags, &cli.StringFlag{Name: "scenario", Value: registry.Default}, &cli.BoolFlag{Name: "all"},
			&cli.BoolFlag{Name: "list"}, &cli.BoolFlag{Name: "with-scripts"})
	}
	return &cli.App{
		Name: "safepublish", HideVersion: true, HideHelpCommand: true, DisableSliceFlagSeparator: true,
		CustomAppHelpTemplate: usage,
		Writer:                out, ErrWriter: io.Discard, Flags: flags,
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				_, err := fmt.Fprintln(out, "safepublish", ownVersion())
				return err
			}
			return action(c)
		},
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   func(_ *cli.Context, err error, _ bool) error { return badValue(err) },
	}
}

// urfaveError is what urfave/cli v2.27 says of a value that does not parse.
var urfaveError = pattern.New(`^(?:invalid (?:boolean )?value|could not parse) "(.*?)" ` +
	`(?:as \w+ value from environment variable "(\S+)" )?for (?:flag )?-?(\S+): `)

// wanted says what the options with a value take.
var wanted = map[string]string{
	"max-wait": "a time such as 90s or 5m", "wait": "a time such as 90s or 10m", "max-attempts": "a number such as 5",
}

// badValue says in our words what urfave/cli says of a value that does not parse.
func badValue(err error) error {
	m := urfaveError.FindStringSubmatch(err.Error())
	if m == nil {
		return err
	}
	value, variable, option := m[1], m[2], m[3]
	takes := wanted[option]
	if takes == "" && variable != "" {
		takes = "true or false"
	}
	return &npm.UsageError{Problem: fmt.Sprintf("%s takes %s, not %q", cmp.Or(variable, "--"+option), cmp.Or(takes, "no value"), value)}
}

func ownVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func dispatch(words npm.Words, c *cli.Context, env []string, std runner.Streams) (int, error) {
	opt := runner.Options{
		Fixes: c.StringSlice("fix"), NoInput: c.Bool("no-input"), NPM: c.String("npm"),
		MaxWait: c.Duration("max-wait"), MaxAttempts: c.Int("max-attempts"),
		Report: c.String("report"), Wait: c.Duration("wait"), OTPCommand: c.String("otp-command"), NoCheck: c.Bool("no-check"),
		SkipExisting: c.Bool("skip-existing"), PackWith: c.String("pack-with"),
	}
	if err := usable(words.Command, opt, env); err != nil {
		return 0, err
	}
	switch words.Command {
	case "check":
		return runner.Check(words, c.Bool("json"), opt, env, std)
	case "explain":
		return runner.Explain(words.NPM, c.Bool("json"), env, std)
	case "completion":
		return completion(words.NPM, std)
	case "shim":
		return 0, runner.WriteShim(words.NPM, env, std)
	case "report-schema", "man":
		return 0, printText(words, std)
	case "help":
		return 0, help(words.NPM, std)
	case "version":
		return 0, versions(words.NPM, opt.NPM, env, std)
	case "rehearse":
		return runner.Rehearse(words, runner.Rehearsal{
			Scenario: c.String("scenario"), All: c.Bool("all"), List: c.Bool("list"), WithScripts: c.Bool("with-scripts"),
		}, opt, env, std)
	case "":
		return runner.Publish(words, opt, env, std)
	}
	return 0, &npm.UsageError{Problem: words.Command + " is not in this version of safepublish"}
}

// usable refuses what no npm publish could be started with.
func usable(command string, opt runner.Options, env []string) error {
	if opt.MaxAttempts < 1 {
		return &npm.UsageError{Problem: "--max-attempts must be 1 or more"}
	}
	for _, f := range opt.Fixes {
		if err := remedy.CheckFix(f); err != nil {
			return err
		}
	}
	if c, err := npm.FindSubcommand(command); command == "" || err == nil && c.NPM {
		return npm.CheckVariables(env)
	}
	return nil
}

// printText prints the text that a command is there for.
func printText(words npm.Words, std runner.Streams) error {
	if err := noArgument(words.Command, words.NPM); err != nil {
		return err
	}
	text := report.Schema()
	if words.Command == "man" {
		text = prompts.Man(remedy.Usages())
	}
	_, err := io.WriteString(std.Out, text)
	return err
}

func noArgument(command string, args []string) error {
	if len(args) > 0 {
		return &npm.UsageError{Problem: command + " takes no argument"}
	}
	return nil
}

// help prints what a command does; without a command, what safepublish does.
func help(args []string, std runner.Streams) error {
	command := ""
	switch len(args) {
	case 0:
	case 1:
		c, err := npm.FindSubcommand(args[0])
		if err != nil {
			return err
		}
		command = c.Name
	default:
		return &npm.UsageError{Problem: "help takes one command", Instead: "type safepublish help " + args[0]}
	}
	_, err := io.WriteString(std.Out, prompts.Usage(prompts.Columns(std.Out), command, remedy.Usages()))
	return err
}

// versions prints our version, and those of the npm that would run and of its node.
func versions(args []string, path string, env []string, std runner.Streams) error {
	if err := noArgument("version", args); err != nil {
		return err
	}
	_, err := fmt.Fprintf(std.Out, "safepublish %s\n%s", ownVersion(), runner.Versions(path, env))
	return err
}

// completion prints a shell's completion script. It is made from the tables
// alone: pressing Tab starts neither safepublish nor npm.
func completion(args []string, std runner.Streams) (int, error) {
	known := npm.Vocabulary{Causes: classify.IDs(), Fixes: remedy.Words(), Scenarios: registry.IDs()}
	script, err := npm.Completion(strings.Join(args, " "), known)
	if err == nil {
		_, err = io.WriteString(std.Out, script)
	}
	return 0, err
}

// complain prints the one line that bad input gets, and returns its status.
func complain(w io.Writer, err error) int {
	status := runner.Complain(w, err)
	if errors.Is(err, runner.ErrInput) {
		return exitNoInput
	}
	return status
}
