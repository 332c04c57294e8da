package npmexec

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// Facts asks the registry what the questions want to know about name and
// version: npm view, npm whoami, npm access, in parallel, each bounded in time,
// with the registry pinned on every one. What did not answer stays Unknown, and
// without a registry nothing is asked: the answer of another one proves nothing.
func (n *NPM) Facts(ctx context.Context, registry, name, version string, questions []classify.Question) classify.Answers {
	return n.probe(ctx, registry, name, version).put(questions)
}

// Answers returns the answers of a case with those to more questions about its package,
// asked of its registry (Facts). What an answer tells already is not asked again.
func (n *NPM) Answers(ctx context.Context, c *classify.Case, questions []classify.Question) classify.Answers {
	return c.Answers.With(n.More(ctx, c, questions), questions)
}

// More is Answers without those that the case has already.
func (n *NPM) More(ctx context.Context, c *classify.Case, questions []classify.Question) classify.Answers {
	p := n.probe(ctx, c.Registry(), c.Name(), c.Version())
	p.goOnFrom(c.Answers)
	return p.put(questions)
}

// Glance is Answers where only presence counts: what the registry shows a stranger of a
// package is answer enough, although a copy that is minutes old may lack what is there.
// npm is asked where it shows nothing and the package may be a private one.
func (n *NPM) Glance(ctx context.Context, c *classify.Case, questions []classify.Question) classify.Answers {
	p := n.probe(ctx, c.Registry(), c.Name(), c.Version())
	p.shown, p.brief = true, true
	return c.Answers.With(p.put(questions), questions)
}

// probe is one round of questions to one registry about one package. What more than one
// of them wants to know is asked once.
type probe struct {
	npm                     *NPM
	ctx                     context.Context // of one round
	registry, name, version string
	stranger                bool // npm is asked without a credential
	shown                   bool // what a stranger is shown of a package is answer enough
	brief                   bool // and where nothing is shown of a name that seldom is a private one's, npm is not asked
	absent                  bool // an earlier question of this attempt has told that the version is not there
	lists                   bool // the packument is asked for, which tells that as well
	identity                func() identity
	document                func() document
	view                    func() answer // npm view of the packument
}

func (n *NPM) probe(ctx context.Context, registry, name, version string) *probe {
	p := &probe{npm: n, ctx: ctx, registry: registry, name: name, version: version}
	p.identity = sync.OnceValue(p.askIdentity)
	p.document = sync.OnceValue(p.askDocument)
	p.view = sync.OnceValue(p.askView)
	return p
}

// goOnFrom takes over what an earlier round of the same attempt has found out. Whether the
// version is there is asked anew where it was asked before: it may have come.
func (p *probe) goOnFrom(known classify.Answers) {
	if known.Registry != p.registry {
		return
	}
	if known.Identity != (classify.Identity{}) {
		p.identity = func() identity { return identity{Identity: known.Identity} }
	}
	if !slices.Contains(known.Questions, classify.AskThis) {
		all := known.Packument
		p.absent = all.Found == classify.No || all.Found == classify.Yes && !slices.Contains(all.Versions, p.version)
	}
}

// put asks all of the questions at once.
func (p *probe) put(questions []classify.Question) classify.Answers {
	facts := classify.Answers{Registry: p.registry}
	if p.registry == "" {
		return facts
	}
	p.lists = slices.Contains(questions, classify.AskPackument)
	notes := make([]classify.Asked, len(questions))
	var all []func()
	for i, q := range questions {
		if ask := p.asks()[q]; ask != nil && !slices.Contains(questions[:i], q) {
			all = append(all, func() { notes[i] = ask(&facts) }) // each has fields of its own
		}
	}
	carry.All(all...)
	for _, n := range notes {
		if n.From != "" {
			facts.Asked = append(facts.Asked, n)
		}
	}
	return facts
}

// asks returns how each question is asked. Each puts what came back into the facts
// and returns what to say of it; where no answer came it does neither.
func (p *probe) asks() map[classify.Question]func(*classify.Answers) classify.Asked {
	asks := map[classify.Question]func(*classify.Answers) classify.Asked{
		classify.AskIdentity: p.whoami, classify.AskLogin: p.login, classify.AskMirror: p.mirror,
	}
	if p.name != "" {
		asks[classify.AskPackument], asks[classify.AskAccess] = p.packument, p.access
		asks[classify.AskLimit] = p.limit
	}
	if p.name != "" && p.version != "" {
		asks[classify.AskThis] = p.this
	}
	if npm.Scope(p.name) != "" {
		asks[classify.AskScope], asks[classify.AskMember] = p.scope, p.member
	}
	return asks
}

// nothing is the note of a question without an answer.
var nothing classify.Asked

