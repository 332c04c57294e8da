package ledger

import (
	"net/url"
	"strings"
)

// Contents tells the bytes of one tarball from those of another. The zero value
// knows nothing, and equals nothing.
type Contents struct {
	Shasum string // sha1, 40 hexadecimal digits
	// Integrity is a whole sha512 SRI, or npm's short form of one: its first 20 and
	// its last 15 characters around "[...]" (npm 6 to 12, lib/utils/tar.js).
	Integrity string
}

// Known tells whether anything is known.
func (c Contents) Known() bool { return c.Shasum != "" || c.Integrity != "" }

// Same tells whether both are the same bytes; Unknown where they cannot be
// compared.
func (c Contents) Same(d Contents) Answer {
	switch {
	case c.Shasum != "" && d.Shasum != "":
		return yesIf(strings.EqualFold(c.Shasum, d.Shasum))
	case c.Integrity != "" && d.Integrity != "":
		return sameIntegrity(c.Integrity, d.Integrity)
	}
	return Unknown
}

// shortest is how much of a digest npm's short form must hold to be one.
const shortest = 30

func sameIntegrity(a, b string) Answer {
	if a == b {
		return Yes
	}
	for _, p := range [][2]string{{a, b}, {b, a}} {
		head, tail, cut := strings.Cut(p[0], "[...]")
		if !cut || len(head)+len(tail) < shortest || strings.Contains(p[1], "[...]") {
			continue
		}
		return yesIf(strings.HasPrefix(p[1], head) && strings.HasSuffix(p[1], tail))
	}
	if strings.Contains(a+b, "[...]") || algorithm(a) != algorithm(b) {
		return Unknown
	}
	return No
}

func algorithm(integrity string) string {
	name, _, _ := strings.Cut(integrity, "-")
	return name
}

func yesIf(b bool) Answer {
	if b {
		return Yes
	}
	return No
}

// Registry returns an address in one form: scheme and host in lower case, without
// the scheme's own port, without a name or password, with one slash at its end.
// What is no address is returned as it is.
func Registry(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return address
	}
	u.Scheme, u.Host, u.User = strings.ToLower(u.Scheme), strings.ToLower(u.Host), nil
	if port := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; port != "" {
		u.Host = strings.TrimSuffix(u.Host, port)
	}
	u.Path, u.RawPath, u.RawQuery, u.Fragment = strings.TrimRight(u.Path, "/")+"/", "", "", ""
	return u.String()
}
