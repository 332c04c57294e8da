//go:build unix

package npmexec

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
)

// The registry's own document is proof where it shows the version, and nothing where
// it does not: then npm is asked.
func TestDocument(t *testing.T) {
	const whole = "sha512-DvNFfO+Hkm93lAAAAAAAAAAAAAAAAAAAAAAAAAAA486bOo3In1/TQ=="
	sum := strings.Repeat("a", 40)
	full := `{"name":"@acme/widget","versions":{"1.0.0":{"gitHead":"c0ffee","dist":{"shasum":"` + sum + `","integrity":"` + whole + `"}},"1.0.0-a.b+c":{"dist":{"integrity":"` + whole + `"}}},"time":{"1.0.0":"2026-01-02T03:04:05.000Z"}}`
	for name, c := range map[string]struct {
		version, answer string
		status          int
		want            classify.RemoteVersion
	}{
		"there":              {"1.0.0", full, 200, classify.RemoteVersion{Found: classify.Yes, Shasum: sum, Integrity: whole, GitHead: "c0ffee"}},
		"integrity alone":    {"1.0.0-a.b+c", full, 200, classify.RemoteVersion{Found: classify.Yes, Integrity: whole}},
		"absent":             {"2.0.0", full, 200, classify.RemoteVersion{Found: classify.No}},
		"a stranger's 404":   {"1.0.0", `{"error":"not found"}`, 404, classify.RemoteVersion{Found: classify.No}},
		"another package":    {"1.0.0", strings.Replace(full, "@acme/widget", "other", 1), 200, classify.RemoteVersion{Found: classify.No}},
		"no document at all": {"1.0.0", "<html>", 200, classify.RemoteVersion{Found: classify.No}},
		"cut off":            {"1.0.0", full[:len(full)-9], 200, classify.RemoteVersion{Found: classify.No}},
		"moved":              {"1.0.0", full, 302, classify.RemoteVersion{Found: classify.No}},
	} {
		t.Run(name, func(t *testing.T) {
			var path string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				path = r.RequestURI
				if c.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.answer)
			}))
			defer server.Close()
			r := quiet(t, fakeNPM(t, "case $1 in view) exit 0;; config) echo '"+nothingSet+"'; exit 0;; esac; exit 1")) // npm says that it is not there
			got := r.Facts(t.Context(), server.URL+"/", "@acme/widget", c.version, []classify.Question{classify.AskThis}).RemoteVersion
			if got.Asked.IsZero() || c.want.Found == classify.Yes && got.Clock.IsZero() {
				t.Errorf("no time: %+v", got)
			}
			if name == "there" && got.At.Format("2006-01-02 15:04:05") != "2026-01-02 03:04:05" {
				t.Errorf("published %v", got.At)
			}
			got.At, got.Clock, got.Asked = c.want.At, c.want.Clock, c.want.Asked
			if got != c.want || path != "/@acme%2fwidget" {
				t.Errorf("%s: %+v, want %+v", path, got, c.want)
			}
			carried := r.VersionWith(t.Context(), server.URL+"/", "@acme/widget", npm.Contents{Shasum: sum})
			if (carried == "1.0.0") != (c.status == 200 && strings.HasPrefix(c.answer, full[:20]) && name != "cut off") {
				t.Errorf("carries %q", carried)
			}
		})
	}
}

// nothingSet is what npm config list says of the way to the registry by default.
const nothingSet = `{"proxy":null,"https-proxy":null,"local-address":null,"ca":null,"cafile":null,"cert":null,"key":null,"strict-ssl":true}`

// Behind a proxy or certificates of one's own the way is npm's business. Certificates
// matter on the way to an https registry alone.
func TestDetour(t *testing.T) {
	const plain, encrypted = "http://r.example/", "https://r.example/"
	for name, c := range map[string]struct {
		registry, from, to, env string
		want                    bool
	}{
		"nothing":                        {registry: encrypted},
		"npm does not answer":            {registry: encrypted, from: nothingSet, want: true},
		"a proxy":                        {registry: plain, from: `"proxy":null`, to: `"proxy":"http://127.0.0.1:9"`, want: true},
		"a proxy that npm does not list": {registry: plain, from: `"https-proxy":null,`, want: true},
		"no proxy in so many words":      {registry: plain, from: `"proxy":null`, to: `"proxy":false`},
		"a variable":                     {registry: plain, env: "https_proxy=http://127.0.0.1:9", want: true},
		"an address":                     {registry: plain, from: `"local-address":null`, to: `"local-address":"127.0.0.1"`, want: true},
		"a certificate":                  {registry: encrypted, from: `"cafile":null`, to: `"cafile":"/x"`, want: true},
		"any certificate":                {registry: encrypted, from: `"strict-ssl":true`, to: `"strict-ssl":false`, want: true},
		"a certificate that is not used": {registry: plain, from: `"cafile":null`, to: `"cafile":"/x"`},
	} {
		r := quiet(t, fakeNPM(t, "echo '"+strings.Replace(nothingSet, c.from, c.to, 1)+"'"))
		r.Env = append(r.Env, c.env)
		if got := (&probe{npm: r.NPM, ctx: t.Context(), registry: c.registry}).detour(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The registry is not asked past a proxy.
func TestDocumentLeavesDetoursToNPM(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	r := quiet(t, fakeNPM(t, "echo '"+strings.Replace(nothingSet, `"proxy":null`, `"proxy":"http://127.0.0.1:9"`, 1)+"'"))
	r.Facts(t.Context(), server.URL+"/", "widget", "1.0.0", []classify.Question{classify.AskThis, classify.AskLimit})
	if r.VersionWith(t.Context(), server.URL+"/", "widget", npm.Contents{Shasum: "a"}) != "" || asked {
		t.Error("the registry was asked")
	}
}
