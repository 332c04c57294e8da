package registry

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// Scenario is one refusal, or several in a row, and a person's way past them. It
// is all data: the registry's own rules do the rest. It speaks of the package that
// is published, whatever its name and version are.
type Scenario struct {
	ID      string // the cause's ID, with a suffix where a cause comes in several ways
	Title   string // one line for --list
	Causes  []string
	Answers []string // of the person, in the order of the questions, as prompts.UI.Play takes them, and codes
	End     string
	Args    []string // arguments of npm publish that the refusal needs

	Shape   Shape  // what the copy's package.json says
	Package Seed   // what the registry has under the package's name
	Account User   // yours
	Token   Token  // yours
	Login   string // what stands in the .npmrc in place of the token; loggedOut for nothing
	World   World  // how the registry behaves, and what befalls the uploads
}

// How a scenario ends.
const (
	Published        = "published"
	AlreadyPublished = "is there"
	NeedsYou         = "needs you"
	TryLater         = "try later"
	Unknown          = "not known"
)

// Shape is what a scenario needs of package.json; the copy is edited to fit. The
// zero value is the package as it is, publishable: without "private" and without
// a prerelease part, at which npm 11 would stop before anything else.
type Shape struct {
	Scope      Scope
	Capital    bool // in the name
	Prerelease bool
	Private    bool
	Access     string            // publishConfig.access, or noAccess for none; "" is left alone
	Keys       map[string]string // what else stands in it: a key's path, and its JSON
}

// Scope is whether a package's name has one.
type Scope int

// The zero Scope is the name's own.
const (
	AnyScope Scope = iota
	Scoped
	Unscoped
)

const noAccess = "none"

// Seed is what the registry has under the name that is published, before it is
// published. The zero value is a package of yours, in an older version.
type Seed struct {
	Owner      string // you where it is ""; nobody where the name is free
	Readers    []string
	Holds      Holding
	RequireTFA bool
	// ScopeOwner is who the scope of the name belongs to: you where it is "", nobody
	// where there is no such scope.
	ScopeOwner string
	Twin       bool // a popular package has almost the same name
	Spam       bool // the spam filter does not like the name
}

// Holding is which versions of a package the registry has.
type Holding int

// What the registry has of a package that somebody owns: an older version (none, where
// there is no older one), and what else.
const (
	Older       Holding = iota
	Same                // the version itself
	Deprecated          // the version itself, which npm 11 and later then do not see before they send
	Staged              // the version itself, still being processed
	Unpublished         // the version was there, and its number stays used
	Removed             // the whole package was unpublished just now
	Higher              // a later version
)

// The accounts of a rehearsal.
const (
	you     = "sam"
	another = "alice"
	nobody  = "-"
)

const loggedOut = "-"

// givenScope is the scope that a package without one gets.
const givenScope = "@acme/"

// Default is the one that is rehearsed where none is named: the seed of
// all problems.
const Default = "version-exists"

// Scenarios returns every scenario, in the order of --list.
func Scenarios() []Scenario {
	all := slices.Clone(scenarios)
	for i, s := range all {
		if s.Causes == nil {
			all[i].Causes = []string{s.ID}
		}
		all[i].End = cmp.Or(s.End, Published)
	}
	return all
}

// IDs returns the ID of every scenario, in the order of --list.
func IDs() (ids []string) {
	for _, s := range scenarios {
		ids = append(ids, s.ID)
	}
	return ids
}

// Find returns the scenario of an ID, "" for the default. It returns false where
// there is none.
func Find(id string) (Scenario, bool) {
	for _, s := range Scenarios() {
		if s.ID == cmp.Or(id, Default) {
			return s, true
		}
	}
	return Scenario{}, false
}

// browser tells whether npm will print an address for a browser: in its second
// factor, or in a login.
func (s Scenario) browser() bool {
	return s.Account.Browser || slices.Contains(s.Answers, "login")
}

// The words that stand for a code in an answer.
const (
	rightCode = "the right code"
	wrongCode = "a wrong code"
)

// wrong is a code that is never the right one.
const wrong = "000000"

// answers are the person's, with a right or a wrong code where one is typed.
func (s Scenario) answers(otp string) []string {
	all := slices.Clone(s.Answers)
	for i, answer := range all {
		switch answer {
		case rightCode:
			all[i] = otp
		case wrongCode:
			all[i] = wrong
		}
	}
	return all
}

// told is what the person learns of the code where one is asked for.
func (s Scenario) told(otp string) []string {
	told := []string{"the one-time password of this rehearsal is " + otp}
	if slices.Contains(s.Answers, wrongCode) {
		told = append([]string{"type " + wrong + " first, which is wrong"}, told...)
	}
	return told
}

// standing says who the person is to the registry.
func (s Scenario) standing() string {
	switch {
	case s.Login == loggedOut:
		return "you are not logged in to it"
	case s.Login != "":
		return "your .npmrc has " + s.Login + " where the token should be"
	case s.Token.DeadAs != 0:
		return "your token was " + you + "'s; it is no longer valid"
	case s.Token.Kind != Session || s.Token.Packages != nil:
		return "your token is one of " + you + "'s, but may not do everything"
	}
	return "you are logged in to it as " + you
}

