package npmexec

import (
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"safepublish/classify/npm"
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
	case filepath.IsAbs(base):
	case runtime.GOOS == "windows":
		base = npmrc.Getenv(env, "LOCALAPPDATA")
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

// Shell tells which shell the person types into whose environment this is.
func Shell(env []string) npm.Shell { return npm.ShellOf(env, runtime.GOOS == "windows") }

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
	if !npm.Lifecycle(npmrc.Getenv(env, "npm_lifecycle_event")) {
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

// AsTyped returns env without what would send a publish elsewhere than the same command
// typed in the shell: yarn 1 tells every script that the registry is its own default,
// whatever the .npmrc says (yarn 1.22.22, src/util/execute-lifecycle-script.js, makeEnv).
func AsTyped(env []string) []string {
	registry, err := url.Parse(npmrc.Getenv(env, npmrc.Variable("registry")))
	if err == nil && strings.HasPrefix(npmrc.Getenv(env, userAgent), "yarn/1.") && strings.HasSuffix(registry.Hostname(), ".yarnpkg.com") {
		return npmrc.Without(env, "registry")
	}
	return env
}

// userAgent is set by every client for what it runs: npx, a script, pnpm dlx.
const userAgent = "npm_config_user_agent"

// Called returns the words that call this program from the shell that env is of: what npx
// or a script has found in node_modules need not be on PATH there.
func Called(env []string) string {
	self, _ := os.Executable()
	return called(env, self)
}

func called(env []string, self string) string {
	folders := strings.Split(filepath.ToSlash(self), "/")
	if npmrc.Getenv(env, userAgent) != "" && slices.Contains(folders, "node_modules") {
		return "npx safepublish"
	}
	return "safepublish"
}

// samePath reports whether two paths lead to the same place.
func samePath(a, b string) bool {
	return edit.Real(a) == edit.Real(b)
}
