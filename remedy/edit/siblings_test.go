package edit

import "testing"

func TestHolding(t *testing.T) {
	for _, c := range []struct{ of, version, want string }{
		{"^1.0.0", "1.0.1", ""},
		{"^1.0.0", "2.0.0", "^2.0.0"},
		{"~1.0.0", "1.1.0", "~1.1.0"},
		{"1.0.0", "1.0.1", "1.0.1"},
		{"=1.0.0", "1.0.1", "1.0.1"},
		{"1.x", "2.0.0", "^2.0.0"},
		{">=1 <2", "2.0.0", "^2.0.0"},
		{">=1", "2.0.0", ""},
		{"*", "2.0.0", ""},
		{"^1.0.0", "1.0.1-beta.0", "^1.0.1-beta.0"},
		{"workspace:^1.0.0", "2.0.0", ""},
		{"workspace:*", "2.0.0", ""},
		{"file:../a", "2.0.0", ""},
		{"npm:other@1", "2.0.0", ""},
		{"latest", "2.0.0", ""},
		{"", "2.0.0", ""},
	} {
		if got := holding(c.of, c.version); got != c.want {
			t.Errorf("%q for %s: %q, want %q", c.of, c.version, got, c.want)
		}
	}
}
