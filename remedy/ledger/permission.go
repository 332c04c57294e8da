package ledger

import (
	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// Word says who wants something to be sent.
type Word int

// The words, the weakest first.
const (
	Nobody Word = iota // the program itself
	Fix                // a --fix that names the remedy
	Number             // a --fix that names the very version: bump=1.0.1
	Person             // a person who was asked
)

// Send is what is to be sent.
type Send struct {
	Target
	Contents npm.Contents // as far as they are known before npm is started
	Folder   string       // from which it is published
	Word     Word
}

// Permission says whether something may be sent. The zero value forbids.
type Permission int

// The permissions, the worst first.
const (
	Forbidden   Permission = iota // not while this is so
	AskRegistry                   // not before the registry was asked whether Verdict.Upload is there
	AskPerson                     // if a person says so, or a --fix as strong as Verdict.Word
	Granted
)

// String returns the permission's name.
func (p Permission) String() string {
	return [...]string{"forbidden", "ask the registry", "ask a person", "granted"}[p]
}

// Verdict is the answer to May.
type Verdict struct {
	Permission
	Upload Upload          // the upload that stands in the way; the zero value where none does
	Seen   classify.Answer // whether its version is there, by the last answer
	Word   Word            // what is enough where a person is to be asked
	Same   bool            // granted because it is known to be the same bytes as an open upload's
}

// May answers whether something may be sent. Every upload that it could make a
// second one of is looked at, and the worst answer holds.
func (l *Ledger) May(s Send) Verdict {
	if l.running {
		return Verdict{Permission: Forbidden}
	}
	v := Verdict{Permission: Granted}
	for _, u := range l.uploads {
		if !u.concerns(s) {
			continue
		}
		w := u.judge(s)
		w.Upload = u.Upload
		if u.seen != nil {
			w.Seen = u.seen.Found
		}
		if w.Permission < v.Permission || w.Permission == v.Permission && w.Word > v.Word || w.Same && v.Permission == Granted {
			v = w
		}
	}
	return v
}

// concerns tells whether something could be a second publish of the upload: in one
// run everything could; of an earlier run what goes to the same registry under the
// same name, or from the same folder, whose package may have been renamed. What is
// not known may be anything.
func (u Upload) concerns(s Send) bool {
	either := func(a, b string) bool { return a == b || a == "" || b == "" }
	switch {
	case !either(u.Registry, s.Registry):
		return false
	case !u.Earlier:
		return true
	}
	return either(u.Name, s.Name) || u.As != "" && u.As == s.Name || u.Folder != "" && u.Folder == s.Folder
}

// judge says what one upload allows.
func (u entry) judge(s Send) Verdict {
	same := u.Is(s.Target)
	alike := same && u.Contents.Is(s.Contents)
	switch u.fate() {
	case stored:
		return u.afterStored(s)
	case pending:
		return u.whileOpen(s, alike)
	case maybe:
		return Verdict{Permission: granted(alike || s.Word >= Person, AskPerson), Word: Person, Same: alike}
	case whose:
		return Verdict{Permission: granted(same || s.Word >= Number, AskPerson), Word: Number}
	case unasked: // a code, a login or a wait needs no answer: a registry takes a number once
		return Verdict{Permission: granted(same, AskRegistry)}
	case unanswered, hiding:
		return Verdict{Permission: granted(same || s.Word >= Person, AskPerson), Word: Person}
	}
	return Verdict{Permission: Granted}
}

func granted(yes bool, otherwise Permission) Permission {
	if yes {
		return Granted
	}
	return otherwise
}

// afterStored: what is published is published. Another version of it is another
// release, which another run may make; and where it is known by its commit alone,
// whoever names the number.
func (u entry) afterStored(s Send) Verdict {
	byCommit := u.State != transcript.Accepted && u.seen.Commit == classify.Yes && !u.seen.Contents.Is(u.Contents)
	switch {
	case u.Is(s.Target):
		return Verdict{Permission: Forbidden}
	case byCommit:
		return Verdict{Permission: granted(s.Word >= Number, AskPerson), Word: Number}
	}
	return Verdict{Permission: granted(u.Earlier, Forbidden)}
}

// whileOpen: only the same bytes. Other bytes under the same number need somebody's
// word; another number waits until the registry has told, and another name, which a
// person wrote into package.json, needs that person's.
func (u entry) whileOpen(s Send, alike bool) Verdict {
	switch {
	case alike:
		return Verdict{Permission: Granted, Same: true}
	case u.Is(s.Target):
		return Verdict{Permission: granted(s.Word >= Fix, AskPerson), Word: Fix}
	case u.seen == nil:
		return Verdict{Permission: AskRegistry}
	case u.Earlier && u.Name != "" && u.Name != s.Name && u.seen.Found == classify.No:
		return Verdict{Permission: granted(s.Word >= Person, AskPerson), Word: Person}
	}
	return Verdict{Permission: Forbidden}
}

// Standing is what the uploads so far leave open for what may follow.
type Standing struct {
	Stored bool    // the registry has it: nothing is sent again
	Same   Verdict // for the same name and version, with the bytes that are here now
	Other  Verdict // for another name or version
}

// Standing returns what may follow at a target. here are the bytes that would be
// sent, as far as they are known.
func (l *Ledger) Standing(t Target, here npm.Contents) Standing {
	other := t
	other.Version = "another than " + t.Version
	return Standing{
		Stored: l.Of(t) == Published || l.Of(t) == AlreadyPublished || l.Of(t) == Staged,
		Same:   l.May(Send{Target: t, Contents: here}),
		Other:  l.May(Send{Target: other}),
	}
}
