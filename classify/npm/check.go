package npm

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Check refuses, with a *UsageError, arguments of npm publish that npm of that
// major version would take for something else than what was meant, and then
// publish for real: an unknown flag, a flag swallowed as a value, a value that
// npm drops, a word that it would fetch from the registry and publish again.
// isSpec tells whether a word is a folder or a tarball here. What npm reads as
// it is written passes.
func Check(npm []string, major int, isSpec func(word string) bool) error {
	c := &checker{table: tableFor(major), major: major, args: npm, isSpec: isSpec}
	c.scanned = c.table.scan(npm)
	for i := range c.items {
		it := &c.items[i]
		if it.positional() {
			continue
		}
		for _, rule := range flagRules {
			if u := rule(c, it); u != nil {
				return u
			}
		}
	}
	return c.specs()
}

type checker struct {
	*scanned
	table  *table
	major  int
	args   []string
	isSpec func(string) bool
}

// flagRules are asked in this order; the first that objects has the word.
var flagRules = []func(*checker, *item) *UsageError{
	(*checker).oneArgument,
	(*checker).clusters,
	(*checker).needsEquals,
	(*checker).unknown,
	(*checker).npm12,
	(*checker).swallowed,
	(*checker).missingValue,
	(*checker).unusedValue,
	(*checker).dryRunFalse,
	(*checker).dashN,
	(*checker).tagValue,
	(*checker).registryValue,
	(*checker).accessValue,
}

// origin returns the argument that the flag came from.
func (c *checker) origin(it *item) string { return c.args[c.tokens[it.at].arg] }

// written returns the flag as it was typed, without its value.
func (c *checker) written(it *item) string { return nameOf(c.origin(it)) }

func (c *checker) valueArg(it *item) int { return c.tokens[it.end-1].arg }

// sameArg tells whether the flag's value is written in the same argument.
func (c *checker) sameArg(it *item) bool { return c.valueArg(it) == c.tokens[it.at].arg }

// oneArgument: "--tag next" in one argument is an unknown key to npm, which 11
// and older ignore.
func (c *checker) oneArgument(it *item) *UsageError {
	if it.known || !strings.ContainsFunc(it.typed, isSpace) {
		return nil
	}
	name := c.written(it)
	return &UsageError{fmt.Sprintf("%q and its value are one argument", name), fmt.Sprintf("write %s=VALUE", name)}
}

// clusters: npm reads --acc as -a -c -c. Nobody writes that with two dashes.
func (c *checker) clusters(it *item) *UsageError {
	if !it.expanded {
		return nil
	}
	written := c.written(it)
	word := strings.TrimLeft(written, "-")
	if word == "" { // "-=-f" is -f to npm
		return &UsageError{written + "= names no option", ""}
	}
	if _, ok := c.table.shorthands[word]; ok {
		return nil
	}
	if _, ok := c.table.cluster(word); !ok {
		return nil
	}
	if len(written)-len(word) == 1 && !c.valueInside(word) {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("npm reads %s as -%s", written, strings.Join(strings.Split(word, ""), " -")),
		didYouMean(c.table.suggest(word, false)),
	}
}

// valueInside tells whether a letter other than the last of a cluster takes a
// value: it would swallow the next letter.
func (c *checker) valueInside(word string) bool {
	for _, letter := range word[:len(word)-1] {
		words := c.table.shorthands[string(letter)]
		ty := c.table.keys[strings.TrimLeft(words[0], "-")]
		if len(words) == 1 && ty != nil && !ty.has("Boolean") {
			return true
		}
	}
	return false
}

var keyWithEquals = regexp.MustCompile(`^(@[^/:]+:registry|//.+:[A-Za-z_]+)$`)

// needsEquals: --@scope:registry and --//host/:… are no keys of nopt's table, so
// without "=" they are booleans and their value is taken for a package.
func (c *checker) needsEquals(it *item) *UsageError {
	if it.known || it.hadEq || !keyWithEquals.MatchString(it.key) {
		return nil
	}
	return &UsageError{fmt.Sprintf("npm takes the value of --%s only with =", it.key), fmt.Sprintf("write --%s=VALUE", it.key)}
}

