package registry

import (
	"encoding/json"
	"strings"
	"time"
)

// World is what the registry holds when a rehearsal starts. The zero value is an
// empty registry that knows nobody.
type World struct {
	Users    map[string]*User
	Tokens   map[string]*Token   // by the token's own text
	Scopes   map[string][]string // members of a scope, by its name without "@"; an absent scope does not exist
	Packages map[string]*Package
	Popular  []string // names that a new name must not resemble
	Faults   []Fault  // what befalls the uploads, in order
	Mute     bool     // it answers no question about accounts, as many a company's registry does not
	Masks    bool     // what you may not is answered 404 without a word, as npmjs.org does where the reason would tell too much
	Mirror   bool     // it is read from only, and shows packages of the public registry
	// Publishers are the packages that have a trusted publisher which fits the job;
	// the exchange is refused for any other.
	Publishers  map[string]bool
	Down        int               // the status that every reader is answered with; 0 for none
	Header      map[string]string // goes with every answer to a reader
	IDToken     string            // the identity that the CI of a rehearsal hands out, "" for none
	LoginAs     string            // the account that a browser login ends in
	AutoApprove int               // polls after which a browser login or second factor approves itself; 0 for never
}

// TFA is the two-factor mode of an account, in the words of npm profile.
type TFA string

// The two-factor modes. An account with NoTFA cannot publish (npmjs.org since
// December 2025); one with TFALogin publishes without a code, as accounts could
// before that, which keeps the other scenarios short.
const (
	NoTFA     TFA = ""
	TFALogin  TFA = "auth-only"
	TFAWrites TFA = "auth-and-writes"
)

// User is an account.
type User struct {
	Name, Password string
	TFA            TFA
	Browser        bool   // the second factor is a security key in the browser, not a code
	OTP            string // the code that is right for as long as the rehearsal lasts
	Unverified     bool   // the email address was never confirmed
}

// TokenKind is what a token may do.
type TokenKind int

// The kinds of token. A stage-only token may stage a package and not publish it
// (npmjs.org since September 2026).
const (
	Session TokenKind = iota
	Automation
	Granular
	ReadOnly
	StageOnly
)

// Token is one credential of an account.
type Token struct {
	User     string
	Kind     TokenKind
	Dead     bool     // expired or revoked
	DeadAs   int      // status that an upload with a dead token gets: 401 or 404
	Notice   string   // npm-notice that goes with that answer
	Packages []string // what a granular token may write; nil for everything
	Bypass   bool     // a granular token that needs no second factor
	NoWhoami bool     // answers 401 to whoami and still publishes, as granular tokens may
}

// Package is what the registry holds under one name.
type Package struct {
	Name       string
	Restricted bool
	Owners     []string
	Readers    []string // accounts that may read it and not write it
	Versions   map[string]*Version
	Times      map[string]time.Time // every number ever used, unpublished ones included
	DistTags   map[string]string
	RequireTFA bool      // publishing needs a second factor, and no token replaces it
	Removed    time.Time // when the whole package was unpublished; zero if it was not
}

// Version is one published version.
type Version struct {
	Manifest          json.RawMessage
	Tarball           []byte
	Shasum, Integrity string
	By                string
	Deprecated        string
	Staged            bool // accepted and still being processed: not readable yet
	Invisible         bool // stored, and not shown to readers until Show
}

// readable tells whether readers see the version.
func (v *Version) readable() bool { return v != nil && !v.Staged && !v.Invisible }

// Fault is something that goes wrong with one upload. Unless it is Early it
// befalls the next upload that would have been accepted.
type Fault struct {
	Early     bool   // before anything is looked at
	Always    bool   // again and again, not once
	Merged    bool   // only the merged packument that npm 9 and older send by themselves after a 409
	For       string // the one package it befalls; "" for any
	Store     bool   // after the upload was stored; the answer alone is lost
	Reset     bool   // the connection is cut instead of an answer
	Status    int
	Message   string // body.error
	HTML      string // the body, where it is a page of the network in front of the registry
	Header    map[string]string
	Delay     time.Duration // before the answer
	Staged    bool          // what is stored counts as still being processed
	Invisible bool          // what is stored is not shown to readers, until Show
	Repack    bool          // what is stored was packed again by the registry: its shasum is not that of the upload
}

// NewPackage returns a public package of owner with the versions given, the last
// of which is latest. Their contents are made up.
func NewPackage(name, owner string, versions ...string) *Package {
	p := emptyPackage(name, owner)
	for _, v := range versions {
		manifest, _ := json.Marshal(map[string]string{"name": name, "version": v})
		p.put(v, &Version{Manifest: manifest, Tarball: []byte(name + "@" + v + " as somebody published it"), By: owner})
		p.DistTags["latest"] = v
	}
	return p
}

func emptyPackage(name, owner string) *Package {
	return &Package{
		Name: name, Owners: []string{owner}, Versions: map[string]*Version{},
		Times: map[string]time.Time{}, DistTags: map[string]string{},
	}
}

// put stores a version and computes its digests.
func (p *Package) put(number string, v *Version) {
	v.Shasum, v.Integrity = digests(v.Tarball)
	p.Versions[number] = v
	p.Times[number] = time.Now().UTC()
	p.Removed = time.Time{}
}

// Burn unpublishes a version: its number stays used for ever.
func (p *Package) Burn(number string) {
	if _, used := p.Times[number]; !used {
		p.Times[number] = time.Now().UTC()
	}
	delete(p.Versions, number)
	for tag, v := range p.DistTags {
		if v == number {
			delete(p.DistTags, tag)
		}
	}
}

// Remove unpublishes the whole package.
func (p *Package) Remove() {
	for number := range p.Versions {
		p.Burn(number)
	}
	p.Removed = time.Now().UTC()
}

func (p *Package) shown() bool {
	for _, v := range p.Versions {
		if v.readable() {
			return true
		}
	}
	return false
}

// scopeOf returns the scope of a package's name without "@", "" if it has none.
func scopeOf(name string) string {
	scope, _, ok := strings.Cut(strings.TrimPrefix(name, "@"), "/")
	if !ok || !strings.HasPrefix(name, "@") {
		return ""
	}
	return scope
}

// baseOf returns a package's name without its scope.
func baseOf(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}
