package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/pattern"
)

// nodeModules are the modules of Node.js.
const nodeModules = "assert|async_hooks|buffer|child_process|cluster|console|constants|crypto|dgram|diagnostics_channel|dns|domain|" +
	"events|fs|http|http2|https|inspector|module|net|os|path|perf_hooks|process|punycode|querystring|readline|repl|stream|" +
	"string_decoder|sys|timers|tls|trace_events|tty|url|util|v8|vm|wasi|worker_threads|zlib"

// nameRules are npm's (validate-npm-package-name 8.0.0, lib/index.js). Those of a
// new package do not hold for one that is there.
var nameRules = []struct {
	bad *pattern.Pattern
	why string
	new bool
}{
	{pattern.New(`^(?:@[^/]*/)?\.`), "it must not begin with a period", false},
	{pattern.New(`^-`), "it must not begin with a hyphen", false},
	{pattern.New(`^_`), "it must not begin with an underscore", false},
	{pattern.New(`(?i)^(?:node_modules|favicon\.ico)$`), "it is reserved", false},
	{pattern.New(`[A-Z]`), "a new name has no capital letters", true},
	{pattern.New(`[~'!()*][^/]*$`), "a new name has none of ~ ' ! ( ) *", true},
	{pattern.New(`^.{215}`), "a new name has at most 214 characters", true},
	{pattern.New(`^(?:` + nodeModules + `)$`), "it is the name of a module of Node.js", true},
}

// wellFormed is what stays the same when it is percent-encoded, behind a scope.
var wellFormed = pattern.New(`^(?:@[A-Za-z0-9_.!~*'()-]+/)?[A-Za-z0-9_.!~*'()-]+$`)

func name(c *classify.Case, next string) []Finding {
	const topic, cause = "name", "name-invalid"
	var typed []string
	if next != "" && next != c.Name() {
		typed = command(c, "npm", "pkg", "set", "name="+next)
	}
	switch {
	case c.Package.Problem != "":
		return nil
	case c.Name() == "":
		return wall(topic, cause, "package.json has no name", typed...)
	}
	bad := fmt.Sprintf("npm does not accept the name %q: ", c.Name())
	for _, r := range nameRules {
		if r.bad.MatchString(c.Name()) && (!r.new || c.Answers.Packument.Found != classify.Yes) {
			return wall(topic, cause, bad+r.why, typed...)
		}
	}
	switch similar := strings.Join(c.Answers.Similar, ", "); {
	case !wellFormed.MatchString(c.Name()):
		return wall(topic, cause, bad+"it may contain letters, digits, -, . and _, after a @scope/", typed...)
	case similar != "":
		return warning(topic, "name-too-similar", similar+" exists, and npmjs.org refuses a new name that differs only in punctuation")
	}
	return ok(topic, c.Name())
}

var punctuation = pattern.New(`[-_.]+`)

