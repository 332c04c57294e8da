package npmexec

import (
	"context"
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
	facts := classify.Answers{Registry: registry}
	if registry == "" {
		return facts
	}
	p := n.probe(ctx, registry, name, version)
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

// Answers returns the answers of a case with those to more questions about its package,
// asked of its registry (Facts).
func (n *NPM) Answers(ctx context.Context, c *classify.Case, questions []classify.Question) classify.Answers {
	return c.Answers.With(n.Facts(ctx, c.Registry(), c.Name(), c.Version(), questions), questions)
}

// probe is one round of questions to one registry about one package.
type probe struct {
	npm                     *NPM
	ctx                     context.Context // of one round
	registry, name, version string
	flags                   []string // of npm's, added to every question
	identity                func() identity
}

func (n *NPM) probe(ctx context.Context, registry, name, version string, flags ...string) *probe {
	p := &probe{npm: n, ctx: ctx, registry: registry, name: name, version: version, flags: flags}
	p.identity = sync.OnceValue(p.askIdentity)
	return p
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
	return p.npm.ask(p.ctx, p.registry, p.name, append(args, p.flags...)...)
}

// login looks on this machine: what npm has to log in with.
func (p *probe) login(f *classify.Answers) classify.Asked {
	n := p.npm.Npmrc(p.ctx, p.npm.Args)
	f.Npmrc = &n
	return nothing
}

// unpublished is what npm view says of a package of which nothing is left.
var unpublished = pattern.New(`Unpublished (?:by \S+ )?on ([0-9TZ:.-]+)`)

// packument asks for all that stands under the name. The tag is npm view's own
// default for which version it looks at: one set for the publish would find
// nothing.
func (p *probe) packument(f *classify.Answers) classify.Asked {
	a := p.ask("view", p.name, "versions", "time", "dist-tags", "maintainers", "deprecated", "--tag=latest")
	from := "npm view " + p.name
	doc := viewed(a)
	switch {
	case a.code == "E404":
		f.Packument.Found = classify.No
		if m := unpublished.FindStringSubmatch(a.out + a.err); m != nil {
			return classify.Asked{From: from, Text: "404, the package was unpublished on " + m[1]}
		}
		return classify.Asked{From: from, Text: "404, there is no such package, or it is not shown to you"}
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
// and ends with 0.
func (p *probe) this(f *classify.Answers) classify.Asked {
	spec := p.name + "@" + p.version
	from := "npm view " + spec
	if this, ok := p.document(); ok {
		f.RemoteVersion = this
		return classify.Asked{From: from, Text: publishedWords(this)}
	}
	a := p.ask("view", spec, "name", "version", "dist", "_npmUser", "gitHead", "time", "--tag=latest")
	if a.code == "E404" || a.ok && strings.TrimSpace(a.out) == "" {
		f.RemoteVersion = classify.RemoteVersion{Found: classify.No, Asked: time.Now()}
		return classify.Asked{From: from, Text: "not there"}
	}
	doc := viewed(a)
	this, ok := readVersion(doc, doc.Get("time"), p.version)
	if !a.ok || !ok {
		return nothing
	}
	f.RemoteVersion = this
	return classify.Asked{From: from, Text: publishedWords(this)}
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
