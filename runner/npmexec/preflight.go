package npmexec

import (
	"cmp"
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/preflight"
	"safepublish/runner/npmrc"
)

// Subject is what npm is told to publish.
type Subject struct {
	Args []string // npm's arguments
	Spec string   // a folder, a tarball, "" for the current folder
	Dir  string   // the package's folder
}

// ReadConfig returns a case with what npm's settings say of the publish: where it goes,
// with which tag, access and credential. It costs one run of npm, which is remembered.
func (n *NPM) ReadConfig(ctx context.Context, given *classify.Case, s Subject) *classify.Case {
	c, npmrcs := *given, n.Npmrc(ctx, s.Args)
	c.NPM = n.Version(ctx).String()
	c.Settings.Values = n.Config(ctx, s.Args)
	c.Answers.Npmrc, c.CI = &npmrcs, CI(n.Env)
	if tag := c.Settings.Values["tag"]; c.Settings.Tag == "" && tag != "latest" {
		c.Settings.Tag = tag
	}
	c.Settings.Access = cmp.Or(c.Settings.Access, c.Settings.Values["access"])
	c.Settings.Registry = n.Registry(ctx, c.Name(), s.Args, c.Package.PublishConfig)
	_, workspace := npmrc.Project(n.Dir, s.Args)
	c.Package.Workspace = workspace != ""
	return &c
}

// Preflight returns a case with everything that is known before a publish. All that
// does not wait for something else is asked at once; what a first answer may make needless
// waits for it, for npm takes half a second of a processor to ask anything. Nothing is
// changed: npm packs without writing and without a script, and asks the registry to read.
func (n *NPM) Preflight(ctx context.Context, given *classify.Case, s Subject) *classify.Case {
	start := *given
	if start.Package.Kind == "tarball" { // only npm knows its name
		start.Package.Packed, start.Package.Name, start.Package.Version = n.pack(ctx, s)
	}
	packed, remote, account := start.Package.Packed, "", classify.Account{}
	waitPack := func() {}
	if start.Package.Kind == "folder" {
		waitPack = carry.Go(func() { packed, _, _ = n.pack(ctx, s) })
	}
	waitRemote := carry.Go(func() {
		origin, _ := git(ctx, n.Env, s.Dir, "remote", "get-url", "origin")
		remote = strings.TrimSpace(origin)
	})
	c := n.ReadConfig(ctx, &start, s)
	waitAccount := func() {}
	if !preflight.NoLogin(c) { // nobody answers this to somebody without a login
		waitAccount = carry.Go(func() { account = n.account(ctx, c.Registry(), c.Name()) })
	}
	asked, questions := *c, append(preflight.Questions(c), classify.AskIdentity)
	first := n.probe(ctx, c.Registry(), c.Name(), c.Version())
	first.shown = true // what a copy that is minutes old lacks, a check may lack too
	asked.Answers = c.Answers.With(first.put(questions), questions)
	if questions = preflight.Doubts(&asked); len(questions) > 0 {
		asked.Answers = n.Answers(ctx, &asked, questions)
	}
	if preflight.LikeNPM(c.Registry()) {
		asked.Answers.Similar = n.similar(ctx, c.Registry(), preflight.Lookalikes(&asked))
	}
	waitPack()
	waitRemote()
	waitAccount()
	asked.Answers.Account, asked.Package.Packed, asked.Package.Remote = account, packed, remote
	n.lookAtFiles(&asked.Package, s)
	return &asked
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
func (n *NPM) account(ctx context.Context, registry, name string) classify.Account {
	if registry == "" {
		return classify.Account{}
	}
	a := n.ask(ctx, registry, name, "profile", "get")
	doc := gjson.Parse(a.out)
	if !a.ok || !doc.Get("tfa").Exists() {
		return classify.Account{}
	}
	verified := doc.Get("email_verified")
	return classify.Account{
		Known: true, SecondFactor: doc.Get("tfa.mode").String(),
		Unverified: verified.Exists() && !verified.Bool() && doc.Get("email").String() != "", // Verdaccio has neither
	}
}
