//go:build unix

package npmexec

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"safepublish/classify"
	"safepublish/runner/realnpm"
)

// counted is an npm, installed as npm itself does it, that notes what it is asked and
// knows what is in answers, by its first two words; and a registry that counts its readers.
type counted struct {
	*NPM
	registry string
	gets     atomic.Int64
	noted    string
}

func newCounted(t *testing.T, document func() (status int, body string), answers map[string]string) *counted {
	t.Helper()
	c := &counted{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c.gets.Add(1)
		status, body := document()
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	root := realnpm.Layout(t)
	c.registry, c.noted = server.URL+"/", filepath.Join(root, "noted")
	script := "#!/bin/sh\necho \"$1 $2\" >>" + c.noted + "\ncase \"$1 $2\" in\n"
	for words, answer := range answers {
		script += "'" + words + "') echo '" + answer + "' ;;\n"
	}
	script += "*) echo '{\"error\":{\"code\":\"E404\"}}'; exit 1 ;;\nesac\n"
	if err := os.WriteFile(filepath.Join(root, "prefix/lib/node_modules/npm/bin/npm-cli.js"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "home/.npmrc"), "registry="+c.registry+"\n")
	c.NPM = &NPM{
		Path: filepath.Join(root, "prefix/bin/npm"), Dir: filepath.Join(root, "work/demo"),
		Env: []string{"HOME=" + filepath.Join(root, "home"), "PATH=" + filepath.Join(root, "prefix/bin") + ":/usr/bin:/bin"},
	}
	return c
}

// asked returns what npm was asked, and how many read the registry, since the last call.
func (c *counted) asked() (npm string, gets int64) {
	text, _ := os.ReadFile(c.noted)
	_ = os.Remove(c.noted)
	return strings.Join(strings.Split(strings.TrimSpace(string(text)), "\n"), ", "), c.gets.Swap(0)
}

const (
	shown = `{"name":"demo","dist-tags":{"latest":"1.0.0"},"maintainers":[{"name":"bob"}],"time":{"1.0.0":"2020-01-01T00:00:00.000Z","0.9.0":"2020-01-01T00:00:00.000Z"},` +
		`"versions":{"1.0.0":{"deprecated":"old","dist":{"shasum":"aa"}}}}`
	viewedAs = `{"versions":["1.0.0","2.0.0"],"dist-tags":{"latest":"2.0.0"}}`
)

// One plain GET in place of two npm where it has the version; npm, once, where it has not.
func TestWhatIsAsked(t *testing.T) {
	both := []classify.Question{classify.AskPackument, classify.AskThis}
	for _, c := range []struct {
		name, version, env string
		status             int
		npm                string
		gets               int64
		there              classify.Answer
		versions           int
	}{
		{name: "it is there", version: "1.0.0", status: 200, gets: 1, there: classify.Yes, versions: 1},
		{name: "a copy may lack it", version: "3.0.0", status: 200, npm: "view demo", gets: 1, there: classify.No, versions: 2},
		{name: "a copy did lack it", version: "2.0.0", status: 200, npm: "view demo, view demo@2.0.0", gets: 1, there: classify.Yes, versions: 2},
		{name: "not shown to strangers", version: "3.0.0", status: 404, npm: "view demo", gets: 1, there: classify.No, versions: 2},
		{name: "a proxy", version: "3.0.0", status: 200, env: "https_proxy=http://127.0.0.1:1", npm: "view demo", there: classify.No, versions: 2},
	} {
		n := newCounted(t, func() (int, string) { return c.status, shown }, map[string]string{
			"view demo": viewedAs, "view demo@2.0.0": `{"name":"demo","version":"2.0.0","dist":{"shasum":"bb"}}`,
		})
		n.Env = append(n.Env, c.env)
		facts := n.Facts(t.Context(), n.registry, "demo", c.version, both)
		npm, gets := n.asked()
		if npm != c.npm || gets != c.gets || facts.RemoteVersion.Found != c.there || len(facts.Packument.Versions) != c.versions {
			t.Errorf("%s: npm was asked %q, %d GET; %+v", c.name, npm, gets, facts)
		}
		if c.there == classify.Yes && c.versions == 1 && (!facts.Packument.Deprecated || facts.Packument.Burnt[0] != "0.9.0") {
			t.Errorf("%s: %+v", c.name, facts.Packument)
		}
	}
}

// Where only presence counts, what the registry shows a stranger is enough.
func TestGlance(t *testing.T) {
	status := 200
	n := newCounted(t, func() (int, string) { return status, shown }, map[string]string{"view @acme/demo": viewedAs})
	c := &classify.Case{Package: classify.Package{Name: "demo", Version: "3.0.0"}, Settings: classify.Settings{Registry: n.registry}}
	both := []classify.Question{classify.AskPackument, classify.AskThis}
	facts := n.Glance(t.Context(), c, both)
	if npm, gets := n.asked(); npm != "" || gets != 1 || len(facts.Packument.Versions) != 1 || facts.RemoteVersion.Found != classify.Unknown {
		t.Errorf("npm was asked %q, %d GET; %+v", npm, gets, facts)
	}
	status = 404
	facts = n.Glance(t.Context(), c, both)
	if npm, _ := n.asked(); npm != "" || facts.Packument.Found != classify.Unknown || facts.RemoteVersion.Found != classify.Unknown {
		t.Errorf("new: npm was asked %q; %+v", npm, facts)
	}
	c.Package.Name = "@acme/demo"
	facts = n.Glance(t.Context(), c, both)
	if npm, _ := n.asked(); npm != "view @acme/demo" || facts.RemoteVersion.Found != classify.No {
		t.Errorf("maybe private: npm was asked %q; %+v", npm, facts)
	}
}

// A check asks npm what its first answers leave open, and nothing else.
func TestWhatACheckAsks(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		user   string
		npm    string
	}{
		{"demo", 200, "bob", "pack, profile get, whoami"},
		{"demo", 200, "eve", "access list, pack, profile get, whoami"},
		{"demo", 404, "bob", "pack, profile get, view demo, whoami"},
		{"@acme/demo", 404, "bob", "access list, access list, org ls, pack, profile get, view @acme/demo, whoami"}, // both lists of packages
		{"@bob/demo", 404, "bob", "pack, profile get, view @bob/demo, whoami"},
	} {
		n := newCounted(t, func() (int, string) { return c.status, shown }, map[string]string{"whoami --fetch-retries=0": `"` + c.user + `"`})
		write(t, filepath.Join(n.Dir, "package.json"), `{"name":"`+c.name+`","version":"3.0.0"}`)
		npmrc := strings.TrimPrefix(n.registry, "http:") + ":_authToken=npm_abc\nregistry=" + n.registry + "\n"
		write(t, filepath.Join(filepath.Dir(n.noted), "home/.npmrc"), npmrc)
		pkg := classify.Package{Kind: "folder", Name: c.name, Version: "3.0.0"}
		found := n.Preflight(t.Context(), &classify.Case{Package: pkg}, Subject{Dir: n.Dir})
		npm, gets := n.asked()
		asked := strings.Split(strings.NewReplacer(" --dry-run", "", " --fetch-retries=0", "").Replace(npm), ", ")
		slices.Sort(asked)
		if npm = strings.Join(asked, ", "); npm != c.npm || gets != 1 || found.Answers.Packument.Found == classify.Unknown {
			t.Errorf("%s, %d, %s: npm was asked %q, want %q; %d GET; %+v", c.name, c.status, c.user, npm, c.npm, gets, found.Answers)
		}
	}
}

