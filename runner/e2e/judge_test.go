//go:build !windows

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"safepublish/remedy/ledger"
	"safepublish/runner/registry"
	"safepublish/runner/report"
)

// The judge knows what the registry got, stores and shows, and what the program
// did, said and left behind; how the program comes to it is nothing to him.

// judge returns what is wrong with the runs of a stage, a line each.
func judge(s *stage) (wrong []string) {
	latest := map[int]*verdict{}
	for i, p := range s.runs {
		v := newVerdict(p, latest[p.to])
		latest[p.to] = v
		for _, line := range slices.Concat(v.sends(), v.says(), v.names(), v.leaves()) {
			wrong = append(wrong, fmt.Sprintf("run %d: %s", i+1, line))
		}
	}
	return wrong
}

// verdict is what is true of one run when it has ended, and of the runs before it
// that went to the same registry.
type verdict struct {
	*play
	earlier  *verdict
	all      []registry.Upload // in order
	releases int               // of this package, so far
	release  []string          // versions that count as the one that this run was asked for
	stored   []registry.Held   // ours among them
	open     []string          // those among them of which nobody can know
}

func newVerdict(p *play, earlier *verdict) *verdict {
	v := &verdict{play: p, earlier: earlier, all: p.puts, releases: 1, release: versionsOf(p.puts)}
	if earlier != nil {
		v.all = slices.Concat(earlier.all, p.puts)
		v.releases = earlier.releases
	}
	if v.another() {
		v.releases++
	} else if earlier != nil {
		v.release = append(v.release, earlier.release...)
	}
	if len(v.release) == 0 {
		v.release = []string{versionOf(v.before)}
	}
	for _, h := range v.held {
		if slices.Contains(v.release, h.Version) {
			v.stored = append(v.stored, h)
		}
	}
	if v.another() && v.stamps() { // what an earlier run published under this version is that release's
		v.stored = slices.DeleteFunc(v.stored, func(h registry.Held) bool {
			return !slices.ContainsFunc(v.puts, func(u registry.Upload) bool { return u.Version == h.Version && u.Committed })
		})
	}
	for _, u := range v.all {
		if slices.Contains(v.release, u.Version) && isOpen(v.all, u, v.shown) && !slices.Contains(v.open, u.Version) {
			v.open = append(v.open, u.Version)
		}
	}
	return v
}

// another tells whether the run was asked for another release than the one before
// it: the package got another version by hand, or another version or other contents by
// a script of its own after a good end, and what became of the uploads before could be
// known by then. (Where the package lies in a git repository the commit would tell that
// other contents of the same version are no other release.)
func (v *verdict) another() bool {
	if v.earlier == nil || !v.raised && !((v.raises() || v.stamps()) && v.earlier.status == 0) {
		return false
	}
	return !slices.ContainsFunc(v.earlier.all, func(u registry.Upload) bool { return isOpen(v.earlier.all, u, v.readable()) })
}

// raises tells whether a script of the package gives it a version.
func (v *verdict) raises() bool { return strings.Contains(v.before, "raise.js") }

// stamps tells whether a script of the package gives it other contents each time.
func (v *verdict) stamps() bool { return strings.Contains(v.before, "stamp.js") }

// readable is what the registry showed when the run began.
func (v *verdict) readable() []registry.Held {
	return slices.DeleteFunc(slices.Clone(v.shown), func(h registry.Held) bool {
		return slices.ContainsFunc(v.puts, func(u registry.Upload) bool { return u.Committed && u.Name == h.Name && u.Version == h.Version })
	})
}

// holdings is what a registry holds, for a person to read.
func holdings(held []registry.Held) (all []string) {
	for _, h := range held {
		all = append(all, fmt.Sprintf("%s@%s %.7s%s", h.Name, h.Version, h.Shasum, map[bool]string{false: " hidden"}[h.Readable]))
	}
	return all
}

func versionsOf(puts []registry.Upload) (all []string) {
	for _, u := range puts {
		if !slices.Contains(all, u.Version) {
			all = append(all, u.Version)
		}
	}
	return all
}

func same(a, b registry.Upload) bool {
	return a.Name == b.Name && a.Version == b.Version && a.Shasum == b.Shasum
}

