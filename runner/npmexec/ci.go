package npmexec

import (
	"cmp"
	"path"
	"strings"

	"safepublish/classify"
	"safepublish/runner/npmrc"
)

// CI tells what the environment says of the job that npm runs in: which of the CIs that
// npm trusts it is, by which variables npm knows them and their identities (npm 11.19.1,
// lib/utils/oidc.js; ci-info, vendors.json), where it can sign (libnpmpublish 12.2.0,
// lib/publish.js, ensureProvenanceGeneration), and what the job says of itself.
func CI(env []string) classify.CI {
	get := func(key string) string { return npmrc.Getenv(env, key) }
	has := func(key string) bool { return get(key) != "" }
	ci := classify.CI{Known: true}
	switch request := has("ACTIONS_ID_TOKEN_REQUEST_URL"); {
	case has("GITHUB_ACTIONS"):
		ci.Name, ci.Signs = "GitHub Actions", request
		ci.IDToken = request && has("ACTIONS_ID_TOKEN_REQUEST_TOKEN") || has("NPM_ID_TOKEN")
		ci.Claims = claimsOfGitHub(get)
	case has("GITLAB_CI"):
		ci.Name, ci.IDToken, ci.Signs = "GitLab CI", has("NPM_ID_TOKEN"), has("SIGSTORE_ID_TOKEN")
		ci.Claims = claimsOfGitLab(get)
	case has("CIRCLECI"):
		ci.Name, ci.IDToken = "CircleCI", has("NPM_ID_TOKEN")
		ci.Claims = claimsOfCircleCI(get)
	}
	value := get("CI")
	ci.Job = ci.Name != "" || value != "" && value != "false" && value != "0"
	return ci
}

// claimsOfGitHub: GITHUB_WORKFLOW_REF is "acme/widget/.github/workflows/release.yml@refs/heads/main",
// of the workflow that was started. npmjs.org compares that one with the entry, and not a
// reusable workflow that it calls (npm/documentation#1721).
func claimsOfGitHub(get func(string) string) classify.Claims {
	file, ref, _ := strings.Cut(get("GITHUB_WORKFLOW_REF"), "@")
	return classify.Claims{
		Repository: get("GITHUB_REPOSITORY"), Workflow: base(file), Ref: cmp.Or(get("GITHUB_REF"), ref),
		SelfHosted: get("RUNNER_ENVIRONMENT") == "self-hosted",
	}
}

// claimsOfGitLab: CI_CONFIG_PATH may name a file of another project, "ci.yml@group/other",
// or an address: the entry then cannot fit (npm 11.19.1, lib/commands/trust/gitlab.js).
func claimsOfGitLab(get func(string) string) classify.Claims {
	file, _, _ := strings.Cut(cmp.Or(get("CI_CONFIG_PATH"), ".gitlab-ci.yml"), "@")
	return classify.Claims{
		Repository: get("CI_PROJECT_PATH"), Workflow: base(file), Ref: get("CI_COMMIT_REF_NAME"), Environment: get("CI_ENVIRONMENT_NAME"),
	}
}

func claimsOfCircleCI(get func(string) string) classify.Claims {
	return classify.Claims{
		Repository: origin(get("CIRCLE_REPOSITORY_URL")), Ref: cmp.Or(get("CIRCLE_BRANCH"), get("CIRCLE_TAG")),
		Org: get("CIRCLE_ORGANIZATION_ID"), Project: get("CIRCLE_PROJECT_ID"),
	}
}

// origin writes "git@github.com:acme/widget.git" and "https://github.com/acme/widget" as
// "github.com/acme/widget", without a user and a password.
func origin(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = strings.Replace(address, ":", "/", 1)
	}
	return strings.TrimSuffix(rest[strings.LastIndex(rest, "@")+1:], ".git")
}

func base(file string) string {
	if file == "" {
		return ""
	}
	return path.Base(file)
}
