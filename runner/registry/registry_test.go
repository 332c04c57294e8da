package registry

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// quiet is a scenario without a wall: the package is there in an older version.
var quiet = Scenario{ID: "quiet"}

// guarded is the same with a second factor on every publish.
func guardedBy(browser bool) Scenario {
	return Scenario{ID: "guarded", Account: User{TFA: TFAWrites, Browser: browser}}
}

func TestPublishAndReadBack(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: quiet})
	r := publish(t, s)
	if r.exit != 0 || r.stdout != "+ rehearsal-demo@1.0.0\n" {
		t.Fatalf("%+v", r)
	}
	uploads := s.Registry.Uploads("rehearsal-demo")
	if len(uploads) != 1 || !uploads[0].Committed || uploads[0].Status != 201 || uploads[0].Tag != "latest" {
		t.Fatalf("uploads: %+v", uploads)
	}
	mustContain(t, "npm's notice", r.stderr, uploads[0].Shasum)
	mustContain(t, "npm view", runNPM(t, s, "view", "rehearsal-demo", "--json").stdout,
		`"latest": "1.0.0"`, `"0.0.0"`, uploads[0].Shasum, "sam <sam@example.com>")
	mustContain(t, "npm view of one version", runNPM(t, s, "view", "rehearsal-demo@1.0.0", "dist.shasum").stdout, uploads[0].Shasum)
	if r := runNPM(t, s, "pack", "rehearsal-demo@1.0.0"); r.exit != 0 {
		t.Errorf("npm pack did not get the tarball back: %+v", r)
	}
	if r := publish(t, s); r.exit == 0 {
		t.Error("the same version was published twice")
	}
}

func TestPackument(t *testing.T) {
	s := open(t, Options{Scenario: quiet})
	doc := get(t, s.Registry.URL()+"rehearsal-demo", "application/json")
	for _, key := range []string{"versions", "dist-tags", "time", "maintainers"} {
		if doc[key] == nil {
			t.Errorf("no %s: %v", key, doc)
		}
	}
	if none := get(t, s.Registry.URL()+"nobody-has-this", ""); none["error"] != "Not found" {
		t.Errorf("no package: %v", none)
	}
}

func get(t *testing.T, url, accept string) map[string]any {
	t.Helper()
	q, _ := http.NewRequest(http.MethodGet, url, nil)
	q.Header.Set("Accept", accept)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body := map[string]any{}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return body
}

func TestCommandsOfNPM(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: Scenario{Shape: Shape{Scope: Scoped}, Package: Seed{Readers: []string{another}}}})
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"ping", "--json"}, []string{`"registry"`}},
		{[]string{"whoami"}, []string{"sam\n"}},
		{[]string{"dist-tag", "add", "@acme/rehearsal-demo@0.0.0", "beta"}, []string{"+beta: @acme/rehearsal-demo@0.0.0"}},
		{[]string{"dist-tag", "ls", "@acme/rehearsal-demo"}, []string{"beta: 0.0.0", "latest: 0.0.0"}},
		{[]string{"access", "list", "collaborators", "@acme/rehearsal-demo"}, []string{"sam: read-write", "alice: read-only"}},
		{[]string{"access", "list", "packages", "@acme"}, []string{"@acme/rehearsal-demo: read-write"}},
		{[]string{"access", "list", "packages"}, []string{"@acme/rehearsal-demo: read-write"}},
		{[]string{"access", "list", "packages", "alice"}, []string{"@acme/rehearsal-demo: read-only"}},
		{[]string{"owner", "ls", "@acme/rehearsal-demo"}, []string{"sam <sam@example.com>"}},
		{[]string{"profile", "get", "--json"}, []string{`"name": "sam"`, `"mode": "auth-only"`}},
		{[]string{"org", "ls", "acme"}, []string{"sam - developer"}},
	} {
		r := runNPM(t, s, c.args...)
		if r.exit != 0 {
			t.Errorf("npm %v: %s", c.args, r.stderr)
		}
		mustContain(t, "npm "+strings.Join(c.args, " "), r.stdout, c.want...)
	}
}

func TestRemovedPackageIsToldAsUnpublished(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: scenario(t, "republish-too-soon")})
	mustContain(t, "npm view", runNPM(t, s, "view", "rehearsal-demo").stderr, "E404", "Unpublished")
}

