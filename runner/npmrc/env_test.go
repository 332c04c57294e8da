package npmrc

import (
	"slices"
	"testing"
)

func TestEnvironment(t *testing.T) {
	env := []string{"A=1", "NPM_CONFIG_OTP=111111", "npm_config__authtoken=x", "npm_config_logs_dir="}
	got := WithEnv(env, "npm_config_otp=222222", "A=2", "B=3")
	want := []string{"npm_config__authtoken=x", "npm_config_logs_dir=", "npm_config_otp=222222", "A=2", "B=3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Without(env, "otp", "logs-dir"); !slices.Equal(got, []string{"A=1", "npm_config__authtoken=x"}) {
		t.Errorf("got %q", got)
	}
}
