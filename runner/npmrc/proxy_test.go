//go:build unix

package npmrc

import (
	"path/filepath"
	"testing"

	"safepublish/classify/npm"
)

// What npm goes through, and what says so (@npmcli/agent, lib/proxy.js).
func TestProxy(t *testing.T) {
	const registry, secure = "http://npm.corp:81/", "https://npm.corp/"
	for _, c := range []struct {
		name, registry, rc string
		args, env          []string
		proxy, from        string
	}{
		{name: "none", registry: registry},
		{name: "a variable", registry: secure, env: []string{"HTTPS_PROXY=http://ann:secret@proxy:3128"}, proxy: "proxy:3128", from: "HTTPS_PROXY"},
		{name: "of http alone", registry: registry, env: []string{"http_proxy=http://proxy:3128"}, proxy: "proxy:3128", from: "http_proxy"},
		{name: "of http, and https", registry: secure, env: []string{"http_proxy=http://proxy:3128"}},
		{name: "empty", registry: registry, env: []string{"http_proxy="}},
		{
			name: "npm's own first", registry: registry, rc: "proxy=http://one:1/\n", env: []string{"https_proxy=http://two:2"},
			proxy: "one:1", from: "~/.npmrc:1",
		},
		{name: "null", registry: registry, rc: "proxy=null\nhttps-proxy=null\n"},
		{name: "a flag", registry: registry, rc: "https-proxy=http://one:1/\n", args: []string{"--https-proxy=http://two:2"}, proxy: "two:2", from: "--https-proxy"},
		{name: "npm_config", registry: registry, env: []string{"npm_config_proxy=http://one:1"}, proxy: "one:1", from: "npm_config_proxy"},
		{name: "excepted", registry: registry, env: []string{"http_proxy=http://proxy:3128", "NO_PROXY=localhost, .corp"}},
		{name: "excepted by npm", registry: registry, rc: "noproxy=npm.corp\n", env: []string{"http_proxy=http://proxy:3128"}},
		{
			name: "another is excepted", registry: registry, env: []string{"http_proxy=http://proxy:3128", "NO_PROXY=m.corp"},
			proxy: "proxy:3128", from: "http_proxy",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			home := t.TempDir()
			write(t, filepath.Join(home, ".npmrc"), c.rc)
			s := Read(Source{Dir: t.TempDir(), Args: c.args, Env: append([]string{"HOME=" + home}, c.env...), Version: npm.ParseVersion("11.19.1")})
			if proxy, from := s.Proxy(c.registry); proxy != c.proxy || from != c.from {
				t.Errorf("%q from %q, want %q from %q", proxy, from, c.proxy, c.from)
			}
		})
	}
}
