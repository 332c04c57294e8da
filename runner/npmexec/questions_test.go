//go:build unix

package npmexec

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"safepublish/classify"
	"safepublish/runner/npmrc"
)

var everything = []classify.Question{
	classify.AskPackument, classify.AskThis, classify.AskIdentity, classify.AskAccess, classify.AskScope,
}

// packument builds what a registry holds of a package.
func packument(t *testing.T, name string, versions []string, burnt ...string) string {
	t.Helper()
	doc := map[string]any{
		"_id": name, "name": name, "dist-tags": map[string]string{"latest": versions[len(versions)-1]},
		"maintainers": []any{map[string]string{"name": "alice", "email": "alice@example.com"}, map[string]string{"name": "bob", "email": "bob@example.com"}},
	}
	all, times := map[string]any{}, map[string]string{"created": "2020-01-01T00:00:00.000Z", "modified": "2020-01-01T00:00:00.000Z"}
	for _, v := range versions {
		all[v] = map[string]any{
			"name": name, "version": v, "_npmUser": map[string]string{"name": "alice", "email": "alice@example.com"},
			"dist": map[string]string{"shasum": strings.Repeat("a", 40), "integrity": "sha512-FAKE", "tarball": "http://127.0.0.1:1/x.tgz"},
		}
	}
	for _, v := range append(slices.Clone(versions), burnt...) {
		times[v] = "2020-01-01T00:00:00.000Z"
	}
	doc["versions"], doc["time"] = all, times
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return "200 " + string(text)
}

// Every question goes to the registry of the run, although another one is the
// default, in .npmrc, in the environment and for the scope, and would answer the
// opposite.
func TestFactsAskTheRegistryOfTheRunAlone(t *testing.T) {
	here := newStub(t, map[string]string{
		"GET /@acme/widget": packument(t, "@acme/widget", []string{"1.0.0", "1.1.0"}, "1.0.1"),
		"GET /-/whoami":     `200 {"username":"bob"}`,
		"GET /-/package/@acme/widget/collaborators": `200 {"alice":"write","bob":"read"}`,
		"GET /-/org/acme/package":                   `200 {"@acme/widget":"write"}`,
	})
	decoy := newStub(t, map[string]string{
		"GET /-/whoami": `200 {"username":"mallory"}`,
		"GET /-/package/@acme/widget/collaborators": `200 {"mallory":"write"}`,
	})
	r := withRealNPM(t, map[string]string{
		"package.json": `{"name":"@acme/widget","version":"1.0.0","publishConfig":{"registry":"` + here.URL + `"}}`,
		".npmrc":       "@acme:registry=" + decoy.URL + "/\n",
	}, decoy, here)
	r.Env = append(r.Env, "npm_config_registry="+decoy.URL, "npm_config_otp=493817", "npm_config_dry_run=true", "npm_config_tag=beta", "npm_config_workspaces=true")
	facts := r.Facts(t.Context(), here.URL+"/", "@acme/widget", "1.1.0", everything)
	want := classify.Answers{
		Registry: here.URL + "/",
		Packument: classify.Packument{
			Found: classify.Yes, Versions: []string{"1.0.0", "1.1.0"}, Burnt: []string{"1.0.1"},
			DistTags: map[string]string{"latest": "1.1.0"}, Maintainers: []string{"alice", "bob"},
		},
		RemoteVersion: classify.RemoteVersion{Found: classify.Yes, Shasum: strings.Repeat("a", 40), Integrity: "sha512-FAKE", By: "alice", At: facts.RemoteVersion.At, Clock: facts.RemoteVersion.Clock, Asked: facts.RemoteVersion.Asked},
		Identity:      classify.Identity{Known: classify.Yes, User: "bob"},
		MayWrite:      classify.No,
		ScopeExists:   classify.Yes,
		Asked: []classify.Asked{
			{From: "npm view @acme/widget", Text: "2 versions, latest is 1.1.0, maintained by alice, bob, unpublished: 1.0.1"},
			{From: "npm view @acme/widget@1.1.0", Text: "there, shasum " + strings.Repeat("a", 40) + ", published by alice"},
			{From: "npm whoami", Text: "bob"},
			{From: "npm access list collaborators @acme/widget", Text: "bob may only read it"},
			{From: "npm access list packages @acme", Text: "the scope exists"},
		},
	}
	list := strings.Join((&probe{npm: r.NPM, ctx: t.Context()}).listAccess(""), " ") // npm 9 renamed it
	for i := 3; i < 5; i++ {
		want.Asked[i].From = strings.Replace(want.Asked[i].From, "access list ", list, 1)
	}
	if !reflect.DeepEqual(facts, want) {
		t.Errorf("got  %+v\nwant %+v", facts, want)
	}
	if asked := decoy.requests(); asked != "" {
		t.Errorf("the default registry was asked:\n%s", asked)
	}
	if otps := strings.Join(here.otps, ""); otps != "" {
		t.Errorf("a question carried a one-time password")
	}
}

