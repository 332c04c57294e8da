package npm

import "testing"

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
		if same, known := c.a.Same(c.b); same != c.same || known != c.known {
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