// An attempt asks nothing twice; whether the version is there by now, it does.
func TestNothingIsAskedTwice(t *testing.T) {
	n := newCounted(t, func() (int, string) { return 404, "" }, map[string]string{
		"view @acme/demo": viewedAs, "whoami --fetch-retries=0": `"bob"`, "org ls": `{"bob":"developer"}`, "access list": `{"bob":"write"}`,
	})
	c := &classify.Case{Package: classify.Package{Name: "@acme/demo", Version: "3.0.0"}, Settings: classify.Settings{Registry: n.registry}}
	ask := func(questions ...classify.Question) string {
		c.Answers = n.Answers(t.Context(), c, questions)
		npm, _ := n.asked()
		return npm
	}
	ask(classify.AskPackument, classify.AskIdentity)
	if npm := ask(classify.AskMember, classify.AskThis); npm != "org ls" || c.Answers.Member != classify.Yes || c.Answers.RemoteVersion.Found != classify.No {
		t.Errorf("npm was asked %q; %+v", npm, c.Answers)
	}
	if npm := ask(classify.AskThis); npm != "view @acme/demo@3.0.0" {
		t.Errorf("a later look asks npm %q", npm)
	}
}

// A look of --wait is one question: of the registry's own where it answers strangers.
func TestOneQuestionALook(t *testing.T) {
	for _, c := range []struct {
		name, access, npm string
		status            int
		gets              int64
		want              Visibility
	}{
		{name: "demo", status: 200, gets: 1, want: Readable},
		{name: "demo", status: 404, gets: 1, want: Hidden},
		{name: "@acme/demo", status: 404, npm: "view @acme/demo", gets: 1, want: Readable},
		{name: "@acme/demo", access: "public", status: 404, gets: 1, want: Hidden},
		{name: "demo", status: 401, npm: "view demo", gets: 1, want: Readable},
	} {
		answers := map[string]string{"view demo": `{"versions":["1.0.0"]}`, "view @acme/demo": `{"versions":["1.0.0"]}`}
		n := newCounted(t, func() (int, string) { return c.status, shown }, answers)
		got := n.CheckVisibility(t.Context(), n.registry, c.name, "1.0.0", c.access)
		if npm, gets := n.asked(); got != c.want || npm != c.npm || gets != c.gets {
			t.Errorf("%s %s, %d: %v; npm was asked %q, %d GET", c.name, c.access, c.status, got, npm, gets)
		}
	}
}
