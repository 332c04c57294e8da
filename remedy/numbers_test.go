package remedy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify/npm"
)

func TestNext(t *testing.T) {
	for _, c := range []struct {
		current, published, word, want string
	}{
		{"1.0.0", "1.0.0", "patch", "1.0.1"},
		{"1.0.0", "1.0.0 1.0.5", "patch", "1.0.6"},
		{"1.0.0", "1.0.0 1.0.1-rc.1", "patch", "1.0.1"},
		{"1.0.0", "1.0.0 1.1.0 1.4.2", "minor", "1.5.0"},
		{"1.0.0", "1.0.0 3.1.0", "minor", "1.1.0"},
		{"1.2.3-beta.1", "1.2.3-beta.1", "patch", "1.2.3"},
		{"1.2.3-beta.1", "1.2.3 1.2.3-beta.1", "patch", "1.2.4"},
		{"1.2.3-beta.1", "", "minor", "1.3.0"},
		{"1.2.0-beta.1", "", "minor", "1.2.0"},
		{"2.0.0-beta.1", "", "major", "2.0.0"},
		{"2.0.0-beta.1", "2.0.0", "major", "3.0.0"},
		{"2.0.0-beta.1", "2.0.0-beta.1 2.0.0-beta.2", "prerelease", "2.0.0-beta.3"},
		{"2.0.0-beta", "", "prerelease", "2.0.0-beta.0"},
		{"2.0.0-1.beta", "", "prerelease", "2.0.0-2.beta"},
		{"2.0.0-0", "", "prerelease", "2.0.0-1"},
		{"1.0.0+build.5", "1.0.0", "patch", "1.0.1"},
		{"1.0.0", "1.0.0 1.0.1+other", "patch", "1.0.2"},
		{"1.0.9007199254740991", "", "patch", ""},
	} {
		p := problem("version-exists", at(c.current, strings.Fields(c.published)...))
		got := ""
		if v := numbersOf(p).next(c.word); v != nil {
			got = v.String()
		}
		if got != c.want {
			t.Errorf("%s of %s with %s: got %q, want %q", c.word, c.current, c.published, got, c.want)
		}
	}
}

// FuzzFreeNumbers checks what every offered number must be: never used, higher
// than the current one, on its line, and never latest where it is lower.
func FuzzFreeNumbers(f *testing.F) {
	f.Add("1.0.0", "1.0.0 1.0.1 1.1.0", "2.0.0")
	f.Add("1.4.2", "1.4.2 2.0.0 1.5.0 1.5.1-beta.1", "1.4.3 1.6.0")
	f.Add("1.0.0-beta.9", "1.0.0-beta.9 0.9.0", "1.0.0-beta.10 1.0.0")
	f.Fuzz(func(t *testing.T, current, published, burned string) {
		v, err := strict(current)
		if err != nil || strings.ContainsAny(current, " \"") {
			return
		}
		p := problem("version-exists", at(current, strings.Fields(published)...), burnt(strings.Fields(burned)...))
		highest := numbersOf(p).highest
		for _, o := range Offers(p) {
			if o.Input != nil || o.Safety == Never {
				continue
			}
			next, err := semver.StrictNewVersion(o.Value)
			if err != nil || !next.GreaterThan(v) {
				t.Fatalf("%s after %s (%v)", o.Value, current, err)
			}
			if slices.ContainsFunc(append(strings.Fields(published), strings.Fields(burned)...), func(s string) bool {
				used, err := strict(s)
				return err == nil && used.Equal(next)
			}) {
				t.Fatalf("%s is used", o.Value)
			}
			if highest != nil && highest.Major() > v.Major() && next.Major() != v.Major() {
				t.Fatalf("%s is off the line of %s", next, v)
			}
			_, tagged := flagOf(o, "tag")
			if low := highest != nil && highest.GreaterThan(next); (low || next.Prerelease() != "") != tagged {
				t.Fatalf("%s has a dist-tag: %v", next, tagged)
			}
		}
	})
}

func flagOf(o Offer, key string) (string, bool) {
	for _, c := range o.Plan {
		if f, ok := c.(Flag); ok && f.Key == key {
			return f.Value, true
		}
	}
	return "", false
}

