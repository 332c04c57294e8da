package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/runner/npmexec"
	"safepublish/runner/realnpm"
)

// maskedCases are refusals of which npm's words do not tell the reason, or tell
// another one. Each is published with a real npm, diagnosed from npm's words alone
// (blind), and again with the answers to the questions that the blind diagnosis
// asks (want; "?" where it is only likely). In env and npmrc HERE is the registry's
// address and DART its name in an .npmrc.
var maskedCases = []struct {
	name    string
	npm     string // another npm than the tests' own
	meets   Scenario
	env     []string
	user    string // the user's .npmrc, where it is not the sandbox's own
	project string // the .npmrc of the package
	blind   string
	want    string
	shows   string // among the evidence
}{
	{
		name: "a dead token behind a 404", meets: Scenario{Token: Token{DeadAs: 404}},
		blind: "not-found-unexplained?", want: "token-invalid?", shows: "npm whoami",
	},
	{
		name: "a dead token, and the registry's notice", meets: Scenario{Token: Token{DeadAs: 404, Notice: saysExpired}},
		blind: "not-found-unexplained?", want: "token-invalid", shows: "refuses this token too (401)",
	},
	{
		name: "a dead token in the project hides a living one", project: "DART:_authToken=npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE\n",
		blind: "not-found-unexplained?", want: "token-invalid?", shows: "a login for the same registry, which npm does not use",
	},
	{
		name: "a read-only token", meets: Scenario{Token: Token{Kind: ReadOnly}, World: World{Masks: true}},
		blind: "not-found-unexplained?", want: "token-scope?", shows: "maintained by sam",
	},
	{
		name: "a token for another package", meets: Scenario{
			Shape: Shape{Scope: Unscoped}, Package: Seed{Owner: nobody}, Token: Token{Packages: []string{"another"}},
		},
		blind: "not-found-unexplained?", want: "token-scope?", shows: "the registry knows this login",
	},
	{
		name: "a granular token that fails whoami, for another package", npm: "12.2.0",
		meets: Scenario{
			Token: Token{Packages: []string{"another"}},
			World: World{Masks: true, Faults: []Fault{{At: "GET /-/whoami", Status: 401, Message: "Unauthorized"}}},
		},
		blind: "not-found-unexplained?", want: "token-scope?", shows: "the token is valid, and granular",
	},
	{
		name:  "no such scope",
		meets: Scenario{Shape: Shape{Scope: Scoped}, Package: Seed{Owner: nobody, ScopeOwner: nobody}, World: World{Masks: true}},
		blind: "not-found-unexplained?", want: "scope-not-found", shows: "no user and no organization",
	},
	{
		name:  "not a member of the organization",
		meets: Scenario{Shape: Shape{Scope: Scoped}, Package: Seed{Owner: nobody, ScopeOwner: another}, World: World{Masks: true}},
		blind: "not-found-unexplained?", want: "no-permission", shows: "does not belong to it",
	},
	{
		name:  "somebody else's name, behind a 404",
		meets: Scenario{Shape: Shape{Scope: Unscoped}, Package: Seed{Owner: another}, World: World{Masks: true}},
		blind: "not-found-unexplained?", want: "no-permission", shows: "not listed with write access",
	},
	{
		name:  "somebody else's name",
		meets: Scenario{Shape: Shape{Scope: Unscoped}, Package: Seed{Owner: another}},
		blind: "no-permission?", want: "name-taken", shows: "not listed with write access",
	},
	{
		name: "a variable that is not set", user: "DART:_authToken=${REHEARSAL_LOGIN}\n",
		blind: "not-found-unexplained?", want: "token-unset", shows: "${REHEARSAL_LOGIN}, which is not set here",
	},
	{
		name: "a variable that is empty", user: "DART:_authToken=${REHEARSAL_LOGIN}\n", env: []string{"REHEARSAL_LOGIN="},
		blind: "not-logged-in", want: "token-unset", shows: "the login is empty (${REHEARSAL_LOGIN})",
	},
	{
		name: "no trusted publisher", meets: Scenario{World: World{Faults: noPublisher}}, user: "# none\n", env: onGitHub,
		blind: "oidc-not-configured?", want: "oidc-not-configured", shows: saysNoPublisher,
	},
	{
		name: "no trusted publisher, and setup-node's placeholder", meets: Scenario{World: World{Faults: noPublisher}},
		user: "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: append([]string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX"}, onGitHub...),
		blind: "oidc-not-configured?", want: "oidc-not-configured", shows: saysNoPublisher,
	},
	{
		name: "setup-node's placeholder in a job without an identity",
		user: "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: []string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX", "GITHUB_ACTIONS=true", "CI=true"},
		blind: "not-found-unexplained?", want: "token-unset", shows: "permissions: id-token: write",
	},
	{
		name: "setup-node's placeholder, and an npm that is too old for trusted publishing", npm: "8.19.4",
		meets: Scenario{World: World{Faults: noPublisher}},
		user:  "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: append([]string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX"}, onGitHub...),
		blind: "not-found-unexplained?", want: "token-unset", shows: "is too old for trusted publishing",
	},
	{
		name:  "a mirror",
		meets: Scenario{Package: Seed{Owner: another}, World: World{Mirror: true}},
		blind: "not-found-unexplained?", want: "wrong-registry?", shows: "as a mirror does",
	},
	{
		name: "a version that exists, behind a bare 403",
		meets: Scenario{
			Package: Seed{Holds: Deprecated},
			World:   World{Faults: []Fault{{Early: true, Always: true, Status: 403, Message: "forbidden"}}},
		},
		blind: "forbidden-unexplained?", want: "version-exists", shows: "other contents than yours",
	},
}

