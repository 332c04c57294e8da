package remedy

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

// Overruled reports, as a *npm.UsageError, an argument that npm 9 and older
// silently do not go by, because publishConfig in package.json says otherwise
// (npm 9.9.4, lib/commands/publish.js): npm would publish elsewhere, under another
// dist-tag or for other people than was typed. It returns nil for a later npm.
func Overruled(pkg edit.Package, args []string, major int) error {
	if major == 0 || major > 9 {
		return nil
	}
	keys := make([]string, 0, len(pkg.Config))
	for key := range pkg.Config {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		typed, given := npm.Get(args, key, major)
		if !given || strings.TrimRight(typed, "/") == strings.TrimRight(pkg.Config[key], "/") {
			continue
		}
		return &npm.UsageError{
			Problem: fmt.Sprintf("npm %d does not go by --%s here: publishConfig in package.json says %s=%s", major, key, key, userinfo.ReplaceAllString(pkg.Config[key], "//REDACTED@")),
			Instead: fmt.Sprintf("leave --%s out, or change publishConfig", key),
		}
	}
	return nil
}
