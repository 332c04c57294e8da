package remedy

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
)

var renamePackage = Remedy{
	ID: "rename", Usage: "rename=@SCOPE/NAME", Title: "publish under another name", Safety: Ask, Edits: true, Plan: renames, Check: checkName,
	Asks:  []classify.Question{classify.AskIdentity},
	Fixes: []string{"name-too-similar", "name-taken", "name-blocked", "name-invalid", "no-permission", "scope-not-found"},
}

// renames offers the name that the registry suggested, the same as npm accepts it where
// it was refused as a name, the name under the person's own scope, and any
// that is typed in.
func renames(p *Problem) []Offer {
	if why := p.cannotEdit(); why != "" {
		return p.changeYourself(why, "name")
	}
	names := []string{p.Diagnosis.Vars["suggested"]}
	if p.Diagnosis.Cause.ID == "name-invalid" {
		names = append(names, npm.ToName(cmp.Or(p.name(), filepath.Base(p.Package.Dir))))
	}
	if me := p.user(); me != "" {
		names = append(names, npm.ToName("@"+me+"/"+p.name()[strings.Index(p.name(), "/")+1:]))
	}
	var offers []Offer
	seen := map[string]bool{}
	for _, name := range names {
		if o, err := p.publishNamed(name); err == nil && !seen[name] {
			seen[name], offers = true, append(offers, o)
		}
	}
	typed := &Input{Label: "Name", Complete: func(s string) (Offer, error) { return p.publishNamed(strings.TrimSpace(s)) }}
	return append(offers, Offer{Title: "Another name …", Safety: Ask, Input: typed})
}

func checkName(name string) error {
	if !npm.ValidName(name) {
		return fmt.Errorf("%q is not a name for a new package: npm needs name or @scope/name, in lower case", name)
	}
	return nil
}

func (p *Problem) publishNamed(name string) (Offer, error) {
	if err := checkName(name); err != nil {
		return Offer{}, err
	}
	if name == p.name() {
		return Offer{}, fmt.Errorf("%s is the name that was refused", name)
	}
	d := p.Package.Draft()
	if !d.Follow("name", name) {
		return Offer{}, errors.New("package.json has no name that could be changed")
	}
	o := Offer{Value: name, Title: "Publish as " + name, Safety: Ask, Confirm: p.confirmPublic(name)}
	var flags []Change
	if strings.HasPrefix(name, "@") { // else it is public by itself, and a flag could only say so
		o.Title += ", publicly"
		flags = p.set(d, "access", "public")
	}
	if w, given := npm.Get(p.Args, "workspace"); given && w == p.name() { // npm finds no workspace by the old name
		flags = append(flags, Flag{"workspace", name})
	}
	if p.restricted() != "" || !p.public() { // --fix rename does not say that it opens anything
		o.Safety = NeedsUser
	}
	o = p.edited(o, d, flags...)
	if p.Ask && p.Package.Mentions != nil { // a search that nobody would read is not made
		if found := p.Package.Mentions(); len(found) > 0 {
			o.Lines = append(o.Lines, "the old name "+p.Package.Name+" is also in "+strings.Join(found, ", ")+"; change it there yourself")
		}
	}
	return o, nil
}
