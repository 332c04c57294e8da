package runner

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"safepublish/classify/npm"
	"safepublish/remedy/edit"
	"safepublish/remedy/fault"
	"safepublish/remedy/ledger"
)

// records is what is true of this release, and its copy on disk. The loop and the
// signals use it; it has its own lock.
type records struct {
	mu      sync.Mutex
	led     ledger.Ledger
	store   *ledger.Store   // nil where nothing is kept: a dry run, or before it was opened
	edits   []*edit.Journal // that are neither settled nor undone
	kept    []*edit.Journal // that are published
	asking  bool            // it is being decided what becomes of edits that an earlier run left: until then they stay
	earlier []ledger.Upload // uploads of earlier runs that are still on the record
	// keepable returns a registry's address as it may be written down: "" where it
	// carries a secret.
	keepable func(registry string) string
}

// errNoRecord means that nothing may be sent, for it could not be noted.
var errNoRecord = errors.New("what is about to be sent cannot be recorded")

// open takes over what earlier runs left.
func (r *records) open(store *ledger.Store, earlier []ledger.Upload) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store, r.earlier = store, earlier
	for _, u := range earlier {
		r.led.Earlier(u)
	}
	_ = json.Unmarshal(store.Edits, &r.edits) // readFolder has seen that it is JSON; a form of edits that is not ours has no entries
	r.edits = slices.DeleteFunc(r.edits, func(j *edit.Journal) bool { return j == nil })
}

// noteStart notes on disk that npm publish is about to be started.
func (r *records) noteStart(s ledger.Sending) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.led.Started()
	if r.store == nil {
		return nil
	}
	r.store.Sending = &s
	if err := r.store.Save(); err != nil {
		r.store.Sending = nil
		r.led.Ended()
		return errors.Join(errNoRecord, err)
	}
	return nil
}

// noteUpload notes, while npm runs, which name and version it is about to send.
func (r *records) noteUpload(name, version string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store == nil || r.store.Sending == nil {
		return
	}
	sending := *r.store.Sending
	if sending.Name == name && sending.Version == version {
		return
	}
	sending.Name, sending.Version = name, version
	r.store.Sending = &sending
	_ = r.store.Save() // what was noted before still stands
}

// noteEnd notes what npm publish has sent: the uploads that are open first, so that a
// kill between the two leaves one too many and none too few.
func (r *records) noteEnd(uploads []ledger.Upload) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.led.Ended(uploads...)
	err := r.keep()
	if r.store != nil && err == nil {
		r.store.Sending = nil
		err = r.store.Save()
	}
	fault.Point("upload-noted")
	return err
}

// keep writes down the uploads that are open, and takes those off the record whose
// fate is known. The lock is held.
func (r *records) keep() error {
	if r.store == nil {
		return nil
	}
	open := r.led.Pending()
	err := r.store.Keep(r.written(open))
	var settled []ledger.Upload
	for _, u := range append(slices.Clone(r.earlier), r.led.Settled()...) {
		if !slices.ContainsFunc(open, func(o ledger.Upload) bool { return o.Target == u.Target }) {
			settled = append(settled, u)
		}
	}
	return errors.Join(err, r.store.Drop(r.written(settled)))
}

// written are uploads as they may be written down.
func (r *records) written(uploads []ledger.Upload) []ledger.Upload {
	all := slices.Clone(uploads)
	for i := range all {
		all[i].Registry = r.keepable(all[i].Registry)
	}
	return all
}

// noteAnswer notes an answer of the registry.
func (r *records) noteAnswer(s ledger.Sight) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.led.Seen(s)
	return r.keep()
}

func (r *records) noteReading(t ledger.Target, what ledger.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.led.Read(t, what)
}

// with gives the ledger to a function, under the lock.
func (r *records) with(question func(*ledger.Ledger)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	question(&r.led)
}

func (r *records) may(s ledger.Send) (v ledger.Verdict) {
	r.with(func(l *ledger.Ledger) { v = l.May(s) })
	return v
}

func (r *records) sent(t ledger.Target) (all []npm.Contents) {
	r.with(func(l *ledger.Ledger) { all = l.Sent(t) })
	return all
}

