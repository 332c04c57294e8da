package classify_test

import (
	"testing"

	"safepublish/classify"
)

// What npm's own function makes of these (@npmcli/config 10.8.0, lib/nerf-dart.js).
func TestNerfDart(t *testing.T) {
	for registry, want := range map[string]string{
		"https://npmjs.org/":               "//npmjs.org/",
		"https://npmjs.org":                "//npmjs.org/",
		"https://NPMjs.org:443/":           "//npmjs.org/",
		"http://127.0.0.1:4873":            "//127.0.0.1:4873/",
		"https://ann:pw@h.example/npm/":    "//h.example/npm/",
		"https://h.example/npm":            "//h.example/",
		"https://h.example/a/npm/?x=1#top": "//h.example/a/npm/",
		"https://h.example/a%2fb/npm/":     "//h.example/a%2fb/npm/",
		"not an address":                   "",
		"":                                 "",
	} {
		if got := classify.NerfDart(registry); got != want {
			t.Errorf("%q: %q, want %q", registry, got, want)
		}
	}
}

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
