// Package preflight finds everything that stands in the way of a publish before it is
// tried: facts in, findings out. It is pure, as classify is; the causes and their
// statuses are classify's own.
package preflight

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
)

// Facts are what is known of a package, of npm's settings and of the registry
// before a publish. What is not known is left zero, and rules nothing in or out.
type Facts struct {
	NPM       string // npm's version, "11.19.1"
	Kind      string // "folder" or "tarball"
	Name      string
	Version   string
	Private   bool
	Unusable  string // why package.json cannot be used; "" if it can
	Manifest  []byte // package.json as it stands; nil for a tarball
	Workspace bool   // npm runs in a workspace's folder, where a private package is passed over and nothing fails

	Settings map[string]string // npm's own, all levels merged; nil where npm did not say
	Tag      string            // the dist-tag asked for in any way; "" for none
	Access   string            // the access asked for in any way; "" for none
	Registry string            // where publish will send it
	Npmrc    classify.Npmrc
	CI       classify.CI
	Signs    bool   // npm can make provenance here: the job may ask for an identity that says where it runs
	Remote   string // the address of the git remote; "" for none

	Answers  classify.Facts
	Similar  []string // names that are there and differ from this one in their punctuation alone
	Silence  string   // npm's code where the registry gave no answer: "ECONNREFUSED"; "" for none
	Account  Account
	Contents Contents
	Next     []string // the next numbers that are free
	NextTag  string   // the dist-tag that fits the version
}

// Account is what npm profile says of who is logged in.
type Account struct {
	Known        bool
	SecondFactor string // npm's mode: "auth-only", "auth-and-writes"; "" for none
	Unverified   bool   // the e-mail address was never confirmed
}

// Contents is what npm would pack, without its scripts.
type Contents struct {
	Known          bool
	Files          []File
	Size, Unpacked int64
	Shasum         string
	Problem        string // what npm says where it cannot pack
}

// File is one file that would be published.
type File struct {
	Path   string
	Size   int64
	Secret string // what it seems to hold: "a private key"; "" for nothing of the kind
}

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

// Find returns every finding, in the order in which a publish would meet them.
func Find(f *Facts) []Finding {
	var all []Finding
	for _, rule := range []func(*Facts) []Finding{
		registry, login, account, permission, name, version, distTag, access, manifest, scripts, provenance, secondFactor, contents,
	} {
		all = append(all, rule(f)...)
	}
	return all
}

// severity orders the classes for Exit: what only a person can change before what
// goes away by itself.
var severity = []int{classify.ExitUsage, classify.ExitConfig, classify.ExitNoPerm, classify.ExitData, classify.ExitUnavailable, classify.ExitTempFail}

// Exit returns the status of a check: that of the worst wall, 0 where there is none.
func Exit(findings []Finding) int {
	w := Worst(findings)
	if w == nil {
		return 0
	}
	return w.Exit()
}

// Worst returns the wall whose class comes first, nil where there is none.
func Worst(findings []Finding) *Finding {
	var worst *Finding
	for i := range findings {
		if f := &findings[i]; f.Mark == Wall && (worst == nil || f.rank() < worst.rank()) {
			worst = f
		}
	}
	return worst
}

func (f *Finding) rank() int { return slices.Index(severity, f.Exit()) }

// Exit returns the class of a wall; a wall without a class is the package's own.
func (f *Finding) Exit() int {
	if c := classify.Lookup(f.Cause); c != nil && c.Exit != 0 {
		return c.Exit
	}
	return classify.ExitData
}

func one(f Finding) []Finding { return []Finding{f} }

var plainWord = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// typed returns a command to type, none where a word of it would mean something to
// a shell: names come from a registry, and are copied without a look.
func typed(words ...string) []string {
	if slices.ContainsFunc(words, func(w string) bool { return !plainWord.MatchString(w) }) {
		return nil
	}
	return []string{strings.Join(words, " ")}
}

func (f *Facts) field(path string) gjson.Result { return gjson.GetBytes(f.Manifest, path) }

// publishConfig returns what package.json sets for a publish.
func (f *Facts) publishConfig(key string) string {
	return f.field("publishConfig").Get(gjson.Escape(key)).String()
}

func (f *Facts) scope() string {
	scope, _, found := strings.Cut(f.Name, "/")
	if !found || !strings.HasPrefix(scope, "@") {
		return ""
	}
	return scope
}

// LikeNPM reports whether a registry has npmjs.org's rules: the public one itself,
// and the embedded one that rehearses it.
func LikeNPM(registry string) bool {
	host := classify.Host(registry)
	return host == "npmjs.org" || strings.HasPrefix(host, "127.0.0.1:")
}

// atLeast compares npm's version with "11.5.1".
func (f *Facts) atLeast(version string) bool {
	have, want := strings.Split(f.NPM, "."), strings.Split(version, ".")
	for i, w := range want {
		if i >= len(have) {
			return false
		}
		h, _ := strconv.Atoi(strings.SplitN(have[i], "-", 2)[0])
		n, _ := strconv.Atoi(w)
		if h != n {
			return h > n
		}
	}
	return true
}

func (f *Facts) major() int {
	first, _, _ := strings.Cut(f.NPM, ".")
	n, _ := strconv.Atoi(first)
	return n
}
