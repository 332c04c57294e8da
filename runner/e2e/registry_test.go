//go:build !windows

package e2e

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// stub is a registry of a stranger's making: it knows nothing of the embedded
// one and answers each upload as the test says, in order.
type stub struct {
	*httptest.Server
	t *testing.T

	mu       sync.Mutex
	packages map[string]map[string]string // name -> version -> shasum
	tags     map[string]map[string]string
	hidden   map[string]bool     // name@version that readers are not shown
	burnt    map[string][]string // numbers that only "time" knows
	user     string              // who whoami says; "" answers 401
	answers  []answer            // to uploads, in order; afterwards they are stored
	uploads  []upload
	requests []string
	otp      string             // the one-time password that uploads need; "" for none
	private  bool               // nothing is shown without a login
	shows    int                // after so many documents were read, what is hidden shows
	paid     bool               // scoped packages are restricted unless asked for otherwise, and cost money
	hook     func(event string) // told "get", "put", "stored" and "answered" as they happen
}

// answer is what one upload gets.
type answer struct {
	status int
	err    string
	header http.Header
	store  bool // the upload is stored all the same
	hide   bool // what is stored is not shown to readers
	drop   bool // the connection is cut instead of an answer
}

// upload is one upload that arrived.
type upload struct {
	name, version, tag, access, shasum, otp string
	stored                                  bool
}

