package npmexec

import (
	"context"
	"regexp"
	"slices"
	"sync"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/carry"
)

// Facts asks the registry what the questions want to know about name and
// version: npm view, npm whoami, npm access, in parallel, each bounded in time,
// with the registry pinned on every one. What did not answer stays Unknown, and
// without a registry nothing is asked: the answer of another one proves nothing.
func (r *Runner) Facts(ctx context.Context, registry, name, version string, questions []classify.Question) classify.Facts {
	facts := classify.Facts{Registry: registry}
	if registry == "" {
		return facts
	}
	p := &probe{r: r, ctx: ctx, registry: registry, name: name, version: version}
	p.identity = sync.OnceValue(p.askIdentity)
	answers := make([]func(*classify.Facts), len(questions))
	var all []func()
	for i, q := range questions {
		if ask := p.asks()[q]; ask != nil && !slices.Contains(questions[:i], q) {
			all = append(all, func() { answers[i] = ask() })
		}
	}
	carry.All(all...)
	for _, put := range answers {
		if put != nil {
			put(&facts)
		}
	}
	return facts
}

// Whoami returns who npm is at the registry for the package name, as for the
// proof that a login took.
func (r *Runner) Whoami(ctx context.Context, registry, name string) classify.Identity {
	return r.Facts(ctx, registry, name, "", []classify.Question{classify.AskIdentity}).Identity
}

// probe is one round of questions to one registry about one package.
type probe struct {
	r                       *Runner
	ctx                     context.Context // of one call of Facts
	registry, name, version string
	flags                   []string // of npm's, added to every question
	identity                func() identity
}

type identity struct {
	classify.Identity
	asked string // "" where nothing came back
}

// asks returns how each question is asked. What is asked returns what to note in
// the facts, nil where no answer came.
func (p *probe) asks() map[classify.Question]func() func(*classify.Facts) {
	asks := map[classify.Question]func() func(*classify.Facts){
		classify.AskIdentity: p.whoami, classify.AskLogin: p.login, classify.AskMirror: p.mirror,
	}
	if p.name != "" {
		asks[classify.AskPackument], asks[classify.AskAccess] = p.packument, p.access
		asks[classify.AskLimit] = p.limit
	}
	if p.name != "" && p.version != "" {
		asks[classify.AskThis] = p.this
	}
	if scopeOf(p.name) != "" {
		asks[classify.AskScope], asks[classify.AskMember] = p.scope, p.member
	}
	return asks
}

func (p *probe) ask(args ...string) answer {
	return p.r.ask(p.ctx, p.registry, p.name, append(args, p.flags...)...)
}

// login looks on this machine: what npm has to log in with, and what it could get
// by trusted publishing.
func (p *probe) login() func(*classify.Facts) {
	n := p.r.Npmrc(p.ctx, p.r.Args)
	return func(f *classify.Facts) { f.Npmrc, f.CI = &n, ci(p.r.Env) }
}

// unpublished is what npm view says of a package of which nothing is left.
var unpublished = regexp.MustCompile(`Unpublished (?:by \S+ )?on ([0-9TZ:.-]+)`)

// viewed is what npm view answered; npm 12 puts it into a list.
func viewed(a answer) gjson.Result {
	doc := gjson.Parse(a.out)
	if doc.IsArray() {
		return doc.Get("0")
	}
	return doc
}

// packument asks for all that stands under the name. The tag is npm view's own
// default for which version it looks at: one set for the publish would find
// nothing.
func (p *probe) packument() func(*classify.Facts) {
	a := p.ask("view", p.name, "versions", "time", "dist-tags", "maintainers", "deprecated", "--tag=latest")
	from := "npm view " + p.name
	doc := viewed(a)
	switch {
	case a.code == "E404":
		text := "404, there is no such package, or it is not shown to you"
		if m := unpublished.FindStringSubmatch(a.out + a.err); m != nil {
			text = "404, the package was unpublished on " + m[1]
		}
		return func(f *classify.Facts) {
			f.Packument.Found = classify.No
			note(f, from, text)
		}
	case !a.ok || !doc.IsObject() || !doc.Get("versions").Exists():
		silence := a.code
		if !a.came {
			silence = classify.NoAnswer
		}
		return func(f *classify.Facts) { f.Packument.Silence = silence }
	}
	return func(f *classify.Facts) {
		f.Packument = readPackument(doc)
		note(f, from, packumentWords(f.Packument))
	}
}
