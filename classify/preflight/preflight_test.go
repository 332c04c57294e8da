package preflight_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/classify/preflight"
	"safepublish/classify/transcript"
)

const npmjs = "https://npmjs.org/"

// good is a package of which everything is right.
func good() *classify.Case {
	return &classify.Case{
		Transcript: transcript.Transcript{NPM: "11.19.1"},
		Package: classify.Package{
			Kind: "folder", Name: "demo", Version: "1.1.0", Remote: "https://github.com/acme/demo.git",
			Manifest: []byte(`{"name":"demo","version":"1.1.0","repository":"acme/demo"}`),
			Packed: classify.Packed{
				Listed: true, Files: []classify.File{{Path: "package.json"}}, Size: 210, Unpacked: 40, Contents: npm.Contents{Shasum: "aa"},
			},
		},
		Settings: classify.Settings{Registry: npmjs},
		Answers: classify.Answers{
			Registry: npmjs, MayWrite: classify.Yes, Identity: classify.Identity{Known: classify.Yes, User: "bob"},
			Packument: classify.Packument{
				Found: classify.Yes, Versions: []string{"1.0.0"}, DistTags: map[string]string{"latest": "1.0.0"}, Maintainers: []string{"bob"},
			},
			Npmrc:   &classify.Npmrc{Settings: []classify.Setting{token(classify.HeldPresent)}},
			Account: classify.Account{Known: true, SecondFactor: "auth-only"},
		},
	}
}

func token(holds classify.Held) classify.Setting {
	return classify.Setting{
		Level: "user", File: "/home/bob/.npmrc", Line: 2, Key: "//npmjs.org/:_authToken", Holds: holds, Vars: []string{"NPM_TOKEN"},
	}
}

func noLogin(f *classify.Case) {
	f.Answers.Npmrc, f.Answers.Account = &classify.Npmrc{}, classify.Account{}
	f.Answers.Identity, f.Answers.MayWrite = classify.Identity{Known: classify.No}, classify.Unknown
}

func unnamedToken(holds classify.Held) change {
	return func(f *classify.Case) {
		f.Answers.Npmrc.Unnamed = []classify.Unnamed{{Name: "NPM_TOKEN", Holds: holds}}
	}
}

// silent leaves nothing of what the registry said but why it said nothing.
func silent(f *classify.Case, code string) {
	f.Answers = classify.Answers{Npmrc: f.Answers.Npmrc, Packument: classify.Packument{ErrorCode: code}}
}

func isNew(f *classify.Case) {
	f.Answers.Packument, f.Answers.MayWrite = classify.Packument{Found: classify.No}, classify.Unknown
}

func named(name string) func(*classify.Case) { return func(f *classify.Case) { f.Package.Name = name } }

func manifest(text string) func(*classify.Case) {
	return func(f *classify.Case) { f.Package.Manifest = []byte(text) }
}

func private(f *classify.Case) { f.Package.Private, f.Package.Remote = true, "" }

func prerelease(npm string) func(*classify.Case) {
	return func(f *classify.Case) { f.NPM, f.Package.Remote, f.Package.Version = npm, "", "2.0.0-rc.1" }
}

func setting(key, value string) func(*classify.Case) {
	return func(f *classify.Case) { f.Settings.Values = map[string]string{key: value} }
}

// change is how a case differs from a good package.
type change = func(*classify.Case)

type example struct {
	name    string
	change  []change
	want    string // "mark topic cause", joined by commas
	refused string // what is refused before the scripts run
	doubt   bool   // and that is not sure
}

