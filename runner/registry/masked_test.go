package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"safepublish/classify"
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
	shape   []edit
	seed    func(*stage)
	env     []string
	user    string // the user's .npmrc, where it is not the sandbox's own
	project string // the .npmrc of the package
	blind   string
	want    string
	shows   string // among the evidence
}{
	{
		name: "a dead token behind a 404", seed: deadToken(404, ""),
		blind: "not-found-unexplained?", want: "token-invalid?", shows: "npm whoami",
	},
	{
		name: "a dead token, and the registry's notice", seed: deadToken(404, saysExpired),
		blind: "token-invalid?", want: "token-invalid", shows: "refuses this token too (401)",
	},
	{
		name: "a dead token in the project hides a living one", seed: func(st *stage) { st.mine() }, project: "DART:_authToken=npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE\n",
		blind: "not-found-unexplained?", want: "token-invalid?", shows: "a login for the same registry, which npm does not use",
	},
	{
		name: "a read-only token", seed: func(st *stage) { st.mine(); st.world.Masks = true; st.token.Kind = ReadOnly },
		blind: "not-found-unexplained?", want: "token-scope?", shows: "maintained by sam",
	},
	{
		name: "a token for another package", seed: func(st *stage) { st.token.Kind, st.token.Packages = Granular, []string{"another"} },
		shape: []edit{unscoped}, blind: "not-found-unexplained?", want: "token-scope?", shows: "the registry knows this login",
	},
	{
		name: "a granular token that fails whoami, for another package", npm: "12.2.0",
		seed: func(st *stage) {
			st.mine()
			st.world.Masks = true
			st.token.Kind, st.token.Packages, st.token.NoWhoami = Granular, []string{"another"}, true
		},
		blind: "not-found-unexplained?", want: "token-scope?", shows: "the token is alive, and granular",
	},
	{
		name: "no such scope", shape: []edit{scoped},
		seed:  func(st *stage) { st.world.Masks = true; delete(st.world.Scopes, scopeOf(st.name)) },
		blind: "not-found-unexplained?", want: "scope-not-found", shows: "no user and no organization",
	},
	{
		name: "not a member of the organization", shape: []edit{scoped},
		seed:  func(st *stage) { st.world.Masks = true; st.world.Scopes[scopeOf(st.name)] = []string{"alice"} },
		blind: "not-found-unexplained?", want: "no-permission", shows: "does not belong to it",
	},
	{
		name: "somebody else's name, behind a 404", shape: []edit{unscoped},
		seed:  func(st *stage) { st.put("alice", older(st.version)); st.world.Masks = true },
		blind: "not-found-unexplained?", want: "no-permission", shows: "not listed with write access",
	},
	{
		name: "somebody else's name", shape: []edit{unscoped},
		seed:  func(st *stage) { st.put("alice", older(st.version)) },
		blind: "no-permission?", want: "name-taken", shows: "not listed with write access",
	},
	{
		name: "a variable that is not set", seed: func(st *stage) { st.mine() }, user: "DART:_authToken=${REHEARSAL_LOGIN}\n",
		blind: "not-found-unexplained?", want: "token-unset", shows: "${REHEARSAL_LOGIN}, which is not set here",
	},
	{
		name: "a variable that is empty", seed: func(st *stage) { st.mine() }, user: "DART:_authToken=${REHEARSAL_LOGIN}\n", env: []string{"REHEARSAL_LOGIN="},
		blind: "not-logged-in", want: "token-unset", shows: "the login is empty (${REHEARSAL_LOGIN})",
	},
	{
		name: "no trusted publisher", seed: func(st *stage) { st.mine(); st.world.IDToken = "fake.id.token" }, user: "# none\n", env: onGitHub,
		blind: "oidc-not-configured?", want: "oidc-not-configured", shows: saysNoPublisher,
	},
	{
		name: "no trusted publisher, and setup-node's placeholder", seed: func(st *stage) { st.mine(); st.world.IDToken = "fake.id.token" },
		user: "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: append([]string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX"}, onGitHub...),
		blind: "oidc-not-configured?", want: "oidc-not-configured", shows: saysNoPublisher,
	},
	{
		name: "setup-node's placeholder in a job without an identity", seed: func(st *stage) { st.mine() },
		user: "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: []string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX", "GITHUB_ACTIONS=true", "CI=true"},
		blind: "not-found-unexplained?", want: "token-unset", shows: "permissions: id-token: write",
	},
	{
		name: "setup-node's placeholder, and a npm that is too old for trusted publishing", npm: "8.19.4", seed: func(st *stage) { st.mine(); st.world.IDToken = "fake.id.token" },
		user: "DART:_authToken=${NODE_AUTH_TOKEN}\n", env: append([]string{"NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX"}, onGitHub...),
		blind: "not-found-unexplained?", want: "token-unset", shows: "is too old for trusted publishing",
	},
	{
		name: "a mirror",
		seed: func(st *stage) {
			st.put("alice", older(st.version))
			st.world.Mirror, st.world.Packages["inherits"] = true, NewPackage("inherits", "alice", "2.0.4")
		},
		blind: "not-found-unexplained?", want: "wrong-registry?", shows: "as a mirror does",
	},
	{
		name: "a version that exists, behind a bare 403",
		seed: func(st *stage) {
			st.put(accountName, st.version).Versions[st.version].Deprecated = "npm 11 then does not look before it sends"
			st.fail(Fault{Early: true, Always: true, Status: 403, Message: "forbidden"})
		},
		blind: "forbidden-unexplained?", want: "version-exists", shows: "other contents than yours",
	},
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
			s := open(t, Options{Scenario: Scenario{ID: "masked", shape: test.shape, seed: test.seed}})
			fill := strings.NewReplacer("HERE/", s.Registry.URL(), "DART", classify.NerfDart(s.Registry.URL())).Replace
			if test.user != "" {
				writeAll(t, s.userconfig(), fill(test.user))
			}
			if test.project != "" {
				writeAll(t, filepath.Join(s.Dir, ".npmrc"), fill(test.project))
			}
			r := quietRunner(t, s)
			if test.npm != "" {
				r.NPM = realnpm.Path(t, test.npm)
			}
			for _, e := range test.env {
				r.Env = append(r.Env, fill(e))
			}
			result, err := r.Publish(t.Context(), npmexec.Attempt{Args: s.Args})
			if err != nil {
				t.Fatal(err)
			}
			c := &classify.Case{Transcript: result.Transcript, Local: classify.Local{Name: s.Name, Version: s.Version, Registry: s.Registry.URL()}}
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
				c.Facts = c.Facts.With(r.Facts(t.Context(), c.Registry(), c.Name(), c.Version(), questions), questions)
			}
			got, shown := verdict(t, c)
			if got != test.want || !strings.Contains(shown, test.shows) {
				t.Errorf("%s, want %s with %q:\n%s", got, test.want, test.shows, shown)
			}
			if e := s.Registry.Escapes(); e != nil {
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
		NPM: realnpm.Path(t, release), Dir: s.Dir, Env: s.Env, Args: s.Args, In: null, Out: null, Err: null,
		StateDir: t.TempDir(), Redactor: transcript.NewRedactor(s.Env),
	}
}

func writeAll(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
