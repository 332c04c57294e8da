// Package npm is npm's language: its command line, and what its words, addresses and
// digests mean. It is pure, and knows nothing of failures.
package npm

import (
	"strings"
)

// Installed are the keys of package.json under which stands what comes with a package for
// its users: what npm installs for its developers alone is not among them.
var Installed = []string{"dependencies", "optionalDependencies", "peerDependencies"}

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

// Same tells whether both are the same bytes; known is false where they cannot be
// compared.
func (c Contents) Same(d Contents) (same, known bool) {
	switch {
	case c.Shasum != "" && d.Shasum != "":
		return strings.EqualFold(c.Shasum, d.Shasum), true
	case c.Integrity != "" && d.Integrity != "":
		return sameIntegrity(c.Integrity, d.Integrity)
	}
	return false, false
}

// Is tells whether both are known to be the same bytes.
func (c Contents) Is(d Contents) bool {
	same, _ := c.Same(d)
	return same
}

// shortest is how much of a digest npm's short form must hold to be one.
const shortest = 30

func sameIntegrity(a, b string) (same, known bool) {
	if a == b {
		return true, true
	}
	for _, p := range [][2]string{{a, b}, {b, a}} {
		head, tail, cut := strings.Cut(p[0], "[...]")
		if !cut || len(head)+len(tail) < shortest || strings.Contains(p[1], "[...]") {
			continue
		}
		return strings.HasPrefix(p[1], head) && strings.HasSuffix(p[1], tail), true
	}
	return false, !strings.Contains(a+b, "[...]") && algorithm(a) == algorithm(b)
}

func algorithm(integrity string) string {
	name, _, _ := strings.Cut(integrity, "-")
	return name
}
