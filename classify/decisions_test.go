package classify

import (
	"fmt"
	"strings"
	"testing"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// The decision tables for the statuses that hide their reason, written as tables:
// what the registry answered on the left, what it means on the right. "sure" and
// "likely" are the two kinds of diagnosis.

const (
	testRegistry = "https://registry.example/"
	mine         = "21755560922f91d2e144f648401fadea0bd5850f"
	other        = "9f02c1d4a6f7b0e55c1f5fb5d2ce1d1f1e0a7b3c"
)

// refusal is a publish of name 1.0.0 that ended with that status and sentence.
func refusal(name string, status int, sentence string) *Case {
	line := fmt.Sprintf("%d Refused - PUT %s%s", status, testRegistry, name)
	if sentence != "" {
		line += " - " + sentence
	}
	return &Case{Transcript: transcript.Transcript{
		NPM: "11.19.1", HasLog: true, Failed: true, Exit: 1, Code: fmt.Sprintf("E%d", status),
		Message: []transcript.Line{{From: "log:30", Level: "error", Text: line}},
		Packages: []transcript.Package{{
			Name: name, Version: "1.0.0", Shasum: mine, Registry: testRegistry,
			Upload: transcript.Upload{State: transcript.Refused, Method: "PUT", Statuses: []int{status}, Attempt: 1},
		}},
	}}
}

// answers reads what is written as "whoami=alice package=alice,bob write=no scope=no
// this=same versions=1.0.0 burnt=1.0.0 login=present"; "no" is a No, what is not
// named is unknown.
func answers(t *testing.T, text string) Answers {
	t.Helper()
	f := Answers{Registry: testRegistry}
	for _, word := range strings.Fields(text) {
		key, value, _ := strings.Cut(word, "=")
		answer := yesIf(value != "no")
		switch key {
		case "login": // what the .npmrc holds
			f.Npmrc = &Npmrc{}
			if value != "none" {
				key := npm.NerfDart(testRegistry) + ":_authToken"
				f.Npmrc.Settings = []Setting{{Level: "user", File: "/home/u/.npmrc", Line: 1, Key: key, Holds: Held(value)}}
			}
		case "alive":
			f.Alive = answer
		case "deaf":
			f.Identity.WhoamiUnsupported = true
		case "member":
			f.Member = answer
		case "public":
			f.Mirrors = answer
		case "whoami":
			f.Identity = Identity{Known: answer}
			if answer == Yes {
				f.Identity.User = value
			}
		case "package":
			f.Packument.Found = answer
			if answer == Yes {
				f.Packument.Maintainers = strings.Split(value, ",")
			}
		case "versions":
			f.Packument.Found, f.Packument.Versions = Yes, strings.Split(value, ",")
		case "burnt":
			f.Packument.Found, f.Packument.Burnt = Yes, strings.Split(value, ",")
		case "write":
			f.MayWrite = answer
		case "scope":
			f.ScopeExists = answer
		case "this":
			f.RemoteVersion = RemoteVersion{Found: answer, Shasum: map[string]string{"same": mine, "other": other}[value]}
		default:
			t.Fatalf("unknown fact %q", word)
		}
	}
	return f
}

type decision struct {
	facts string
	want  string // "cause", "cause?" where it is only likely
}

func decide(t *testing.T, table []decision, make func() *Case) {
	t.Helper()
	for _, row := range table {
		c := make()
		c.Answers = answers(t, row.facts)
		d, failed := Diagnose(c)
		if !failed {
			t.Fatalf("[%s]: nothing failed", row.facts)
		}
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != row.want {
			t.Errorf("[%s]: %s, want %s\n%v", row.facts, got, row.want, d.Evidence)
		}
		if d.Sure && len(d.Others) > 0 || len(d.Evidence) == 0 {
			t.Errorf("[%s]: sure %v, others %v, evidence %v", row.facts, d.Sure, ids(d.Others), d.Evidence)
		}
	}
}

func TestNotFoundTable(t *testing.T) {
	decide(t, []decision{
		{"", "not-found-unexplained?"},
		{"whoami=no", "token-invalid?"},
		{"whoami=no package=bob", "token-invalid?"},
		{"whoami=no package=no", "token-invalid?"},
		{"whoami=alice", "not-found-unexplained?"},
		{"whoami=no login=present", "token-invalid?"},
		{"whoami=no login=present alive=yes", "token-scope?"},
		{"whoami=no login=unset-variable", "token-unset"},
		{"whoami=no login=placeholder", "token-unset"},
		{"whoami=no login=malformed", "token-malformed"},
		{"login=malformed", "token-malformed?"},
		{"whoami=no login=empty", "token-unset"},
		{"login=unset-variable", "token-unset?"},
		{"deaf=yes public=yes package=bob", "wrong-registry?"},
		{"deaf=yes public=no package=bob", "not-found-unexplained?"},
		{"whoami=alice package=no", "token-scope?"},
		{"whoami=alice package=bob", "not-found-unexplained?"}, // maintainers are npmjs.org's way, see TestMaintainers
		{"whoami=alice package=bob write=no", "no-permission"},
		{"whoami=alice package=bob write=yes", "token-scope?"},
		{"whoami=alice package=alice", "token-scope?"},
		{"package=bob", "not-found-unexplained?"},
	}, func() *Case { return refusal("widget", 404, "Not found") })
}

func TestNotFoundTableOfAScope(t *testing.T) {
	decide(t, []decision{
		{"", "not-found-unexplained?"},
		{"whoami=alice scope=no", "scope-not-found"},
		{"whoami=alice scope=no package=no", "scope-not-found"},
		{"whoami=no scope=no", "token-invalid?"},
		{"scope=no", "not-found-unexplained?"},
		{"whoami=alice scope=yes package=no", "not-found-unexplained?"},
		{"whoami=alice scope=yes package=no member=no", "no-permission"},
		{"whoami=alice scope=yes package=no member=yes", "token-scope?"},
		{"whoami=alice scope=yes package=bob write=no", "no-permission"},
	}, func() *Case { return refusal("@acme/widget", 404, "Not found") })
	decide(t, []decision{
		{"", "scope-not-found?"},
		{"scope=no", "scope-not-found"},
		{"scope=yes whoami=alice", "no-permission?"},
		{"scope=yes whoami=alice member=no", "no-permission"},
	}, func() *Case { return refusal("@acme/widget", 404, "Scope not found") })
}

func TestNotFoundTableWithNotice(t *testing.T) {
	decide(t, []decision{
		{"", "not-found-unexplained?"}, // it comes with any 404 and with living tokens: npm/cli#8816
		{"package=bob", "not-found-unexplained?"},
		{"whoami=no", "token-invalid?"},
		{"whoami=no login=present", "token-invalid?"},
		{"whoami=no login=present alive=no", "token-invalid"},
		{"whoami=no login=present alive=yes", "token-scope?"},
		{"whoami=no login=present package=no", "token-invalid?"},
		{"whoami=no login=unset-variable", "token-unset"},
		{"whoami=alice", "not-found-unexplained?"},
		{"whoami=alice package=bob write=no", "no-permission"},
	}, func() *Case {
		c := refusal("widget", 404, "Not found")
		c.Notices = []transcript.Line{{From: "log:28", Level: "notice", Text: "Access token expired or revoked. Please try logging in again."}}
		return c
	})
}

func TestForbiddenTable(t *testing.T) {
	decide(t, []decision{
		{"", "forbidden-unexplained?"},
		{"this=same", "already-published"},
		{"this=other", "version-exists"},
		{"whoami=alice package=bob", "forbidden-unexplained?"},
		{"whoami=alice package=alice,bob", "token-scope?"},
		{"whoami=alice package=bob write=no", "no-permission"},
		{"whoami=alice package=no", "forbidden-unexplained?"},
		{"this=no whoami=alice package=no", "forbidden-unexplained?"},
		{"whoami=no", "forbidden-unexplained?"},
	}, func() *Case { return refusal("widget", 403, "") })
	sentence := func(name string) func() *Case {
		return func() *Case {
			return refusal(name, 403, `You do not have permission to publish "`+name+`". Are you logged in as the correct user?`)
		}
	}
	decide(t, []decision{
		{"", "no-permission?"},
		{"package=bob", "no-permission?"},
		{"whoami=alice package=bob", "no-permission?"},
		{"whoami=alice package=bob write=no", "name-taken"},
		{"whoami=alice package=alice", "token-scope?"},
		{"whoami=alice package=no", "no-permission?"},
		{"whoami=no package=bob", "no-permission?"},
		{"whoami=no alive=yes package=bob", "token-scope?"},
	}, sentence("widget"))
	decide(t, []decision{
		{"", "no-permission?"},
		{"whoami=alice package=bob", "no-permission?"}, // she may be in a team
		{"whoami=alice package=bob write=no", "no-permission"},
		{"whoami=alice package=no member=no", "no-permission"},
		{"whoami=alice package=no member=yes", "token-scope?"},
	}, sentence("@acme/widget"))
}

// TestNPM6SendsWithoutLogin: later npms look for a login before they send anything.
func TestNPM6SendsWithoutLogin(t *testing.T) {
	for status, later := range map[int]string{401: "token-invalid?", 404: "not-found-unexplained?"} {
		for npm, want := range map[string]string{"6.14.18": "not-logged-in", "11.19.1": later} {
			decide(t, []decision{{"whoami=no login=none", want}}, func() *Case {
				c := refusal("widget", status, "")
				c.NPM = npm
				return c
			})
		}
	}
}

// TestMaintainers: on npmjs.org who is not a maintainer of an unscoped package may not
// publish it. Elsewhere, and in a scope, only the list of those who may write tells.
func TestMaintainers(t *testing.T) {
	for _, test := range []struct{ registry, name, sentence, want string }{
		{"https://npmjs.org/", "widget", "", "no-permission"},
		{"https://npmjs.org/", "@acme/widget", "", "not-found-unexplained?"},
		{testRegistry, "widget", "", "not-found-unexplained?"},
		{"https://npmjs.org/", "widget", "do not have permission to publish", "name-taken"},
		{testRegistry, "widget", "user alice is not allowed to publish package widget", "no-permission?"},
	} {
		status := 404
		if test.sentence != "" {
			status = 403
		}
		c := refusal(test.name, status, test.sentence)
		c.Answers = answers(t, "whoami=alice package=bob login=present")
		c.Packages[0].Registry, c.Answers.Registry = test.registry, test.registry
		d, _ := Diagnose(c)
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != test.want {
			t.Errorf("%s %s %q: %s, want %s", test.registry, test.name, test.sentence, got, test.want)
		}
	}
}

func TestUnauthorizedTable(t *testing.T) {
	decide(t, []decision{
		{"", "token-invalid?"},
		{"whoami=no", "token-invalid?"},
		{"whoami=no login=present", "token-invalid"},
		{"whoami=no login=placeholder", "token-unset"},
		{"whoami=alice", "unauthorized-unexplained?"},
	}, func() *Case { return refusal("widget", 401, "Unauthorized") })
	for npm, want := range map[string]string{"6.14.18": "not-logged-in?", "11.19.1": "token-invalid?"} {
		decide(t, []decision{{"", want}, {"whoami=alice", "unauthorized-unexplained?"}}, func() *Case {
			c := refusal("widget", 401, "You must be logged in to publish packages.")
			c.NPM = npm
			return c
		})
	}
	decide(t, []decision{
		{"", "unauthorized-unexplained?"},
		{"whoami=no", "token-invalid?"},
		{"whoami=no login=present", "token-invalid"},
	}, func() *Case {
		c := refusal("widget", 401, "")
		c.Message[0].Text = "Unable to authenticate, need: Negotiate"
		return c
	})
}

func TestConflictTable(t *testing.T) {
	decide(t, []decision{
		{"", "publish-race?"},
		{"this=same", "already-published"},
		{"this=other", "version-exists"},
		{"this=no", "publish-race?"},
	}, func() *Case { return refusal("widget", 409, "Conflict") })
	decide(t, []decision{{"", "publish-race"}, {"this=same", "already-published"}}, func() *Case {
		return refusal("widget", 409, "Failed to save packument. A common cause is if you try to publish a new package "+
			"before the previous package has been fully processed.")
	})
	decide(t, []decision{{"", "version-staged"}, {"this=same", "already-published"}, {"this=no", "version-staged"}}, func() *Case {
		return refusal("widget", 409, `Cannot publish over previously staged version "1.0.0".`)
	})
}

func TestExistsTable(t *testing.T) {
	words := func() *Case {
		return refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.0.")
	}
	decide(t, []decision{
		{"", "version-exists"},
		{"this=same", "already-published"},
		{"this=other", "version-exists"},
		{"this=other versions=1.0.0", "version-exists"},
		{"this=no burnt=1.0.0 versions=0.9.0", "version-burnt"},
		{"this=no versions=0.9.0", "version-exists?"},
		{"versions=0.9.0,1.0.0", "version-exists"},
	}, words)
	decide(t, []decision{
		{"", "version-exists?"}, // it may be this very upload
		{"this=same", "already-published"},
		{"this=other", "version-exists"},
	}, func() *Case {
		c := words()
		c.Packages[0].Upload = transcript.Upload{State: transcript.Open, Statuses: []int{502, 403}, Attempt: 2}
		return c
	})
	decide(t, []decision{ // a build packs other bytes each time, and the first upload is there
		{"", "version-exists?"},
		{"this=same", "already-published"},
		{"this=other", "already-published"},
	}, func() *Case {
		c := words()
		c.Packages[0].Upload.State, c.Attempt.Sent = transcript.Open, []npm.Contents{{Shasum: strings.ToUpper(other)}}
		return c
	})
	decide(t, []decision{ // a script raised the version after npm had read it: who asked for 1.0.0 learned nothing of 1.0.1
		{"", "version-exists?"},
		{"this=other", "version-exists?"},
		{"this=no versions=0.9.0", "version-exists?"},
	}, func() *Case {
		return refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.1.")
	})
	decide(t, []decision{{"", "version-burnt?"}, {"burnt=1.0.0", "version-burnt"}, {"this=other", "version-exists"}}, func() *Case {
		return refusal("widget", 400, `Cannot publish over previously published version "1.0.0".`)
	})
}

// TestOtherRegistry: answers of another registry, or of one that nobody named,
// decide nothing.
func TestOtherRegistry(t *testing.T) {
	for _, registry := range []string{"", "https://decoy.example/", "https://registry.example.evil/"} {
		c := refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.0.")
		c.Answers = answers(t, "this=same whoami=no versions=0.9.0 burnt=1.0.0")
		c.Answers.Registry = registry
		if d, _ := Diagnose(c); d.Cause.ID != "version-exists" || !d.Sure {
			t.Errorf("%q: %s, sure %v", registry, d.Cause.ID, d.Sure)
		}
		c.Answers.Registry = strings.TrimSuffix(testRegistry, "/")
		if d, _ := Diagnose(c); d.Cause.ID != "already-published" {
			t.Errorf("the same registry without its slash: %s", d.Cause.ID)
		}
	}
}

// TestScreenAlone: the same words on a screen are never Sure, unless the registry
// confirms them.
func TestScreenAlone(t *testing.T) {
	c := refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.0.")
	c.HasLog = false
	if d, _ := Diagnose(c); d.Cause.ID != "version-exists" || d.Sure {
		t.Errorf("%s, sure %v", d.Cause.ID, d.Sure)
	}
	c.Answers = answers(t, "this=other")
	if d, _ := Diagnose(c); d.Cause.ID != "version-exists" || !d.Sure {
		t.Errorf("with the registry's answer: %s, sure %v", d.Cause.ID, d.Sure)
	}
}

func TestQuestions(t *testing.T) {
	over := "You cannot publish over the previously published versions: 1.0.0."
	for _, test := range []struct {
		name string
		c    *Case
		want []Question
	}{
		{"words suffice", refusal("@acme/widget", 402, "You must sign up for private packages"), nil},
		{"exists", refusal("widget", 403, over), []Question{AskPackument, AskThis}},
		{"bare 403", refusal("widget", 403, ""), []Question{AskPackument, AskThis, AskIdentity, AskAccess, AskLogin}},
		{"404", refusal("widget", 404, "Not found"), []Question{AskPackument, AskIdentity, AskAccess, AskLogin}},
		{"404 in a scope", refusal("@acme/widget", 404, "Not found"), []Question{AskPackument, AskIdentity, AskAccess, AskLogin}},
		{"401", refusal("widget", 401, "Unauthorized"), []Question{AskIdentity, AskLogin}},
		{"staged", refusal("widget", 409, `Cannot publish over previously staged version "1.0.0".`), []Question{AskPackument, AskThis}},
		{"no name", refusal("", 404, "Not found"), []Question{AskIdentity, AskLogin}},
	} {
		if got := Questions(test.c); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	unknownRegistry := refusal("widget", 404, "")
	unknownRegistry.Packages[0].Registry = ""
	if got := Questions(unknownRegistry); got != nil {
		t.Errorf("without a registry: %v", got)
	}
	for _, r := range readings(t, "run") {
		if !r.c.failed() && Questions(r.c) != nil {
			t.Errorf("%s went well and would be asked about", r.Name())
		}
	}
}

// TestSecondRound: what the first answers leave to be decided is asked then, and
// nothing twice.
func TestSecondRound(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		facts  string
		want   []Question
	}{
		{"@acme/widget", 404, "whoami=alice package=no login=present", []Question{AskScope, AskMember}},
		{"@acme/widget", 404, "whoami=alice package=bob login=present", []Question{AskAccess, AskMember}}, // she may be in a team
		{"@acme/widget", 404, "whoami=alice package=alice login=present", nil},                            // she may write it, a member or not
		{"widget", 404, "whoami=alice package=bob login=present", []Question{AskAccess}},
		{"widget", 404, "whoami=alice package=no login=present", nil},
		{"widget", 404, "whoami=no package=bob login=present", []Question{AskAccess}},
		{"widget", 404, "whoami=no package=bob login=unset-variable", nil},
		{"widget", 404, "deaf=yes package=bob login=present", []Question{AskAccess, AskMirror}},
		{"widget", 403, "this=other login=present", nil},
		{"widget", 401, "whoami=no login=present", nil},
	} {
		c := refusal(test.name, test.status, "")
		c.Answers = answers(t, test.facts)
		c.Answers.Questions = []Question{AskPackument, AskThis, AskIdentity, AskLogin}
		if got := Questions(c); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s %d [%s]: %v, want %v", test.name, test.status, test.facts, got, test.want)
		}
		c.Answers.Questions = append(c.Answers.Questions, test.want...)
		if got := Questions(c); len(got) > 0 && len(test.want) == 0 {
			t.Errorf("%s %d [%s]: a third round: %v", test.name, test.status, test.facts, got)
		}
	}
}

