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
	Commands    []string // the subcommands that have it
}

// commandWords is one subcommand with the options and the words that follow it.
type commandWords struct {
	Name         string
	Flags, Words []string
}

type completionWords struct {
	Flags    []flagWords
	Commands []commandWords
	Here     []string // the options of publishing itself
	Names    []string // the subcommands
}

// Completion returns the completion script for bash, zsh or fish. It is
// complete in itself, with the IDs of the causes that explain has pages for and the
// words that --fix takes ("bump", "tag="): safepublish is not called for completion, for behind a flag that it did not
// know a request to complete would have become a publish. The error for another
// shell is a *UsageError.
func Completion(shell string, causes, fixes []string) (string, error) {
	if !slices.Contains(shells, shell) {
		return "", &UsageError{
			fmt.Sprintf("there is no completion for %q", shell),
			"type safepublish completion " + strings.Join(shells, "|"),
		}
	}
	t := template.New(shell + ".tmpl").Funcs(template.FuncMap{"join": strings.Join, "quote": quote})
	var out strings.Builder
	if err := template.Must(t.ParseFS(completionFiles, "completion/"+t.Name())).Execute(&out, completionData(causes, fixes)); err != nil {
		return "", fmt.Errorf("completion for %s: %w", shell, err)
	}
	return out.String(), nil
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }

func completionData(causes, fixes []string) completionWords {
	data := completionWords{Names: Commands}
	for _, o := range Options {
		f := flagWords{Name: o.Name, Usage: o.Usage, Value: !o.Bool, File: slices.Contains(files, o.Name), Commands: o.Commands}
		if o.Name == "fix" {
			f.Words = fixes
		}
		data.Flags = append(data.Flags, f)
	}
	for _, name := range Documented {
		k, _ := keyOf(name)
		data.Flags = append(data.Flags, flagWords{
			Name: name, Value: !k.types.has("Boolean"), File: slices.Contains(files, name), Words: k.types.constants(),
		})
	}
	data.Here = data.flagsOf("")
	for _, name := range Commands {
		c := commandWords{Name: name, Flags: data.flagsOf(name)}
		switch name {
		case "explain":
			c.Words, c.Flags = causes, []string{"--json", "--help"}
		case "completion":
			c.Words, c.Flags = shells, []string{"--help"}
		case "report-schema":
			c.Flags = []string{"--help"}
		}
		data.Commands = append(data.Commands, c)
	}
	return data
}

func (c *completionWords) flagsOf(command string) []string {
	var out []string
	for _, f := range c.Flags {
		if f.Commands == nil || slices.Contains(f.Commands, command) {
			out = append(out, "--"+f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