// A number that is typed is asked about where it, or its dist-tag, may surprise; what
// npm install will then give is said before.
func TestTypedVersion(t *testing.T) {
	const lower = "npm install @acme/widget keeps giving 2.0.0; npm install @acme/widget@latest-1 will give "
	const noVersion = " is not a version: npm wants MAJOR.MINOR.PATCH, such as 1.0.1 or 2.0.0-beta.1"
	line := distTag("latest-1", "1.4.3")
	pre := distTag("rc", "2.1.0-rc.0")
	for _, c := range []struct {
		typed, title, says, asks string
		change                   change
	}{
		{" 2.0.1 ", "Publish as 2.0.1, making this code latest", "", "", line},
		{"v2.0.1", "Publish as 2.0.1, making this code latest", "", "", line},
		{"1.4.4", "Publish as 1.4.4 with the dist-tag latest-1", lower + "1.4.4", "Create the dist-tag latest-1?", pre},
		{"1.4.4", "Publish as 1.4.4 with the dist-tag latest-1", lower + "1.4.4 instead of 1.4.3", "Publish as 1.4.4 with the dist-tag latest-1?", line},
		{"2.1.0-rc.1", "Publish as 2.1.0-rc.1 with the dist-tag rc", "rc.1 instead of", "", pre},
		{"2.1.0-rc.1", "Publish as 2.1.0-rc.1 with the dist-tag rc", "@rc will give", "Create the dist-tag rc?", line},
		{"1.2.0", "", "1.2.0 needs a dist-tag of its own", "", line},
		{"0.9.0", "Publish as 0.9.0 with the dist-tag latest-0", "0.9.0 is lower than 1.4.2, which package.json holds", "Create the dist-tag latest-0?", line},
		{"9.0.0", "Publish as 9.0.0, making this code latest", "9.0.0 is higher than 3.0.0, the next major version", "Publish as 9.0.0, making this code latest?", line},
		{"1.9.0", "", "1.9.0 is already used", "", line},
		{"2.0.0+again", "", "2.0.0 is already used", "", line},
		{"2.1", "", `"2.1"` + noVersion, "", line},
		{"vv2.1.0", "", `"v2.1.0"` + noVersion, "", line},
		{"no", "", `"no"` + noVersion, "", line},
		{"", "", `""` + noVersion, "", line},
		{"0.9.0", "Publish as 0.9.0, making this code latest", "will give 0.9.0 instead of 2.0.0", "Move the dist-tag latest back, from 2.0.0 to 0.9.0?", args("--tag", "latest")},
		{"2.1.0-rc.1", "Publish as 2.1.0-rc.1, making this code latest", "will give 2.1.0-rc.1 instead of 2.0.0", "Make the prerelease 2.1.0-rc.1 latest?", args("--tag", "latest")},
		{"1.5.0", "Publish as 1.5.0", "@lts will give 1.5.0", "Publish as 1.5.0?", args("--tag", "lts")},
		{"2.5.0", "Publish as 2.5.0", "@lts will give 2.5.0", "", args("--tag", "lts")},
	} {
		p := problem("version-exists", at("1.4.2", "1.4.2", "1.4.3", "2.0.0"), burnt("1.9.0"), c.change)
		offers := Offers(p)
		o, err := offers[len(offers)-1].Input.Complete(c.typed)
		said := fmt.Sprint(err)
		if err == nil {
			said = strings.Join(o.Lines, "\n")
		}
		title := o.Title
		if err != nil {
			title = ""
		}
		if title != c.title && c.title != "" || (err == nil) != (c.title != "") || !strings.Contains(said, c.says) || asks(o) != c.asks {
			t.Errorf("%q: %q, %q, asks %q", c.typed, o.Title, said, asks(o))
		}
	}
}

func asks(o Offer) string {
	if o.Confirm == nil {
		return ""
	}
	return o.Confirm.Question
}