func newStub(t *testing.T) *stub {
	s := &stub{
		t: t, user: "me", packages: map[string]map[string]string{}, tags: map[string]map[string]string{},
		burnt: map[string][]string{}, hidden: map[string]bool{},
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// holds seeds a version with contents that nobody else has.
func (s *stub) holds(name string, versions ...string) *stub {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.packages[name] == nil {
		s.packages[name], s.tags[name] = map[string]string{}, map[string]string{}
	}
	for _, v := range versions {
		sum := sha1.Sum([]byte(name + "@" + v))
		s.packages[name][v] = hex.EncodeToString(sum[:])
		s.tags[name]["latest"] = v
	}
	return s
}

// got returns the uploads that arrived, and those of them that were stored.
func (s *stub) got() (all, stored []upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.uploads {
		if u.stored {
			stored = append(stored, u)
		}
	}
	return slices.Clone(s.uploads), stored
}

// tagged returns where the dist-tags of a package point: "latest=1.0.0".
func (s *stub) tagged(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for tag, v := range s.tags[name] {
		all = append(all, tag+"="+v)
	}
	slices.Sort(all)
	return all
}

// asked returns the requests that arrived: "GET /demo".
func (s *stub) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// answersWith says what the next uploads get, in order.
func (s *stub) answersWith(answers ...answer) *stub {
	return s.set(func() { s.answers = answers })
}

// wantsOTP says which one-time password uploads need, "" for none.
func (s *stub) wantsOTP(code string) *stub { return s.set(func() { s.otp = code }) }

// chargesForPrivate makes scoped packages restricted, which costs money, unless the upload
// asks for public access.
func (s *stub) chargesForPrivate() *stub { return s.set(func() { s.paid = true }) }

// knowsNobody makes every token a dead one.
func (s *stub) knowsNobody() *stub { return s.set(func() { s.user = "" }) }

// isPrivate shows nothing to who is not logged in.
func (s *stub) isPrivate() *stub { return s.set(func() { s.private = true }) }

// showsAfter shows what is hidden once so many documents were read.
func (s *stub) showsAfter(documents int) *stub { return s.set(func() { s.shows = documents }) }

// lost makes a version one whose number is known and whose contents are gone.
func (s *stub) lost(name, version string) *stub {
	return s.set(func() { s.burnt[name] = []string{version} })
}

// tells has a function called with "get", "put", "stored" and "answered" as they happen.
func (s *stub) tells(hook func(event string)) *stub { return s.set(func() { s.hook = hook }) }

// set changes the stub: requests may come at the same time.
func (s *stub) set(change func()) *stub {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	return s
}

func (s *stub) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, _ := url.PathUnescape(strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	s.requests = append(s.requests, r.Method+" /"+path)
	switch {
	case path == "-/whoami" && s.user != "":
		reply(w, 200, map[string]any{"username": s.user})
	case path == "-/whoami":
		reply(w, 401, map[string]any{"error": "Unauthorized"})
	case strings.HasPrefix(path, "-/package/") && strings.Contains(path, "/dist-tags"):
		s.distTags(w, r, path)
	case r.Method == http.MethodPut && !strings.HasPrefix(path, "-/"):
		s.put(w, r, path)
	case r.Method == http.MethodGet && len(s.answers) > 0 && s.answers[0].header.Get("Retry-After") != "":
		w.Header().Set("Retry-After", s.answers[0].header.Get("Retry-After"))
		reply(w, s.answers[0].status, map[string]any{"error": s.answers[0].err}) // readers are kept off as well
	case r.Method == http.MethodGet && s.private && r.Header.Get("Authorization") == "":
		reply(w, 404, map[string]any{"error": "Not found"})
	case r.Method == http.MethodGet && s.packages[path] != nil:
		s.event("get")
		if s.shows--; s.shows == 0 {
			s.hidden = map[string]bool{}
		}
		reply(w, 200, s.packument(path))
	default:
		reply(w, 404, map[string]any{"error": "Not found"})
	}
}

// distTags lists the dist-tags of a package, or moves one.
func (s *stub) distTags(w http.ResponseWriter, r *http.Request, path string) {
	name, tag, _ := strings.Cut(strings.TrimPrefix(path, "-/package/"), "/dist-tags")
	switch {
	case s.tags[name] == nil:
		reply(w, 404, map[string]any{"error": "Not found"})
	case r.Method == http.MethodPut && s.otp != "" && r.Header.Get("npm-otp") != s.otp:
		w.Header().Set("Www-Authenticate", "OTP")
		reply(w, 401, map[string]any{"error": "You must provide a one-time pass."})
	case r.Method == http.MethodPut:
		var version string
		_ = json.NewDecoder(r.Body).Decode(&version)
		s.tags[name][strings.TrimPrefix(tag, "/")] = version
		reply(w, 201, map[string]any{"ok": true})
	default:
		reply(w, 200, s.tags[name])
	}
}

func (s *stub) packument(name string) map[string]any {
	versions, times := map[string]any{}, map[string]string{"created": "2026-01-01T00:00:00.000Z"}
	for v, sum := range s.packages[name] {
		if s.hidden[name+"@"+v] {
			continue
		}
		dist := map[string]any{"shasum": sum, "tarball": s.URL + "/" + name + "/-/x-" + v + ".tgz"}
		versions[v] = map[string]any{"name": name, "version": v, "dist": dist}
		times[v] = "2026-01-02T00:00:00.000Z"
	}
	tags := map[string]string{}
	for tag, v := range s.tags[name] {
		for other := range versions {
			if s.hidden[name+"@"+v] {
				v = other // where it pointed before does not matter
			}
		}
		if !s.hidden[name+"@"+v] {
			tags[tag] = v
		}
	}
	for _, v := range s.burnt[name] {
		times[v] = "2026-01-03T00:00:00.000Z"
	}
	return map[string]any{
		"_id": name, "name": name, "dist-tags": tags, "versions": versions, "time": times,
		"maintainers": []map[string]string{{"name": "me", "email": "me@example.com"}},
	}
}

func (s *stub) put(w http.ResponseWriter, r *http.Request, name string) {
	u, body := readUpload(r)
	if u.version == "" {
		reply(w, 400, map[string]any{"error": "no version in the upload"})
		return
	}
	s.event("put")
	a := answer{status: 201, store: true}
	if len(s.answers) > 0 {
		a, s.answers = s.answers[0], s.answers[1:]
	} else if s.packages[name][u.version] != "" {
		a = answer{status: 403, err: "You cannot publish over the previously published versions: " + u.version + "."}
	} else if s.otp != "" && u.otp != s.otp {
		a = answer{status: 401, err: "You must provide a one-time pass.", header: http.Header{"Www-Authenticate": {"OTP"}}}
	}
	if s.paid && strings.HasPrefix(name, "@") && u.access != "public" && a.store {
		a = answer{status: 402, err: "You must sign up for private packages"}
	}
	u.stored = a.store
	s.uploads = append(s.uploads, u)
	if a.store {
		if s.packages[name] == nil {
			s.packages[name], s.tags[name] = map[string]string{}, map[string]string{}
		}
		s.packages[name][u.version] = u.shasum
		s.hidden[name+"@"+u.version] = a.hide
		s.tags[name][u.tag] = u.version
	}
	s.event("stored")
	defer s.event("answered")
	if a.drop {
		cut(w)
		return
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if a.err == "" {
		reply(w, a.status, map[string]any{"success": true, "size": len(body)})
		return
	}
	reply(w, a.status, map[string]any{"success": false, "error": a.err})
}

func (s *stub) event(what string) {
	if s.hook != nil {
		s.hook(what)
	}
}

func readUpload(r *http.Request) (upload, []byte) {
	body, _ := io.ReadAll(r.Body)
	var doc struct {
		Name        string
		Access      string
		DistTags    map[string]string                `json:"dist-tags"`
		Attachments map[string]struct{ Data string } `json:"_attachments"`
	}
	_ = json.Unmarshal(body, &doc)
	u := upload{name: doc.Name, access: doc.Access, otp: r.Header.Get("npm-otp")}
	for tag, v := range doc.DistTags {
		u.tag, u.version = tag, v
	}
	for _, a := range doc.Attachments {
		data, _ := base64.StdEncoding.DecodeString(a.Data)
		sum := sha1.Sum(data)
		u.shasum = hex.EncodeToString(sum[:])
	}
	return u, body
}

func cut(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(fmt.Sprintf("answer of the stub: %v", err))
	}
}
