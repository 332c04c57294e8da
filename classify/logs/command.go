package logs

import (
	"slices"
	"strings"
	"unicode/utf8"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// command is what a line shows to have been typed.
type command struct {
	verb   string // "publish", "install" and the like for npm's own commands; "" for a script, which may do anything
	spec   string // the folder, the tarball or the package that it names
	dryRun bool
	byTool bool // lerna's, which runs the scripts of a publish itself
	place  int
}

// verbs are npm's commands that fail with much the same words as publish.
var verbs = strings.Fields("install i ci add update up upgrade exec view info show whoami access owner dist-tag deprecate unpublish " +
	"login adduser logout audit outdated test t pack version ping token link dedupe prune rebuild init create stage team org profile " +
	"search trust")

var tools = []string{"npm", "pnpm", "yarn", "bun", "npx"}

// switches are options without a value: the word after them is none.
var switches = strings.Fields("--provenance --dry-run --json --ignore-scripts --force -f --workspaces -ws -r --recursive --no-git-checks " +
	"--silent -s --tolerate-republish")

// commandOf reads a command from a line; ok is false where it shows none.
func commandOf(line string) (c command, ok bool) {
	head, tool, options := toolIn(line)
	if tool == "" || !endsAsPrompt(head) {
		return command{}, false
	}
	if _, after, ok := strings.Cut(options, " npm "); ok && tool == "yarn" {
		options = after
	}
	words := strings.Fields(options)
	args := operands(words)
	if len(args) > 1 && args[0] == "stage" && npm.IsPublish(args[1]) {
		args = args[1:]
	}
	c.dryRun = slices.Contains(words, "--dry-run")
	switch {
	case len(args) == 0 || tool == "npx" || !isVerb(args[0]): // npm run, npx lerna: a script
	case npm.IsPublish(args[0]):
		c.verb = "publish"
		if len(args) > 1 {
			c.spec = args[1]
		}
	default:
		c.verb = args[0]
	}
	return c, true
}

// operands returns the words that are no options and no values of options. Behind an
// option that is not known the last verb is taken for one.
func operands(words []string) []string {
	var out []string
	for i, w := range words {
		w = strings.Trim(w, `"'`)
		value := i > 0 && takesValue(words[i-1])
		if len(out) == 0 && isVerb(w) && !slices.ContainsFunc(words[i+1:], isVerb) {
			value = false
		}
		if !strings.HasPrefix(w, "-") && !value && w != "recursive" {
			out = append(out, w)
		}
	}
	return out
}

func takesValue(option string) bool {
	return strings.HasPrefix(option, "-") && !strings.Contains(option, "=") && !slices.Contains(switches, option)
}

func isVerb(word string) bool { return npm.IsPublish(word) || slices.Contains(verbs, word) }

// toolIn finds the program that a line runs, and what stands before it and behind it:
// npm in "$ /usr/bin/npm publish", "npm.cmd publish" and "C:\work>npm publish".
func toolIn(line string) (head, tool, options string) {
	for from := 0; from < min(len(line), longestHead); {
		word, _, _ := strings.Cut(line[from:], " ")
		end := from + len(word)
		bare := strings.Trim(word, `"'`)
		i := strings.LastIndexAny(bare, `/\>`) + 1
		bare = strings.TrimSuffix(strings.TrimSuffix(bare[i:], ".cmd"), ".exe")
		if slices.Contains(tools, bare) {
			return line[:from], bare, line[end:min(len(line), end+400)]
		}
		from = end + 1
	}
	return "", "", ""
}

// longestHead bounds what stands before a command, in bytes.
const longestHead = 120

// prompt is what shells, CI services and tools write before a command.
var prompt = pattern.Any(`^(?:.{0,90}[$#%❯➜✗>](?: .*(?:&&|;))?`, `\+`, `.{0,60}Command failed(?: with exit code \d+)?(?: \(\w+\))?:`,
	`.{0,40}\b(?:EXEC|(?i)executing):)$`)

// endsAsPrompt tells whether what stands before a word is what stands before a command.
func endsAsPrompt(head string) bool {
	head = strings.TrimSpace(head)
	if head == "" || head == "Run" || head == "*Run" {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(head)
	return strings.ContainsRune("$#%❯➜✗>+:&;", last) && prompt.MatchString(head)
}
