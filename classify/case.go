package classify

import (
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// Case is everything that is known about one refused publish: what npm showed,
// what the caller knows of the attempt, and what the registry answered when it
// was asked. The zero value of a fact means that nobody asked or nobody answered,
// and rules nothing in or out.
type Case struct {
	transcript.Transcript
	Local Local
	Facts Facts
}

// Local is what the caller knows without asking anybody. All of it is optional:
// explain, which reads a saved log, knows none of it.
type Local struct {
	Name, Version string // of the manifest that npm was to publish; the transcript wins where it names one
	Registry      string // where publish was going to send it, computed before the run
	Tag           string // the dist-tag asked for; "" for none
	Access        string // the access asked for; "" for none
	OTP           bool   // a one-time password went with the attempt
	Terminal      bool   // npm could ask a person itself (stdin and stdout are terminals)
	Private       bool   // the manifest says "private": true
	// PublishConfig is the manifest's publishConfig as npm reads it: it may say
	// where the package goes.
	PublishConfig map[string]string
	// Sent holds the contents of earlier uploads of this name and version: a build may
	// pack other bytes each time, and what the registry then shows may be one of these.
	Sent []npm.Contents
	// Repacked is what the package packs to without its scripts, where npm did not say
	// what it sent (--json); Built tells that scripts ran before the upload, so that
	// another digest than the registry's proves nothing.
	Repacked npm.Contents
	Built    bool
	Head     string // the commit that is checked out, where nothing was changed since; "" else
	// Doubt tells that the version on the registry may be an upload of this run that a
	// registry has repacked: it was published after the run began, or it is not known
	// when.
	Doubt bool
}

// Facts are answers of the registry that publish talked to.
type Facts struct {
	Registry   string // the registry that was asked; facts of another one prove nothing
	Packument  Packument
	This       Published
	Identity   Identity
	MayWrite   Answer // this account is listed with write access to the package
	ScopeThere Answer // the package's scope exists as a user or an organization
	Member     Answer // this account is the scope's own user, or belongs to the organization
	// Alive tells that the registry takes the token, although whoami refused it: it
	// answered what it does not tell a stranger. Granular tokens are like that.
	// No means that it refused that with 401 as well.
	Alive   Answer
	Mirrors Answer // the registry shows packages of the public one
	// RetryAfter is how long the registry wants to be left alone after a 429, 0 where
	// it did not say.
	RetryAfter time.Duration
	Npmrc      *Npmrc // what npm reads about registries and credentials; nil where nobody looked
	CI         CI
	Asked      []Asked
	Put        []Question // what was asked, answered or not; nothing is asked twice
}

// CI is what the environment says of trusted publishing. The zero value is no CI
// that npm knows.
type CI struct {
	Name    string // "GitHub Actions", "GitLab CI" or "CircleCI": the ones that npm trusts
	IDToken bool   // the job may ask for an identity (GitHub: permissions: id-token: write), or holds one
}

// With returns the facts with those that later questions, answered in more, added.
func (f Facts) With(more Facts, questions []Question) Facts {
	for _, q := range questions {
		switch q {
		case AskPackument:
			f.Packument = more.Packument
		case AskThis:
			f.This = more.This
		case AskIdentity:
			f.Identity = more.Identity
		case AskAccess:
			f.MayWrite, f.Alive = more.MayWrite, more.Alive
		case AskScope:
			f.ScopeThere = more.ScopeThere
		case AskMember:
			f.Member = more.Member
		case AskMirror:
			f.Mirrors = more.Mirrors
		case AskLimit:
			f.RetryAfter = more.RetryAfter
		case AskLogin:
			f.Npmrc, f.CI = more.Npmrc, more.CI
		}
	}
	f.Registry, f.Asked, f.Put = more.Registry, append(f.Asked, more.Asked...), append(f.Put, questions...)
	return f
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
	Silence     string            // why no answer came: npm's code, "ECONNREFUSED", or NoAnswer
}

// NoAnswer is the Silence of a registry that was given up on.
const NoAnswer = "no answer"

// Published is what the registry holds under the name and version of this run.
type Published struct {
	Found             Answer
	Shasum, Integrity string
	By                string    // the user who published it; "" where the registry does not say
	At                time.Time // when, by the registry's clock; zero where it does not say
	Clock             time.Time // the registry's clock when it answered; zero if unknown
	Asked             time.Time // our clock when it answered
	GitHead           string    // the commit that it was published from; "" if unknown
}

// Contents returns what tells the bytes of the version.
func (p Published) Contents() npm.Contents {
	return npm.Contents{Shasum: p.Shasum, Integrity: p.Integrity}
}

// Identity is the answer to npm whoami. No means that the registry answered 401:
// that does not prove a dead token, for granular tokens may publish and still
// be refused here (npm/cli threads collected in semantic-release/npm#4).
type Identity struct {
	Known Answer
	User  string
	Deaf  bool // the registry answered, and does not know the question (404, 405, 501)
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
func (c *Case) Name() string { return firstNonEmpty(c.Last().Name, c.Local.Name) }

// Version returns the version in question, "" if nothing tells.
func (c *Case) Version() string { return firstNonEmpty(c.Last().Version, c.Local.Version) }

// Registry returns the registry that publish talked to, "" if nothing tells.
func (c *Case) Registry() string { return firstNonEmpty(c.Last().Registry, c.Local.Registry) }

func firstNonEmpty(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}