const saysNoPublisher = "OIDC token exchange error - package not found"

// noPublisher is a CI that hands out an identity, and a registry that has no trusted
// publisher for it: npm 11.5.1 and later, lib/utils/oidc.js.
var noPublisher = []Fault{
	{At: "GET /-/ci/id-token", Status: 200, Body: `{"value":"fake.id.token"}`},
	{At: "POST /-/npm/v1/oidc/token/exchange/package/rehearsal-demo", Status: 404, Body: `{"message":"` + saysNoPublisher + `"}`},
}

// onGitHub is what a job with permissions: id-token: write has.
var onGitHub = []string{
	"CI=true", "GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL=HERE/-/ci/id-token?api-version=2", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake",
}

// TestMaskedCausesAreFoundByEvidence is what the questions are for: without their
// answers each of these ends in another diagnosis.
func TestMaskedCausesAreFoundByEvidence(t *testing.T) {
	for _, test := range maskedCases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: test.meets})
			fill := strings.NewReplacer("HERE/", s.Registry.URL(), "DART", npm.NerfDart(s.Registry.URL())).Replace
			if test.user != "" {
				writeAll(t, s.userconfig(), fill(test.user))
			}
			if test.project != "" {
				writeAll(t, filepath.Join(s.Dir, ".npmrc"), fill(test.project))
			}
			r := quietRunner(t, s)
			if test.npm != "" {
				r.Path = realnpm.Path(t, test.npm)
			}
			for _, e := range test.env {
				r.Env = append(r.Env, fill(e))
			}
			result, err := r.Publish(t.Context(), npmexec.Attempt{Args: s.Args})
			if err != nil {
				t.Fatal(err)
			}
			c := &classify.Case{
				Transcript: result.Transcript, Package: classify.Package{Name: s.Name, Version: s.Version},
				Settings: classify.Settings{Registry: s.Registry.URL()}, CI: npmexec.CI(r.Env),
			}
			if got, _ := verdict(t, c); got != test.blind {
				t.Errorf("without a question: %s, want %s\n%v", got, test.blind, c.Message)
			}
			for rounds := 0; ; rounds++ {
				questions := classify.Questions(c)
				if len(questions) == 0 {
					break
				}
				if rounds == 3 {
					t.Fatalf("a fourth round of questions: %v", questions)
				}
				c.Answers = c.Answers.With(r.Facts(t.Context(), c.Registry(), c.Name(), c.Version(), questions), questions)
			}
			got, shown := verdict(t, c)
			if got != test.want || !strings.Contains(shown, test.shows) {
				t.Errorf("%s, want %s with %q:\n%s", got, test.want, test.shows, shown)
			}
			if e := escapes(s.Registry); len(e) > 0 {
				t.Errorf("something tried to reach %v", e)
			}
		})
	}
}

func verdict(t *testing.T, c *classify.Case) (cause, shown string) {
	t.Helper()
	d, failed := classify.Diagnose(c)
	if !failed {
		t.Fatal("nothing failed")
	}
	cause = d.Cause.ID
	if !d.Sure {
		cause += "?"
	}
	for _, e := range d.Evidence {
		shown += e.From + ": " + e.Text + "\n"
	}
	return cause, shown
}

func quietRunner(t *testing.T, s *Sandbox) *npmexec.Runner {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { null.Close() })
	return &npmexec.Runner{
		NPM: &npmexec.NPM{Path: realnpm.Installed(t, release), Dir: s.Dir, Env: s.Env, Args: s.Args}, In: null, Out: null, Err: null,
		StateDir: t.TempDir(), Redactor: transcript.NewRedactor(s.Env),
	}
}

func writeAll(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
