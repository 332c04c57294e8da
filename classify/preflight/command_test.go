package preflight

import (
	"slices"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// A command is quoted for the shell that is there, and what no name holds is not copied.
func TestCommand(t *testing.T) {
	there := &classify.Case{Shell: npm.PowerShell}
	for name, want := range map[string][]string{"@a.b/c": {`npm owner add bob "@a.b/c"`}, "c;rm": nil} {
		if got := command(there, "npm", "owner", "add", "bob", name); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
