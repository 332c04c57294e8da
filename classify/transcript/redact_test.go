package transcript_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"safepublish/classify/transcript"
)

// Made up, and only shaped like the real ones.
const (
	fakeNPM    = "npm_FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE"
	fakeGitHub = "ghp_FAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKEFAKE"
	fakeJWT    = "eyJmYWtlIjoxfQ.eyJmYWtlIjoyfQ.RkFLRUZBS0VGQUtF"
	fakeCode   = "123456"
)

func TestRedactShapes(t *testing.T) {
	var r *transcript.Redactor
	for in, want := range map[string]string{
		"x" + fakeNPM + "y z":                                  "xnpm_*** z",
		"token " + fakeGitHub:                                  "token ghp_***",
		"glpat-FAKEFAKEFAKEFAKEFAKE":                           "glpat-***",
		"NPM_ID_TOKEN " + fakeJWT + ".":                        "NPM_ID_TOKEN ***.",
		"//npmjs.org/:_authToken=fake":                         "//npmjs.org/:_authToken=***",
		"//npmjs.org/:_authToken = \"fake\"":                   "//npmjs.org/:_authToken = \"***\"",
		"//r/:_auth=ZmFrZTpmYWtl":                              "//r/:_auth=***",
		"//r/:_password=ZmFrZQ==":                              "//r/:_password=***",
		"authorization: Bearer fakefake":                       "authorization: Bearer ***",
		"Authorization: Basic ZmFrZTpmYWtl":                    "Authorization: Basic ***",
		`8 verbose argv "publish" "--otp" "123456"`:            `8 verbose argv "publish" "--otp" "***"`,
		`8 verbose argv "publish" "--otp=123456"`:              `8 verbose argv "publish" "--otp=***"`,
		`1 verbose cli   '123456'`:                             `1 verbose cli   '***'`,
		"npm publish --otp 123456 --tag beta":                  "npm publish --otp *** --tag beta",
		"npm publish -otp=123456":                              "npm publish -otp=***",
		"npm_config_otp=123456":                                "npm_config_otp=***",
		`{"otp":"123456","token": "fake"}`:                     `{"otp":"***","token": "***"}`,
		"NODE_AUTH_TOKEN=fake npm publish":                     "NODE_AUTH_TOKEN=*** npm publish",
		"Enter OTP: 123456":                                    "Enter OTP: ***",
		"Enter OTP: (abc) 12 34 56":                            "Enter OTP: ***",
		"Enter OTP: 12npm ERR! canceled":                       "Enter OTP: *** npm ERR! canceled",
		"npm password: fake word":                              "npm password: ***",
		"One-time password for alice: 123456":                  "One-time password for alice: ***",
		"https://alice:fake@npmjs.org/x":                       "https://***@npmjs.org/x",
		"https://al:f@ke@npmjs.org/x":                          "https://***@npmjs.org/x",
		"https://www.npmjs.com/auth/cli/b9b1d5d4-0000":         "https://www.npmjs.com/auth/cli/***",
		"https://www.npmjs.com/login/cli/b9b1d5d4-7f2e-4b1c":   "https://www.npmjs.com/login/cli/***",
		"GET http://r/-/v1/done?authId=b9b1d5d4-7f2e":          "GET http://r/-/v1/done?authId=***",
		`"doneUrl": "https://r/-/v1/done?authId=b9b1d5"`:       `"doneUrl": "***"`,
		"https://npm-proxy.fury.io/FAKEFAKEFAKEFAKEFAKE/acme/": "https://npm-proxy.fury.io/***/acme/",
		"https://www.myget.org/F/feed/auth/0000-fake/npm/":     "https://www.myget.org/F/feed/auth/***/npm/",
	} {
		if got := r.Line(in); got != want {
			t.Errorf("%q is redacted to %q, want %q", in, got, want)
		}
		if got := r.Line(want); got != want {
			t.Errorf("%q is redacted again to %q", want, got)
		}
	}
}

