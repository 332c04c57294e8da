package logs

import (
	"cmp"
	"slices"
	"strings"

	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// A log says the same failure several times: npm's own lines, its debug log, the
// error of the tool that ran it, that tool's summary. And it may show how the same
// publish went well later on.

// rank is who tells of a failure: who tells more of it comes later.
type rank int

const (
	byWord rank = iota // a tool's last word, or a sentence with nothing around it: counts where nobody tells more
	byTool             // another client or a tool, or what it quotes of npm
	byNPM              // npm's own lines
	byLog              // npm's debug log
)

type failure struct {
	t       transcript.Transcript
	place   span
	rank    rank
	kind    kind
	command string // that the log shows to have been typed
	said    string // its words
	cut     bool   // its own words do not come to the package
}

type published struct {
	name, version string
	place         int
}

// What is kept is bounded: failures that are told apart, names of packages, and the
// lines that are quoted.
const (
	mostFound    = 500
	mostKept     = 20000
	mostHints    = 8
	mostSuspects = 5
)

// findings are what a file tells, as far as it is read.
type findings struct {
	found    []failure
	counts   [3]int            // by kind
	known    map[string]int    // the text of a failure: which it is
	versions map[string]string // by package, that a tool said it would publish it as
	success  []published
	hints    []transcript.Line
	tasks    []task // of a list of nx's
	suspects []Elsewhere
}

// toldAlready tells whether the very words were found before; a log can repeat them a
// million times.
func (s *findings) toldAlready(text string, place int) bool {
	i, known := s.known[text]
	if known {
		s.found[i].place.last = max(s.found[i].place.last, place)
	}
	return known
}

// full tells whether more failures of a kind were found than anybody wants to read of.
func (s *findings) full(k kind) bool { return s.counts[k] == mostFound }

func (s *findings) find(x failure, text string) {
	if s.full(x.kind) {
		return
	}
	s.counts[x.kind]++
	x.said = messageOf(x.t)
	s.known[text] = len(s.found)
	s.found = append(s.found, x)
}

func (s *findings) succeed(name, version string, place int) {
	if name != "" && len(s.success) < mostKept {
		s.success = append(s.success, published{name: name, version: version, place: place})
	}
}

// suspect keeps a line that looks like a failed publish and fits no form.
func (s *findings) suspect(place int, text string) {
	if len(s.suspects) < mostSuspects && len(text) < 400 && containsAny(text, "ublish", "PUT ", " - P", "ERR") &&
		(containsAny(text, looksFailed...) || refusedPut.MatchString(text)) {
		s.suspects = append(s.suspects, Elsewhere{From: from(place), Text: strings.TrimSpace(text)})
	}
}

// refusedPut is a request and its status, as servers and proxies log it.
var refusedPut = pattern.New(`\bPUT\b.*\b[45]\d\d\b|\b[45]\d\d\b.*\bPUT\b`)

var looksFailed = strings.Split("fail|Fail|FAIL|rror|ERR|efused|enied|ejected|orbidden|nauthorized|annot |ould not|nable to", "|")

// log sums up: restatements are merged, what succeeded later is dropped, and what is
// less than certain to have been a publish counts where nothing else does.
func (s *findings) log() Log {
	slices.SortStableFunc(s.found, func(a, b failure) int { return cmp.Compare(a.place.first, b.place.first) })
	var of [3][]failure
	for _, x := range s.found {
		of[x.kind] = merge(of[x.kind], x)
	}
	failed, maybe := s.withTasks(telling(of[publish])), of[unclear]
	if len(failed) == 0 && len(maybe) > 0 {
		failed, maybe = maybe[len(maybe)-1:], maybe[:len(maybe)-1]
	}
	var out Log
	for _, x := range failed {
		if p := x.t.Last(); p.Version == "" && s.versions[p.Name] != "" {
			x.t.Packages[len(x.t.Packages)-1].Version = s.versions[p.Name]
		}
		if !s.laterSucceeded(x) {
			out.Failed = append(out.Failed, x.t)
		}
	}
	for _, x := range append(of[other], maybe...) {
		out.Elsewhere = append(out.Elsewhere, elsewhere(x))
	}
	if len(failed) == 0 {
		out.Suspects = s.suspects
	}
	return out
}

// telling leaves out the failures that are told by words alone, without a package,
// where others tell more. Of nothing but words it keeps those that name a package, or
// the first that has a code, or the first: several words alone tell of one failure.
func telling(all []failure) []failure {
	named := slices.DeleteFunc(slices.Clone(all), func(x failure) bool { return x.rank == byWord && x.t.Last().Name == "" })
	if len(named) > 0 || len(all) == 0 {
		return named
	}
	i := slices.IndexFunc(all, func(x failure) bool { return x.t.Code != "" })
	return all[max(i, 0) : max(i, 0)+1]
}

// merge adds a failure to those before it, or merges it with the one that it says
// again.
func merge(all []failure, x failure) []failure {
	for i := len(all) - 1; i >= 0; i-- {
		same := &all[i]
		again := x.rank != same.rank || x.rank < byNPM
		switch {
		case again && agree(same, &x):
			*same = better(*same, x)
			return all
		case repeated(same.t, x.t) && (same.said == x.said || x.cut && !same.cut && alike(same.t.Code, x.t.Code)): // it tells no more
			same.place.last = x.place.last
			return all
		case repeated(same.t, x.t): // the upload of an attempt that is open stays so, whatever a later one was told
			x.place.first = same.place.first
			if same.t.Last().Upload.State == transcript.Open {
				x.t.Packages[len(x.t.Packages)-1].Upload.State = transcript.Open
			}
			*same = x
			return all
		}
	}
	return append(all, x)
}

// better returns the one of two readings of a failure that tells more, with what only the
// other names.
func better(a, b failure) failure {
	out := b
	if a.rank >= b.rank || b.cut && a.rank == byTool {
		out = a
	}
	out.place = span{min(a.place.first, b.place.first), max(a.place.last, b.place.last)}
	fillName(&out.t, a.t, b.t)
	return out
}

// agree tells whether two readings may be of the same failure.
func agree(a, b *failure) bool {
	p, q := a.t.Last(), b.t.Last()
	s, u := p.Upload.Status(), q.Upload.Status()
	if !alike(a.t.Code, b.t.Code) || !alike(p.Name, q.Name) || !alike(p.Version, q.Version) || s != 0 && u != 0 && s != u {
		return false
	}
	return p.Name != "" && q.Name != "" || shares(a, b)
}

func alike(a, b string) bool { return a == "" || b == "" || strings.EqualFold(a, b) }

// shares tells whether one says a sentence of the other's.
func shares(a, b *failure) bool {
	says := func(whole string, lines []transcript.Line) bool {
		return slices.ContainsFunc(lines, func(l transcript.Line) bool {
			return len(l.Text) > 12 && strings.Contains(whole, strings.TrimSpace(l.Text))
		})
	}
	return len(a.t.Message) > 0 && len(b.t.Message) > 0 && (says(a.said, b.t.Message) || says(b.said, a.t.Message))
}

// repeated tells whether two failures are attempts to publish the same version, as far as
// a version is told.
func repeated(a, b transcript.Transcript) bool {
	p, q := a.Last(), b.Last()
	return p.Name != "" && strings.EqualFold(p.Name, q.Name) && alike(p.Version, q.Version)
}

// fillName puts in what the better of two readings does not name.
func fillName(t *transcript.Transcript, others ...transcript.Transcript) {
	for _, o := range others {
		if o.Last().Name == "" {
			continue
		}
		if len(t.Packages) == 0 {
			t.Packages = append(t.Packages, transcript.Package{Upload: o.Last().Upload})
		}
		p := &t.Packages[len(t.Packages)-1]
		p.Name = cmp.Or(p.Name, o.Last().Name)
		if p.Version == "" && strings.EqualFold(p.Name, o.Last().Name) {
			p.Version = o.Last().Version
		}
	}
}

// laterSucceeded tells whether the log shows later on that this version was published.
func (s *findings) laterSucceeded(x failure) bool {
	p := x.t.Last()
	return slices.ContainsFunc(s.success, func(done published) bool {
		return done.place > x.place.last && p.Name != "" && strings.EqualFold(done.name, p.Name) && alike(done.version, p.Version)
	})
}

// aboutFile are the parts of npm's message that are no sentence.
var aboutFile = pattern.New(`^(?:errno|syscall|path|file|code) `)

func elsewhere(x failure) Elsewhere {
	e := Elsewhere{From: from(x.place.first), Text: x.t.Code}
	if digit((x.t.Code + " ")[0]) {
		e.Text = "a script ended with " + x.t.Code
	}
	if x.command != "" && x.command != "publish" {
		e.Command = "npm " + x.command
	}
	for _, l := range x.t.Message {
		if strings.Contains(l.Text, " ") && !aboutFile.MatchString(l.Text) {
			e.From, e.Text = l.From, l.Text
			break
		}
	}
	return e
}
