package preflight

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
)

// wellFormed is what stays the same when it is percent-encoded, behind a scope.
var wellFormed = regexp.MustCompile(`^(?:@[A-Za-z0-9_.!~*'()-]+/)?[A-Za-z0-9_.!~*'()-]+$`)

// nameRules are npm's (validate-npm-package-name 8.0.0, lib/index.js). Those of a
// new package do not hold for one that is there.
var nameRules = []struct {
	bad *regexp.Regexp
	why string
	new bool
}{
	{regexp.MustCompile(`^(?:@[^/]*/)?\.`), "it must not begin with a period", false},
	{regexp.MustCompile(`^-`), "it must not begin with a hyphen", false},
	{regexp.MustCompile(`^_`), "it must not begin with an underscore", false},
	{regexp.MustCompile(`(?i)^(?:node_modules|favicon\.ico)$`), "it is reserved", false},
	{regexp.MustCompile(`[A-Z]`), "a new name has no capital letters", true},
	{regexp.MustCompile(`[~'!()*][^/]*$`), "a new name has none of ~ ' ! ( ) *", true},
	{regexp.MustCompile(`^.{215}`), "a new name has at most 214 characters", true},
	{regexp.MustCompile(`^(?:assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|string_decoder|sys|timers|tls|trace_events|tty|url|util|v8|vm|wasi|worker_threads|zlib)$`), "it is that of a module of Node.js", true},
}

func name(f *Facts) []Finding {
	if f.Unusable != "" {
		return nil
	}
	if f.Name == "" {
		return one(Finding{Topic: "name", Mark: Wall, Cause: "name-invalid", Text: "package.json has no name"})
	}
	bad := Finding{Topic: "name", Mark: Wall, Cause: "name-invalid", Text: fmt.Sprintf("npm does not take %q as a name: ", f.Name)}
	for _, r := range nameRules {
		if r.bad.MatchString(f.Name) && (!r.new || f.Answers.Packument.Found != classify.Yes) {
			bad.Text += r.why
			return one(bad)
		}
	}
	if !wellFormed.MatchString(f.Name) {
		bad.Text += "letters, digits, -, . and _ may be in it, behind a @scope/"
		return one(bad)
	}
	if len(f.Similar) > 0 {
		return one(Finding{Topic: "name", Mark: Warning, Cause: "name-too-similar", Text: fmt.Sprintf("%s is there, and npmjs.org takes no new name that differs in punctuation alone", strings.Join(f.Similar, ", "))})
	}
	return one(Finding{Topic: "name", Mark: OK, Text: f.Name})
}

var punctuation = regexp.MustCompile(`[-_.]+`)

