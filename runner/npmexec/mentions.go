package npmexec

import (
	"slices"
	"strings"
)

// Mentions reports whether a flag, the environment or any .npmrc that npm may
// read for a publish with these arguments sets one of npm's config keys, to
// whatever value. It starts no process. Where that is not certain it is true: a
// file that cannot be read, a node that is a version manager's stand-in, so that
// nobody knows which global npmrc it reads. publishConfig is not looked at.
func (r *Runner) Mentions(args []string, keys ...string) bool {
	s := r.sources(args)
	return !s.certain || s.sets(keys...) || slices.ContainsFunc(r.Env, func(entry string) bool {
		name, value, _ := strings.Cut(entry, "=")
		return value != "" && slices.ContainsFunc(standsFor[strings.ToUpper(name)], func(key string) bool { return slices.Contains(keys, key) })
	})
}

// standsFor are the variables that do what a key does: npm's fetch goes by the
// ones for proxies, node by the others.
var standsFor = map[string][]string{
	"PROXY":                        {"proxy", "https-proxy"},
	"HTTP_PROXY":                   {"proxy", "https-proxy"},
	"HTTPS_PROXY":                  {"proxy", "https-proxy"},
	"ALL_PROXY":                    {"proxy", "https-proxy"},
	"NO_PROXY":                     {"noproxy"},
	"NODE_EXTRA_CA_CERTS":          {"ca", "cafile"},
	"SSL_CERT_FILE":                {"ca", "cafile"},
	"SSL_CERT_DIR":                 {"ca", "cafile"},
	"NODE_TLS_REJECT_UNAUTHORIZED": {"strict-ssl"},
	"PREFIX":                       {"prefix"},
}

// sets tells whether any of the places gives one of the keys a value.
func (s *sources) sets(keys ...string) bool {
	return slices.ContainsFunc(s.given, func(g setting) bool {
		return slices.Contains(keys, strings.ReplaceAll(strings.ToLower(g.key), "_", "-"))
	})
}
