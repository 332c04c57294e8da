package runner

import (
	"context"
	"fmt"
	"os"

	"safepublish/runner/npmexec"
)

// Versions returns a line for the npm that would run, path naming it as --npm does, and
// one for its node; what is not there is said.
func Versions(path string, env []string) string {
	dir, err := os.Getwd()
	if err != nil {
		return err.Error() + "\n"
	}
	n, err := npmexec.Open(context.Background(), dir, env, nil, path)
	if err != nil {
		return err.Error() + "\n"
	}
	npm, node := n.Versions(context.Background())
	if npm == "" {
		return fmt.Sprintf("npm at %s does not say its version\n", n.Path)
	}
	return fmt.Sprintf("npm %s (%s)\nnode %s\n", npm, n.Path, node)
}
