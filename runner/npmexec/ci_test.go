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
		{[]string{"CI=true", "NPM_ID_TOKEN=fake"}, classify.CI{}},
		{github[:1], classify.CI{Name: "GitHub Actions"}},
		{github[:2], classify.CI{Name: "GitHub Actions", Signs: true}},
		{github, classify.CI{Name: "GitHub Actions", IDToken: true, Signs: true}},
		{[]string{"GITLAB_CI=true"}, classify.CI{Name: "GitLab CI"}},
		{append([]string{"GITLAB_CI=true"}, github[1:]...), classify.CI{Name: "GitLab CI"}},
		{[]string{"CIRCLECI=true", "NPM_ID_TOKEN=fake"}, classify.CI{Name: "CircleCI", IDToken: true}},
	} {
		if got := ci(test.env); got != test.want {
			t.Errorf("%v: %+v, want %+v", test.env, got, test.want)
		}
	}
}
