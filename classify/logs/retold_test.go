package logs_test

import (
	"slices"
	"strings"
	"testing"
)

const (
	putRefused = "🦋  error an error occurred while publishing @oak/leaf: E404 Not Found - PUT https://npmjs.org/@oak%2fleaf - Not found \n" +
		"🦋  error \n🦋  error  '@oak/leaf@3.1.0' is not in this registry.\n🦋  error \n🦋  error Note that you can also install from a\n" +
		"🦋  error tarball, folder, http url, or git url.\n"
	rootRefused = "🦋  error an error occurred while publishing @oak/root: E403 403 Forbidden - PUT https://npmjs.org/@oak%2froot - " +
		"You cannot publish over the previously published versions: 1.0.0. \n"
	cut404 = "🦋  error npm ERR! code E404\n🦋  error npm ERR! 404 Not Found -\n"

	lernaRun = "Error: Command failed: npm publish --tag lerna-temp\n"
	oldHead  = "npm ERR! publish Failed PUT 403\nnpm ERR! Linux 4.4.0\nnpm ERR! argv \"/usr/bin/node\" \"/usr/bin/npm\" \"publish\" \"--tag\" \"lerna-temp\"\n"
	oldTail  = "npm ERR! node v6.9.5\nnpm ERR! npm  v3.10.10\nnpm ERR! code E403\n\n" +
		"npm ERR! you do not have permission to publish \"acorn\". Are you logged in as the correct user? : acorn\nnpm ERR! \n" +
		"npm ERR! Please include the following file with any support request:\nnpm ERR!     /w/packages/acorn/npm-debug.log\n\n    at x (child_process.js:206:12)\n"
	retries = "Attempting to retry publishing acorn...\n"
)

