package logs

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"safepublish/classify/transcript"
)

// A log says the same failure several times: npm's own lines, its debug log, the
// error of the tool that ran it, that tool's summary. And it may show how the same
// publish went well later on.

type failure struct {
	t           transcript.Transcript
	first, last int
	log         bool // from npm's debug log
	again       bool // quoted, or told by another tool: npm's own words may stand elsewhere
	kind        kind
}

type success struct {
	name, version string
	place         int
}

// What is kept is bounded: failures that are told apart, and names of packages.
const (
	mostFound = 500
	mostKept  = 20000
)

func (f *file) find(x failure) {
	if len(f.found) < mostFound {
		f.found = append(f.found, x)
	}
}

func (f *file) succeed(name, version string, place int) {
	if len(f.success) < mostKept {
		f.success = append(f.success, success{name: name, version: version, place: place})
	}
}

// log sums up: restatements are merged, what succeeded later is dropped, and what
// may have been a publish counts where nothing else does.
func (f *file) log() Log {
	slices.SortStableFunc(f.found, func(a, b failure) int { return cmp.Compare(a.first, b.first) })
	var failed, maybe, others []failure
	for _, x := range f.found {
		switch x.kind {
		case publish:
			failed = join(failed, x)
		case unclear:
			maybe = join(maybe, x)
		case other:
			others = join(others, x)
		}
	}
	if len(failed) == 0 && len(maybe) > 0 {
		failed = maybe[len(maybe)-1:]
	}
	var out Log
	for _, x := range failed {
		if p := x.t.Last(); p.Version == "" && f.versions[p.Name] != "" {
			x.t.Packages[len(x.t.Packages)-1].Version = f.versions[p.Name]
		}
		if !f.mended(x) {
			out.Failed = append(out.Failed, x.t)
		}
	}
	for _, x := range others {
		out.Elsewhere = append(out.Elsewhere, elsewhere(x))
	}
	return out
}

// join adds a failure to those before it, or merges it with the one that it says
// again.
func join(all []failure, x failure) []failure {
	for i := len(all) - 1; i >= 0; i-- {
		switch same, better := &all[i], x; {
		case x.log != same.log && agree(same.t, x.t) || (x.again || same.again) && agree(same.t, x.t):
			if rank(*same) >= rank(x) {
				better = *same
			}
			better.first, better.last = min(same.first, x.first), max(same.last, x.last)
			name(&better.t, same.t, x.t)
			*same = better
			return all
		case repeated(same.t, x.t) && words(same.t) == words(x.t):
			same.last = x.last
			return all
		case repeated(same.t, x.t):
			open := same.t.Last().Upload.State == transcript.Open
			x.first = same.first
			*same = x
			if open {
				same.t.Packages[len(same.t.Packages)-1].Upload.State = transcript.Open
			}
			return all
		}
	}
	return append(all, x)
}

func rank(x failure) int {
	switch {
	case x.log:
		return 2
	case !x.again:
		return 1
	}
	return 0
}

// agree tells whether two readings may be of the same failure.
func agree(a, b transcript.Transcript) bool {
	p, q := a.Last(), b.Last()
	if a.Code != "" && b.Code != "" && a.Code != b.Code || !alike(p.Name, q.Name) || p.Version != "" && q.Version != "" && p.Version != q.Version {
		return false
	}
	if s, t := p.Upload.Status(), q.Upload.Status(); s != 0 && t != 0 && s != t {
		return false
	}
	return p.Name != "" && q.Name != "" || shares(a, b)
}

func alike(a, b string) bool { return a == "" || b == "" || strings.EqualFold(a, b) }

// shares tells whether one says a sentence of the other's.
func shares(a, b transcript.Transcript) bool {
	if len(a.Message) == 0 || len(b.Message) == 0 {
		return false
	}
	x, y := words(a), words(b)
	for _, l := range b.Message {
		if len(l.Text) > 12 && strings.Contains(x, tail(l.Text)) {
			return true
		}
	}
	for _, l := range a.Message {
		if len(l.Text) > 12 && strings.Contains(y, tail(l.Text)) {
			return true
		}
	}
	return false
}

// tail leaves out what clients put before a sentence: codes, a status.
func tail(s string) string {
	for {
		word, rest, ok := strings.Cut(s, " ")
		if !ok || strings.Trim(word, "E0123456789") != "" && word != "need" && word != "auth" {
			return strings.TrimSpace(s)
		}
		s = rest
	}
}

// repeated tells whether two failures are attempts to publish the same version.
func repeated(a, b transcript.Transcript) bool {
	p, q := a.Last(), b.Last()
	return p.Name != "" && strings.EqualFold(p.Name, q.Name) && p.Version != "" && p.Version == q.Version
}

// name puts in what the better of two readings does not name.
func name(t *transcript.Transcript, others ...transcript.Transcript) {
	for _, o := range others {
		if o.Last().Name == "" {
			continue
		}
		if len(t.Packages) == 0 {
			t.Packages = append(t.Packages, transcript.Package{Upload: o.Last().Upload})
		}
		p := &t.Packages[len(t.Packages)-1]
		if p.Name == "" {
			p.Name = o.Last().Name
		}
		if p.Version == "" && strings.EqualFold(p.Name, o.Last().Name) {
			p.Version = o.Last().Version
		}
	}
}

// mended tells whether the log shows later on that this version was published.
func (f *file) mended(x failure) bool {
	p := x.t.Last()
	return slices.ContainsFunc(f.success, func(s success) bool {
		return s.place > x.last && p.Name != "" && strings.EqualFold(s.name, p.Name) && (p.Version == "" || s.version == p.Version)
	})
}

var wordlessOf = regexp.MustCompile(`^(?:errno|syscall|path|file|code) `)

func elsewhere(x failure) Elsewhere {
	e := Elsewhere{From: fmt.Sprintf("line:%d", x.first), Text: x.t.Code}
	for _, l := range x.t.Message {
		if strings.Contains(l.Text, " ") && !wordlessOf.MatchString(l.Text) {
			return Elsewhere{l.From, l.Text}
		}
	}
	return e
}
