package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
)

// The model: registries that store, hide, repack and lose answers, and every
// sequence of events up to a depth. It knows what is really stored, and nothing of
// how the ledger decides. What the ledger permits is done, and judged by what is
// stored then.

var (
	registries = []string{"http://a/", "http://b/"}
	numbers    = []string{"1.0.0", "1.0.1"}
	contents   = []string{"aa", "bb", "cc"}
)

// doing is what a registry makes of one upload.
type doing int

const (
	takes        doing = iota // stored, shown, 201
	takesLater                // stored, not shown yet, 201
	loses                     // stored, shown, and the answer is lost
	losesHidden               // stored, not shown yet, and the answer is lost
	losesAll                  // not stored, and no answer
	losesRepacks              // stored with another shasum, shown, and the answer is lost
	refuses                   // 4xx
	refusesKeeps              // 4xx, and stored and shown all the same
)

// held is one version that a registry holds.
type held struct {
	contents string // that were sent
	shown    string // that the registry says they are
	visible  bool
	at       time.Time
	mine     bool
	run      int
}

// world is the truth.
type world struct {
	now    time.Time
	holds  map[Target]*held
	sent   []mine
	run    int
	times  bool // the registries say when a version was published
	clocks bool // and what time it is
}

// mine is one upload of ours and what the ledger was told of it.
type mine struct {
	Target
	contents string
	known    bool // the ledger knows the contents
	open     bool // no answer told what became of it
	told     bool // the registry has told since what became of it
	accepted bool
	at       time.Time
	run      int
}

// book is the ledger under test, or a mutant of it.
type book interface {
	Started()
	Ended(...Upload)
	Earlier(Upload)
	Seen(Sight)
	May(Send) Verdict
	Outcome() Outcome
	Keeps() bool
	Exit(int) int
	Pending() []Upload
}

// trial is one sequence.
type trial struct {
	world
	book
	fresh func() book
	count map[string]int
	steps []string
}

func (x *trial) fail(format string, args ...any) error {
	return fmt.Errorf("%s: %s", strings.Join(x.steps, ", "), fmt.Sprintf(format, args...))
}

func (x *trial) tick(d time.Duration) {
	x.now = x.now.Add(d)
}

// step is one event of the alphabet.
type step struct {
	name string
	do   func(x *trial) error
}

func sum(contents string, known bool) npm.Contents {
	if !known {
		return npm.Contents{}
	}
	return npm.Contents{Shasum: strings.Repeat(contents, 20)}
}

// publish asks for permission, and publishes where it is given.
func publish(registry, number, what string, known bool, word Word, what2 doing) step {
	t := Target{registry, "demo", number}
	name := fmt.Sprintf("send %s to %s with %s known=%v word=%d registry=%d", number, registry, what, known, word, what2)
	return step{name, func(x *trial) error {
		s := Send{Target: t, Contents: sum(what, known), Word: word}
		v := x.May(s)
		x.count["may "+v.Permission.String()]++
		if v.Permission != Granted {
			return nil
		}
		if err := x.permitted(s, what); err != nil {
			return err
		}
		x.upload(s, what, known, what2)
		return nil
	}}
}

// permitted judges a permission by the truth.
func (x *trial) permitted(s Send, what string) error {
	for _, u := range x.sent {
		h := x.holds[u.Target]
		stored := h != nil && h.mine && h.contents == u.contents
		alike := u.Target == s.Target && u.contents == what && u.known && s.Contents.Known()
		switch {
		case u.Registry != s.Registry || s.Word >= Person:
		case stored && u.Target != s.Target && (u.run == x.run || !u.told):
			return x.fail("a second version of ours: %v after %v", s.Target, u.Target)
		case u.open && !u.told && !alike && !(s.Word >= Fix && u.Target == s.Target):
			return x.fail("other bytes while %v is open", u.Target)
		}
	}
	return nil
}

