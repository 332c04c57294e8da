package npmrc

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"safepublish/classify/npm"
)

// Proxy returns the proxy that npm goes through to a registry, its host and port, and
// what sets it: a variable, or an .npmrc with its line. Both are "" where there is none
// (npm-registry-fetch, lib/index.js: https-proxy, then proxy, for any registry;
// @npmcli/agent, lib/proxy.js: then the variables, that of http for http alone).
func (s *Settings) Proxy(registry string) (proxy, from string) {
	set, from := s.last("https-proxy", "proxy")
	if set == "" {
		variables := []string{"https_proxy"}
		if strings.HasPrefix(strings.ToLower(registry), "http:") {
			variables = append(variables, "http_proxy", "proxy")
		}
		set, from = s.variable(variables...)
	}
	except, _ := s.last("noproxy")
	if except == "" {
		except, _ = s.variable("no_proxy")
	}
	u, err := url.Parse(registry)
	if set == "" || err != nil || excepted(u.Hostname(), except) {
		return "", ""
	}
	return npm.Host(set), from
}

// last returns what the first of the keys that is set is set to, by the place that comes
// first in npm's order, and where.
func (s *Settings) last(keys ...string) (value, from string) {
	for _, key := range keys {
		for i, p := range s.places {
			for _, l := range slices.Backward(p.lines) {
				if l.key != key || slices.Contains([]string{"", "null", "false"}, l.full) {
					continue
				}
				switch i {
				case commandLine:
					return l.full, "--" + key
				case environment:
					return l.full, Variable(key)
				}
				return l.full, fmt.Sprintf("%s:%d", s.shortName(p.path), l.number)
			}
		}
	}
	return "", ""
}

// variable returns the value of the first of the variables that is set, whatever its
// case, and its name as it is written.
func (s *Settings) variable(names ...string) (value, name string) {
	for _, wanted := range names {
		for _, entry := range slices.Backward(s.source.Env) {
			if k, v, _ := strings.Cut(entry, "="); strings.EqualFold(k, wanted) && v != "" {
				return v, k
			}
		}
	}
	return "", ""
}

// excepted tells whether a host is among those that noproxy lists, itself or by a domain
// that it is in.
func excepted(host, list string) bool {
	return slices.ContainsFunc(strings.Split(list, ","), func(one string) bool {
		one = strings.Trim(strings.TrimSpace(one), ".")
		return one != "" && (host == one || strings.HasSuffix(host, "."+one))
	})
}
