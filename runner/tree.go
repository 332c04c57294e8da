package runner

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"safepublish/classify/npm"
	"safepublish/remedy"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
)

// tree is what a release has left in the working tree for the person to commit.
type tree struct {
	changed []string // files, as they are named from the folder that one stands in
	tracked []string // those of them that git knows
	message string   // of the commit
	tag     string   // that npm version would make for it; "" for none
	made    string   // what npm version has run and committed: "npm version 1.0.1"; "" for nothing
	remote  bool     // there is somewhere to push to
	wrong   misplaced
	shell   npm.Shell
}

// misplaced is the git tag of a refused number that stands on a commit which that number
// was not published from; zero for none.
type misplaced struct{ tag, version, from string }

// lines says what is left to do, and how.
func (t tree) lines() (lines []string) {
	push := "    git push --follow-tags"
	if len(t.changed) > 0 {
		lines = append(lines, "", listed(t.changed)+" changed for this publish.")
	}
	if len(t.tracked) > 0 {
		lines[1] = strings.TrimSuffix(lines[1], ".") + "; to commit:"
		command := t.shell.Quote(append([]string{"git", "commit", "-m", t.message}, t.tracked...)...)
		if t.tag != "" { // with a message, as npm version makes it: no other is pushed by --follow-tags
			command = t.shell.Then(command, t.shell.Quote("git", "tag", "-m", t.message, t.tag))
		}
		lines = append(lines, "    "+command)
	}
	if t.made != "" && t.remote {
		lines = append(lines, "", "To push what "+t.made+" has committed:")
	}
	if t.remote && (t.made != "" || t.tag != "" && len(t.tracked) > 0) {
		lines = append(lines, push)
	}
	if w := t.wrong; w.tag != "" {
		lines = append(lines, "", "The git tag "+w.tag+" is on the commit that was refused; "+w.version+" was published from "+w.from[:7]+
			". If the tag is wrong, delete it:", "    "+t.shell.Quote("git", "tag", "-d", w.tag))
		if t.remote {
			lines = append(lines, "If it was pushed, also: "+t.shell.Quote("git", "push", "--delete", "REMOTE", w.tag))
		}
	}
	return lines
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// released is one package that was published after something was changed for it.
type released struct {
	now   edit.Package // as it was published
	was   string       // its version before
	edits []*edit.Journal
	wrong misplaced
}

// sayTree says what several packages have left in the working tree.
func (r *release) sayTree(ctx context.Context, args []string, all []released) {
	var t tree
	var names []string
	for _, one := range all {
		if len(one.edits) == 0 {
			continue
		}
		names = append(names, named(one.now.Name, one.now.Version))
		t.changed = append(t.changed, changed(one.edits, r.npm.Dir)...)
		t.made, t.wrong = cmp.Or(t.made, committed(one.edits)), cmp.Or(t.wrong, one.wrong)
	}
	if len(names) == 0 {
		return
	}
	slices.Sort(t.changed)
	t.changed = slices.Compact(t.changed)
	t.message = "publish " + strings.Join(names, ", ")
	git := npmexec.GitAround(ctx, r.npm.Env, r.npm.Dir)
	if git.Inside {
		t.tracked = npmexec.GitTracked(ctx, r.npm.Env, r.npm.Dir, t.changed)
		t.remote = npmexec.GitRemotes(ctx, r.npm.Env, r.npm.Dir)
	}
	if one := all[0]; len(all) == 1 && one.now.Version != one.was {
		t.message, t.tag = r.versionCommit(ctx, args, one.now, git)
	}
	t.shell = r.shell
	r.say(t.lines()...)
}

// versionCommit returns the message and the tag of the commit that npm version would make;
// no tag where it makes none, as in a folder that does not hold .git itself.
func (r *release) versionCommit(ctx context.Context, args []string, pkg edit.Package, git npmexec.Git) (message, tag string) {
	if !git.Inside || !git.Root || pkg.Dir != r.npm.Dir {
		return named(pkg.Name, pkg.Version), ""
	}
	config := r.npm.Config(ctx, args)
	message = strings.ReplaceAll(cmp.Or(config["message"], "%s"), "%s", pkg.Version)
	if config == nil || config["git-tag-version"] == "false" {
		return message, ""
	}
	return message, config["tag-version-prefix"] + pkg.Version
}

// committed returns the command of a plan that has committed what it changed, "" for none.
func committed(edits []*edit.Journal) string {
	for _, j := range edits {
		for _, e := range j.Entries {
			if e.Done != "" && !e.Undone {
				return e.Done
			}
		}
	}
	return ""
}

// wrongTag returns the git tag of a refused number where it stands on the commit that is
// checked out, and the registry says that the number was published from another one. That
// may be the commit before: what is published first and committed then is tagged so.
func (r *release) wrongTag(ctx context.Context, a attempt, f finding, o remedy.Offer) misplaced {
	from := f.c.Answers.RemoteVersion.GitHead
	if o.ID != "bump" || len(from) < 7 || a.stray.tag != "" {
		return a.stray
	}
	last, tags := npmexec.GitTags(ctx, r.npm.Env, f.after.pkg.Dir)
	if len(tags) == 0 || len(last) == 0 || slices.Contains(last, from) {
		return misplaced{}
	}
	tag := r.npm.Config(ctx, a.Args)["tag-version-prefix"] + f.c.Version()
	if !slices.Contains(tags, tag) {
		return misplaced{}
	}
	return misplaced{tag, f.c.Version(), from}
}

// sayLeft says what the publish of one package has left in the working tree.
func (r *release) sayLeft(ctx context.Context, a attempt) {
	if left := r.left(ctx, a); r.queued == nil && r.play == nil {
		r.sayTree(ctx, a.Args, []released{left})
	}
}

func (r *release) left(ctx context.Context, a attempt) released {
	edits := r.records.publishedEdits()
	if len(edits) == 0 {
		return released{}
	}
	from, _ := r.load(ctx, a)
	return released{now: from.pkg, was: r.pkg.Version, edits: edits, wrong: a.stray}
}
