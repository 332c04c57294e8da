package npmexec

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Learn tells the redactor every secret that npm may read for a publish with
// these arguments, whatever it looks like: credentials in any .npmrc, in the
// environment, among the arguments, in the variables that such a line names, and
// the passwords in addresses. It starts no process. The values go to the redactor
// and to nobody else.
func (r *Runner) Learn(args []string) { r.learn(r.sources(args), args) }

// learnFrom is Learn, and reads the files that npm says in its log it has loaded:
// behind a version manager's stand-in nobody else knows them.
func (r *Runner) learnFrom(log []byte, args []string) {
	s := r.sources(args)
	for _, m := range loaded.FindAllSubmatch(log[:min(len(log), 1<<16)], -1) { // npm loads them first
		s.look(string(m[1]))
	}
	s.read()
	r.learn(s, args)
}

// loaded is how npm 9 and later ("silly config load:file:/x/.npmrc") and npm 7 and
// 8 ("timing config:load:file:/x/.npmrc Completed in 1ms") log it.
var loaded = regexp.MustCompile(`(?m)^\d+ \w+ config[: ]load:file:(.+?)(?: Completed in \S+)?\r?$`)

func (r *Runner) learn(s *sources, args []string) {
	for _, secret := range slices.Concat(s.secrets(), npm.Credentials(args)) {
		r.Redactor.Add(secret)
	}
	for _, entry := range r.Env {
		name, value, _ := strings.Cut(entry, "=")
		for _, secret := range inAddress(name, value) {
			r.Redactor.Add(secret)
		}
	}
}

// secretKey matches what follows the last colon in the key of a secret. It takes
// in forms that npm refuses or has forgotten (_authtoken, -authtoken, authToken),
// for somebody's secret stands there all the same. The files that keyfile and
// certfile name are not read: npm sends nothing of them that could come back.
var secretKey = regexp.MustCompile(`(?i)^(?:.*(?:token|passwo?r?d|secret|key|cert|otp|_auth)|auth)$`)

// secrets are the secret values among all settings, in each form that npm sends.
func (s *sources) secrets() []string {
	var all []string
	users, passwords := map[string][]string{}, map[string][]string{}
	for _, g := range s.given {
		at, kind := "", g.key
		if i := strings.LastIndex(g.key, ":"); i >= 0 {
			at, kind = g.key[:i], g.key[i+1:]
		}
		full, _ := s.reader.replaced(strings.TrimSpace(g.value))
		all = append(all, inAddress(kind, full)...)
		if kind == "username" {
			users[at] = append(users[at], full)
		}
		if !secretKey.MatchString(kind) {
			continue
		}
		all = append(all, s.values(g.value)...)
		switch kind {
		case "_auth":
			all = append(all, userAndPassword(decoded(full))...)
		case "_password":
			all = append(all, decoded(full))
			passwords[at] = append(passwords[at], decoded(full), full)
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
func (s *sources) values(value string) []string {
	var all []string
	for _, name := range s.reader.variables(value) {
		set, _ := s.reader.lookup(name)
		all = append(all, set)
	}
	full, unset := s.reader.replaced(strings.TrimSpace(value))
	if unset && strings.TrimSpace(variable.ReplaceAllString(value, "")) == "" {
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

var notBase64 = regexp.MustCompile(`[^A-Za-z0-9+/]`)

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
	userinfo  = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://([^/\s"'<>]+)@`)
	proxyUser = regexp.MustCompile(`(?:://|^)([^/\s"'<>]+)@`)
)
