package remedy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

// Overruled reports, as a *npm.UsageError, an argument that npm 9 and older
// silently do not go by, because publishConfig in package.json says otherwise
// (npm 9.9.4, lib/commands/publish.js): npm would publish elsewhere, under another
// dist-tag or for other people than was typed. It returns nil for a later npm.
func Overruled(pkg edit.Package, args []string, by npm.Version) error {
	if !by.Known() || by.Has(npm.FlagBeatsPublishConfig) {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(pkg.Config)) {
		typed, given := npm.Get(args, key)
		kept := userinfo.ReplaceAllString(pkg.Config[key], "//REDACTED@")
		if given && strings.TrimRight(typed, "/") != strings.TrimRight(pkg.Config[key], "/") {
			return &npm.UsageError{
				Problem: fmt.Sprintf("npm %d ignores --%s here: publishConfig in package.json says %[2]s=%s", by.Major(), key, kept),
				Instead: fmt.Sprintf("leave --%s out, or change publishConfig", key),
			}
		}
	}
	return nil
}
