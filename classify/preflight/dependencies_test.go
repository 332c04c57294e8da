package preflight_test

import (
	"fmt"
	"strings"
	"testing"

	"safepublish/classify"
	"safepublish/classify/preflight"
)

// depends is a package.json with these fields besides what every one has.
func depends(fields string) change {
	return manifest(`{"name":"demo","version":"1.1.0","repository":"acme/demo",` + fields + `}`)
}

func packedAs(kind, client string) change {
	return func(f *classify.Case) { f.Package.Kind, f.Package.Client = kind, client }
}

const (
	unresolvedWall    = "wall package unresolved-protocol"
	unresolvedWarning = "warning package unresolved-protocol"
	workspaceRange    = `"dependencies":{"core":"workspace:*"}`
)

var dependencyCases = []example{
	{name: "a workspace's range", change: []change{depends(workspaceRange)}, want: unresolvedWall, refused: "unresolved-protocol"},
	{
		name:   "a catalog's, of a peer",
		change: []change{depends(`"peerDependencies":{"react":"catalog:react18"}`)}, want: unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "within a peer's range",
		change: []change{depends(`"peerDependencies":{"core":"^1.0.0 || workspace:*"}`)}, want: unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "a range in yarn's way",
		change: []change{depends(`"dependencies":{"lodash":"npm:^4.17.21"}`)}, want: "warning package ",
	},
	{
		name: "several are one line",
		change: []change{depends(`"dependencies":{"a":"link:../a","b":"portal:../b","c":"exec:./c.js"},` +
			`"optionalDependencies":{"d":"patch:d@1.0.0#d.patch","e":"JSR:@std/e@1"}`)},
		want: unresolvedWall, refused: "unresolved-protocol",
	},
	{name: "for development alone", change: []change{depends(`"devDependencies":{"core":"workspace:*"}`)}},
	{name: "what npm installs", change: []change{depends(`"dependencies":{"a":"npm:b@1","c":"github:a/b","d":"git+ssh://git@h/x.git",` +
		`"e":"https://h/x.tgz","f":"a/b","g":"^1 || 2","h":"latest","i":"","j":"git@github.com:a/b.git","k":"npm:7zip-bin@5","l":"npm:@a/b","m":"npm:x@^1"}`)}},
	{name: "a drive", change: []change{depends(`"dependencies":{"a":"C:\\a"}`)}, want: "warning package "},
	{name: "a path", change: []change{depends(`"dependencies":{"a":"file:../a"}`)}, want: "warning package "},
	{name: "another path", change: []change{depends(`"optionalDependencies":{"a":"../a","b":"/srv/b","c":"~/c"}`)}, want: "warning package "},
	{name: "a path in the package", change: []change{depends(`"dependencies":{"a":"file:./vendor/a.tgz","b":"file:vendor/b"}`)}},
	{name: "a path that is bundled", change: []change{depends(`"dependencies":{"a":"file:../a"},"bundleDependencies":["a"]`)}},
	{name: "all bundled", change: []change{depends(`"dependencies":{"a":"file:../a"},"bundledDependencies":true`)}},
	{
		name:   "and a script that may replace it",
		change: []change{depends(workspaceRange + `,"scripts":{"prepack":"clean-package"}`)}, want: unresolvedWarning,
	},
	{
		name:   "and a script that is known to leave it alone",
		change: []change{depends(workspaceRange + `,"scripts":{"prepare":"tsc"}`)}, want: unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "and a script of which nobody sees what it does",
		change: []change{depends(workspaceRange + `,"scripts":{"prepare":"node build.js"}`)}, want: unresolvedWarning,
	},
	{
		name:   "and a script that is switched off",
		change: []change{depends(workspaceRange + `,"scripts":{"prepare":"clean-package"}`), setting("ignore-scripts", "true")},
		want:   unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "and a script that runs after the upload",
		change: []change{depends(workspaceRange + `,"scripts":{"postpublish":"clean-package restore"}`)},
		want:   unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "in a tarball, of which no script is run",
		change: []change{depends(workspaceRange + `,"scripts":{"prepack":"clean-package"}`), packedAs("tarball", "pnpm")},
		want:   unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "in a dry run too: it says what would be",
		change: []change{depends(workspaceRange), setting("dry-run", "true")}, want: unresolvedWall, refused: "unresolved-protocol",
	},
	{
		name:   "in a private package, which npm refuses",
		change: []change{depends(workspaceRange), func(f *classify.Case) { f.Package.Private = true }},
		want:   "wall package private-package, " + unresolvedWall, refused: "private-package",
	},
	{
		name:   "in a private workspace, which npm passes over",
		change: []change{depends(workspaceRange), func(f *classify.Case) { f.Package.Private, f.Package.Workspace = true, true }},
		want:   "wall package private-package, " + unresolvedWall,
	},
}

