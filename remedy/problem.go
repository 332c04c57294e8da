package remedy

import (
	"fmt"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/remedy/edit"
)

func (p *Problem) name() string {
	if n := p.Case.Name(); n != "" {
		return n
	}
	return p.Package.Name
}

func (p *Problem) version() string {
	if v := p.Case.Version(); v != "" {
		return v
	}
	return p.Package.Version
}

// flag returns the value of one of npm's flags on the command line, "" for none.
func (p *Problem) flag(key string) string {
	value, _ := npm.Get(p.Args, key)
	return value
}

// onNPM says whether the registry of this publish is npmjs.org, whose web pages
// are known.
func (p *Problem) onNPM() bool {
	return npm.IsPublic(p.Case.Registry())
}

// where returns the flags that send an npm command to the registry of this publish.
func (p *Problem) where() []string { return npm.Pin(p.Case.Registry(), p.name()) }

// facts returns the registry's answers if it was the registry of this publish
// that answered, else none.
func (p *Problem) facts() classify.Answers {
	f, r := p.Case.Answers, p.Case.Registry()
	if f.Registry != "" && r != "" && strings.TrimRight(f.Registry, "/") != strings.TrimRight(r, "/") {
		return classify.Answers{}
	}
	return f
}

// user is whom npm whoami named, "" if it did not.
func (p *Problem) user() string {
	if id := p.facts().Identity; id.Known == classify.Yes {
		return id.User
	}
	return ""
}

// cannotEdit says why no file of the package can be changed, "" where they can.
func (p *Problem) cannotEdit() string {
	pkg := &p.Package
	switch sent := p.Case.Name(); {
	case pkg.Why != "":
		return pkg.Why
	case pkg.Kind != "folder" || len(pkg.Files) == 0:
		return "there is no package.json here"
	case sent != "" && sent != pkg.Name:
		return fmt.Sprintf("npm should publish %s, but package.json here is that of %q", sent, pkg.Name)
	}
	return ""
}

// aboutBuild returns what the person must know before a manifest that a build writes is
// changed; nothing for an ordinary one.
func (p *Problem) aboutBuild() []string {
	why := p.Package.Derived
	if why == "" && p.Git.Ignored {
		why = "package.json is git-ignored"
	}
	if why == "" {
		return nil
	}
	for _, f := range p.Package.Files {
		if f.Role == edit.Source {
			return []string{why + ", so a build may rewrite it; " + p.Package.Rel(f.Path) + ", which it comes from, is changed too"}
		}
	}
	return []string{why + ", so the next build may write the old value again; change it at its source too"}
}

// changeYourself says in one line why a file cannot be changed from here.
func (p *Problem) changeYourself(why, what string) []Offer {
	how := "its " + what + " cannot be changed here; change package.json and publish again"
	switch p.Package.Kind {
	case "tarball":
		how = "its " + what + " cannot be changed here; change package.json and pack again"
	case "workspaces":
		how = fmt.Sprintf("change the %s in that of %s, and publish again", what, p.name())
	}
	return advise(why + ": " + how)
}

// set plans a setting of publish where npm will find it: a flag, but the manifest
// where that one wins. npm 9 and older let publishConfig beat the command line
// (lib/commands/publish.js), and every npm lets the manifest's own "tag". What it
// changes in files stays in the draft; it returns the rest. Where npm's version
// is not known it sets both.
func (p *Problem) set(d *edit.Draft, key, value string) []Change {
	if key == "tag" && p.Package.Tag != "" && d.Set("tag", value) {
		return nil
	}
	_, set := p.Package.Config[key]
	changed := set && !p.NPM.Has(npm.FlagBeatsPublishConfig) && p.cannotEdit() == "" && d.Config(key, value)
	if changed && p.NPM.Known() { // else both: nobody knows which of the two this npm goes by
		return nil
	}
	return []Change{Flag{key, value}}
}

// edited completes an offer: with the draft's edits, what else is to change, and what
// the person must know of the files.
func (p *Problem) edited(o Offer, d *edit.Draft, more ...Change) Offer {
	if edits := d.Edits(); len(edits) > 0 {
		more = slices.Insert(more, 0, Change(Files(edits)))
		var names []string
		for _, e := range edits {
			names = append(names, e.Name)
		}
		o.Note, o.Lines = strings.Join(names, ", "), slices.Concat(o.Lines, d.Notes, p.aboutBuild())
	}
	o.Plan = more
	return o
}
