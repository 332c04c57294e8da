package runner

import (
	"context"
	"fmt"
	"os"

	"safepublish/runner/npmexec"
	"safepublish/runner/npmrc"
)

// Versions returns a line for the npm that would run, path naming it as --npm does, and
// one for its node; what is not there is said.
func Versions(path string, env []string) string {
	found, err := npmexec.Find(npmrc.Getenv(env, "PATH"), path)
	if err != nil {
		return err.Error() + "\n"
	}
	dir, err := os.Getwd()
	if err != nil {
		return fmt.Sprintf("npm %s\n", found)
	}
	n := &npmexec.NPM{Path: found, Dir: dir, Env: env}
	npm, node := n.Versions(context.Background())
	if npm == "" {
		return fmt.Sprintf("npm at %s does not say its version\n", found)
	}
	return fmt.Sprintf("npm %s (%s)\nnode %s\n", npm, found, node)
}
