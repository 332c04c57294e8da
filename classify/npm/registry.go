package npm

import (
	"net/url"
	"strings"
)

// Registry returns an address in one form: scheme and host in lower case, without
// the scheme's own port, without a name or password, with one slash at its end.
// What is no address is returned as it is.
func Registry(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return address
	}
	u.Scheme, u.User = strings.ToLower(u.Scheme), nil
	u.Host = withoutPort(u.Scheme, strings.ToLower(u.Host))
	u.Path, u.RawPath, u.RawQuery, u.Fragment = strings.TrimRight(u.Path, "/")+"/", "", "", ""
	return u.String()
}

// withoutPort takes a scheme's own port off.
func withoutPort(scheme, authority string) string {
	switch scheme {
	case "http":
		return strings.TrimSuffix(authority, ":80")
	case "https":
		return strings.TrimSuffix(authority, ":443")
	}
	return authority
}

const publicHost = "npmjs.org"

// Public is the registry that npm publishes to where nothing sets another one.
const Public = "https://registry." + publicHost + "/"

// Host returns the host of a registry's address as people say it, with its port:
// npmjs.org for the public one. Path, user and password are left out, for some
// registries keep a secret there (Gemfury, MyGet).
func Host(registry string) string {
	host, _ := parted(registry)
	if strings.HasSuffix(host, "."+publicHost) {
		return publicHost
	}
	return host
}

// parted returns the host of an address with its port, and the path below it. A password
// may hold any sign but a slash.
func parted(address string) (authority, path string) {
	scheme, rest, found := strings.Cut(address, "://")
	if !found {
		scheme, rest = "", address
	}
	authority, path, _ = strings.Cut(rest, "/")
	authority = authority[strings.LastIndex(authority, "@")+1:]
	return withoutPort(strings.ToLower(scheme), strings.ToLower(authority)), path
}

// IsPublic tells whether a registry is npmjs.org.
func IsPublic(registry string) bool { return Host(registry) == publicHost }

// NerfDart returns what npm puts before the key of a credential for a registry:
// "//npmjs.org/", "//host:8080/path/". All after the last slash is dropped
// (@npmcli/config 10.8.0, lib/nerf-dart.js). It is "" for what is no address.
func NerfDart(registry string) string {
	if scheme, rest, _ := strings.Cut(registry, "://"); scheme == "" || rest == "" {
		return ""
	}
	registry, _, _ = strings.Cut(registry, "#")
	registry, _, _ = strings.Cut(registry, "?")
	authority, path := parted(registry)
	return "//" + authority + "/" + path[:strings.LastIndex(path, "/")+1]
}

// Pin returns the flags that send an npm command about the package name to the
// registry, and nowhere else: they go last among its arguments.
func Pin(registry, name string) []string {
	flags := []string{"--registry=" + registry}
	if scope := Scope(name); scope != "" {
		flags = append(flags, "--"+scope+":registry="+registry)
	}
	return flags
}