// A dist-tag that would move back, or give everybody a prerelease, is asked about at every
// offer; one that moves on is not, wherever the refused version stood.
func TestAsksAboutTags(t *testing.T) {
	back := problem("version-exists", at("1.4.2", "1.4.2", "2.3.0"), args("--tag", "latest"))
	if got := asks(Offers(back)[0]); got != "Move the dist-tag latest back, from 2.3.0 to 1.4.3?" {
		t.Errorf("--tag latest: %q", got)
	}
	on := problem("version-exists", at("1.1.0-beta.1", "1.0.0", "1.1.0-beta.1", "1.1.0-beta.2"), distTag("beta", "1.1.0-beta.2"))
	if o := Offers(on)[0]; o.Value != "1.1.0-beta.3" || asks(o) != "" {
		t.Errorf("%s: %q", o.Value, asks(o))
	}
	typed := func(p *Problem, tag string) string {
		offers := Offers(p)
		i := slices.IndexFunc(offers, func(o Offer) bool { return o.ID == "tag" && o.Input != nil })
		o, err := offers[i].Input.Complete(tag)
		return fmt.Sprint(asks(o), err, o.Lines)
	}
	if got := typed(problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0")), "latest"); !strings.HasPrefix(got, "Make the prerelease 2.0.0-beta.1 latest?<nil>") ||
		!strings.Contains(got, "npm install @acme/widget will give 2.0.0-beta.1 instead of 1.0.0") {
		t.Errorf("latest for a prerelease: %q", got)
	}
	unasked := problem("latest-behind", at("1.4.3"), noFacts, variable("highest", "2.3.0"))
	if got := typed(unasked, "latest"); !strings.HasPrefix(got, "Move the dist-tag latest back, from 2.3.0 to 1.4.3?<nil>") {
		t.Errorf("latest where only npm said what it is: %q", got)
	}
	if got := typed(problem("latest-behind", at("1.4.3", "1.4.2", "2.3.0")), "no"); !strings.HasPrefix(got, "Create the dist-tag no?<nil>") {
		t.Errorf("a word: %q", got)
	}
}

// Behind latest the number after latest is offered too, and says whose code becomes latest.
func TestOfferedBehindLatest(t *testing.T) {
	for _, c := range []struct{ cause, current, published, want string }{
		{"version-exists", "1.1.0", "1.1.0 1.1.4", "1.1.5 making|1.2.0 making|2.0.0 making"},
		{"version-exists", "1.0.0", "1.0.0 1.1.4", "1.0.1 latest-1.0|1.1.5 making|1.2.0 making|2.0.0 making"},
		{"version-exists", "1.1.4", "1.1.4", "1.1.5|1.2.0|2.0.0"},
		{"version-exists", "1.0.0", "1.0.0 2.1.0", "1.0.1 latest-1|1.1.0 latest-1"},
		{"version-exists", "1.1.0-rc.0", "1.1.0-rc.0 1.1.4", "1.1.0-rc.1 rc|1.1.5 making|1.2.0 making|2.0.0 making"},
		{"latest-behind", "1.1.3", "1.1.2 1.1.4", "1.1.5 making|1.2.0 making|2.0.0 making"},
		{"latest-behind", "1.1.3", "1.1.2 2.1.0", "2.1.1 making|2.2.0 making|3.0.0 making"},
	} {
		var got []string
		for _, o := range Offers(problem(c.cause, at(c.current, strings.Fields(c.published)...))) {
			if o.ID != "bump" || o.Input != nil {
				continue
			}
			title := strings.NewReplacer("Publish as ", "", " with the dist-tag", "", ", making this code latest", " making").Replace(o.Title)
			got = append(got, title)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s of %s with %s: %q", c.cause, c.current, c.published, got)
		}
	}
}

func TestTypedVersionUnasked(t *testing.T) {
	offers := Offers(problem("version-exists", noFacts))
	if o, err := offers[len(offers)-1].Input.Complete("1.0.0"); err == nil {
		t.Errorf("the version in package.json again: %q", o.Title)
	}
}

func TestCheckTag(t *testing.T) {
	// what node-semver's validRange and encodeURIComponent answer, asked of npm 11's own
	for tag, want := range map[string]bool{
		"beta": true, "latest-1": true, "latest-1.0": true, "v": true, "~": true, "1-beta": true, "1.0.0beta": true, "01": true,
		"x.y": true, "x-1": true, "1.2.3.4": true, "1.2.3-01": true, "1.0.": true, "(1)": true, "v~1": true, "1e5": true,
		"v1": false, "1": false, "x": false, "X": false, "*": false, "vx": false, "~1": false, "1.0.0-beta": false, "1.x.1": false,
		"v1.x": false, "1.*": false, "vv1": false, "~v1": false, "x.x.x-1": false, "~*": false, "x.1": false,
		"": false, "a b": false, "a/b": false, "é": false, "1.0.0+b": false, "false": false,
	} {
		if err := npm.CheckTag(tag); (err == nil) != want {
			t.Errorf("%q: %v", tag, err)
		}
	}
}

func TestTypedTag(t *testing.T) {
	p := problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), distTag("canary", "3.0.0-canary.1"))
	input := Offers(p)[len(Offers(p))-1].Input
	for typed, want := range map[string]Safety{"beta": Ask, "canary": NeedsUser, "latest": NeedsUser} {
		o, err := input.Complete(typed)
		if got, _ := flagOf(o, "tag"); err != nil || got != typed || o.Safety != want {
			t.Errorf("%s: %v, tag %q, safety %d", typed, err, got, o.Safety)
		}
	}
	if _, err := input.Complete("v2"); err == nil {
		t.Error("v2 is a range")
	}
}

