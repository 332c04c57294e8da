// Package preflight finds everything that stands in the way of a publish before it is
// tried: what is known in, findings out. It is pure, as classify is, and reads the same
// Case; the causes and their statuses are classify's own.
package preflight

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// Mark is how a finding ends.
type Mark string

// The marks. A Wall stops the publish; a Warning may, or is worth knowing.
const (
	OK      Mark = "ok"
	Warning Mark = "warning"
	Wall    Mark = "wall"
)

// Finding is one line of a check.
type Finding struct {
	Topic   string // "registry", "login": each occurs in a fixed place
	Mark    Mark
	Cause   string // classify's ID; "" where there is none
	Text    string
	Type    []string // what to type
	Certain bool     // npm or the registry refuses whatever the contents are, and no script can change it
}

// Next is what could be published instead: the next versions that are free, the dist-tag
// that fits the version, and a name that npm accepts.
type Next struct {
	Versions []string
	Tag      string
	Name     string
}

// Find returns every finding, in the order in which a publish would meet them. A wall has
// something to type in any case: the page of its cause, where nothing is better.
func Find(c *classify.Case, next Next) []Finding {
	found := find(c, next)
	for i := range found {
		if f := &found[i]; f.Mark == Wall && len(f.Type) == 0 && f.Cause != "" {
			f.Type = command(c, "safepublish", "explain", f.Cause)
		}
	}
	return found
}

func find(c *classify.Case, next Next) []Finding {
	return slices.Concat(
		registry(c), login(c), unread(c), account(c), permission(c), name(c, next.Name), version(c, next.Versions), distTag(c, next.Tag),
		access(c), manifest(c), dependencies(c), publishScript(c), settings(c), provenance(c), secondFactor(c), contents(c),
	)
}

// Package is what was found of one of several packages.
type Package struct {
	Name, Version string
	Private       bool // npm skips it: nothing was looked for
	Findings      []Finding
}

// First is what stands in its way first: the worst wall, else a warning, of the package
// itself before one that may be the same for every package; nil where there is neither.
func (p Package) First() *Finding {
	if w := Worst(p.Findings); w != nil {
		return w
	}
	own := []string{"package", "contents", "settings"}
	var first *Finding
	for i := range p.Findings {
		f := &p.Findings[i]
		if f.Mark == Warning && (first == nil || slices.Contains(own, f.Topic) && !slices.Contains(own, first.Topic)) {
			first = f
		}
	}
	return first
}

// severity orders the classes for Exit: what only a person can change before what
// goes away by itself.
var severity = []int{
	classify.ExitUsage, classify.ExitConfig, classify.ExitNoPerm, classify.ExitData, classify.ExitUnavailable, classify.ExitTempFail,
}

// Exit returns the status of a check: that of the worst wall, 0 where there is none.
func Exit(findings []Finding) int {
	if w := Worst(findings); w != nil {
		return w.exit()
	}
	return 0
}

// Worst returns the wall whose class comes first, nil where there is none.
func Worst(findings []Finding) *Finding {
	rank := func(f *Finding) int { return slices.Index(severity, f.exit()) }
	var worst *Finding
	for i := range findings {
		if f := &findings[i]; f.Mark == Wall && (worst == nil || rank(f) < rank(worst)) {
			worst = f
		}
	}
	return worst
}

// exit returns the class of a wall; a wall without a class is the package's own.
func (f *Finding) exit() int {
	if c := classify.Lookup(f.Cause); c != nil && c.Exit != 0 {
		return c.Exit
	}
	return classify.ExitData
}

func ok(topic, text string) []Finding { return []Finding{{Topic: topic, Mark: OK, Text: text}} }

func warning(topic, cause, text string, commands ...string) []Finding {
	return []Finding{{Topic: topic, Mark: Warning, Cause: cause, Text: text, Type: commands}}
}

func wall(topic, cause, text string, commands ...string) []Finding {
	return []Finding{{Topic: topic, Mark: Wall, Cause: cause, Text: text, Type: commands}}
}

// certainIf marks a wall as certain.
func certainIf(certain bool, findings []Finding) []Finding {
	findings[0].Certain = certain
	return findings
}

var plainWord = pattern.New(`^[A-Za-z0-9@%+=:,./_-]+$`)

// command returns a command to type, none where a word of it would mean something to
// most shells: names come from a registry, and are copied without a look.
func command(c *classify.Case, words ...string) []string {
	if slices.ContainsFunc(words, func(w string) bool { return !plainWord.MatchString(w) }) {
		return nil
	}
	return []string{c.Shell.Quote(words...)}
}

// field returns what package.json says.
func field(c *classify.Case, path string) gjson.Result {
	return gjson.GetBytes(c.Package.Manifest, path)
}

// LikeNPM reports whether a registry has npmjs.org's rules: the public one itself,
// and the embedded one that rehearses it.
func LikeNPM(registry string) bool {
	return npm.IsPublic(registry) || strings.HasPrefix(npm.Host(registry), "127.0.0.1:")
}