func (p *probe) ask(args ...string) answer {
	if p.stranger {
		args = append(args, nobody(p.registry)...)
	}
	return p.npm.ask(p.ctx, p.registry, p.name, args...)
}

// login looks on this machine: what npm has to log in with.
func (p *probe) login(f *classify.Answers) classify.Asked {
	n := p.npm.Npmrc(p.ctx, p.npm.Args)
	f.Npmrc = &n
	return nothing
}

// unpublished is what npm view says of a package of which nothing is left.
var unpublished = pattern.New(`Unpublished (?:by \S+ )?on ([0-9TZ:.-]+)`)

// askView asks npm for all that stands under the name. The tag is npm view's own
// default for which version it looks at: one set for the publish would find
// nothing.
func (p *probe) askView() answer {
	return p.ask("view", p.name, "versions", "time", "dist-tags", "maintainers", "deprecated", "--tag=latest")
}

// packument asks for all that stands under the name: what the registry shows a stranger
// where that has the version, else npm.
func (p *probe) packument(f *classify.Answers) classify.Asked {
	from := "npm view " + p.name
	switch doc := p.document(); {
	case doc.has(p.version), p.shown && doc.Exists():
		f.Packument = readPackument(doc.Result)
		return classify.Asked{From: from, Text: packumentWords(f.Packument)}
	case p.brief && p.isNew(doc):
		return nothing
	}
	a := p.view()
	doc := viewed(a)
	switch {
	case a.code == "E404":
		f.Packument.Found = classify.No
		if m := unpublished.FindStringSubmatch(a.out + a.err); m != nil {
			return classify.Asked{From: from, Text: "404, the package was unpublished on " + m[1]}
		}
		return classify.Asked{From: from, Text: "404, there is no such package, or you may not see it"}
	case !a.ok || !doc.IsObject() || !doc.Get("versions").Exists():
		f.Packument.ErrorCode = a.code
		if !a.came {
			f.Packument.ErrorCode = classify.NoAnswer
		}
		return nothing
	}
	f.Packument = readPackument(doc)
	return classify.Asked{From: from, Text: packumentWords(f.Packument)}
}

// this asks for one version. Up to npm 11 one that is not there prints nothing
// and ends with 0. Where npm is asked for the packument as well, that tells what is not
// there.
func (p *probe) this(f *classify.Answers) classify.Asked {
	spec := p.name + "@" + p.version
	from := "npm view " + spec
	notThere := func() classify.Asked {
		f.RemoteVersion = classify.RemoteVersion{Found: classify.No, Asked: time.Now()}
		return classify.Asked{From: from, Text: "not there"}
	}
	if p.absent {
		return notThere()
	}
	doc := p.document()
	if this, ok := doc.shows(p.version); ok {
		f.RemoteVersion = this
		return classify.Asked{From: from, Text: publishedWords(this)}
	}
	if p.shown && doc.Exists() || p.brief && p.isNew(doc) {
		return nothing
	}
	if p.lists && p.lacks(p.view()) {
		return notThere()
	}
	a := p.ask("view", spec, "name", "version", "dist", "_npmUser", "gitHead", "time", "--tag=latest")
	if a.code == "E404" || a.ok && strings.TrimSpace(a.out) == "" {
		return notThere()
	}
	found := viewed(a)
	this, ok := readVersion(found, found.Get("time"), p.version)
	if !a.ok || !ok {
		return nothing
	}
	f.RemoteVersion = this
	return classify.Asked{From: from, Text: publishedWords(this)}
}

// isNew tells whether nobody is shown anything under a name that seldom is a private one's.
func (p *probe) isNew(doc document) bool {
	return doc.status == http.StatusNotFound && npm.Scope(p.name) == ""
}

// lacks tells whether npm view of the packument says that the version is not there.
func (p *probe) lacks(a answer) bool {
	versions := viewed(a).Get("versions")
	return a.code == "E404" || a.ok && versions.Exists() && !slices.ContainsFunc(versions.Array(), func(v gjson.Result) bool {
		return v.String() == p.version
	})
}

// everybodys is a package that only the public registry can have published.
const everybodys = "inherits"

// mirror asks for a package of the public registry.
func (p *probe) mirror(f *classify.Answers) classify.Asked {
	a := p.ask("view", everybodys, "name", "version", "--tag=latest")
	from := "npm view " + everybodys
	switch {
	case a.code == "E404":
		f.Mirrors = classify.No
		return classify.Asked{From: from, Text: "404, it shows no packages of the public registry"}
	case !a.ok || !gjson.Valid(a.out):
		return nothing
	}
	f.Mirrors = classify.Yes
	return classify.Asked{From: from, Text: "there, as in the public registry"}
}
