package registry

import (
	"crypto/sha1" //nolint:gosec // npm's shasum is a sha1
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"safepublish/classify/npm"
)

// World is what the registry holds and how it behaves. The zero value is an empty
// registry that knows nobody.
type World struct {
	Users    map[string]*User
	Tokens   map[string]*Token   // by the token's own text
	Scopes   map[string][]string // members of a scope, by its name without "@"; an absent scope does not exist
	Packages map[string]*Package
	Popular  []string // names that a new name must not resemble
	Spam     []string // names that the spam filter refuses

	Faults []Fault           // what befalls the requests, in order
	Mute   bool              // it answers no question about accounts, as many a company's registry does not
	Masks  bool              // what you may not is answered 404 without a word, as npmjs.org does where the reason would tell too much
	Mirror bool              // it is read from only, and shows packages of the public registry
	Header map[string]string // goes with every answer to a reader

	Watch func(moment string, q *http.Request) // told when a request is "asked", "decided" and "answered"

	LoginAs     string // the account that a login ends in
	AutoApprove int    // polls after which a browser login or second factor approves itself; 0 for never
}

// TFA is the two-factor mode of an account.
type TFA int

// The two-factor modes. An account with NoTFA cannot publish (npmjs.org since
// December 2025); one with TFALogin publishes without a code, as accounts could
// before that, which keeps the other scenarios short.
const (
	TFALogin TFA = iota
	TFAWrites
	NoTFA
)

// User is an account.
type User struct {
	Name       string
	TFA        TFA
	Browser    bool     // the second factor is a security key in the browser, not a code
	OTP        string   // the code that is right for as long as the rehearsal lasts
	Told       []string // npm-notice that goes with the questions for a code, in order; the last one stays
	Unverified bool     // the email address was never confirmed
}

// TokenKind is what a token may do.
type TokenKind int

// The kinds of token. A stage-only token may stage a package and not publish it
// (npmjs.org since September 2026).
const (
	Session TokenKind = iota
	Automation
	ReadOnly
	StageOnly
)

// Token is one credential of an account.
type Token struct {
	User     string
	Kind     TokenKind
	DeadAs   int      // expired or revoked: the status that an upload with it gets, 401 or 404; 0 for a living one
	Notice   string   // npm-notice that goes with that answer
	Packages []string // what a granular token may write; nil for one that is not granular
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

// Fault is something that goes wrong with one request. Those with uploads happen
// in order: unless it is Early, one waits for the next upload that would have been
// accepted.
type Fault struct {
	At        string // what it befalls every time, "GET /-/whoami" or "GET"; "" for uploads
	Early     bool   // before anything is looked at
	Always    bool   // again and again, not once
	Store     bool   // after the upload was stored; the answer alone is lost
	Invisible bool   // what is stored is not shown to readers, until Show
	Repack    bool   // what is stored was packed again by the registry: its shasum is not that of the upload

	Reset   bool   // the connection is cut instead of an answer
	Status  int    // 0: as if nothing had gone wrong
	Message string // body.error
	Body    string // instead of Message: JSON, or a page of the network in front of the registry
	Header  map[string]string
}

func (f *Fault) reply() *reply {
	a := refused(f.Status, f.Message)
	switch {
	case f.Reset:
		a.status = 0
	case f.Status == 0:
		a = &reply{status: http.StatusCreated, body: map[string]any{"success": true}}
	case f.Body != "":
		a.body = []byte(f.Body)
	}
	a.header = f.Header
	return a
}

// faultAt returns the fault of an address, nil if it has none.
func (w *World) faultAt(q *http.Request) *Fault {
	i := slices.IndexFunc(w.Faults, func(f Fault) bool { return f.At == q.Method || f.At == q.Method+" "+q.URL.Path })
	if i < 0 {
		return nil
	}
	return &w.Faults[i]
}

// takeFault returns the fault that an upload meets now, nil if none does, and
// drops it unless it comes again and again.
func (w *World) takeFault(early bool) *Fault {
	for i, f := range w.Faults {
		switch {
		case f.At != "":
			continue
		case f.Early != early:
			return nil
		case !f.Always:
			w.Faults = slices.Concat(w.Faults[:i], w.Faults[i+1:])
		}
		return &f
	}
	return nil
}

func (w *World) show() {
	for _, p := range w.Packages {
		for _, v := range p.Versions {
			v.Invisible = false
		}
	}
}

// NewPackage returns a public package of owner with the versions given, the last
// of which is latest. Their contents are made up.
func NewPackage(name, owner string, versions ...string) *Package {
	p := &Package{
		Name: name, Owners: []string{owner}, Versions: map[string]*Version{},
		Times: map[string]time.Time{}, DistTags: map[string]string{},
	}
	for _, number := range versions {
		p.seed(number)
	}
	return p
}

// seed adds a version that was published an hour ago: what was published just now
// could be an upload of the run that looks at it.
func (p *Package) seed(number string) *Version {
	v := &Version{Tarball: []byte(p.Name + "@" + number + " as somebody published it"), By: p.Owners[0]}
	p.put(number, v)
	p.Times[number] = time.Now().UTC().Add(-time.Hour)
	p.DistTags["latest"] = number
	return v
}

// put stores a version and computes its digests.
func (p *Package) put(number string, v *Version) {
	v.Shasum, v.Integrity = digests(v.Tarball)
	p.Versions[number] = v
	p.Times[number] = time.Now().UTC()
	p.Removed = time.Time{}
}

// unpublish takes a version away: its number stays used for ever.
func (p *Package) unpublish(number string) {
	delete(p.Versions, number)
	p.Times[number] = time.Now().UTC()
	for tag, v := range p.DistTags {
		if v == number {
			delete(p.DistTags, tag)
		}
	}
}

// remove unpublishes the whole package.
func (p *Package) remove() {
	for number := range p.Versions {
		p.unpublish(number)
	}
	p.Removed = time.Now().UTC()
}

// shown tells whether readers see any version of the package.
func (p *Package) shown() bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(p.Versions)), (*Version).readable)
}

func digests(tarball []byte) (shasum, integrity string) {
	one := sha1.Sum(tarball) //nolint:gosec // npm's shasum is a sha1
	big := sha512.Sum512(tarball)
	return hex.EncodeToString(one[:]), "sha512-" + base64.StdEncoding.EncodeToString(big[:])
}

// scopeOf returns the scope of a package's name without "@", "" if it has none.
func scopeOf(name string) string { return strings.TrimPrefix(npm.Scope(name), "@") }

// baseOf returns a package's name without its scope.
func baseOf(name string) string {
	return name[strings.LastIndexByte(name, '/')+1:]
}
