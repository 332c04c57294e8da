// Package ledger knows what was sent to a registry, what the registry showed
// afterwards, and therefore what may be sent next.
//
// Ledger is a pure state machine: events go in (npm was started, an upload ended,
// the registry answered, a file was edited), questions come out (may these bytes be
// sent to this registry under this name and version, what must be asked first, what
// became of it all). Nothing in it reads a clock, a file or the network. store.go
// keeps on disk what must outlive the process.
//
// The rule behind all of it: what is not known is never a permission.
package ledger

import (
	"slices"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// Target is where an upload goes: a registry, a package name and a version. What is
// not known is "", and equals nothing.
type Target struct{ Registry, Name, Version string }

// At returns the Target with its registry in one form (npm.Registry), so that two
// spellings of the same address are the same.
func At(registry, name, version string) Target {
	return Target{npm.Registry(registry), name, version}
}

// Is tells whether both are known to be the same place.
func (t Target) Is(other Target) bool { return t.known() && t == other }

func (t Target) known() bool { return t.Registry != "" && t.Name != "" && t.Version != "" }

// Upload is one npm publish of one package: all that it sent to one Target.
type Upload struct {
	Target
	Contents npm.Contents
	State    transcript.State
	// AlreadyThere tells that the answer to the very first attempt, or npm's own check
	// before it, was that the version is there: what is there was there before.
	AlreadyThere bool
	// Denied tells that the answer was 401: nobody was let in, and nothing was stored.
	Denied  bool
	Began   time.Time // by our clock, before the first byte was sent
	Folder  string    // from which it was published, absolute; "" if unknown
	As      string    // its name in package.json before npm was started, which a script may have changed; "" if unknown
	Left    string    // the version in package.json when npm had ended; "" if there is none
	Earlier bool      // sent by an earlier run of safepublish
	Staged  bool      // npm stage publish: readers are shown nothing before a person approves it
}

// Sight is the registry's answer to the question whether a version is there.
type Sight struct {
	Target
	Found     classify.Answer // Unknown: no answer came
	Contents  npm.Contents
	Published time.Time // when the registry says it was published; zero where it does not say
	Clock     time.Time // the registry's clock when it answered; zero if unknown
	Asked     time.Time // our clock when it answered
	// Burnt tells that the number was published once and is gone: nothing but another
	// number can be published.
	Burnt bool
	// Commit tells whether the version was published from the commit that is checked
	// out here, with no change on top: then it is this release, whatever its shasum.
	Commit classify.Answer
}

// SightOf returns an answer about a target, for the ledger.
func SightOf(t Target, this classify.RemoteVersion) Sight {
	return Sight{Target: t, Found: this.Found, Contents: this.Contents(), Published: this.At, Clock: this.Clock, Asked: this.Asked}
}

// Ledger is what is known of the uploads and edits of one run of safepublish, and
// of the uploads of earlier runs that are still open. The zero value knows of none.
type Ledger struct {
	uploads []entry
	last    int // where the uploads of the last npm publish begin
	running bool
	dry     bool
}

// entry is one upload and the latest answer of the registry about its target that
// came after it.
type entry struct {
	Upload
	seen    *Sight
	reading Outcome // what --wait saw; "" where nobody looked
	moot    bool    // the registry took a later upload to the same target: it had not taken this one
}

// Started notes that npm publish is about to be started: from now on bytes may be
// sent, until Ended.
func (l *Ledger) Started() { l.running = true }

// Ended notes that npm publish has ended, and what it sent: one Upload for each
// package that it came to.
func (l *Ledger) Ended(uploads ...Upload) {
	l.running, l.last = false, len(l.uploads)
	for _, u := range uploads {
		for i := range l.uploads { // a registry takes a number once
			l.uploads[i].moot = l.uploads[i].moot || u.State == transcript.Accepted && l.uploads[i].Is(u.Target)
		}
		l.uploads = append(l.uploads, entry{Upload: u})
	}
}

// Earlier notes an upload of an earlier run of which nobody knows what became.
func (l *Ledger) Earlier(u Upload) {
	u.Earlier = true
	l.uploads = append(l.uploads, entry{Upload: u})
}

// Seen notes an answer of the registry. An answer that did not come replaces none
// that came.
func (l *Ledger) Seen(s Sight) {
	for i := range l.uploads {
		u := &l.uploads[i]
		if !u.Is(s.Target) || u.Began.After(s.Asked) {
			continue
		}
		if s.Found != classify.Unknown || u.seen == nil {
			u.seen = &s
		}
	}
}

// DryRun notes that npm is set to publish nothing in this run.
func (l *Ledger) DryRun() { l.dry = true }

// Packed notes which bytes the uploads of this run to a target were, where that was
// found out after they had been sent.
func (l *Ledger) Packed(t Target, c npm.Contents) {
	for i := range l.uploads {
		if u := &l.uploads[i]; !u.Earlier && u.Is(t) && !u.Contents.Known() {
			u.Contents = c
		}
	}
}

// Pending returns the uploads whose fate only the registry can tell, or has not
// told yet: what the next run must know.
func (l *Ledger) Pending() []Upload { return l.those(entry.unsettled) }

// Settled returns the uploads of which it is known what became of them.
func (l *Ledger) Settled() []Upload {
	return l.those(func(u entry) bool { return !u.unsettled() && u.State != transcript.NotSent })
}

// Count returns how many uploads are known, those that sent nothing left out.
func (l *Ledger) Count() int {
	return len(l.those(func(u entry) bool { return u.State != transcript.NotSent || u.AlreadyThere }))
}

func (l *Ledger) those(are func(entry) bool) []Upload {
	var all []Upload
	for _, u := range l.uploads {
		if are(u) {
			all = append(all, u.Upload)
		}
	}
	return all
}

// IsPending tells whether an upload to that target is among the pending.
func (l *Ledger) IsPending(t Target) bool {
	return slices.ContainsFunc(l.Pending(), func(u Upload) bool { return u.Target == t })
}

// Sent returns the contents that were sent to a target and may be there, the last
// ones last: of an upload that was refused too, for a registry may refuse what it
// has stored.
func (l *Ledger) Sent(t Target) []npm.Contents {
	var all []npm.Contents
	for _, u := range l.those(func(u entry) bool { return u.Is(t) && u.State != transcript.NotSent && u.Contents.Known() }) {
		all = append(all, u.Contents)
	}
	return all
}
