package registry

import (
	"net/http"
	"slices"
)

// account returns who asks, or the 401 that a registry gives to nobody.
func (r *Registry) account(q *http.Request) (*Token, *User, *outcome) {
	if r.world.Mute {
		return nil, nil, &outcome{status: http.StatusNotImplemented, message: "Not implemented"}
	}
	if r.world.Mirror {
		none := notFound()
		return nil, nil, &none
	}
	token, u := r.bearer(q)
	if token == nil || token.Dead || u == nil {
		return nil, nil, &outcome{status: http.StatusUnauthorized, message: "Unauthorized"}
	}
	return token, u, nil
}

func (r *Registry) whoami(q *http.Request) outcome {
	token, u, nobody := r.account(q)
	if nobody != nil {
		return *nobody
	}
	if token.NoWhoami {
		return outcome{status: http.StatusUnauthorized, message: "Unauthorized"}
	}
	return ok(map[string]string{"username": u.Name})
}

func (r *Registry) profile(q *http.Request) outcome {
	token, u, nobody := r.account(q)
	if nobody != nil {
		return *nobody
	}
	if token.Kind == Granular {
		return *denied(saysMayNot)
	}
	var tfa any = false
	if u.TFA != NoTFA {
		tfa = map[string]any{"pending": false, "mode": u.TFA}
	}
	return ok(map[string]any{
		"tfa": tfa, "name": u.Name, "email": u.Name + "@example.com", "email_verified": !u.Unverified,
		"created": "2020-01-01T00:00:00.000Z", "updated": "2020-01-01T00:00:00.000Z", "cidr_whitelist": nil, "fullname": "",
	})
}

// tokens lists the tokens of an account by their first characters, as npm does.
func (r *Registry) tokens(q *http.Request) outcome {
	_, u, nobody := r.account(q)
	if nobody != nil {
		return *nobody
	}
	list := []map[string]any{}
	for text, t := range r.world.Tokens {
		if t.User != u.Name || t.Dead {
			continue
		}
		key, _ := digests([]byte(text))
		list = append(list, map[string]any{
			"token": text[:6], "key": key, "cidr_whitelist": nil, "readonly": t.Kind == ReadOnly,
			"automation": t.Kind == Automation, "created": "2020-01-01T00:00:00.000Z", "updated": "2020-01-01T00:00:00.000Z",
		})
	}
	return ok(map[string]any{"objects": list, "total": len(list), "urls": map[string]any{}})
}

// owned returns the package of a request if whoever asks may change it, with the
// second factor where the account wants one.
func (r *Registry) owned(q *http.Request) (*Package, *outcome) {
	token, u, nobody := r.account(q)
	if nobody != nil {
		return nil, nobody
	}
	p := r.world.Packages[q.PathValue("name")]
	switch {
	case p == nil:
		o := notFound()
		return nil, &o
	case !slices.Contains(p.Owners, u.Name) || token.Kind == ReadOnly || token.Kind == StageOnly:
		return nil, denied(saysMayNot)
	case u.TFA == TFAWrites && !r.passes2FA(u, q.Header.Get("Npm-Otp")):
		return nil, r.challenge(u, q.Header.Get("Npm-Auth-Type") == "web")
	}
	return p, nil
}

func (r *Registry) visibility(q *http.Request) outcome {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	return ok(map[string]bool{"public": !p.Restricted})
}

func (r *Registry) access(q *http.Request) outcome {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	access := "public"
	if p.Restricted {
		access = "restricted"
	}
	return ok(map[string]any{"access": access, "publish_requires_tfa": p.RequireTFA})
}

func (r *Registry) collaborators(q *http.Request) outcome {
	if _, _, nobody := r.account(q); nobody != nil {
		return *nobody
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

// orgPackages lists what a scope holds; userPackages, what a person may write or read.
func (r *Registry) orgPackages(q *http.Request) outcome {
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

func (r *Registry) userPackages(q *http.Request) outcome {
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

func (r *Registry) packageList(q *http.Request, right func(*Package) string) outcome {
	if _, _, nobody := r.account(q); nobody != nil {
		return *nobody
	}
	list := map[string]string{}
	for name, p := range r.world.Packages {
		if has := right(p); has != "" && p.shown() {
			list[name] = has
		}
	}
	return ok(list)
}

func (r *Registry) orgUsers(q *http.Request) outcome {
	members, there := r.world.Scopes[q.PathValue("scope")]
	if !there {
		return outcome{status: http.StatusNotFound, message: "Scope not found"}
	}
	list := map[string]string{}
	for _, name := range members {
		list[name] = "developer"
	}
	return ok(list)
}