func TestOTPByCode(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: scenario(t, "otp-wrong")})
	for _, step := range []struct {
		otp  string
		exit int
		says string
	}{
		{"", 1, "notice type " + wrong + " first"},
		{scenario(t, "otp-wrong").answers(s.OTP)[1], 1, "notice the one-time password of this rehearsal is " + s.OTP},
		{"", 1, "code EOTP"},
		{s.OTP, 0, ""},
	} {
		r := npmWith(t, s, []string{"npm_config_otp=" + step.otp}, "", "publish")
		if r.exit != step.exit {
			t.Errorf("otp %q: exit %d: %s", step.otp, r.exit, r.stderr)
		}
		mustContain(t, "stderr", r.stderr, step.says)
	}
}

// npm sends the request again with what doneUrl gave it; off a terminal it does
// not, so that the test goes the browser's way itself.
func TestOTPByBrowser(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: guardedBy(true)})
	s.Registry.Change(func(w *World) { w.AutoApprove = 0 })
	r := runNPM(t, s, "publish", "--json")
	var said struct {
		Error struct{ Code, AuthURL, DoneURL string }
	}
	if err := json.Unmarshal([]byte(r.stdout), &said); err != nil || said.Error.Code != "EOTP" {
		t.Fatalf("%v: %s", err, r.stdout)
	}
	if status, after, _ := fetch(t, said.Error.DoneURL); status != 202 || after == "" {
		t.Errorf("before the visit: %d, Retry-After %q", status, after)
	}
	if status, _, page := fetch(t, said.Error.AuthURL); status != 200 || !strings.Contains(page, "Approved") {
		t.Errorf("the page: %d %s", status, page)
	}
	status, _, body := fetch(t, said.Error.DoneURL)
	var pass struct{ Token string }
	if err := json.Unmarshal([]byte(body), &pass); err != nil || status != 200 || pass.Token == "" {
		t.Fatalf("after the visit: %d %s", status, body)
	}
	if r := npmWith(t, s, []string{"npm_config_otp=" + pass.Token}, "", "publish"); r.exit != 0 {
		t.Errorf("the pass of the browser was refused: %s", r.stderr)
	}
	if status, _, _ := fetch(t, said.Error.DoneURL); status != 404 {
		t.Errorf("the same visit gave a second pass: %d", status)
	}
}

func fetch(t *testing.T, url string) (status int, retryAfter, body string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, r.Header.Get("Retry-After"), string(text)
}

// whoami asks as npm whoami does, with the token that npm would take, "" for nobody.
func whoami(t *testing.T, s *Sandbox) string {
	t.Helper()
	rc, err := os.ReadFile(s.userconfig())
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(rc), ":_authToken=")
	token, _, _ := strings.Cut(after, "\n")
	q, _ := http.NewRequest(http.MethodGet, s.Registry.URL()+"-/whoami", nil)
	q.Header.Set("Authorization", "Bearer "+token)
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var said struct{ Username string }
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	return said.Username
}

func TestLoginByBrowser(t *testing.T) {
	for _, id := range []string{"not-logged-in", "token-invalid", "token-invalid-404"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: scenario(t, id)})
			if who := whoami(t, s); who != "" {
				t.Errorf("before the login: %s", who)
			}
			if r := runNPM(t, s, "login", "--registry="+s.Registry.URL()); r.exit != 0 {
				t.Fatal(r.stderr)
			}
			if who := whoami(t, s); who != "sam" {
				t.Errorf("after it: %s", who)
			}
			if r := publish(t, s); r.exit != 0 {
				t.Errorf("publish: %s", r.stderr)
			}
		})
	}
}

func TestLoginByPassword(t *testing.T) {
	s := open(t, Options{Scenario: scenario(t, "not-logged-in")})
	q, _ := http.NewRequest(http.MethodPut, s.Registry.URL()+"-/user/org.couchdb.user:me", strings.NewReader(`{"name":"me","password":"x"}`))
	r, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var granted struct{ Token string }
	if err := json.NewDecoder(r.Body).Decode(&granted); err != nil || r.StatusCode != http.StatusCreated {
		t.Fatalf("%d: %v", r.StatusCode, err)
	}
	q, _ = http.NewRequest(http.MethodGet, s.Registry.URL()+"-/whoami", nil)
	q.Header.Set("Authorization", "Bearer "+granted.Token)
	if r, err = http.DefaultClient.Do(q); err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		t.Errorf("whoami with the token that was granted: %d", r.StatusCode)
	}
}