// cases are the findings that are not OK for what differs from a good package.
var cases = []example{
	{name: "good"},
	{name: "not logged in", change: []change{noLogin}, want: "wall login not-logged-in", refused: "not-logged-in"},
	{
		name:   "not logged in, says our reading alone",
		change: []change{noLogin, func(f *classify.Case) { f.Answers.Identity = classify.Identity{} }},
		want:   "wall login not-logged-in",
	},
	{name: "trusted publishing", change: []change{noLogin, func(f *classify.Case) {
		f.CI = classify.CI{Name: "GitHub Actions", IDToken: true, Signs: true}
	}}, want: "warning permission "},
	{name: "trusted publishing, old npm", change: []change{noLogin, func(f *classify.Case) {
		f.NPM, f.CI = "11.5.0", classify.CI{Name: "GitHub Actions", IDToken: true}
	}}, want: "wall login not-logged-in", refused: "not-logged-in"},
	{
		name:   "variable not set",
		change: []change{func(f *classify.Case) { f.Answers.Npmrc.Settings[0] = token(classify.HeldUnset) }},
		want:   "wall login token-unset", refused: "token-unset",
	},
	{name: "variable not set, elsewhere", change: []change{func(f *classify.Case) {
		f.Answers.Npmrc.Settings[0] = token(classify.HeldUnset)
		f.Answers.Npmrc.Settings[0].Key, f.Settings.Registry = "//npm.example.com/:_authToken", "https://npm.example.com/"
	}}, want: "wall login token-unset"},
	{
		name:   "variable empty",
		change: []change{noLogin, func(f *classify.Case) { f.Answers.Npmrc.Settings = []classify.Setting{token(classify.HeldEmpty)} }},
		want:   "wall login token-unset", refused: "token-unset",
	},
	{
		name:   "placeholder",
		change: []change{func(f *classify.Case) { f.Answers.Npmrc.Settings[0] = token(classify.HeldPlaceholder) }},
		want:   "wall login token-unset", refused: "token-unset",
	},
	{
		name:   "a token with a line break",
		change: []change{func(f *classify.Case) { f.Answers.Npmrc.Settings[0] = token(classify.HeldMalformed) }},
		want:   "wall login token-malformed",
	},
	{
		name: "npm refuses to run",
		change: []change{func(f *classify.Case) {
			f.Package.Packed = classify.Packed{Problem: "The developer of this package has specified the following through devEngines\n" +
				`Invalid name "pnpm" does not match "npm" for "packageManager"`}
		}},
		want: "wall contents dev-engines",
	},
	{
		name:   "an .npmrc in a workspace's folder",
		change: []change{noLogin, func(f *classify.Case) { f.Answers.Npmrc.Ignored = "packages/demo/.npmrc" }},
		want:   "wall login not-logged-in", refused: "not-logged-in",
	},
	{name: "an .npmrc that npm ignores, beside a login", change: []change{func(f *classify.Case) {
		f.Answers.Npmrc.Ignored = "packages/demo/.npmrc"
	}}, want: "warning login "},
	{
		name:   "a variable that no .npmrc names",
		change: []change{noLogin, unnamedToken(classify.HeldPresent)}, want: "wall login not-logged-in", refused: "not-logged-in",
	},
	{name: "a variable that no .npmrc names, beside a login", change: []change{unnamedToken(classify.HeldPresent)}},
	{name: "a variable that no .npmrc names, beside a login of a job", change: []change{unnamedToken(classify.HeldMalformed), func(f *classify.Case) {
		f.CI.Job = true
	}}, want: "warning login "},
	{name: "two credentials", change: []change{func(f *classify.Case) {
		f.Answers.Npmrc.Settings = append(f.Answers.Npmrc.Settings, token(classify.HeldPresent))
	}}, want: "warning login "},
	{name: "a credential without a registry", change: []change{func(f *classify.Case) {
		bare := classify.Setting{Level: "user", File: "x", Line: 1, Key: "_authToken", Holds: classify.HeldPresent}
		f.Answers.Npmrc.Settings = append(f.Answers.Npmrc.Settings, bare)
	}}, want: "wall login npmrc-invalid"},
	{name: "a credential without a registry alone", change: []change{noLogin, func(f *classify.Case) {
		f.Answers.Npmrc.Settings = []classify.Setting{{Level: "user", File: "x", Line: 1, Key: "_authToken", Holds: classify.HeldPresent}}
		silent(f, "ERR_INVALID_AUTH")
		f.Package.Packed = classify.Packed{Problem: "Invalid auth configuration found: …"}
	}}, want: "wall login npmrc-invalid, warning version "},
	{name: "a credential without a registry, npm 8", change: []change{func(f *classify.Case) {
		f.NPM = "8.19.4"
		f.Answers.Npmrc.Settings = []classify.Setting{{Level: "user", File: "x", Line: 1, Key: "_authToken", Holds: classify.HeldPresent}}
	}}},
	{name: "whoami refused", change: []change{func(f *classify.Case) {
		f.Answers.Identity, f.Answers.MayWrite = classify.Identity{Known: classify.No}, classify.Unknown
	}}, want: "warning account token-invalid, warning permission "},
	{name: "a dead token", change: []change{func(f *classify.Case) {
		f.Answers.Identity, f.Answers.MayWrite, f.Answers.Alive = classify.Identity{Known: classify.No}, classify.Unknown, classify.No
	}}, want: "wall account token-invalid, warning permission ", refused: "token-invalid"},
	{name: "a dead token, and the job is trusted", change: []change{func(f *classify.Case) {
		f.Answers.Identity, f.Answers.MayWrite, f.Answers.Alive = classify.Identity{Known: classify.No}, classify.Unknown, classify.No
		f.CI = classify.CI{Name: "GitHub Actions", IDToken: true, Signs: true}
	}}, want: "wall account token-invalid, warning permission "},
	{name: "a granular token", change: []change{func(f *classify.Case) {
		f.Answers.Identity, f.Answers.MayWrite, f.Answers.Alive = classify.Identity{Known: classify.No}, classify.Unknown, classify.Yes
	}}, want: "warning permission "},
	{name: "refused connection", change: []change{func(f *classify.Case) {
		silent(f, "ECONNREFUSED")
		f.Answers.Account = classify.Account{}
	}}, want: "wall registry network, warning version "},
	{name: "a slow answer", change: []change{func(f *classify.Case) {
		silent(f, classify.NoAnswer)
		f.Answers.Account = classify.Account{}
	}}, want: "warning registry , warning version "},
	{name: "bad certificate", change: []change{func(f *classify.Case) {
		silent(f, "SELF_SIGNED_CERT_IN_CHAIN")
	}}, want: "wall registry tls, warning version "},
	{name: "a registry that fails", change: []change{func(f *classify.Case) {
		f.Answers.Packument = classify.Packument{ErrorCode: "E503"}
	}}, want: "wall registry registry-error, warning version "},
	{name: "no registry at all", change: []change{func(f *classify.Case) {
		f.Answers.Packument = classify.Packument{ErrorCode: "EJSONPARSE"}
	}}, want: "warning registry , warning version "},
	{name: "somebody else's", change: []change{func(f *classify.Case) {
		f.Answers.MayWrite, f.Answers.Packument.Maintainers = classify.No, []string{"alice"}
	}}, want: "wall permission name-taken", refused: "name-taken"},
	{name: "somebody else's, by the maintainers alone", change: []change{func(f *classify.Case) { // there may be a team
		f.Answers.MayWrite, f.Answers.Packument.Maintainers = classify.Unknown, []string{"alice"}
	}}, want: "wall permission name-taken"},
	{name: "somebody else's, and the job is trusted", change: []change{func(f *classify.Case) {
		f.Answers.MayWrite, f.Answers.Packument.Maintainers = classify.No, []string{"alice"}
		f.CI = classify.CI{Name: "GitHub Actions", IDToken: true, Signs: true}
	}}, want: "wall permission name-taken"},
	{
		name:   "a member who may only read",
		change: []change{named("@acme/demo"), func(f *classify.Case) { f.Answers.MayWrite = classify.No }},
		want:   "wall permission no-permission", refused: "no-permission",
	},
	{name: "somebody else's, where others may write", change: []change{func(f *classify.Case) {
		f.Settings.Registry, f.Answers.MayWrite, f.Answers.Packument.Maintainers = "https://npm.example.com/", classify.Unknown, []string{"alice"}
		f.Answers.Npmrc.Settings[0].Key = "//npm.example.com/:_authToken"
	}}, want: "warning permission "},
	{name: "new", change: []change{isNew}},
	{
		name:   "new, in a scope",
		change: []change{isNew, named("@acme/demo"), func(f *classify.Case) { f.Answers.Member = classify.Yes }},
		want:   "warning access payment-required",
	},
	{
		name: "new, in a scope that says nothing",
		change: []change{isNew, named("@acme/demo"), func(f *classify.Case) {
			f.Settings.Access, f.Answers.ScopeExists = "public", classify.Yes
		}},
		want: "warning permission ",
	},
	{name: "new, in the scope of others", change: []change{isNew, named("@acme/demo"), func(f *classify.Case) {
		f.Settings.Access, f.Answers.ScopeExists, f.Answers.Member = "public", classify.Yes, classify.No
	}}, want: "wall permission no-permission"},
	{
		name:   "too similar",
		change: []change{isNew, func(f *classify.Case) { f.Answers.Similar = []string{"d-emo"} }},
		want:   "warning name name-too-similar",
	},
	{name: "new, in one's own scope", change: []change{isNew, named("@bob/demo"), func(f *classify.Case) { f.Settings.Access = "public" }}},
	{
		name:   "no such scope",
		change: []change{isNew, named("@acme/demo"), func(f *classify.Case) { f.Settings.Access, f.Answers.ScopeExists = "public", classify.No }},
		want:   "wall permission scope-not-found",
	},
	{
		name:   "new, unverified",
		change: []change{isNew, func(f *classify.Case) { f.Answers.Account.Unverified = true }},
		want:   "wall account email-unverified",
	},
	{name: "capital letters, new", change: []change{isNew, named("Demo")}, want: "wall name name-invalid"},
	{name: "capital letters, old", change: []change{named("Demo")}},
	{name: "a module of node", change: []change{isNew, named("stream")}, want: "wall name name-invalid"},
	{name: "blanks", change: []change{isNew, named("my demo")}, want: "wall name name-invalid"},
	{
		name:   "a version that is there",
		change: []change{func(f *classify.Case) { f.Package.Version = "1.0.0" }},
		want:   "wall version version-exists",
	},
	{name: "the same contents", change: []change{func(f *classify.Case) {
		f.Package.Version, f.Answers.RemoteVersion = "1.0.0", classify.RemoteVersion{Found: classify.Yes, Shasum: "aa"}
	}}},
	{name: "the same contents, before the build", change: []change{manifest(`{"scripts":{"prepack":"make"}}`), func(f *classify.Case) {
		f.Package.Remote, f.Package.Version = "", "1.0.0"
		f.Answers.RemoteVersion = classify.RemoteVersion{Found: classify.Yes, Shasum: "aa"}
	}}, want: "warning version version-exists"},
	{
		name:   "a burnt version",
		change: []change{func(f *classify.Case) { f.Answers.Packument.Burnt = []string{"1.1.0"} }},
		want:   "wall version version-burnt",
	},
	{
		name:   "no name, no version",
		change: []change{named(""), func(f *classify.Case) { f.Package.Version, f.Package.Packed = "", classify.Packed{Problem: "x"} }},
		want:   "wall name name-invalid, wall version version-invalid",
	},
	{
		name:   "no semantic version",
		change: []change{func(f *classify.Case) { f.Package.Version = "1.0" }},
		want:   "wall version version-invalid",
	},
	{
		name:   "prerelease",
		change: []change{func(f *classify.Case) { f.Package.Version = "2.0.0-rc.1" }},
		want:   "wall dist-tag prerelease-tag", refused: "prerelease-tag",
	},
	{
		name:   "prerelease, npm 10",
		change: []change{func(f *classify.Case) { f.NPM, f.Package.Version = "10.9.0", "2.0.0-rc.1" }},
		want:   "wall dist-tag prerelease-tag", refused: "prerelease-tag",
	},
	{name: "prerelease by force", change: []change{setting("force", "true"), func(f *classify.Case) { f.Package.Version = "2.0.0-rc.1" }}},
	{name: "prerelease with a tag", change: []change{func(f *classify.Case) { f.Package.Version, f.Settings.Tag = "2.0.0-rc.1", "rc" }}},
	{
		name:   "behind latest",
		change: []change{func(f *classify.Case) { f.Package.Version = "0.9.0" }},
		want:   "wall dist-tag latest-behind", refused: "latest-behind",
	},
	{
		name:   "behind one that is deprecated",
		change: []change{func(f *classify.Case) { f.Package.Version, f.Answers.Packument.Deprecated = "0.9.0", true }},
		want:   "wall dist-tag latest-behind",
	},
	{
		name:   "a tag that moves back",
		change: []change{func(f *classify.Case) { f.Package.Version, f.Settings.Tag = "0.9.0", "latest" }},
		want:   "warning dist-tag ",
	},
	{
		name:   "no tag",
		change: []change{func(f *classify.Case) { f.Settings.Tag = "a b" }},
		want:   "wall dist-tag tag-invalid", refused: "tag-invalid",
	},
	{
		name:   "a tag that is a range",
		change: []change{func(f *classify.Case) { f.Settings.Tag = "1.x" }},
		want:   "wall dist-tag tag-invalid", refused: "tag-invalid",
	},
	{
		name:   "a tag that is a range, from an .npmrc, npm 8",
		change: []change{func(f *classify.Case) { f.NPM, f.Settings.Tag = "8.19.4", "v1" }},
		want:   "wall dist-tag tag-invalid", refused: "tag-invalid",
	},
	{
		name:   "restricted without a scope",
		change: []change{func(f *classify.Case) { f.Settings.Access = "restricted" }},
		want:   "wall access unscoped-restricted", refused: "unscoped-restricted",
	},
	{
		name:   "private",
		change: []change{func(f *classify.Case) { f.Package.Private = true }},
		want:   "wall package private-package", refused: "private-package",
	},
	{
		name:   "private, in a dry run",
		change: []change{setting("dry-run", "true"), func(f *classify.Case) { f.Package.Private = true }},
		want:   "wall package private-package",
	},
	{
		name:   "a private workspace",
		change: []change{func(f *classify.Case) { f.Package.Private, f.Package.Workspace = true, true }},
		want:   "wall package private-package",
	},
	{
		name:   "private until a script says otherwise",
		change: []change{manifest(`{"scripts":{"prepack":"clean-package"}}`), private},
		want:   "wall package private-package",
	},
	{
		name: "private until a script of a script says otherwise",
		change: []change{manifest(
			`{"scripts":{"prepack":"npm run build","build":"pnpm tidy && tsc","tidy":"npm pkg delete private"}}`,
		), private},
		want: "wall package private-package",
	},
	{
		name:   "private, and built",
		change: []change{manifest(`{"scripts":{"prepack":"npm run build","build":"tsc","unused":"npm pkg delete private"}}`), private},
		want:   "wall package private-package", refused: "private-package",
	},
	{
		name:   "private until a file says otherwise, which nobody can see",
		change: []change{manifest(`{"scripts":{"prepack":"node tools/tidy.js"}}`), private},
		want:   "wall package private-package",
	},
	{
		name: "private, and a long build that leaves package.json alone",
		change: []change{manifest(`{"scripts":{"prepublishOnly":"npm test && NODE_ENV=production npm run build:all -- --quiet",` +
			`"build:all":"npx --yes rimraf dist; cross-env A=b tsc -p . || exit 1","test":"jest --ci"}}`), private},
		want: "wall package private-package", refused: "private-package",
	},
	{name: "a prerelease that a file may stamp", change: []change{
		manifest(`{"scripts":{"prepublishOnly":"node tools/stamp.js"}}`), prerelease("11.19.1"),
	}, want: "warning dist-tag prerelease-tag"},
	{name: "a prerelease that is built", change: []change{
		manifest(`{"scripts":{"prepublishOnly":"tsc"}}`), prerelease("11.19.1"),
	}, want: "wall dist-tag prerelease-tag", refused: "prerelease-tag"},
	{name: "a script that sets the version, npm 10", change: []change{
		manifest(`{"scripts":{"prepack":"npm version minor"}}`), prerelease("10.9.0"),
	}, want: "wall dist-tag prerelease-tag", refused: "prerelease-tag", doubt: true},
	{name: "no package.json", change: []change{func(f *classify.Case) {
		f.Package = classify.Package{Kind: "folder", Problem: "there is no package.json", Packed: classify.Packed{Problem: "ENOENT"}}
		f.Settings, f.Answers = classify.Settings{}, classify.Answers{}
	}}, want: "warning registry , wall package manifest-invalid"},
	{
		name:   "a script publish",
		change: []change{manifest(`{"repository":"acme/demo","scripts":{"publish":"echo done"}}`)},
		want:   "warning scripts ",
	},
	{
		name:   "a script publish that publishes",
		change: []change{manifest(`{"repository":"acme/demo","scripts":{"publish":"npm run build && npm publish"}}`)},
		want:   "wall scripts published-script-failed",
	},
	{name: "provenance at home", change: []change{setting("provenance", "true")}, want: "wall provenance provenance-unavailable"},
	{
		name:   "provenance without the permission",
		change: []change{setting("provenance", "true"), func(f *classify.Case) { f.CI.Name = "GitHub Actions" }},
		want:   "wall provenance provenance-unavailable",
	},
	{name: "provenance of another repository", change: []change{setting("provenance", "true"), func(f *classify.Case) {
		f.CI.Name, f.CI.Signs, f.Package.Remote = "GitHub Actions", true, "git@github.com:acme/fork.git"
	}}, want: "wall repository provenance-mismatch"},
	{name: "no repository", change: []change{manifest(`{}`)}, want: "warning repository provenance-mismatch"},
	{
		name:   "second factor",
		change: []change{func(f *classify.Case) { f.Answers.Account.SecondFactor = "auth-and-writes" }},
		want:   "warning 2FA otp-required",
	},
	{
		name:   "no second factor",
		change: []change{func(f *classify.Case) { f.Answers.Account.SecondFactor = "" }},
		want:   "warning 2FA 2fa-required",
	},
	{name: "a secret", change: []change{func(f *classify.Case) {
		f.Package.Packed.Files = []classify.File{
			{Path: "id_rsa", Secret: "a private key"}, {Path: "test/fixtures/id_rsa", Secret: "a private key"},
		}
	}}, want: "wall contents , warning contents "},
	{
		name:   "npm cannot pack",
		change: []change{func(f *classify.Case) { f.Package.Packed = classify.Packed{Problem: "EACCES"} }},
		want:   "wall contents manifest-invalid",
	},
}

