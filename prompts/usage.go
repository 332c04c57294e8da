package prompts

import (
	"os"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Columns is how wide a text is laid out that is read on f: as the terminal is, and at
// most 80.
func Columns(f *os.File) int {
	columns, _ := size(f)
	return min(columns, 80)
}

const (
	tagline = "safepublish - npm publish that finds out why the registry refused, and helps"
	about   = `Without a command it publishes: npm runs on your terminal with your arguments.
When the registry refuses, the reason, the evidence and a menu of fixes follow.`
)

const after = `Every other argument goes to npm publish as it is: --tag, --access, --dry-run, …

Each option but --fix is a variable too: SAFEPUBLISH_NO_INPUT=1, SAFEPUBLISH_MAX_WAIT=90s, …

safepublish help COMMAND says more about a command.`

// Usage returns what --help prints: of publishing where command is "", else of that
// subcommand. No line is wider than columns. fixes are what --fix takes: "tag=NAME".
func Usage(columns int, command string, fixes []string) string {
	if c, err := npm.FindSubcommand(command); err == nil {
		usage := flow(columns, len("usage: "), false, span{"usage: safepublish " + strings.TrimSpace(c.Name+" "+c.Args), normal})
		return usage + "\n\n" + paragraphs(columns, c.About) + "\n" + table(columns, "options", optionRows(optionsOf(c), fixes))
	}
	var commands [][2]string
	for _, c := range npm.Subcommands {
		commands = append(commands, [2]string{c.Name, c.Usage})
	}
	return paragraphs(columns, tagline) + `
usage: safepublish [options] [npm publish arguments]
       safepublish COMMAND [arguments]

` + paragraphs(columns, about) + "\n" + table(columns, "commands", commands) + "\n" +
		table(columns, "options, anywhere before the first --", optionRows(publishing(), fixes)) + "\n" +
		paragraphs(columns, after)
}

// publishing are the options of publishing itself.
func publishing() []npm.Own {
	return slices.DeleteFunc(slices.Clone(npm.Options), func(o npm.Own) bool {
		return o.Commands != nil && !slices.Contains(o.Commands, "")
	})
}

func optionsOf(c npm.Subcommand) []npm.Own {
	return slices.DeleteFunc(slices.Clone(npm.Options), func(o npm.Own) bool {
		return o.Name != "help" && !slices.Contains(c.Options, o.Name)
	})
}

// optionRows are a row for each option, and below --fix what it takes.
func optionRows(options []npm.Own, fixes []string) (rows [][2]string) {
	for _, o := range options {
		usage := o.Usage
		if o.Name == "fix" {
			usage += ": " + strings.Join(fixes, " ")
		}
		rows = append(rows, [2]string{strings.TrimSpace("--" + o.Name + " " + o.Hint), usage})
	}
	return rows
}

// table returns a title and rows of two columns, the first as wide as its widest.
func table(columns int, title string, rows [][2]string) string {
	first := 0
	for _, r := range rows {
		first = max(first, cells(r[0]))
	}
	var b strings.Builder
	b.WriteString(title + ":\n")
	for _, r := range rows {
		head := "  " + pad(r[0], first)
		b.WriteString(flow(columns, cells(head), false, span{head, normal}, span{r[1], normal}) + "\n")
	}
	return b.String()
}

// paragraphs lays out a text, in which lines one below the other are one paragraph, and
// an indented line is a command, which stays whole.
func paragraphs(columns int, text string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(text, "\n\n") {
		var words []string
		for line := range strings.SplitSeq(part, "\n") {
			if strings.HasPrefix(line, "    ") {
				b.WriteString(paragraph(columns, words) + line + "\n")
				words = nil
				continue
			}
			words = append(words, line)
		}
		b.WriteString(paragraph(columns, words))
	}
	return b.String()
}

func paragraph(columns int, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return flow(columns, 0, false, span{strings.Join(lines, " "), normal}) + "\n"
}
