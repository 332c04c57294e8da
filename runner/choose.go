package runner

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/classify/carry"
	"safepublish/classify/npm"
	"safepublish/prompts"
	"safepublish/remedy"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
)

// choice is an offer that is to be applied.
type choice struct {
	remedy.Offer
	fix  string      // the --fix that named it, "" for none
	word ledger.Word // whose word it is
}

// offers returns what can be applied after a failure. What is only advice is printed.
func (r *release) offers(ctx context.Context, a attempt, f finding) []remedy.Offer {
	var offers, advice []remedy.Offer
	for _, o := range remedy.Offers(r.problem(ctx, a, f)) {
		if o.Safety == remedy.Never {
			advice = append(advice, o)
		} else {
			offers = append(offers, o)
		}
	}
	unattended := r.ask == nil || r.records.anyPending()
	if f.manifestChanged() && unattended && !r.packsTheSame(ctx, a, f) { // the same again would send another version
		r.say("A script changed the name or version of the package while npm ran, so publishing again would send something else.")
		offers = nil
	}
	r.rec.Offered(append(offers, advice...), func(o remedy.Offer) string { return r.command(a, o) })
	for _, o := range advice {
		r.say("", o.Title)
		for _, line := range o.Lines {
			r.ui.Note(line)
		}
	}
	return offers
}

// problem is what the remedies plan for.
func (r *release) problem(ctx context.Context, a attempt, f finding) *remedy.Problem {
	pkg := f.after.pkg
	var git npmexec.Git
	var ignored bool
	var workspaces int
	carry.All(
		func() { git = npmexec.GitAround(ctx, r.npm.Env, pkg.Dir) },
		func() { ignored = npmexec.GitIgnores(ctx, r.npm.Env, filepath.Join(pkg.Dir, "package.json")) },
		func() { workspaces = r.workspacesOf(ctx, a, f) },
	)
	return &remedy.Problem{
		Workspaces: workspaces,
		Case:       f.c, Diagnosis: f.diag, Args: a.Args, Package: pkg, NPM: r.version, Standing: r.standing(f),
		Git: remedy.Git{
			Inside: git.Inside, Clean: git.Clean, Root: git.Root, Ignored: ignored,
		},
		Terminal: r.npmAsks(a), Ask: r.ask != nil, Code: r.codes != nil, Waited: a.retries, Fixes: a.fixes, Applied: a.applied,
	}
}

// workspacesOf is how many packages the workspace publishes whose private root was refused,
// for whatever npm found first.
func (r *release) workspacesOf(ctx context.Context, a attempt, f finding) (public int) {
	pkg := f.after.pkg
	if !pkg.Private || !gjson.GetBytes(pkg.Text, "workspaces").Exists() || r.queued != nil || r.play != nil {
		return 0
	}
	all, _ := r.npm.Workspaces(ctx, npm.Set(a.Args, "workspaces", "true")) // what is not listed is not offered
	for _, w := range all {
		if !w.Private {
			public++
		}
	}
	return public
}

// standing is what may follow an attempt that failed.
func (r *release) standing(f finding) (st ledger.Standing) {
	here := npm.Contents{}
	if !f.built { // what a script builds is known once it is built
		here = contentsOf(f.c)
	}
	r.records.with(func(l *ledger.Ledger) { st = l.Standing(target(f.c), here) })
	return st
}

// choose returns the offer that a --fix names, that a person chooses, or that may
// be done unasked; nil for none.
func (r *release) choose(ctx context.Context, a *attempt, f finding, offers []remedy.Offer) (*choice, error) {
	if o := r.codeOffer(ctx, offers); o != nil {
		return &choice{Offer: *o, fix: "otp"}, nil // --fix otp asks for the same
	}
	c, refused := fixed(offers, a.fixes)
	if c != nil {
		o, err := r.completed(c.Offer)
		if err != nil {
			return nil, err
		}
		if o != nil {
			return &choice{*o, c.fix, c.word}, nil
		}
	}
	a.told = a.told || len(refused) > 0
	r.say(refused...)
	if r.ask != nil && (len(offers) > 0 || f.mayBuild) {
		o, err := r.menu(f, offers)
		if err != nil {
			return nil, err
		}
		return &choice{Offer: *o, word: ledger.Person}, nil
	}
	for _, o := range offers {
		if d := waiting(o); r.ask == nil && o.Safety == remedy.Unattended && r.waits.allow(d) {
			r.waits.spend(d)
			return &choice{Offer: o}, nil
		}
	}
	if r.ask == nil {
		r.printNextCommands(*a, offers)
	}
	return nil, nil
}