func TestFind(t *testing.T) {
	for _, c := range slices.Concat(cases, dependencyCases) {
		t.Run(c.name, func(t *testing.T) {
			f := good()
			for _, change := range c.change {
				change(f)
			}
			var found []string
			for _, w := range preflight.Find(f, preflight.Next{}) {
				if w.Mark != preflight.OK {
					found = append(found, fmt.Sprintf("%s %s %s", w.Mark, w.Topic, w.Cause))
				}
				if w.Cause != "" && classify.Lookup(w.Cause) == nil {
					t.Errorf("there is no cause %s", w.Cause)
				}
				if w.Text == "" || strings.ContainsAny(w.Text, "\n") {
					t.Errorf("%s says %q", w.Topic, w.Text)
				}
			}
			if got := strings.Join(found, ", "); got != c.want {
				t.Errorf("found %s\nwant  %s", got, c.want)
			}
			d, refused := preflight.CertainRefusal(f, true)
			if refused != (c.refused != "") || refused && d.Cause.ID != c.refused {
				t.Errorf("refused beforehand: %v %+v, want %q", refused, d.Cause, c.refused)
			}
			if _, always := preflight.CertainRefusal(f, false); c.refused == "unresolved-protocol" && !always {
				t.Error("it is not refused where nothing runs before the upload")
			}
			if refused && (d.Sure == c.doubt || len(d.Evidence) == 0 || d.Title() == "") {
				t.Errorf("%+v", d)
			}
			ours := f.NPM == "10.9.0" || c.refused == "unresolved-protocol"
			if d, refused := preflight.CertainRefusal(f, false); refused && (!ours || d.Cause.ID != c.refused) {
				t.Errorf("where nothing runs before the upload %s is refused", d.Cause.ID)
			}
		})
	}
}

