package classify

import (
	"cmp"
	"slices"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// Case is everything that is known about one publish: what npm showed, or before a
// publish nothing but the version of npm; what is on disk; what the settings say; what
// the caller knows of the attempt; and what the registry answered when it was asked.
// The zero value of a fact means that nobody asked or nobody answered, and rules
// nothing in or out. Explain, which reads a saved log, knows the transcript alone.
type Case struct {
	transcript.Transcript
	Package  Package
	Settings Settings
	Attempt  Attempt
	CI       CI
	Answers  Answers
	Shell    npm.Shell // what the person types into who reads about it

	worded map[*Cause]bool // while it is diagnosed: whether npm's words fit a row, which is asked many times
}

// Package is what is on disk. The transcript wins where it names another package or
// version than the manifest.
type Package struct {
	Kind          string // "folder" or "tarball"
	Name, Version string
	Private       bool
	Workspace     bool              // npm runs in a workspace's folder, where a private package is passed over and nothing fails
	Manifest      []byte            // package.json as it stands, a tarball's own; nil where it cannot be read
	Problem       string            // why package.json cannot be used; "" if it can
	PublishConfig map[string]string // of package.json, as npm reads it: it may say where the package goes
	Head          string            // the commit that is checked out, where nothing was changed since; "" else
	Remote        string            // the address of the git remote; "" for none
	Client        string            // what installs the project: "pnpm", "yarn", "bun" or "npm"; "" where nothing says
	// Packed is what it packs to without its scripts; Built tells that scripts ran before
	// the upload, so that another digest than the registry's proves nothing.
	Packed Packed
	Built  bool
	There  []string // of the paths that package.json names, those that are on disk
}

// Packed is what npm would pack, without the package's scripts.
type Packed struct {
	npm.Contents
	Listed         bool // npm said which files
	Files          []File
	Size, Unpacked int64
	Problem        string // what npm says where it cannot pack
}

// File is one file that would be published.
type File struct {
	Path   string
	Secret string // what it seems to hold: "a private key"; "" for nothing of the kind
	Start  string // how a command begins: "#!", "text"; "" for what is no command
}

// Settings are what the command line, the environment, npm's files and publishConfig
// say of a publish.
type Settings struct {
	Registry string            // where it is going to be sent
	Tag      string            // the dist-tag asked for in any way; "" for none
	Access   string            // the access asked for in any way; "" for none
	Proxy    Proxy             // what npm goes through to the registry
	Values   map[string]string // npm's own settings, all levels merged; nil where npm did not say
}

// Proxy is a proxy between npm and the registry: its host and port, and the variable or
// the line of an .npmrc that sets it; both "" where there is none.
type Proxy struct{ Host, From string }

// Attempt is what the caller knows of the upload itself.
type Attempt struct {
	OTP      bool // a one-time password went with it
	Terminal bool // npm could ask a person itself (stdin and stdout are terminals)
	// Sent holds the contents of earlier uploads of this name and version: a build may
	// pack other bytes each time, and what the registry then shows may be one of these.
	Sent []npm.Contents
	// Doubt tells that the version on the registry may be an upload of this run that a
	// registry has repacked: it was published after the run began, or it is not known
	// when.
	Doubt bool
}

// Answers are what the registry that publish talks to was asked, and what came.
type Answers struct {
	Registry      string // the registry that was asked; answers of another one prove nothing
	Packument     Packument
	RemoteVersion RemoteVersion
	Identity      Identity
	Account       Account
	MayWrite      Answer // this account is listed with write access to the package
	ScopeExists   Answer // the package's scope exists as a user or an organization
	Member        Answer // this account is the scope's own user, or belongs to the organization
	// Alive tells that the registry takes the token, although whoami refused it: it
	// answered what it does not tell a stranger. Granular tokens are like that.
	// No means that it refused that with 401 as well.
	Alive   Answer
	Mirrors Answer   // the registry shows packages of the public one
	Similar []string // names that are there and differ from this one in their punctuation alone
	// RetryAfter is how long the registry wants to be left alone after a 429, 0 where
	// it did not say.
	RetryAfter time.Duration
	Npmrc      *Npmrc     // what npm reads about registries and credentials; nil where nobody looked
	Asked      []Asked    // each question with its answer in words
	Questions  []Question // what was asked, answered or not; nothing is asked twice
}

// With returns the answers with those to later questions, in more, added.
func (a Answers) With(more Answers, questions []Question) Answers {
	for _, q := range questions {
		switch q {
		case AskPackument:
			a.Packument = more.Packument
		case AskThis:
			a.RemoteVersion = more.RemoteVersion
		case AskIdentity:
			a.Identity = more.Identity
		case AskAccess:
			a.MayWrite, a.Alive = more.MayWrite, more.Alive
		case AskScope:
			a.ScopeExists = more.ScopeExists
		case AskMember:
			a.Member = more.Member
		case AskMirror:
			a.Mirrors = more.Mirrors
		case AskLimit:
			a.RetryAfter = more.RetryAfter
		case AskLogin:
			a.Npmrc = more.Npmrc
		}
	}
	a.Registry = more.Registry
	a.Asked, a.Questions = slices.Concat(a.Asked, more.Asked), slices.Concat(a.Questions, questions)
	return a
}

// Answer is the answer to a question of yes or no. The zero value is Unknown:
// not asked, not answered, or answered by something that does not count.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	Yes
	No
)

