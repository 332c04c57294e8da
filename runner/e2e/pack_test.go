//go:build !windows

package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"safepublish/runner/realnpm"
	"safepublish/runner/registry"
)

type client struct{ name, pkg, version, npm string }

// clients are those that pack, by the packages that bring them. pnpm 11 needs node 22,
// which npm 12 has.
var clients = []client{
	{"pnpm", "pnpm", "10.34.9", npm11},
	{"pnpm", "pnpm", "11.28.7", npm12},
	{"pnpm", "pnpm", "12.21.0", npm11},
	{"yarn", "@yarnpkg/cli-dist", "4.18.1", npm11},
	{"bun", "bun", "1.4.5", npm11},
}

// linked writes a workspace b that depends on a as workspace:^ means it, with scripts
// around the publish, for one client.
func linked(t *testing.T, npm, client, pkg, version string, reg *stub) *project {
	t.Helper()
	pinned, switches := `,"packageManager":"`+client+"@"+version+`"`, "managePackageManagerVersions: false\n"
	if strings.HasPrefix(version, "12.") { // pnpm 12 asks the registry for the one that is pinned, and knows the setting no more
		pinned, switches = "", ""
	}
	p := newProject(t, npm, reg.URL, `{"name":"root","private":true,"workspaces":["packages/*"]`+pinned+`}`)
	tools := realnpm.Tools(t, pkg, version)
	for _, program := range []string{"@oven/bun-*/bin/bun", "@pnpm/exe.*/pnpm"} { // an install script links it
		if real, _ := filepath.Glob(filepath.Join(tools, "..", program)); len(real) > 0 {
			tools = filepath.Dir(real[0])
		}
	}
	p.withOnPath(tools)
	p.env = append(p.env, "YARN_ENABLE_GLOBAL_CACHE=0", "YARN_ENABLE_TELEMETRY=0", "YARN_NPM_REGISTRY_SERVER="+reg.URL,
		"YARN_UNSAFE_HTTP_WHITELIST=127.0.0.1", "YARN_IGNORE_PATH=1", "COREPACK_ENABLE_STRICT=0", "npm_config_manage_package_manager_versions=false")
	if client == "pnpm" {
		p.write("pnpm-workspace.yaml", "packages: ['packages/*']\ncatalog:\n  left: ^3.0.0\n"+switches)
	}
	p.write("packages/a/package.json", `{"name":"a","version":"1.2.0"}`+"\n")
	scripts := `{"prepublishOnly":"echo prepublishOnly >>../../ran","prepack":"echo prepack >>../../ran","postpublish":"echo postpublish >>../../ran"}`
	p.write("packages/b/package.json", `{"name":"b","version":"1.0.0","scripts":`+scripts+`,"dependencies":{"a":"workspace:^"}}`+"\n")
	switch client {
	case "pnpm":
		p.run("pnpm", "install", "--offline")
	case "yarn":
		p.write("yarn.lock", "")
		p.run("yarn", "install")
	case "bun":
		p.run("bun", "install")
	}
	return p
}

// withOnPath puts a folder first on the project's PATH.
func (p *project) withOnPath(dir string) {
	for i, entry := range p.env {
		if rest, ok := strings.CutPrefix(entry, "PATH="); ok {
			p.env[i] = "PATH=" + dir + ":" + rest
		}
	}
}

// needed returns the range of a that the registry's b depends on.
func needed(reg *stub) (ranges string) {
	reg.Change(func(w *registry.World) {
		if p := w.Packages["b"]; p != nil {
			for _, v := range p.Versions {
				if strings.Contains(string(v.Manifest), `"a":`) {
					_, rest, _ := strings.Cut(string(v.Manifest), `"a":"`)
					ranges, _, _ = strings.Cut(rest, `"`)
				}
			}
		}
	})
	return ranges
}

// A monorepo whose dependencies only its own client can read is published through that
// client's pack, with real ranges, the scripts that npm would run, each once, and in one
// run; run again it sends nothing.
func TestRealPackWith(t *testing.T) {
	t.Parallel()
	for _, c := range few(1, clients) {
		t.Run(c.name+c.version, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("b", "1.0.0")
			p := linked(t, c.npm, c.name, c.pkg, c.version, reg)
			args := []string{"--workspaces", "--pack-with", c.name, "--fix", "bump=patch", "--report", "../r.json"}
			_, stderr, status := p.piped(args...)
			_, stored := reg.got()
			if status != 0 || len(stored) != 2 || stored[0].name != "a" || stored[1].version != "1.0.1" {
				t.Fatalf("status %d, %+v\n%s", status, stored, stderr)
			}
			if got := needed(reg); got != "^1.2.0" {
				t.Errorf("b needs a %s", got)
			}
			ran := strings.Fields(p.read("ran"))
			if ran[0] != "prepublishOnly" || ran[len(ran)-1] != "postpublish" || strings.Count(strings.Join(ran, " "), "postpublish") != 1 {
				t.Errorf("ran %v", ran)
			}
			doc := validReport(t, filepath.Join(filepath.Dir(p.dir), "r.json"))
			if doc.Outcome != "published" || len(doc.Packages) != 2 {
				t.Errorf("%s %+v", doc.Outcome, doc.Packages)
			}
			_, stderr, status = p.piped(args...)
			if again, _ := reg.got(); status != 0 || len(again) != 2 {
				t.Errorf("again: status %d, %+v\n%s", status, again, stderr)
			}
		})
	}
}

// Without --pack-with such a package is refused before anything is sent, with the
// command that publishes it.
func TestRealUnresolvedNamesPackWith(t *testing.T) {
	t.Parallel()
	reg := newStub(t)
	p := linked(t, npm11, "pnpm", "pnpm", "10.34.9", reg)
	p.dir = filepath.Join(p.dir, "packages", "b")
	_, stderr, status := p.piped()
	if all, _ := reg.got(); status != 65 || len(all) != 0 || !strings.Contains(stderr, "safepublish --pack-with pnpm") {
		t.Errorf("status %d, %+v\n%s", status, all, stderr)
	}
}