// The worst is what a person must change before anything else helps.
func TestExit(t *testing.T) {
	for causes, want := range map[string]int{
		"": 0, "version-exists": 65, "network version-exists": 65, "version-exists not-logged-in": 77,
		"not-logged-in token-unset": 78, "rate-limited": 75, "rate-limited network": 69, "published-script-failed": 65,
	} {
		findings := []preflight.Finding{{Mark: preflight.OK}, {Mark: preflight.Warning, Cause: "token-unset"}}
		for _, id := range strings.Fields(causes) {
			findings = append(findings, preflight.Finding{Mark: preflight.Wall, Cause: id})
		}
		if got := preflight.Exit(findings); got != want {
			t.Errorf("%q: %d, want %d", causes, got, want)
		}
	}
}

// Whether this account may write the package is one line, with the answer that tells it.
func TestWhoMayWrite(t *testing.T) {
	asked := classify.Asked{From: "npm access list collaborators demo"}
	for _, c := range []struct {
		name   string
		change change
		want   string
	}{
		{"listed", func(f *classify.Case) { f.Answers.Asked = []classify.Asked{asked} }, "read-write: bob may publish demo (npm access list collaborators demo)"},
		{"a maintainer", func(f *classify.Case) { f.Answers.MayWrite = classify.Unknown }, "read-write: bob may publish demo (npm view demo maintainers)"},
		{"not listed", func(f *classify.Case) {
			f.Answers.MayWrite, f.Answers.Asked, f.Answers.Packument.Maintainers = classify.No, []classify.Asked{asked}, []string{"alice"}
		}, "read-only: demo belongs to alice, and bob may not publish it (npm access list"},
		{"no answer", func(f *classify.Case) {
			f.Package.Name, f.Answers.MayWrite, f.Answers.Packument.Maintainers = "@acme/demo", classify.Unknown, []string{"alice"}
		}, "unknown: @acme/demo belongs to alice, and the registry does not say whether bob may publish it"},
		{"nobody known", func(f *classify.Case) {
			f.Answers.MayWrite, f.Answers.Identity = classify.Unknown, classify.Identity{}
		}, "unknown: demo belongs to bob"},
	} {
		f := good()
		c.change(f)
		var lines []string
		for _, w := range preflight.Find(f, preflight.Next{}) {
			if w.Topic == "permission" {
				lines = append(lines, w.Text)
			}
		}
		if len(lines) != 1 || !strings.HasPrefix(lines[0], c.want) {
			t.Errorf("%s: %q, want %q", c.name, lines, c.want)
		}
	}
}

