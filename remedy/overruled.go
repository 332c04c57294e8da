package remedy

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/runner/npmargs"
)

// Overruled reports, as a *npmargs.UsageError, an argument that npm 9 and older
// silently do not go by, because publishConfig in package.json says otherwise
// (npm 9.9.4, lib/commands/publish.js): npm would publish elsewhere, under another
// dist-tag or for other people than was typed. It returns nil for a later npm.
func Overruled(pkg Package, args []string, npm int) error {
	if npm == 0 || npm > 9 {
		return nil
	}
	keys := make([]string, 0, len(pkg.Config))
	for key := range pkg.Config {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		typed, given := npmargs.Get(args, key, npm)
		if !given || strings.TrimRight(typed, "/") == strings.TrimRight(pkg.Config[key], "/") {
			continue
		}
		return &npmargs.UsageError{
			Problem: fmt.Sprintf("npm %d does not go by --%s here: publishConfig in package.json says %s=%s", npm, key, key, userinfo.ReplaceAllString(pkg.Config[key], "//REDACTED@")),
			Instead: fmt.Sprintf("leave --%s out, or change publishConfig", key),
		}
	}
	return nil
}
