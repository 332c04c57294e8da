package ledger

import (
	"slices"

	"safepublish/classify"
	"safepublish/classify/transcript"
)

// Outcome is what became of a release or of one of its packages, in the words of
// the report.
type Outcome string

// The outcomes. Unsettled is also that of a run that has not ended, or was killed.
const (
	Published        Outcome = "published"
	AlreadyPublished Outcome = "already-published" // the version was there with these very bytes, or from this very commit
	Skipped          Outcome = "skipped"
	PartlyPublished  Outcome = "partly-published" // some packages of a release are published, others are not
	Taken            Outcome = "accepted"         // taken by the registry, and not readable yet
	Staged           Outcome = "staged"           // taken by npm stage publish, and waits for approval
	DryRun           Outcome = "dry-run"
	NotPublished     Outcome = "not-published"
	Failed           Outcome = "failed"    // one package of several that is not published
	NotTried         Outcome = "not-tried" // one of several whose turn did not come
	Unsettled        Outcome = "unknown"   // bytes may have been sent, and nothing tells what became of them
)

// Of returns what became of what was sent to a target, by this run or an earlier one.
func (l *Ledger) Of(t Target) Outcome {
	return l.outcome(slices.DeleteFunc(slices.Clone(l.uploads), func(u entry) bool { return u.Target != t }))
}

// Outcome returns what became of this run. An upload of which nobody knows comes
// first; one of an earlier run counts where this run has sent nothing, for then it is
// what kept it from it, or the same again. Of several packages of one npm publish some
// may be there and others not.
func (l *Ledger) Outcome() Outcome {
	if l.running && !l.dry {
		return Unsettled
	}
	result := l.outcome(l.ofThisRun())
	there := func(u entry) bool { return l.Of(u.Target) != NotPublished }
	missing := func(u entry) bool { return !there(u) }
	last := l.uploads[l.last:]
	if result != Unsettled && slices.ContainsFunc(last, there) && slices.ContainsFunc(last, missing) {
		return PartlyPublished
	}
	return result
}

// ofThisRun are the uploads that the outcome of this run turns on.
func (l *Ledger) ofThisRun() []entry {
	var mine, open []entry
	sent := false
	for _, u := range l.uploads {
		switch {
		case !u.Earlier:
			mine, sent = append(mine, u), sent || u.State != transcript.NotSent
		case u.unsettled():
			open = append(open, u)
		}
	}
	if sent {
		open = slices.DeleteFunc(open, func(u entry) bool {
			return !slices.ContainsFunc(mine, func(m entry) bool { return m.Target == u.Target })
		})
	}
	return append(mine, open...)
}

// unsettled tells whether nobody can say whether the registry has the upload, though
// it may.
func (u entry) unsettled() bool { return u.fate() == pending || u.fate() == maybe }

// unclear is unsettled, or refused by a registry that did not answer afterwards: what
// it has is not known then. A 401 is clear, for it lets nothing in. So is an answer to
// the first attempt that the version is there.
func (u entry) unclear() bool {
	return u.unsettled() || u.fate() == hiding || u.fate() == unanswered && !u.Denied && !u.AlreadyThere
}

// outcome judges uploads: first what nobody knows, then what is there, whatever was
// refused before or after it.
func (l *Ledger) outcome(uploads []entry) Outcome {
	if l.dry {
		return DryRun
	}
	result := NotPublished
	for _, u := range uploads {
		switch {
		case u.unclear():
			return Unsettled
		case u.fate() != stored:
		case u.State != transcript.Accepted && result == NotPublished:
			result = AlreadyPublished
		case u.State == transcript.Accepted:
			result = u.followed()
		}
	}
	return result
}

func (u entry) followed() Outcome {
	switch {
	case u.Staged:
		return Staged
	case u.reading != "":
		return u.reading
	}
	return Published
}

// Read notes what --wait saw of a version that the registry had accepted: Published
// once it can be read, Taken while it cannot, NotPublished where its number was
// lost.
func (l *Ledger) Read(t Target, what Outcome) {
	for i := range l.uploads {
		if u := &l.uploads[i]; u.Target == t && u.State == transcript.Accepted {
			u.reading = what
		}
	}
}

// Keeps tells whether the edits of this run stay: something was published, or may
// have been.
func (l *Ledger) Keeps() bool {
	out := l.Outcome()
	return out != NotPublished && out != DryRun
}

// Exit returns the status to end with where status is that of the last attempt.
// While nobody knows what became of an upload, it is neither 0 nor the one on which
// a script raises the version and publishes a second time; and whatever the last
// answer was, a run after which these bytes are on the registry ends with 0 only if
// it says so.
func (l *Ledger) Exit(status int) int {
	if l.Outcome() == Unsettled && slices.Contains([]int{0, classify.ExitData}, status) {
		return classify.ExitTempFail
	}
	return status
}
