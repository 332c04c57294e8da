package runner

import (
	"context"
	"fmt"
	"sync"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/preflight"
	"safepublish/remedy/edit"
)

// atOnce is how many packages of a queue are asked about at the same time.
const atOnce = 8

// survey looks, before the first upload, for what is certain to stand in the way of any
// package of a queue, and says it. It returns the package that keeps all of them back:
// where nobody can be asked, what is about the account, the registry or the line would
// only come after some are published.
func (r *release) survey(ctx context.Context, first attempt, items []item) (stopped *item) {
	if r.opt.NoCheck || !r.version.Known() {
		return nil
	}
	done := r.step(fmt.Sprintf("looking at %d packages", len(items)))
	accounts := &accounts{r: r, known: map[string]func() classify.Answers{}}
	walls := make([]*classify.Diagnosis, len(items))
	slots := make(chan struct{}, atOnce)
	var all []func()
	for i, it := range items {
		if it.Private {
			continue
		}
		all = append(all, func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			walls[i] = r.certainWall(ctx, first, it, accounts)
		})
	}
	carry.All(all...)
	done()
	var rows [][]string
	for i, d := range walls {
		if d == nil {
			continue
		}
		rows = append(rows, []string{items[i].Name, items[i].Version, d.Title() + " (" + d.Cause.ID + ")"})
		if stopped == nil && r.ask == nil && !d.Cause.Own {
			stopped = &items[i]
			stopped.why = d.Title()
			stopped.end = end{
				status: d.Cause.Exit, cause: d.Cause.ID, line: r.lastLine(d.Cause.ID, d.Title()), outcome: stopped.outcome,
			}
		}
	}
	if len(rows) > 0 {
		r.say("", "Known before anything is sent:")
		r.ui.Table(rows)
	}
	return stopped
}

// certainWall returns the refusal that one package is sure to meet, nil for none.
func (r *release) certainWall(ctx context.Context, first attempt, it item, accounts *accounts) *classify.Diagnosis {
	pkg, err := edit.Load(it.Folder, nil)
	if err != nil {
		return nil // npm says it
	}
	a := first
	a.Args = only(first.Args, it.Word)
	c := r.npm.ReadConfig(ctx, r.onDisk(ctx, a, pkg), r.subject(a, pkg))
	c.Answers = r.npm.Glance(ctx, c, preflight.Questions(c))
	c.Answers = c.Answers.With(accounts.of(ctx, c), []classify.Question{classify.AskIdentity, classify.AskAccess})
	if d, refused := preflight.CertainRefusal(c, true); refused && (r.opt.PackWith == "" || d.Cause.ID != "unresolved-protocol") {
		return &d
	}
	return nil
}

// accounts are what the registries of a queue say of whoever publishes: asked once for
// each, about the first of its packages.
type accounts struct {
	r     *release
	mu    sync.Mutex
	known map[string]func() classify.Answers
}

func (all *accounts) of(ctx context.Context, c *classify.Case) classify.Answers {
	all.mu.Lock()
	ask, asked := all.known[c.Registry()]
	if !asked {
		ask = sync.OnceValue(func() classify.Answers {
			l := newLook(c, true)
			all.r.askAccount(ctx, l)
			return l.c.Answers
		})
		all.known[c.Registry()] = ask
	}
	all.mu.Unlock()
	answers := ask()
	if asked { // whether another package may be written is not known
		answers.MayWrite = classify.Unknown
	}
	return answers
}
