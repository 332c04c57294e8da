package prompts

// Usage is what --help prints.
const Usage = `safepublish - npm publish that finds out why the registry refused, and helps

usage: safepublish [options] [npm publish arguments]
       safepublish check [--json] [npm publish arguments]
       safepublish explain [--json] FILE | - | CAUSE
       safepublish rehearse [--scenario NAME | --all | --list] [--with-scripts]
       safepublish report-schema
       safepublish completion bash | zsh | fish

Without a subcommand it publishes: npm runs on your terminal with your arguments;
when the registry refuses, the reason, the evidence and a menu of fixes follow.

  check      everything that stands in the way, before publishing; changes nothing
  explain    name the causes in a saved log, npm's or a CI's, offline; or print a cause's page
  rehearse   play it against a registry on 127.0.0.1, on a copy of your package
  report-schema
             print the JSON Schema of the report

options, anywhere before the first --:
  --fix ID[=VALUE]    apply this fix without asking; may be given again:
                      bump[=patch|minor|major|prerelease|X.Y.Z] tag=NAME otp
                      access=PACKAGE rename=@SCOPE/NAME retry
  --no-input          ask nothing; the last line says the cause, the status its class
  --max-wait TIME     wait no longer than this in all, when nobody is asked (5m)
  --max-attempts N    publish at most so many times (5)
  --wait TIME         then wait until the version can be read, at most so long
  --otp-command CMD   ask this command for a one-time password when one is wanted
  --report FILE       write what happened to this file, as JSON
  --no-check          look for no sure refusal before the package's scripts run
  --npm PATH          the npm to run
  --help, --version

Every other argument goes to npm publish as it is: --tag, --access, --dry-run, …
`