func TestFactsOfWhatIsNotThere(t *testing.T) {
	s := newStub(t, map[string]string{"GET /-/whoami": `401 {"error":"Unauthorized"}`})
	r := withRealNPM(t, nil, s)
	facts := r.Facts(t.Context(), s.URL+"/", "@acme/widget", "1.0.0", everything)
	if facts.Packument.Found != classify.No || facts.RemoteVersion.Found != classify.No || facts.Identity.Known != classify.No {
		t.Errorf("%+v", facts)
	}
	// The registry does not know the questions, so its 404 says nothing.
	if facts.MayWrite != classify.Unknown || facts.ScopeExists != classify.Unknown {
		t.Errorf("%+v", facts)
	}
}

// Verdaccio answers a dead token with {}: npm then says that nobody is logged in.
func TestFactsOfALoginThatNamesNobody(t *testing.T) {
	s := newStub(t, map[string]string{"GET /-/whoami": `200 {}`})
	r := withRealNPM(t, nil, s)
	facts := r.Facts(t.Context(), s.URL+"/", "demo", "1.0.0", []classify.Question{classify.AskIdentity})
	if facts.Identity.Known != classify.No || facts.Asked[0].Text != "the registry names nobody for this login" {
		t.Errorf("%+v", facts)
	}
}

func TestFactsOfAScope(t *testing.T) {
	s := newStub(t, map[string]string{
		"GET /-/whoami":           `200 {"username":"bob"}`,
		"GET /-/user/bob/package": `200 {}`,
	})
	r := withRealNPM(t, nil, s)
	ask := []classify.Question{classify.AskScope}
	if facts := r.Facts(t.Context(), s.URL+"/", "@nobody/x", "", ask); facts.ScopeExists != classify.No {
		t.Errorf("%+v", facts)
	}
	if facts := r.Facts(t.Context(), s.URL+"/", "@bob/x", "", ask); facts.ScopeExists != classify.Yes {
		t.Errorf("%+v", facts)
	}
}

func TestFactsOfOneVersionAndOfNone(t *testing.T) {
	s := newStub(t, map[string]string{
		"GET /demo": packument(t, "demo", []string{"1.0.0"}),
		"GET /gone": `200 {"_id":"gone","name":"gone","time":{"created":"2020-01-01T00:00:00.000Z","unpublished":{"name":"bob","time":"2026-01-01T00:00:00.000Z","versions":["1.0.0"]}}}`,
	})
	r := withRealNPM(t, nil) // no login: npm whoami says so without asking
	ask := []classify.Question{classify.AskPackument, classify.AskThis, classify.AskIdentity}
	facts := r.Facts(t.Context(), s.URL+"/", "demo", "2.0.0", ask)
	if !slices.Equal(facts.Packument.Versions, []string{"1.0.0"}) || facts.RemoteVersion.Found != classify.No {
		t.Errorf("%+v", facts)
	}
	if facts.Identity.Known != classify.No || !strings.Contains(facts.Asked[2].Text, "no login") {
		t.Errorf("%+v", facts)
	}
	facts = r.Facts(t.Context(), s.URL+"/", "gone", "1.0.0", ask[:1])
	if facts.Packument.Found != classify.No || !strings.Contains(facts.Asked[0].Text, "unpublished") {
		t.Errorf("%+v", facts)
	}
}