// said tells whether the registry said yes to an upload.
func said(u registry.Upload) bool { return u.Status/100 == 2 }

// isOpen tells whether nobody can know what became of an upload: no answer to
// these bytes was a yes, one of them was no refusal either, and readers are not
// shown the version.
func isOpen(puts []registry.Upload, u registry.Upload, shown []registry.Held) bool {
	open := false
	for _, p := range puts {
		if !same(p, u) {
			continue
		}
		if said(p) {
			return false
		}
		refused := p.Status >= 400 && p.Status < 500 && p.Status != 408 && p.Status != 499
		open = open || !refused
	}
	return open && !slices.ContainsFunc(shown, func(h registry.Held) bool { return h.Name == u.Name && h.Version == u.Version })
}

// sends judges what was sent and is stored: one version for each release, and
// nothing else while one is open.
func (v *verdict) sends() (wrong []string) {
	if len(v.held) > v.releases {
		wrong = append(wrong, fmt.Sprintf("%d versions of ours are stored for %d release(s): %v", len(v.held), v.releases, holdings(v.held)))
	}
	puts := v.all
	for i := len(puts) - len(v.puts); i < len(puts); i++ {
		for j := range puts[:i] {
			if !same(puts[i], puts[j]) && isOpen(puts[:i], puts[j], v.shown) {
				wrong = append(wrong, fmt.Sprintf("%s@%s %.7s was sent while %s@%s %.7s was open",
					puts[i].Name, puts[i].Version, puts[i].Shasum, puts[j].Name, puts[j].Version, puts[j].Shasum))
				return wrong
			}
		}
	}
	for i := len(puts) - len(v.puts); i < len(puts); i++ {
		for _, u := range puts[:i] {
			another := u.Name != puts[i].Name || u.Version != puts[i].Version
			if another && u.Committed && slices.Contains(v.release, u.Version) {
				return append(wrong, fmt.Sprintf("%s@%s was sent, and %s@%s was stored for the same release",
					puts[i].Name, puts[i].Version, u.Name, u.Version))
			}
		}
	}
	for to, made := range v.made {
		if to != v.to {
			wrong = append(wrong, fmt.Sprintf("another registry got %v", made))
		}
	}
	return wrong
}

var good = []ledger.Outcome{ledger.Published, ledger.AlreadyPublished}

// says judges the status and the outcome of the run.
func (v *verdict) says() (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if v.doc.Exit == nil || *v.doc.Exit != v.status {
		complain("the report has exit %v, the status is %d", v.doc.Exit, v.status)
	}
	if slices.Contains(good, v.doc.Outcome) != (v.status == 0) {
		complain("status %d, outcome %s", v.status, v.doc.Outcome)
	}
	words := append(slices.Clone(good), ledger.NotPublished, ledger.Unsettled)
	if slices.ContainsFunc(v.puts, said) { // taken, whether it is shown or not
		words = append(words, ledger.Taken)
	}
	if !slices.Contains(words, v.doc.Outcome) {
		complain("outcome %s", v.doc.Outcome)
	}
	if v.status == 65 && len(v.stored)+len(v.open) > 0 {
		complain("status 65, stored %v, open %v", holdings(v.stored), v.open)
	}
	if v.status == 0 && len(v.stored) != 1 {
		complain("status 0, stored %v", holdings(v.stored))
	}
	if v.doc.Outcome == ledger.NotPublished && len(v.doc.Packages) == 0 && len(v.stored)+len(v.open) > 0 {
		complain("not-published, stored %v, open %v", holdings(v.stored), v.open)
	}
	return wrong
}

