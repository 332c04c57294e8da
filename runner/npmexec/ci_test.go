package npmexec

import (
	"testing"

	"safepublish/classify"
)

// What npm itself goes by (npm 11.19.1, lib/utils/oidc.js).
func TestCI(t *testing.T) {
	github := []string{"GITHUB_ACTIONS=true", "ACTIONS_ID_TOKEN_REQUEST_URL=https://example.com/", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake"}
	for _, test := range []struct {
		env  []string
		want classify.CI
	}{
		{nil, classify.CI{}},
		{[]string{"CI=false"}, classify.CI{}},
		{[]string{"CI=true", "NPM_ID_TOKEN=fake"}, classify.CI{Job: true}},
		{github[:1], classify.CI{Job: true, Name: "GitHub Actions"}},
		{github[:2], classify.CI{Job: true, Name: "GitHub Actions", Signs: true}},
		{github, classify.CI{Job: true, Name: "GitHub Actions", IDToken: true, Signs: true}},
		{[]string{"GITLAB_CI=true"}, classify.CI{Job: true, Name: "GitLab CI", Claims: classify.Claims{Workflow: ".gitlab-ci.yml"}}},
		{
			append([]string{"GITLAB_CI=true", "CI_CONFIG_PATH=ci/release.yml@acme/ci", "CI_PROJECT_PATH=acme/widget", "CI_ENVIRONMENT_NAME=npm"}, github[1:]...),
			classify.CI{Job: true, Name: "GitLab CI", Claims: classify.Claims{Repository: "acme/widget", Workflow: "release.yml", Environment: "npm"}},
		},
		{[]string{"CIRCLECI=true", "NPM_ID_TOKEN=fake"}, classify.CI{Job: true, Name: "CircleCI", IDToken: true}},
		{
			[]string{"CIRCLECI=true", "CIRCLE_REPOSITORY_URL=git@github.com:acme/widget.git", "CIRCLE_BRANCH=main", "CIRCLE_PROJECT_ID=1"},
			classify.CI{Job: true, Name: "CircleCI", Claims: classify.Claims{Repository: "github.com/acme/widget", Ref: "main", Project: "1"}},
		},
		{ // a reusable workflow: job_workflow_ref would name another file, and no variable has it
			[]string{
				"GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=acme/widget", "RUNNER_ENVIRONMENT=self-hosted",
				"GITHUB_WORKFLOW_REF=acme/widget/.github/workflows/release.yaml@refs/tags/v1.0.0",
			},
			classify.CI{Job: true, Name: "GitHub Actions", Claims: classify.Claims{
				Repository: "acme/widget", Workflow: "release.yaml", Ref: "refs/tags/v1.0.0", SelfHosted: true,
			}},
		},
	} {
		test.want.Known = true
		if got := CI(test.env); got != test.want {
			t.Errorf("%v: %+v, want %+v", test.env, got, test.want)
		}
	}
}

func TestOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"": "", "git@github.com:acme/widget.git": "github.com/acme/widget",
		"https://alice:fake@bitbucket.org/acme/widget": "bitbucket.org/acme/widget",
		"ssh://git@github.com/acme/widget.git":         "github.com/acme/widget",
	} {
		if got := origin(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}
