package npmexec

import (
	"encoding/json"
	"path/filepath"
	"runtime"
	"slices"

	"safepublish/remedy/edit"
	"safepublish/runner/npmrc"
)

// StateDir returns the folder in which safepublish keeps its debug logs for the
// user whose environment this is: under XDG_STATE_HOME, else ~/.local/state, on
// macOS ~/Library/Application Support, on Windows LocalAppData. It returns ""
// where nothing tells; a path that is not absolute tells nothing (XDG Base
// Directory Specification).
func StateDir(env []string) string {
	home := npmrc.Getenv(env, "HOME")
	base := npmrc.Getenv(env, "XDG_STATE_HOME")
	switch {
	case runtime.GOOS == "windows":
		base = npmrc.Getenv(env, "LOCALAPPDATA")
	case filepath.IsAbs(base):
	case !filepath.IsAbs(home):
		return ""
	case runtime.GOOS == "darwin":
		base = filepath.Join(home, "Library", "Application Support")
	default:
		base = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(base) {
		return ""
	}
	return filepath.Join(base, "safepublish")
}

// publishEvents are the scripts that npm publish runs (npm docs, scripts).
var publishEvents = []string{
	"prepublish", "prepare", "prepublishOnly", "prepack", "postpack", "publish", "postpublish",
}

// underWay is the variable by which what npm starts for us knows which folder is
// being published: in a script that a script runs (prepublishOnly: npm run
// release) npm's own variables tell of the inner one.
const underWay = "SAFEPUBLISH_UNDER_WAY"

// InsidePublish reports whether env is that of a script which npm runs while it
// publishes the package in dir, so that publishing it again would publish twice.
// Another package, as of a monorepo, may well be published from a script.
func InsidePublish(env []string, dir string) bool {
	if outer := npmrc.Getenv(env, underWay); outer != "" && samePath(outer, dir) {
		return true
	}
	if !slices.Contains(publishEvents, npmrc.Getenv(env, "npm_lifecycle_event")) {
		return false
	}
	if manifest := npmrc.Getenv(env, "npm_package_json"); manifest != "" { // npm 7 and later
		command := npmrc.Getenv(env, "npm_command")
		return (command == "publish" || command == "stage") && samePath(filepath.Dir(manifest), dir)
	}
	var argv struct{ Cooked []string }
	_ = json.Unmarshal([]byte(npmrc.Getenv(env, "npm_config_argv")), &argv) // npm 6
	return slices.Contains(argv.Cooked, "publish")
}

// samePath reports whether two paths lead to the same place.
func samePath(a, b string) bool {
	return edit.Real(a) == edit.Real(b)
}
