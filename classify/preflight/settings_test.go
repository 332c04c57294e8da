package preflight_test

import (
	"strings"
	"testing"

	"safepublish/classify"
)

// A setting that nobody typed, and that skips something, is said with where it stands.
func TestSettingsThatSkipSomething(t *testing.T) {
	const scripts = `"scripts":{"prepack":"tsc","postpublish":"true"}`
	for _, c := range []struct{ level, key, value, fields, want string }{
		{"project", "dry-run", "true", "", "dry-run is set in .npmrc:1: npm publishes nothing"},
		{"env", "dry-run", "true", "", "dry-run is set in the environment: npm publishes nothing"},
		{"env", "dry-run", "false", "", ""},
		{"cli", "dry-run", "true", "", ""},
		{"user", "ignore-scripts", "true", scripts, "does not run prepack, postpublish"},
		{"user", "ignore-scripts", "true", "", ""},
		{"user", "ignore-scripts", "false", scripts, ""},
		{"cli", "ignore-scripts", "true", scripts, ""},
		{"env", "workspaces", "true", "", "npm publishes every workspace"},
		{"env", "workspaces", "false", "", ""},
		{"project", "workspace", "packages/a", "", "that workspace"},
		{"user", "force", "true", "", "whether the dist-tag fits"},
	} {
		f := good()
		if c.fields != "" {
			depends(c.fields)(f)
		}
		set := classify.Setting{Level: c.level, Key: c.key, Plain: c.value}
		if c.level != "env" && c.level != "cli" {
			set.File, set.Name, set.Line = "/x/.npmrc", ".npmrc", 1
		}
		f.Answers.Npmrc.Settings = append([]classify.Setting{set}, f.Answers.Npmrc.Settings...)
		if got := said(f); (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s=%s in %s: %q, want %q", c.key, c.value, c.level, got, c.want)
		}
	}
}
