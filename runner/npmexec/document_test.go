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
			r := quiet(t, fakeNPM(t, "case $1 in view) exit 0;; esac; exit 1")) // npm says that it is not there
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

// Behind a proxy or certificates of one's own the way is npm's business.
func TestDocumentLeavesDetoursToNPM(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	for _, env := range []string{"npm_config_https_proxy=http://127.0.0.1:9", "HTTPS_PROXY=http://127.0.0.1:9", "npm_config_proxy=http://127.0.0.1:9", "npm_config_local_address=127.0.0.1"} {
		r := quiet(t, fakeNPM(t, "exit 1"))
		r.Env = append(r.Env, env)
		r.Facts(t.Context(), server.URL+"/", "widget", "1.0.0", []classify.Question{classify.AskThis})
		if asked {
			t.Errorf("%s: the registry was asked past it", env)
		}
	}
}

// Certificates matter on the way to an https registry alone.
func TestDetour(t *testing.T) {
	for registry, want := range map[string]bool{"https://r.example/": true, "http://r.example/": false} {
		r := quiet(t, fakeNPM(t, "exit 1"))
		r.Env = append(r.Env, "npm_config_cafile=/x")
		if got := (&probe{npm: r.NPM, registry: registry}).detour(); got != want {
			t.Errorf("%s: %v", registry, got)
		}
	}
}