// What a person needs to read stays.
func TestRedactKeeps(t *testing.T) {
	r := transcript.NewRedactor([]string{"NPM_CONFIG_OTP=123456", "SHORT_KEY=true", "npm_package_config_key=demo-app", "PATH=/usr/bin"})
	for _, s := range []string{
		"demo-otp 1.0.0 is already on npmjs.org",
		"npm notice shasum: 21755560922f91d2e123456fadea0bd5850f0000",
		"npm notice integrity: sha512-DvNFfO+Hkm93l[...]486bOo3In1/TQ==",
		"npm notice 📦  @acme/demo-app@1.0.0-beta.1",
		"http fetch PUT 403 http://127.0.0.1:4880/@acme%2fdemo 27ms attempt #2",
		"You can provide a one-time password by passing --otp=<code> to the command you ran.",
		"This operation requires a one-time password from your authenticator.",
		"Unable to authenticate, need: Bearer realm=\"https://example.com\"",
		"Unable to authenticate, your authentication token seems to be invalid.",
		"Invalid auth configuration found: `_authToken` must be renamed to `//r/:_authToken` in user config",
		"//npmjs.org/:_authToken=${NPM_TOKEN}",
		"npm publish --otp --dry-run",
		"Two-factor authentication or granular access token with bypass 2fa enabled is required",
		"Unexpected token '}', \"}\" is not valid JSON",
		"git+ssh://git@github.com/acme/demo.git",
		"https://npm.fury.io/acme/",
		"https://www.npmjs.com/login",
		"true",
	} {
		if got := r.Line(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
}

// Every line that real npm wrote, apart from those with a code or an address for
// a second factor in them, stays as it is.
func TestRedactKeepsRecordedLines(t *testing.T) {
	var r *transcript.Redactor
	seen := map[string]bool{}
	for _, run := range runs(t) {
		x := readings()[run.Name()].logged
		for _, l := range append(x.Lines, x.Message...) {
			if seen[l.Text] {
				continue
			}
			seen[l.Text] = true
			if got := r.Line(l.Text); got != l.Text && !strings.Contains(l.Text, "otp") && !strings.Contains(l.Text, "authId") &&
				!strings.Contains(l.Text, "/auth/cli/") {
				t.Errorf("%s %s: %q became %q", run.Name(), l.From, l.Text, got)
			}
		}
	}
}

func TestRedactValues(t *testing.T) {
	r := transcript.NewRedactor([]string{
		"NPM_TOKEN=fake-token", "NPM_TOKEN_OLD=fake-tok", "npm_config_//npmjs.org/:_authToken=fake/auth+token", "MY_SECRET=***",
		"X_TOKEN=fake-token-longer",
	})
	r.Add("hunter-fake")
	r.Add("987654")
	for in, want := range map[string]string{
		"afake-tokenb":                          "a***b",
		"fake-token-longer":                     "***",
		"fake-tok":                              "fake-tok",
		"http://r/fake%2Fauth+token/x":          "http://r/***/x",
		"said hunter-fake, hunter-fake":         "said ***, ***",
		"code 987654.":                          "code ***.",
		"21755987654":                           "21755987654",
		"fake-tokenfake-token-longerfake-token": "*********",
	} {
		if got := r.Line(in); got != want {
			t.Errorf("%q is redacted to %q, want %q", in, got, want)
		}
	}
	var none *transcript.Redactor
	none.Add("fake-token")
	if got := none.Line("fake-token"); got != "fake-token" {
		t.Errorf("a nil Redactor learned %q", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("npm notice ", " x", "fake-secret-value", uint8(0))
	f.Add(`verbose argv "publish" `, ` "--otp" "123456"`, "https://a:b@c", uint8(3))
	f.Add("Enter OTP: ", "***", "******a", uint8(7))
	f.Fuzz(func(t *testing.T, before, after, secret string, n uint8) {
		secret = strings.TrimSpace(secret)
		if strings.Contains(secret, "\n") {
			return
		}
		planted := []string{
			secret, fakeNPM, fakeGitHub, "--otp=" + fakeCode, "//r/:_authToken=fakefakefake", "https://u:fakefakefake@r/",
			"Enter OTP: " + fakeCode,
		}
		what := planted[int(n)%len(planted)]
		if what == secret && (len(secret) < 6 || strings.Trim(secret, "*") == "" || allDigits(secret) || allLetters(secret)) {
			return
		}
		r := transcript.NewRedactor([]string{"SOME_TOKEN=" + secret})
		line := before + " " + what + " " + after
		got := r.Line(line)
		if again := r.Line(got); again != got {
			t.Fatalf("%q is redacted to %q, then to %q", line, got, again)
		}
		if what == secret && strings.Contains(got, secret) {
			t.Fatalf("%q survives in %q", secret, got)
		}
		if what != secret && len(secret) >= 6 && strings.Contains(what, secret) {
			return // a known value cut the planted one in two
		}
		for _, s := range []string{fakeNPM, fakeGitHub, "fakefakefake"} {
			if strings.Contains(what, s) && strings.Contains(got, s) {
				t.Fatalf("%q survives in %q", s, got)
			}
		}
	})
}

func allLetters(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// Values that look like nothing, in every form that a registry may echo.
func TestRedactForms(t *testing.T) {
	const odd = `p%"4 \x/+é`
	r := transcript.NewRedactor(nil)
	r.Add(odd)
	r.Add("0123456789abcdef0123456789abcdef01234567")
	r.Add("-----BEGIN PRIVATE KEY-----\nRkFLRQ/+aaaa\nb=\n-----END PRIVATE KEY-----")
	for in, want := range map[string]string{
		"key 0123456789abcdef0123456789abcdef01234567x": "key ***x",
		"got " + odd:                        "got ***",
		`{"got":"p%\"4 \\x/+é"}`:            `{"got":"***"}`,
		"?got=p%25%224%20%5Cx%2F%2B%C3%A9":  "?got=***",
		"?got=p%25%224%20%5cx%2f%2b%c3%a9&": "?got=***&",
		"?got=p%25%224+%5Cx%2F%2B%C3%A9":    "?got=***",
		"-----BEGIN PRIVATE KEY-----":       "-----BEGIN PRIVATE KEY-----",
		"RkFLRQ/+aaaa b=":                   "*** b=",
	} {
		if got := r.Line(in); got != want {
			t.Errorf("%q is redacted to %q, want %q", in, got, want)
		}
	}
}

// A password that is a word goes where it stands alone, and nowhere else.
func TestRedactWords(t *testing.T) {
	for _, c := range []struct{ secret, in, want string }{
		{
			"publish", "safepublish: publish-race: wrong password publish for me:publish.",
			"safepublish: publish-race: wrong password *** for me:***.",
		},
		{"hund", "wrong password hund, \"hund\"; hundred hunds", "wrong password ***, \"***\"; hundred hunds"},
		{"a1-b", "x:a1-b a1-b-c aa1-b", "x:*** a1-b-c aa1-b"},
		{":;:;", ":;:;:;", "***:;"},
		{"true", "true", "true"},
		{"abc", "abc", "abc"},
		{"42", "42", "42"},
		{"abcdefghijklmnop", "xabcdefghijklmnopx", "x***x"},
		{"abcde1", "xabcde1x", "x***x"},
	} {
		r := transcript.NewRedactor(nil)
		r.Add(c.secret)
		if got := r.Line(c.in); got != c.want {
			t.Errorf("%s: %q is redacted to %q, want %q", c.secret, c.in, got, c.want)
		}
	}
}

// Signals print while the session learns.
func TestRedactorIsShared(t *testing.T) {
	r := transcript.NewRedactor(nil)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			secret := fmt.Sprintf("opaque/%d/value", n)
			r.Add(secret)
			if got := r.Line("x " + secret); got != "x ***" {
				t.Errorf("got %q", got)
			}
		})
	}
	all.Wait()
}
