package npmexec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

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
	p.Deprecated = doc.Get("deprecated").String() != ""
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
	from := "npm view " + spec
	if this, ok := p.document(); ok {
		return there(this, from)
	}
	// of one field npm prints the bare value
	a := p.ask("view", spec, "name", "version", "dist.shasum", "dist.integrity", "_npmUser", "gitHead", "time", "--tag=latest")
	doc := viewed(a)
	shasum, integrity := doc.Get(`dist\.shasum`).String(), doc.Get(`dist\.integrity`).String()
	switch {
	case a.code == "E404", a.ok && strings.TrimSpace(a.out) == "":
		return func(f *classify.Facts) {
			f.This = classify.Published{Found: classify.No, Asked: time.Now()}
			note(f, from, "not there")
		}
	case !a.ok || shasum == "" && integrity == "":
		return nil
	}
	this := classify.Published{
		Found: classify.Yes, Shasum: shasum, Integrity: integrity, By: userName(doc.Get("_npmUser")),
		GitHead: doc.Get("gitHead").String(), Asked: time.Now(),
	}
	this.At, _ = time.Parse(time.RFC3339, doc.Get("time").Get(escapeKey(p.version)).String()) // zero where the registry does not say
	return there(this, from)
}

func there(this classify.Published, from string) func(*classify.Facts) {
	words := "there, shasum " + this.Shasum
	if this.Shasum == "" {
		words = "there, integrity " + this.Integrity
	}
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
	case slices.Contains(deaf, a.code):
		return identity{classify.Identity{Deaf: true}, "the registry does not know the question (" + a.code[1:] + ")"}
	default:
		return identity{}
	}
}

// deaf are npm's codes for a registry that has no such address.
var deaf = []string{"E404", "E405", "E501"}

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

// everybodys is a package that only the public registry can have published.
const everybodys = "inherits"

// mirror asks for a package of the public registry.
func (p *probe) mirror() func(*classify.Facts) {
	a := p.ask("view", everybodys, "name", "version", "--tag=latest")
	mirrors, words := classify.Yes, "there, as in the public registry"
	switch {
	case a.code == "E404":
		mirrors, words = classify.No, "404, it shows no packages of the public registry"
	case !a.ok || !gjson.Valid(a.out):
		return nil
	}
	return func(f *classify.Facts) {
		f.Mirrors = mirrors
		note(f, "npm view "+everybodys, words)
	}
}
