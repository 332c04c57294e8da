package runner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
	"safepublish/runner/npmexec"
	"safepublish/runner/report"
)

// item is one package of a queue, and how its publish ended.
type item struct {
	npmexec.Workspace
	end
	printed bytes.Buffer // npm's stdout of its last attempt, where it is held back
	why     string       // why its turn did not come
	as      string       // its name by now: a person may publish it under another one
	left    released     // what it has left in the working tree
}

// queued is what a publish knows of being one of several.
type queued struct {
	folder string   // of the workspace
	beside []string // the folders of the others that were not published yet
	// cut is told what became of this package where the process is about to end, and
	// tells what became of all of them.
	cut func(ledger.Outcome) ledger.Outcome
}

// several returns the packages that are published one after another: those of the
// workspaces that the arguments, the environment or an .npmrc select, each behind what
// it needs. It is empty where npm publishes one package, and where it refuses to say.
// Its error is bad input, or that npm did not answer.
func (r *release) several(ctx context.Context, args []string) ([]npmexec.Workspace, error) {
	specs := npm.Parse(args).Specs
	if r.opt.PackWith == "pnpm" && len(specs) == 0 {
		all, err := r.npm.PnpmWorkspaces(ctx, args)
		return inOrder(all), err
	}
	if len(specs) > 1 || len(specs) == 1 && specs[0] != "." || !r.version.Has(npm.Workspaces) || !r.npm.Selects(ctx, args) {
		return nil, nil
	}
	all, err := r.npm.Workspaces(ctx, args)
	switch {
	case ctx.Err() != nil || slices.ContainsFunc(all, oneRun):
		return nil, nil // what was interrupted publishes nothing
	case err != nil:
		return nil, err
	}
	return inOrder(all), nil
}

// oneRun tells whether a package can only be published in one run of npm's with the
// others: npm has to say what is wrong with it, nothing means it alone, or it is the
// root, of which npm leaves its workspaces out only where it publishes them too
// (npm-packlist 7 and later, lib/index.js). A private one is published in no way.
func oneRun(w npmexec.Workspace) bool {
	return !w.Private && (w.Folder == "" || w.Root || w.Word == "")
}

// inOrder returns packages in npm's order, but each behind what it needs. Of a cycle
// the first one that npm lists comes last.
func inOrder(all []npmexec.Workspace) []npmexec.Workspace {
	var ordered []npmexec.Workspace
	seen := map[string]bool{}
	var add func(npmexec.Workspace)
	add = func(w npmexec.Workspace) {
		if seen[w.Name+"\x00"+w.Folder] {
			return
		}
		seen[w.Name+"\x00"+w.Folder] = true // pnpm lists several of one name
		for _, other := range all {
			if slices.Contains(w.Needs, other.Name) {
				add(other)
			}
		}
		ordered = append(ordered, w)
	}
	for _, w := range all {
		add(w)
	}
	return ordered
}