func (x *trial) upload(s Send, what string, known bool, d doing) {
	x.Started()
	if x.Outcome() != Unsettled {
		panic("under way, and not unsettled")
	}
	began := x.now
	x.tick(time.Minute)
	u := Upload{Target: s.Target, Contents: s.Contents, Began: began}
	there := x.holds[s.Target] != nil
	h := &held{contents: what, shown: what, visible: true, at: x.now, mine: true, run: x.run}
	switch {
	case there && (d == takes || d == takesLater || d == refuses || d == refusesKeeps):
		u.State, u.AlreadyThere = transcript.Refused, true
	case d == takes || d == takesLater:
		u.State = transcript.Accepted
	case d == refuses || d == refusesKeeps:
		u.State = transcript.Refused
	default:
		u.State = transcript.Open
	}
	if !there && d != losesAll && d != refuses {
		h.visible = d != takesLater && d != losesHidden
		if d == losesRepacks {
			h.shown = "ee"
		}
		x.holds[s.Target] = h
	}
	x.sent = append(x.sent, mine{s.Target, what, known, u.State == transcript.Open, u.State == transcript.Accepted, u.State == transcript.Accepted, began, x.run})
	x.tick(time.Minute)
	x.Ended(u)
	x.count[fmt.Sprintf("upload %d", u.State)]++
}

// ask puts the question, and the registry tells the truth about what it shows.
func ask(t Target, answers bool) step {
	return step{fmt.Sprintf("ask %v answers=%v", t, answers), func(x *trial) error {
		x.tick(time.Minute)
		x.look(t, answers)
		return nil
	}}
}

func (x *trial) look(t Target, answers bool) {
	s := Sight{Target: t, Asked: x.now}
	h := x.holds[t]
	switch {
	case !answers:
		x.count["no answer"]++
	case h != nil && h.visible:
		s.Found, s.Contents = classify.Yes, sum(h.shown, true)
		if x.times {
			s.Published = h.at
		}
		if x.clocks {
			s.Clock = x.now
		}
		x.count["seen"]++
	default:
		s.Found = classify.No
		x.count["absent"]++
	}
	for i := range x.sent {
		if u := &x.sent[i]; u.Target == t && answers {
			u.told = u.told || u.toldBy(h, x.now)
		}
	}
	x.Seen(s)
}

// toldBy tells whether what the registry shows settles the upload: the version with
// these bytes or with those of somebody else, or, where it was refused or a day has
// passed, its absence.
func (u mine) toldBy(h *held, now time.Time) bool {
	if h == nil || !h.visible {
		return !u.open && h == nil || now.Sub(u.at) > day
	}
	return !h.mine || h.shown == h.contents
}

// restart ends the run and begins another, which knows what was pending.
func restart(x *trial) error {
	if err := x.ends(); err != nil {
		return err
	}
	x.run++
	open := x.Pending()
	x.book = x.fresh()
	for _, u := range open {
		x.Earlier(u)
	}
	x.count["restart"]++
	return nil
}

// aDay passes: what was hidden shows.
func aDay(x *trial) error {
	for _, h := range x.holds {
		h.visible = true
	}
	x.tick(25 * time.Hour)
	x.count["a day"]++
	return nil
}

// others publish what nobody here sent.
func others(x *trial) error {
	t := Target{registries[0], "demo", numbers[0]}
	if x.holds[t] == nil {
		x.tick(time.Minute)
		x.holds[t] = &held{contents: "dd", shown: "dd", visible: true, at: x.now}
		x.count["others"]++
	}
	return nil
}

// ends judges the end of a run: the registry is asked about all that was sent, and
// what the ledger says must be true.
func (x *trial) ends() error {
	x.tick(time.Minute)
	stored, hidden := false, false
	for _, u := range x.sent {
		if u.run != x.run {
			continue
		}
		x.look(u.Target, true)
		if h := x.holds[u.Target]; h != nil && h.mine && h.run == x.run {
			stored, hidden = true, hidden || !h.visible
		}
	}
	out := x.Outcome()
	x.count["outcome "+string(out)]++
	switch {
	case stored && !x.Keeps():
		return x.fail("an edit was undone that is published")
	case stored && out == NotPublished:
		return x.fail("%s, and it is stored", out)
	case !stored && (out == Published || out == Taken):
		return x.fail("%s, and nothing is stored", out)
	case out == Unsettled && !x.unknown():
		return x.fail("%s, and everything is known", out)
	case out == Unsettled && (x.Exit(0) == 0 || x.Exit(classify.ExitData) == classify.ExitData):
		return x.fail("%s, and the status says more", out)
	case out != Unsettled && x.Exit(classify.ExitData) != classify.ExitData:
		return x.fail("%s, and the status is %d", out, x.Exit(classify.ExitData))
	case out == AlreadyPublished && !x.there():
		return x.fail("%s, and it is not there", out)
	}
	return nil
}

