package registry

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// document is the body of npm's PUT: libnpmpublish/lib/publish.js, buildMetadata.
type document struct {
	Access      string                     `json:"access"`
	DistTags    map[string]string          `json:"dist-tags"`
	Versions    map[string]json.RawMessage `json:"versions"`
	Attachments map[string]struct {
		Data string `json:"data"`
	} `json:"_attachments"`
}

// upload is one publish while it is being judged.
type upload struct {
	Upload
	manifest json.RawMessage
	tarball  []byte
	merged   bool // the whole packument with the new version in it
	staged   bool // npm stage publish: it waits for an approval, and needs no second factor

	token   *Token
	user    *User
	there   *Package // what the registry has under the name, nil for nothing
	request *http.Request
}

// publish judges an upload, stores it if nothing stands against it, and keeps what
// it was answered.
func (r *Registry) publish(q *http.Request) *reply {
	u, a := r.receive(q)
	if a == nil {
		a = r.decide(u)
	}
	u.Status = a.status
	r.uploads = append(r.uploads, u.Upload)
	return a
}

// receive reads an upload. The refusal is not nil where the body is none.
func (r *Registry) receive(q *http.Request) (*upload, *reply) {
	u := &upload{Upload: Upload{Name: q.PathValue("name"), OTP: q.Header.Get("Npm-Otp")}, staged: q.Method == http.MethodPost, request: q}
	u.token, u.user = r.bearer(q)
	u.there = r.world.Packages[u.Name]
	var sent document
	if err := json.NewDecoder(q.Body).Decode(&sent); err != nil {
		return u, badRequest()
	}
	u.Access, u.merged = sent.Access, len(sent.Versions) > 1
	// After a 409 npm 9 and older send the whole packument again with the new
	// version merged into it: only the tarball's name tells which one that is.
	for file, attached := range sent.Attachments {
		if number, found := strings.CutSuffix(strings.TrimPrefix(file, u.Name+"-"), ".tgz"); found {
			u.Version, u.manifest = number, sent.Versions[number]
			u.tarball, _ = base64.StdEncoding.DecodeString(attached.Data) // what is no base64 has another shasum
		}
	}
	u.Shasum, _ = digests(u.tarball)
	for _, tag := range keys(sent.DistTags) {
		if sent.DistTags[tag] == u.Version && u.Tag != "latest" {
			u.Tag = tag
		}
	}
	return u, nil
}

func (r *Registry) decide(u *upload) *reply {
	if f := r.world.takeFault(true); f != nil {
		return f.reply()
	}
	for _, check := range checks {
		if refusal := check(r, u); refusal != nil {
			return refusal
		}
	}
	f := r.world.takeFault(false)
	if f == nil {
		f = &Fault{Store: true}
	}
	a := f.reply()
	if f.Store {
		r.store(u, f)
	}
	if u.staged && a.status == http.StatusCreated {
		a.body = map[string]any{"stageId": "0b1d8e4c-5f6a-4b7c-8d9e-" + randomHex(6)}
	}
	return a
}

func (r *Registry) store(u *upload, f *Fault) {
	u.Committed = true
	p := u.there
	if p == nil {
		p = NewPackage(u.Name, u.user.Name)
		p.Restricted = scopeOf(u.Name) != "" && u.Access != "public"
		r.world.Packages[u.Name] = p
	}
	tarball := u.tarball
	if f.Repack {
		tarball = append(slices.Clone(tarball), 0) // gzip takes zeros after its end for padding
	}
	p.put(u.Version, &Version{
		Manifest: u.manifest, Tarball: tarball, By: u.user.Name,
		Staged: u.staged, Invisible: f.Invisible,
	})
	if !u.staged {
		p.DistTags[u.Tag] = u.Version
	}
}
