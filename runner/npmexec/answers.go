package npmexec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/tidwall/gjson"

	"safepublish/classify"
)

// viewed is what npm view answered; npm 12 puts it into a list.
func viewed(a answer) gjson.Result {
	doc := gjson.Parse(a.out)
	if doc.IsArray() {
		return doc.Get("0")
	}
	return doc
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

// publishedAt returns when a version was published, zero where the registry does not
// say.
func publishedAt(doc gjson.Result, version string) time.Time {
	at, _ := time.Parse(time.RFC3339, doc.Get("time").Get(escapeKey(version)).String())
	return at
}

// escapeKey makes a key of what gjson would take for a path.
func escapeKey(key string) string {
	return strings.NewReplacer(".", `\.`, "*", `\*`, "?", `\?`, "|", `\|`, "#", `\#`, "@", `\@`).Replace(key)
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

func publishedWords(this classify.RemoteVersion) string {
	words := "there, shasum " + this.Shasum
	if this.Shasum == "" {
		words = "there, integrity " + this.Integrity
	}
	if this.By != "" {
		words += ", published by " + this.By
	}
	return words
}