// What does not answer, or answers something else, rules nothing in or out.
func TestFactsThatDidNotCome(t *testing.T) {
	s := newStub(t, map[string]string{
		"GET /demo": "500 oops", "GET /-/whoami": "503 oops",
		"GET /-/package/demo/collaborators": "403 {}",
	})
	r := withRealNPM(t, nil, s)
	r.Env = append(r.Env, "npm_config_//127.0.0.1:1/:_authToken=fake")
	for registry, silence := range map[string]string{s.URL + "/": "E500", "http://127.0.0.1:1/": "ECONNREFUSED", "": ""} {
		facts := r.Facts(t.Context(), registry, "demo", "1.0.0", everything)
		if want := (classify.Answers{Registry: registry, Packument: classify.Packument{ErrorCode: silence}}); !reflect.DeepEqual(facts, want) {
			t.Errorf("%q: %+v", registry, facts)
		}
	}
}

func whoami(ctx context.Context, r *Runner, registry string) classify.Identity {
	return r.Facts(ctx, registry, "demo", "", []classify.Question{classify.AskIdentity}).Identity
}

// A command line's credentials hold for the questions, which carry them in their
// environment: argv is in the process list.
func TestQuestionsCarryTheLogin(t *testing.T) {
	r := quiet(t, fakeNPM(t, `case "$*" in *fake*) exit 3;; esac
case "$(tr '\0' '\n' < /proc/$$/environ)" in *"npm_config_//127.0.0.1:1/:_authToken=fake"*) ;; *) exit 4;; esac
[ "$npm_config_userconfig" = /my/npmrc ] && echo '"bob"'`))
	r.Args = []string{"--//127.0.0.1:1/:_authToken=fake", "--userconfig", "/my/npmrc"}
	if id := whoami(t.Context(), r, "http://127.0.0.1:1/"); id.User != "bob" {
		t.Errorf("%+v", id)
	}
}

// A question that hangs ends with its context, and so does what a shim started.
func TestQuestionIsEndedWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	pids := filepath.Join(dir, "pid")
	if err := syscall.Mkfifo(pids, 0o600); err != nil {
		t.Fatal(err)
	}
	r := quiet(t, fakeNPM(t, "sleep 60 & echo $! > "+pids+"; wait"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan classify.Identity)
	began := time.Now()
	go func() { done <- whoami(ctx, r, "http://127.0.0.1:1/") }()
	text, err := os.ReadFile(pids)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if id := <-done; id.Known != classify.Unknown || time.Since(began) > 5*time.Second {
		t.Errorf("%+v after %v", id, time.Since(began))
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if alive(pid) {
		t.Error("the shim's child is still alive")
	}
}

// The user's own npm logs are none of our business: --logs-max=0 would delete them.
func TestQuestionsLeaveTheUsersLogsAlone(t *testing.T) {
	if npmMajor(t) < 7 {
		t.Skip("npm 6 knows no logs-dir")
	}
	s := newStub(t, nil)
	r := withRealNPM(t, nil, s)
	mine := filepath.Join(npmrc.Getenv(r.Env, "HOME"), ".npm", "_logs", "2026-11-23T15_47_24_935Z-debug-0.log")
	write(t, mine, "mine\n")
	r.Facts(t.Context(), s.URL+"/", "demo", "1.0.0", []classify.Question{classify.AskPackument, classify.AskIdentity})
	r.Config(t.Context(), nil)
	if all, _ := os.ReadDir(filepath.Dir(mine)); len(all) != 1 || read(t, mine) != "mine\n" {
		t.Errorf("now there are %v", all)
	}
}