// Which variable, what it holds, and the line that npm wants stand in the wall.
func TestTheLineForAVariable(t *testing.T) {
	for holds, want := range map[classify.Held]string{
		classify.HeldPresent: "${NPM_TOKEN}", classify.HeldMalformed: "cannot be sent", classify.HeldPlaceholder: "a placeholder",
	} {
		typed := "safepublish explain not-logged-in"
		if holds == classify.HeldPresent {
			typed = "npm config set '//npmjs.org/:_authToken=${NPM_TOKEN}'"
		}
		f := good()
		noLogin(f)
		unnamedToken(holds)(f)
		w := preflight.Worst(preflight.Find(f, preflight.Next{}))
		if w == nil || !strings.Contains(w.Text, "NPM_TOKEN is set, but no .npmrc names it") ||
			!strings.Contains(w.Text, "//npmjs.org/:_authToken=${NPM_TOKEN}") || !strings.Contains(w.Text, want) || !slices.Equal(w.Type, []string{typed}) {
			t.Errorf("%s: %+v", holds, w)
		}
		f = good()
		f.Answers.Npmrc.Settings[0] = token(classify.HeldUnset)
		f.Answers.Npmrc.Unnamed = []classify.Unnamed{{Name: "NPM_API_TOKEN", Holds: holds}}
		if w := preflight.Worst(preflight.Find(f, preflight.Next{})); w == nil || !strings.Contains(w.Text, "; NPM_API_TOKEN is set") {
			t.Errorf("%s: %+v", holds, w)
		}
	}
}

