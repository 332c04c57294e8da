package npm

import "regexp"

var credential = regexp.MustCompile(`^-+(?:.*:)?_(?:auth|authToken|password)(?:=(.*))?$`)

// Credentials returns the credentials among npm's arguments, as in
// --//host/:_authToken=VALUE, so that they can be kept out of what is shown.
func Credentials(args []string) []string {
	var all []string
	for i, arg := range args {
		m := credential.FindStringSubmatch(arg)
		switch {
		case m == nil:
		case m[1] != "":
			all = append(all, m[1])
		case i+1 < len(args):
			all = append(all, args[i+1])
		}
	}
	return all
}
