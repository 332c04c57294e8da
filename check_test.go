//go:build !windows

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/classify/walls"
	"safepublish/runner/rehearsal"
)

// eightWrong is a package of which nothing is right.
const eightWrong = `{
  "name": "demo",
  "version": "2.0.0-beta.1",
  "private": true,
  "publishConfig": {"access": "restricted", "provenance": true},
  "repository": "github:acme/other",
  "scripts": {"publish": "npm publish", "prepare": "touch ran", "prepack": "touch ran", "postpack": "touch ran"}
}
`

// world holds demo, which belongs to alice, and bob, who is logged in.
func world(t *testing.T) *rehearsal.Registry {
	t.Helper()
	version := &rehearsal.Version{Manifest: json.RawMessage(`{}`), Shasum: strings.Repeat("a", 40), Integrity: "sha512-FAKE", By: "alice"}
	reg, err := rehearsal.Start(rehearsal.World{
		Users:  map[string]*rehearsal.User{"alice": {Name: "alice"}, "bob": {Name: "bob", TFA: rehearsal.TFAWrites}},
		Tokens: map[string]*rehearsal.Token{fakeToken: {User: "bob", Kind: rehearsal.Session}},
		Packages: map[string]*rehearsal.Package{"demo": {
			Name: "demo", Owners: []string{"alice"}, DistTags: map[string]string{"latest": "1.0.0", "beta": "2.0.0-beta.1"},
			Versions: map[string]*rehearsal.Version{"1.0.0": version, "2.0.0-beta.1": version},
			Times:    map[string]time.Time{"1.0.0": time.Unix(1e9, 0), "2.0.0-beta.1": time.Unix(1e9, 0), "2.0.0-beta.2": time.Unix(1e9, 0)},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	return reg
}

func (p *project) repository(remote string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Join(p.dir, ".git", "refs"), 0o755); err != nil {
		p.t.Fatal(err)
	}
	for name, text := range map[string]string{
		"HEAD": "ref: refs/heads/main\n", "config": "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = " + remote + "\n",
		"objects/x": "", "refs/x": "",
	} {
		path := filepath.Join(".git", name)
		if err := os.MkdirAll(filepath.Join(p.dir, filepath.Dir(path)), 0o755); err != nil {
			p.t.Fatal(err)
		}
		p.write(path, text)
	}
}

// Everything at once, for every npm: nothing is changed, no script runs, the
// registry is only read.
func TestRealCheckListsEveryWall(t *testing.T) {
	eachNPM(t, func(t *testing.T, npm string) {
		reg := world(t)
		p := newProject(t, npm, strings.TrimSuffix(reg.URL(), "/"), eightWrong)
		p.repository("git@github.com:acme/demo.git")
		p.write(".env", "NPM_TOKEN=fakefakefake\n")
		p.write(".env.example", "NPM_TOKEN=fakefakefake\n")
		p.write("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n")
		before := p.tree()
		began := time.Now()
		stdout, stderr, status := p.piped("check", "--json")
		t.Logf("%v", time.Since(began))
		if after := p.tree(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the files are not as they were:\n%q", after)
		}
		var d walls.Document
		if err := json.Unmarshal([]byte(stdout), &d); err != nil {
			t.Fatalf("%v\n%s\n%s", err, stdout, stderr)
		}
		var found []string
		for _, f := range d.Findings {
			if f.Mark != walls.OK {
				found = append(found, fmt.Sprintf("%s %s %s", f.Mark, f.Topic, f.Cause))
			}
		}
		want := []string{
			"wall permission name-taken", "wall version version-exists", "wall dist-tag prerelease-tag", "wall access unscoped-restricted",
			"wall package private-package", "wall scripts published-script-failed", "wall provenance provenance-unavailable",
			"warning repository provenance-mismatch", "warning 2FA otp-required", "wall contents ",
		}
		exit := 78
		if npm == "8.19.4" { // it makes no provenance
			want, exit = slices.Delete(want, 6, 8), 77
		}
		if fmt.Sprint(found) != fmt.Sprint(want) {
			t.Errorf("found\n%s\nwant\n%s\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"), stdout)
		}
		if status != exit || d.Exit != exit || strings.Contains(stdout, "fakefake") {
			t.Errorf("status %d, exit %d\n%s\n%s", status, d.Exit, stdout, stderr)
		}
		for _, r := range reg.Log() {
			if r.Method != "GET" {
				t.Errorf("%s %s", r.Method, r.Path)
			}
		}
	})
}