// fit makes a manifest fit the shape, and returns what it changed, a line each.
func (s Shape) fit(manifest []byte) (fitted []byte, changed []string, err error) {
	is := func(key string) gjson.Result { return gjson.GetBytes(manifest, key) }
	set := func(key string, value any) {
		switch now := is(key); {
		case err != nil, value == nil && !now.Exists(), value != nil && reflect.DeepEqual(now.Value(), value):
		case value == nil:
			manifest, err = sjson.DeleteBytes(manifest, key)
			changed = append(changed, "in the copy "+key+" is taken out")
		default:
			manifest, err = sjson.SetBytes(manifest, key, value)
			changed = append(changed, "in the copy "+key+" is "+is(key).String())
		}
	}
	if s.Private {
		set("private", true)
	} else if is("private").Bool() {
		set("private", nil)
	}
	if name := is("name").String(); name != "" {
		set("name", s.name(name))
	}
	if number := is("version").String(); s.version(number) != number {
		set("version", s.version(number))
	}
	switch s.Access {
	case "":
	case noAccess:
		set("publishConfig.access", nil)
	default:
		set("publishConfig.access", s.Access)
	}
	for _, key := range keys(s.Keys) {
		set(key, gjson.Parse(s.Keys[key]).Value())
	}
	return manifest, changed, err
}

// version is the number without a prerelease part, or with one. What is no version stays.
func (s Shape) version(number string) string {
	v, err := semver.NewVersion(number)
	if err != nil {
		return number
	}
	released := semver.New(v.Major(), v.Minor(), v.Patch(), "", "")
	switch {
	case s.Prerelease:
		return released.IncPatch().String() + "-beta.0"
	case v.Prerelease() != "":
		return released.String()
	}
	return number
}

func (s Shape) name(name string) string {
	base := baseOf(name)
	switch {
	case s.Scope == Scoped && scopeOf(name) == "":
		name = givenScope + name
	case s.Scope == Unscoped:
		name = base
	}
	if s.Capital && base != "" {
		return strings.TrimSuffix(name, base) + strings.ToUpper(base[:1]) + base[1:]
	}
	return name
}

// world is the scenario's registry before any package is in it, and your token.
func (s Scenario) world(otp string, polls int) (World, *Token) {
	account, token := s.Account, s.Token
	account.Name, account.OTP, account.Told, token.User = you, otp, s.told(otp), you
	w := s.World
	w.Tokens, w.Packages = map[string]*Token{}, map[string]*Package{}
	w.Users = map[string]*User{you: &account, another: {Name: another, TFA: TFAWrites}}
	w.Scopes = map[string][]string{you: {you}, another: {another}}
	w.LoginAs, w.AutoApprove = you, polls
	if w.Mirror {
		w.Packages["inherits"] = NewPackage("inherits", another, "2.0.4")
	}
	return w, &token
}

// seed puts the package of a manifest into a world as the scenario wants it.
func (s Scenario) seed(w *World, manifest []byte) {
	name, number := gjson.GetBytes(manifest, "name").String(), gjson.GetBytes(manifest, "version").String()
	if scope := scopeOf(name); scope != "" {
		switch s.Package.ScopeOwner {
		case "":
			w.Scopes[scope] = append(w.Scopes[scope], you)
		case nobody:
			delete(w.Scopes, scope)
		default:
			w.Scopes[scope] = []string{s.Package.ScopeOwner}
		}
	}
	if s.Package.Twin {
		w.Popular = append(w.Popular, twin(name))
	}
	if s.Package.Spam {
		w.Spam = append(w.Spam, name)
	}
	if s.Package.Owner == nobody || name == "" {
		return
	}
	p := s.Package.make(name, number)
	p.Restricted = scopeOf(name) != "" && gjson.GetBytes(manifest, "publishConfig.access").String() == "restricted"
	w.Packages[name] = p
}

// first is the version that is older than all others.
const first = "0.0.0"

func (s Seed) make(name, number string) *Package {
	owner := cmp.Or(s.Owner, you)
	p := NewPackage(name, owner)
	p.Readers, p.RequireTFA = s.Readers, s.RequireTFA
	if number != first {
		p.seed(first)
	}
	switch s.Holds {
	case Same:
		p.seed(number)
	case Deprecated:
		p.seed(number).Deprecated = "use another one"
	case Staged:
		p.put(number, &Version{Tarball: []byte("staged"), By: owner, Staged: true})
	case Unpublished:
		p.unpublish(number)
	case Removed:
		p.remove()
	case Higher:
		p.seed(nextMajor(number))
	}
	return p
}

func nextMajor(version string) string {
	v, err := semver.NewVersion(version)
	if err != nil {
		return "1.0.0"
	}
	return v.IncMajor().String()
}

// twin is a name that npmjs.org does not tell apart from name.
func twin(name string) string {
	if bare(name) != name {
		return bare(name)
	}
	half := (len(name) + 1) / 2
	return name[:half] + "-" + name[half:]
}
