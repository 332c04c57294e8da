package remedy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
)

var bumpVersion = Remedy{
	ID: "bump", Usage: "bump[=patch|minor|major|prerelease|X.Y.Z]", Title: "publish under the next free version", Safety: Ask, Edits: true,
	Asks: []classify.Question{classify.AskPackument}, Plan: bumps, Check: checkNumber,
	Fixes: []string{"version-exists", "version-burnt", "latest-behind", "version-invalid"},
}

// checkNumber takes a step or a version.
func checkNumber(value string) error {
	if _, step := steps[value]; step {
		return nil
	}
	if _, err := strict(value); err != nil {
		return fmt.Errorf("%q is neither a step (patch, minor, major, prerelease) nor a version such as 1.0.1", value)
	}
	return nil
}

// bumps offers version numbers that are free: first the ones npm version would
// count to, then npm version itself, then any that a person types in.
func bumps(p *Problem) []Offer {
	if why := p.cannotEdit(); why != "" {
		return p.changeYourself(why, "version")
	}
	n := numbersOf(p)
	var offers []Offer
	for _, free := range n.offered() {
		if o, err := p.publishAs(n, free.Version); err == nil {
			o.Words = free.words
			offers = append(offers, o)
		}
	}
	if len(offers) > 0 {
		offers = append(offers, p.npmVersion(offers[0])...)
	}
	return append(offers, p.typedVersion(n))
}

// publishAs plans the publish of the same contents under another number, with a
// dist-tag where npm would ask for one, or would move latest without a word.
func (p *Problem) publishAs(n numbers, v *semver.Version) (Offer, error) {
	d := p.Package.Draft()
	if !d.Follow("version", v.String()) {
		return Offer{}, errors.New("package.json has no version that could be changed")
	}
	o := Offer{Value: v.String(), version: v, Title: "Publish as " + v.String(), Safety: Ask}
	var flags []Change
	switch o.tag = cmp.Or(p.givenTag(), "latest"); {
	case p.tagToCome():
		o.tag = ""
	case p.givenTag() == "" && n.behind(v):
		if o.tag = n.tagFor(v); o.tag == "" {
			return Offer{}, fmt.Errorf("%s needs a dist-tag of its own: publish with --tag NAME", v)
		}
		o.Title += " with the dist-tag " + o.tag
		flags = p.set(d, "tag", o.tag)
	case o.tag == "latest" && n.current != nil && higher(n.current, n.target("latest")) != n.current:
		o.Title += ", making this code latest"
	}
	if o.tag != "" && (o.tag != "latest" || n.behind(v)) {
		o.Lines = append(o.Lines, n.after(v, o.tag)...)
	}
	if !n.known {
		o.Lines = append(o.Lines, "the registry did not say which versions exist, so "+v.String()+" may be taken")
	}
	return p.edited(o, d, flags...), nil
}

// tagToCome says whether a --fix names the dist-tag for when npm asks for one.
func (p *Problem) tagToCome() bool {
	return slices.ContainsFunc(p.Fixes, func(f string) bool { return strings.HasPrefix(f, "tag=") })
}

// typedVersion lets a person name the number.
func (p *Problem) typedVersion(n numbers) Offer {
	o := Offer{Title: "Another version …", Safety: Ask}
	if n.current == nil && p.Package.Version != "" {
		o.Lines = []string{fmt.Sprintf("%q in package.json is not a semantic version", p.Package.Version)}
	}
	o.Input = &Input{Label: "Version", Complete: func(s string) (Offer, error) {
		v, err := strict(strings.TrimPrefix(strings.TrimSpace(s), "v")) // as git tags and npm's own words have it
		switch {
		case err != nil:
			return Offer{}, err
		case !n.free(v):
			return Offer{}, fmt.Errorf("%s is already used", v)
		}
		filled, err := p.publishAs(n, v)
		if err != nil {
			return Offer{}, err
		}
		odd := n.compare(v)
		filled.Lines = append(filled.Lines, odd...)
		if latest := n.target("latest"); len(odd) > 0 || latest != nil && latest.GreaterThan(v) {
			filled.Confirm = cmp.Or(p.aboutTag(filled), &Confirm{Question: filled.Title + "?", Want: "y"})
		}
		return filled, nil
	}}
	return o
}

// npmVersion offers the first number by npm version as well, where that does
// more than an edit: scripts, or a commit and a tag.
func (p *Problem) npmVersion(plain Offer) []Offer {
	scripts := p.versionScripts()
	commits := p.Git.Inside && p.Git.Root && p.Git.Clean
	if !commits && len(scripts) == 0 || len(p.aboutBuild()) > 0 {
		return nil
	}
	v := plain.Value
	c := Command{Dir: p.Package.Dir, Argv: []string{"npm", "version", v}, Files: p.Package.Files}
	var does []string // short, and what matters most first: a menu's line is cut at the terminal's width
	switch {
	case commits:
		does = append(does, "commit, tag v"+v)
		// chained: where npm's settings kept it from committing there is no such tag, and no commit to drop
		c.Undo = []string{p.Case.Shell.Then("git tag -d v"+v, "git reset --keep HEAD~1")}
	case p.Git.Inside && p.Git.Root: // npm version refuses a repository with uncommitted changes
		c.Argv = append(c.Argv, "--no-git-tag-version")
	}
	if len(scripts) > 0 {
		does = append(does, "version scripts")
	}
	o := Offer{
		Value: v, Title: "Publish as " + v + " with npm version (" + strings.Join(does, ", ") + ")",
		Note: plain.Note, Safety: NeedsUser, Lines: slices.Clone(plain.Lines), version: plain.version, tag: plain.tag,
	}
	if len(scripts) > 0 {
		o.Lines = append(o.Lines, "npm version runs "+strings.Join(scripts, ", "))
	}
	o.Lines = append(o.Lines, "npm version rewrites package.json; it keeps the indentation, but perhaps no other formatting")
	o.Plan = Plan{c}
	for _, change := range plain.Plan {
		if f, ok := change.(Flag); ok {
			o.Plan = append(o.Plan, f)
		}
	}
	return []Offer{o}
}

func (p *Problem) versionScripts() []string {
	var all []string
	for _, name := range []string{"preversion", "version", "postversion"} {
		if slices.Contains(p.Package.Scripts, name) {
			all = append(all, name)
		}
	}
	return all
}
