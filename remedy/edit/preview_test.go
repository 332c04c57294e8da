package edit

import (
	"slices"
	"testing"
)

// What is shown of an edit is whole lines, of a minified file too.
func TestPreview(t *testing.T) {
	for name, c := range map[string]struct {
		before, after string
		want          []string
	}{
		"a value": {
			"{\n  \"name\": \"a\",\n  \"version\": \"1.0.0\"\n}\n", "{\n  \"name\": \"a\",\n  \"version\": \"1.0.1\"\n}\n",
			[]string{"package.json:", `-  "version": "1.0.0"`, `+  "version": "1.0.1"`},
		},
		"minified": {
			`{"name":"a","version":"1.0.0","files":["x"]}`, `{"name":"a","version":"1.0.1","files":["x"]}`,
			[]string{"package.json:", `-  "version": "1.0.0",`, `+  "version": "1.0.1",`},
		},
		"minified, two places": {
			`{"name":"a","version":"1.0.0","publishConfig":{}}` + "\n", `{"name":"@me/a","version":"1.0.0","publishConfig":{"access":"public"}}` + "\n",
			[]string{"package.json:", `-  "name": "a",`, `+  "name": "@me/a",`, `-  "publishConfig": {}`, `+  "publishConfig": {`, `+    "access": "public"`, "+  }"},
		},
		"no JSON": {"a", "b", []string{"package.json:", "-a", "+b"}},
	} {
		got := Edit{Name: "package.json", Before: []byte(c.before), After: []byte(c.after)}.Preview()
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
