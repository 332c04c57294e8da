package registry

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// UsageError says why a rehearsal cannot be run as it was asked for: one line,
// for a person.
type UsageError struct{ Line string }

// Error returns the line.
func (e *UsageError) Error() string { return e.Line }

// leading lists the npm settings that would lead out of the sandbox: to another
// registry, with other credentials, into the person's own folders.
var leading = []string{
	"registry", "replace-registry-host", "proxy", "https-proxy", "http-proxy", "noproxy", "no-proxy", "local-address",
	"userconfig", "globalconfig", "prefix", "cache", "global", "location", "node-options", "git",
	"cafile", "ca", "cert", "key", "certfile", "keyfile", "username", "password", "email",
}

func leads(key string) bool {
	return slices.Contains(leading, key) || strings.ContainsAny(key[:min(1, len(key))], "_@/")
}

// majors are the versions of npm whose reading of the arguments differs.
var majors = []int{6, 8, 9, 10, 11, 12}

// checkArgs refuses arguments of npm publish that any npm would take as leading
// out of the copy in dir.
func checkArgs(args []string, dir string, withScripts bool) error {
	for _, major := range majors {
		parsed := npm.Parse(args, major)
		for _, key := range keys(parsed.Values) {
			if leads(key) {
				return &UsageError{"rehearse: --" + key + " is refused: a rehearsal has its own registry, login, cache and configuration"}
			}
		}
		if !withScripts && slices.Contains(parsed.Values["ignore-scripts"], "false") {
			return &UsageError{"rehearse: scripts run with --with-scripts, and not without"}
		}
		for _, spec := range parsed.Specs {
			if !folderOf(dir, spec) {
				return &UsageError{"rehearse: " + spec + " is not a folder of this package: go to the folder that you would publish, and rehearse there"}
			}
		}
	}
	return nil
}

// folderOf tells whether a word is a folder of the copy. Nothing else can be
// rehearsed: a tarball carries a publishConfig that cannot be replaced, and a name
// or a URL would be fetched.
func folderOf(dir, word string) bool {
	if !filepath.IsLocal(filepath.Clean(word)) {
		return false
	}
	info, err := os.Lstat(filepath.Join(dir, word))
	return err == nil && info.IsDir()
}