// unknown tells whether there is an upload of which nobody has told what became.
func (x *trial) unknown() bool {
	return slices.ContainsFunc(x.sent, func(u mine) bool {
		h := x.holds[u.Target]
		other := h != nil && h.visible && (h.shown != u.contents || !u.known) // it may be anybody's
		taken := slices.ContainsFunc(x.sent, func(v mine) bool { return v.Target == u.Target && v.accepted && v.run == x.run })
		hidden := h != nil && !h.visible // the registry has said that it is there, and does not show it
		return !taken && (u.open && !u.told || other && !u.accepted || hidden)
	})
}

func (x *trial) there() bool {
	return slices.ContainsFunc(x.sent, func(u mine) bool {
		h := x.holds[u.Target]
		return u.run == x.run && h != nil && h.visible && h.contents == u.contents
	})
}

// alphabet is what may happen after the first upload.
func alphabet() []step {
	all := []step{
		{"restart", restart},
		{"a day passes", aDay},
		{"others publish", others},
		ask(Target{registries[0], "demo", numbers[0]}, true), ask(Target{registries[0], "demo", numbers[0]}, false),
		ask(Target{registries[0], "demo", numbers[1]}, true), ask(Target{registries[1], "demo", numbers[0]}, true),
	}
	for _, number := range numbers {
		for _, what := range contents {
			for _, d := range []doing{takes, losesHidden} {
				all = append(all, publish(registries[0], number, what, true, Nobody, d))
			}
		}
		all = append(
			all, publish(registries[0], number, contents[0], false, Nobody, takes), publish(registries[0], number, contents[1], false, Nobody, loses),
			publish(registries[0], number, contents[1], false, Fix, takes), publish(registries[0], number, contents[1], true, Person, takes),
			publish(registries[0], number, contents[0], true, Number, refuses), publish(registries[0], number, contents[0], true, Nobody, refusesKeeps),
			publish(registries[1], number, contents[0], true, Nobody, takes), publish(registries[1], number, contents[2], false, Nobody, losesAll),
		)
	}
	return all
}

// walk goes through every sequence and returns how many there were and what went
// wrong first.
func walk(fresh func() book, depth int, count map[string]int) (sequences int, wrong error) {
	steps := alphabet()
	for _, before := range []bool{false, true} {
		for kind := range 3 {
			for d := takes; d <= refusesKeeps; d++ {
				for _, known := range []bool{true, false} {
					first := publish(registries[0], numbers[0], contents[0], known, Nobody, d)
					deep := depth
					if before || kind < 2 { // the rarer worlds one event shorter
						deep--
					}
					n, err := sequence(fresh, before, kind, []step{first}, steps, deep, count)
					sequences += n
					if err != nil {
						return sequences, err
					}
				}
			}
		}
	}
	return sequences, nil
}