// fixed returns the offer that the first applicable --fix names, or why none is.
func fixed(offers []remedy.Offer, fixes []string) (c *choice, refused []string) {
	for _, fix := range fixes {
		o, err := remedy.Find(offers, fix)
		if err != nil {
			refused = append(refused, err.Error())
			continue
		}
		word := ledger.Fix
		if o.NamesNumber(fix) {
			word = ledger.Number
		}
		return &choice{o, fix, word}, nil
	}
	return nil, refused
}

// waiting is how long an offer waits before it publishes again.
func waiting(o remedy.Offer) (d time.Duration) {
	for _, c := range o.Plan {
		if w, ok := c.(remedy.Wait); ok {
			d += w.For
		}
	}
	return d
}

var (
	// errSkipped means that a person passes over this package of several.
	errSkipped = errors.New("skipped")
	// errBuild means that a person wants the scripts to run although the version is there.
	errBuild = errors.New("the scripts are to run")
)

// wayOut is an item of the menu that is no offer, and what it ends the menu with.
type wayOut struct {
	title string
	err   error
}

func (r *release) waysOut(f finding) (all []wayOut) {
	if f.mayBuild {
		all = append(all, wayOut{prompts.RunScripts, errBuild})
	}
	if r.queued != nil {
		all = append(all, wayOut{prompts.Skip, errSkipped})
	}
	return append(all, wayOut{prompts.GiveUp, prompts.ErrGivenUp})
}

// menu asks until an offer is complete; a question that is answered with no
// leads back to it.
func (r *release) menu(f finding, offers []remedy.Offer) (*remedy.Offer, error) {
	var items []prompts.Item
	for _, o := range offers {
		items = append(items, prompts.Item{ID: o.ID, Title: o.Title, Note: o.Note})
	}
	out := r.waysOut(f)
	for _, way := range out {
		items = append(items, prompts.Item{Title: way.title})
	}
	for {
		i, err := r.ask.Choose(prompts.WhatNow, items, 0)
		switch {
		case err != nil:
			return nil, err
		case i >= len(offers):
			return nil, out[i-len(offers)].err
		}
		o, err := r.completed(offers[i])
		if err != nil {
			return nil, err
		}
		if o == nil {
			continue
		}
		for _, line := range o.Lines {
			r.ui.Note(line)
		}
		if o.Confirm == nil {
			return o, nil
		}
		if yes, err := r.ask.Confirm(o.Confirm.Question, o.Confirm.Want); err != nil || yes {
			return o, err
		}
	}
}

// completed asks for the value that an offer still lacks; nil where nobody is asked, or
// nothing was typed.
func (r *release) completed(o remedy.Offer) (complete *remedy.Offer, err error) {
	if o.Input == nil {
		return &o, nil
	}
	if r.ask == nil {
		return nil, nil
	}
	ask := r.ask.Text
	if o.Input.Secret {
		ask = r.ask.Secret
	}
	answer, err := ask(o.Input.Label+" (Enter alone goes back)", func(v string) error {
		complete = nil
		if v == "" {
			return nil
		}
		filled, err := o.Input.Complete(v)
		complete = &filled
		return err
	})
	if o.Input.Secret {
		r.npm.Redactor.Add(answer)
	}
	return complete, err
}

// printNextCommands prints the commands that would go on from here.
func (r *release) printNextCommands(a attempt, offers []remedy.Offer) {
	var commands []string
	for _, o := range offers {
		if c := o.Shown(r.command(a, o)); c != "" && o.Input == nil && !slices.Contains(commands, c) {
			commands = append(commands, c)
		}
	}
	if len(commands) > 0 {
		r.say("", prompts.GoOn)
	}
	for _, c := range commands {
		r.ui.Bare("    " + c)
	}
}

// command is the command of ours that would apply an offer after this attempt, "" for none.
// It repeats the --fix that were used already: their edits end with this run.
func (r *release) command(a attempt, o remedy.Offer) string {
	return r.typed(o.Command(r.shell, a.used, a.Args))
}

// typed adds to a command of ours the options without which it would publish something
// else, or fail where this run does not, and npx where that has to find us.
func (r *release) typed(command string) string {
	rest, ours := strings.CutPrefix(command, "safepublish")
	if !ours {
		return command
	}
	if r.opt.SkipExisting {
		rest = " --skip-existing" + rest
	}
	if r.opt.PackWith != "" {
		rest = " --pack-with " + r.opt.PackWith + rest
	}
	return npmexec.Called(r.npm.Env) + rest
}

// packsTheSame tells whether the package, as the scripts have left it, packs to what
// was sent, so that the same can be sent again without running them.
func (r *release) packsTheSame(ctx context.Context, a attempt, f finding) bool {
	send := ledger.Send{Target: target(f.c)}
	if !r.mayBeSame(a, send, f.after.sent) {
		return false
	}
	send.Contents = r.repack(ctx, a, f.after.sent)
	return r.sentBefore(send)
}
