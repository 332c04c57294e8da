package classify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// What the registry answered.

// whoami says what npm whoami was answered.
func whoami(c *Case) []Evidence {
	switch id := c.Answers.Identity; {
	case id.Known == Yes:
		return []Evidence{{"npm whoami", strings.TrimSpace("the registry knows this login " + prefixed("as ", id.User))}}
	case id.Known == No:
		text := "the registry does not accept this token (401); a granular token may get this answer and still publish"
		for _, a := range c.Answers.Asked { // the asker knows whether npm had a token to show
			if a.From == "npm whoami" {
				text = a.Text
			}
		}
		return []Evidence{{"npm whoami", text}}
	case id.WhoamiUnsupported:
		return []Evidence{{"npm whoami", "the registry does not know this question"}}
	}
	return nil
}

func readAccounts(c *Case) (string, []Evidence) {
	switch id := c.Answers.Identity; {
	case id.WhoamiUnsupported:
		return "none", whoami(c)
	case id.Known != Unknown:
		return "some", whoami(c)
	}
	return "", nil
}

func readToken(c *Case) (string, []Evidence) {
	switch id := c.Answers.Identity; {
	case c.exchange() == "taken":
		return "", whoami(c)
	case id.Known == Yes:
		return "named", whoami(c)
	case id.Known == No && c.login() == "none":
		return "nobody", whoami(c)
	case id.Known == No:
		return "refused", whoami(c)
	}
	return "", nil
}

func readAlive(c *Case) (string, []Evidence) {
	from := "npm access list collaborators " + c.Name()
	switch c.Answers.Alive {
	case Yes:
		return "yes", []Evidence{{from, "answered with this token, but not without it: the token is valid, and granular"}}
	case No:
		return "no", []Evidence{{from, "refuses this token too (401)"}}
	}
	return "", nil
}

func readPackage(c *Case) (string, []Evidence) {
	from := "npm view " + c.Name()
	switch p := c.Answers.Packument; p.Found {
	case Yes:
		text := "the package exists" + prefixed(", latest is ", p.DistTags["latest"]) +
			prefixed(", maintained by ", strings.Join(p.Maintainers, ", "))
		return "there", []Evidence{{from, text}}
	case No:
		return "unseen", []Evidence{{from, "no package of this name is visible (404)"}}
	}
	return "", nil
}

// readWrite: by the list of those who may, or by the maintainers.
func readWrite(c *Case) (answer string, shown []Evidence) {
	from := "npm access list collaborators " + c.Name()
	switch c.Answers.MayWrite {
	case Yes:
		shown = []Evidence{{from, "this account may publish the package"}}
	case No:
		shown = []Evidence{{from, "this account is not listed with write access"}}
	default:
		_, shown = readPackage(c)
		shown = append(whoami(c), shown...)
	}
	if token, _ := readToken(c); token != "named" {
		return "", shown
	}
	return yesNo(c.MayWrite()), shown
}

func readScope(c *Case) (string, []Evidence) {
	from := "scope " + c.Scope()
	switch {
	case c.Scope() == "":
		return "none", nil
	case c.Answers.ScopeExists == Yes:
		return "there", []Evidence{{from, "it exists"}}
	case c.Answers.Packument.Found == Yes:
		return "there", nil
	case c.Answers.ScopeExists == No:
		return "missing", []Evidence{{from, "no user and no organization of that name"}}
	}
	return "", nil
}

func readMember(c *Case) (string, []Evidence) {
	from := "npm org ls " + strings.TrimPrefix(c.Scope(), "@")
	switch c.Answers.Member {
	case Yes:
		return "yes", []Evidence{{from, "this account belongs to it"}}
	case No:
		return "no", []Evidence{{from, "this account does not belong to it"}}
	}
	return "", nil
}

func readPublic(c *Case) (string, []Evidence) {
	switch c.Answers.Mirrors {
	case Yes:
		return "yes", []Evidence{{"npm view inherits", "it shows packages of the public registry, as a mirror does"}}
	case No:
		return "no", []Evidence{{"npm view inherits", "it shows no packages of the public registry"}}
	}
	return "", nil
}

func readVersion(c *Case) (string, []Evidence) {
	p, view := c.Answers.Packument, "npm view "+c.Name()
	switch c.SameBytes() {
	case Yes:
		return "same", thisVersion(c)
	case No:
		return "other", thisVersion(c)
	}
	switch {
	case c.Answers.RemoteVersion.Found == Yes:
		return "there", thisVersion(c)
	case c.versionThere() == Yes:
		return "there", []Evidence{{view + " versions", c.Version() + " is listed"}}
	case slices.Contains(p.Burnt, c.Version()):
		return "burnt", []Evidence{{view + " time", c.Version() + " was published once and is no longer listed"}}
	case p.Found == Yes:
		_, there := readPackage(c)
		return "gone", append(there, Evidence{view + " versions", c.Version() + " is not listed"})
	case p.Found == No && c.Answers.RemoteVersion.Found == No:
		return "gone", thisVersion(c)
	}
	return "", thisVersion(c)
}

// thisVersion says what the registry holds under this version, beside what was packed.
func thisVersion(c *Case) []Evidence {
	this := c.Answers.RemoteVersion
	from := "npm view " + c.Name() + "@" + c.Version()
	switch {
	case this.Found == No:
		return []Evidence{{from, c.Version() + " is not there"}}
	case this.Found != Yes:
		return nil
	}
	text, theirs := c.Version()+" is there"+prefixed(", published by ", this.By), digest(this.Shasum, this.Integrity)
	switch same := c.SameBytes(); {
	case same == Yes && c.sameCommit():
		text += ", published from the commit that is checked out here (" + short(this.GitHead) + ")"
	case same == Yes && c.sentEarlier():
		text += ", the contents of an earlier attempt of yours (" + theirs + ")"
	case same == Yes:
		text += ", the same contents as yours (" + theirs + ")"
	case same == No:
		mine := c.packed()
		if !mine.Known() {
			mine = c.Package.Packed.Contents
		}
		text += fmt.Sprintf(", other contents than yours (%s, yours %s)", theirs, short(cmp.Or(mine.Shasum, mine.Integrity)))
	case c.Attempt.Doubt && this.At.IsZero():
		text += "; the registry does not say since when, so it may be your own upload"
	case c.Attempt.Doubt:
		text += ", since " + this.At.UTC().Format("2006-01-02 15:04:05 UTC") + ", after this publish began: it may be your own upload"
	}
	return []Evidence{{from, text}}
}

func digest(shasum, integrity string) string {
	if shasum != "" {
		return "shasum " + short(shasum)
	}
	return short(integrity)
}

// short cuts a digest to what a person compares.
func short(digest string) string {
	if len(digest) <= 12 {
		return digest
	}
	return digest[:12] + "…"
}

func prefixed(prefix, word string) string {
	if word == "" {
		return ""
	}
	return prefix + word
}
