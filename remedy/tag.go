package remedy

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
)

// rangeLike matches the words that node-semver takes for a range and that stay
// the same when they are percent-encoded: "1", "v1.x", "x", "~2.0", "1.0.0-beta".
// npm refuses those as dist-tags (libnpmpublish, lib/publish.js).
var rangeLike = regexp.MustCompile(`^~?v*(?:[xX*]|0|[1-9][0-9]*)(?:\.(?:[xX*]|0|[1-9][0-9]*)(?:\.(?:[xX*]|0|[1-9][0-9]*)(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?)?)?$`)

// encoded matches what JavaScript's encodeURIComponent leaves alone, which npm
// asks of a dist-tag (npm-package-arg).
var encoded = regexp.MustCompile(`^[A-Za-z0-9_.!~*'()-]+$`)

// checkTag says why npm would refuse a dist-tag; nil for a good one.
func checkTag(tag string) error {
	switch {
	case !encoded.MatchString(tag):
		return fmt.Errorf("%q is not a dist-tag: letters, digits, - and _ are safe", tag)
	case rangeLike.MatchString(tag):
		return fmt.Errorf("%q is not a dist-tag, for npm reads it as a range of versions: say release-%[1]s, for example", tag)
	case tag == "true" || tag == "false" || tag == "null": // what npm takes a negated flag for
		return fmt.Errorf("%q is not a dist-tag that npm can be told", tag)
	}
	return nil
}

// givenTag returns the dist-tag that this publish was told, "" for none.
func (p *Problem) givenTag() string {
	return cmp.Or(p.Package.Tag, p.flag("tag"), p.Package.Config["tag"], p.Case.Local.Tag)
}

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

// tagFor returns the dist-tag that fits v: the prerelease's own identifier, the
// older line, or latest. It returns "" where that tag would have to move back to a
// lower version, which only a person may decide.
func (n numbers) tagFor(v *semver.Version) string {
	tag := "latest"
	switch latest := n.tagged("latest"); {
	case v.Prerelease() != "":
		tag = preTag(v)
	case latest == nil:
		latest = n.highest
		fallthrough
	default:
		if latest != nil && latest.GreaterThan(v) {
			tag = lineTag(v, latest)
		}
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
	if name == "" || name == "latest" || checkTag(id) != nil || checkTag(name) != nil {
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

var changeTag = Remedy{
	ID: "tag", Usage: "tag=NAME", Title: "publish under a dist-tag of its own", Safety: Ask, Plan: tags,
	Asks:  []classify.Question{classify.AskPackument},
	Fixes: []string{"prerelease-tag", "latest-behind", "tag-invalid", "already-published"},
}

// tags offers the dist-tag that fits the version, and any that a person types in.
func tags(p *Problem) []Offer {
	if p.Diagnosis.Cause.ID == "already-published" {
		return p.addTags()
	}
	n := numbersOf(p)
	v, err := strict(p.version())
	if err != nil || p.Package.Tag != "" && p.fixed() != "" {
		return nil
	}
	var offers []Offer
	if tag := n.tagFor(v); tag != "" && tag != p.givenTag() {
		offers = append(offers, p.publishUnder(n, v, tag))
	}
	return append(offers, anotherTag(func(tag string) (Offer, error) { return p.publishUnder(n, v, tag), checkTag(tag) }))
}

// anotherTag takes a dist-tag that is typed in.
func anotherTag(fill func(tag string) (Offer, error)) Offer {
	return Offer{Title: "Another dist-tag …", Safety: Ask, Input: &Input{
		Label: "Dist-tag", Complete: func(typed string) (Offer, error) { return fill(strings.TrimSpace(typed)) },
	}}
}

func (p *Problem) publishUnder(n numbers, v *semver.Version, tag string) Offer {
	d := p.Package.Draft()
	flags := p.set(d, "tag", tag)
	o := Offer{
		Value: tag, tag: tag, Title: "Publish with the dist-tag " + tag, Note: d.Names(), Safety: Ask,
		Lines: n.after(v, tag), Plan: planOf(d, flags...),
	}
	if at := n.tagged(tag); at != nil && at.GreaterThan(v) {
		o.Safety = NeedsUser
		o.Lines = append(o.Lines, fmt.Sprintf("this moves %s back, from %s to %s", tag, at, v))
	} else if tag == "latest" && n.behind(v) && v.Prerelease() != "" {
		o.Safety = NeedsUser
		o.Lines = append(o.Lines, fmt.Sprintf("%s is a prerelease: everyone who installs %s will get it", v, n.name))
	}
	return o
}
