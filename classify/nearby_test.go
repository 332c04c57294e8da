package classify

import "testing"

// A credential for the same host that npm does not take: what is different is said.
func TestWhyNpmDoesNotTakeALogin(t *testing.T) {
	const (
		slash = ".npmrc:2 has one for this address with a slash at its end"
		colon = ".npmrc:2 has one without the slash before :_authToken"
		path  = ".npmrc:2 has one for another path of that host"
	)
	for _, c := range []struct{ registry, key, want string }{
		{"http://127.0.0.1:1/npm", "//127.0.0.1:1/npm/:_authToken", slash},
		{"http://127.0.0.1:1/npm/", "//127.0.0.1:1/npm:_authToken", colon},
		{"http://127.0.0.1:1/", "//127.0.0.1:1:_authToken", colon},
		{"http://127.0.0.1:1/hosted/", "//127.0.0.1:1/group/:_authToken", path},
		{"http://127.0.0.1:1/hosted", "//127.0.0.1:1/group/:_authToken", path},
		{"http://127.0.0.1:1/npm/", "//127.0.0.1:1/:_authToken", path},
	} {
		near := []Setting{{Level: "project", File: "/w/.npmrc", Name: ".npmrc", Line: 2, Key: c.key}}
		if got := nearBy(c.registry, near); got != c.want {
			t.Errorf("%s and %s: %q, want %q", c.registry, c.key, got, c.want)
		}
	}
}

// Only an address that ends in a path without a slash lacks one.
func TestLacksSlash(t *testing.T) {
	for registry, want := range map[string]Answer{
		"https://npmjs.org/": No, "https://npmjs.org": No, "https://acme.example/npm/": No, "https://acme.example/npm": Yes,
	} {
		if got := (&Case{Settings: Settings{Registry: registry}}).lacksSlash(); got != want {
			t.Errorf("%s: %v", registry, got)
		}
	}
}
