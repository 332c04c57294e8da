package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// refusal is the one line about a FILE that cannot be the report, and what to
// type instead.
func refusal(shell npm.Shell, typed, why string) error {
	dir := filepath.Dir(typed)
	free := filepath.Join(dir, "report.json")
	for n := 2; n < 100; n++ {
		if _, err := os.Lstat(free); errors.Is(err, fs.ErrNotExist) {
			break
		}
		free = filepath.Join(dir, "report-"+strconv.Itoa(n)+".json")
	}
	return fmt.Errorf("--report %s: %s; name a file that does not exist yet, as with --report %s", typed, why, shell.Quote(free))
}

// npms matches files that npm reads, or makes a part of what it sends, wherever
// they lie in a package (@npmcli/package-json 7.0.4, lib/normalize.js, and
// npm-packlist): there not even a link may stand for the time of a publish.
var npms = pattern.New(`(?i)^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|\.npmrc|\.npmignore|\.gitignore|` +
	`readme(?:\..*)?|authors|server\.js|.*\.gyp)$`)

// foreign says why the report may not take the place of what stands at f.path, ""
// where nothing does, or a report of ours. An empty file has nothing to lose, and
// mktemp makes such ones for reports. In a package it may be there for its name
// (.nojekyll, __init__.py), and npm would publish the package without it: there
// only an empty *.json counts, which is no valid one and so nobody's.
func (f *file) foreign() string {
	info, err := os.Stat(f.path) // what is still a link is ours
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return ""
	case err != nil:
		return err.Error()
	case !info.Mode().IsRegular():
		return "that is not a file"
	case isStream(info):
		return "npm's own output goes there"
	case info.Size() > largest:
		return notOurs
	}
	text, err := os.ReadFile(f.path)
	switch {
	case err != nil:
		return "it is not known whether that is a report: " + err.Error()
	case len(text) == 0 && f.inPackage && !strings.EqualFold(filepath.Ext(f.path), ".json"):
		return "that is an empty file of the package, which would be published without it"
	case len(text) > 0 && !isReport(text):
		return notOurs
	}
	return ""
}

const (
	notOurs = "that is not a report, and a report would replace it"
	largest = 64 << 20 // no report is that long, and a file need not be read to see it
)

// isStream tells whether a file is one of our own three: /dev/stdout may lead to
// one, and replaced it would not get what npm prints.
func isStream(info fs.FileInfo) bool {
	for _, std := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if own, err := std.Stat(); err == nil && os.SameFile(own, info) {
			return true
		}
	}
	return false
}

// isReport tells whether a text is a report of safepublish's. Keys are only ever
// added, so those that are unknown here are a later version's.
func isReport(text []byte) bool {
	var doc struct {
		Schema   *int
		Outcome  *string
		Packages []json.RawMessage
		Attempts []json.RawMessage
	}
	return json.Unmarshal(text, &doc) == nil && doc.Schema != nil && *doc.Schema == Version &&
		doc.Outcome != nil && doc.Packages != nil && doc.Attempts != nil
}

// untouched returns an error where somebody has put something else in the place of
// the report since it was begun. Then nothing is written there any more. (Another
// safepublish with the same FILE may have put its own report there: the last one
// wins.)
func (f *file) untouched() error {
	if f.lost != nil || !f.begun {
		return f.lost
	}
	target, err := os.Readlink(f.path)
	switch {
	case err == nil && target == f.state && f.ours(f.state):
		return nil
	case err == nil && target == f.state:
		f.lost = f.rescue()
		return f.lost
	case err != nil && f.ours(f.path):
		return nil
	}
	f.lost = fmt.Errorf("the report was not written: something else wrote %s while npm ran; it is left as it is", f.path)
	return f.lost
}

// ours tells whether path holds a report, or nothing any more.
func (f *file) ours(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return errors.Is(err, fs.ErrNotExist)
	}
	text, err := os.ReadFile(path)
	return err == nil && isReport(text)
}

// rescue takes what somebody wrote through our link, as a build does that makes a
// file of that name, to where he meant it to be. npm has packed no such file.
func (f *file) rescue() error {
	why := fmt.Errorf("the report was not written: something else wrote %s while npm ran; it is left as it is, "+
		"but npm packs no file with the name of the report", f.path)
	text, err := os.ReadFile(f.state)
	if err != nil {
		return why
	}
	if err := replace(f.path, text); err != nil {
		return fmt.Errorf("%w; its contents are in %s (%w)", why, f.state, err)
	}
	_ = os.Remove(f.state)
	return why
}
