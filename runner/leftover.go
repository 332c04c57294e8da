package runner

import (
	"path/filepath"
	"slices"
	"strings"

	"safepublish/classify"
	"safepublish/prompts"
	"safepublish/remedy/edit"
	"safepublish/remedy/ledger"
)

// What a person can do about edits that were left, in the order of the menu.
const (
	keepEdits = iota
	undoEdits
	leaveEdits
)

// editedElsewhere is the end where the package.json was changed for a version of another
// package that was not published: that one's own run decides what becomes of it.
func (r *release) editedElsewhere(folder string) *end {
	r.say("", "An earlier safepublish also changed package.json here, for another package whose publish is not finished.",
		"To decide: run safepublish first in "+folder)
	e := &end{
		status: classify.ExitConfig, cause: "edit-left", resumed: ledger.NotPublished,
		line: "safepublish: edit-left: run safepublish first in " + r.shell.Quote(folder) + ": its publish there is not finished",
	}
	if r.records.anyPending() {
		e.resumed = ledger.Unsettled
	}
	return e
}

// resumeEdits decides what becomes of the edits of a run that was cut off. Kept
// ones are this run's own from then on.
func (r *release) resumeEdits(a attempt) (attempt, *end) {
	edits, fixes := r.records.leftOver()
	for _, j := range edits {
		j.Tidy()
	}
	if len(leftChanged(edits)) == 0 {
		if len(edits) > 0 {
			r.changeEdits(func(all []*edit.Journal) ([]*edit.Journal, []string) { // it says what only the person can look at
				_, said := takeBack(all)
				return nil, said
			})
		}
		return a, nil
	}
	leftOver := &end{
		status: classify.ExitConfig, cause: "edit-left", resumed: ledger.NotPublished,
		line: "safepublish: edit-left: an earlier run was cut off after it had changed files; nothing was sent",
	}
	r.say("", "An earlier safepublish in this folder was cut off. It had changed "+
		strings.Join(changed(edits, r.pkg.Dir), ", ")+" for a publish that did not happen:")
	for _, line := range preview(edits, r.pkg.Dir) {
		r.ui.Bare("    " + line)
	}
	choice := keepEdits
	if i := slices.IndexFunc(a.fixes, func(f string) bool { return slices.Contains(fixes, f) }); i >= 0 {
		a.fixes, a.used = moved(a.fixes[i], a.fixes, a.used)
	} else if r.ask == nil {
		r.say("To decide: run safepublish on a terminal, or put the files back yourself.")
		if len(fixes) > 0 {
			r.say("To keep the change and publish: safepublish --fix " + r.shell.Quote(fixes[0]))
		}
		return a, leftOver
	} else {
		var err error
		items := []prompts.Item{
			{Title: "Keep them and publish"}, {Title: "Put the files back as they were, then publish"}, {Title: prompts.GiveUp},
		}
		if choice, err = r.ask.Choose("What about these changes?", items, keepEdits); err != nil || choice == leaveEdits {
			return a, &end{status: classify.ExitInterrupted, resumed: ledger.NotPublished}
		}
	}
	unfinished := false
	ok := r.changeEdits(func(all []*edit.Journal) (left []*edit.Journal, said []string) {
		if choice == undoEdits {
			return takeBack(all)
		}
		for _, j := range all {
			if err := j.Finish(); err != nil {
				said, unfinished = append(said, err.Error()), true
			}
		}
		return all, said
	})
	if !ok || unfinished {
		return a, leftOver
	}
	return a, nil
}

// changeEdits replaces the edits that an earlier run has left, and says what became of
// them.
func (r *release) changeEdits(become func([]*edit.Journal) (left []*edit.Journal, said []string)) bool {
	said, err := r.records.change(become)
	r.say(said...)
	if err != nil {
		r.say(err.Error())
	}
	return err == nil
}

// preview returns the lines that edits which are left have taken from files and put into
// them.
func preview(edits []*edit.Journal, folder string) (lines []string) {
	for _, e := range leftChanged(edits) {
		lines = append(lines, edit.Edit{Path: e.Path, Name: nameIn(folder, e.Path), Before: e.Before, After: e.After}.Preview()...)
	}
	return lines
}

// leftChanged returns what of edits still stands in its file.
func leftChanged(edits []*edit.Journal) (all []edit.Entry) {
	for _, j := range edits {
		all = append(all, j.Left()...)
	}
	return all
}

// nameIn is a file as it is known to the person: relative to the folder.
func nameIn(folder, path string) string {
	if rel, err := filepath.Rel(folder, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// changed returns the files that edits left changed, as they are known to the person.
func changed(edits []*edit.Journal, folder string) (names []string) {
	for _, e := range leftChanged(edits) {
		if name := nameIn(folder, e.Path); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
