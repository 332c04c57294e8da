package registry

import (
	"net/http"
	"strings"
)

const saysNoPublisher = "OIDC token exchange error - package not found"

// identity is what GitHub answers to a job that asks for an identity
// (ACTIONS_ID_TOKEN_REQUEST_URL); the embedded registry plays that part too.
func (r *Registry) identity(*http.Request) outcome {
	if r.world.IDToken == "" {
		return notFound()
	}
	return ok(map[string]string{"value": r.world.IDToken})
}

// exchange trades the identity of a CI job for a token: npm 11.5.1 and later,
// lib/utils/oidc.js. npm shows "message" in its debug log alone.
func (r *Registry) exchange(q *http.Request) outcome {
	sent, _ := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	switch {
	case r.world.IDToken == "" || sent != r.world.IDToken:
		return outcome{status: http.StatusUnauthorized, body: map[string]string{"message": "Invalid OIDC token"}}
	case !r.world.Publishers[q.PathValue("name")]:
		return outcome{status: http.StatusNotFound, body: map[string]string{"message": saysNoPublisher}}
	}
	text := newToken()
	r.world.Tokens[text] = &Token{User: r.world.LoginAs, Kind: Automation}
	return outcome{status: http.StatusCreated, body: map[string]string{"token": text}}
}
