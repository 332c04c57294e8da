package rehearsal

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// UsageError says why a rehearsal cannot be run as it was asked for: one line,
// for a person.
type UsageError struct{ Line string }

// Error returns the line.
func (e *UsageError) Error() string { return e.Line }

// leading lists the npm settings that would lead out of the sandbox. Every
// abbreviation of one counts as well, for npm 11 and older expand it.
var leading = []string{
	"registry", "userconfig", "globalconfig", "prefix", "cache", "proxy", "https-proxy", "http-proxy", "noproxy", "no-proxy",
	"cafile", "ca", "cert", "key", "certfile", "keyfile", "local-address", "username", "password", "email",
	"_auth", "_authToken", "_password", "replace-registry-host", "node-options", "git",
}

// innocent are npm's own words that are also the beginning of one in leading.
var innocent = []string{"global", "g", "c", "p", "l", "r", "n"}

// checkArgs refuses arguments of npm publish that would lead out of the copy in dir.
func checkArgs(args []string, dir string, withScripts bool) error {
	for _, arg := range args {
		var err error
		switch {
		case arg == "--" || arg == "":
		case strings.HasPrefix(arg, "-"):
			err = checkFlag(arg, withScripts)
		default:
			err = checkWord(arg, dir)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkFlag(arg string, withScripts bool) error {
	key, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	bare := strings.TrimPrefix(key, "no-")
	switch {
	case arg == "-C" || strings.HasPrefix(arg, "-C="):
		return refusedFlag("-C")
	case strings.HasPrefix(key, "//") || strings.HasPrefix(bare, "@") || strings.HasPrefix(bare, "_"):
		return refusedFlag("--" + key)
	case leads(bare) || leads(key):
		return refusedFlag("--" + key)
	case !withScripts && (key == "no-ignore-scripts" || key == "ignore-scripts" && value == "false"):
		return &UsageError{"rehearse: scripts run with --with-scripts, not with " + arg}
	}
	return nil
}

func leads(key string) bool {
	return key != "" && !slices.Contains(innocent, key) && slices.ContainsFunc(leading, func(l string) bool {
		return l == key || len(key) > 2 && strings.HasPrefix(l, key)
	})
}

func refusedFlag(flag string) error {
	return &UsageError{"rehearse: " + flag + " is refused: a rehearsal has its own registry, login, cache and configuration"}
}

var outside = regexp.MustCompile(`[/\\:]|\.(tgz|tar|tar\.gz)$`)

// checkWord lets a folder of the copy pass, and words that are no path. A tarball
// carries a publishConfig that cannot be replaced, and a URL would be fetched.
func checkWord(word, dir string) error {
	if !outside.MatchString(word) && word != ".." {
		return nil
	}
	if filepath.IsLocal(filepath.Clean(word)) {
		if info, err := os.Lstat(filepath.Join(dir, word)); err == nil && info.IsDir() {
			return nil
		}
	}
	return &UsageError{"rehearse: " + word + " is not a folder of this package: go to the folder that you would publish, and rehearse there"}
}