// Lookalikes returns the names that a new name without a scope must not resemble
// and that can be guessed: the same letters with other punctuation (npm's blog,
// "new package moniker rules", 2017). It is nil for a name without any, for which
// there is nothing to guess, and where the name is not new.
func (f *Facts) Lookalikes() []string {
	if f.Answers.Packument.Found != classify.No || f.scope() != "" || !punctuation.MatchString(f.Name) {
		return nil
	}
	var names []string
	for _, other := range []string{"", "-", "_", "."} {
		if name := punctuation.ReplaceAllString(f.Name, other); name != f.Name && !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return names
}

// version: is the number free, and which ones are next.
func version(f *Facts) []Finding {
	have := f.Answers.Packument
	there := slices.Contains(have.Versions, f.Version)
	same := there && f.Contents.Shasum != "" && f.Contents.Shasum == f.Answers.This.Shasum
	_, err := semver.StrictNewVersion(f.Version)
	switch {
	case f.Unusable != "":
		return nil
	case f.Version == "":
		return one(Finding{Topic: "version", Mark: Wall, Cause: "version-invalid", Text: "package.json has no version", Type: typed("npm", "pkg", "set", "version=1.0.0")})
	case err != nil:
		return one(Finding{Topic: "version", Mark: Wall, Cause: "version-invalid", Text: fmt.Sprintf("%q is no semantic version", f.Version), Type: typed("npm", "pkg", "set", "version=1.0.0")})
	case have.Found == classify.Unknown:
		return one(Finding{Topic: "version", Mark: Warning, Text: "whether " + f.Version + " is free is not known"})
	case same && len(f.Before()) == 0:
		return one(Finding{Topic: "version", Mark: OK, Cause: "already-published", Text: f.Version + " is there with what npm would pack now: there is nothing to publish"})
	case same:
		return one(Finding{Topic: "version", Mark: Warning, Cause: "version-exists", Text: f.Version + " is there with what npm would pack now, before the scripts have run: the same again is no failure, anything else is refused"})
	case there:
		return one(Finding{Topic: "version", Mark: Wall, Cause: "version-exists", Text: f.Version + " is already there" + f.next(), Type: f.bump()})
	case slices.Contains(have.Burnt, f.Version):
		return one(Finding{Topic: "version", Mark: Wall, Cause: "version-burnt", Text: f.Version + " was published once and cannot be used again" + f.next(), Type: f.bump()})
	}
	return one(Finding{Topic: "version", Mark: OK, Text: f.Version + " is free"})
}

func (f *Facts) next() string {
	if len(f.Next) == 0 {
		return ""
	}
	return "; free are " + strings.Join(f.Next, ", ")
}

func (f *Facts) bump() []string {
	if len(f.Next) == 0 {
		return nil
	}
	return typed("npm", "version", f.Next[0])
}

// invalidTag: what npm-package-arg does not take after the @ (npm 10.8.0).
var invalidTag = regexp.MustCompile(`[^A-Za-z0-9_.!~*'()-]`)

// distTag makes npm's two checks, and looks where the tag points now. The checks
// are npm 11's own; npm 10 and older publish without a word, where safepublish
// refuses.
func distTag(f *Facts) []Finding {
	if _, err := semver.StrictNewVersion(f.Version); err != nil {
		return nil
	}
	if invalidTag.MatchString(f.Tag) {
		return one(Finding{Topic: "dist-tag", Mark: Wall, Cause: "tag-invalid", Text: fmt.Sprintf("%q cannot be a dist-tag", f.Tag), Certain: f.atLeast("10.8.0")})
	}
	force := f.Settings["force"] == "true" && f.major() > 10
	if d, ok := classify.Guard(f.Case(), f.major()); ok && !force {
		w := Finding{Topic: "dist-tag", Mark: Wall, Cause: d.Cause.ID, Text: d.Evidence[0].Text, Certain: f.certain(d.Cause.ID)}
		if f.NextTag != "" {
			w.Type = typed("safepublish", "--tag", f.NextTag)
		}
		return one(w)
	}
	tag := f.Tag
	if tag == "" {
		tag = "latest"
	}
	at, err := semver.StrictNewVersion(f.Answers.Packument.DistTags[tag])
	if v, _ := semver.StrictNewVersion(f.Version); err == nil && at.GreaterThan(v) {
		return one(Finding{Topic: "dist-tag", Mark: Warning, Text: fmt.Sprintf("%s would move back from %s to %s", tag, at, v)})
	}
	return one(Finding{Topic: "dist-tag", Mark: OK, Text: tag})
}

// certain: npm 11 leaves deprecated versions out of its second check, and only of
// the one that is latest it is known whether it is.
func (f *Facts) certain(cause string) bool {
	latest, err := semver.StrictNewVersion(f.Answers.Packument.DistTags["latest"])
	v, _ := semver.StrictNewVersion(f.Version)
	return cause != "latest-behind" || f.major() < 11 || err == nil && latest.GreaterThan(v) && !f.Answers.Packument.Deprecated
}

// Case returns what is known in the form that classify and remedy work on.
func (f *Facts) Case() *classify.Case {
	return &classify.Case{
		Local: classify.Local{Name: f.Name, Version: f.Version, Registry: f.Registry, Tag: f.Tag, Access: f.Access, Private: f.Private},
		Facts: f.Answers,
	}
}

// access: npm refuses to restrict a package without a scope; npmjs.org restricts
// the first publish in a scope unless it is told otherwise, which costs a plan.
func access(f *Facts) []Finding {
	scoped, isNew := f.scope() != "", f.Answers.Packument.Found == classify.No
	switch {
	case !scoped && (f.Access == "restricted" || f.Access == "private"):
		return one(Finding{Topic: "access", Mark: Wall, Cause: "unscoped-restricted", Text: "access is " + f.Access + ", and a package without a scope is always public", Certain: f.Access == "restricted"})
	case scoped && isNew && f.Access == "" && LikeNPM(f.Registry):
		return one(Finding{Topic: "access", Mark: Warning, Cause: "payment-required", Text: "the first publish in a scope is restricted unless it is said to be public, and npmjs.org takes a plan for that", Type: []string{"safepublish --access public"}})
	case scoped && f.Access != "":
		return one(Finding{Topic: "access", Mark: OK, Text: f.Access})
	}
	return nil
}

// manifest: package.json is there, usable and not private.
func manifest(f *Facts) []Finding {
	switch {
	case f.Unusable != "":
		return one(Finding{Topic: "package", Mark: Wall, Cause: "manifest-invalid", Text: f.Unusable})
	case f.Private && !f.Workspace:
		return one(Finding{Topic: "package", Mark: Wall, Cause: "private-package", Text: "package.json says private", Type: []string{"npm pkg delete private"}, Certain: true})
	case f.Private:
		return one(Finding{Topic: "package", Mark: Wall, Cause: "private-package", Text: "package.json says private: npm passes this workspace over", Type: []string{"npm pkg delete private"}})
	}
	return nil
}

var publishes = regexp.MustCompile(`\b(?:npm|pnpm|yarn|bun|safepublish|lerna|changeset|np|release-it)\b.*\bpublish\b|\bsafepublish\b|\bsemantic-release\b`)

// scripts: npm runs one that is called publish after the upload (npm docs,
// scripts), which few know.
func scripts(f *Facts) []Finding {
	text := f.field("scripts.publish").String()
	switch {
	case text == "" || f.Settings["ignore-scripts"] == "true":
		return nil
	case publishes.MatchString(text):
		return one(Finding{Topic: "scripts", Mark: Wall, Cause: "published-script-failed", Text: "npm runs the script publish after the upload, and it publishes again; give it another name"})
	}
	return one(Finding{Topic: "scripts", Mark: Warning, Text: "npm runs the script publish after the upload; give it another name if that is not meant"})
}

// provenance: can npm make a statement, and will the registry accept it. Trusted
// publishing makes one unasked, of public repositories alone.
func provenance(f *Facts) []Finding {
	here := f.publishConfig("provenance") == "true"
	asked := here || f.Settings["provenance"] == "true"
	without := "safepublish --no-provenance"
	if here {
		without = "npm pkg delete publishConfig.provenance"
	}
	switch {
	case !f.atLeast("9.5.0"): // it knows none
		return nil
	case asked && f.CI.Name == "":
		return append(one(Finding{Topic: "provenance", Mark: Wall, Cause: "provenance-unavailable", Text: "provenance is asked for, and npm makes it in GitHub Actions and GitLab CI alone", Type: []string{without}}), repository(f, true)...)
	case asked && !f.Signs:
		return one(Finding{Topic: "provenance", Mark: Wall, Cause: "provenance-unavailable", Text: map[string]string{
			"GitHub Actions": "provenance needs permissions: id-token: write in this job",
			"GitLab CI":      "provenance needs SIGSTORE_ID_TOKEN among this job's id_tokens",
		}[f.CI.Name] + notThere(f.CI.Name)})
	}
	return repository(f, asked)
}

func notThere(ci string) string {
	if ci == "CircleCI" {
		return "npm makes no provenance on CircleCI"
	}
	return ""
}

// repository compares package.json with the git remote: a registry that checks
// provenance refuses a package whose repository.url is another (E422).
func repository(f *Facts, needed bool) []Finding {
	remote := repositoryOf(f.Remote)
	named := f.field("repository.url").String()
	if r := f.field("repository"); named == "" && !r.IsObject() {
		named = r.String()
	}
	if f.Manifest == nil || remote == "" {
		return nil
	}
	if ownerRepo.MatchString(named) {
		named = "github:" + named
	}
	w := Finding{Topic: "repository", Mark: Warning, Cause: "provenance-mismatch"}
	if needed && f.CI.Name != "" {
		w.Mark = Wall
	}
	if named == "" || w.Mark == Wall { // else the remote may as well be the wrong one, of a fork
		w.Type = typed("npm", "pkg", "set", "repository.url=git+https://"+remote+".git")
	}
	switch declared := repositoryOf(named); {
	case named == "":
		w.Text = "package.json names no repository: a publish with provenance is refused"
	case !strings.EqualFold(declared, remote):
		w.Text = fmt.Sprintf("package.json names %s, the git remote is %s: a publish with provenance is refused", cmp.Or(declared, named), remote)
	default:
		return one(Finding{Topic: "repository", Mark: OK, Text: remote})
	}
	return one(w)
}

var (
	scpLike   = regexp.MustCompile(`^(?:[^@/]+@)?([^:/]{2,}):([^/].*)$`) // one letter is a drive
	shortHost = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
	ownerRepo = regexp.MustCompile(`^[\w.-]+/[\w.-]+$`)
)

// repositoryOf brings the address of a repository into one form: "github.com/o/r",
// from any of git+https://, ssh://git@, git@host: and github:o/r. It is "" for what is no address on a host, so a folder as a remote is none.
func repositoryOf(address string) string {
	address = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(address), "/"), ".git")
	if m := scpLike.FindStringSubmatch(address); m != nil && !strings.Contains(address, "://") {
		host := m[1]
		if full := shortHost[host]; full != "" {
			host = full
		}
		return strings.ToLower(host) + "/" + m[2]
	}
	_, rest, found := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host[strings.LastIndex(host, "@")+1:], ":")
	if !found || host == "" || path == "" {
		return ""
	}
	return strings.ToLower(host) + "/" + path
}