func TestTokens(t *testing.T) {
	for name, c := range map[string]struct {
		token Token
		exit  int
		says  string
	}{
		"automation":           {Token{Kind: Automation}, 0, ""},
		"granular for another": {Token{Packages: []string{"other"}}, 1, "You do not have permission to publish"},
		"read-only":            {Token{Kind: ReadOnly}, 1, "You may not perform that action with these credentials."},
		"session":              {Token{}, 1, "code EOTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: Scenario{Account: User{TFA: TFAWrites}, Token: c.token}})
			r := publish(t, s)
			if r.exit != c.exit {
				t.Errorf("exit %d: %s", r.exit, r.stderr)
			}
			mustContain(t, "stderr", r.stderr, c.says)
			if who := whoami(t, s); who != "sam" {
				t.Errorf("whoami: %q", who)
			}
		})
	}
}

func TestFirstPublishOfAScopeIsRestrictedByDefault(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: scenario(t, "payment-required")})
	mustContain(t, "stderr", publish(t, s).stderr, "E402")
	if r := publish(t, s, "--access", "public"); r.exit != 0 {
		t.Fatal(r.stderr)
	}
	if stranger := get(t, s.Registry.URL()+url.PathEscape(s.Name), ""); stranger["name"] != s.Name {
		t.Errorf("it is not public: %v", stranger)
	}
}

func TestFaultsEndAndPublishWorksAgain(t *testing.T) {
	for _, id := range []string{"rate-limited", "registry-error", "network", "publish-race"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: scenario(t, id)})
			publish(t, s)
			if r := publish(t, s); r.exit != 0 {
				t.Errorf("the second publish failed: %s", r.stderr)
			}
		})
	}
}

func TestLostAnswers(t *testing.T) {
	for id, seen := range map[string]bool{"already-published": true, "already-published-reset": true, "registry-error-stored": false} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := open(t, Options{Scenario: scenario(t, id)})
			r := publish(t, s)
			uploads := s.Registry.Uploads(s.Name)
			if r.exit == 0 || !uploads[0].Committed || uploads[1].Committed {
				t.Errorf("exit %d, uploads %+v", r.exit, uploads)
			}
			if r := runNPM(t, s, "view", s.Name+"@"+s.Version, "dist.shasum"); (strings.TrimSpace(r.stdout) == uploads[0].Shasum) != seen {
				t.Errorf("npm view: %q, stored %s", r.stdout, uploads[0].Shasum)
			}
		})
	}
}

func TestProxyLetsNothingOut(t *testing.T) {
	t.Parallel()
	d := newDecoy(t)
	s := open(t, Options{Scenario: quiet})
	r := runNPM(t, s, "view", "lodash", "--registry=http://registry.example/")
	mustContain(t, "stderr", r.stderr, "E403")
	if r := runNPM(t, s, "view", "lodash", "--registry=https://registry.example/"); r.exit == 0 {
		t.Error("an https registry was reached")
	}
	tried := escapes(s.Registry)
	if !slices.ContainsFunc(tried, func(e string) bool { return strings.HasPrefix(e, "CONNECT registry.example") }) ||
		!slices.ContainsFunc(tried, func(e string) bool { return strings.HasPrefix(e, "GET registry.example") }) {
		t.Errorf("escapes: %v", tried)
	}
	if asked := d.asked(); asked != nil {
		t.Errorf("the decoy was asked: %v", asked)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	s := open(t, Options{Scenario: quiet})
	locked := filepath.Join(s.Dir, "locked")
	write(t, filepath.Join(locked, "file"), "x")
	if err := os.Chmod(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(s.root); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.root); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if _, err := http.Get(s.Registry.URL()); err == nil {
		t.Error("the registry still answers")
	}
}

// npm stage publish: no second factor, nothing readable, and the number is taken.
func TestStagedWaitsForApproval(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Scenario: Scenario{ID: "staged", Account: User{TFA: TFAWrites}, Token: Token{Kind: StageOnly}}})
	staged := runNPM(t, s, "stage", "publish")
	mustContain(t, "stdout", staged.stdout, "+ rehearsal-demo@1.0.0 (staged with id ")
	if again := publish(t, s); again.exit == 0 {
		t.Error("a token that may only stage has published")
	}
	mustContain(t, "stderr", runNPM(t, s, "stage", "publish").stderr, `Cannot publish over previously staged version "1.0.0".`)
	if seen := runNPM(t, s, "view", "rehearsal-demo", "versions"); strings.Contains(seen.stdout, "1.0.0") {
		t.Errorf("it is readable: %s", seen.stdout)
	}
}