// names judges what the report says of each package.
func (v *verdict) names() (wrong []string) {
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, p := range v.doc.Packages {
		if names := v.called(); !vague(p.Name) && !slices.Contains(names, p.Name) {
			complain("a package is called %s, not %v", p.Name, names)
		}
		if !vague(p.Registry) && strings.TrimSuffix(p.Registry, "/") != strings.TrimSuffix(v.url, "/") {
			complain("the registry is called %s", p.Registry)
		}
		if !vague(p.Version) && !slices.Contains(v.versions(), p.Version) {
			complain("the report names %s, sent was %v", p.Version, v.versions())
		}
		if sums := v.shasums(p); !vague(p.Shasum) && len(sums) > 0 && !slices.Contains(sums, p.Shasum) {
			complain("the report names the shasum %.7s of %s, sent was %.7s", p.Shasum, p.Version, sums)
		}
		held := slices.IndexFunc(v.held, func(h registry.Held) bool { return h.Version == p.Version })
		switch {
		case slices.Contains(good, p.Outcome) && held < 0:
			complain("%s is called %s, and is not stored", p.Version, p.Outcome)
		case slices.Contains(good, p.Outcome) && !v.known(v.held[held]):
			complain("%s is called %s, which nobody could know", p.Version, p.Outcome)
		case p.Outcome == ledger.NotPublished && held >= 0 && v.another() && v.stamps() && p.Shasum != v.held[held].Shasum: // another release's
		case p.Outcome == ledger.NotPublished && held >= 0:
			complain("%s is called %s, and is stored", p.Version, p.Outcome)
		case p.Outcome == ledger.NotPublished && slices.Contains(v.open, p.Version):
			complain("%s is called %s, which nobody can know", p.Version, p.Outcome)
		}
	}
	if named := func(p report.Package) bool {
		return slices.Contains(good, p.Outcome) && v.isStored(p.Version)
	}; v.status == 0 && !slices.ContainsFunc(v.doc.Packages, named) {
		complain("status 0, and no package that the registry holds is called published: %+v", v.doc.Packages)
	}
	return wrong
}

// called are the names that the package has: in the manifest, and as it was sent.
func (v *verdict) called() []string {
	names := []string{gjson.Get(v.before, "name").String()}
	for _, u := range v.puts {
		names = append(names, u.Name)
	}
	return names
}

func vague(word string) bool { return word == "" || word == "unknown" }

func (v *verdict) isStored(version string) bool {
	return slices.ContainsFunc(v.held, func(h registry.Held) bool { return h.Version == version })
}

// known tells whether the run could know that a version is stored: readers are
// shown it, or the registry said so.
func (v *verdict) known(h registry.Held) bool {
	return h.Readable || slices.ContainsFunc(v.all, func(u registry.Upload) bool { return u.Version == h.Version && said(u) })
}

// versions are those that the report may name: what was sent, else what was asked
// for, or would have been sent.
func (v *verdict) versions() []string {
	if sent := versionsOf(v.puts); len(sent) > 0 {
		return sent
	}
	return append(slices.Clone(v.release), versionOf(v.before), versionOf(v.after))
}

// shasums are those that the bytes of a package have, as they were sent and as
// they are stored. There are none where nothing was sent and nothing is claimed:
// then it may be that of what was packed.
func (v *verdict) shasums(p report.Package) (all []string) {
	if !slices.Contains(versionsOf(v.puts), p.Version) && p.Outcome == ledger.NotPublished {
		return nil
	}
	for _, u := range v.all {
		if u.Version == p.Version {
			all = append(all, u.Shasum)
		}
	}
	for _, h := range v.held {
		if h.Version == p.Version {
			all = append(all, h.Shasum)
		}
	}
	return all
}

// leaves judges package.json: an edit that may have been published stays, one
// that was not is undone, and only the version is ever touched.
func (v *verdict) leaves() (wrong []string) {
	was, is := versionOf(v.before), versionOf(v.after)
	if v.after != strings.Replace(v.before, was, is, 1) {
		return []string{fmt.Sprintf("package.json was %q and is %q", v.before, v.after)}
	}
	if v.raises() {
		return v.leavesRaised(is)
	}
	kept := was
	for _, u := range v.puts {
		stored := slices.ContainsFunc(v.held, func(h registry.Held) bool { return h.Version == u.Version })
		if u.Version != was && (stored || isOpen(v.all, u, v.shown)) {
			kept = u.Version
		}
	}
	if is != kept {
		return []string{fmt.Sprintf("package.json has %s, and should have %s", is, kept)}
	}
	return nil
}

// leavesRaised judges a package whose script gives it a number: what was sent last
// and may be published is what it has, for the script wrote it.
func (v *verdict) leavesRaised(is string) []string {
	if len(v.puts) == 0 {
		return nil
	}
	last := v.puts[len(v.puts)-1]
	stored := slices.ContainsFunc(v.held, func(h registry.Held) bool { return h.Version == last.Version })
	if is != last.Version && (stored || isOpen(v.all, last, v.shown)) {
		return []string{fmt.Sprintf("package.json has %s, sent last was %s", is, last.Version)}
	}
	return nil
}

