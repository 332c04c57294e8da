package runner

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/tidwall/gjson"

	"safepublish/classify"
)

func note(f *classify.Facts, from, text string) {
	f.Asked = append(f.Asked, classify.Asked{From: from, Text: text})
}

// readPackument reads the answer of npm view NAME versions time dist-tags
// maintainers. One version is a word up to npm 11 and a list in npm 12.
func readPackument(doc gjson.Result) classify.Packument {
	p := classify.Packument{Found: classify.Yes, DistTags: map[string]string{}}
	for _, v := range doc.Get("versions").Array() {
		p.Versions = append(p.Versions, v.String())
	}
	for key := range doc.Get("time").Map() {
		if _, err := semver.StrictNewVersion(key); err == nil && !slices.Contains(p.Versions, key) {
			p.Burnt = append(p.Burnt, key)
		}
	}
	slices.Sort(p.Burnt)
	for tag, v := range doc.Get("dist-tags").Map() {
		p.DistTags[tag] = v.String()
	}
	for _, m := range doc.Get("maintainers").Array() {
		p.Maintainers = append(p.Maintainers, userName(m))
	}
	return p
}

// userName returns the name in "bob <bob@example.com>" or {"name": "bob"}.
func userName(v gjson.Result) string {
	if v.IsObject() {
		return v.Get("name").String()
	}
	name, _, _ := strings.Cut(v.String(), " <")
	return name
}

func packumentWords(p classify.Packument) string {
	words := fmt.Sprintf("%d versions", len(p.Versions))
	if len(p.Versions) == 1 {
		words = "1 version"
	}
	if latest := p.DistTags["latest"]; latest != "" {
		words += ", latest is " + latest
	}
	if len(p.Maintainers) > 0 {
		words += ", maintained by " + strings.Join(p.Maintainers, ", ")
	}
	if len(p.Burnt) > 0 {
		words += ", unpublished: " + strings.Join(p.Burnt, ", ")
	}
	return words
}

// this asks for one version. Up to npm 11 one that is not there prints nothing
// and ends with 0.
func (p *probe) this() func(*classify.Facts) {
	spec := p.name + "@" + p.version
	a := p.ask("view", spec, "name", "version", "dist.shasum", "dist.integrity", "_npmUser", "--tag=latest") // of one field npm prints the bare value
	doc := viewed(a)
	shasum := doc.Get(`dist\.shasum`).String()
	from := "npm view " + spec
	switch {
	case a.code == "E404", a.ok && strings.TrimSpace(a.out) == "":
		return func(f *classify.Facts) {
			f.This.Found = classify.No
			note(f, from, "not there")
		}
	case !a.ok || shasum == "":
		return nil
	}
	this := classify.Published{
		Found: classify.Yes, Shasum: shasum,
		Integrity: doc.Get(`dist\.integrity`).String(), By: userName(doc.Get("_npmUser")),
	}
	words := "there, shasum " + shasum
	if this.By != "" {
		words += ", published by " + this.By
	}
	return func(f *classify.Facts) {
		f.This = this
		note(f, from, words)
	}
}

func (p *probe) askIdentity() identity {
	a := p.ask("whoami")
	var user string
	switch {
	case a.ok && json.Unmarshal([]byte(a.out), &user) != nil:
		user = strings.TrimSpace(a.out) // npm 6 knows no --json here
		fallthrough
	case a.ok:
		if user == "" || strings.ContainsAny(user, "\n {}") {
			return identity{}
		}
		return identity{classify.Identity{Known: classify.Yes, User: user}, user}
	case a.code == "E401":
		return identity{classify.Identity{Known: classify.No}, "401, the registry does not accept this login"}
	case a.code == "ENEEDAUTH":
		return identity{classify.Identity{Known: classify.No}, "npm has no login for " + p.registry}
	default:
		return identity{}
	}
}

func (p *probe) whoami() func(*classify.Facts) {
	id := p.identity()
	if id.asked == "" {
		return nil
	}
	return func(f *classify.Facts) {
		f.Identity = id.Identity
		note(f, "npm whoami", id.asked)
	}
}

// listAccess returns the words of npm access for a list, which npm 9 renamed.
func (p *probe) listAccess(what string) []string {
	if v := major(p.r.Version(p.ctx)); v > 0 && v < 9 {
		return []string{"access", "ls-" + what}
	}
	return []string{"access", "list", what}
}

// access asks who may write the package, and looks for this user in the list.
func (p *probe) access() func(*classify.Facts) {
	list := p.listAccess("collaborators")
	a := p.ask(append(list, p.name)...)
	id, users := p.identity(), gjson.Parse(a.out)
	if !a.ok || !users.IsObject() || len(users.Map()) == 0 || id.User == "" {
		return nil
	}
	may, words := classify.No, id.User+" is not among those who may write it"
	switch users.Map()[id.User].String() {
	case "read-write", "write":
		may, words = classify.Yes, id.User+" may write it"
	case "read-only", "read":
		words = id.User + " may only read it"
	}
	return func(f *classify.Facts) {
		f.MayWrite = may
		note(f, strings.Join(append([]string{"npm"}, append(list, p.name)...), " "), words)
	}
}

// scope asks for the packages of the scope, as an organization's and then as a
// user's (libnpmaccess, lib/index.js, getPackages): npmjs.org answers 404 to both
// where there is neither. A registry that does not know the question answers 404
// too, so another one's 404 counts only if it does know our own user.
func (p *probe) scope() func(*classify.Facts) {
	list, scope := p.listAccess("packages"), scopeOf(p.name)
	a := p.ask(append(list, scope)...)
	there, words := classify.Unknown, ""
	switch {
	case a.ok && (gjson.Parse(a.out).IsObject() || strings.TrimSpace(a.out) == "null"): // npm 8 and older: no package yet
		there, words = classify.Yes, "the scope exists"
	case a.code == "E404" && (isNpmjs(p.registry) || p.knowsUsers(list)):
		there, words = classify.No, "404, there is no such user or organization"
	default:
		return nil
	}
	return func(f *classify.Facts) {
		f.ScopeThere = there
		note(f, strings.Join(append([]string{"npm"}, append(list, scope)...), " "), words)
	}
}

func (p *probe) knowsUsers(list []string) bool {
	id := p.identity()
	return id.User != "" && p.ask(append(list, id.User)...).ok
}

func isNpmjs(registry string) bool {
	u, err := url.Parse(registry)
	return err == nil && (u.Hostname() == "npmjs.org" || strings.HasSuffix(u.Hostname(), ".npmjs.org"))
}