func TestSecondFactor(t *testing.T) {
	eotp := func(change func(*Case)) *Case {
		c := refusal("widget", 401, "")
		c.Code = "EOTP"
		c.Message[0].Text = "This operation requires a one-time password from your authenticator."
		change(c)
		return c
	}
	twice := func(c *Case) { c.Prompted, c.Packages[0].Upload.Statuses = true, []int{401, 401} }
	for _, test := range []struct {
		name, want string
		c          *Case
	}{
		{"no code", "otp-required", eotp(func(*Case) {})},
		{"a code of ours", "otp-wrong", eotp(func(c *Case) { c.Attempt.OTP = true })},
		{"npm asked", "otp-wrong", eotp(func(c *Case) { twice(c); c.Attempt.Terminal = true })},
		{"a saved log", "otp-required?", eotp(twice)},
		{"^C at the question", "interrupted", eotp(func(c *Case) { c.Canceled = true })},
	} {
		d, _ := Diagnose(test.c)
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestSameBytes: npm prints the integrity cut short, and a cut that leaves too
// little proves nothing.
func TestSameBytes(t *testing.T) {
	const whole = "sha512-DvNFfO+Hkm93lAAAAAAAAAAAAAAAAAAAAAAAAAAA486bOo3In1/TQ=="
	for _, test := range []struct {
		shasum, integrity string
		there             RemoteVersion
		want              Answer
	}{
		{mine, "", RemoteVersion{Found: Yes, Shasum: mine}, Yes},
		{mine, "", RemoteVersion{Found: Yes, Shasum: strings.ToUpper(mine)}, Yes},
		{mine, "", RemoteVersion{Found: Yes, Shasum: other}, No},
		{mine, "", RemoteVersion{Found: Yes}, Unknown},
		{mine, "", RemoteVersion{Found: No, Shasum: mine}, Unknown},
		{"", whole, RemoteVersion{Found: Yes, Shasum: mine, Integrity: whole}, Yes},
		{"", "sha512-DvNFfO+Hkm93l[...]486bOo3In1/TQ==", RemoteVersion{Found: Yes, Integrity: whole}, Yes},
		{"", "sha512-DvNFfO+Hkm93l[...]486bOo3In1/TA==", RemoteVersion{Found: Yes, Integrity: whole}, No},
		{"", "sha512-[...]==", RemoteVersion{Found: Yes, Integrity: whole}, Unknown},
		{"", "sha512-[...]x=", RemoteVersion{Found: Yes, Integrity: whole}, Unknown},
		{"", "", RemoteVersion{Found: Yes, Integrity: whole}, Unknown},
	} {
		c := refusal("widget", 409, "")
		c.Packages[0].Shasum, c.Packages[0].Integrity = test.shasum, test.integrity
		c.Answers.RemoteVersion = test.there
		if got := c.SameBytes(); got != test.want {
			t.Errorf("%q %q against %+v: %v, want %v", test.shasum, test.integrity, test.there, got, test.want)
		}
	}
}

// What the caller knows besides: the pack made again, the commit, and that the
// version appeared after the publish began.
func TestSameRelease(t *testing.T) {
	const head = "0123456789abcdef0123456789abcdef01234567"
	repacked := func(built bool) Case {
		return Case{Package: Package{Packed: Packed{Contents: npm.Contents{Shasum: mine}}, Built: built}}
	}
	for _, test := range []struct {
		name   string
		packed string
		known  Case // Package and Attempt
		there  RemoteVersion
		want   Answer
		cause  string
	}{
		{"the same pack made again", "", repacked(true), RemoteVersion{Shasum: mine}, Yes, "already-published"},
		{"another pack, and a script ran", "", repacked(true), RemoteVersion{Shasum: other}, Unknown, "version-exists"},
		{"another pack, and no script", "", repacked(false), RemoteVersion{Shasum: other}, No, "version-exists"},
		{"npm's own digest is stronger", other, repacked(false), RemoteVersion{Shasum: mine}, No, "version-exists"},
		{"this very commit", mine, Case{Package: Package{Head: head}}, RemoteVersion{Shasum: other, GitHead: head}, Yes, "already-published"},
		{"another commit", mine, Case{Package: Package{Head: head}}, RemoteVersion{Shasum: other, GitHead: mine}, No, "version-exists"},
		{"changes on top of the commit", mine, Case{}, RemoteVersion{Shasum: other, GitHead: head}, No, "version-exists"},
		{"it appeared meanwhile", mine, Case{Attempt: Attempt{Doubt: true}}, RemoteVersion{Shasum: other}, Unknown, "version-exists"},
	} {
		c := refusal("widget", 403, "You cannot publish over the previously published versions: 1.0.0.")
		c.Packages[0].Shasum, c.Packages[0].Version, c.Answers.Registry = test.packed, "1.0.0", c.Registry()
		c.Package, c.Attempt = test.known.Package, test.known.Attempt
		c.Answers.RemoteVersion = test.there
		c.Answers.RemoteVersion.Found = Yes
		if got := c.SameBytes(); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if d, _ := Diagnose(c); d.Cause.ID != test.cause || d.Open != test.known.Attempt.Doubt {
			t.Errorf("%s: %s, open %v", test.name, d.Cause.ID, d.Open)
		}
	}
}

// An npm that ended well without proof, or failed before it was npm at all.
func TestNoProof(t *testing.T) {
	run := func(in transcript.Input) *Case {
		in.Ours.Run = true
		return &Case{Transcript: transcript.Read(in), Package: Package{Name: "demo", Version: "1.0.0"}}
	}
	logs, noNPM := transcript.Ours{Logs: true}, []byte("volta: no npm here\n")
	e402 := []byte("npm error code E402\nnpm error 402 Payment Required - PUT http://r/demo - pay\n")
	noVersion := []byte("No version is set for command npm\n")
	usage := []byte("0 verbose cli node npm\n1 info using npm@11.19.1\n4 verbose title npm publish\n9 verbose exit 0\n10 info ok\n")
	for _, test := range []struct {
		name string
		in   transcript.Input
		want string
		sent transcript.State
		exit int
	}{
		{"a sentence and 0", transcript.Input{Stdout: noVersion}, "upload-open", transcript.Open, ExitTempFail},
		{"nothing and 0", transcript.Input{}, "upload-open", transcript.Open, ExitTempFail},
		{"the line of success alone", transcript.Input{Stdout: []byte("+ demo@1.0.0\n")}, "upload-open", transcript.Open, ExitTempFail},
		{"npm's usage", transcript.Input{Log: usage, Stdout: []byte("Publish a package\n")}, "upload-dropped", transcript.NotSent, ExitConfig},
		{"a shim that fails", transcript.Input{Ours: logs, Exit: 1, Stderr: noNPM}, "npm-broken", transcript.NotSent, ExitNoNPM},
		{"the same where no log can be written", transcript.Input{Exit: 1, Stderr: noNPM}, "unknown", transcript.Open, 1},
		{"lines of npm's without a log", transcript.Input{Ours: logs, Exit: 1, Stderr: e402}, "payment-required", transcript.Open, ExitNoPerm},
	} {
		c := run(test.in)
		d, failed := Diagnose(c)
		if !failed || d.Cause.ID != test.want || c.Last().Upload.State != test.sent || ExitStatus(d, c.Exit, c.Signal) != test.exit {
			t.Errorf("%s: %v %v, %v, %d", test.name, failed, d.Cause, c.Last().Upload.State, ExitStatus(d, c.Exit, c.Signal))
		}
		if d.Sure && !c.HasLog && test.want != "npm-broken" {
			t.Errorf("%s: sure without a log", test.name)
		}
	}
}

// TestUnnamedToken: a variable that holds a token, and that npm does not read, is named with
// the line that makes npm read it; where the login is fine it says nothing of why.
func TestUnnamedToken(t *testing.T) {
	for login, named := range map[string]bool{"none": true, "present": false} {
		c := refusal("widget", 401, "")
		c.Answers = answers(t, "whoami=no login="+login)
		c.Answers.Npmrc.Unnamed = []Unnamed{{Name: "NPM_TOKEN", Holds: HeldPresent}}
		_, shown := readLogin(c)
		if got := strings.Contains(fmt.Sprint(shown), "{NPM_TOKEN is set, but no .npmrc names it"); got != named {
			t.Errorf("%s: %v", login, shown)
		}
	}
}

// TestIgnoredNpmrc: the file that holds the login, and that npm does not read, is named.
func TestIgnoredNpmrc(t *testing.T) {
	c := refusal("widget", 401, "")
	c.Answers = answers(t, "whoami=no login=none")
	c.Answers.Npmrc.Ignored = "packages/widget/.npmrc"
	if _, shown := readLogin(c); !strings.Contains(fmt.Sprint(shown), "packages/widget/.npmrc") {
		t.Errorf("%v", shown)
	}
}

// TestAProxyAnswers: a proxy's or a firewall's 403 looks like the registry's, for npm
// drops its page (measured with npm 11.19.1: neither headers nor body are in the log). But
// it refuses reading too, and npmjs.org shows its packages to everybody.
func TestAProxyAnswers(t *testing.T) {
	const public = "https://npmjs.org/"
	read := func(status string) func(*Case) {
		return func(c *Case) {
			c.Lines = append(c.Lines, transcript.Line{From: "log:20", Level: "http", Text: "fetch GET " + status + " " + c.Registry() + "demo 4ms"})
		}
	}
	for _, test := range []struct {
		name, registry, phrase, want string
		change                       func(*Case)
	}{
		{"npm's own question is refused too", public, "Forbidden", "proxy-refused?", read("403")},
		{"ours is refused too", public, "Forbidden", "proxy-refused?", func(c *Case) { c.Answers.Packument.ErrorCode = "E403" }},
		{"reading works", public, "Forbidden", "forbidden-unexplained?", read("200")},
		{"a registry of one's own may refuse that", "https://registry.example/", "Forbidden", "forbidden-unexplained?", read("403")},
		{"the filter says its name", public, "Blocked by Zscaler", "proxy-refused", read("200")},
		{"the account's list is sure", public, "Forbidden", "no-permission", func(c *Case) {
			c.Answers.Packument = Packument{Found: Yes, Maintainers: []string{"alice"}}
			c.Answers.Identity, c.Answers.RemoteVersion.Found = Identity{Known: Yes, User: "bob"}, No
			c.Answers.Questions = []Question{AskPackument}
		}},
	} {
		c := refusal("demo", 403, "")
		c.Packages[0].Registry, c.Answers.Registry = test.registry, test.registry
		c.Message[0].Text = "403 " + test.phrase + " - PUT " + test.registry + "demo"
		test.change(c)
		d, _ := Diagnose(c)
		got := d.Cause.ID
		if !d.Sure {
			got += "?"
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
		if strings.HasPrefix(got, "proxy") && !strings.HasSuffix(d.Title(), "between here and npmjs.org refused the upload (403)") {
			t.Errorf("%s: %s", test.name, d.Title())
		}
	}
}

// npm that ended well and did not log the answer has not failed on npmjs.org, which
// shows a version some minutes later; another registry has most likely sent the upload
// elsewhere.
func TestAnswerThatNPMDidNotLog(t *testing.T) {
	for registry, want := range map[string]string{"https://npmjs.org/": "upload-open", "https://npm.acme.example/": "upload-dropped"} {
		c := &Case{Settings: Settings{Registry: registry}}
		c.HasLog = true
		c.Packages = []transcript.Package{{Name: "demo", Version: "1.0.0", Upload: transcript.Upload{State: transcript.Open}}}
		d, failed := Diagnose(c)
		if !failed || d.Cause.ID != want {
			t.Errorf("%s: %+v", registry, d.Cause)
		}
	}
}
