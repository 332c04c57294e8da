package remedy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"safepublish/classify/npm"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
)

var changeTag = Remedy{
	ID: "tag", Usage: "tag=NAME", Title: "publish under a dist-tag of its own", Safety: Ask, Plan: tags, Check: npm.CheckTag,
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
	if err != nil || p.Package.Tag != "" && p.cannotEdit() != "" {
		return nil
	}
	var offers []Offer
	if tag := n.tagFor(v); tag != "" && tag != p.givenTag() {
		offers = append(offers, p.publishUnder(n, v, tag))
	}
	return append(offers, anotherTag(func(tag string) (Offer, error) { return p.publishUnder(n, v, tag), npm.CheckTag(tag) }))
}

// anotherTag takes a dist-tag that is typed in.
func anotherTag(complete func(tag string) (Offer, error)) Offer {
	return Offer{Title: "Another dist-tag …", Safety: Ask, Input: &Input{
		Label: "Dist-tag", Complete: func(typed string) (Offer, error) { return complete(strings.TrimSpace(typed)) },
	}}
}

func (p *Problem) publishUnder(n numbers, v *semver.Version, tag string) Offer {
	d := p.Package.Draft()
	flags := p.set(d, "tag", tag)
	o := Offer{Value: tag, version: v, tag: tag, Title: "Publish with the dist-tag " + tag, Safety: Ask, Lines: n.after(v, tag)}
	if at := n.target(tag); at != nil && at.GreaterThan(v) {
		o.Safety = NeedsUser
		o.Lines = append(o.Lines, fmt.Sprintf("this moves %s back, from %s to %s", tag, at, v))
	} else if tag == "latest" && n.behind(v) && v.Prerelease() != "" {
		o.Safety = NeedsUser
		o.Lines = append(o.Lines, fmt.Sprintf("%s is a prerelease: everyone who installs %s will get it", v, n.name))
	}
	return p.edited(o, d, flags...)
}

// givenTag returns the dist-tag that this publish was told, "" for none.
func (p *Problem) givenTag() string {
	return cmp.Or(p.Package.Tag, p.flag("tag"), p.Package.Config["tag"], p.Case.Settings.Tag)
}

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
		err = npm.CheckTag(tag)
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
	o := Offer{Value: tag, version: v, tag: tag, Title: "Add the dist-tag " + tag, Safety: Ask}
	o.Lines, o.Plan = n.after(v, tag), Plan{c}
	return o, nil
}