func TestPreTag(t *testing.T) {
	for version, want := range map[string]string{
		"1.0.0-beta.1": "beta", "1.0.0-0": "next", "1.0.0-rc1": "rc", "1.0.0-v1": "next", "1.0.0-x": "next",
		"1.0.0-latest.1": "next", "1.0.0-pre-2.1": "pre",
	} {
		if got := preTag(semver.MustParse(version)); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestOTPHole(t *testing.T) {
	input := Offers(problem("otp-required", captured))[0].Input
	for typed, code := range map[string]string{
		"123 456\n": "123456", strings.Repeat("aF09", 16): strings.Repeat("aF09", 16),
		"12345678": "12345678", "12345": "", "123456789": "", "abcdef": "", "": "",
	} {
		o, err := input.Complete(typed)
		switch {
		case code == "" && (err == nil || typed != "" && strings.Contains(err.Error(), typed)):
			t.Errorf("%q: %v", typed, err)
		case code != "" && (err != nil || o.Plan[0] != Change(Secret{"npm_config_otp", code})):
			t.Errorf("%q: %v, %v", typed, err, o.Plan)
		}
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct {
		p    *Problem
		fix  string
		want string // the title, or the error
	}{
		{problem("version-exists"), "bump", "Publish as 1.0.1"},
		{problem("version-exists"), "bump=minor", "Publish as 1.1.0"},
		{problem("version-exists"), "bump=2.0.0", "Publish as 2.0.0"},
		{problem("version-exists"), "bump=1.7.0", "Publish as 1.7.0"},
		{problem("version-exists"), "bump=0.9.0", "--fix bump=0.9.0 does not apply: 0.9.0 is already used"},
		{problem("version-exists"), "bump=prerelease", "--fix bump=prerelease does not apply: use bump=patch (1.0.1), bump=minor (1.1.0), bump=major (2.0.0)"},
		{problem("version-exists"), "tag=beta", "--fix tag=beta does not apply to this failure"},
		{problem("version-exists"), "login", "--fix login is not possible: a person chooses it in the menu"},
		{problem("version-exists", at("1.0.0-rc.1", "1.0.0-rc.1")), "bump=major", "Publish as 1.0.0"},
		{problem("version-exists", of("tarball", "w.tgz is a tarball")), "bump=patch", "--fix bump=patch does not apply: w.tgz is a tarball: its version cannot be changed here; change package.json and pack again"},
		{problem("version-exists", at("1.4.2", "1.4.2", "2.0.0")), "bump=major", "--fix bump=major does not apply: use bump=patch (1.4.3), bump=minor (1.5.0)"},
		{problem("prerelease-tag", at("2.0.0-beta.1")), "tag=next", "Publish with the dist-tag next"},
		{problem("prerelease-tag", at("2.0.0-beta.1")), "tag", "--fix tag needs a value: --fix tag=NAME"},
		{problem("prerelease-tag", at("2.0.0-beta.1"), distTag("next", "2.0.0")), "tag=next", "--fix tag=next does not apply: a person must choose it in the menu: Move the dist-tag next back, from 2.0.0 to 2.0.0-beta.1?"},
		{problem("payment-required"), "access=@acme/widget", "Publish publicly, this time (--access public)"},
		{problem("payment-required"), "access=@acme/other", "--fix access=@acme/other does not apply: use access=@acme/widget"},
		{problem("payment-required"), "access", "--fix access needs a value: --fix access=PACKAGE"},
		{problem("name-taken", args("--access=public")), "rename=@bob/widget", "Publish as @bob/widget, publicly"},
		{problem("name-taken"), "rename=@bob/widget", "--fix rename=@bob/widget does not apply: a person must choose it in the menu: Everyone will be able to install @bob/widget, and this cannot be taken back. Publish it publicly?"},
		{problem("name-taken", args("--access=public")), "rename=@carol/gadget", "Publish as @carol/gadget, publicly"},
		{problem("name-taken"), "rename=Gadget", `--fix rename=Gadget: "Gadget" is not a name for a new package: npm needs name or @scope/name, in lower case`},
		{problem("otp-required"), "otp", "Publish again; npm asks for a one-time password"},
		{problem("otp-required", captured), "otp", "Publish again with a one-time password"},
		{problem("otp-required", nobody), "otp", "--fix otp does not apply: A one-time password is needed, but nobody can be asked here"},
		{problem("otp-required"), "otp=123456", "--fix otp takes no value"},
		{problem("network"), "retry", "Wait 5 s and publish again"},
		{problem("stage-only", npmIs("10.9.0")), "stage", "--fix stage does not apply: Stage it, then approve it with your second factor"},
		{problem("stage-only", npmIs("11.15.0")), "stage", "Stage it; a maintainer with a second factor then approves it"},
		{problem("stage-only", npmIs("11.15.0"), version("11.14.1")), "stage", "--fix stage does not apply: Stage it, then approve it with your second factor"},
	} {
		o, err := Find(Offers(c.p), c.fix)
		if got := map[bool]string{true: o.Title, false: fmt.Sprint(err)}[err == nil]; got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.fix, got, c.want)
		}
		if err == nil && (o.Confirm != nil || o.ID != strings.Split(c.fix, "=")[0]) {
			t.Errorf("%s: ID %q, confirm %v", c.fix, o.ID, o.Confirm)
		}
	}
}

func TestFixUnknown(t *testing.T) {
	err := CheckFix("bmup")
	if err == nil || !strings.HasPrefix(err.Error(), "--fix bmup does not exist: use tag, bump, otp, ") {
		t.Fatal(err)
	}
	if strings.Contains(err.Error(), "login") {
		t.Errorf("only a person may log in: %v", err)
	}
}

// A value that no failure could use is refused before anything runs.
func TestCheckFix(t *testing.T) {
	for fix, want := range map[string]string{
		"bump": "", "bump=minor": "", "bump=2.0.0-beta.1": "", "tag=next": "", "rename=@acme/x": "", "otp": "", "access=Widget": "",
		"bump=banana": `--fix bump=banana: "banana" is neither a step (patch, minor, major, prerelease) nor a version such as 1.0.1`,
		"bump=1.0":    `--fix bump=1.0: "1.0" is neither a step (patch, minor, major, prerelease) nor a version such as 1.0.1`,
		"tag=v1":      `--fix tag=v1: "v1" is not a dist-tag, because npm reads it as a range of versions; use release-v1, for example`,
		"rename=A b":  `--fix rename=A b: "A b" is not a name for a new package: npm needs name or @scope/name, in lower case`,
		"tag":         "--fix tag needs a value: --fix tag=NAME", "otp=123456": "--fix otp takes no value",
	} {
		got := ""
		if err := CheckFix(fix); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("--fix %s: %s", fix, got)
		}
	}
}

