package npm

import (
	"strings"

	"safepublish/classify/pattern"
)

// Scope returns the scope of a package's name: "@acme" for "@acme/widget", "" for a name
// without one.
func Scope(name string) string {
	scope, _, found := strings.Cut(name, "/")
	if !found || !strings.HasPrefix(scope, "@") {
		return ""
	}
	return scope
}

const longestName = 214

var newName = pattern.New(`^(?:@[a-z0-9][a-z0-9._~-]*/)?[a-z0-9][a-z0-9._-]*$`)

var notInNames = pattern.New(`[^a-z0-9._-]+`)

// ToName makes of a word the nearest name that a new package may have: "My App" becomes
// "my-app". Where no letter of it is left it is no valid name.
func ToName(word string) string {
	plain := func(part string) string {
		return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(part), "-"), "._-")
	}
	if scope := Scope(word); scope != "" {
		return "@" + plain(scope[1:]) + "/" + plain(word[len(scope)+1:])
	}
	return plain(word)
}

// ValidName tells whether a new package may have that name (npm 11.19.1,
// validate-npm-package-name). Packages that are there already may have capital letters.
func ValidName(name string) bool { return newName.MatchString(name) && len(name) <= longestName }
