package remedy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
	"safepublish/remedy/edit"
)

// maxNumber is the largest number in a version that npm takes: JavaScript's
// MAX_SAFE_INTEGER (node-semver, internal/constants.js).
const maxNumber = 1<<53 - 1

// numbers is what the registry says of a package's versions, as far as it was
// asked.
type numbers struct {
	known    bool
	written  string          // in package.json
	current  *semver.Version // nil where package.json holds none
	from     *semver.Version // what is counted up from: the current one, or latest where that is the fix
	used     map[string]bool // published, unpublished, refused
	highest  *semver.Version // of the published ones that are no prerelease
	stable   []*semver.Version
	distTags map[string]string
	name     string
}

// Suggest returns the next free versions after one, by the smallest step first,
// and the dist-tag that fits it: "" where a person must choose. It goes by what the
// registry answered, in c.
func Suggest(c *classify.Case) (next []string, tag string) {
	n := numbersOf(&Problem{
		Case: c, Diagnosis: classify.Diagnosis{Cause: classify.Lookup("version-exists")},
		Package: edit.Package{Name: c.Name(), Version: c.Version()},
	})
	for _, free := range n.offered() {
		next = append(next, free.String())
	}
	if n.current == nil {
		return next, ""
	}
	return next, n.tagFor(n.current)
}

func numbersOf(p *Problem) numbers {
	have := p.facts().Packument
	n := numbers{known: have.Found == classify.Yes, used: map[string]bool{}, distTags: have.DistTags, name: p.name()}
	for _, s := range have.Versions {
		n.use(s)
		if v, err := strict(s); err == nil && v.Prerelease() == "" {
			n.stable = append(n.stable, v)
			n.highest = higher(n.highest, v)
		}
	}
	for _, s := range have.Burnt {
		n.use(s)
	}
	n.use(p.version())
	n.written = p.Package.Version
	n.current, _ = strict(n.written)
	if v, err := strict(p.Diagnosis.Vars["highest"]); err == nil { // npm's own words, where nobody could be asked
		n.highest = higher(n.highest, v)
		n.use(v.String())
	}
	n.from = n.current
	if n.from == nil || p.Diagnosis.Cause.ID == "latest-behind" {
		n.from = higher(n.current, n.highest)
	}
	return n
}

// proposed is the version of a package that has none, or one that npm does not accept:
// what was written most likely means it, "1.0" 1.0.0. Where the registry has versions the
// steps from the highest follow.
func (n numbers) proposed() *semver.Version {
	if n.current != nil {
		return nil
	}
	meant, err := semver.NewVersion(n.written)
	if err == nil {
		meant, err = strict(meant.String())
	}
	switch {
	case err == nil && n.free(meant) && (n.highest == nil || meant.GreaterThan(n.highest)):
		return meant
	case n.highest == nil && n.free(first):
		return first
	}
	return nil
}

// first is the version that npm init gives a package.
var first = semver.New(1, 0, 0, "", "")

func (n *numbers) use(s string) {
	if v, err := strict(s); err == nil {
		s = v.String()
	}
	n.used[s] = true
}

// strict reads a version as npm publishes it: semver without leniency, build
// metadata dropped, for two versions that differ in it alone are one to npm.
func strict(s string) (*semver.Version, error) {
	v, err := semver.StrictNewVersion(s)
	if err != nil || len(s) > 256 || max(v.Major(), v.Minor(), v.Patch()) > maxNumber {
		return nil, fmt.Errorf("%q is not a version: npm wants MAJOR.MINOR.PATCH, such as 1.0.1 or 2.0.0-beta.1", s)
	}
	bare, err := v.SetMetadata("")
	return &bare, err
}

func higher(a, b *semver.Version) *semver.Version {
	if a == nil || b != nil && b.GreaterThan(a) {
		return b
	}
	return a
}

func (n numbers) free(v *semver.Version) bool { return !n.used[v.String()] }

