package registry

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const abbreviated = "application/vnd.npm.install-v1+json"

// packument answers what is known of a name: in full, or abbreviated for those
// who only install (no times, no maintainers).
func (r *Registry) packument(q *http.Request) outcome {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	if strings.HasPrefix(q.Header.Get("Accept"), abbreviated) {
		return outcome{status: http.StatusOK, body: r.abbreviated(p), header: map[string]string{"Content-Type": abbreviated}}
	}
	return ok(r.full(p))
}

// visible returns the package that a request names, nil where there is none or
// where whoever asks may not know of it: a registry answers 404 to both.
func (r *Registry) visible(q *http.Request) *Package {
	p := r.world.Packages[q.PathValue("name")]
	if p == nil || !p.shown() && p.Removed.IsZero() {
		return nil
	}
	if !p.Restricted {
		return p
	}
	if token, u := r.bearer(q); u != nil && !token.Dead && p.knows(u.Name) {
		return p
	}
	return nil
}

func (p *Package) knows(user string) bool {
	return slices.Contains(p.Owners, user) || slices.Contains(p.Readers, user)
}

func (r *Registry) full(p *Package) map[string]any {
	times := map[string]any{}
	for number, t := range p.Times {
		if v := p.Versions[number]; v == nil || v.readable() {
			times[number] = t.Format(time.RFC3339Nano)
		}
	}
	if !p.Removed.IsZero() {
		return map[string]any{"_id": p.Name, "_rev": "1-0", "name": p.Name, "time": map[string]any{
			"unpublished": map[string]any{"time": p.Removed.Format(time.RFC3339Nano), "versions": keys(p.Times)},
		}}
	}
	return map[string]any{
		"_id": p.Name, "_rev": "1-0", "name": p.Name, "dist-tags": p.tags(), "time": times,
		"versions": r.versions(p), "maintainers": maintainers(p), "readme": "",
	}
}

func (r *Registry) abbreviated(p *Package) map[string]any {
	if !p.Removed.IsZero() {
		return r.full(p)
	}
	return map[string]any{"name": p.Name, "dist-tags": p.tags(), "versions": r.versions(p), "modified": time.Now().UTC().Format(time.RFC3339Nano)}
}

// tags are the dist-tags that point at something readable.
func (p *Package) tags() map[string]string {
	tags := map[string]string{}
	for tag, number := range p.DistTags {
		if p.Versions[number].readable() {
			tags[tag] = number
		}
	}
	return tags
}

func maintainers(p *Package) []map[string]string {
	list := []map[string]string{}
	for _, name := range p.Owners {
		list = append(list, map[string]string{"name": name, "email": name + "@example.com"})
	}
	return list
}

func (r *Registry) versions(p *Package) map[string]any {
	all := map[string]any{}
	for number, v := range p.Versions {
		if v.readable() {
			all[number] = r.manifest(p, number)
		}
	}
	return all
}

// manifest is what was uploaded, with what the registry adds to it.
func (r *Registry) manifest(p *Package, number string) map[string]any {
	v := p.Versions[number]
	m := map[string]any{}
	json.Unmarshal(v.Manifest, &m) //nolint:errcheck // it was read as JSON when it arrived
	m["name"], m["version"], m["_id"] = p.Name, number, p.Name+"@"+number
	m["dist"] = map[string]any{
		"shasum": v.Shasum, "integrity": v.Integrity,
		"tarball": r.url + p.Name + "/-/" + baseOf(p.Name) + "-" + number + ".tgz",
	}
	m["_npmUser"] = map[string]string{"name": v.By, "email": v.By + "@example.com"}
	m["maintainers"] = maintainers(p)
	if v.Deprecated != "" {
		m["deprecated"] = v.Deprecated
	}
	return m
}

func (r *Registry) version(q *http.Request) outcome {
	p, number := r.visible(q), q.PathValue("version")
	if p == nil {
		return notFound()
	}
	if tagged, ok := p.DistTags[number]; ok {
		number = tagged
	}
	if !p.Versions[number].readable() {
		return outcome{status: http.StatusNotFound, body: "version not found: " + number}
	}
	return ok(r.manifest(p, number))
}

func (r *Registry) tarball(q *http.Request) outcome {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	number := strings.TrimSuffix(strings.TrimPrefix(q.PathValue("file"), baseOf(p.Name)+"-"), ".tgz")
	v := p.Versions[number]
	if !v.readable() {
		return notFound()
	}
	return outcome{status: http.StatusOK, raw: v.Tarball, kind: "application/octet-stream"}
}

func (r *Registry) ping(*http.Request) outcome { return ok(map[string]any{}) }

func keys[V any](m map[string]V) []string {
	list := []string{}
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
