//go:build !windows

package e2e

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"safepublish/runner/registry"
)

// stub is the embedded registry, in which the account "me" publishes: npmjs.org's
// rules, and what befalls the uploads as the test says.
type stub struct {
	*registry.Registry
	URL     string // without the slash at the end
	private bool   // packages are shown to nobody without a login
}

// answer is what one upload gets. One that is not stored is answered before
// anything is looked at.
type answer struct {
	status int
	err    string
	header http.Header
	store  bool // the upload is stored all the same, if nothing stands against it
	hide   bool // what is stored is not shown to readers
	drop   bool // the connection is cut instead of an answer
}

// upload is one upload that arrived.
type upload struct {
	name, version, tag, access, shasum, otp string
	stored                                  bool
}

func newStub(t *testing.T) *stub {
	t.Helper()
	r, err := registry.Start(registry.World{
		Users:  map[string]*registry.User{"me": {Name: "me"}},
		Tokens: map[string]*registry.Token{fakeToken: {User: "me"}},
		Scopes: map[string][]string{"me": {"me"}, "acme": {"me"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return &stub{Registry: r, URL: strings.TrimSuffix(r.URL(), "/")}
}

// holds seeds versions with contents that nobody else has, the last of which is latest.
func (s *stub) holds(name string, versions ...string) *stub {
	return s.set(func(w *registry.World) {
		seeded := registry.NewPackage(name, "me", versions...)
		p := w.Packages[name]
		if p == nil {
			p, w.Packages[name] = seeded, seeded
		}
		for number, v := range seeded.Versions {
			p.Versions[number], p.Times[number] = v, seeded.Times[number]
		}
		p.DistTags["latest"], p.Restricted = versions[len(versions)-1], s.private
	})
}

// got returns the uploads that arrived, and those of them that were stored.
func (s *stub) got() (all, stored []upload) {
	for _, u := range s.Uploads("") {
		all = append(all, upload{u.Name, u.Version, u.Tag, u.Access, u.Shasum, u.OTP, u.Committed})
	}
	return all, slices.DeleteFunc(slices.Clone(all), func(u upload) bool { return !u.stored })
}

// tagged returns where the dist-tags of a package point: "latest=1.0.0".
func (s *stub) tagged(name string) (all []string) {
	s.Change(func(w *registry.World) {
		if p := w.Packages[name]; p != nil {
			for tag, v := range p.DistTags {
				all = append(all, tag+"="+v)
			}
		}
	})
	slices.Sort(all)
	return all
}

// asked returns the requests that arrived: "GET /demo".
func (s *stub) asked() []string { return s.Log() }

// answersWith says what the next uploads get, in order.
func (s *stub) answersWith(answers ...answer) *stub {
	var faults []registry.Fault
	for _, a := range answers {
		f := registry.Fault{Early: !a.store, Store: a.store, Invisible: a.hide, Reset: a.drop, Status: a.status, Message: a.err}
		f.Header = map[string]string{}
		for key := range a.header {
			f.Header[key] = a.header.Get(key)
		}
		faults = append(faults, f)
	}
	s.Befall(faults...)
	return s
}

// wantsOTP says which one-time password uploads need, "" for none.
func (s *stub) wantsOTP(code string) *stub {
	return s.set(func(w *registry.World) {
		w.Users["me"] = &registry.User{Name: "me", OTP: code}
		if code != "" {
			w.Users["me"].TFA = registry.TFAWrites
		}
	})
}

// knowsNobody makes every token a dead one.
func (s *stub) knowsNobody() *stub {
	return s.set(func(w *registry.World) { w.Tokens = map[string]*registry.Token{} })
}

// isPrivate shows nothing to who is not logged in.
func (s *stub) isPrivate() *stub {
	s.private = true
	return s.set(func(w *registry.World) {
		for _, p := range w.Packages {
			p.Restricted = true
		}
	})
}

// showsAfter shows what is hidden once so many documents were read.
func (s *stub) showsAfter(documents int) *stub {
	var read atomic.Int64
	return s.set(func(w *registry.World) {
		w.Watch = func(moment string, q *http.Request) {
			if moment == "asked" && q.Pattern == "GET /{name}" && read.Add(1) == int64(documents) {
				s.Show()
			}
		}
	})
}

// lost accepts the next upload and loses it: its number is known, its contents are gone.
func (s *stub) lost(name, version string) *stub {
	return s.set(func(w *registry.World) {
		p := registry.NewPackage(name, "me")
		p.Times[version] = time.Now()
		w.Packages[name], w.Faults = p, []registry.Fault{{Early: true, Status: http.StatusCreated}}
	})
}

// tells has a function called when a document is asked for ("get"), and when an
// upload arrived ("put"), was judged ("stored") and answered ("answered").
func (s *stub) tells(hook func(event string)) *stub {
	events := map[string]string{
		"asked GET /{name}": "get", "asked PUT /{name}": "put", "decided PUT /{name}": "stored", "answered PUT /{name}": "answered",
	}
	var one sync.Mutex // requests come at the same time
	return s.set(func(w *registry.World) {
		w.Watch = func(moment string, q *http.Request) {
			if event := events[moment+" "+q.Pattern]; event != "" {
				one.Lock()
				defer one.Unlock()
				hook(event)
			}
		}
	})
}

func (s *stub) set(change func(*registry.World)) *stub {
	s.Change(change)
	return s
}
