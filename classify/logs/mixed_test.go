package logs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The parts of a log that shows several runs.

func packs(name string) string {
	return "npm notice\nnpm notice 📦  " + name + "@1.0.0\nnpm notice Tarball Details\nnpm notice name: " + name + "\nnpm notice version: 1.0.0\n" +
		"npm notice total files: 1\nnpm notice\nnpm notice Publishing to https://npmjs.org/ with tag latest and default access\n"
}

func exists(name string) string {
	return "npm error code E403\nnpm error 403 403 Forbidden - PUT https://npmjs.org/" + name +
		" - You cannot publish over the previously published versions: 1.0.0.\n" +
		"npm error A complete log of this run can be found in: /h/.npm/_logs/x-debug-0.log\n"
}

const pays = "npm error code E402\nnpm error 402 Payment Required - PUT https://npmjs.org/@a%2fone - You must sign up for private packages\n"

func many(line string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, line, i)
	}
	return b.String()
}

// side prints texts as programs do that run at once, a label before each line.
func side(texts map[string]string, labels ...string) string {
	var b strings.Builder
	left := map[string][]string{}
	for _, label := range labels {
		left[label] = strings.Split(strings.TrimSuffix(texts[label], "\n"), "\n")
	}
	for more := true; more; {
		more = false
		for _, label := range labels {
			if len(left[label]) > 0 {
				b.WriteString(label + left[label][0] + "\n")
				left[label], more = left[label][1:], true
			}
		}
	}
	return b.String()
}

// TestMixtures: a success clears its own package and command only, a dry run clears
// nothing, and nothing that stands between hides a failure.
func TestMixtures(t *testing.T) {
	const typed = "$ npm publish\n"
	failed := typed + packs("@a/one") + pays
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"another succeeds later":        {failed + typed + packs("two") + "+ two@1.0.0\n", []string{"payment-required"}},
		"it succeeds later":             {failed + "$ npm publish --access public\n" + packs("@a/one") + "+ @a/one@1.0.0\n", nil},
		"it succeeded before":           {typed + packs("one") + "+ one@1.0.0\n" + typed + packs("one") + exists("one"), []string{"version-exists"}},
		"another version succeeds":      {typed + packs("one") + exists("one") + typed + "+ one@1.0.1\n", []string{"version-exists"}},
		"a dry run later":               {failed + "$ npm publish --dry-run\n+ @a/one@1.0.0\n", []string{"payment-required"}},
		"warnings between":              {typed + packs("@a/one") + many("npm warn deprecated x-%d@1.0.0: old\n", 600) + pays, []string{"payment-required"}},
		"errors around":                 {typed + packs("@a/one") + many("npm error tsc %d\n", 600) + pays + many("npm error more %d\n", 600), []string{"payment-required"}},
		"thousands of errors around":    {typed + many("npm error tsc %d\n", 6000) + pays + many("npm error more %d\n", 6000), []string{"payment-required"}},
		"a test suite's refusals":       {many("npm error code E404\nnpm error 404 Not Found - GET http://localhost:4873/t%d - no\n", 700) + failed, []string{"payment-required"}},
		"an install fails afterwards":   {typed + packs("one") + "+ one@1.0.0\n$ npm ci\nnpm error code ERESOLVE\nnpm error ERESOLVE could not resolve\n", nil},
		"an install failed before":      {"$ npm ci\nnpm error code E404\nnpm error 404 Not Found - GET https://npmjs.org/zz - no\n" + failed, []string{"payment-required"}},
		"turbo":                         {side(map[string]string{"one:publish: ": packs("@a/one") + pays, "two:publish: ": packs("two") + exists("two"), "x:publish: ": packs("x") + "+ x@1.0.0"}, "one:publish: ", "two:publish: ", "x:publish: "), []string{"payment-required", "version-exists"}},
		"docker compose":                {side(map[string]string{"one-1  | ": packs("@a/one") + pays, "two-1  | ": packs("two") + exists("two")}, "one-1  | ", "two-1  | "), []string{"payment-required", "version-exists"}},
		"one of two at once":            {side(map[string]string{"[one] ": packs("@a/one") + pays, "[two] ": packs("two") + "+ two@1.0.0"}, "[one] ", "[two] "), []string{"payment-required"}},
		"a script named publish":        {"$ npm run publish\n\n> one@1.0.0 publish\n> npm publish\n\n" + packs("one") + exists("one"), []string{"version-exists"}},
		"it runs something else":        {"$ npm run publish\n\n> site@1.0.0 publish\n> rsync -a dist h:/srv\n\nnpm error code 255\nnpm error command failed\n", nil},
		"a script named postpublish":    {"$ npm run postpublish\n\n> one@1.0.0 postpublish\n> node x.js\n\nnpm error code 1\nnpm error command failed\n", nil},
		"npm's event postpublish":       {typed + packs("one") + "\n> one@1.0.0 postpublish\n> node x.js\n\nnpm error code 1\nnpm error command failed\n", []string{"published-script-failed"}},
		"npm's event publish, no list":  {typed + "\n> one@1.0.0 publish\n> node x.js\n\nnpm error code 1\nnpm error command failed\n", []string{"published-script-failed"}},
		"prepublishOnly runs the tests": {typed + "\n> one@1.0.0 prepublishOnly\n> npm test\n\nnpm error Test failed.\nnpm error code 1\nnpm error command failed\n", []string{"script-failed"}},
		"changesets' two lists": {"🦋  error an error occurred while publishing a: E402 402 Payment Required - PUT https://npmjs.org/a - You must sign up for private packages\n" +
			"🦋  success packages published successfully:\n🦋  b@1.0.0\n🦋  error packages failed to publish:\n🦋  a@1.0.0\n", []string{"payment-required"}},
	} {
		var got []string
		for _, e := range explain(t, []byte(c.log)) {
			got = append(got, e.cause)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
