package prompts

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

const usageHead = `safepublish - npm publish that finds out why the registry refused, and helps

usage: safepublish [options] [npm publish arguments]
       safepublish check [--json] [npm publish arguments]
       safepublish explain [--json] FILE | - | CAUSE
       safepublish rehearse [--scenario NAME | --all | --list] [--with-scripts]
       safepublish shim DIR
       safepublish report-schema
       safepublish completion bash | zsh | fish

Without a subcommand it publishes: npm runs on your terminal with your arguments;
when the registry refuses, the reason, the evidence and a menu of fixes follow.

  check      everything that stands in the way, before publishing; changes nothing
  explain    name the causes in a saved log, npm's or a CI's, offline; or print a cause's page
  rehearse   play it against a registry on 127.0.0.1, on a copy of your package
  shim       write an npm into DIR that sends npm publish through safepublish
  report-schema
             print the JSON Schema of the report

options, anywhere before the first --:
`

const usageTail = `
Every other argument goes to npm publish as it is: --tag, --access, --dry-run, …
`

// Usage returns what --help prints, with the options of publishing. fixes are what
// --fix takes: "tag=NAME".
func Usage(options []npm.Own, fixes []string) string {
	var b strings.Builder
	b.WriteString(usageHead)
	for _, o := range options {
		if o.Commands != nil && !slices.Contains(o.Commands, "") {
			continue
		}
		usage := o.Usage
		if o.Name == "fix" {
			usage += ":"
		}
		fmt.Fprintf(&b, "  %-19s %s\n", strings.TrimSpace("--"+o.Name+" "+o.Hint), usage)
		if o.Name == "fix" {
			const hang = 22
			b.WriteString(flow(78, hang, false, span{strings.Repeat(" ", hang) + strings.Join(fixes, " "), normal}) + "\n")
		}
	}
	b.WriteString(usageTail)
	return b.String()
}
