package registry

import (
	"crypto/sha1" //nolint:gosec // npm's shasum is a sha1
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// document is the body of npm's PUT: libnpmpublish/lib/publish.js, buildMetadata.
type document struct {
	Name        string                     `json:"name"`
	Access      string                     `json:"access"`
	DistTags    map[string]string          `json:"dist-tags"`
	Versions    map[string]json.RawMessage `json:"versions"`
	Attachments map[string]struct {
		Data string `json:"data"`
	} `json:"_attachments"`
}

// attempt is one publish while it is being judged.
type attempt struct {
	world    *World
	document document
	name     string
	number   string // the version
	tag      string
	manifest json.RawMessage
	tarball  []byte
	token    *Token
	user     *User
	passed   bool // a right one-time password came along
	web      bool // the client offered to use the browser (npm-auth-type)
	staged   bool // npm stage publish: it waits for an approval, and needs no second factor
}

// outcome is how a publish is answered.
type outcome struct {
	status    int
	message   string
	header    map[string]string
	body      any    // instead of message
	raw       []byte // instead of message, of the content type kind
	kind      string
	committed bool
	reset     bool
	delay     time.Duration
}

func (r *Registry) publish(w http.ResponseWriter, q *http.Request) {
	a, bad := r.receive(q)
	if bad != nil {
		r.finish(w, q, a, *bad)
		return
	}
	r.mu.Lock()
	var answer outcome
	if a.document.Attachments == nil {
		answer = r.rewriteWith(a.document, q)
		r.mu.Unlock()
		answer.send(w)
		return
	}
	answer = r.decide(a, q)
	r.mu.Unlock()
	r.finish(w, q, a, answer)
}

// receive reads a publish. It returns an outcome where the body is none.
func (r *Registry) receive(q *http.Request) (*attempt, *outcome) {
	a := &attempt{world: &r.world, name: q.PathValue("name"), staged: q.Method == http.MethodPost}
	if err := json.NewDecoder(q.Body).Decode(&a.document); err != nil {
		return a, &outcome{status: http.StatusBadRequest, message: "Bad Request"}
	}
	// After a 409 npm 9 and older send the whole packument again with the new
	// version merged into it: only the tarball's name tells which one that is.
	for file, sent := range a.document.Attachments {
		if number, found := strings.CutSuffix(strings.TrimPrefix(file, a.name+"-"), ".tgz"); found {
			a.number, a.manifest = number, a.document.Versions[number]
			a.tarball, _ = base64.StdEncoding.DecodeString(sent.Data) // what is no base64 has another shasum
		}
	}
	for _, tag := range keys(a.document.DistTags) {
		if a.document.DistTags[tag] == a.number && a.tag != "latest" {
			a.tag = tag
		}
	}
	return a, nil
}

// decide judges a publish and stores it if nothing stands against it.
func (r *Registry) decide(a *attempt, q *http.Request) outcome {
	if f := r.nextFault(a, true); f != nil {
		return f.outcome()
	}
	r.identify(a, q)
	for _, check := range checks {
		if refusal := check(r, a); refusal != nil {
			return *refusal
		}
	}
	f := r.nextFault(a, false)
	if f != nil && !f.Store {
		return f.outcome()
	}
	a.store(f)
	answer := outcome{status: http.StatusCreated, body: map[string]any{"success": true}}
	if a.staged {
		answer.body = map[string]any{"stageId": uuid()}
	}
	if f != nil && (f.Status != 0 || f.Reset || f.Delay != 0 || f.Header != nil) {
		answer = f.outcome()
	}
	answer.committed = true
	return answer
}

// nextFault takes the fault whose turn it is, nil if none is.
func (r *Registry) nextFault(a *attempt, early bool) *Fault {
	for len(r.world.Faults) > 0 && r.world.Faults[0].Merged && len(a.document.Versions) < 2 {
		r.world.Faults = r.world.Faults[1:]
	}
	if len(r.world.Faults) == 0 {
		return nil
	}
	f := r.world.Faults[0]
	if f.Early != early || f.For != "" && f.For != a.name {
		return nil
	}
	if !f.Always {
		r.world.Faults = r.world.Faults[1:]
	}
	return &f
}

func (f *Fault) outcome() outcome {
	o := outcome{status: f.Status, message: f.Message, header: f.Header, reset: f.Reset, delay: f.Delay}
	if f.Status == 0 {
		o.status, o.body = http.StatusCreated, map[string]any{"success": true}
	}
	if f.HTML != "" {
		o.raw, o.kind = []byte(f.HTML), "text/html"
	}
	return o
}

func ok(body any) outcome { return outcome{status: http.StatusOK, body: body} }

func notFound() outcome { return outcome{status: http.StatusNotFound, message: "Not found"} }

func (a *attempt) store(f *Fault) {
	p := a.world.Packages[a.name]
	if p == nil {
		p = emptyPackage(a.name, a.user.Name)
		p.Restricted = scopeOf(a.name) != "" && a.document.Access != "public"
		a.world.Packages[a.name] = p
	}
	v := &Version{Manifest: a.manifest, Tarball: a.tarball, By: a.user.Name}
	if f != nil {
		v.Staged, v.Invisible = f.Staged, f.Invisible
	}
	if f != nil && f.Repack {
		v.Tarball = append(slices.Clone(v.Tarball), 0) // gzip takes zeros after its end for padding
	}
	v.Staged = v.Staged || a.staged
	p.put(a.number, v)
	if !a.staged {
		p.DistTags[a.tag] = a.number
	}
}

// finish writes the upload down and answers it.
func (r *Registry) finish(w http.ResponseWriter, q *http.Request, a *attempt, o outcome) {
	shasum, _ := digests(a.tarball)
	status := o.status
	if o.reset {
		status = 0
	}
	r.mu.Lock()
	r.uploads = append(r.uploads, Upload{
		Name: a.name, Version: a.number, Tag: a.tag, Access: a.document.Access,
		Shasum: shasum, Status: status, Committed: o.committed,
	})
	r.mu.Unlock()
	if c, ok := w.(*recorder); ok {
		c.committed = o.committed
	}
	pause(q, o.delay)
	o.send(w)
}

func pause(q *http.Request, d time.Duration) {
	select {
	case <-time.After(d):
	case <-q.Context().Done():
	}
}

func (o *outcome) send(w http.ResponseWriter) {
	for key, value := range o.header {
		w.Header().Set(key, value)
	}
	switch {
	case o.reset:
		cut(w)
	case o.raw != nil:
		w.Header().Set("Content-Type", o.kind)
		w.WriteHeader(o.status)
		w.Write(o.raw) //nolint:errcheck // a client that hung up needs no answer
	case o.body != nil:
		reply(w, o.status, o.body)
	default:
		refuse(w, o.status, o.message)
	}
}

// cut ends the connection with a reset. The body was read before, so that the
// client has sent everything and cannot know whether it arrived.
func cut(w http.ResponseWriter) {
	if c, ok := w.(*recorder); ok {
		c.note(0)
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(interface{ SetLinger(int) error }); ok {
		tcp.SetLinger(0) //nolint:errcheck // without it the client sees a hang-up instead
	}
	conn.Close() // there is nothing left to lose
}

func digests(tarball []byte) (shasum, integrity string) {
	one := sha1.Sum(tarball) //nolint:gosec // npm's shasum is a sha1
	big := sha512.Sum512(tarball)
	return hex.EncodeToString(one[:]), "sha512-" + base64.StdEncoding.EncodeToString(big[:])
}
