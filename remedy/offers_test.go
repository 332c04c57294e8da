package remedy

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/remedy/edit"
)

var update = flag.Bool("update", false, "write the golden files anew")

const manifest = `{
  "name": "@acme/widget",
  "version": "1.0.0",
  "repository": "github:acme/widget"
}
`

const lock = `{
  "name": "@acme/widget",
  "version": "1.0.0",
  "lockfileVersion": 3,
  "packages": {
    "": {
      "name": "@acme/widget",
      "version": "1.0.0"
    },
    "node_modules/other": {
      "version": "1.0.0"
    }
  }
}
`

// change is one deviation from the ordinary problem.
type change func(*Problem)

func inCI(p *Problem) { p.Case.CI.Name, p.Ask, p.Terminal = "GitHub Actions", false, false }

// githubJob is a job of GitHub Actions that has an identity, and setup-node's .npmrc.
func githubJob(p *Problem) {
	p.Ask, p.Terminal, p.Case.NPM = false, false, "11.19.1"
	p.Case.CI = classify.CI{Known: true, Job: true, Name: "GitHub Actions", IDToken: true, Claims: classify.Claims{
		Repository: "acme/widget", Workflow: "release.yml", Ref: "refs/heads/main",
	}}
	p.Case.Answers.Identity = classify.Identity{}
	p.Case.Answers.Npmrc = &classify.Npmrc{Settings: []classify.Setting{{
		Level: "user", File: "/tmp/.npmrc", Name: "/tmp/.npmrc", Line: 1, Key: "//npmjs.org/:_authToken",
		Holds: classify.HeldPresent, Vars: []string{"NODE_AUTH_TOKEN"},
	}}}
}

func fresh(p *Problem) { p.Case.Answers.Packument = classify.Packument{Found: classify.No} }

// problem is an ordinary one: @acme/widget was refused by npmjs.org for that
// cause, npm 11, on a terminal, and the registry answered.
func problem(cause string, changes ...change) *Problem {
	p := &Problem{
		Case: &classify.Case{
			Transcript: transcript.Transcript{Packages: []transcript.Package{{
				Name: "@acme/widget", Version: "1.0.0", Registry: "https://npmjs.org/",
				Upload: transcript.Upload{State: transcript.Refused},
			}}},
			Answers: classify.Answers{
				Registry: "https://npmjs.org/",
				Packument: classify.Packument{
					Found: classify.Yes, Versions: []string{"0.9.0", "1.0.0"},
					DistTags: map[string]string{"latest": "1.0.0"}, Maintainers: []string{"alice"},
				},
				Identity: classify.Identity{Known: classify.Yes, User: "bob"},
			},
		},
		Diagnosis: classify.Diagnosis{Cause: &classify.Cause{ID: cause}},
		NPM:       npm.ParseVersion("11.15.0"), Terminal: true, Ask: true,
	}
	p.Package = pack(manifest, lock)
	for _, c := range changes {
		c(p)
	}
	p.Standing = StandingOf(p.Case)
	return p
}

func pack(manifest, lock string) edit.Package {
	pkg := edit.Package{Dir: "/w", Kind: "folder"}
	_ = pkg.Read([]byte(manifest))
	pkg.Files = []edit.File{{Path: "/w/package.json", Role: "manifest", Before: []byte(manifest)}}
	if lock != "" {
		pkg.Files = append(pkg.Files, edit.File{Path: "/w/package-lock.json", Role: "lock", Before: []byte(lock)})
	}
	return pkg
}

// page gives the cause its page.
func page(p *Problem) { p.Diagnosis.Cause = classify.Lookup(p.Diagnosis.Cause.ID) }

// at makes it a publish of that version, with those published before; the
// highest release is latest.
func at(version string, published ...string) change {
	return func(p *Problem) {
		p.Package = pack(strings.ReplaceAll(manifest, "1.0.0", version), "")
		p.Case.Packages[0].Version = version
		have := &p.Case.Answers.Packument
		have.Versions = published
		have.DistTags = map[string]string{}
		if n := numbersOf(p); n.highest != nil {
			have.DistTags["latest"] = n.highest.String()
		}
	}
}

