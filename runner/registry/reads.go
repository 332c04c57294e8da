package registry

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// ofPackage answers about the package that a request names. Where there is none, or
// whoever asks may not know of it, a registry answers 404.
func (r *Registry) ofPackage(answer func(*http.Request, *Package) *reply) handler {
	return func(q *http.Request) *reply {
		p := r.world.Packages[q.PathValue("name")]
		if p == nil || !p.shown() && p.Removed.IsZero() {
			return notFound()
		}
		token, u := r.bearer(q)
		known := u != nil && token.DeadAs == 0 && (slices.Contains(p.Owners, u.Name) || slices.Contains(p.Readers, u.Name))
		if p.Restricted && !known {
			return notFound()
		}
		return answer(q, p)
	}
}

// packument answers all that is known of a package.
func (r *Registry) packument(_ *http.Request, p *Package) *reply {
	doc := map[string]any{"_id": p.Name, "_rev": "1-0", "name": p.Name}
	if !p.Removed.IsZero() {
		gone := map[string]any{"time": p.Removed.Format(time.RFC3339Nano), "versions": keys(p.Times)}
		doc["time"] = map[string]any{"unpublished": gone}
		return ok(doc)
	}
	versions, times := map[string]any{}, map[string]string{"created": created}
	for number, t := range p.Times {
		v := p.Versions[number]
		if v.readable() {
			versions[number] = r.manifest(p, number)
		}
		if v == nil || v.readable() {
			times[number] = t.Format(time.RFC3339Nano)
		}
	}
	doc["versions"], doc["dist-tags"], doc["time"] = versions, p.tags(), times
	doc["maintainers"], doc["readme"] = maintainers(p), ""
	return ok(doc)
}

// created is when everything here was made, for what npm shows.
const created = "2020-01-01T00:00:00.000Z"

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
		"tarball": r.url + url.PathEscape(p.Name) + "/-/" + baseOf(p.Name) + "-" + number + ".tgz",
	}
	m["_npmUser"], m["maintainers"] = person(v.By), maintainers(p)
	if v.Deprecated != "" {
		m["deprecated"] = v.Deprecated
	}
	return m
}

func (r *Registry) tarball(q *http.Request, p *Package) *reply {
	v := p.Versions[strings.TrimSuffix(strings.TrimPrefix(q.PathValue("file"), baseOf(p.Name)+"-"), ".tgz")]
	if !v.readable() {
		return notFound()
	}
	header := map[string]string{"Content-Type": "application/octet-stream"}
	return &reply{status: http.StatusOK, body: v.Tarball, header: header}
}

func (r *Registry) distTags(_ *http.Request, p *Package) *reply { return ok(p.tags()) }

// setDistTag is npm dist-tag add.
func (r *Registry) setDistTag(q *http.Request, token *Token, u *User) *reply {
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
func (r *Registry) collaborators(q *http.Request, _ *Token, _ *User) *reply {
	return r.ofPackage(func(_ *http.Request, p *Package) *reply {
		list := map[string]string{}
		for _, name := range p.Readers {
			list[name] = "read"
		}
		for _, name := range p.Owners {
			list[name] = "write"
		}
		return ok(list)
	})(q)
}

// packagesOf lists what an organization holds, or what a person may write or read.
func (r *Registry) packagesOf(q *http.Request, _ *Token, _ *User) *reply {
	owner := q.PathValue("scope")
	if _, there := r.world.Scopes[owner]; !there && r.world.Users[owner] == nil {
		return notFound()
	}
	list := map[string]string{}
	for name, p := range r.world.Packages {
		switch {
		case !p.shown():
		case scopeOf(name) == owner, slices.Contains(p.Owners, owner):
			list[name] = "write"
		case slices.Contains(p.Readers, owner):
			list[name] = "read"
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
