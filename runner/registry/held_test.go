package registry

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// put sends what npm publish would and returns the status.
func put(t *testing.T, url, name, version string) int {
	t.Helper()
	tarball := base64.StdEncoding.EncodeToString([]byte("sent"))
	body, err := json.Marshal(map[string]any{
		"name": name, "dist-tags": map[string]string{"latest": version},
		"versions":     map[string]any{version: map[string]string{"name": name, "version": version}},
		"_attachments": map[string]any{name + "-" + version + ".tgz": map[string]string{"data": tarball}},
	})
	if err != nil {
		t.Fatal(err)
	}
	q, _ := http.NewRequest(http.MethodPut, url+name, strings.NewReader(string(body)))
	q.Header.Set("Authorization", "Bearer t")
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0
	}
	defer r.Body.Close()
	return r.StatusCode
}

// What befalls the uploads can be changed while the registry serves, and what it
// holds is told whether it is shown or not.
func TestWhatIsHeldIsTold(t *testing.T) {
	r, err := Start(World{
		Users: map[string]*User{"sam": {Name: "sam", TFA: TFALogin}}, Tokens: map[string]*Token{"t": {User: "sam"}},
		Packages: map[string]*Package{}, Header: map[string]string{"Npm-Notice": "read me"},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	notice := map[string]string{"Npm-Notice": "x"}
	sent, _ := digests([]byte("sent"))
	steps := []struct {
		fault          Fault
		version        string
		status         int
		held, readable bool
		sameSum        bool
	}{
		{fault: Fault{Store: true, Invisible: true, Status: 502}, version: "1.0.0", status: 502, held: true, sameSum: true},
		{fault: Fault{Store: true, Repack: true, Status: 404}, version: "1.0.1", status: 404, held: true, readable: true},
		{fault: Fault{Early: true, Status: 403}, version: "1.0.2", status: 403},
		{fault: Fault{Store: true, Reset: true}, version: "1.0.3", held: true, readable: true, sameSum: true},
		{fault: Fault{Store: true, Header: notice}, version: "1.0.4", status: 201, held: true, readable: true, sameSum: true},
	}
	for _, s := range steps {
		r.Befall(s.fault)
		if got := put(t, r.URL(), "demo", s.version); got != s.status {
			t.Errorf("%s: status %d", s.version, got)
		}
		h, held := holds(r, s.version)
		if held != s.held || h.Readable != s.readable || (h.Shasum == sent) != s.sameSum {
			t.Errorf("%s: %v, %+v", s.version, held, h)
		}
		if held && h.By != "sam" {
			t.Errorf("%s: %v, %+v", s.version, held, h)
		}
		versions, _ := get(t, r.URL()+"demo", "")["versions"].(map[string]any)
		if read := versions[s.version] != nil; read != s.readable {
			t.Errorf("%s: shown %v", s.version, read)
		}
	}
	r.Change(func(w *World) { w.Faults = []Fault{{At: "GET", Status: http.StatusServiceUnavailable}} })
	if status, _, _ := fetch(t, r.URL()+"demo"); status != http.StatusServiceUnavailable {
		t.Errorf("down: status %d", status)
	}
	r.Befall()
	r.Show()
	if h, _ := holds(r, "1.0.0"); !h.Readable {
		t.Errorf("it is not shown: %+v", h)
	}
	if all := r.Uploads(""); len(all) != len(steps) || fmt.Sprint(all) != fmt.Sprint(r.Uploads("demo")) {
		t.Errorf("uploads %+v", all)
	}
	answer, err := http.Get(r.URL() + "demo")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.Header.Get("Npm-Notice") != "read me" || answer.Header.Get("Date") == "" {
		t.Errorf("header %v", answer.Header)
	}
}

func holds(r *Registry, version string) (Held, bool) {
	for _, h := range r.Holds() {
		if h.Version == version {
			return h, true
		}
	}
	return Held{}, false
}