// The row of a package says the worst: a wall, else what is wrong with the package itself.
func TestFirst(t *testing.T) {
	account, contents := preflight.Finding{Mark: preflight.Warning, Topic: "account"}, preflight.Finding{Mark: preflight.Warning, Topic: "contents"}
	there, login := preflight.Finding{Mark: preflight.Wall, Cause: "version-exists"}, preflight.Finding{Mark: preflight.Wall, Cause: "not-logged-in"}
	for _, c := range []struct {
		all  []preflight.Finding
		want int
	}{
		{nil, -1},
		{[]preflight.Finding{{Mark: preflight.OK}}, -1},
		{[]preflight.Finding{{Mark: preflight.OK}, account, contents, contents}, 2},
		{[]preflight.Finding{contents, account}, 0},
		{[]preflight.Finding{contents, account, there, login}, 3},
	} {
		got := preflight.Package{Findings: c.all}.First()
		if (got == nil) != (c.want < 0) || got != nil && got != &c.all[c.want] {
			t.Errorf("%+v: %+v", c.all, got)
		}
	}
}

func TestSmells(t *testing.T) {
	const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE"
	for _, c := range []struct{ name, head, want string }{
		{".env", "# comment\nexport API_KEY=fakefake\n", "secrets of an environment"},
		{".env.production", "DB_PASSWORD='fakefake'", "secrets of an environment"},
		{".env", "PORT=3000\nLOG=debug\n", ""},
		{".env", "API_KEY=\nTOKEN=$CI_TOKEN\nSECRET=<yours>\n", ""},
		{".env.example", "API_KEY=fakefake", ""},
		{"env.js", "API_KEY=fakefake", ""},
		{".npmrc", "//npmjs.org/:_authToken=fakefake", "a login"},
		{".npmrc", "//npmjs.org/:_authToken=${NPM_TOKEN}\nregistry=https://npmjs.org/", ""},
		{"certs/server.pem", key, "a private key"},
		{"certs/ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB", ""},
		{"id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\n", "a private key"},
		{"id_ed25519.pub", "ssh-ed25519 AAAA", ""},
		{"i18n.key", "title = Titel", ""},
		{"key.js", key, ""},
		{"service-account.json", `{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nMII"}`, "the key of a service account"},
		{"keywords.json", `["a"]`, ""},
		{"release.keystore", "\xfe\xed", "a key store"},
	} {
		if got := preflight.Smells(c.name, []byte(c.head)); got != c.want {
			t.Errorf("%s with %q: %q, want %q", c.name, c.head, got, c.want)
		}
	}
}

