// Package registry is the whole thing without consequences: an embedded registry
// on 127.0.0.1 that refuses as npmjs.org does, a sandbox in which npm runs on a
// copy of a package and can reach nothing else, and the walls to practise on.
//
// The sentences are npmjs.org's own where public reports quote them. The order of
// its checks is not public: here it is who you are, what you may, the name, the
// version, the access, and the second factor last, so that no code is wasted.
package registry

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"
)

// Registry is a registry in memory. It is an http.Handler, and it is the proxy of
// the sandbox as well: whatever is asked of another host is answered 403 and kept
// in Escapes.
type Registry struct {
	mu       sync.Mutex
	world    World
	url      string
	log      []Request
	uploads  []Upload
	escapes  []string
	sessions map[string]*session
	passes   map[string]bool // one-time passes that the browser gave, not used yet
	mux      *http.ServeMux
	server   *http.Server
}

// Request is one request that the registry answered. It holds no secret.
type Request struct {
	Method, Path string
	Status       int
	Committed    bool // it stored a version
}

// Upload is one publish that arrived, refused or not.
type Upload struct {
	Name, Version string
	Tag, Access   string // Access is "" where npm left it to the registry
	Shasum        string // sha1 of the tarball as it arrived, 40 hex digits
	Status        int    // what it was answered; 0 for a cut connection
	Committed     bool
}

// Start serves a world on a free port of 127.0.0.1 until Close. An error means
// that no port could be had.
func Start(w World) (*Registry, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the embedded registry: %w", err)
	}
	r := &Registry{world: w, sessions: map[string]*session{}, passes: map[string]bool{}}
	r.url = "http://" + listener.Addr().String() + "/"
	r.mux = r.routes()
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go r.server.Serve(listener) //nolint:errcheck // it ends with ErrServerClosed, by Close
	return r, nil
}

// URL returns the registry's address, with the slash at the end that npm wants.
func (r *Registry) URL() string { return r.url }

// Close stops the registry and drops every connection.
func (r *Registry) Close() error { return r.server.Close() }

// Log returns the requests so far, in the order of their answers.
func (r *Registry) Log() []Request { return snapshot(r, &r.log) }

// Uploads returns the publishes of one package so far, in order; "" stands for all
// packages.
func (r *Registry) Uploads(name string) []Upload {
	var of []Upload
	for _, u := range snapshot(r, &r.uploads) {
		if name == "" || u.Name == name {
			of = append(of, u)
		}
	}
	return of
}

// Escapes returns the hosts that something tried to reach through the proxy.
func (r *Registry) Escapes() []string { return snapshot(r, &r.escapes) }

func snapshot[T any](r *Registry, list *[]T) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]T(nil), *list...)
}

// ServeHTTP answers one request.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if host := q.URL.Host; q.Method == http.MethodConnect || host != "" && "http://"+host+"/" != r.url {
		r.blockEscape(w, q)
		return
	}
	r.mux.ServeHTTP(&recorder{ResponseWriter: w, registry: r, request: q}, unslashed(q))
}

func (r *Registry) blockEscape(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	r.escapes = append(r.escapes, q.Method+" "+q.Host)
	r.mu.Unlock()
	refuse(w, http.StatusForbidden, "a rehearsal reaches no other host")
}

var openScope = regexp.MustCompile(`/(@[^/%]+)/([^/]+)`)

// unslashed turns /@scope/name into the /@scope%2fname that npm sends itself, so
// that a name is one segment of the path.
func unslashed(q *http.Request) *http.Request {
	escaped := q.URL.EscapedPath()
	path := openScope.ReplaceAllString(escaped, "/$1%2f$2")
	if path == escaped {
		return q
	}
	copied := q.Clone(q.Context())
	copied.URL.RawPath = path
	copied.URL.Path, _ = url.PathUnescape(path)
	return copied
}

// routes is the registry's table of addresses. The paths are those of the npm
// client, versions 6 to 12.
func (r *Registry) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /{name}", r.publish)
	mux.HandleFunc("POST /-/stage/package/{name}", r.publish)
	for pattern, decide := range map[string]func(*http.Request) outcome{
		"GET /{name}":                                       r.packument,
		"PUT /{name}/-rev/{rev}":                            r.rewrite,
		"DELETE /{name}/-rev/{rev}":                         r.unpublish,
		"GET /{name}/-/{file}":                              r.tarball,
		"DELETE /{name}/-/{file}/-rev/{rev}":                r.forgetTarball,
		"GET /{name}/{version}":                             r.version,
		"GET /-/ping":                                       r.ping,
		"GET /-/whoami":                                     r.whoami,
		"GET /-/npm/v1/user":                                r.profile,
		"GET /-/npm/v1/tokens":                              r.tokens,
		"GET /-/package/{name}/dist-tags":                   r.distTags,
		"PUT /-/package/{name}/dist-tags/{tag}":             r.setDistTag,
		"DELETE /-/package/{name}/dist-tags/{tag}":          r.dropDistTag,
		"GET /-/package/{name}/access":                      r.access,
		"POST /-/package/{name}/access":                     r.setAccess,
		"GET /-/package/{name}/visibility":                  r.visibility,
		"GET /-/package/{name}/collaborators":               r.collaborators,
		"GET /-/org/{scope}/package":                        r.orgPackages,
		"GET /-/org/{scope}/user":                           r.orgUsers,
		"GET /-/user/{scope}/package":                       r.userPackages,
		"GET /-/user/{couch}":                               r.couchUser,
		"PUT /-/user/{couch}":                               r.couchLogin,
		"DELETE /-/user/token/{token}":                      r.logout,
		"GET /-/ci/id-token":                                r.identity,
		"POST /-/npm/v1/oidc/token/exchange/package/{name}": r.exchange,
		"POST /-/v1/login":                                  r.webLogin,
		"GET /-/v1/done/{id}":                               r.done,
		"GET /-/approve/{id}":                               r.approve,
	} {
		mux.HandleFunc(pattern, r.guarded(decide))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not found") })
	return mux
}

// guarded decides under the lock and answers outside of it, so that a slow
// client holds nobody up.
func (r *Registry) guarded(decide func(*http.Request) outcome) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		o := decide(q)
		if r.world.Down != 0 && q.Method == http.MethodGet {
			o = outcome{status: r.world.Down, message: http.StatusText(r.world.Down)}
		}
		for key, value := range r.world.Header {
			w.Header().Set(key, value)
		}
		r.mu.Unlock()
		o.send(w)
	}
}

// recorder writes the log. It does so before the answer leaves, for whoever got
// the answer may look for it there.
type recorder struct {
	http.ResponseWriter
	registry  *Registry
	request   *http.Request
	committed bool
}

var tokenPath = regexp.MustCompile(`^(/-/user/token/).*`)

// WriteHeader logs the request with its status and passes the status on.
func (c *recorder) WriteHeader(status int) {
	c.note(status)
	c.ResponseWriter.WriteHeader(status)
}

func (c *recorder) note(status int) {
	path := tokenPath.ReplaceAllString(c.request.URL.EscapedPath(), "$1***")
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	c.registry.log = append(c.registry.log, Request{Method: c.request.Method, Path: path, Status: status, Committed: c.committed})
}

// Unwrap lets http.ResponseController reach the connection.
func (c *recorder) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func reply(w http.ResponseWriter, status int, body any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) //nolint:errcheck // a client that hung up needs no answer
}

func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]any{"success": false, "error": message})
}

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // it never fails (crypto/rand, Go 1.24)
	return hex.EncodeToString(b)
}

func uuid() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}
