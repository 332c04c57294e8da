package classify_test

import (
	"testing"

	"safepublish/classify"
)

func TestCredentialKey(t *testing.T) {
	for key, want := range map[string][2]string{
		"//npmjs.org/:_authToken": {"//npmjs.org/", "_authToken"},
		"//h:8080/x/:_password":   {"//h:8080/x/", "_password"},
		"//h:_authToken":          {"//h", "_authToken"},
		"_authToken":              {"", "_authToken"},
		"@acme:registry":          {"", ""},
		"//h/:always-auth":        {"", ""},
		"registry":                {"", ""},
	} {
		if at, kind := classify.CredentialKey(key); at != want[0] || kind != want[1] {
			t.Errorf("%q: %q %q, want %q", key, at, kind, want)
		}
	}
}
