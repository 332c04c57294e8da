// Package registry is a registry without consequences: it serves on 127.0.0.1 and
// refuses as npmjs.org does. Rehearsals and tests publish to it. Around it are the
// scenarios of safepublish rehearse, which are data, and the sandbox in which npm
// runs on a copy of a package and can reach nothing else.
//
// The sentences are npmjs.org's own where public reports quote them. The order of
// its checks is not public: here it is who you are, what you may, the name, the
// version, the access, and the second factor last, so that no code is wasted.
package registry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Registry is a registry in memory. It is the proxy of the sandbox as well:
// whatever is asked of another host is answered 403, and stands in the Log.
type Registry struct {
	mu      sync.Mutex
	world   World
	url     string
	log     []string
	uploads []Upload
	visits  map[string]*visit // to the browser, by the ID in their addresses
	passes  map[string]bool   // one-time passes that the browser gave, not used yet
	mux     *http.ServeMux
	server  *http.Server
}

// Upload is one publish that arrived, refused or not.
type Upload struct {
	Name, Version string
	Tag, Access   string // Access is "" where npm left it to the registry
	OTP           string // the one-time password that came with it
	Shasum        string // sha1 of the tarball as it arrived, 40 hex digits
	Status        int    // what it was answered; 0 for a cut connection
	Committed     bool
}

// Held is one version that the registry holds, shown to readers or not.
type Held struct {
	Name, Version string
	Shasum        string
	By            string // the account that published it
	Readable      bool
}

// Start serves a world on a free port of 127.0.0.1 until Close. An error means
// that no port could be had.
func Start(w World) (*Registry, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the embedded registry: %w", err)
	}
	r := &Registry{
		world: w, url: "http://" + listener.Addr().String() + "/",
		visits: map[string]*visit{}, passes: map[string]bool{},
	}
	if r.world.Tokens == nil {
		r.world.Tokens = map[string]*Token{}
	}
	if r.world.Packages == nil {
		r.world.Packages = map[string]*Package{}
	}
	r.mux = r.routes()
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go r.server.Serve(listener) //nolint:errcheck // it ends with ErrServerClosed, by Close
	return r, nil
}

// URL returns the registry's address, with the slash at the end that npm wants.
func (r *Registry) URL() string { return r.url }

// Close stops the registry and drops every connection.
func (r *Registry) Close() error { return r.server.Close() }

// Change lets change edit the world while no request is being answered.
func (r *Registry) Change(change func(*World)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.world)
}

// Befall replaces what befalls the requests from now on.
func (r *Registry) Befall(faults ...Fault) { r.Change(func(w *World) { w.Faults = faults }) }

// Show lets readers see what was Invisible, as a registry does when its copies
// have caught up.
func (r *Registry) Show() { r.Change((*World).show) }

// Log returns the requests so far, in the order of their answers: "GET /demo", and
// "CONNECT example.com:443" of what something tried to reach through the proxy.
func (r *Registry) Log() []string { return snapshot(r, &r.log) }

// Uploads returns the publishes of one package so far, in order; "" stands for all
// packages.
func (r *Registry) Uploads(name string) []Upload {
	return slices.DeleteFunc(snapshot(r, &r.uploads), func(u Upload) bool { return name != "" && u.Name != name })
}

func snapshot[T any](r *Registry, list *[]T) []T {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(*list)
}

// Holds returns everything that the registry holds, by name and version.
func (r *Registry) Holds() []Held {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Held
	for _, name := range keys(r.world.Packages) {
		p := r.world.Packages[name]
		for _, number := range keys(p.Versions) {
			v := p.Versions[number]
			all = append(all, Held{name, number, v.Shasum, v.By, v.readable()})
		}
	}
	return all
}

// handler decides how a request is answered. It runs under the registry's lock.
type handler = func(*http.Request) *reply

