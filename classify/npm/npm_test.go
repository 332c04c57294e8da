package npm

import (
	"strings"
	"testing"
)

const whole = "sha512-DvNFfO+Hkm93lAAAAAAAAAAAAAAAAAAAAAAAAAAA486bOo3In1/TQ=="

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b        Contents
		same, known bool
	}{
		{Contents{}, Contents{}, false, false},
		{Contents{Shasum: "aa"}, Contents{Shasum: "AA"}, true, true},
		{Contents{Shasum: "aa"}, Contents{Shasum: "bb"}, false, true},
		{Contents{Shasum: "aa"}, Contents{Integrity: whole}, false, false},
		{Contents{Shasum: "aa", Integrity: whole}, Contents{Integrity: whole}, true, true},
		{Contents{Integrity: "sha512-DvNFfO+Hkm93l[...]486bOo3In1/TQ=="}, Contents{Integrity: whole}, true, true},
		{Contents{Integrity: whole}, Contents{Integrity: "sha512-DvNFfO+Hkm93l[...]486bOo3In1/TA=="}, false, true},
		{Contents{Integrity: "sha512-[...]=="}, Contents{Integrity: whole}, false, false},
		{Contents{Integrity: "sha1-abc="}, Contents{Integrity: whole}, false, false},
		{Contents{Integrity: "sha512-abc="}, Contents{Integrity: whole}, false, true},
	} {
		if same, known := c.a.Same(c.b); same != c.same || known != c.known || same && !known || c.a.Is(c.b) != same {
			t.Errorf("%+v and %+v: %v %v", c.a, c.b, same, known)
		}
	}
}

func TestRegistry(t *testing.T) {
	for _, spellings := range [][]string{
		{"https://npmjs.org/", "https://npmjs.org", "HTTPS://NPMJS.ORG:443/", "https://me:secret@npmjs.org//", " https://npmjs.org/?x#y"},
		{"http://127.0.0.1:4873/npm/", "http://127.0.0.1:4873/npm"},
		{"http://127.0.0.1/", "http://127.0.0.1:80"},
	} {
		for _, s := range spellings {
			if got := Registry(s); got != spellings[0] {
				t.Errorf("%q is %q, want %q", s, got, spellings[0])
			}
		}
	}
	for _, s := range []string{"", "not an address"} {
		if got := Registry(s); got != s {
			t.Errorf("%q became %q", s, got)
		}
	}
	if Registry("https://a/x/") == Registry("https://a/y/") || Registry("http://a/") == Registry("https://a/") {
		t.Error("two registries are one")
	}
}

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
		if got := NerfDart(registry); got != want {
			t.Errorf("%q: %q, want %q", registry, got, want)
		}
	}
}

func TestHost(t *testing.T) {
	for url, want := range map[string]string{
		"https://npmjs.org/":                     "npmjs.org",
		"https://user:not-a-secret@r.example/x/": "r.example",
		"http://127.0.0.1:4873":                  "127.0.0.1:4873",
		"https://evil.example/npmjs.org":         "evil.example",
		"https://user:secret@npm.example.com":    "npm.example.com",
		"HTTPS://www.npmjs.org:443/":             "npmjs.org",
		"not a url":                              "not a url",
		"":                                       "",
	} {
		if got := Host(url); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

func TestVersionHas(t *testing.T) {
	for _, c := range []struct {
		version string
		rule    Rule
		want    bool
	}{
		{"11.5.0", TrustedPublishing, false},
		{"11.5.1", TrustedPublishing, true},
		{"11.10.0", TrustedPublishing, true},
		{"12.2.0", TrustedPublishing, true},
		{"12.0.0-pre.1", StrictFlags, true},
		{"11.19.1", StrictFlags, false},
		{"9.9.4", FlagBeatsPublishConfig, false},
		{"10.0.0", FlagBeatsPublishConfig, true},
		{"6.14.18", Workspaces, false},
		{"", Workspaces, false},
		{"not a version", Workspaces, false},
	} {
		if got := ParseVersion(c.version).Has(c.rule); got != c.want {
			t.Errorf("npm %q has the rule since %s: %v", c.version, c.rule.since, got)
		}
	}
	if v := ParseVersion("11.19.1"); v.Major() != 11 || v.String() != "11.19.1" || !v.Known() {
		t.Errorf("%v %d", v, v.Major())
	}
	if v := ParseVersion("garbage"); v.Known() || v.Major() != 0 || v.String() != "" {
		t.Errorf("%v is known", v)
	}
}

func TestName(t *testing.T) {
	for name, scope := range map[string]string{"@acme/widget": "@acme", "widget": "", "": "", "acme/widget": "", "@acme": ""} {
		if got := Scope(name); got != scope {
			t.Errorf("%s: scope %q", name, got)
		}
	}
	for name, valid := range map[string]bool{
		"widget": true, "@acme/wid.get_2-x": true, "Widget": false, "-rf": false, ".x": false, "_x": false, "a b": false, "a;b": false,
		"@acme/": false, "": false, "a/b": false, "@a/b/c": false, "@-a/b": false, strings.Repeat("a", 215): false,
	} {
		if ValidName(name) != valid {
			t.Errorf("%s: %v", name, !valid)
		}
	}
}

func TestValue(t *testing.T) {
	for _, c := range []struct{ key, written, want string }{
		{"dry-run", "true", "true"},
		{"dry-run", "1", "true"},
		{"dry-run", "yes", "true"},
		{"dry-run", "0", "false"},
		{"dry-run", "0.0", "false"},
		{"dry-run", "false", "false"},
		{"dry-run", "null", "false"},
		{"dry-run", "", ""},
		{"tag", "0", "0"},
		{"browser", "1", "1"},
		{"none", "1", "1"},
	} {
		if got := Value(c.key, c.written); got != c.want {
			t.Errorf("%s=%s is %s, want %s", c.key, c.written, got, c.want)
		}
	}
}