func named(name string) change {
	return func(p *Problem) {
		p.Package = pack(strings.Replace(manifest, "@acme/widget", name, 1), strings.ReplaceAll(lock, "@acme/widget", name))
		p.Case.Packages[0].Name = name
	}
}

func with(more string) change {
	return func(p *Problem) {
		files := p.Package.Files
		text := strings.Replace(string(files[0].Before), "\n}", ",\n  "+more+"\n}", 1)
		files[0].Before = []byte(text)
		_ = p.Package.Read(files[0].Before)
	}
}

func npmIs(v string) change   { return func(p *Problem) { p.NPM = npm.ParseVersion(v) } }
func version(v string) change { return func(p *Problem) { p.Case.NPM = v } }
func args(a ...string) change { return func(p *Problem) { p.Args = a } }
func upload(s transcript.State) change {
	return func(p *Problem) { p.Case.Packages[0].Upload.State = s }
}
func noFacts(p *Problem)       { p.Case.Answers = classify.Answers{} }
func isNew(p *Problem)         { p.Case.Answers.Packument = classify.Packument{Found: classify.No} }
func captured(p *Problem)      { p.Terminal = false }
func nobody(p *Problem)        { p.Terminal, p.Ask = false, false }
func browser(p *Problem)       { p.Case.AuthURL = "https://npmjs.org/auth/1" }
func otherRegistry(p *Problem) { p.Case.Packages[0].Registry = "https://npm.example.com/team/" }
func repository(p *Problem)    { p.Git = Git{Inside: true, Clean: true, Root: true} }
func dirty(p *Problem)         { p.Git = Git{Inside: true, Root: true} }
func waited(n int) change      { return func(p *Problem) { p.Waited = n } }
func brokenLock(p *Problem)    { p.Package.Files[1].Before = []byte("<<<<<<< HEAD") }
func variable(k, v string) change {
	return func(p *Problem) { p.Diagnosis.Vars = map[string]string{k: v} }
}

func inRoot(p *Problem) { p.Workspaces = 2 }

func applied(ids ...string) change { return func(p *Problem) { p.Applied = ids } }

func product(name string, steps ...string) change {
	return func(p *Problem) { p.Diagnosis.Product, p.Diagnosis.Steps = name, steps }
}

func burnt(versions ...string) change {
	return func(p *Problem) { p.Case.Answers.Packument.Burnt = versions }
}

func distTag(tag, version string) change {
	return func(p *Problem) { p.Case.Answers.Packument.DistTags[tag] = version }
}

func mention(where ...string) change {
	return func(p *Problem) { p.Package.Mentions = func() []string { return where } }
}

func of(kind, why string) change {
	return func(p *Problem) { p.Package = edit.Package{Dir: "/w", Kind: kind, Why: why} }
}

func there(shasum string) change {
	return func(p *Problem) {
		p.Case.Answers.RemoteVersion = classify.RemoteVersion{Found: classify.Yes, Shasum: shasum}
	}
}

func derivedFrom(manifest string) change {
	return func(p *Problem) {
		p.Package.Dir = "/w/dist"
		p.Package.Files = []edit.File{
			{Path: "/w/dist/package.json", Role: "manifest", Before: p.Package.Files[0].Before},
			{Path: "/w/package.json", Role: "source", Before: []byte(manifest)},
		}
		p.Package.Derived = "dist/package.json has the same name as the package.json above it"
	}
}