// TestOneFailureOfSeveralTellers: what a tool says of a package and a block of npm's
// that does not come to its name are one failure, and so are the attempts of a tool that
// tries again.
func TestOneFailureOfSeveralTellers(t *testing.T) {
	second := strings.NewReplacer("acorn", "beech")
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"changesets, npm's block cut": {
			putRefused + "🦋  error npm notice Publishing to https://npmjs.org/ with tag latest and public access\n" + cut404,
			[]string{"not-found-unexplained @oak/leaf"},
		},
		"the code alone is left": {putRefused + "🦋  error npm ERR! code E404\n", []string{"not-found-unexplained @oak/leaf"}},
		"npm 10's heading":       {putRefused + strings.ReplaceAll(cut404, "ERR!", "error"), []string{"not-found-unexplained @oak/leaf"}},
		"two packages, the second block cut": {
			rootRefused + "🦋  error npm ERR! code E403\n🦋  error npm ERR! 403 403 Forbidden - PUT https://npmjs.org/@oak%2froot - You cannot" +
				" publish over the previously published versions: 1.0.0.\n" + putRefused + cut404,
			[]string{"version-exists @oak/root", "not-found-unexplained @oak/leaf"},
		},
		"two packages, the first block cut": {
			putRefused + "🦋  error npm ERR! code E404\n" + rootRefused + "🦋  error npm ERR! code E403\n",
			[]string{"not-found-unexplained @oak/leaf", "version-exists @oak/root"},
		},
		"the block of another package": {
			putRefused + "🦋  error npm ERR! code E402\n🦋  error npm ERR! 402 Payment Required - PUT https://npmjs.org/@oak%2ftwig - You must sign" +
				" up for private packages\n",
			[]string{"not-found-unexplained @oak/leaf", "payment-required @oak/twig"},
		},
		"a tool's last word before the block": {
			"Publishing oak-leaf@1.0.0 failed. Output:\nnpm ERR! code E404\nnpm ERR! 404 Not Found -\n", []string{"not-found-unexplained oak-leaf 1.0.0"},
		},
		"lerna 2, the second cut":    {lernaRun + oldHead + oldTail + retries + lernaRun + oldHead, []string{"no-permission acorn"}},
		"lerna 2, cut within a word": {lernaRun + oldHead + oldTail + retries + lernaRun + oldHead[:60], []string{"no-permission acorn"}},
		"lerna 2, the first cut":     {lernaRun + oldHead + retries + lernaRun + oldHead + oldTail, []string{"no-permission acorn"}},
		"lerna 2, three attempts":    {strings.Repeat(lernaRun+oldHead+oldTail+retries, 3) + lernaRun + oldHead + oldTail, []string{"no-permission acorn"}},
		"lerna 2, both cut":          {lernaRun + oldHead + retries + lernaRun + oldHead, []string{"forbidden-unexplained acorn"}},
		"lerna 2, two packages, in turn": {
			lernaRun + oldHead + oldTail + retries + second.Replace(lernaRun+oldHead+oldTail+retries) + lernaRun + oldHead + oldTail +
				second.Replace(lernaRun+oldHead),
			[]string{"no-permission acorn", "no-permission beech"},
		},
		"lerna 2, another reason at last": {
			lernaRun + "npm ERR! code ECONNRESET\nnpm ERR! read ECONNRESET\n" + retries + lernaRun + oldHead + oldTail, []string{"no-permission acorn"},
		},
		"lerna 2, it went well at last": {lernaRun + oldHead + oldTail + retries + "+ acorn@1.0.0\n", nil},
		"npm twice by hand": {
			"$ npm publish\n" + oldHead + oldTail + "$ npm publish\n" + oldHead + oldTail, []string{"no-permission acorn"},
		},
	} {
		var got []string
		for _, e := range explain(t, []byte(c.log)) {
			got = append(got, strings.TrimSpace(strings.TrimSuffix(e.cause+" "+e.release, " 3.1.0")))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestCodeInASentence: the code stands anywhere in a tool's sentence about a publish.
func TestCodeInASentence(t *testing.T) {
	const yarn = "$ yarn publish\nerror Couldn't publish package: \"https://npmjs.org/oak-leaf: %\"\n"
	for said, want := range map[string][]string{
		"ESOCKETTIMEDOUT":                                   {"network", "upload-open"},
		"ETIMEDOUT":                                         {"network", "upload-open"},
		"read ECONNRESET":                                   {"network", "upload-open"},
		"getaddrinfo ENOTFOUND registry.oak.dev":            {"network"},
		"connect EHOSTUNREACH 10.0.0.7:443":                 {"network", "upload-open"},
		"write EPIPE":                                       {"network", "upload-open"},
		"socket hang up":                                    {"network", "upload-open"},
		"CERT_HAS_EXPIRED":                                  {"tls"},
		"certificate has expired":                           {"tls"},
		"self signed certificate in certificate chain":      {"tls"},
		"unable to get local issuer certificate":            {"tls"},
		"request failed, reason: SELF_SIGNED_CERT_IN_CHAIN": {"tls"},
		"ERROR while the EXAMPLE was sent":                  {"unknown", "upload-open"},
	} {
		got := explain(t, []byte(strings.Replace(yarn, "%", said, 1)))
		if len(got) != 1 || !slices.Contains(want, got[0].cause) || got[0].release != "oak-leaf" {
			t.Errorf("%s: %v, want %v", said, got, want)
		}
	}
	for text, want := range map[string]string{
		"🦋  error an error occurred while publishing oak-leaf: (no code): connect ECONNREFUSED 10.0.0.7:4873\n": "network",
		"🦋  error an error occurred while publishing oak-leaf: (no code): read ECONNRESET\n":                    "network",
		"npm verbose stack Error: read ECONNRESET\n":                                                            "",
		"$ yarn install\nerror An unexpected error occurred: \"https://npmjs.org/x: ENOTFOUND\".\n":             "",
	} {
		got := explain(t, []byte(text))
		if want == "" && len(got) == 0 || len(got) == 1 && (got[0].cause == want || want == "network" && got[0].cause == "upload-open") {
			continue
		}
		t.Errorf("%s: %v, want %v", text, got, want)
	}
}

// TestSpecNotFoundWithoutAnEnd: npm publish NAME asks the registry for NAME, and the text
// ends before npm says that it failed.
func TestSpecNotFoundWithoutAnEnd(t *testing.T) {
	const (
		typed = "box:~ me$ npm publish @oak/leaf --loglevel verbose\n"
		http  = "npm http fetch GET 404 https://npmjs.org/@oak%2fleaf 151ms (cache skip)\n"
		stack = "npm verb stack HttpErrorGeneral: 404 Not Found - GET https://npmjs.org/@oak%2fleaf - Not found\nnpm verb stack     at x.js:95:15\n"
		title = "npm verb title npm publish @oak/leaf\nnpm verb argv \"publish\" \"@oak/leaf\" \"--loglevel\" \"verbose\"\n"
		log   = "0 verbose cli /usr/bin/node /usr/bin/npm\n1 info using npm@10.8.2\n2 verbose title npm publish oak-leaf@2\n" +
			"3 verbose argv \"publish\" \"oak-leaf@2\"\n4 http fetch GET 404 https://npmjs.org/oak-leaf 101ms (cache skip)\n" +
			"5 verbose stack HttpErrorGeneral: 404 Not Found - GET https://npmjs.org/oak-leaf - Not found\n"
	)
	for name, c := range map[string]struct {
		log  string
		want []string
	}{
		"a screen":                     {typed + http + http + stack, []string{"spec-not-found"}},
		"the answer alone":             {typed + http, []string{"spec-not-found"}},
		"the prompt was cut off":       {title + http + stack, []string{"spec-not-found"}},
		"no scope":                     {"$ npm publish oak-leaf\n" + strings.ReplaceAll(http, "@oak%2fleaf", "oak-leaf"), []string{"spec-not-found"}},
		"a debug log":                  {log, []string{"spec-not-found"}},
		"a debug log with its end":     {log + "6 error code E404\n7 error 404 Not Found - GET https://npmjs.org/oak-leaf - Not found\n", []string{"spec-not-found"}},
		"another registry":             {typed + strings.ReplaceAll(http, "npmjs.org", "npm.oak.dev/repo"), []string{"spec-not-found"}},
		"a folder":                     {"$ npm publish ./leaf --loglevel http\n" + http, nil},
		"no spec":                      {"$ npm publish --loglevel http\n" + http, nil},
		"another package is asked for": {"$ npm publish oak-leaf --loglevel http\n" + http, nil},
		"a view":                       {"$ npm view @oak/leaf --loglevel http\n" + http + stack, nil},
		"it packs":                     {typed + http + packs("@oak/leaf") + "+ @oak/leaf@1.0.0\n", nil},
		"it packs, and the text ends":  {typed + http + packs("@oak/leaf"), nil},
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