// TestFindClosed checks that a --fix never opens what the manifest closes.
func TestFindClosed(t *testing.T) {
	for _, p := range []*Problem{
		problem("payment-required", with(`"publishConfig": {"access": "restricted"}`)),
		problem("payment-required", with(`"private": true`)),
		problem("payment-required", args("--access=restricted")),
		problem("payment-required", func(p *Problem) { p.Case.Packages[0].Access = "restricted" }), // an .npmrc, as the notice shows
	} {
		if o, err := Find(Offers(p), "access=@acme/widget"); err == nil {
			t.Errorf("found %q", o.Title)
		}
	}
}

func TestCommandHidesSecrets(t *testing.T) {
	o := Offers(problem("version-exists"))[0]
	got := o.Command(npm.Sh, nil, []string{"--//npmjs.org/:_authToken=not-a-token", "--_auth", "not-a-token", "--registry=https://me:not-a-token@npmjs.org/", "--key=not-a-token", "it's"})
	if want := `safepublish --fix bump=patch --//npmjs.org/:_authToken=REDACTED --_auth REDACTED --registry=https://REDACTED@npmjs.org/ --key=REDACTED 'it'\''s'`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	args := []string{"--tag", "a&b", "--@acme:registry=https://h/"}
	if got, want := o.Command(npm.WindowsPowerShell, nil, args), `safepublish --fix bump=patch --tag "a&b" "--@acme:registry=https://h/"`; got != want {
		t.Errorf("PowerShell: %s, want %s", got, want)
	}
}

// TestKeepsArguments checks that every offer keeps the arguments that it is not
// about.
func TestKeepsArguments(t *testing.T) {
	given := []string{"--loglevel", "silly", "./pkg", "--tag", "v1"}
	p := problem("tag-invalid", at("1.0.1", "1.0.0"), args(given...))
	a, err := Apply(context.Background(), Offers(p)[0].Plan, Attempt{Args: given}, &hands{})
	parsed := npm.Parse(a.Args)
	if err != nil || !slices.Equal(parsed.Specs, []string{"./pkg"}) || !slices.Equal(parsed.Values["tag"], []string{"latest"}) || !slices.Equal(parsed.Values["loglevel"], []string{"silly"}) {
		t.Errorf("%v, %q", err, a.Args)
	}
}
