package npm

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// Check refuses, with a *UsageError, arguments of npm publish that npm of that version
// would take for something else than what was meant, and then publish for real: a flag
// that it does not have under just that name, a flag swallowed as a value, a value that
// npm drops, a word that it would fetch from the registry and publish again. isSpec tells
// whether a word is a folder or a tarball here. What npm reads as it is written passes.
func Check(args []string, v Version, isSpec func(word string) bool) error {
	c := &checker{scanned: scan(args), by: v, isSpec: isSpec}
	for _, it := range c.items {
		if it.positional {
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
	by     Version
	isSpec func(string) bool
}

// flagRules are asked in this order; the first that objects has the word.
var flagRules = []func(*checker, *item) *UsageError{
	(*checker).oneArgument,
	(*checker).needsEquals,
	(*checker).unknown,
	(*checker).otherVersion,
	(*checker).swallowed,
	(*checker).missingValue,
	(*checker).unusedValue,
	(*checker).dryRunFalse,
	(*checker).dashN,
	(*checker).tagValue,
	(*checker).registryValue,
	(*checker).accessValue,
}

// program is "npm 11", or "npm" where its version is not known.
func (c *checker) program() string {
	if !c.by.Known() {
		return "npm"
	}
	return fmt.Sprintf("npm %d", c.by.Major())
}

// oneArgument: "--tag next" in one argument is an unknown key to npm, which 11
// and older ignore.
func (c *checker) oneArgument(it *item) *UsageError {
	if it.known || !strings.ContainsFunc(it.key, unicode.IsSpace) {
		return nil
	}
	name := c.written(it)
	return &UsageError{fmt.Sprintf("%q and its value are one argument", name), fmt.Sprintf("write %s=VALUE", name)}
}

// needsEquals: --@scope:registry and --//host/:… are no keys of nopt's table, so
// without "=" they are booleans and their value is taken for a package.
func (c *checker) needsEquals(it *item) *UsageError {
	if it.known || it.hadEq || !keyWithEquals.MatchString(it.key) {
		return nil
	}
	return &UsageError{fmt.Sprintf("npm takes the value of --%s only with =", it.key), fmt.Sprintf("write --%s=VALUE", it.key)}
}

// unknown: npm 11 and older ignore a flag that they do not know, expand the beginning of
// one, and read --acc as -a -c -c.
func (c *checker) unknown(it *item) *UsageError {
	written := c.written(it)
	if it.addressed() || exact(written) {
		return nil
	}
	if strings.Trim(written, "-") == "" { // "-=-f" is -f to npm
		return &UsageError{written + "= is not an option", ""}
	}
	if suggestion := c.suggest(it.key, it.no); suggestion != "" {
		return &UsageError{"unknown option " + written, didYouMean(suggestion)}
	}
	return &UsageError{fmt.Sprintf("neither safepublish nor %s has an option %s", c.program(), written), asItIs}
}

const asItIs = "after -- npm gets it as it is"

// exact tells whether a flag is written as npm's documentation writes it: --KEY,
// --no-KEY, -x, or a longer shorthand with two dashes or one.
func exact(written string) bool {
	if word, ok := strings.CutPrefix(written, "--"); ok {
		_, isKey := keyOf(strings.TrimPrefix(word, "no-"))
		_, isShort := shorthand(word)
		return isKey || isShort && len(word) > 1
	}
	_, isShort := shorthand(strings.TrimPrefix(written, "-"))
	return isShort
}

// otherVersion: not every npm has every flag, and one with StrictFlags takes shorthands
// of several letters with two dashes only.
func (c *checker) otherVersion(it *item) *UsageError {
	if it.addressed() {
		return nil
	}
	written := c.written(it)
	word := strings.TrimLeft(written, "-")
	short, isShort := shorthand(word)
	k, known := keyOf(it.key)
	switch {
	case isShort && !short.in(c.by), known && !k.in(c.by) && !isShort:
		return &UsageError{fmt.Sprintf("%s has no option %s", c.program(), written), asItIs}
	case isShort && len(word) > 1 && written == "-"+word && c.by.Has(StrictFlags):
		return &UsageError{fmt.Sprintf("%s does not take %s", c.program(), written), "write " + strings.Join(short.stands, "=")}
	}
	return nil
}

// swallowed: --access --dry-run gives access the value "--dry-run", and publishes.
func (c *checker) swallowed(it *item) *UsageError {
	if !it.took || c.sameArg(it) {
		return nil
	}
	value := c.args[c.valueArg(it)]
	k, _ := keyOf(it.key)
	if !looksLikeFlag(value) || isNumber(value) && k.types.has("Number") {
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
	return &UsageError{c.written(it) + " is not a dist-tag", "write --tag=NAME, or leave it out for latest"}
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
	return &UsageError{fmt.Sprintf("the value of %s is not a URL", c.written(it)), fmt.Sprintf("write --%s=https://HOST/", it.key)}
}

// accessValue: npm drops a word that it does not know with a warning, and
// publishes with the default access.
func (c *checker) accessValue(it *item) *UsageError {
	if it.key != "access" {
		return nil
	}
	k, _ := keyOf("access")
	words := k.types.constants()
	if !c.by.Has(PrivateAccess) {
		words = slices.DeleteFunc(words, func(word string) bool { return word == "private" })
	}
	if it.value == "null" || slices.Contains(words, it.value) {
		return nil
	}
	return &UsageError{
		fmt.Sprintf("%s has no access %q", c.program(), it.value),
		"it has " + strings.Join(words, ", "),
	}
}
