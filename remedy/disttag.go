package remedy

import (
	"cmp"
	"fmt"
	"slices"
)

// TagsHere returns the dist-tags that point at the version of this publish, in
// order of name, as far as the registry was asked.
func TagsHere(p *Problem) []string {
	var here []string
	for tag, v := range p.facts().Packument.DistTags {
		if v == p.version() {
			here = append(here, tag)
		}
	}
	slices.Sort(here)
	return here
}

// addTags offers the dist-tag that this publish was told for a version that is
// there already, where that tag is missing or points at a lower version; and any
// other that a --fix names.
func (p *Problem) addTags() []Offer {
	var offers []Offer
	if o, err := p.addTag(cmp.Or(p.givenTag(), "latest")); err == nil {
		offers = append(offers, o)
	}
	return append(offers, anotherTag(p.addTag))
}

// addTag plans npm dist-tag add. A tag is never moved back, and no prerelease
// becomes latest: the error says so.
func (p *Problem) addTag(tag string) (Offer, error) {
	n := numbersOf(p)
	v, err := strict(p.version())
	if err == nil {
		err = checkTag(tag)
	}
	at := n.distTags[tag]
	switch {
	case err != nil:
		return Offer{}, err
	case !n.known:
		return Offer{}, fmt.Errorf("the registry did not say where its dist-tags point")
	case at == v.String():
		return Offer{}, fmt.Errorf("%s points at %s already", tag, at)
	case at != "" && (n.tagged(tag) == nil || n.tagged(tag).GreaterThan(v)):
		return Offer{}, fmt.Errorf("%s points at %s and is not moved back to %s", tag, at, v)
	case tag == "latest" && v.Prerelease() != "":
		return Offer{}, fmt.Errorf("%s is a prerelease: everyone who installs %s would get it", v, p.name())
	}
	c := Command{Argv: append([]string{"npm", "dist-tag", "add", p.name() + "@" + v.String(), tag}, p.where()...)}
	return Offer{Value: tag, tag: tag, Title: "Add the dist-tag " + tag, Safety: Ask, Lines: n.after(v, tag), Plan: Plan{[]Change{c}}}, nil
}
