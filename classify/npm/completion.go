package npm

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

//go:embed completion/*.tmpl
var completionFiles embed.FS

// shells are the ones that Completion has a script for.
var shells = []string{"bash", "zsh", "fish"}

// files are the options whose value is a file.
var files = []string{"npm", "report", "userconfig", "provenance-file"}

// flagWords is one option as a completion script needs it.
type flagWords struct {
	Name, Usage string
	Value, File bool     // it takes a value; the value is a file
	Words       []string // the values that there are
	Commands    []string // the subcommands behind which it is offered, "" for none
}

// commandWords is one subcommand with the options and the words that follow it.
type commandWords struct {
	Name, Usage  string
	Flags, Words []string
}

// Vocabulary are the words that Completion offers and that others know.
type Vocabulary struct {
	Causes    []string // that explain has pages for
	Fixes     []string // that --fix takes: "bump", "tag="
	Scenarios []string // that rehearse plays
}

type completionWords struct {
	Flags    []flagWords
	Commands []commandWords
	Here     []string // the options of publishing itself
	Names    []string // the subcommands
}

// Completion returns the completion script for bash, zsh or fish. It is
// complete in itself: safepublish is not called for completion, for behind a flag that
// it did not know a request to complete would have become a publish. The error for
// another shell is a *UsageError.
func Completion(shell string, known Vocabulary) (string, error) {
	if !slices.Contains(shells, shell) {
		return "", &UsageError{
			fmt.Sprintf("there is no completion for %q", shell),
			"type safepublish completion " + strings.Join(shells, "|"),
		}
	}
	t := template.New(shell + ".tmpl").Funcs(template.FuncMap{"join": strings.Join, "quote": quote})
	var out strings.Builder
	if err := template.Must(t.ParseFS(completionFiles, "completion/"+t.Name())).Execute(&out, completionData(known)); err != nil {
		return "", fmt.Errorf("completion for %s: %w", shell, err)
	}
	return out.String(), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

func completionData(known Vocabulary) completionWords {
	data := completionWords{Names: Commands}
	words := map[string][]string{"fix": known.Fixes, "scenario": known.Scenarios, "pack-with": Packers}
	for _, o := range Options {
		named := func(c Subcommand) bool { return o.Name == "help" || slices.Contains(c.Options, o.Name) } // in its help
		data.Flags = append(data.Flags, flagWords{
			Name: o.Name, Usage: o.Usage, Value: !o.Bool, File: slices.Contains(files, o.Name), Words: words[o.Name],
			Commands: offeredIn(o.in(""), named),
		})
	}
	takeNPM := offeredIn(true, func(c Subcommand) bool { return c.NPM })
	for _, name := range documented {
		k, _ := keyOf(name)
		data.Flags = append(data.Flags, flagWords{
			Name: name, Value: !k.types.has("Boolean"), File: slices.Contains(files, name), Words: k.types.constants(), Commands: takeNPM,
		})
	}
	data.Here = data.flagsOf("")
	words = map[string][]string{"explain": known.Causes, "completion": shells, "help": Commands}
	for _, c := range Subcommands {
		data.Commands = append(data.Commands, commandWords{Name: c.Name, Usage: c.Usage, Flags: data.flagsOf(c.Name), Words: words[c.Name]})
	}
	return data
}

// offeredIn are the commands behind which an option is offered, "" for publishing.
func offeredIn(publishing bool, has func(Subcommand) bool) (commands []string) {
	if publishing {
		commands = append(commands, "")
	}
	for _, c := range Subcommands {
		if has(c) {
			commands = append(commands, c.Name)
		}
	}
	return commands
}

func (c *completionWords) flagsOf(command string) []string {
	var out []string
	for _, f := range c.Flags {
		if slices.Contains(f.Commands, command) {
			out = append(out, "--"+f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