// words are the steps that make sense from here. A major step from an older line
// would lead past latest, which is no repair of that line.
func (n numbers) words() []string {
	if n.from == nil {
		return nil
	}
	words := []string{"patch", "minor"}
	if n.from.Prerelease() != "" {
		words = []string{"prerelease", "patch", "minor"}
	}
	if n.highest == nil || n.from.Major() >= n.highest.Major() {
		words = append(words, "major")
	}
	return words
}

// number is a free one, with the words of the steps that lead to it.
type number struct {
	*semver.Version
	words []string
}

// offered returns the free numbers that make sense from here, by the smallest step first.
// Behind latest on its major line that is also the one after latest.
func (n numbers) offered() (all []number) {
	add := func(v *semver.Version, words ...string) {
		if v == nil {
			return
		}
		if i := slices.IndexFunc(all, func(a number) bool { return a.Equal(v) }); i >= 0 {
			all[i].words = append(all[i].words, words...)
			return
		}
		all = append(all, number{v, words})
	}
	add(n.proposed())
	for _, word := range n.words() {
		add(n.next(word), word)
		if latest := n.highest; word == "patch" && latest != nil && latest.GreaterThan(n.from) && latest.Major() == n.from.Major() {
			after := n
			after.from = latest
			add(after.next(word))
		}
	}
	return all
}

// next returns the free number that a step leads to, past everything that is
// published on that line: nil where there is none.
func (n numbers) next(word string) *semver.Version {
	step, same := steps[word].inc, steps[word].same
	from := *n.from
	for _, v := range n.stable {
		if same(from, *v) && v.GreaterThan(&from) {
			from = *v
		}
	}
	v := step(from)
	for range len(n.used) {
		if n.free(&v) {
			break
		}
		v = step(v)
	}
	if !n.free(&v) || !v.GreaterThan(n.from) || max(v.Major(), v.Minor(), v.Patch()) > maxNumber {
		return nil
	}
	return &v
}

// steps count as npm version does (node-semver, classes/semver.js): a prerelease
// of the number that a step leads to is finished, not passed.
var steps = map[string]struct {
	inc  func(semver.Version) semver.Version
	same func(a, b semver.Version) bool // on one line
}{
	"prerelease": {incPrerelease, func(_, _ semver.Version) bool { return false }},
	"patch":      {semver.Version.IncPatch, func(a, b semver.Version) bool { return a.Major() == b.Major() && a.Minor() == b.Minor() }},
	"minor": {func(v semver.Version) semver.Version {
		if v.Prerelease() != "" && v.Patch() == 0 {
			return v.IncPatch()
		}
		return v.IncMinor()
	}, func(a, b semver.Version) bool { return a.Major() == b.Major() }},
	"major": {func(v semver.Version) semver.Version {
		if v.Prerelease() != "" && v.Patch() == 0 && v.Minor() == 0 {
			return v.IncPatch()
		}
		return v.IncMajor()
	}, func(_, _ semver.Version) bool { return true }},
}

// incPrerelease raises the last number among the identifiers, or adds one.
func incPrerelease(v semver.Version) semver.Version {
	ids := strings.Split(v.Prerelease(), ".")
	raised := false
	for i := len(ids) - 1; i >= 0 && !raised; i-- {
		if k, err := strconv.ParseUint(ids[i], 10, 53); err == nil {
			ids[i], raised = strconv.FormatUint(k+1, 10), true
		}
	}
	if !raised {
		ids = append(ids, "0")
	}
	next, err := v.SetPrerelease(strings.Join(ids, "."))
	if err != nil {
		return v
	}
	return next
}

// compare says how a typed number stands to the others, where that may surprise.
func (n numbers) compare(v *semver.Version) []string {
	if n.current == nil {
		return nil
	}
	if v.LessThan(n.current) {
		return []string{fmt.Sprintf("%s is lower than %s, which package.json holds", v, n.current)}
	}
	n.from = n.current
	if major := n.next("major"); major != nil && v.GreaterThan(major) {
		return []string{fmt.Sprintf("%s is higher than %s, the next major version", v, major)}
	}
	return nil
}
