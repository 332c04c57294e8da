package preflight

import (
	"regexp"
	"slices"
	"strings"

	"safepublish/classify"
)

// Before returns the scripts that npm will run before the upload: a build that is
// wasted where the publish is refused after it. npm 6 runs prepublish as well.
func (f *Facts) Before() []string {
	if f.Kind != "folder" || f.Settings["ignore-scripts"] == "true" {
		return nil
	}
	events := []string{"prepublishOnly", "prepack", "prepare", "postpack"}
	if f.major() < 7 {
		events = append(events, "prepublish")
	}
	return slices.DeleteFunc(events, func(event string) bool { return f.field("scripts."+event).String() == "" })
}

// Doomed returns the refusal that a publish is sure to meet once its scripts have
// run, so that they need not run; ok is false where there is none. It goes by what
// is certain whatever is packed: a version that is there is not, for these may be
// the very same contents, and a job that runs twice is then done. A wall that
// package.json alone makes is not certain either where a script looks as if it
// rewrites that file.
//
// Where early is false only the dist-tag counts, and for npm 10 and older alone:
// they would publish where npm 11 refuses, and that is no matter of time.
func Doomed(f *Facts, early bool) (d classify.Diagnosis, ok bool) {
	for _, w := range Find(f) {
		if w.Mark == Wall && w.Certain && (f.unsafeTag(w) || early && f.unchanged(w)) {
			return f.diagnosis(w), true
		}
	}
	return classify.Diagnosis{}, false
}

// Questions returns what Doomed wants to know of the registry: what is published,
// and whether npm finds no login either where none was found.
func (f *Facts) Questions() []classify.Question {
	questions := []classify.Question{classify.AskPackument}
	if f.NoLogin() {
		questions = append(questions, classify.AskIdentity)
	}
	return questions
}

// There is the diagnosis of a version that the registry shows, where a person does
// not want to find out whether the contents are the same.
func (f *Facts) There() classify.Diagnosis {
	return classify.Diagnosis{
		Cause: classify.Lookup("version-exists"), Sure: true, Vars: f.vars(),
		Evidence: []classify.Evidence{
			{From: "npm view " + f.Name, Text: f.Version + " is there"},
			{From: "check", Text: "nothing was run and nothing was sent; what npm would pack was not compared with it"},
		},
	}
}

func (f *Facts) vars() map[string]string {
	return map[string]string{"package": f.Name, "version": f.Version, "registry": f.Registry, "tag": f.Tag}
}

func (f *Facts) unsafeTag(w Finding) bool {
	return f.major() < 11 && (w.Cause == "prerelease-tag" || w.Cause == "latest-behind")
}

// rewrites is what a script says that may write package.json: npm version, npm
// pkg, clean-package and the like. A file that it calls may as well, and say
// nothing; --no-check is for those.
var rewrites = regexp.MustCompile(`(?i)package|manifest|version|private|npm pkg|clean|release|bump`)

// unchanged reports whether a wall will still be there when the scripts have run.
// A dry run does not ask for a login nor mind a private package.
func (f *Facts) unchanged(w Finding) bool {
	if w.Topic == "login" {
		return f.Settings["dry-run"] != "true"
	}
	if rewrites.MatchString(f.scriptTexts()) {
		return false
	}
	return f.Settings["dry-run"] != "true" || w.Topic == "dist-tag" && f.major() > 10
}

// scriptTexts returns what runs before the upload: the scripts themselves, and
// every other one that these name.
func (f *Facts) scriptTexts() string {
	all, texts := f.field("scripts").Map(), ""
	names := f.Before()
	for i := 0; i < len(names); i++ {
		text := all[names[i]].String()
		texts += text + "\n"
		for _, word := range strings.Fields(text) {
			if _, ok := all[word]; ok && !slices.Contains(names, word) {
				names = append(names, word)
			}
		}
	}
	return texts
}

func (f *Facts) diagnosis(w Finding) classify.Diagnosis {
	if d, ok := classify.Guard(f.Case(), f.major()); ok && d.Cause.ID == w.Cause {
		return d
	}
	d := classify.Diagnosis{Cause: classify.Lookup(w.Cause), Sure: true, Vars: f.vars()}
	if w.Text != d.Title() {
		d.Evidence = append(d.Evidence, classify.Evidence{From: "check", Text: w.Text})
	}
	d.Evidence = append(d.Evidence, classify.Evidence{From: "check", Text: "nothing was run and nothing was sent; --no-check lets npm find out"})
	return d
}
