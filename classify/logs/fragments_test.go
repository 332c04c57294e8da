package logs_test

import (
	"slices"
	"strings"
	"testing"
)

// texts of people: parts of npm's block without npm's heading, quoted or bare, and what
// is to be made of each.
func TestFragments(t *testing.T) {
	const (
		exists = "publish Failed PUT 403\ncode E403\nForbidden: The feed already contains the package 'gadget' at version '2.3.0': _packaging\n"
		script = "code ELIFECYCLE\nerrno 1\ngadget@2.3.1 prepublish: `jshint .`\nExit status 1\n\nFailed at the gadget@2.3.1 prepublish script.\n"
		login  = "code ENEEDAUTH\nneed auth This command requires you to be logged in to https://npmjs.org/\n"
		pays   = "code E402\n402 Payment Required - PUT https://npmjs.org/@oak%2fleaf - You must sign up for private packages\n"
		get    = "code E404\n404 Not Found - GET https://npmjs.org/oakleef - Not found\n"
	)
	quoted := func(s string) string {
		return "> " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n> ") + "\n"
	}
	marked := func(mark, s string) string {
		return mark + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n"+mark) + "\n"
	}
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"quoted":                       {"`npm publish` says:\n\n" + quoted(exists), []string{"version-exists"}},
		"bare":                         {"When I run npm publish I get\n" + exists + "\nWhy?\n", []string{"version-exists"}},
		"a list":                       {"npm publish:\n" + marked("- ", pays), []string{"payment-required"}},
		"indented":                     {"npm publish prints\n\n" + marked("    ", pays), []string{"payment-required"}},
		"npm is cut off":               {marked("ERR! ", pays), []string{"payment-required"}},
		"npm is cut off, new":          {"> npm publish\n" + marked("error ", exists), []string{"version-exists"}},
		"two in one text":              {"npm publish of the copy:\n\n" + quoted(exists) + "\nand of the folder:\n\n" + quoted(script) + "\nNow what?\n", []string{"version-exists", "script-failed"}},
		"two in one text, bare":        {"First npm publish gave\n" + login + "\nThen, logged in:\n" + pays, []string{"not-logged-in", "payment-required"}},
		"the script alone":             {"npm publish ends with\n> Failed at the gadget@2.3.1 prepublishOnly script.\n", []string{"script-failed"}},
		"the same twice":               {"npm publish\n" + quoted(pays) + "\nagain:\n" + quoted(pays), []string{"payment-required"}},
		"code and sentence apart":      {"npm publish fails with\ncode E403\n\nThe line below it is\n403 Forbidden - PUT https://npmjs.org/gadget - You cannot publish over the previously published versions: 1.0.0.\n", []string{"version-exists"}},
		"prose follows the block":      {"npm publish:\n" + exists + "\nI have tried npm login, and a one-time password is not asked for.\n", []string{"version-exists"}},
		"an ellipsis within":           {"npm publish:\n> code ELIFECYCLE\n> ...\n> Failed at the gadget@2.3.1 prepublish script.\n", []string{"script-failed"}},
		"an install":                   {"npm install oakleef prints\n" + quoted(get), nil},
		"an install's script":          {"npm install says\n> code ELIFECYCLE\n> gadget@2.3.1 prepublish: `tsc`\n> Failed at the gadget@2.3.1 prepublish script.\n", nil},
		"another script":               {"This is not npm publish, it is npm run build:\n" + quoted("code ELIFECYCLE\nFailed at the gadget@2.3.1 build script.\n"), nil},
		"a list of codes":              {"The server answers with\ncode E40: bad input\ncode Example\n", nil},
		"a manual":                     {"The service returns\n    code E404\n    when the user is missing, and\n- code E401\n- code E403\n", nil},
		"a view after a publish":       {"$ npm publish\n+ gadget@1.0.0\nlater with npm view\n" + get, nil},
		"source code":                  {"switch:\n  code E403 => retry\n  code = E404\n", nil},
		"an install, then the publish": {"npm ci gave\n" + quoted(get) + "\nbut npm publish gives\n" + quoted(pays), []string{"payment-required"}},
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
