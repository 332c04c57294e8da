package logs_test

import (
	"slices"
	"strings"
	"testing"
)

// causesOf returns what the failures of a text are put down to.
func causesOf(t *testing.T, text string) []string {
	t.Helper()
	var got []string
	for _, e := range explain(t, []byte(text)) {
		got = append(got, e.cause)
	}
	return got
}

// caused is a text and the causes that are to be found in it.
type caused struct {
	log  string
	want []string
}

func causes(t *testing.T, texts map[string]caused) {
	t.Helper()
	for name, c := range texts {
		if got := causesOf(t, c.log); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestCodesOfNPM: npm's codes for what it was told, with its words, without them, and
// with words that a tool broke.
func TestCodesOfNPM(t *testing.T) {
	const told = "an error occurred while publishing oak-leaf: "
	for name, c := range map[string]struct{ log, want string }{
		"a tag":          {"npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"a b\" of package \"oak-leaf@a b\": Tags may not have any characters that encodeURIComponent encodes.\n", "tag-invalid"},
		"its words cut":  {"npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"feat/x\"\n", "tag-invalid"},
		"its words gone": {"npm ERR! code EINVALIDTAGNAME\n", "tag-invalid"},
		"a tag, in a sentence": {"🦋  error " + told + "EINVALIDTAGNAME Invalid tag name \"feat/x\" of package\n🦋  error \"oak-leaf@feat/x\": Tags may not have any\n" +
			"🦋  error characters that encodeURIComponent encodes.\n", "tag-invalid"},
		"an argument": {"npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"a b\" of package \"a b\": Tags may not have any characters that encodeURIComponent encodes.\n", "bad-usage"},
		"an argument of several lines": {
			"npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"[\nnpm error   dist\nnpm error ]\" of package \"[\nnpm error   dist\nnpm error ]\": Tags may not have any characters that encodeURIComponent encodes.\n",
			"bad-usage",
		},
		"no name":          {"npm error code EINVALIDTAGNAME\nnpm error Invalid tag name \"@latest\" of package \"@latest\": Tags may not have any characters that encodeURIComponent encodes.\n", "name-invalid"},
		"a name":           {"npm error code EINVALIDPACKAGENAME\nnpm error Invalid package name \"Oak Leaf\" of package \"Oak Leaf@latest\": name can only contain URL-friendly characters.\n", "name-invalid"},
		"a name, no words": {"npm error code EINVALIDPACKAGENAME\n", "name-invalid"},
		"a protocol":       {"npm error code EUNSUPPORTEDPROTOCOL\nnpm error Unsupported URL Type \"oak:\": oak:leaf\n", "bad-usage"},
		"a workspace's":    {"npm error code EUNSUPPORTEDPROTOCOL\nnpm error Unsupported URL Type \"workspace:\": workspace:^\n", "unresolved-protocol"},
		"offline":          {"npm error code ENOTCACHED\nnpm error request to https://npmjs.org/oak-leaf failed: cache mode is 'only-if-cached' but no cached response is available.\n", "spec-not-found"},
		"an extension":     {"npm error code EPACKAGEEXTENSIONS\nnpm error packageExtensions is only honored at the project root and must not be published.\n", "manifest-invalid"},
	} {
		if got := causesOf(t, "$ npm publish\n"+c.log); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %v, want %s", name, got, c.want)
		}
	}
}

// TestPathOfTheLog: the path of npm's log is no failure, wherever it stands.
func TestPathOfTheLog(t *testing.T) {
	const failed = "$ npm publish\nnpm ERR! code E402\nnpm ERR! 402 Payment Required - PUT https://npmjs.org/@oak%2fleaf - You must sign up for private packages\n" +
		"npm ERR! A complete log of this run can be found in:\n"
	for _, path := range []string{
		"npm ERR!     /home/ada/.npm/_logs/2021-01-02T03_04_05_678Z-debug.log", "npm ERR! /home/ada/.npm/_logs/2021-01-02T03_04_05_678Z-debug.log",
		`npm ERR! C:\Users\Ada L\AppData\Local\npm-cache\_logs\2021-01-02T03_04_05_678Z-debug-0.log`,
		`npm ERR!     C:\Users\Ada L\AppData\Roaming\npm-cache\_logs\2021-01-02T03_04_05_678Z-debug.log`,
		"npm ERR! ***/_logs/2021-01-02T03_04_05_678Z-debug-0.log", "npm ERR! ~/.npm/_logs/2021-01-02T03_04_05_678Z-debug-0.log",
		"/home/ada/.npm/_logs/2021-01-02T03_04_05_678Z-debug.log",
	} {
		if got := causesOf(t, failed+path+"\n"); !slices.Equal(got, []string{"payment-required"}) {
			t.Errorf("%s: %v", path, got)
		}
	}
}

// TestFewLinesOfADebugLog: one or two count where they tell of an upload or have a code of
// npm's; else they may be anything that begins with a number.
func TestFewLinesOfADebugLog(t *testing.T) {
	causes(t, map[string]caused{
		"a code":            {"36 error code E402\n37 error 402 Payment Required - PUT https://npmjs.org/@oak%2fleaf - You must sign up for private packages\n", []string{"payment-required"}},
		"of npm 4":          {"38 verbose request invalidating /home/ada/.npm/npmjs.org/oak on PUT\n39 error publish Failed PUT 403\n", []string{"forbidden-unexplained"}},
		"another program's": {"12 error code 1\n13 error in leaf.ts\n", nil},
		"an answer alone":   {"31 http fetch PUT 403 https://npmjs.org/oak 120ms\n", nil},
	})
}

// TestUsageErrors: yarn 2 and later refuse before they pack, by a word of the command
// line's, with and without the report's code.
func TestUsageErrors(t *testing.T) {
	const loop = "$ yarn workspaces foreach npm publish\n"
	causes(t, map[string]caused{
		"in a loop":         {loop + "➤ YN0000: Usage Error: Private workspaces cannot be published\n➤ YN0000: \n➤ YN0000: $ yarn npm publish [--access #0]\n", []string{"private-package"}},
		"with a name":       {loop + "[oak-root]: ➤ YN0000: Usage Error: Private workspaces cannot be published\n", []string{"private-package"}},
		"a name behind":     {"➤ YN0000: [oak-root]: Usage Error: Private workspaces cannot be published\n", []string{"private-package"}},
		"a bare name":       {"[oak-root]: Usage Error: Private workspaces cannot be published\n", []string{"private-package"}},
		"two":               {loop + "[oak-root]: ➤ YN0000: Usage Error: Private workspaces cannot be published\n[oak-docs]: ➤ YN0000: Usage Error: Private workspaces cannot be published\n", []string{"private-package", "private-package"}},
		"alone":             {"$ yarn npm publish\nUsage Error: Private workspaces cannot be published\n\n$ yarn npm publish [--access #0]\n", []string{"private-package"}},
		"others went out":   {loop + "➤ YN0000: Usage Error: Private workspaces cannot be published\n➤ YN0000: ➤ YN0000: package.json\n➤ YN0000: ➤ YN0000: Package archive published\n➤ YN0000: Done in 2s\n", []string{"private-package"}},
		"no version":        {"$ yarn npm publish\nUsage Error: Workspaces must have valid names and versions to be published on an external registry\n", []string{"manifest-invalid"}},
		"no project":        {"$ yarn npm publish\nUsage Error: The nearest package directory (/w/oak) doesn't seem to be part of the project declared in /w.\n", []string{"unknown"}},
		"of an install":     {"$ yarn install\nUsage Error: The nearest package directory (/w/oak) doesn't seem to be part of the project declared in /w.\n", nil},
		"another program's": {"Usage Error: no input\n", nil},
	})
}

// TestTasksOfNX: each project of nx's list has failed, with or without npm's words.
func TestTasksOfNX(t *testing.T) {
	const (
		auth = "npm ERR! code ENEEDAUTH\nnpm ERR! need auth This command requires you to be logged in to https://npmjs.org/\n\n"
		pays = "npm error code E402\nnpm error 402 Payment Required - PUT https://npmjs.org/@oak%2fleaf - You must sign up for private packages\n\n"
		end  = " >  NX   Running target publish for 3 projects failed\n\n   Failed tasks:\n   \n   - root:publish\n   - leaf:publish\n   - twig:publish\n"
	)
	one := strings.NewReplacer("   - root:publish\n", "", "   - twig:publish\n", "")
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"one has words":       {auth + end, []string{"not-logged-in", "unknown leaf", "unknown twig"}},
		"one has a name":      {pays + end, []string{"payment-required @oak/leaf", "unknown root", "unknown twig"}},
		"two have words":      {auth + pays + end, []string{"not-logged-in", "payment-required @oak/leaf", "unknown twig"}},
		"none has words":      {end, []string{"unknown root", "unknown leaf", "unknown twig"}},
		"the list twice":      {pays + end + end, []string{"payment-required @oak/leaf", "unknown root", "unknown twig"}},
		"others between":      {pays + strings.Replace(end, "   - leaf", "   - root:build\n   - leaf:build\n   - leaf", 1), []string{"payment-required @oak/leaf", "unknown root", "unknown twig"}},
		"one":                 {pays + one.Replace(end), []string{"payment-required @oak/leaf"}},
		"nx release":          {pays + strings.ReplaceAll(end, "publish", "nx-release-publish"), []string{"payment-required @oak/leaf", "unknown root", "unknown twig"}},
		"another target":      {strings.ReplaceAll(end, "publish", "build"), nil},
		"a list of something": {"- leaf:publish\n- twig:publish\n", nil},
	} {
		var got []string
		for _, e := range explain(t, []byte(c.log)) {
			if e.cause == "upload-open" { // nobody knows what was sent
				e.cause = "unknown"
			}
			got = append(got, strings.TrimSpace(e.cause+" "+e.release))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestScriptThatRunsThePublisher: its end is no failure besides the publisher's own, and
// counts where nobody else tells of one.
func TestScriptThatRunsThePublisher(t *testing.T) {
	const (
		lerna = "lerna info publish Publishing packages to npm...\nlerna http fetch PUT 402 https://npmjs.org/@oak%2fleaf 5ms\n" +
			"lerna ERR! E402 You must sign up for private packages\n"
		pays = "🦋  error an error occurred while publishing @oak/leaf: E402 402 Payment Required - PUT https://npmjs.org/@oak%2fleaf - You must sign up for private packages \n"
	)
	block := func(script, command string) string {
		return "npm ERR! code ELIFECYCLE\nnpm ERR! errno 1\nnpm ERR! oak@0.0.0 " + script + ": `" + command + "`\nnpm ERR! Exit status 1\nnpm ERR! \n" +
			"npm ERR! Failed at the oak@0.0.0 " + script + " script.\n"
	}
	causes(t, map[string]caused{
		"lerna":          {lerna + block("publish", "lerna publish"), []string{"payment-required"}},
		"changesets":     {"$ npm publish\n" + pays + block("release", "npm run build && changeset publish"), []string{"payment-required"}},
		"lerna in pnpm":  {lerna + " ELIFECYCLE  Command failed with exit code 1.\n", []string{"payment-required"}},
		"lerna in yarn":  {lerna + "error Command failed with exit code 1.\n", []string{"payment-required"}},
		"any script":     {lerna + block("ship", "node tools/ship.js"), []string{"payment-required"}},
		"nothing else":   {"$ npm publish\n" + block("publish", "lerna publish"), []string{"script-failed"}},
		"its own script": {"$ npm publish\n" + block("prepublishOnly", "npm test"), []string{"script-failed"}},
		"lerna's script": {lerna + block("prepublishOnly", "npm test"), []string{"payment-required", "script-failed"}},
	})
}

// TestTextEndsInAScript: npm's own end is cut off.
func TestTextEndsInAScript(t *testing.T) {
	const (
		banner = "\n> oak-leaf@1.2.0 prepublishOnly\n> npm run build\n\n"
		speaks = "The job failed in `npm publish`:\n"
	)
	causes(t, map[string]caused{
		"a command":              {speaks + banner + "Command failed: npx tsc\n", []string{"script-failed"}},
		"tsc":                    {speaks + banner + "src/a.ts(3,1): error TS2345: no\n", []string{"script-failed"}},
		"node":                   {speaks + banner + "Error [ERR_MODULE_NOT_FOUND]: Cannot find module\n", []string{"script-failed"}},
		"a code":                 {speaks + banner + "Process exited with code 2\n", []string{"script-failed"}},
		"spoken of below":        {banner + "Command failed: npx tsc\n\nSo npm publish cannot work.\n", []string{"script-failed"}},
		"npm 12":                 {speaks + "npm notice run oak-leaf@1.2.0 prepack\nCommand failed: npx tsc\n", []string{"script-failed"}},
		"indented":               {speaks + "\n    > oak-leaf@1.2.0 prepublishOnly\n    > npm run build\n\n    Command failed: npx tsc\n", []string{"script-failed"}},
		"quoted":                 {speaks + "\n> > oak-leaf@1.2.0 prepublishOnly\n> > npm run build\n>\n> Command failed: npx tsc\n", []string{"script-failed"}},
		"it ended well":          {speaks + banner + "exit code 0\n", nil},
		"nobody speaks of it":    {banner + "Command failed: npx tsc\n", nil},
		"npm goes on":            {speaks + banner + "src/a.ts(3,1): error TS2345: no\n" + packs("oak-leaf") + "+ oak-leaf@1.2.0\n", nil},
		"it is published later":  {speaks + banner + "Command failed: npx tsc\n$ npm publish\n+ oak-leaf@1.2.0\n", nil},
		"npm says it too":        {speaks + banner + "Command failed: npx tsc\nnpm error code 1\nnpm error command failed\n", []string{"script-failed"}},
		"pnpm says it too":       {"$ pnpm publish\n" + banner + "src/a.ts(3,1): error TS2345: no\n ELIFECYCLE  Command failed with exit code 2.\n", []string{"script-failed"}},
		"an installation":        {speaks + "$ npm install\n> oak-leaf@1.2.0 prepare\n> tsc\n\nsrc/a.ts(3,1): error TS2345: no\n", nil},
		"prepare, nobody typed":  {speaks + "> oak-leaf@1.2.0 prepare\n> tsc\n\nsrc/a.ts(3,1): error TS2345: no\n", nil},
		"another script":         {speaks + "> oak-leaf@1.2.0 build\n> tsc\n\nsrc/a.ts(3,1): error TS2345: no\n", nil},
		"a refusal is told, too": {speaks + banner + "Command failed: npx tsc\n\nThen it was\n$ npm publish\nnpm error code E402\nnpm error 402 Payment Required - PUT https://npmjs.org/oak-leaf - You must sign up for private packages\n", []string{"payment-required"}},
	})
}