func (c *checker) unknown(it *item) *UsageError {
	if it.known || !it.no && keyWithEquals.MatchString(it.key) || it.expanded {
		return nil // npm 6 has a shorthand for --yes, which was no key of its own
	}
	written := c.written(it)
	suggestion := c.table.suggest(it.typed, it.no)
	if suggestion == "" {
		return &UsageError{
			fmt.Sprintf("neither safepublish nor npm %d has an option %s", c.major, written),
			"behind a -- npm gets it as it is",
		}
	}
	return &UsageError{"unknown option " + written, didYouMean(suggestion)}
}

// npm12 refuses abbreviations, and shorthands of more letters with one dash
// (@npmcli/config 12.2.0, lib/index.js: loadCLI, abbrevHandler).
func (c *checker) npm12(it *item) *UsageError {
	if c.table.major < 12 {
		return nil
	}
	written := c.written(it)
	word := strings.TrimLeft(written, "-")
	long, isShort := c.table.fullShort[word]
	switch {
	case isShort && it.expanded && (long != word || len(word) > 1 && written == "-"+word):
	case !it.expanded && it.typed != it.key:
		long = it.key
	default:
		return nil
	}
	return &UsageError{fmt.Sprintf("npm %d does not take %s", c.major, written), fmt.Sprintf("write --%s", long)}
}

// swallowed: --access --dry-run gives access the value "--dry-run", and publishes.
func (c *checker) swallowed(it *item) *UsageError {
	if !it.took || c.sameArg(it) {
		return nil
	}
	value := c.args[c.valueArg(it)]
	ty := c.table.keys[it.key]
	if !looksLikeFlag(value) || isNumber(value) && ty.has("Number") {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("npm takes %s for the value of %s", nameOf(value), c.written(it)),
		fmt.Sprintf("write --%s=VALUE", it.key),
	}
}

func (c *checker) missingValue(it *item) *UsageError {
	if !it.missing {
		return nil
	}
	return &UsageError{c.written(it) + " needs a value", fmt.Sprintf("write --%s=VALUE", it.key)}
}

// unusedValue: --dry-run=yes is --dry-run, and "yes" the package to publish.
func (c *checker) unusedValue(it *item) *UsageError {
	if !it.hadEq || it.took || it.missing {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("npm takes only true or false after %s=", c.written(it)),
		fmt.Sprintf("write --%s or --no-%s", it.key, it.key),
	}
}

func (c *checker) dryRunFalse(it *item) *UsageError {
	if it.key != "dry-run" || !it.took || c.sameArg(it) || it.value != "false" {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("npm publishes for real on %s %s", c.written(it), c.args[c.valueArg(it)]),
		"write --dry-run, or --no-dry-run if that is meant",
	}
}

// dashN: -n is npm's --no-yes, which changes nothing about a publish; elsewhere
// (make, rsync, git) it is a dry run.
func (c *checker) dashN(it *item) *UsageError {
	if c.written(it) != "-n" {
		return nil
	}
	return &UsageError{"npm publishes for real on -n, which is its --no-yes", didYouMean("--dry-run")}
}

// tagValue: --no-tag publishes under the dist-tag "false".
func (c *checker) tagValue(it *item) *UsageError {
	if it.key != "tag" || !it.no && it.value != "" {
		return nil
	}
	return &UsageError{c.written(it) + " names no dist-tag", "write --tag=NAME, or leave it out for latest"}
}

// registryValue: npm drops a URL that it does not understand with a warning, and
// publishes to the next registry in its configuration.
func (c *checker) registryValue(it *item) *UsageError {
	if it.key != "registry" && !strings.HasSuffix(it.key, ":registry") {
		return nil
	}
	u, err := url.Parse(it.value)
	if err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	return &UsageError{fmt.Sprintf("the value of %s is no URL", c.written(it)), fmt.Sprintf("write --%s=https://HOST/", it.key)}
}

// accessValue: npm drops a word that it does not know with a warning, and
// publishes with the default access.
func (c *checker) accessValue(it *item) *UsageError {
	words := c.table.keys["access"].constants()
	if it.key != "access" || it.value == "null" || slices.Contains(words, it.value) {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("npm %d has no access %q", c.major, it.value),
		"it has " + strings.Join(words, ", "),
	}
}
