package remedy

import (
	"fmt"
	"net/url"
	"strings"

	"safepublish/classify"
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

// onNPM says whether the registry of this publish is npmjs.org, whose web pages
// are known.
func (p *Problem) onNPM() bool {
	u, err := url.Parse(p.Case.Registry())
	return err == nil && (u.Hostname() == "npmjs.org" || strings.HasSuffix(u.Hostname(), ".npmjs.org"))
}

// me returns the user that npm whoami named, "" if it did not.
func (p *Problem) me() string {
	if id := p.facts().Identity; id.Known == classify.Yes {
		return id.User
	}
	return ""
}

// fixed says why no file of the package can be changed, "" where they can.
func (p *Problem) fixed() string {
	pkg := &p.Package
	switch sent := p.Case.Name(); {
	case pkg.Why != "":
		return pkg.Why
	case pkg.Kind != "folder" || len(pkg.Files) == 0:
		return "there is no package.json here"
	case sent != "" && sent != pkg.Name:
		return fmt.Sprintf("npm was to publish %s, and package.json here is that of %q", sent, pkg.Name)
	}
	return ""
}

// derived returns what the person must know before a manifest that a build
// writes is changed; nothing for an ordinary one.
func (p *Problem) derived() []string {
	why := p.Package.Derived
	if why == "" && p.Git.Ignored {
		why = "package.json is git-ignored"
	}
	if why == "" {
		return nil
	}
	for _, f := range p.Package.Files {
		if f.Role == edit.Source {
			return []string{why + ", so a build may write it; it and the " + p.Package.Rel(f.Path) + " that it comes from are both changed"}
		}
	}
	return []string{why + ", so the next build may write the old value again: change it at its source too"}
}
