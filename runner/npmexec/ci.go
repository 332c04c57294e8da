package npmexec

import (
	"safepublish/classify"
	"safepublish/runner/npmrc"
)

// login looks on this machine: what npm has to log in with, and what it could get
// by trusted publishing.
func (p *probe) login() func(*classify.Facts) {
	n := p.r.Npmrc(p.ctx, p.r.Args)
	return func(f *classify.Facts) { f.Npmrc, f.CI = &n, ci(p.r.Env) }
}

// ci tells what the environment says of trusted publishing: the CIs that npm trusts
// and by which variables it knows them and their identities (npm 11.19.1,
// lib/utils/oidc.js; ci-info, vendors.json).
func ci(env []string) classify.CI {
	for _, known := range []struct{ variable, name string }{
		{"GITHUB_ACTIONS", "GitHub Actions"}, {"GITLAB_CI", "GitLab CI"}, {"CIRCLECI", "CircleCI"},
	} {
		if npmrc.Getenv(env, known.variable) == "" {
			continue
		}
		asks := known.variable == "GITHUB_ACTIONS" && npmrc.Getenv(env, "ACTIONS_ID_TOKEN_REQUEST_URL") != "" &&
			npmrc.Getenv(env, "ACTIONS_ID_TOKEN_REQUEST_TOKEN") != ""
		return classify.CI{Name: known.name, IDToken: asks || npmrc.Getenv(env, "NPM_ID_TOKEN") != ""}
	}
	return classify.CI{}
}
