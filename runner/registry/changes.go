package registry

import (
	"encoding/json"
	"net/http"
)

func (r *Registry) distTags(q *http.Request) outcome {
	p := r.visible(q)
	if p == nil {
		return notFound()
	}
	return ok(p.tags())
}

func (r *Registry) setDistTag(q *http.Request) outcome {
	p, refusal := r.owned(q)
	if refusal != nil {
		return *refusal
	}
	var number string
	if err := json.NewDecoder(q.Body).Decode(&number); err != nil || !p.Versions[number].readable() {
		return outcome{status: http.StatusBadRequest, message: "Bad Request"}
	}
	p.DistTags[q.PathValue("tag")] = number
	return outcome{status: http.StatusCreated, body: map[string]any{"ok": "dist-tags updated"}}
}

func (r *Registry) dropDistTag(q *http.Request) outcome {
	p, refusal := r.owned(q)
	if refusal != nil {
		return *refusal
	}
	if q.PathValue("tag") == "latest" {
		return outcome{status: http.StatusBadRequest, message: `"latest" cannot be removed`}
	}
	delete(p.DistTags, q.PathValue("tag"))
	return ok(map[string]any{"ok": "dist-tags updated"})
}

func (r *Registry) setAccess(q *http.Request) outcome {
	p, refusal := r.owned(q)
	if refusal != nil {
		return *refusal
	}
	var sent struct {
		Access     string
		RequireTFA *bool `json:"publish_requires_tfa"`
	}
	if err := json.NewDecoder(q.Body).Decode(&sent); err != nil {
		return outcome{status: http.StatusBadRequest, message: "Bad Request"}
	}
	if sent.Access != "" {
		p.Restricted = sent.Access != "public"
	}
	if sent.RequireTFA != nil {
		p.RequireTFA = *sent.RequireTFA
	}
	return ok(map[string]any{})
}

// rewrite takes a packument that somebody changed: a version left out of it is
// unpublished, a deprecation written into it holds.
func (r *Registry) rewrite(q *http.Request) outcome {
	var sent document
	if err := json.NewDecoder(q.Body).Decode(&sent); err != nil {
		return outcome{status: http.StatusBadRequest, message: "Bad Request"}
	}
	return r.rewriteWith(sent, q)
}

func (r *Registry) rewriteWith(sent document, q *http.Request) outcome {
	p, refusal := r.owned(q)
	if refusal != nil {
		return *refusal
	}
	for number, v := range p.Versions {
		manifest, kept := sent.Versions[number]
		if !kept && v.readable() {
			p.Burn(number)
			continue
		}
		var says struct{ Deprecated string }
		if json.Unmarshal(manifest, &says) == nil && kept {
			v.Deprecated = says.Deprecated
		}
	}
	return ok(map[string]any{"ok": true})
}

func (r *Registry) unpublish(q *http.Request) outcome {
	p, refusal := r.owned(q)
	if refusal != nil {
		return *refusal
	}
	p.Remove()
	return ok(map[string]any{"ok": true})
}

// forgetTarball is the last step of npm unpublish; the version is gone already.
func (r *Registry) forgetTarball(q *http.Request) outcome {
	if _, refusal := r.owned(q); refusal != nil && refusal.status != http.StatusNotFound {
		return *refusal
	}
	return ok(map[string]any{"ok": true})
}
