//go:build unix

package npmexec

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"safepublish/classify/transcript"
	"safepublish/runner/registry"
)

// stub is the embedded registry with answers that a test wrote.
type stub struct {
	*registry.Registry
	URL string // without the slash at the end

	mu   sync.Mutex
	otps []string // of every request
}

// newStub answers what it was told to, {"GET /demo": "200 {…}"}, and 404 to the rest.
func newStub(t *testing.T, answers map[string]string) *stub {
	t.Helper()
	world := registry.World{Mirror: true}
	for at, answer := range answers {
		status, body, _ := strings.Cut(answer, " ")
		code, _ := strconv.Atoi(status)
		world.Faults = append(world.Faults, registry.Fault{At: at, Status: code, Body: body})
	}
	return stubOf(t, world)
}

func stubOf(t *testing.T, world registry.World) *stub {
	t.Helper()
	s := &stub{}
	world.Watch = func(moment string, q *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if moment == "asked" {
			s.otps = append(s.otps, q.Header.Get("npm-otp"))
		}
	}
	var err error
	if s.Registry, err = registry.Start(world); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	s.URL = strings.TrimSuffix(s.Registry.URL(), "/")
	return s
}

func (s *stub) requests() string {
	return strings.Join(s.Log(), "\n")
}

// realNPM returns this machine's npm, or the one that SAFEPUBLISH_TEST_NPM names.
// It is needed: a fake one would prove nothing here.
func realNPM(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no real npm is started")
	}
	npm, err := Find(os.Getenv("PATH"), os.Getenv("SAFEPUBLISH_TEST_NPM"))
	if err != nil {
		t.Fatal(err)
	}
	return npm
}

func npmMajor(t *testing.T) int {
	t.Helper()
	return quiet(t, realNPM(t)).Version(t.Context()).Major()
}