// publishEach publishes several packages, each by an npm publish of its own with every
// guard of a single one. What stands in the way of one package lets the others go on,
// but for those that need it; anything else ends the queue. Its error is bad input, for
// which nothing was started.
func (r *release) publishEach(ctx context.Context, first attempt, packages []npmexec.Workspace) (end, error) {
	items := make([]item, len(packages))
	listed := make([]report.Package, len(packages))
	codes := map[string][]string{}
	if err := remedy.ForEach(r.opt.Fixes, len(packages)); err != nil {
		return end{}, err
	}
	for i, w := range packages {
		items[i] = item{Workspace: w, end: end{outcome: ledger.NotTried}}
		listed[i] = report.Package{Name: w.Name, Version: w.Version}
		pkg, _ := edit.Load(w.Folder, nil) // npm says what is wrong with it
		if err := remedy.Overruled(pkg, first.Args, r.version); err != nil {
			return end{}, fmt.Errorf("%s: %w", w.Name, err)
		}
		if err := remedy.Opens(pkg, first.Args, len(packages)); err != nil {
			return end{}, err
		}
		if err := r.scopeBeats(ctx, first.Args, pkg); err != nil {
			return end{}, fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	r.rec.Queue(listed)
	stopped := r.survey(ctx, first, items)
	for i := range items {
		it := &items[i]
		switch needed := failedNeed(items, *it); {
		case it.Private:
			it.outcome, it.why = ledger.Skipped, "it is private"
		case stopped == it: // before anything was sent
		case stopped != nil:
			it.why = "the release stopped at " + stopped.Name
		case needed != "":
			it.why = "it needs " + needed
		default:
			r.say("", fmt.Sprintf("%s (%d of %d)", named(it.Name, it.Version), i+1, len(items)))
			first = r.publishItem(ctx, first, items, i, codes)
			if !it.done() && !goesOn(it.cause) || ctx.Err() != nil {
				stopped = it
			}
		}
		r.rec.Ended(i, it.Version, it.outcome, it.cause)
	}
	e := r.endOfQueue(first, items)
	r.sayTree(ctx, first.Args, leftBy(items))
	return e, nil
}

func leftBy(items []item) (all []released) {
	for _, it := range items {
		all = append(all, it.left)
	}
	return all
}

// publishItem publishes one package of a queue, notes how that ended, and returns what
// the next one begins with: a one-time password is used again for as long as the
// registry takes it. codes are the settings that hold one, by the registry.
func (r *release) publishItem(ctx context.Context, first attempt, items []item, place int, codes map[string][]string) attempt {
	it := &items[place]
	one := *r
	one.records = &records{keepable: r.keepable}
	one.queued = &queued{folder: it.Folder, beside: notTried(items), cut: func(became ledger.Outcome) ledger.Outcome {
		return r.cutQueue(first, items, place, became)
	}}
	one.output = &output{to: &it.printed}
	a := first
	a.Args = only(first.Args, it.Word)
	from, _ := one.load(ctx, a)
	one.pkg = from.sent
	registry := one.aim(ctx, a, one.pkg).Registry
	if env, known := codes[registry]; known {
		a.Env = env
	}
	r.rec.Turn(place, one.records.of)
	last, e := one.publish(ctx, a)
	it.left = one.left(ctx, last)
	if it.end = e; it.outcome == ledger.NotPublished {
		it.outcome = ledger.Failed
	}
	if now, err := one.load(ctx, a); err == nil {
		it.Version, it.as = now.sent.Version, now.sent.Name
	}
	if first.browser = last.browser; it.done() {
		codes[registry] = last.Env
	}
	return first
}

// cutQueue notes how a queue stands where the process is ended at a question about one of
// its packages, and returns what became of all of them.
func (r *release) cutQueue(first attempt, items []item, place int, became ledger.Outcome) ledger.Outcome {
	if became == ledger.NotPublished {
		became = ledger.Failed
	}
	items[place].outcome = became
	r.rec.Ended(place, items[place].Version, became, "interrupted")
	r.rec.Because("interrupted")
	r.rec.Resume(r.resume(first))
	return outcomeOf(items)
}

// resume is the command that goes on with a queue.
func (r *release) resume(first attempt) string {
	return r.typed(remedy.Typed(r.shell, r.opt.Fixes, first.Args))
}

// notTried returns the folders of what is still to be published: nothing of what is
// published is edited.
func notTried(items []item) (folders []string) {
	for _, it := range items {
		if it.outcome == ledger.NotTried {
			folders = append(folders, it.Folder)
		}
	}
	return folders
}

// only returns the arguments of a publish of several workspaces for one of them.
func only(args []string, word string) []string {
	args = npm.Set(npm.Unselected(args), "include-workspace-root", "false")
	return npm.Set(args, "workspace", word)
}

// done tells whether the registry has the package, or need not get it.
func (it item) done() bool {
	return slices.Contains([]ledger.Outcome{
		ledger.Published, ledger.AlreadyPublished, ledger.Skipped, ledger.Taken, ledger.Staged, ledger.DryRun,
	}, it.outcome) && (it.status == 0 || it.cause == "published-script-failed" || it.cause == "version-staged")
}

// goesOn tells whether a cause stands in the way of one package alone.
func goesOn(cause string) bool {
	row := classify.Lookup(cause)
	return row != nil && row.Own
}

// failedNeed returns the name of a package that this one needs and that is not
// published although its turn has come, or has another name by now: who has the old one
// may be a stranger. It is "" for none.
func failedNeed(items []item, of item) string {
	for _, it := range items {
		switch {
		case !slices.Contains(of.Needs, it.Name):
		case !it.done() && (it.outcome != ledger.NotTried || it.why != ""):
			return it.Name
		case it.as != "" && it.as != it.Name:
			return it.Name + ", which is now " + it.as
		}
	}
	return ""
}

// endOfQueue says what became of each package, and returns how the run ends.
func (r *release) endOfQueue(first attempt, items []item) end {
	e := end{outcome: outcomeOf(items)}
	rows := make([][]string, len(items))
	for i, it := range items {
		rows[i] = []string{cmp.Or(it.as, it.Name), it.Version, it.words()}
		if worse(it.status, e.status) {
			e.status, e.cause, e.line = it.status, it.cause, it.line
		}
	}
	r.say("", counted(items)+":")
	r.ui.Table(rows)
	if err := r.printTogether(first, items); err != nil && e.status == 0 {
		e.status = exitOutput
	}
	if e.status == 0 {
		return e
	}
	resume := r.resume(first)
	r.rec.Resume(resume)
	r.say("", "This goes on with what is not published yet; nothing is sent twice:")
	r.ui.Bare("    " + resume)
	return e
}

// printTogether prints what npm publish --json has printed for each package as one
// object, a package under its name, and npm's "error" of the last one that failed, as
// npm prints it for several workspaces. Without --json there is nothing left to print.
func (r *release) printTogether(first attempt, items []item) error {
	if _, asJSON := npm.Get(first.Args, "json"); !asJSON {
		return nil
	}
	all := map[string]json.RawMessage{}
	for i := range items {
		name := cmp.Or(items[i].as, items[i].Name)
		text := items[i].printed.Bytes()
		text = text[bytes.LastIndex(text, []byte("\n{"))+1:] // behind what scripts have printed
		printed := gjson.ParseBytes(text)
		switch own := printed.Get(gjson.Escape(name)); {
		case own.IsObject(): // npm 8 and later name the workspace
			all[name] = json.RawMessage(own.Raw)
		case printed.Get("id").Exists():
			all[name] = json.RawMessage(printed.Raw)
		}
		if failed := printed.Get("error"); failed.Exists() {
			all["error"] = json.RawMessage(failed.Raw)
		}
	}
	out := json.NewEncoder(r.npm.Out)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	err := out.Encode(all)
	if err != nil && !errors.Is(err, syscall.EPIPE) {
		r.say(outputLost(err, true))
		return err
	}
	return nil
}

// words says what became of a package.
func (it item) words() string {
	words := strings.ReplaceAll(string(it.outcome), "-", " ")
	switch {
	case it.outcome == ledger.AlreadyPublished:
		words = "already there"
	case it.outcome == ledger.Failed && it.cause != "":
		words += ": " + it.cause
	}
	if it.why != "" {
		words += ": " + it.why
	}
	return words
}

// counted says how many packages ended in each way: "10 packages: 8 published, 1
// already there, 1 failed".
func counted(items []item) string {
	var order []string
	counts := map[string]int{}
	for _, it := range items {
		it.why, it.cause = "", ""
		word := it.words()
		if counts[word]++; counts[word] == 1 {
			order = append(order, word)
		}
	}
	for i, word := range order {
		order[i] = fmt.Sprintf("%d %s", counts[word], word)
	}
	return fmt.Sprintf("%d packages: %s", len(items), strings.Join(order, ", "))
}

// outcomeOf returns what became of several packages together.
func outcomeOf(items []item) ledger.Outcome {
	any := func(what ...ledger.Outcome) bool {
		return slices.ContainsFunc(items, func(it item) bool { return slices.Contains(what, it.outcome) })
	}
	there := any(ledger.Published, ledger.Taken, ledger.Staged, ledger.AlreadyPublished)
	switch missing := any(ledger.Failed, ledger.NotTried); {
	case any(ledger.Unsettled):
		return ledger.Unsettled
	case missing && there:
		return ledger.PartlyPublished
	case missing:
		return ledger.NotPublished
	}
	for _, o := range []ledger.Outcome{ledger.DryRun, ledger.Taken, ledger.Staged, ledger.Published, ledger.AlreadyPublished} {
		if any(o) {
			return o
		}
	}
	return ledger.Skipped
}

// order are the statuses, the one first that a run of several packages ends with where
// any of them did: what ended the process, a defect, no npm, and then who has to act
// first. A script's own status, which is none of these, stands before
// ExitUnavailable.
var order = []int{
	classify.ExitInterrupted, exitDefect, classify.ExitNoNPM, classify.ExitUsage, classify.ExitConfig, classify.ExitNoPerm,
	classify.ExitData, scripts, classify.ExitUnavailable, exitOutput, classify.ExitTempFail, 0,
}

// scripts stands in order for every status that a script or npm has chosen.
const scripts = -1

// worse tells whether a status comes before another one.
func worse(status, than int) bool {
	rank := func(status int) int {
		if status > 128 {
			status = classify.ExitInterrupted
		}
		if i := slices.Index(order, status); i >= 0 {
			return i
		}
		return slices.Index(order, scripts)
	}
	return rank(status) < rank(than)
}
