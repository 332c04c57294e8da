package transcript

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func BenchmarkRedactLog(b *testing.B) {
	var lines []string
	for i := range 2000 {
		lines = append(lines, fmt.Sprintf("%d silly placeDep node_modules/foo-%d bar@1.2.%d OK for: demo@1.0.0 want: ^1.0.0", i, i, i),
			fmt.Sprintf("%d http fetch GET 200 https://registry.example/foo-%d 123ms (cache hit)", i, i))
	}
	n := len(strings.Join(lines, "\n"))
	r := NewRedactor([]string{"NPM_TOKEN=abcdefghijkl", "X_KEY=zzzzzzzzzzz"})
	b.SetBytes(int64(n))
	for b.Loop() {
		for _, l := range lines {
			r.Line(l)
		}
	}
}

func BenchmarkRedactLongLine(b *testing.B) {
	for _, unit := range []string{"x", "a b ", "://", "token=", "_key", "eyJ", "authUrl", "OTP: "} {
		b.Run(unit, func(b *testing.B) {
			s := strings.Repeat(unit, (1<<18)/len(unit))
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				(*Redactor)(nil).Line(s)
			}
		})
	}
}

// Looking for the words first finds what every shape alone finds.
func TestRequiredWordsHideNoSecret(t *testing.T) {
	unhinted := func(s string) string {
		for range 8 {
			before := s
			for _, sh := range shapes {
				s = sh.redact(s)
			}
			if s == before {
				break
			}
		}
		return s
	}
	parts := []string{
		"npm_" + strings.Repeat("A1", 18), "npms_", "ghp_" + strings.Repeat("b", 20),
		"github_pat_", "glpat-", "eyJhbGci.eyJzdWI.x", "authUrl", `"authUrl": "`, "://", "@", "user:pass",
		"//host/:_authToken=", "NPM_TOKEN=", "--otp", "--OTP=",
		"123456", "verbose cli '", "'", `"`, "Bearer ", "basic ", "One-Time Password: ", "passphrase: ", "Enter OTP: ",
		"/auth/cli/", "/login/", "x.fury.io/", "myget.org/F/auth/", " ",
		",", "=", ": ", "secret", "PaSSword", "api\u017fecret=", "to\u212aen=", "abcdefghijklmnopqrst", "\n", "é",
	}
	random := rand.New(rand.NewPCG(3, 4))
	changed := 0
	for range 60_000 {
		s := ""
		for range 1 + random.IntN(8) {
			s += parts[random.IntN(len(parts))]
		}
		got, want := (*Redactor)(nil).Line(s), unhinted(s)
		if got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
		if got != s {
			changed++
		}
	}
	if changed < 1000 {
		t.Errorf("only %d held a secret", changed)
	}
}
