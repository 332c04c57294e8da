package npm

import (
	"slices"
	"strings"
	"testing"
)

func TestCommand(t *testing.T) {
	for _, c := range []struct{ args, command, rest string }{
		{"publish", "publish", ""},
		{"publish --json --access public", "publish", "--json --access public"},
		{"--loglevel error publish ./dist", "publish", "--loglevel error ./dist"},
		{"--tag publish view demo", "view", "--tag publish demo"},
		{"--json publish", "publish", "--json"},
		{"pub ./a.tgz", "publish", "./a.tgz"},
		{"pu", "pu", ""},
		{"pack publish", "pack", "publish"},
		{"stage publish", "stage", "publish"},
		{"unpublish demo", "unpublish", "demo"},
		{"-- publish", "publish", "--"},
		{"--version", "", "--version"},
		{"", "", ""},
	} {
		command, rest := Command(strings.Fields(c.args))
		if command != c.command || !slices.Equal(rest, strings.Fields(c.rest)) {
			t.Errorf("%q: %q, %q", c.args, command, rest)
		}
	}
}