// withRealNPM returns a Runner for a package folder with these files, an empty
// HOME, and a login at each of the registries.
func withRealNPM(t *testing.T, files map[string]string, registries ...*stub) *Runner {
	t.Helper()
	r := quiet(t, realNPM(t))
	home := t.TempDir()
	npmrc := ""
	for _, s := range registries {
		npmrc += strings.TrimPrefix(s.URL, "http:") + "/:_authToken=npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE\n"
	}
	if len(registries) > 0 {
		npmrc += "registry=" + registries[0].URL + "/\n"
	}
	write(t, filepath.Join(home, ".npmrc"), npmrc)
	for name, text := range files {
		write(t, filepath.Join(r.Dir, name), text)
	}
	r.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TERM=xterm-256color", "npm_config_update_notifier=false"}
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const refusal = `403 {"error":"You do not have permission to publish \"demo\". Are you logged in as the correct user?"}`

// Fifteen npm runs in prepublishOnly, of which the last is npm itself: it would keep the
// logs of ten, and the one that we need is the oldest. (Fifteen of npm's own: runner/e2e.)
func TestLogAmongThoseOfNestedRuns(t *testing.T) {
	if npmMajor(t) < 8 {
		t.Skip("npm 7 and older know no logs-dir")
	}
	s := newStub(t, map[string]string{"PUT /demo": refusal})
	r := withRealNPM(t, map[string]string{
		"package.json": `{"name":"demo","version":"1.0.0","scripts":{"prepublishOnly":"for i in 11 12 13 14 15 16 17 18 19 20 21 22 23 24; do echo 0 verbose title npm prefix >$npm_config_logs_dir/2099-01-01T00_00_${i}_000Z-debug-0.log || exit 9; done; npm prefix"}}`,
	}, s)
	result := publish(t, r, Attempt{Env: []string{"npm_config_otp=493817"}})
	if !result.HasLog || result.Code != "E403" || result.Last().Upload.State != transcript.Refused {
		t.Errorf("log %v (%s), code %q, upload %+v", result.HasLog, newestLog(r), result.Code, result.Last().Upload)
	}
	logs, _ := filepath.Glob(filepath.Join(filepath.Dir(newestLog(r)), "*-debug-0.log"))
	if len(logs) != 16 {
		t.Errorf("%d logs, want those of 16 runs", len(logs))
	}
	noSecretUnder(t, r.StateDir, "493817", "npm_FAKEfake")
	if otp := s.otps[len(s.otps)-1]; otp != "493817" {
		t.Errorf("the one-time password did not reach the registry: %q", otp)
	}
}

// A whole dialogue with npm's own question on a terminal.
func TestNPMAsksForTheOneTimePassword(t *testing.T) {
	s := stubOf(t, registry.World{
		Users:  map[string]*registry.User{"me": {Name: "me", TFA: registry.TFAWrites, OTP: "493817"}},
		Tokens: map[string]*registry.Token{"npm_FAKEfakeFAKEfakeFAKEfakeFAKEfakeFAKE": {User: "me"}},
	})
	r := withRealNPM(t, map[string]string{"package.json": `{"name":"demo","version":"1.0.0"}`}, s)
	session := on(t, "publish", order{NPM: r.Path, Dir: r.Dir, Ask: true, Env: r.Env}, nil)
	session.expect("Enter OTP:")
	session.send("493817\r")
	session.expect("+ demo@1.0.0")
	if o := session.wait(); o.Exit != 0 {
		t.Errorf("exit %d", o.Exit)
	}
}

func TestVersion(t *testing.T) {
	out, err := exec.Command(realNPM(t), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(out))
	shim := fakeNPM(t, "echo ' "+want+"'")
	for _, npm := range []string{realNPM(t), shim} {
		r := quiet(t, npm)
		if got := r.Version(t.Context()).String(); got != want {
			t.Errorf("%s: version %q, want %q", npm, got, want)
		}
	}
	if got := quiet(t, fakeNPM(t, "echo broken >&2; exit 1")).Version(t.Context()).String(); got != "" {
		t.Errorf("a broken npm has version %q", got)
	}
}

// npm's own rules: which registry, which tag, whether anything is published.
func TestConfig(t *testing.T) {
	files := map[string]string{
		"package.json":            `{"name":"@acme/widget","version":"1.0.0","workspaces":["packages/*"]}`,
		"packages/a/package.json": `{"name":"@acme/a","version":"1.0.0"}`,
		".npmrc":                  "registry=http://127.0.0.1:1/project/\n@acme:registry=http://127.0.0.1:1/acme/\ntag=next\n",
	}
	const project, acme, flagged, published = "http://127.0.0.1:1/project/", "http://127.0.0.1:1/acme/", "http://127.0.0.1:1/flag/", "http://127.0.0.1:1/publish/"
	published9 := flagged // up to npm 9 publishConfig beats the command line
	if npmMajor(t) < 10 {
		published9 = published
	}
	for _, c := range []struct {
		name, dir     string
		pkg           string
		args, env     []string
		publishConfig map[string]string
		registry, tag string
		dry           bool
	}{
		{name: "project", pkg: "demo", registry: project, tag: "next"},
		{name: "scope", pkg: "@acme/widget", registry: acme, tag: "next"},
		{name: "scope beats --registry", pkg: "@acme/widget", args: []string{"--registry", flagged}, registry: acme, tag: "next"},
		{name: "flag", pkg: "demo", args: []string{"--registry", flagged, "--tag=beta", "--dry-run"}, registry: flagged, tag: "beta", dry: true},
		{name: "scope by flag", pkg: "@acme/widget", args: []string{"--@acme:registry=" + flagged}, registry: flagged, tag: "next"},
		{name: "environment", pkg: "demo", env: []string{"npm_config_registry=" + flagged, "NPM_CONFIG_TAG=env", "npm_config_dry_run=true"}, registry: flagged, tag: "env", dry: true},
		{name: "publishConfig", pkg: "demo", publishConfig: map[string]string{"registry": published}, registry: published, tag: "next"},
		{name: "publishConfig and flag", pkg: "demo", args: []string{"--registry=" + flagged}, publishConfig: map[string]string{"registry": published}, registry: published9, tag: "next"},
		{name: "publishConfig's scope", pkg: "@acme/widget", publishConfig: map[string]string{"@acme:registry": published}, registry: published, tag: "next"},
		{name: "scope beats publishConfig's registry", pkg: "@acme/widget", publishConfig: map[string]string{"registry": published}, registry: acme, tag: "next"},
		{name: "--scope", pkg: "demo", args: []string{"--scope=acme"}, registry: acme, tag: "next"},
		{name: "a workspace's folder", dir: "packages/a", pkg: "@acme/a", registry: acme, tag: "next"},
		{name: "a workspace by flag", pkg: "@acme/a", args: []string{"-w", "packages/a", "--ws"}, registry: acme, tag: "next"},
		{name: "a dry run by 1", pkg: "demo", env: []string{"NPM_CONFIG_DRY_RUN=1"}, registry: project, tag: "next", dry: true},
		{name: "none by 0", pkg: "demo", env: []string{"NPM_CONFIG_DRY_RUN=0"}, registry: project, tag: "next"},
		{name: "credentials and specs", pkg: "demo", args: []string{".", "--//127.0.0.1:1/:_authToken=x", "--", "--tag=no"}, registry: project, tag: "next"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.dir != "" && npmMajor(t) < 7 {
				t.Skip("npm 6 knows no workspaces")
			}
			r := withRealNPM(t, files)
			r.Dir = filepath.Join(r.Dir, c.dir)
			r.Env = append(r.Env, c.env...)
			if got := r.Registry(t.Context(), c.pkg, c.args, c.publishConfig); got != c.registry {
				t.Errorf("registry %q, want %q", got, c.registry)
			}
			if got := r.Config(t.Context(), c.args)["tag"]; got != c.tag {
				t.Errorf("tag %q, want %q", got, c.tag)
			}
			if got := r.DryRun(t.Context(), c.args); got != c.dry {
				t.Errorf("dry run %v, want %v", got, c.dry)
			}
		})
	}
}