// problems are the situations whose offers are kept in testdata, word by word.
var problems = map[string]*Problem{
	"version-exists":               problem("version-exists"),
	"version-exists-used":          problem("version-exists", at("1.0.0", "1.0.0", "1.0.1", "1.1.0", "2.0.0-beta.1"), burnt("1.0.2", "2.0.0")),
	"version-exists-old-line":      problem("version-exists", at("1.4.2", "1.4.2", "1.4.3", "2.0.0", "2.3.0")),
	"version-exists-old-line-tag":  problem("version-exists", at("1.4.2", "1.4.2", "2.3.0"), args("--tag", "lts")),
	"version-exists-old-minor":     problem("version-exists", at("1.0.0", "1.0.0", "1.3.0")),
	"version-exists-old-line-npm9": problem("version-exists", at("1.4.2", "1.4.2", "2.3.0"), with(`"publishConfig": {"access": "public"}`), npmIs("9.9.4")),
	"version-exists-prerelease":    problem("version-exists", at("1.1.0-beta.1", "1.0.0", "1.1.0-beta.1"), distTag("beta", "1.1.0-beta.1")),
	"version-exists-not-asked":     problem("version-exists", noFacts),
	"version-exists-tarball":       problem("version-exists", of("tarball", "widget-1.0.0.tgz is a tarball")),
	"version-exists-workspaces":    problem("version-exists", of("workspaces", "workspaces have a package.json each")),
	"version-exists-repository":    problem("version-exists", repository, with(`"scripts": {"version": "node build.js"}`)),
	"version-exists-dirty":         problem("version-exists", dirty, with(`"scripts": {"preversion": "npm test"}`)),
	"version-exists-derived":       problem("version-exists", derivedFrom(manifest)),
	"version-exists-ignored":       problem("version-exists", func(p *Problem) { p.Git.Ignored = true }),
	"version-exists-broken-lock":   problem("version-exists", brokenLock),
	"version-exists-odd-version":   problem("version-exists", at("v1.0", "1.0.0")),
	"version-exists-lost-answer":   problem("version-exists", upload(transcript.Open)),
	"version-exists-same-bytes":    problem("version-exists", upload(transcript.Open), there("deadbeef"), func(p *Problem) { p.Case.Packages[0].Shasum = "deadbeef" }),
	"version-exists-sent-earlier":  problem("version-exists", upload(transcript.Open), there("deadbeef"), func(p *Problem) { p.Case.Attempt.Sent = []npm.Contents{{Shasum: "deadbeef"}} }),
	"version-exists-other-bytes":   problem("version-exists", upload(transcript.Open), there("deadbeef")),
	"prerelease-tag":               problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0")),
	"prerelease-tag-number":        problem("prerelease-tag", at("2.0.0-0", "1.0.0")),
	"prerelease-tag-npm9":          problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), npmIs("9.9.4"), with(`"publishConfig": {"tag": "latest"}`)),
	"prerelease-tag-manifest-tag":  problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), with(`"tag": "latest"`)),
	"prerelease-tag-back":          problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), distTag("beta", "2.0.0-beta.5")),
	"latest-behind":                problem("latest-behind", at("1.4.3", "1.4.2", "2.3.0")),
	"latest-behind-not-asked":      problem("latest-behind", at("1.4.3"), noFacts, variable("highest", "2.3.0")),
	"tag-invalid":                  problem("tag-invalid", at("1.0.1", "1.0.0"), args("--tag=v1")),
	"otp":                          problem("otp-required"),
	"otp-wrong":                    problem("otp-wrong"),
	"otp-browser":                  problem("otp-required", browser),
	"otp-captured":                 problem("otp-wrong", captured),
	"otp-browser-captured":         problem("otp-required", captured, browser, args("--tag", "my beta", "--//npmjs.org/:_authToken=not-a-token")),
	"otp-nobody":                   problem("otp-required", nobody),
	"otp-browser-ci":               problem("otp-required", browser, inCI),
	"otp-browser-ci-elsewhere":     problem("otp-required", browser, inCI, otherRegistry),
	"access":                       problem("payment-required"),
	"access-restricted":            problem("payment-required", with(`"publishConfig": {"access": "restricted"}`)),
	"access-npm9":                  problem("payment-required", with(`"publishConfig": {"access": "restricted"}`), npmIs("9.9.4")),
	"access-tarball":               problem("payment-required", of("tarball", "widget-1.0.0.tgz is a tarball")),
	"access-unscoped":              problem("unscoped-restricted", named("widget"), args("--access", "restricted")),
	"login":                        problem("not-logged-in", noFacts, otherRegistry),
	"login-other-user":             problem("no-permission", mention("README.md:1", "README.md:7")),
	"login-project": problem("token-invalid", func(p *Problem) {
		p.Case.Answers.Npmrc = &classify.Npmrc{Settings: []classify.Setting{{
			Level: "project", Name: ".npmrc", File: "/w/.npmrc", Line: 2, Key: "//npmjs.org/:_authToken", Holds: classify.HeldPresent,
		}}}
	}),
	"login-nobody":              problem("token-invalid", nobody),
	"rename-suggested":          problem("name-too-similar", named("widget"), variable("suggested", "@bob/widget")),
	"rename-unscoped":           problem("name-taken", named("widget")),
	"rename-capital":            problem("name-invalid", named("Widget")),
	"product":                   problem("no-permission", product("GitHub Packages", "permissions: packages: write for the job")),
	"rename-npm9":               problem("scope-not-found", with(`"publishConfig": {"access": "restricted"}`), npmIs("9.9.4")),
	"private":                   problem("private-package", with(`"private": true`)),
	"private-root":              problem("private-package", with(`"private": true`), args("--tag", "next"), func(p *Problem) { p.Workspaces = 3 }),
	"private-root-no-version":   problem("version-invalid", with(`"private": true`), at(""), inRoot),
	"private-root-no-name":      problem("name-invalid", named("My Root"), noFacts, inRoot),
	"private-root-nobody":       problem("private-package", with(`"private": true`), nobody, func(p *Problem) { p.Workspaces = 1 }),
	"retry":                     problem("registry-error", upload(transcript.Open)),
	"retry-third":               problem("network", waited(2)),
	"retry-limited":             problem("rate-limited"),
	"retry-after":               problem("rate-limited", variable("retry_after", "90")),
	"retry-signing":             problem("provenance-failed", args("--provenance"), upload(transcript.NotSent), page),
	"no-provenance-self-hosted": problem("provenance-not-allowed", args("--provenance"), page),
	"stage":                     problem("stage-only", args("--access", "public")),
	"stage-oidc":                problem("oidc-denied", page),
	"stage-new":                 problem("stage-only", isNew),
	"retry-oidc":                problem("oidc-unreachable", upload(transcript.NotSent)),
	"stage-npm10":               problem("stage-only", args("--access", "public"), npmIs("10.9.0")),
	"no-provenance":             problem("provenance-unavailable", args("--provenance"), page),
	"no-provenance-kept":        problem("provenance-mismatch", with(`"publishConfig": {"provenance": true}`), page),
	"no-provenance-npm9":        problem("provenance-unavailable", with(`"publishConfig": {"provenance": true}`), npmIs("9.9.4")),
	"no-provenance-file":        problem("provenance-unavailable", args("--provenance-file=a.sigstore"), page),
	"token":                     problem("token-unset"),
	"token-other-registry":      problem("token-unset", otherRegistry),
	"version-missing":           problem("version-invalid", at("", "1.0.0")),
	"version-short":             problem("version-invalid", at("2.0", "1.0.0")),
	"version-missing-new":       problem("version-invalid", at("")),
	"name-bad":                  problem("name-invalid", named("My App!"), noFacts),
	"name-missing": problem("name-invalid", func(p *Problem) {
		p.Package = pack("{\n  \"version\": \"1.0.0\"\n}\n", lock)
		p.Package.Dir, p.Case.Packages[0].Name = "/src/My App", ""
	}, noFacts),
	"2fa":                       problem("2fa-required"),
	"2fa-after-login":           problem("2fa-required", applied("login")),
	"2fa-elsewhere":             problem("2fa-required", otherRegistry),
	"2fa-nobody":                problem("2fa-required", nobody),
	"forbidden-after-login":     problem("forbidden-unexplained", page, applied("login")),
	"no-permission-after-login": problem("no-permission", applied("login")),
	"page":                      problem("version-staged", page),
	"job-token":                 problem("token-invalid", page, githubJob),
	"job-404":                   problem("not-found-unexplained", page, githubJob),
	"job-404-first":             problem("not-found-unexplained", page, githubJob, fresh),
	"job-untrusted":             problem("oidc-not-configured", page, githubJob),
	"job-untrusted-first":       problem("oidc-not-configured", page, githubJob, fresh),
	"job-untrusted-old-npm":     problem("oidc-not-configured", page, githubJob, version("11.6.2")),
	"job-self-hosted":           problem("oidc-not-configured", page, githubJob, func(p *Problem) { p.Case.CI.SelfHosted = true }),
	"job-denied":                problem("oidc-denied", page, githubJob, npmIs("11.6.2"), version("11.6.2")),
	"job-without-identity":      problem("oidc-not-offered", page, githubJob, func(p *Problem) { p.Case.CI.IDToken = false }),
	"job-no-permission":         problem("no-permission", page, githubJob),
	"job-otp":                   problem("otp-required", page, githubJob),
	"page-in-ci":                problem("not-found-unexplained", page, inCI, otherRegistry),
	"page-open":                 problem("version-staged", page, upload(transcript.Open)),
	"published-script-failed":   problem("published-script-failed", upload(transcript.Accepted)),
	"published-publish-failed": problem("published-script-failed", upload(transcript.Accepted), func(p *Problem) {
		p.Diagnosis.Vars = map[string]string{"event": "publish"}
	}),
	"version-exists-other-name":  problem("version-exists", func(p *Problem) { p.Package.Name = "widget-monorepo" }),
	"version-exists-other-facts": problem("version-exists", func(p *Problem) { p.Case.Answers.Registry = "https://npm.example.com/" }),
	"version-exists-minified": problem("version-exists", func(p *Problem) {
		p.Package = pack(`{"name":"@acme/widget","description":"`+strings.Repeat("long ", 50)+`","version":"1.0.0","x":"`+strings.Repeat("long ", 50)+`"}`, "")
	}),
	"prerelease-tag-npm11":              problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), with(`"publishConfig": {"tag": "latest"}`)),
	"prerelease-tag-npm-unknown":        problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), with(`"publishConfig": {"tag": "latest"}`), npmIs("")),
	"prerelease-tag-workspaces":         problem("prerelease-tag", at("2.0.0-beta.1", "1.0.0"), of("workspaces", "workspaces have a package.json each")),
	"otp-workspaces":                    problem("otp-required", of("workspaces", "workspaces have a package.json each")),
	"login-secret-address":              problem("not-logged-in", func(p *Problem) { p.Case.Packages[0].Registry = "https://me:not-a-secret@npm.example.com/" }),
	"version-exists-derived-repository": problem("version-exists", derivedFrom(manifest), repository),
	"version-exists-behind-itself":      problem("version-exists", noFacts, func(p *Problem) { p.Case.Packages[0].Version = "1.0.1" }),
	"dry-run":                           problem("version-exists", func(p *Problem) { p.Case.DryRun = true }),
}