func sequence(fresh func() book, before bool, kind int, path, steps []step, depth int, count map[string]int) (int, error) {
	if err := play(fresh, before, kind, path, count); err != nil {
		return 1, err
	}
	if depth == 0 {
		return 1, nil
	}
	n := 1
	for _, s := range steps {
		more, err := sequence(fresh, before, kind, append(slices.Clone(path), s), steps, depth-1, count)
		n += more
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func play(fresh func() book, before bool, kind int, path []step, count map[string]int) error {
	x := &trial{world: world{
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), holds: map[Target]*held{}, times: kind > 0, clocks: kind > 1,
	}, book: fresh(), fresh: fresh, count: count}
	if before { // somebody published the first number long ago
		x.holds[Target{registries[0], "demo", numbers[0]}] = &held{contents: "dd", shown: "dd", visible: true, at: x.now.Add(-1000 * time.Hour)}
	}
	for _, s := range path {
		x.steps = append(x.steps, s.name)
		if err := s.do(x); err != nil {
			return err
		}
	}
	return x.ends()
}

func TestEverySequence(t *testing.T) {
	depth := 3
	if testing.Short() {
		depth = 2
	}
	count := map[string]int{}
	n, err := walk(func() book { return &Ledger{} }, depth, count)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for what, times := range count {
		lines = append(lines, fmt.Sprintf("%9d  %s", times, what))
	}
	slices.Sort(lines)
	t.Logf("%d sequences\n%s", n, strings.Join(lines, "\n"))
	if n < 200_000 && depth == 3 {
		t.Errorf("only %d sequences", n)
	}
	for _, want := range []string{
		"may forbidden", "may ask the registry", "may ask a person", "may granted", "upload 1", "upload 2", "upload 3", "seen", "absent", "no answer",
		"restart", "a day", "others", "outcome published", "outcome already-published", "outcome not-published", "outcome unknown",
	} {
		if count[want] == 0 {
			t.Errorf("never reached: %s", want)
		}
	}
}

// The model must notice each of these, or it proves nothing.
func TestModelNoticesMutants(t *testing.T) {
	for name, fresh := range map[string]func() book{
		"unknown is equal":                    func() book { return &unknownIsEqual{} },
		"an open upload is forgotten":         func() book { return &forgetsOpen{} },
		"what is there was there before":      func() book { return &foundIsSettled{} },
		"a refusal needs no question":         func() book { return &asksNobody{} },
		"edits go when the last one fails":    func() book { return &undoesAll{} },
		"unknown is not the first outcome":    func() book { return &unknownLast{} },
		"registries are not told apart":       func() book { return &oneRegistry{} },
		"a person's word is not waited for":   func() book { return &ownWord{} },
		"an upload is lost as soon as absent": func() book { return &lostAtOnce{} },
	} {
		if n, err := walk(fresh, 2, map[string]int{}); err == nil {
			t.Errorf("%s: nothing noticed in %d sequences", name, n)
		} else {
			t.Logf("%s: %v", name, err)
		}
	}
}

type unknownIsEqual struct{ Ledger }

func (m *unknownIsEqual) Ended(us ...Upload) {
	for i := range us {
		if !us[i].Contents.Known() {
			us[i].Contents = sum("aa", true)
		}
	}
	m.Ledger.Ended(us...)
}

type forgetsOpen struct{ Ledger }

func (m *forgetsOpen) Ended(us ...Upload) {
	m.uploads = nil
	m.Ledger.Ended(us...)
}

type foundIsSettled struct{ Ledger }

func (m *foundIsSettled) Seen(s Sight) {
	s.Published = time.Unix(1, 0)
	m.Ledger.Seen(s)
}

type asksNobody struct{ Ledger }

func (m *asksNobody) May(s Send) Verdict {
	v := m.Ledger.May(s)
	if v.Permission == AskRegistry && v.Upload.State == transcript.Refused {
		v.Permission = Granted
	}
	return v
}

type undoesAll struct{ Ledger }

func (m *undoesAll) Keeps() bool {
	last := m.uploads[len(m.uploads)-1]
	return m.Ledger.Keeps() && last.State == transcript.Accepted
}

type unknownLast struct{ Ledger }

func (m *unknownLast) Outcome() Outcome {
	if out := m.Ledger.Outcome(); m.running || out != Unsettled {
		return out
	}
	return NotPublished
}

type oneRegistry struct{ Ledger }

func (m *oneRegistry) Ended(us ...Upload) {
	for i := range us {
		us[i].Registry = registries[0]
	}
	m.Ledger.Ended(us...)
}

func (m *oneRegistry) Seen(s Sight) {
	s.Registry = registries[0]
	m.Ledger.Seen(s)
}

type ownWord struct{ Ledger }

func (m *ownWord) May(s Send) Verdict {
	s.Word = Person
	return m.Ledger.May(s)
}

type lostAtOnce struct{ Ledger }

func (m *lostAtOnce) Seen(s Sight) {
	s.Asked = s.Asked.Add(25 * time.Hour)
	m.Ledger.Seen(s)
}
