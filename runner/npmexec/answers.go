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

// readPackument reads the answer of npm view NAME versions time dist-tags maintainers
// deprecated, or the packument itself. One version is a word up to npm 11 and a list in
// npm 12.
func readPackument(doc gjson.Result) classify.Packument {
	p := classify.Packument{Found: classify.Yes, DistTags: map[string]string{}}
	deprecated, versions := doc.Get("deprecated"), doc.Get("versions")
	if versions.IsObject() {
		deprecated = versions.Get(gjson.Escape(doc.Get("dist-tags.latest").String())).Get("deprecated")
		versions = versions.Get("@keys")
	}
	for _, v := range versions.Array() {
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
	p.Deprecated = deprecated.String() != ""
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

// readVersion reads what a registry shows of one version: its manifest, and when it was
// published, zero where the registry does not say. Without a sum it is no answer.
func readVersion(manifest, times gjson.Result, version string) (_ classify.RemoteVersion, ok bool) {
	at, _ := time.Parse(time.RFC3339, times.Get(gjson.Escape(version)).String())
	v := classify.RemoteVersion{
		Found: classify.Yes, Shasum: manifest.Get("dist.shasum").String(), Integrity: manifest.Get("dist.integrity").String(),
		By: userName(manifest.Get("_npmUser")), GitHead: manifest.Get("gitHead").String(), Asked: time.Now(), At: at,
	}
	return v, v.Shasum != "" || v.Integrity != ""
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