func TestOffers(t *testing.T) {
	var names []string
	for name, p := range problems {
		t.Run(name, func(t *testing.T) {
			offers := Offers(p)
			golden(t, name, draw(offers, p.Args))
			for _, o := range offers {
				for _, line := range append([]string{o.Title, o.Note}, o.Lines...) {
					if shown := transcript.NewRedactor(nil).Line(line); shown != strings.ReplaceAll(line, "REDACTED", "***") {
						t.Errorf("%q is shown as %q: a word of it is taken for a secret", line, shown)
					}
				}
			}
		})
		names = append(names, name+".golden")
	}
	files, err := os.ReadDir(filepath.Join("testdata", "offers"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !slices.Contains(names, f.Name()) {
			t.Errorf("%s belongs to no problem", f.Name())
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "offers", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// draw writes down everything that an offer says and would do.
func draw(offers []Offer, args []string) string {
	var b strings.Builder
	for _, o := range offers {
		fmt.Fprintf(&b, "> %s", o.Title)
		if o.Note != "" {
			fmt.Fprintf(&b, "   (%s)", o.Note)
		}
		fmt.Fprintf(&b, "\n  %s %s", o.ID, [...]string{"never", "needs-user", "ask", "unattended"}[o.Safety])
		if c := o.Shown(o.Command(npm.Sh, nil, args)); c != "" {
			fmt.Fprintf(&b, ": %s", c)
		}
		b.WriteByte('\n')
		for _, l := range o.Lines {
			fmt.Fprintf(&b, "  . %s\n", l)
		}
		if o.Input != nil {
			fmt.Fprintf(&b, "  hole: %s\n", o.Input.Label)
		}
		if o.Confirm != nil {
			fmt.Fprintf(&b, "  asks: %s [%s]\n", o.Confirm.Question, o.Confirm.Want)
		}
		for _, c := range o.Plan {
			for _, l := range c.Preview(npm.Sh) {
				fmt.Fprintf(&b, "  | %s\n", l)
			}
			if w, ok := c.(Wait); ok {
				fmt.Fprintf(&b, "  | waits %s: %s\n", seconds(w.For), w.Why)
			}
		}
	}
	return b.String()
}

// TestSafety holds every offer of every situation against the rules that the
// levels of safety stand for.
func TestSafety(t *testing.T) {
	rows := map[string]Remedy{}
	for _, r := range Remedies() {
		rows[r.ID] = r
	}
	for name, p := range problems {
		for _, o := range Offers(p) {
			if o.Safety > rows[o.ID].Safety {
				t.Errorf("%s: %q is safer than its row", name, o.Title)
			}
			if o.Safety == Never && (len(o.Plan) > 0 || o.Input != nil) {
				t.Errorf("%s: advice %q does something", name, o.Title)
			}
			for _, c := range o.Plan {
				_, wait := c.(Wait)
				_, command := c.(Command)
				if o.Safety == Unattended && !wait {
					t.Errorf("%s: %q does more than wait, unattended", name, o.Title)
				}
				if command && o.Safety != NeedsUser {
					t.Errorf("%s: %q runs a command that no person chose", name, o.Title)
				}
				if f, ok := c.(Flag); ok && f.Key == "access" && o.Confirm == nil {
					t.Errorf("%s: %q makes something public without a question", name, o.Title)
				}
			}
		}
	}
}

// TestOpenUpload checks that after an upload whose answer was lost nothing is
// offered that would publish other than the same.
func TestOpenUpload(t *testing.T) {
	for _, r := range Remedies() {
		for _, cause := range r.Fixes {
			for _, o := range Offers(problem(cause, upload(transcript.Open), with(`"private": true`))) {
				if o.Safety == Never || slices.Contains([]string{"otp", "retry", "login", "enable-2fa"}, o.ID) || cause == "already-published" {
					continue
				}
				t.Errorf("%s: %q after a lost answer", cause, o.Title)
			}
		}
	}
}

// TestTaken checks that what the registry accepted is never sent again, in no
// package of the run.
func TestTaken(t *testing.T) {
	for _, r := range Remedies() {
		for _, cause := range r.Fixes {
			first := transcript.Package{Name: "@acme/first", Upload: transcript.Upload{State: transcript.Accepted}}
			p := problem(cause, func(p *Problem) { p.Case.Packages = append([]transcript.Package{first}, p.Case.Packages...) })
			for _, o := range Offers(p) {
				if o.Safety != Never && cause != "already-published" { // a dist-tag: see TestAddTag
					t.Errorf("%s: %q would publish %s again", cause, o.Title, first.Name)
				}
			}
		}
	}
}

// TestAddTag checks that a version that is there gets a dist-tag and nothing else,
// and that no dist-tag is moved back.
func TestAddTag(t *testing.T) {
	with := func(tags map[string]string) *Problem {
		return problem("already-published", func(p *Problem) { p.Case.Answers.Packument.DistTags = tags })
	}
	v := with(nil).version()
	for _, c := range []struct{ tag, at, says string }{
		{"old", "", ""},
		{"old", "0.0.1", ""},
		{"old", v, "old points at " + v + " already"},
		{"old", "99.0.0", "old points at 99.0.0 and is not moved back to " + v},
		{"1.x", "", "range of versions"},
	} {
		p := with(map[string]string{"latest": "99.0.0", c.tag: c.at})
		o, err := Find(Offers(p), "tag="+c.tag)
		if c.says != "" {
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s at %s: %v", c.tag, c.at, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s at %s: %v", c.tag, c.at, err)
		}
		want := "npm dist-tag add " + p.name() + "@" + v + " " + c.tag + " --registry="
		if len(o.Plan) != 1 || !strings.HasPrefix(o.Runs(npm.Sh), want) {
			t.Errorf("%s at %s: %+v", c.tag, c.at, o.Plan)
		}
	}
}

// TestRemedies holds the table against the table of causes.
func TestRemedies(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Remedies() {
		if seen[r.ID] || r.Plan == nil || len(r.Fixes) == 0 {
			t.Errorf("row %q is double, has no plan or mends nothing", r.ID)
		}
		seen[r.ID] = true
		for _, id := range r.Fixes {
			if classify.Lookup(id) == nil {
				t.Errorf("%s mends %s, which is no cause", r.ID, id)
			}
			n := slices.ContainsFunc(Offers(problem(id, with(`"private": true`), named("@bob/widget"), inRoot)), func(o Offer) bool { return o.ID == r.ID })
			if !n && id != "private-package" && id != "refused" { // "refused" goes by the words
				t.Errorf("%s mends %s, and offers nothing for it", r.ID, id)
			}
		}
	}
}

// A refusal in words that no row knows is helped where they are of provenance, and
// where they are not nothing is given up.
func TestRefusedProvenance(t *testing.T) {
	for reason, want := range map[string]bool{
		": Error verifying sigstore provenance bundle: Missing SourceRepositoryRef in signing certificate": true,
		": this registry takes packages on weekdays only":                                                  false,
		"": false,
	} {
		p := problem("refused")
		p.Diagnosis.Vars = map[string]string{"reason": reason}
		offered := func(o Offer) bool { return o.ID == "no-provenance" }
		if got := slices.ContainsFunc(Offers(p), offered); got != want {
			t.Errorf("%q: offered %v", reason, got)
		}
		p.Args = []string{"--provenance=false"} // it was given up, and that did not help
		if slices.ContainsFunc(Offers(p), offered) {
			t.Errorf("%q: offered again", reason)
		}
	}
}

// TestMentionsOnDemand: the package is searched for its name only where a person is
// shown a rename.
func TestMentionsOnDemand(t *testing.T) {
	searched := 0
	search := func(p *Problem) { p.Package.Mentions = func() []string { searched++; return nil } }
	for _, cause := range classify.Causes() {
		Offers(problem(cause.ID, search, nobody))
		if !slices.Contains(renamePackage.Fixes, cause.ID) {
			Offers(problem(cause.ID, search))
		}
	}
	if searched > 0 {
		t.Errorf("searched %d times for what nobody reads", searched)
	}
	if Offers(problem("name-taken", search)); searched == 0 {
		t.Error("a person was offered a rename without a search")
	}
}

func TestRetryWaitsLonger(t *testing.T) {
	var got []time.Duration
	for n := range 5 {
		o := Offers(problem("publish-race", waited(n)))[0]
		got = append(got, o.Plan[0].(Wait).For/time.Second)
	}
	if want := []time.Duration{5, 15, 45, 45, 45}; !slices.Equal(got, want) {
		t.Errorf("waits %v seconds, want %v", got, want)
	}
}
