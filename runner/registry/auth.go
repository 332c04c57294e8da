package registry

import (
	"encoding/json"
	"net/http"
	"strings"
)

// session is one visit to the browser: a login, or a second factor.
type session struct {
	user     string
	login    bool
	polls    int
	approved bool
}

// identify finds out who sends a request and whether a right second factor came.
func (r *Registry) identify(a *attempt, q *http.Request) {
	a.token, a.user = r.bearer(q)
	a.web = q.Header.Get("Npm-Auth-Type") == "web"
	a.passed = r.passes2FA(a.user, q.Header.Get("Npm-Otp"))
}

// bearer returns the token of a request and its account, nil where there is none.
func (r *Registry) bearer(q *http.Request) (*Token, *User) {
	text, ok := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil, nil
	}
	token := r.world.Tokens[text]
	if token == nil {
		return &Token{Dead: true}, nil
	}
	return token, r.world.Users[token.User]
}

func (r *Registry) passes2FA(u *User, code string) bool {
	if u == nil || code == "" {
		return false
	}
	if r.passes[code] {
		delete(r.passes, code)
		return true
	}
	return !u.Browser && code == u.OTP
}

// challenge asks for the second factor: a code, or the browser where the account
// has a security key and the client can use one.
func (r *Registry) challenge(u *User, web bool) *outcome {
	o := &outcome{status: http.StatusUnauthorized, message: saysOTP, header: map[string]string{"WWW-Authenticate": "OTP"}}
	if u.Browser && web {
		id := r.open(u.Name, false)
		o.body = map[string]string{"error": saysOTP, "authUrl": r.url + "-/approve/" + id, "doneUrl": r.url + "-/v1/done/" + id}
	}
	return o
}

func (r *Registry) open(user string, login bool) string {
	id := randomHex(12)
	r.sessions[id] = &session{user: user, login: login}
	return id
}

// webLogin is POST /-/v1/login: npm-profile/lib/index.js, webAuth.
func (r *Registry) webLogin(*http.Request) outcome {
	id := r.open(r.world.LoginAs, true)
	return ok(map[string]string{"loginUrl": r.url + "-/approve/" + id, "doneUrl": r.url + "-/v1/done/" + id})
}

// approve is the page that the person opens in a browser.
func (r *Registry) approve(q *http.Request) outcome {
	s := r.sessions[q.PathValue("id")]
	if s == nil {
		return notFound()
	}
	s.approved = true
	return outcome{status: http.StatusOK, kind: "text/plain; charset=utf-8", raw: []byte(
		"Approved. This was the embedded registry of a rehearsal; go back to the terminal.\n")}
}

// done is what npm polls: 202 with Retry-After until the person has approved.
func (r *Registry) done(q *http.Request) outcome {
	id := q.PathValue("id")
	s := r.sessions[id]
	if s == nil {
		return notFound()
	}
	s.polls++
	if auto := r.world.AutoApprove; !s.approved && (auto == 0 || s.polls <= auto) {
		return outcome{status: http.StatusAccepted, body: map[string]any{}, header: map[string]string{"Retry-After": "1"}}
	}
	delete(r.sessions, id)
	if s.login {
		return ok(map[string]string{"token": r.grant(s.user)})
	}
	pass := randomHex(16)
	r.passes[pass] = true
	return ok(map[string]string{"token": pass})
}

// grant makes a session token, as a login does.
func (r *Registry) grant(user string) string {
	text := newToken()
	r.world.Tokens[text] = &Token{User: user}
	return text
}

// newToken returns a token in npm's own form, so that npm redacts it as one.
func newToken() string { return "npm_rehearsal" + randomHex(14)[:27] }

const couchPrefix = "org.couchdb.user:"

// couchLogin is the login with user name and password: npm-profile, loginCouch.
func (r *Registry) couchLogin(q *http.Request) outcome {
	var sent struct{ Name, Password string }
	if err := json.NewDecoder(q.Body).Decode(&sent); err != nil {
		return outcome{status: http.StatusBadRequest, message: "Bad Request"}
	}
	u := r.world.Users[sent.Name]
	switch {
	case u == nil:
		return outcome{status: http.StatusBadRequest, message: "no such user"}
	case u.Password == "" || u.Password != sent.Password:
		return outcome{status: http.StatusUnauthorized, message: "Incorrect or missing password."}
	case u.TFA != NoTFA && !r.passes2FA(u, q.Header.Get("Npm-Otp")):
		return *r.challenge(u, q.Header.Get("Npm-Auth-Type") == "web")
	}
	return outcome{status: http.StatusCreated, body: map[string]any{
		"ok": true, "id": couchPrefix + u.Name, "rev": "1-0", "token": r.grant(u.Name),
	}}
}

func (r *Registry) couchUser(q *http.Request) outcome {
	name := strings.TrimPrefix(q.PathValue("couch"), couchPrefix)
	if r.world.Users[name] == nil {
		return outcome{status: http.StatusNotFound, message: "User not found"}
	}
	return ok(map[string]any{"_id": couchPrefix + name, "name": name, "email": name + "@example.com", "type": "user"})
}

func (r *Registry) logout(q *http.Request) outcome {
	delete(r.world.Tokens, q.PathValue("token"))
	return ok(map[string]any{"ok": true})
}
