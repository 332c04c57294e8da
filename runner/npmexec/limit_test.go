//go:build unix

package npmexec

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"safepublish/classify"
)

// npm hides how long a 429 asks to wait; one plain request finds it out, without a
// login, and through no proxy but npm's own.
func TestLimitIsAsked(t *testing.T) {
	var asked []*http.Request
	status := http.StatusTooManyRequests
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q)
		w.Header().Set("Retry-After", "1934")
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	r := withRealNPM(t, map[string]string{".npmrc": "//" + server.Listener.Addr().String() + "/:_authToken=" + fake + "\n"})
	ask := func() classify.Answers {
		return r.Facts(t.Context(), server.URL+"/", "@acme/widget", "1.0.0", []classify.Question{classify.AskLimit})
	}
	if f := ask(); f.RetryAfter != 1934*time.Second || len(f.Asked) != 1 {
		t.Errorf("%+v", f)
	}
	if len(asked) != 1 || asked[0].URL.EscapedPath() != "/@acme%2fwidget" || asked[0].Header.Get("Authorization") != "" {
		t.Errorf("%+v", asked)
	}
	if status = http.StatusOK; ask().RetryAfter != 0 {
		t.Error("a registry that answers is not limited")
	}
	r.Env = append(r.Env, "HTTPS_PROXY="+server.URL)
	if n := len(asked); ask().RetryAfter != 0 || len(asked) != n {
		t.Error("asked past the proxy")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 500, time.UTC)
	for header, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "0": 0, "90": 90 * time.Second,
		"Tue, 24 Nov 2026 12:01:30 GMT": 90 * time.Second, "Tue, 24 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(header, now); got != want {
			t.Errorf("%q: %v, want %v", header, got, want)
		}
	}
}