// The judge finds each kind of wrong, and none where all is well.
func TestJudge(t *testing.T) {
	put := func(version, sum string, status int, stored bool) registry.Upload {
		return registry.Upload{Name: "demo", Version: version, Shasum: sum, Status: status, Committed: stored}
	}
	held := func(version, sum string, readable bool) registry.Held {
		return registry.Held{Name: "demo", Version: version, Shasum: sum, By: "me", Readable: readable}
	}
	said := func(status int, outcome ledger.Outcome, version, sum string) report.Document {
		named := report.Package{Name: "demo", Version: version, Shasum: sum, Outcome: outcome}
		return report.Document{Outcome: outcome, Exit: &status, Packages: []report.Package{named}}
	}
	const one, two = `{"name":"demo","version":"1.0.0"}`, `{"name":"demo","version":"1.0.1"}`
	lost := play{ // stored, its answer lost, not shown
		before: one, after: one, status: 69, puts: []registry.Upload{put("1.0.0", "a", 502, true)},
		held: []registry.Held{held("1.0.0", "a", false)}, doc: said(69, ledger.Unsettled, "1.0.0", "a"),
	}
	for want, change := range map[string]func(first, second *play){
		"": func(*play, *play) {},
		"2 versions of ours are stored": func(_, second *play) {
			second.puts = []registry.Upload{put("1.0.1", "b", 201, true)}
			second.held = append(second.held, held("1.0.1", "b", true))
		},
		"was sent while": func(_, second *play) { second.puts = []registry.Upload{put("1.0.0", "b", 403, false)} },
		"demo@1.0.0 was stored for the same": func(_, second *play) {
			second.shown = []registry.Held{held("1.0.0", "a", true)}
			second.puts = []registry.Upload{put("1.0.1", "b", 502, false)}
		},
		"another registry got":          func(_, second *play) { second.made = map[int][]string{1: {"demo"}} },
		"the status is 65":              func(_, second *play) { second.status = 65 },
		"status 65, stored":             func(_, second *play) { second.status, second.doc = 65, said(65, ledger.Unsettled, "1.0.0", "a") },
		"status 0, outcome unknown":     func(_, second *play) { second.status, second.doc = 0, said(0, ledger.Unsettled, "1.0.0", "a") },
		"outcome dry-run":               func(_, second *play) { second.doc = said(75, ledger.DryRun, "1.0.0", "a") },
		"published, which nobody could": func(_, second *play) { second.status, second.doc = 0, said(0, ledger.Published, "1.0.0", "a") },
		"published, and is stored":      func(_, second *play) { second.doc = said(75, ledger.NotPublished, "1.0.0", "a") },
		"published, and is not stored": func(first, _ *play) {
			first.held = nil
			first.status, first.doc = 0, said(0, ledger.Published, "1.0.0", "a")
		},
		"names 2.0.0, sent was [1.0.0]":     func(first, _ *play) { first.doc = said(69, ledger.Unsettled, "2.0.0", "") },
		"names the shasum c of 1.0.0":       func(first, _ *play) { first.doc = said(69, ledger.Unsettled, "1.0.0", "c") },
		"package.json has 1.0.1":            func(_, second *play) { second.after = two },
		`package.json was "{\"name\":`:      func(_, second *play) { second.after += "\n" },
		"the registry is called":            func(first, _ *play) { first.doc.Packages[0].Registry = "http://elsewhere/" },
		"1.0.0 is called not-published, wh": func(first, _ *play) { first.held = nil; first.doc = said(69, ledger.NotPublished, "1.0.0", "a") },
	} {
		first, second := lost, lost
		first.doc, second.doc = said(69, ledger.Unsettled, "1.0.0", "a"), said(75, ledger.Unsettled, "1.0.0", "a")
		second.status, second.puts = 75, nil
		change(&first, &second)
		wrong := strings.Join(judge(&stage{runs: []*play{&first, &second}}), "\n")
		if (want == "") != (wrong == "") || !strings.Contains(wrong, want) {
			t.Errorf("%q: found %q", want, wrong)
		}
	}
}
