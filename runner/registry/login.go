package registry

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
)

// visit is one visit to the browser: a login, or a second factor.
type visit struct {
	user string // who logs in, "" for a second factor
	left int    // polls until it approves itself; never where it is negative
}

// bearer returns the token of a request and its account, nil where there is none.
func (r *Registry) bearer(q *http.Request) (*Token, *User) {
	text, sent := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	if !sent {
		return nil, nil
	}
	token := r.world.Tokens[text]
	if token == nil {
		return &Token{DeadAs: http.StatusNotFound}, nil
	}
	return token, r.world.Users[token.User]
}

// loggedIn answers only an account that the registry knows.
func (r *Registry) loggedIn(answer func(*http.Request, *Token, *User) *reply) handler {
	return func(q *http.Request) *reply {
		token, u := r.bearer(q)
		switch {
		case r.world.Mute:
			return refused(http.StatusNotImplemented, "Not implemented")
		case r.world.Mirror:
			return notFound()
		case u == nil || token.DeadAs != 0:
			return unauthorized()
		}
		return answer(q, token, u)
	}
}

func unauthorized() *reply { return refused(http.StatusUnauthorized, "Unauthorized") }

func (r *Registry) whoami(_ *http.Request, _ *Token, u *User) *reply {
	return ok(map[string]string{"username": u.Name})
}

// profile answers npm profile get.
func (r *Registry) profile(_ *http.Request, token *Token, u *User) *reply {
	if token.Packages != nil {
		return denied(saysMayNot)
	}
	tfa := map[TFA]any{
		TFALogin:  map[string]any{"pending": false, "mode": "auth-only"},
		TFAWrites: map[string]any{"pending": false, "mode": "auth-and-writes"},
		NoTFA:     false,
	}
	return ok(map[string]any{
		"tfa": tfa[u.TFA], "name": u.Name, "email": u.Name + "@example.com", "email_verified": !u.Unverified,
		"created": created, "updated": created, "cidr_whitelist": nil, "fullname": "",
	})
}

// passes2FA tells whether a code is the account's, or a pass that the browser gave;
// such a pass counts once.
func (r *Registry) passes2FA(u *User, code string) bool {
	if r.passes[code] {
		delete(r.passes, code)
		return true
	}
	return code != "" && !u.Browser && code == u.OTP
}

// challenge asks for the second factor: a code, or the browser where the account
// has a security key and the client can use one.
func (r *Registry) challenge(u *User, q *http.Request) *reply {
	a := refused(http.StatusUnauthorized, saysOTP)
	a.header = map[string]string{"WWW-Authenticate": "OTP"}
	if len(u.Told) > 0 && !u.Browser {
		a.header["Npm-Notice"] = u.Told[0]
		u.Told = u.Told[min(1, len(u.Told)-1):]
	}
	if u.Browser && q.Header.Get("Npm-Auth-Type") == "web" {
		page, done := r.visit("")
		a.body = map[string]string{"error": saysOTP, "authUrl": page, "doneUrl": done}
	}
	return a
}

// visit opens a visit to the browser, and returns its page and what npm polls.
func (r *Registry) visit(user string) (page, done string) {
	id := randomHex(12)
	r.visits[id] = &visit{user, cmp.Or(r.world.AutoApprove, -1)}
	return r.url + "-/approve/" + id, r.url + "-/v1/done/" + id
}

// webLogin is POST /-/v1/login: npm-profile/lib/index.js, webAuth.
func (r *Registry) webLogin(*http.Request) *reply {
	page, done := r.visit(r.world.LoginAs)
	return ok(map[string]string{"loginUrl": page, "doneUrl": done})
}

// approve is the page that the person opens in a browser.
func (r *Registry) approve(q *http.Request) *reply {
	v := r.visits[q.PathValue("id")]
	if v == nil {
		return notFound()
	}
	v.left = 0
	page := []byte("Approved. This was the embedded registry of a rehearsal; go back to the terminal.\n")
	return &reply{status: http.StatusOK, body: page, header: map[string]string{"Content-Type": "text/plain; charset=utf-8"}}
}

// done is what npm polls: 202 with Retry-After until the person has approved.
func (r *Registry) done(q *http.Request) *reply {
	id := q.PathValue("id")
	v := r.visits[id]
	if v == nil {
		return notFound()
	}
	if v.left != 0 {
		v.left--
		return &reply{status: http.StatusAccepted, body: map[string]any{}, header: map[string]string{"Retry-After": "1"}}
	}
	delete(r.visits, id)
	if v.user != "" {
		return ok(map[string]string{"token": r.grant(Token{User: v.user})})
	}
	pass := randomHex(16)
	r.passes[pass] = true
	return ok(map[string]string{"token": pass})
}

// grant makes a token of npm's own form, so that npm redacts it as one.
func (r *Registry) grant(t Token) string {
	text := "npm_rehearsal" + randomHex(14)[:27]
	r.world.Tokens[text] = &t
	return text
}

// passwordLogin is the login with user name and password of npm 8 and older
// (npm-profile, loginCouch). Whatever is typed is right: it is a rehearsal.
func (r *Registry) passwordLogin(q *http.Request) *reply {
	u := r.world.Users[r.world.LoginAs]
	if u == nil {
		return badRequest()
	}
	return &reply{status: http.StatusCreated, body: map[string]any{
		"ok": true, "id": q.PathValue("couch"), "rev": "1-0", "token": r.grant(Token{User: u.Name}),
	}}
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // it never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(b)
}
