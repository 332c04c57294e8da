package npmexec

import "strings"

// apart takes what is secret out of arguments for npm, for everybody on the
// machine can read those, and returns it as additions to the environment: the
// password in a registry's address, a proxy's, a key. npm reads the environment
// before every file. What npm publish itself is given stays as it was typed.
func apart(args []string) (open, env []string) {
	for i := 0; i < len(args); i++ {
		key, value, assigned := strings.Cut(args[i], "=")
		last := i
		if !assigned && i+1 < len(args) && !strings.HasPrefix(args[i+1], "-") {
			value, last = args[i+1], i+1
		}
		name := strings.TrimLeft(key, "-")
		switch {
		case !strings.HasPrefix(key, "-") || !isSecret(name, value):
			open = append(open, args[i])
			continue
		case strings.HasSuffix(name, ":registry") && name != strings.ReplaceAll(strings.ToLower(name), "_", "-"):
			open = append(open, key+"="+userless(value)) // npm knows no variable of such a name
		default:
			env = append(env, variableOf(name)+"="+value)
		}
		i = last
	}
	return open, env
}

// isSecret tells whether a flag's value holds a secret. One that is empty takes a
// secret away.
func isSecret(name, value string) bool {
	kind := name[strings.LastIndex(name, ":")+1:]
	return value != "" && value != "true" && (secretKey.MatchString(kind) || len(inAddress(kind, value)) > 0)
}

// variableOf is the variable that sets an npm key.
func variableOf(key string) string {
	if strings.HasPrefix(key, "//") {
		return "npm_config_" + key
	}
	return "npm_config_" + strings.ReplaceAll(key, "-", "_")
}

func userless(address string) string {
	return userinfo.ReplaceAllStringFunc(address, func(found string) string {
		scheme, _, _ := strings.Cut(found, "//")
		return scheme + "//"
	})
}