// What is advised packs the package with the client that replaces such a range, and is
// left out where none does.
func TestHowToPackUnresolvedDependencies(t *testing.T) {
	for _, c := range []struct{ kind, client, name, as, want string }{
		{"folder", "pnpm", "@acme/demo", "workspace:*", "safepublish --pack-with pnpm"},
		{"folder", "bun", "demo", "catalog:", "safepublish --pack-with bun"},
		{"folder", "yarn", "demo", "workspace:^", "safepublish --pack-with yarn"},
		{"folder", "npm", "demo", "workspace:^", "own client"},
		{"folder", "", "demo", "workspace:^", "own client"},
		{"folder", "pnpm", "demo", "link:../core", "write a version range"},
		{"tarball", "pnpm", "demo", "workspace:*", "pack it with pnpm"},
		{"folder", "pnpm", "de;mo", "workspace:*", "--pack-with pnpm"},
	} {
		f := good()
		depends(fmt.Sprintf(`"dependencies":{"core":%q}`, c.as))(f)
		packedAs(c.kind, c.client)(f)
		f.Package.Name = c.name
		d, refused := preflight.CertainRefusal(f, false)
		shown := fmt.Sprint(d.Evidence)
		for _, w := range preflight.Find(f, preflight.Next{}) {
			if w.Cause == "unresolved-protocol" && !strings.Contains(w.Text+"; "+strings.Join(w.Type, "; "), c.want) {
				t.Errorf("%s of %s with %s: %q, %q, want %q", c.as, c.kind, c.client, w.Text, w.Type, c.want)
			}
			if strings.Contains(fmt.Sprint(w.Type), "de;mo") {
				t.Errorf("a command that a shell would take apart: %q", w.Type)
			}
		}
		first, _, _ := strings.Cut(c.want, ";")
		if !refused || !strings.Contains(shown, "core") || !strings.Contains(shown, first) || strings.Contains(shown, "find out") {
			t.Errorf("%s of %s with %s: %v %s", c.as, c.kind, c.client, refused, shown)
		}
	}
}

// Many are counted, not listed.
func TestManyUnresolvedDependencies(t *testing.T) {
	got := preflight.Unresolved([]byte(`{"dependencies":{"a":"workspace:*","b":"workspace:*","c":"1"},
		"peerDependencies":{"d":"catalog:","e":"link:e","f":"link:f","g":"link:g"}}`))
	if want := `a "workspace:*", b "workspace:*", d "catalog:", e "link:e", 2 more`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	twice := `{"dependencies":{"a":"1"},"dependencies":{"a":"workspace:*"}}`
	if got := preflight.Unresolved([]byte(twice)); got == "" {
		t.Error("of a key that stands twice npm takes the last")
	}
	for _, none := range []string{
		"", "{", "null", `{"dependencies":["workspace:*"]}`, `{"dependencies":{"a":{}}}`, `{"Dependencies":{"a":"workspace:*"}}`,
		`{"dependencies":{"a":"workspace:*"},"dependencies":{"a":"1"}}`,
	} {
		if got := preflight.Unresolved([]byte(none)); got != "" {
			t.Errorf("%s: %q", none, got)
		}
	}
}