func (r *records) pending(t ledger.Target) (yes bool) {
	r.with(func(l *ledger.Ledger) { yes = l.IsPending(t) })
	return yes
}

func (r *records) anyPending() (yes bool) {
	r.with(func(l *ledger.Ledger) { yes = len(l.Pending()) > 0 })
	return yes
}

func (r *records) outcome() (o ledger.Outcome) {
	r.with(func(l *ledger.Ledger) { o = l.Outcome() })
	return o
}

// of returns what became of one package, for the report.
func (r *records) of(registry, name, version string) (o ledger.Outcome) {
	r.with(func(l *ledger.Ledger) { o = l.Of(ledger.At(registry, name, version)) })
	return o
}

// any tells whether anything was sent, or may have been: then a next publish could send
// it a second time.
func (r *records) any() bool { return r.count() > 0 }

func (r *records) count() (n int) {
	r.with(func(l *ledger.Ledger) { n = l.Count() })
	return n
}

// leftOver returns the edits that an earlier run left, and every --fix that would have
// made the last of them. Until change they stay, whatever ends us.
func (r *records) leftOver() (edits []*edit.Journal, fixes []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asking = len(r.edits) > 0
	return slices.Clone(r.edits), r.store.Fixes
}

// editsIn tells of edits, in the form in which they are kept, whether one has changed the
// package.json in a folder, or with below one in a folder in it.
func editsIn(dir string, below bool) func(json.RawMessage) bool {
	return func(edits json.RawMessage) bool {
		var all []*edit.Journal
		_ = json.Unmarshal(edits, &all) // what is not ours to read has changed nothing
		return slices.ContainsFunc(all, func(j *edit.Journal) bool { return j != nil && j.LeftIn(dir, below) })
	}
}

// edited tells whether a file was changed for the publish.
func (r *records) edited() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.edits) > 0
}

// publish notes that edits are published, for change: none is left. The lock is held.
func (r *records) publish(edits []*edit.Journal) (left []*edit.Journal, said []string) {
	r.kept = append(r.kept, edits...)
	return nil, nil
}

// publishedEdits returns the edits of what was published.
func (r *records) publishedEdits() []*edit.Journal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.kept)
}

// noteEdit keeps on disk what a plan is about to do, and the --fix that would do it.
func (r *records) noteEdit(j *edit.Journal, fixes []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.edits, j) {
		r.edits = append(r.edits, j)
	}
	if r.store != nil {
		r.store.Fixes = fixes
	}
	return r.saveEdits()
}

// saveEdits writes the edits down. The lock is held.
func (r *records) saveEdits() error {
	if r.store == nil {
		return errors.New("nothing is kept of a dry run")
	}
	r.store.Edits = nil
	if len(r.edits) > 0 {
		text, err := json.Marshal(r.edits)
		if err != nil {
			return err
		}
		r.store.Edits = text
	}
	return r.store.Save()
}

// change replaces the edits by what becomes of them, and returns what to say of it.
// Nothing is printed under the lock: a terminal may take its time.
func (r *records) change(become func([]*edit.Journal) (left []*edit.Journal, said []string)) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var said []string
	r.asking = false
	r.edits, said = become(r.edits)
	return said, r.saveEdits()
}

// settle decides what becomes of the edits at the end: those of a publish that is on
// the registry stay for good, those of one that may be are left to the next run,
// the others are taken back.
func (r *records) settle() (said []string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store == nil || r.store.Sending != nil || r.led.Outcome() == ledger.Unsettled || r.asking { // the next run looks first
		return nil, nil
	}
	if len(r.edits) == 0 && len(r.store.Edits) == 0 {
		return nil, nil
	}
	if r.led.Keeps() {
		r.edits, said = r.publish(r.edits)
	} else {
		r.edits, said = takeBack(r.edits)
	}
	return said, r.saveEdits()
}

func (r *records) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.store.Close()
}

// where returns the file that keeps an upload.
func (r *records) where(u ledger.Upload) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.store == nil {
		return ""
	}
	return r.store.Where(r.written([]ledger.Upload{u})[0])
}