func TestScriptsThatRunBeforeTheUpload(t *testing.T) {
	const scripts = `{"scripts":{"prepare":"a","prepack":"b","prepublishOnly":"c","prepublish":"d",` +
		`"postpublish":"e","test":"f","postpack":""}}`
	for npm, want := range map[string]string{
		"6.14.18": "prepublishOnly prepack prepare prepublish", "11.19.1": "prepublishOnly prepack prepare",
	} {
		f := good()
		f.NPM, f.Package.Manifest = npm, []byte(scripts)
		if got := strings.Join(preflight.ScriptsBefore(f), " "); got != want {
			t.Errorf("npm %s: %q, want %q", npm, got, want)
		}
		f.Settings.Values = map[string]string{"ignore-scripts": "true"}
		if got := preflight.ScriptsBefore(f); len(got) > 0 {
			t.Errorf("npm %s without scripts: %q", npm, got)
		}
	}
}

func TestLookalikes(t *testing.T) {
	for name, want := range map[string]string{
		"foo-bar": "foobar foo_bar foo.bar", "foo.bar-baz": "foobarbaz foo-bar-baz foo_bar_baz foo.bar.baz", "foobar": "", "@acme/foo-bar": "",
	} {
		f := good()
		f.Package.Name, f.Answers.Packument.Found = name, classify.No
		if got := strings.Join(preflight.Lookalikes(f), " "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		f.Answers.Packument.Found = classify.Yes
		if got := preflight.Lookalikes(f); got != nil {
			t.Errorf("%s is there, and must not resemble %q", name, got)
		}
	}
}

// What a registry calls its users goes into no command that a shell would take
// apart.
func TestCommandsHoldPlainWordsAlone(t *testing.T) {
	f := good()
	f.Answers.MayWrite, f.Answers.Packument.Maintainers = classify.No, []string{"alice"}
	f.Answers.Identity.User = "bob;reboot"
	f.Package.Version = "1.0.0"
	commands := ""
	for _, w := range preflight.Find(f, preflight.Next{Versions: []string{"1.0.1"}}) {
		commands += strings.Join(w.Type, "\n") + "\n"
	}
	if strings.Contains(commands, "reboot") || !strings.Contains(commands, "npm version 1.0.1") {
		t.Error(commands)
	}
}

// One repository has many addresses.
func TestRepository(t *testing.T) {
	for _, c := range []struct{ declared, remote, want string }{
		{`"acme/demo"`, "git@github.com:acme/demo.git", ""},
		{`"github:acme/demo"`, "https://ann:secret@github.com/Acme/demo/", ""},
		{`{"url":"git+ssh://git@github.com/acme/demo.git"}`, "ssh://git@github.com:22/acme/demo", ""},
		{`{"type":"git","url":"git://gitlab.com/a/b/c.git"}`, "https://gitlab.com/a/b/c.git", ""},
		{`{"url":"https://github.com/acme/other"}`, "https://github.com/acme/demo", "warning"},
		{`"gist:123"`, "https://github.com/acme/demo", "warning"},
		{`null`, "https://github.com/acme/demo", "warning"},
		{`null`, "/srv/git/demo.git", ""},
		{`null`, "../demo", ""},
		{`null`, `C:\git\demo`, ""},
		{`null`, "", ""},
	} {
		f := good()
		f.Package.Manifest, f.Package.Remote = []byte(`{"repository":`+c.declared+`}`), c.remote
		got := ""
		for _, w := range preflight.Find(f, preflight.Next{}) {
			if w.Topic == "repository" && w.Mark != preflight.OK {
				got = string(w.Mark)
			}
			if strings.Contains(w.Text, "secret") {
				t.Errorf("%s", w.Text)
			}
		}
		if got != c.want {
			t.Errorf("%s and %s: %q, want %q", c.declared, c.remote, got, c.want)
		}
	}
}

// Who may write a package is asked only where whoami and the maintainers leave a doubt.
func TestAccountQuestions(t *testing.T) {
	const who, may = classify.AskIdentity, classify.AskAccess
	bob := classify.Packument{Found: classify.Yes, Maintainers: []string{"bob"}}
	named := func(user string) classify.Identity { return classify.Identity{Known: classify.Yes, User: user} }
	for _, c := range []struct {
		name   string
		change change
		asked  []classify.Question
		want   []classify.Question
	}{
		{"first", func(*classify.Case) {}, nil, []classify.Question{who}},
		{"a maintainer", func(f *classify.Case) { f.Answers.Identity, f.Answers.Packument = named("bob"), bob }, []classify.Question{who}, nil},
		{"somebody else", func(f *classify.Case) { f.Answers.Identity, f.Answers.Packument = named("eve"), bob }, []classify.Question{who}, []classify.Question{may}},
		{"a new package", func(f *classify.Case) { f.Answers.Identity, f.Answers.Packument = named("eve"), classify.Packument{} }, []classify.Question{who}, nil},
		{"refused", func(f *classify.Case) { f.Answers.Identity = classify.Identity{Known: classify.No} }, []classify.Question{who}, []classify.Question{may}},
		{"no answer", func(f *classify.Case) { f.Answers.Identity = classify.Identity{} }, []classify.Question{who}, nil},
		{"all was asked", func(f *classify.Case) { f.Answers.Identity = classify.Identity{Known: classify.No} }, []classify.Question{who, may}, nil},
		{"nobody is logged in", noLogin, nil, []classify.Question{who}},
		{"nobody is logged in, asked", noLogin, []classify.Question{who}, nil},
		{"another registry", func(f *classify.Case) {
			f.Settings.Registry = "https://npm.example.com/"
			f.Answers.Npmrc.Settings[0].Key = "//npm.example.com/:_authToken"
		}, nil, nil},
		{"a dry run", setting("dry-run", "true"), nil, nil},
	} {
		f := good()
		f.Answers.MayWrite = classify.Unknown
		c.change(f)
		f.Answers.Questions = c.asked
		if got := preflight.AccountQuestions(f); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
