package registry

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

const abbreviated = "application/vnd.npm.install-v1+json"

// visible returns the package that a request names, nil where there is none or
// where whoever asks may not know of it: a registry answers 404 to both.
func (r *Registry) visible(q *http.Request) *Package {
	p := r.world.Packages[q.PathValue("name")]
	if p == nil || !p.shown() && p.Removed.IsZero() {
		return nil
	}
	token, u := r.bearer(q)
	known := u != nil && token.DeadAs == 0 && (slices.Contains(p.Owners, u.Name) || slices.Contains(p.Readers, u.Name))
	if p.Restricted && !known {
		return nil
	}
	return p
}

// packument answers what is known of a name: in full, or abbreviated for those
// who only install (no times, no maintainers).
func (r *Registry) packument(q *http.Request) *reply {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	const epoch = "2020-01-01T00:00:00.000Z"
	doc := map[string]any{"_id": p.Name, "_rev": "1-0", "name": p.Name}
	if !p.Removed.IsZero() {
		gone := map[string]any{"time": p.Removed.Format(time.RFC3339Nano), "versions": keys(p.Times)}
		doc["time"] = map[string]any{"unpublished": gone}
		return ok(doc)
	}
	versions, times := map[string]any{}, map[string]string{"created": epoch}
	for number, t := range p.Times {
		v := p.Versions[number]
		if v.readable() {
			versions[number] = r.manifest(p, number)
		}
		if v == nil || v.readable() {
			times[number] = t.Format(time.RFC3339Nano)
		}
	}
	doc["versions"], doc["dist-tags"] = versions, p.tags()
	if strings.HasPrefix(q.Header.Get("Accept"), abbreviated) {
		doc["modified"] = time.Now().UTC().Format(time.RFC3339Nano)
		return &reply{status: http.StatusOK, body: doc, header: map[string]string{"Content-Type": abbreviated}}
	}
	doc["time"], doc["maintainers"], doc["readme"] = times, maintainers(p), ""
	return ok(doc)
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
		list = append(list, person(name))
	}
	return list
}

func person(name string) map[string]string {
	return map[string]string{"name": name, "email": name + "@example.com"}
}

// manifest is what was uploaded, with what the registry adds to it.
func (r *Registry) manifest(p *Package, number string) map[string]any {
	v := p.Versions[number]
	m := map[string]any{}
	json.Unmarshal(v.Manifest, &m) //nolint:errcheck // it was read as JSON when it arrived, or nobody uploaded one
	m["name"], m["version"], m["_id"] = p.Name, number, p.Name+"@"+number
	m["dist"] = map[string]any{
		"shasum": v.Shasum, "integrity": v.Integrity,
		"tarball": r.url + p.Name + "/-/" + baseOf(p.Name) + "-" + number + ".tgz",
	}
	m["_npmUser"], m["maintainers"] = person(v.By), maintainers(p)
	if v.Deprecated != "" {
		m["deprecated"] = v.Deprecated
	}
	return m
}

// version answers one version, by its number or by a dist-tag.
func (r *Registry) version(q *http.Request) *reply {
	p, number := r.visible(q), q.PathValue("version")
	if p == nil {
		return notFound()
	}
	if tagged, ok := p.DistTags[number]; ok {
		number = tagged
	}
	if !p.Versions[number].readable() {
		return &reply{status: http.StatusNotFound, body: "version not found: " + number}
	}
	return ok(r.manifest(p, number))
}

func (r *Registry) tarball(q *http.Request) *reply {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	v := p.Versions[strings.TrimSuffix(strings.TrimPrefix(q.PathValue("file"), baseOf(p.Name)+"-"), ".tgz")]
	if !v.readable() {
		return notFound()
	}
	header := map[string]string{"Content-Type": "application/octet-stream"}
	return &reply{status: http.StatusOK, body: v.Tarball, header: header}
}

func (r *Registry) distTags(q *http.Request) *reply {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	return ok(p.tags())
}

func (r *Registry) setDistTag(q *http.Request) *reply {
	token, u, nobody := r.account(q)
	if nobody != nil {
		return nobody
	}
	p := r.world.Packages[q.PathValue("name")]
	var number string
	switch {
	case p == nil:
		return notFound()
	case !slices.Contains(p.Owners, u.Name) || token.Kind == ReadOnly || token.Kind == StageOnly:
		return denied(saysMayNot)
	case u.TFA == TFAWrites && !r.passes2FA(u, q.Header.Get("Npm-Otp")):
		return r.challenge(u, q)
	case json.NewDecoder(q.Body).Decode(&number) != nil || !p.Versions[number].readable():
		return badRequest()
	}
	p.DistTags[q.PathValue("tag")] = number
	return &reply{status: http.StatusCreated, body: map[string]any{"ok": "dist-tags updated"}}
}

// collaborators lists who may write a package and who may read it.
func (r *Registry) collaborators(q *http.Request) *reply {
	if _, _, nobody := r.account(q); nobody != nil {
		return nobody
	}
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	list := map[string]string{}
	for _, name := range p.Readers {
		list[name] = "read"
	}
	for _, name := range p.Owners {
		list[name] = "write"
	}
	return ok(list)
}

// scopePackages lists what an organization holds.
func (r *Registry) scopePackages(q *http.Request) *reply {
	scope := q.PathValue("scope")
	if _, there := r.world.Scopes[scope]; !there || r.world.Users[scope] != nil {
		return notFound()
	}
	return r.packageList(q, func(p *Package) string {
		if scopeOf(p.Name) != scope {
			return ""
		}
		return "write"
	})
}

// userPackages lists what a person may write or read.
func (r *Registry) userPackages(q *http.Request) *reply {
	user := q.PathValue("scope")
	if r.world.Users[user] == nil {
		return notFound()
	}
	return r.packageList(q, func(p *Package) string {
		switch {
		case slices.Contains(p.Owners, user):
			return "write"
		case slices.Contains(p.Readers, user):
			return "read"
		}
		return ""
	})
}

func (r *Registry) packageList(q *http.Request, right func(*Package) string) *reply {
	if _, _, nobody := r.account(q); nobody != nil {
		return nobody
	}
	list := map[string]string{}
	for name, p := range r.world.Packages {
		if has := right(p); has != "" && p.shown() {
			list[name] = has
		}
	}
	return ok(list)
}

// members lists who belongs to a scope.
func (r *Registry) members(q *http.Request) *reply {
	members, there := r.world.Scopes[q.PathValue("scope")]
	if !there {
		return refused(http.StatusNotFound, "Scope not found")
	}
	list := map[string]string{}
	for _, name := range members {
		list[name] = "developer"
	}
	return ok(list)
}
