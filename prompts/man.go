package prompts

import (
	"strings"

	"safepublish/classify/npm"
)

// Man returns the manual page, made from the tables that --help is made from. fixes are
// what --fix takes.
//
// urfave/cli can make one too, of the flags that it knows: not of the commands, and with
// a Markdown parser that every start of safepublish would have to load.
func Man(fixes []string) string {
	var b strings.Builder
	b.WriteString(".TH SAFEPUBLISH 1\n.nh\n.ad l\n.SH NAME\n" + roff(tagline) + "\n")
	b.WriteString(".SH SYNOPSIS\n.B safepublish\n[options] [npm publish arguments]\n")
	for _, c := range npm.Subcommands {
		b.WriteString(strings.TrimSpace(".br\n.B safepublish "+roff(c.Name)+"\n"+roff(c.Args)) + "\n")
	}
	b.WriteString(".SH DESCRIPTION\n" + roff(about) + "\n")
	b.WriteString(".PP\n" + strings.ReplaceAll(roff(after), "\n\n", "\n.PP\n") + "\n")
	b.WriteString(".SH OPTIONS\n" + manRows(optionRows(publishing(), fixes)) + ".SH COMMANDS\n")
	for _, c := range npm.Subcommands {
		b.WriteString(".SS " + roff(c.Name) + "\n")
		for line := range strings.SplitSeq(c.About, "\n") {
			line = roff(line)
			if strings.HasPrefix(line, "    ") {
				line = ".nf\n" + line + "\n.fi"
			}
			b.WriteString(line + "\n")
		}
		b.WriteString(manRows(optionRows(optionsOf(c), fixes)))
	}
	return b.String()
}

func manRows(rows [][2]string) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString(".TP\n.B " + roff(r[0]) + "\n" + roff(r[1]) + "\n")
	}
	return b.String()
}

// roff keeps what is text from being a command of roff's, and a hyphen from becoming a
// dash that nobody can search for or copy.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(s)
	if strings.HasPrefix(s, ".") || strings.HasPrefix(s, "'") {
		s = `\&` + s
	}
	return s
}
