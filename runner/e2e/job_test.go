//go:build !windows

package e2e

import (
	"net/http"
	"strings"
	"testing"

	"safepublish/runner/registry"
)

// inGitHubJob makes the project run in a job of GitHub Actions that has an identity, of
// which the registry thinks what the answer to the exchange says.
func inGitHubJob(t *testing.T, p *project, reg *stub, name string, status int, sentence string) {
	t.Helper()
	reg.set(func(w *registry.World) {
		w.Faults = append(w.Faults,
			registry.Fault{At: "GET /-/ci/id-token", Status: http.StatusOK, Body: `{"value":"fake.id.token"}`},
			registry.Fault{At: "POST /-/npm/v1/oidc/token/exchange/package/" + name, Status: status, Body: `{"message":"` + sentence + `"}`},
		)
	})
	p.env = append(p.env,
		"CI=true", "GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL="+reg.URL+"/-/ci/id-token?api-version=2",
		"ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake", "GITHUB_REPOSITORY=acme/demo", "GITHUB_REF=refs/tags/v1.0.0",
		"GITHUB_WORKFLOW_REF=acme/demo/.github/workflows/publish.yaml@refs/tags/v1.0.0",
	)
}

// In a job what is said is about this job: what it presents, what to compare it with, and
// the command that lets the package trust it; and never a login, which nobody can make there.
func TestRealAJobThatNothingTrusts(t *testing.T) {
	t.Parallel()
	reg := newStub(t).holds("demo", "0.9.0")
	p := newProject(t, npm11, reg.URL, `{"name":"demo","version":"1.0.0"}`)
	p.write(".npmrc", strings.TrimPrefix(reg.URL, "http:")+"/:_authToken=${NODE_AUTH_TOKEN}\n")
	p.env = append(p.env, "NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX")
	inGitHubJob(t, p, reg, "demo", http.StatusNotFound, "OIDC token exchange error - package not found")
	_, stderr, status := p.piped()
	for _, want := range []string{
		"(oidc-not-configured)",
		"this job presents repository acme/demo, workflow file publish.yaml, ref refs/tags/v1.0.0",
		"npm trust list demo --registry=" + reg.URL + "/",
		"npm trust github demo --repo acme/demo --file publish.yaml --allow-publish --registry=" + reg.URL + "/",
		"Remove NODE_AUTH_TOKEN from the job",
	} {
		if !strings.Contains(strings.Join(strings.Fields(stderr), " "), want) {
			t.Errorf("%q is not said", want)
		}
	}
	if status != 77 || strings.Contains(stderr, "npm login") || strings.Contains(stderr, "First publish") {
		t.Errorf("status %d, or a login or a first publish is spoken of", status)
	}
	if t.Failed() {
		t.Log(stderr)
	}
}
