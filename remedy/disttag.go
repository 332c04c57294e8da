package remedy

import (
	"fmt"
	"strings"

	"safepublish/classify/npm"

	"github.com/Masterminds/semver/v3"
)

// What a dist-tag may be called, and which one fits a version.

// behind says whether npm must be told a dist-tag for v: it is a prerelease, or
// lower than what is published. npm 11 refuses without one; npm 10 and older
// move latest without a word.
func (n numbers) behind(v *semver.Version) bool {
	latest := n.tagged("latest")
	return v.Prerelease() != "" || n.highest != nil && n.highest.GreaterThan(v) || latest != nil && latest.GreaterThan(v)
}

func (n numbers) tagged(tag string) *semver.Version {
	v, err := strict(n.distTags[tag])
	if err != nil {
		return nil
	}
	return v
}

// target returns the version that a dist-tag points at; of latest, where nobody said, the
// highest that is published.
func (n numbers) target(tag string) *semver.Version {
	if at := n.tagged(tag); at != nil || tag != "latest" {
		return at
	}
	return n.highest
}

// tagFor returns the dist-tag that fits v: the prerelease's own identifier, the
// older line, or latest. It returns "" where that tag would have to move back to a
// lower version, which only a person may decide.
func (n numbers) tagFor(v *semver.Version) string {
	tag := "latest"
	switch latest := n.target("latest"); {
	case v.Prerelease() != "":
		tag = preTag(v)
	case latest != nil && latest.GreaterThan(v):
		tag = lineTag(v, latest)
	}
	if at := n.tagged(tag); at != nil && at.GreaterThan(v) {
		return ""
	}
	return tag
}

// preTag makes 1.0.0-beta.1 "beta", 1.0.0-rc1 "rc" and 1.0.0-0 "next".
func preTag(v *semver.Version) string {
	id, _, _ := strings.Cut(v.Prerelease(), ".")
	name := strings.TrimRight(id, "0123456789-")
	if name == "" || name == "latest" || npm.CheckTag(id) != nil || npm.CheckTag(name) != nil {
		return "next"
	}
	return name
}

func lineTag(v, latest *semver.Version) string {
	if v.Major() == latest.Major() {
		return fmt.Sprintf("latest-%d.%d", v.Major(), v.Minor())
	}
	return fmt.Sprintf("latest-%d", v.Major())
}

// after says what users will get once v is published under tag.
func (n numbers) after(v *semver.Version, tag string) []string {
	latest := n.distTags["latest"]
	if tag == "latest" {
		if latest == "" || latest == v.String() {
			return []string{fmt.Sprintf("npm install %s will give %s", n.name, v)}
		}
		return []string{fmt.Sprintf("npm install %s will give %s instead of %s", n.name, v, latest)}
	}
	line := fmt.Sprintf("npm install %s@%s will give %s", n.name, tag, v)
	if latest != "" {
		line = fmt.Sprintf("npm install %s keeps giving %s; %s", n.name, latest, line)
	}
	if at := n.distTags[tag]; at != "" && at != v.String() {
		line += " instead of " + at
	}
	return []string{line}
}
