package npmexec

import (
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/preflight"
	"safepublish/runner/npmrc"
)

// Subject is what a survey is about: the package as it was read.
type Subject struct {
	Args          []string          // npm's arguments
	Spec          string            // what npm is told to publish: a folder, a tarball, "" for the current folder
	Dir           string            // the package's folder
	PublishConfig map[string]string // as npm would read the values
}

// Settle fills in what npm's settings say of a publish: where it goes, with which
// tag, access and credential. It costs one run of npm, which is remembered.
func (n *NPM) Settle(ctx context.Context, f *preflight.Facts, s Subject) {
	f.NPM = n.Version(ctx)
	f.Settings = n.Config(ctx, s.Args)
	f.Npmrc = n.Npmrc(ctx, s.Args)
	f.CI, f.Signs = ci(n.Env), signs(n.Env)
	if f.Tag == "" && f.Settings["tag"] != "latest" {
		f.Tag = f.Settings["tag"]
	}
	if f.Access == "" {
		f.Access = f.Settings["access"]
	}
	f.Registry = n.Registry(ctx, f.Name, s.Args, s.PublishConfig)
	_, workspace := npmrc.Project(n.Dir)
	f.Workspace = workspace != ""
}

// Survey fills in everything that is known before a publish. All that does not
// wait for something else is asked at once. Nothing is changed: npm packs without
// writing and without a script, and asks the registry to read.
func (n *NPM) Survey(ctx context.Context, f *preflight.Facts, s Subject) {
	if f.Kind == "tarball" { // only npm knows its name
		f.Contents, f.Name, f.Version = n.pack(ctx, s)
	}
	contents, packed := f.Contents, func() {}
	if f.Kind == "folder" {
		packed = carry.Go(func() { contents, _, _ = n.pack(ctx, s) })
	}
	remote := carry.Go(func() { f.Remote = n.remote(ctx, s.Dir) })
	n.Settle(ctx, f, s)
	var account preflight.Account
	asked := func() {}
	if !f.NoLogin() {
		asked = carry.Go(func() { account = n.account(ctx, f.Registry, f.Name) })
	}
	f.Answers = n.Facts(ctx, f.Registry, f.Name, f.Version, questionsBefore(f))
	if preflight.LikeNPM(f.Registry) {
		f.Similar = n.similar(ctx, f.Registry, f.Lookalikes())
	}
	packed()
	remote()
	asked()
	f.Account, f.Contents = account, contents
}

// questionsBefore leaves out what nobody answers to somebody without a login.
func questionsBefore(f *preflight.Facts) []classify.Question {
	questions := []classify.Question{classify.AskPackument, classify.AskThis, classify.AskIdentity}
	if !f.NoLogin() {
		questions = append(questions, classify.AskAccess, classify.AskScope, classify.AskMember)
	}
	return questions
}

// similar returns those of the names that are there.
func (n *NPM) similar(ctx context.Context, registry string, names []string) []string {
	there := make([]bool, len(names))
	var all []func()
	for i, name := range names {
		all = append(all, func() { there[i] = n.ask(ctx, registry, name, "view", name, "name", "--tag=latest").ok })
	}
	carry.All(all...)
	var found []string
	for i, name := range names {
		if there[i] {
			found = append(found, name)
		}
	}
	return found
}

// account asks who is logged in and with which second factor. Granular tokens may
// not ask.
func (n *NPM) account(ctx context.Context, registry, name string) preflight.Account {
	if registry == "" {
		return preflight.Account{}
	}
	a := n.ask(ctx, registry, name, "profile", "get")
	doc := gjson.Parse(a.out)
	if !a.ok || !doc.Get("tfa").Exists() {
		return preflight.Account{}
	}
	verified := doc.Get("email_verified")
	return preflight.Account{
		Known: true, SecondFactor: doc.Get("tfa.mode").String(),
		Unverified: verified.Exists() && !verified.Bool() && doc.Get("email").String() != "", // Verdaccio has neither
	}
}

// remote returns the address of the git remote origin, "" where there is none.
func (n *NPM) remote(ctx context.Context, dir string) string {
	out, _ := n.git(ctx, dir, "remote", "get-url", "origin")
	return strings.TrimSpace(out)
}