// Packument is what the registry holds under the package's name.
type Packument struct {
	Found       Answer            // No: the registry answered 404 for the name, which a private package of others also gets
	Versions    []string          // published now, deprecated and prerelease ones included
	Burnt       []string          // numbers that "time" lists and "versions" does not: unpublished, never to be used again
	DistTags    map[string]string // "latest": "1.0.0"
	Maintainers []string          // user names
	Deprecated  bool              // the version that latest points at is deprecated
	ErrorCode   string            // why no answer came: npm's code, "ECONNREFUSED", or NoAnswer
}

// NoAnswer is the ErrorCode of a registry that was given up on.
const NoAnswer = "no answer"

// RemoteVersion is what the registry holds under the name and version of this run.
type RemoteVersion struct {
	Found             Answer
	Shasum, Integrity string
	By                string    // the user who published it; "" where the registry does not say
	At                time.Time // when, by the registry's clock; zero where it does not say
	Clock             time.Time // the registry's clock when it answered; zero if unknown
	Asked             time.Time // our clock when it answered
	GitHead           string    // the commit that it was published from; "" if unknown
}

// Contents returns what tells the bytes of the version.
func (v RemoteVersion) Contents() npm.Contents {
	return npm.Contents{Shasum: v.Shasum, Integrity: v.Integrity}
}

// Identity is the answer to npm whoami. No means that the registry answered 401:
// that does not prove a dead token, for granular tokens may publish and still
// be refused here (npm/cli threads collected in semantic-release/npm#4).
type Identity struct {
	Known             Answer
	User              string
	WhoamiUnsupported bool // the registry answered, and does not know the question (404, 405, 501)
}

// Account is what npm profile says of who is logged in.
type Account struct {
	Known        bool
	SecondFactor string // npm's mode: "auth-only", "auth-and-writes"; "" for none
	Unverified   bool   // the e-mail address was never confirmed
}

// Asked is one question and its answer, in words, for the evidence: From is the
// command ("npm view demo versions"), Text what it answered.
type Asked struct{ From, Text string }

// Question is something that Questions wants asked of the registry.
type Question int

// The questions. Each is read-only, and each is bounded in time by who asks it.
// All but the last are put to the registry; that one is about this machine.
const (
	AskPackument Question = iota // npm view NAME: versions, time, dist-tags, maintainers
	AskThis                      // npm view NAME@VERSION: shasum, integrity, publisher
	AskIdentity                  // npm whoami
	AskAccess                    // npm access: may this account write the package
	AskScope                     // does the scope exist
	AskMember                    // npm org ls: does this account belong to the scope
	AskMirror                    // npm view of a package that only the public registry can hold
	AskLimit                     // a plain GET: how long does a 429 ask to wait
	AskLogin                     // which .npmrc line, variable or flag holds the login, and which names the registry
)

// Name returns the name of the package in question, "" if nothing tells.
func (c *Case) Name() string { return cmp.Or(c.Last().Name, c.Package.Name) }

// Version returns the version in question, "" if nothing tells.
func (c *Case) Version() string { return cmp.Or(c.Last().Version, c.Package.Version) }

// Registry returns the registry that publish talks to, "" if nothing tells.
func (c *Case) Registry() string { return cmp.Or(c.Last().Registry, c.Settings.Registry) }

// Scope returns the scope of the package, "@acme", "" for an unscoped one.
func (c *Case) Scope() string { return npm.Scope(c.Name()) }

// By returns the version of npm.
func (c *Case) By() npm.Version { return npm.ParseVersion(c.NPM) }

// Credential returns what npm finds as the login at the registry; nothing where nobody
// looked.
func (c *Case) Credential() Credential {
	if c.Answers.Npmrc == nil {
		return Credential{}
	}
	return c.Answers.Npmrc.Credential(c.Registry())
}
