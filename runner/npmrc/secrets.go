package npmrc

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// secretKey matches what follows the last colon in the key of a secret. It takes
// in forms that npm refuses or has forgotten (_authtoken, -authtoken, authToken),
// for somebody's secret stands there all the same. The files that keyfile and
// certfile name are not read: npm sends nothing of them that could come back.
var secretKey = pattern.New(`(?i)^(?:.*(?:token|passwo?r?d|secret|key|cert|otp|_auth)|auth)$`)

// Secrets returns every secret that npm may read, whatever it looks like, in each
// form in which npm sends it: credentials in any .npmrc, in the environment, among the
// arguments, in the variables that such a line names, and the passwords in addresses.
// They are for the redactor and for nobody else.
func (s *Settings) Secrets() []string {
	all := npm.Credentials(s.source.Args)
	for _, entry := range s.source.Env {
		name, value, _ := strings.Cut(entry, "=")
		all = append(all, inAddress(name, value)...)
	}
	users, passwords := map[string][]string{}, map[string][]string{}
	for _, p := range s.places {
		for _, l := range p.lines {
			at, kind := "", l.key
			if i := strings.LastIndex(l.key, ":"); i >= 0 {
				at, kind = l.key[:i], l.key[i+1:]
			}
			all = append(all, inAddress(kind, l.full)...)
			if secretKey.MatchString(kind) {
				all = append(all, s.values(l)...)
			}
			switch kind {
			case "username":
				users[at] = append(users[at], l.full)
			case "_auth":
				all = append(all, userAndPassword(decoded(l.full))...)
			case "_password":
				all = append(all, decoded(l.full))
				passwords[at] = append(passwords[at], decoded(l.full), l.full)
			}
		}
	}
	for at := range users {
		for _, user := range users[at] {
			for _, password := range passwords[at] {
				all = append(all, userAndPassword(user+":"+password)...)
			}
		}
	}
	return all
}

// values are a secret with its variables put in, and the variables' own values,
// but not what is there in place of a secret: a variable that is not set, a
// placeholder.
func (s *Settings) values(l line) []string {
	var all []string
	for _, name := range variables(l.value) {
		set, _ := s.lookup(name)
		all = append(all, set)
	}
	full := l.full
	if l.unset && strings.TrimSpace(variable.ReplaceAllString(l.value, "")) == "" {
		full = ""
	}
	all = append(all, strings.ReplaceAll(full, `\n`, "\n")) // npm's way to write a key on one line
	return slices.DeleteFunc(all, placeholder.MatchString)
}

// decoded reads base64 as node does: either alphabet, with padding or without,
// skipping what belongs to neither.
func decoded(text string) string {
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	text, _, _ = strings.Cut(text, "=")
	text = notBase64.ReplaceAllString(text, "")
	if len(text)%4 == 1 {
		text = text[:len(text)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return ""
	}
	return string(plain)
}

var notBase64 = pattern.New(`[^A-Za-z0-9+/]`)

// userAndPassword are a user's name and password as npm sends them, and the password. A
// name is no secret, unless it is as long as a token.
func userAndPassword(pair string) []string {
	user, password, _ := strings.Cut(pair, ":")
	all := []string{password, base64.StdEncoding.EncodeToString([]byte(password))}
	if len(user) >= tokenLength {
		all = append(all, user)
	}
	if password != "" {
		all = append(all, pair, base64.StdEncoding.EncodeToString([]byte(pair)), base64.RawURLEncoding.EncodeToString([]byte(pair)))
	}
	return all
}

// tokenLength is the length from which a user in an address is taken for a
// token: https://TOKEN@host/. npm's own names rarely have as many bytes.
const tokenLength = 20

// inAddress returns the secrets in the addresses that stand in a value. That of a
// proxy may do without a scheme.
func inAddress(key, value string) []string {
	find := userinfo
	if strings.HasSuffix(strings.ToLower(key), "proxy") {
		find = proxyUser
	}
	var all []string
	for _, m := range find.FindAllStringSubmatch(value, -1) {
		all = append(all, userAndPassword(m[1])...)
		user, password, _ := strings.Cut(m[1], ":")
		plainUser, err1 := url.PathUnescape(user)
		plainPassword, err2 := url.PathUnescape(password)
		if err1 == nil && err2 == nil {
			all = append(all, userAndPassword(plainUser+":"+plainPassword)...)
		}
	}
	return all
}

var (
	userinfo  = pattern.New(`[A-Za-z][A-Za-z0-9+.-]*://([^/\s"'<>]+)@`)
	proxyUser = pattern.New(`(?:://|^)([^/\s"'<>]+)@`)
)

// HideSecrets takes what is secret out of arguments for npm, for everybody on the
// machine can read those, and returns it as additions to the environment: the
// password in a registry's address, a proxy's, a key. npm reads the environment
// before every file. What npm publish itself is given stays as it was typed.
func HideSecrets(args []string) (open, env []string) {
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
		case strings.HasSuffix(name, ":registry") && name != folded(name):
			open = append(open, key+"="+userless(value)) // npm knows no variable of such a name
		default:
			env = append(env, Variable(name)+"="+value)
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

func userless(address string) string {
	return userinfo.ReplaceAllStringFunc(address, func(found string) string {
		scheme, _, _ := strings.Cut(found, "//")
		return scheme + "//"
	})
}