// Lookalikes returns the names that a new name without a scope must not resemble
// and that can be guessed: the same letters with other punctuation (npm's blog,
// "new package moniker rules", 2017). It is nil for a name without any, for which
// there is nothing to guess, and where the name is not new.
func Lookalikes(c *classify.Case) []string {
	if c.Answers.Packument.Found != classify.No || c.Scope() != "" || !punctuation.MatchString(c.Name()) {
		return nil
	}
	var names []string
	for _, other := range []string{"", "-", "_", "."} {
		if name := punctuation.ReplaceAllString(c.Name(), other); name != c.Name() && !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	return names
}

// version: is the number free, and which ones are next.
func version(c *classify.Case, next []string) []Finding {
	const topic = "version"
	have, v := c.Answers.Packument, c.Version()
	there := slices.Contains(have.Versions, v)
	same := there && c.SameBytes() == classify.Yes
	free, bump, set := "", []string(nil), []string(nil)
	if len(next) > 0 {
		free = "; free: " + strings.Join(next, ", ")
		bump, set = command(c, "npm", "version", next[0]), command(c, "npm", "pkg", "set", "version="+next[0])
	}
	_, err := semver.StrictNewVersion(v)
	switch {
	case c.Package.Problem != "":
		return nil
	case v == "":
		return wall(topic, "version-invalid", "package.json has no version", set...)
	case err != nil:
		return wall(topic, "version-invalid", fmt.Sprintf("%q is not a semantic version", v), set...)
	case have.Found == classify.Unknown:
		return warning(topic, "", "it is not known whether "+v+" is free")
	case same && len(ScriptsBefore(c)) == 0:
		found := ok(topic, v+" is already there with the same contents: nothing to publish")
		found[0].Cause = "already-published"
		return found
	case same:
		return warning(topic, "version-exists", v+" is already there with the contents that npm would pack before the scripts run: "+
			"the same contents are no failure, any others are refused")
	case there:
		return wall(topic, "version-exists", v+" is already there"+free, bump...)
	case slices.Contains(have.Burnt, v):
		return wall(topic, "version-burnt", v+" was published and unpublished before, and cannot be used again"+free, bump...)
	}
	return ok(topic, v+" is free")
}

// distTag makes npm's two checks, and looks where the tag points now. The checks
// are npm 11's own; npm 10 and older publish without a word, where safepublish
// refuses.
func distTag(c *classify.Case, fits string) []Finding {
	const topic = "dist-tag"
	v, err := semver.StrictNewVersion(c.Version())
	if err != nil {
		return nil
	}
	var typed []string
	if fits != "" {
		typed = command(c, "safepublish", "--tag", fits)
	}
	if err := npm.CheckTag(cmp.Or(c.Settings.Tag, "latest")); err != nil {
		return certainIf(c.By().Has(npm.ChecksTagName) || npm.RangeTag(c.Settings.Tag), wall(topic, "tag-invalid", err.Error(), typed...))
	}
	forced := c.Settings.Values["force"] == "true" && c.By().Has(npm.ChecksDistTag)
	if d, unsafe := classify.UnsafeTag(c); unsafe && !forced {
		if c.By().Has(npm.ChecksDistTag) && MayRewrite(c) { // npm looks at it after the scripts
			return warning(topic, d.Cause.ID, d.Evidence[0].Text+", unless a script sets another version", typed...)
		}
		return certainIf(certainTag(c, v, d.Cause.ID), wall(topic, d.Cause.ID, d.Evidence[0].Text, typed...))
	}
	tag := cmp.Or(c.Settings.Tag, "latest")
	if at, err := semver.StrictNewVersion(c.Answers.Packument.DistTags[tag]); err == nil && at.GreaterThan(v) {
		return warning(topic, "", fmt.Sprintf("%s would move back from %s to %s", tag, at, v))
	}
	return ok(topic, tag)
}

// certainTag: npm 11 leaves deprecated versions out of its second check, and only of
// the one that is latest it is known whether it is.
func certainTag(c *classify.Case, v *semver.Version, cause string) bool {
	latest, err := semver.StrictNewVersion(c.Answers.Packument.DistTags["latest"])
	return cause != "latest-behind" || !c.By().Has(npm.ChecksDistTag) || err == nil && latest.GreaterThan(v) && !c.Answers.Packument.Deprecated
}

// access: npm refuses to restrict a package without a scope; npmjs.org restricts
// the first publish in a scope unless it is told otherwise, which costs a plan.
func access(c *classify.Case) []Finding {
	const topic = "access"
	asked, scoped := c.Settings.Access, c.Scope() != ""
	switch {
	case !scoped && (asked == "restricted" || asked == "private"):
		text := "access is " + asked + ", and a package without a scope is always public"
		return certainIf(asked == "restricted", wall(topic, "unscoped-restricted", text))
	case scoped && c.Answers.Packument.Found == classify.No && asked == "" && LikeNPM(c.Registry()):
		return warning(topic, "payment-required",
			"a first publish in a scope is restricted unless you say that it is public, and restricted packages need a paid plan",
			"safepublish --access public")
	case scoped && asked != "":
		return ok(topic, asked)
	}
	return nil
}

// manifest: package.json is there, usable and not private.
func manifest(c *classify.Case) []Finding {
	const topic, cause = "package", "private-package"
	switch {
	case c.Package.Problem != "":
		return wall(topic, "manifest-invalid", c.Package.Problem)
	case c.Package.Private && field(c, "workspaces").Exists():
		const text = "package.json says private; its packages are published with --workspaces"
		return certainIf(true, wall(topic, cause, text, "safepublish --workspaces"))
	case c.Package.Private && !c.Package.Workspace:
		return certainIf(true, wall(topic, cause, "package.json says private", "npm pkg delete private"))
	case c.Package.Private:
		return wall(topic, cause, "package.json says private: npm skips this workspace", "npm pkg delete private")
	}
	return nil
}

var publishes = pattern.New(`\b(?:npm|pnpm|yarn|bun|safepublish|lerna|changeset|np|release-it)\b.*\bpublish\b` +
	`|\bsafepublish\b|\bsemantic-release\b`)

// publishScript: npm runs the script of that name after the upload (npm docs, scripts),
// which few know.
func publishScript(c *classify.Case) []Finding {
	const topic = "scripts"
	script := field(c, "scripts.publish").String()
	switch {
	case script == "" || c.Package.Kind != "folder" || c.Settings.Values["ignore-scripts"] == "true": // of a tarball npm runs none
		return nil
	case publishes.MatchString(script):
		return wall(topic, "published-script-failed",
			"npm runs the script publish after the upload, and it publishes again; rename it")
	}
	return warning(topic, "", "npm runs the script publish after the upload; rename it if that is not what you want")
}

// provenance: can npm make a statement, and will the registry accept it. Trusted
// publishing makes one unasked, of public repositories alone.
func provenance(c *classify.Case) []Finding {
	const topic, cause = "provenance", "provenance-unavailable"
	inManifest := c.Package.PublishConfig["provenance"] == "true"
	asked := inManifest || c.Settings.Values["provenance"] == "true"
	switch ci := c.CI; {
	case !c.By().Has(npm.Provenance):
		return nil
	case asked && ci.Name == "":
		without := "safepublish --no-provenance"
		if inManifest {
			without = "npm pkg delete publishConfig.provenance"
		}
		found := wall(topic, cause, "provenance is asked for, but npm can make it only in GitHub Actions and GitLab CI", without)
		return append(found, repository(c, true)...)
	case asked && !ci.Signs:
		return wall(topic, cause, map[string]string{
			"GitHub Actions": "provenance needs permissions: id-token: write in this job",
			"GitLab CI":      "provenance needs SIGSTORE_ID_TOKEN among this job's id_tokens",
			"CircleCI":       "npm makes no provenance on CircleCI",
		}[ci.Name])
	}
	return repository(c, asked)
}

// repository compares package.json with the git remote: a registry that checks
// provenance refuses a package whose repository.url is another (E422).
func repository(c *classify.Case, needed bool) []Finding {
	remote, named := repositoryOf(c.Package.Remote), field(c, "repository.url").String()
	if r := field(c, "repository"); named == "" && !r.IsObject() {
		named = r.String()
	}
	if c.Package.Kind != "folder" || remote == "" { // of a tarball it is the remote of where it lies
		return nil
	}
	if ownerRepo.MatchString(named) {
		named = "github:" + named
	}
	found := warning
	if needed && c.CI.Name != "" {
		found = wall
	}
	var typed []string
	if named == "" || needed && c.CI.Name != "" { // else the remote may as well be the wrong one, of a fork
		typed = command(c, "npm", "pkg", "set", "repository.url=git+https://"+remote+".git")
	}
	const topic, cause = "repository", "provenance-mismatch"
	switch declared := repositoryOf(named); {
	case named == "":
		return found(topic, cause, "package.json names no repository: a publish with provenance is refused", typed...)
	case !strings.EqualFold(declared, remote):
		text := fmt.Sprintf("package.json names %s, the git remote is %s: a publish with provenance is refused", cmp.Or(declared, named), remote)
		return found(topic, cause, text, typed...)
	}
	return ok(topic, remote)
}

var (
	scpLike   = pattern.New(`^(?:[^@/]+@)?([^:/]{2,}):([^/].*)$`) // one letter is a drive
	shortHost = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
	ownerRepo = pattern.New(`^[\w.-]+/[\w.-]+$`)
)

// repositoryOf brings the address of a repository into one form: "github.com/o/r",
// from any of git+https://, ssh://git@, git@host: and github:o/r. It is "" for what is
// no address on a host, so a folder as a remote is none.
func repositoryOf(address string) string {
	address = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(address), "/"), ".git")
	if m := scpLike.FindStringSubmatch(address); m != nil && !strings.Contains(address, "://") {
		return strings.ToLower(cmp.Or(shortHost[m[1]], m[1])) + "/" + m[2]
	}
	_, rest, found := strings.Cut(address, "://")
	host, path, _ := strings.Cut(rest, "/")
	host, _, _ = strings.Cut(host[strings.LastIndex(host, "@")+1:], ":")
	if !found || host == "" || path == "" {
		return ""
	}
	return strings.ToLower(host) + "/" + path
}
