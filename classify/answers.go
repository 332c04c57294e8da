package classify

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// The answers of the registry, in words.

func evView(c *Case) string { return "npm view " + c.Name() }

func evIdentity(c *Case) []Evidence {
	switch id := c.Facts.Identity; id.Known {
	case Yes:
		return []Evidence{{"npm whoami", strings.TrimSpace("the registry knows this login " + prefixed("as ", id.User))}}
	case No:
		text := "the registry does not accept this token (401); a granular token may get this answer and still publish"
		for _, a := range c.Facts.Asked { // the asker knows whether npm had a token to show
			if a.From == "npm whoami" {
				text = a.Text
			}
		}
		return []Evidence{{"npm whoami", text}}
	}
	if c.Facts.Identity.Deaf {
		return []Evidence{{"npm whoami", "the registry does not know the question"}}
	}
	return nil
}

func evAlive(c *Case) []Evidence {
	from := "npm access list collaborators " + c.Name()
	switch c.Facts.Alive {
	case Yes:
		return []Evidence{{from, "answered to this token, and not without it: the token is alive, and granular"}}
	case No:
		return []Evidence{{from, "refuses this token too (401)"}}
	}
	return nil
}

func evPackument(c *Case) []Evidence {
	p := c.Facts.Packument
	switch p.Found {
	case Yes:
		text := "the package exists" + prefixed(", latest is ", p.DistTags["latest"]) +
			prefixed(", maintained by ", strings.Join(p.Maintainers, ", "))
		return []Evidence{{evView(c), text}}
	case No:
		return []Evidence{{evView(c), "no package of this name is visible (404)"}}
	}
	return nil
}

// evThis says what the registry holds under this version, beside what was packed.
func evThis(c *Case) []Evidence {
	this := c.Facts.This
	from := evView(c) + "@" + c.Version()
	switch {
	case this.Found == No:
		return []Evidence{{from, c.Version() + " is not there"}}
	case this.Found != Yes:
		return nil
	}
	text := c.Version() + " is there" + prefixed(", published by ", this.By)
	mine := c.packed()
	if !mine.Known() {
		mine = c.Local.Repacked
	}
	switch c.sameBytes() {
	case Yes:
		if c.sameCommit() {
			return []Evidence{{from, text + ", published from the commit that is checked out here (" + short(this.GitHead) + ")"}}
		}
		if c.sentEarlier() {
			return []Evidence{{from, text + ", the contents of an earlier attempt of yours (" + digest(this.Shasum, this.Integrity) + ")"}}
		}
		text += ", the same contents as yours (" + digest(this.Shasum, this.Integrity) + ")"
	case No:
		text += fmt.Sprintf(", other contents than yours (%s, yours %s)",
			digest(this.Shasum, this.Integrity), short(firstNonEmpty(mine.Shasum, mine.Integrity)))
	case Unknown:
		text += c.doubt()
	}
	return []Evidence{{from, text}}
}

// doubt says why a version that is there may be this run's own upload.
func (c *Case) doubt() string {
	this := c.Facts.This
	switch {
	case !c.Local.Doubt:
		return ""
	case this.At.IsZero():
		return "; the registry does not say since when, so that it may be your own upload"
	}
	return ", since " + this.At.UTC().Format("2006-01-02 15:04:05 UTC") + ", after this publish began: it may be your own upload"
}

func evAccess(c *Case) []Evidence {
	from := "npm access list collaborators " + c.Name()
	switch c.Facts.MayWrite {
	case Yes:
		return []Evidence{{from, "this account may write the package"}}
	case No:
		return []Evidence{{from, "this account is not listed with write access"}}
	}
	return nil
}

// evWrite shows by what it is known whether this account may write the package: the
// list of those who may, or the maintainers.
func evWrite(c *Case) []Evidence {
	if c.Facts.MayWrite != Unknown {
		return evAccess(c)
	}
	return append(evIdentity(c), evPackument(c)...)
}

func evMember(c *Case) []Evidence {
	from := "npm org ls " + strings.TrimPrefix(c.scope(), "@")
	switch c.Facts.Member {
	case Yes:
		return []Evidence{{from, "this account belongs to it"}}
	case No:
		return []Evidence{{from, "this account does not belong to it"}}
	}
	return nil
}

func evMirror(c *Case) []Evidence {
	switch c.Facts.Mirrors {
	case Yes:
		return []Evidence{{"npm view inherits", "it shows packages of the public registry, as a mirror does"}}
	case No:
		return []Evidence{{"npm view inherits", "it shows no packages of the public registry"}}
	}
	return nil
}

// evOIDC shows what npm's log says of trusted publishing. npm hides it at its
// default level.
func evOIDC(c *Case) []Evidence {
	for _, fits := range []*regexp.Regexp{oidcTaken, ofOIDC, skipped} {
		if l, ok := c.line("", fits); ok {
			return []Evidence{{l.From, l.Text}}
		}
	}
	return nil
}

func evDropped(c *Case) []Evidence {
	if l, ok := c.line("warn", saysDropped); ok {
		return []Evidence{{l.From, "npm dropped a setting: " + l.Text}}
	}
	return nil
}

// evVersion says what stands under the version, also where only the list of
// versions tells.
func evVersion(c *Case) []Evidence {
	p := c.Facts.Packument
	switch {
	case slices.Contains(p.Burnt, c.Version()) && c.versionThere() != Yes:
		return []Evidence{{evView(c) + " time", c.Version() + " was published once and is gone from the versions"}}
	case c.Facts.This.Found == Yes:
		return evThis(c)
	case c.versionThere() == Yes:
		return []Evidence{{evView(c) + " versions", c.Version() + " is listed"}}
	case p.Found == Yes:
		return append(evPackument(c), Evidence{evView(c) + " versions", c.Version() + " is not listed"})
	}
	return evThis(c)
}

func evScope(c *Case) []Evidence {
	switch c.Facts.ScopeThere {
	case Yes:
		return []Evidence{{"scope " + c.scope(), "it exists"}}
	case No:
		return []Evidence{{"scope " + c.scope(), "no user and no organization of that name"}}
	}
	return nil
}

// everyAnswer returns all that was asked, for an honest end: what is known and
// what it rules out, and in the asker's words what was not answered.
func everyAnswer(c *Case) []Evidence {
	var all []Evidence
	for _, ev := range [][]Evidence{
		evNotice(c), evOIDC(c), evDropped(c), evThis(c), evPackument(c), evIdentity(c), evAlive(c), evAccess(c), evScope(c), evMember(c),
		evMirror(c), evLogin(c), evSource(c),
	} {
		all = append(all, ev...)
	}
	if len(all) > 0 {
		return all
	}
	for _, a := range c.Facts.Asked {
		all = append(all, Evidence(a))
	}
	return all
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