// routes is the registry's table of addresses. The paths are those of the npm
// client, versions 6 to 12.
func (r *Registry) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, decide := range map[string]handler{
		"PUT /{name}":                           r.publish,
		"POST /-/stage/package/{name}":          r.publish,
		"GET /{name}":                           r.ofPackage(r.packument),
		"GET /{name}/-/{file}":                  r.ofPackage(r.tarball),
		"GET /-/ping":                           func(*http.Request) *reply { return ok(map[string]any{}) },
		"GET /-/whoami":                         r.loggedIn(r.whoami),
		"GET /-/npm/v1/user":                    r.loggedIn(r.profile),
		"GET /-/package/{name}/dist-tags":       r.ofPackage(r.distTags),
		"PUT /-/package/{name}/dist-tags/{tag}": r.loggedIn(r.setDistTag),
		"GET /-/package/{name}/collaborators":   r.loggedIn(r.collaborators),
		"GET /-/org/{scope}/package":            r.loggedIn(r.packagesOf),
		"GET /-/org/{scope}/user":               r.members,
		"GET /-/user/{scope}/package":           r.loggedIn(r.packagesOf),
		"PUT /-/user/{couch}":                   r.passwordLogin,
		"POST /-/v1/login":                      r.webLogin,
		"GET /-/v1/done/{id}":                   r.done,
		"GET /-/approve/{id}":                   r.approve,
		"/":                                     func(*http.Request) *reply { return notFound() },
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) { r.answer(w, q, decide) })
	}
	return mux
}

// ServeHTTP answers one request.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if host := q.URL.Host; q.Method == http.MethodConnect || host != "" && "http://"+host+"/" != r.url {
		r.mu.Lock()
		r.log = append(r.log, q.Method+" "+q.Host)
		r.mu.Unlock()
		refused(http.StatusForbidden, "a rehearsal reaches no other host").send(w)
		return
	}
	r.mux.ServeHTTP(w, q)
}

// answer reads a request, decides under the lock, and answers outside of it, so
// that a slow client holds nobody up. The log is written before the answer leaves:
// whoever got the answer may look for it there.
func (r *Registry) answer(w http.ResponseWriter, q *http.Request, decide handler) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return // the client is gone
	}
	q.Body = io.NopCloser(bytes.NewReader(body))
	r.tell("asked", q)
	r.mu.Lock()
	a := decide(q)
	if f := r.world.faultAt(q); f != nil {
		a = f.reply()
	}
	if q.Method == http.MethodGet {
		for key, value := range r.world.Header {
			w.Header().Set(key, value)
		}
	}
	r.log = append(r.log, q.Method+" "+q.URL.EscapedPath())
	r.mu.Unlock()
	r.tell("decided", q)
	a.send(w)
	r.tell("answered", q)
}

func (r *Registry) tell(moment string, q *http.Request) {
	r.mu.Lock()
	watch := r.world.Watch
	r.mu.Unlock()
	if watch != nil {
		watch(moment, q)
	}
}

// reply is how a request is answered.
type reply struct {
	status int // 0: the connection is cut instead
	header map[string]string
	body   any // []byte as it is, anything else as JSON
}

func ok(body any) *reply { return &reply{status: http.StatusOK, body: body} }

// refused has the body of npmjs.org's refusals; npm shows "error" of it.
func refused(status int, words string) *reply {
	return &reply{status: status, body: map[string]any{"success": false, "error": words}}
}

func notFound() *reply { return refused(http.StatusNotFound, "Not found") }

func badRequest() *reply { return refused(http.StatusBadRequest, "Bad Request") }

func denied(words string) *reply { return refused(http.StatusForbidden, words) }

func (a *reply) send(w http.ResponseWriter) {
	if a.status == 0 {
		cut(w)
		return
	}
	text, whole := a.body.([]byte)
	if !whole {
		text, _ = json.Marshal(a.body) // what is answered here is maps of words and numbers
	}
	w.Header().Set("Content-Type", "application/json")
	if bytes.HasPrefix(text, []byte("<")) {
		w.Header().Set("Content-Type", "text/html")
	}
	for key, value := range a.header {
		w.Header().Set(key, value)
	}
	w.WriteHeader(a.status)
	w.Write(text) //nolint:errcheck // a client that hung up needs no answer
}

// cut ends the connection with a reset. The request was read before, so that the
// client has sent everything and cannot know whether it arrived.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // without it the client sees a hang-up instead
	}
	conn.Close() // there is nothing left to lose
}

func keys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
