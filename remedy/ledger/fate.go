package ledger

import (
	"time"

	"safepublish/classify"
	"safepublish/classify/transcript"
)

// day is how long after it an upload can still take effect. npmjs.org shows a
// version up to 40 minutes after it accepted it, as reported since September 2026
// (npm/cli#9889); a day is far beyond what any registry is known to need.
const day = 24 * time.Hour

// The doubt about whether a version was published before an upload began: the time of
// a version and the date of an answer may come from two machines of the registry, and
// without a date two clocks are compared that nobody has set.
const (
	doubtOfDate  = 2 * time.Minute
	doubtOfClock = 15 * time.Minute
)

// fate is what became of one upload, by all that is known.
type fate int

const (
	nothing    fate = iota // nothing was sent
	unasked                // refused; the registry was not asked since whether the version is there
	unanswered             // refused; asked, and no answer came
	absent                 // refused, and the version is not there
	hiding                 // refused because the version is there, and the registry does not show it
	before                 // the version is there, and was before this upload
	whose                  // the version was there before, and nobody can say whether it is this very release
	lost                   // open, and the version is not there a day later
	pending                // sent, and nobody can say what became of it
	maybe                  // the version is there; it may be this upload, repacked or with contents that are not known
	stored                 // the registry has it
)

// fate reads the table that the package is about, whole, so that the order of its rows
// is seen. What the answers of the registry mean for one upload:
//
//	                         refused        open
//	not asked since          unasked        open
//	no answer                unanswered     open
//	not there                absent         open; lost after a day
//	there, same bytes        stored         stored
//	there, published before  before         before
//	there, else              maybe          maybe
//
// Where the first attempt was told that the version is there, or npm's own check said
// so, it was there before: it is this release, another one, or nobody can say whose.
//
//nolint:cyclop // the table above, case by case
func (u entry) fate() fate {
	refused := u.State == transcript.Refused
	switch s := u.seen; {
	case u.State == transcript.Accepted:
		return stored
	case u.moot:
		return lost
	case u.AlreadyThere && u.State != transcript.Open && s != nil && s.Found == classify.Yes:
		return u.thereBefore()
	case u.State == transcript.NotSent:
		return nothing
	case s == nil && refused:
		return unasked
	case s == nil:
		return pending
	case s.Found == classify.Unknown && refused:
		return unanswered
	case s.Found == classify.No && refused && u.AlreadyThere && !s.Burnt: // a proxy may have sent the same twice
		return hiding
	case s.Found == classify.No && refused:
		return absent
	case s.Found == classify.No && s.Asked.Sub(u.Began) > day: // an absence that was seen earlier says nothing of today
		return lost
	case s.Found != classify.Yes:
		return pending
	case s.Commit == classify.Yes, s.Contents.Is(u.Contents):
		return stored
	case s.before(u.Began):
		return before
	}
	return maybe
}

func (u entry) thereBefore() fate {
	same, known := u.seen.Contents.Same(u.Contents)
	switch {
	case same, u.seen.Commit == classify.Yes:
		return stored
	case known, u.seen.Commit == classify.No:
		return before
	}
	return whose
}

// before tells whether the version was published before that moment of our clock.
func (s Sight) before(began time.Time) bool {
	switch {
	case s.Published.IsZero():
		return false
	case s.Clock.IsZero():
		return s.Published.Before(began.Add(-doubtOfClock))
	}
	return s.Published.Before(began.Add(s.Clock.Sub(s.Asked)).Add(-doubtOfDate))
}

// Fate is what became of an upload, for who tells a person.
type Fate int

// The fates of an upload.
const (
	Unclear Fate = iota // nobody can say
	Stored              // the registry has it
	Lost                // it is not there a day later, or was refused
	Others              // what is there was there before it
)

// FateOf returns what became of an upload that the ledger was told of.
func (l *Ledger) FateOf(u Upload) Fate {
	for _, e := range l.uploads {
		if e.Upload != u {
			continue
		}
		switch e.fate() {
		case stored:
			return Stored
		case lost, absent:
			return Lost
		case before:
			return Others
		}
	}
	return Unclear
}
