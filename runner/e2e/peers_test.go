//go:build !windows

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"safepublish/runner/realnpm"
)

// peer is a release tool that publishes by an npm that it starts. The registry wants a
// code for every upload: the tool alone does not get past that, and through the shim it
// does.
type peer struct {
	name, pkg, version string
	more               []string // installed beside it
	prepare            func(t *testing.T, p *project) (argv []string)
	through            func(t *testing.T, p *project, argv []string) []string // nil: the shim stands first on PATH
	want               []string
}

const nxJS, nxVersion = "@nx/js", "23.3.1"

// peers are the tools that call an npm. Those that call none are not here: pnpm from 11
// on, yarn, bun and lerna upload by themselves.
var peers = few(1, []peer{
	{name: "changesets 3", pkg: "@changesets/cli", version: "3.0.3", prepare: changesets, want: []string{"a@1.0.0", "b@1.0.0"}},
	{name: "pnpm 10", pkg: "pnpm", version: "10.34.9", prepare: pnpm10, through: npmPath, want: []string{"a@1.0.0", "b@1.0.0"}},
	{name: "np", pkg: "np", version: "12.1.1", prepare: np, want: []string{"demo@1.0.1"}},
	{name: "changesets 2", pkg: "@changesets/cli", version: "2.29.7", prepare: changesets, want: []string{"a@1.0.0", "b@1.0.0"}},
	{name: "nx", pkg: nxJS, version: nxVersion, prepare: nx, through: inBin, want: []string{"a@1.0.0", "b@1.0.0"}},
	{name: "release-it", pkg: "release-it", version: "21.1.2", prepare: releaseIt, want: []string{"demo@1.0.1"}},
	{name: "semantic-release", pkg: "semantic-release", version: "25.0.9", more: withExec, prepare: semanticRelease, want: []string{"demo@1.0.0"}},
	{name: "a loop", prepare: loop, want: []string{"a@1.0.0", "b@1.0.0"}},
})

// withExec is the plugin of semantic-release that runs a command.
var withExec = []string{"@semantic-release/exec", "7.1.0"}

// A release tool ends well through the shim where it does not alone, and nothing is
// stored twice.
func TestRealPeers(t *testing.T) {
	t.Parallel()
	for _, k := range peers {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			for _, shim := range []bool{false, true} {
				p, reg := k.project(t)
				argv := k.prepare(t, p)
				p.inGit(t)
				switch {
				case shim && k.through != nil:
					argv = k.through(t, p, argv)
				case shim:
					shimmed(t, p)
				}
				out, status := p.run(argv...)
				all, stored := reg.got()
				var got []string
				for _, u := range stored {
					got = append(got, u.name+"@"+u.version)
				}
				slices.Sort(got)
				if shim && (status != 0 || !slices.Equal(got, k.want)) || !shim && (len(all) == 0 || len(stored) > 0) {
					t.Fatalf("shim %t: %q ended with %d, stored %q\n%s", shim, argv, status, got, out)
				}
			}
		})
	}
}

// project is an empty folder in which the tool is on PATH, with the node that it needs.
func (k peer) project(t *testing.T) (*project, *stub) {
	t.Helper()
	reg := newStub(t).wantsOTP("123456")
	p := newProject(t, npm11, reg.URL, demo)
	p.env = append(p.env, "SAFEPUBLISH_OTP_COMMAND=echo 123456", "npm_config_registry="+reg.URL+"/", "NX_DAEMON=false", "NX_NO_CLOUD=true", "CI=true")
	p.env = slices.DeleteFunc(p.env, func(entry string) bool { return strings.HasPrefix(entry, "SAFEPUBLISH_NPM=") })
	if k.pkg != "" {
		p.withTool(t, k.pkg, k.version, k.more...)
	}
	return p, reg
}

// withTool puts the programs of an npm package on PATH, behind npm and the node that
// npm 12 has, which is newer than some machines'.
func (p *project) withTool(t *testing.T, pkg, version string, more ...string) {
	t.Helper()
	p.withOnPath(realnpm.Tools(t, pkg, version, more...))
	p.withOnPath(filepath.Dir(p.npm))
	if node, _ := filepath.Glob(filepath.Join(filepath.Dir(realnpm.Path(t, npm12)), "..", "node_modules", "node-*", "bin")); len(node) > 0 {
		p.withOnPath(node[0])
	}
}

// two makes the package a private root with the workspaces a and b.
func (p *project) two() {
	p.write("package.json", `{"name":"root","private":true,"version":"1.0.0","workspaces":["packages/*"]}`+"\n")
	p.write("package-lock.json", `{"name":"root","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"root","version":"1.0.0","workspaces":["packages/*"]},`+
		`"node_modules/a":{"resolved":"packages/a","link":true},"node_modules/b":{"resolved":"packages/b","link":true},`+
		`"packages/a":{"name":"a","version":"1.0.0"},"packages/b":{"name":"b","version":"1.0.0"}}}`+"\n")
	for _, name := range []string{"a", "b"} {
		p.write("packages/"+name+"/package.json", fmt.Sprintf(`{"name":%q,"version":"1.0.0"}`, name)+"\n")
	}
}

func changesets(_ *testing.T, p *project) []string {
	p.two()
	p.write(".changeset/config.json", `{"changelog": false, "commit": false, "access": "public", "baseBranch": "main"}`)
	return []string{"changeset", "publish"}
}

func pnpm10(_ *testing.T, p *project) []string {
	p.two()
	p.write("pnpm-workspace.yaml", "packages: ['packages/*']\nmanagePackageManagerVersions: false\n")
	return []string{"pnpm", "publish", "-r"}
}

// npmPath tells pnpm where npm is: it puts the folder of its node before PATH.
func npmPath(t *testing.T, p *project, argv []string) []string {
	t.Helper()
	path := p.env
	p.env = slices.Clone(path)
	dir := shimmed(t, p)
	p.env = path
	return append(argv, "--config.npm-path="+filepath.Join(dir, "npm"))
}

func np(_ *testing.T, p *project) []string {
	return []string{"np", "patch", "--no-tests", "--no-cleanup", "--no-release-draft", "--any-branch", "--no-2fa"}
}

func nx(t *testing.T, p *project) []string {
	t.Helper()
	p.two()
	p.write("nx.json", `{"release":{"projects":["a","b"]}}`)
	p.write(".gitignore", "node_modules\n.nx\n")
	modules := filepath.Join(realnpm.Tools(t, nxJS, nxVersion), "..")
	for _, name := range []string{"nx", nxJS, "@nx/devkit"} {
		link := filepath.Join(p.dir, "node_modules", name)
		if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(modules, name), link); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"nx", "release", "publish"}
}

// inBin puts the shim where nx looks for npm first: it puts the folder of its node
// before PATH, and node_modules/.bin before that.
func inBin(t *testing.T, p *project, argv []string) []string {
	t.Helper()
	if _, stderr, status := p.piped("shim", "node_modules/.bin"); status != 0 {
		t.Fatal(stderr)
	}
	return argv
}

func releaseIt(_ *testing.T, p *project) []string {
	return []string{"release-it", "patch", "--ci"}
}

func semanticRelease(_ *testing.T, p *project) []string {
	p.write(".releaserc.json", `{"branches":["main"],"plugins":["@semantic-release/commit-analyzer","@semantic-release/npm"]}`)
	return []string{"semantic-release", "--no-ci"}
}

func loop(_ *testing.T, p *project) []string {
	p.two()
	return []string{"sh", "-ec", "for d in packages/*; do (cd $d && npm publish); done"}
}

// A loop over packages of which one is there already goes on through the shim.
func TestRealLoopSkipsWhatIsThere(t *testing.T) {
	large(t)
	t.Parallel()
	p, reg := peer{}.project(t)
	reg.holds("a", "1.0.0").wantsOTP("")
	argv := loop(t, p)
	if out, status := p.run(argv...); status == 0 {
		t.Errorf("alone\n%s", out)
	}
	shimmed(t, p)
	p.env = append(p.env, "SAFEPUBLISH_SKIP_EXISTING=1")
	for range 2 {
		out, status := p.run(argv...)
		if _, stored := reg.got(); status != 0 || len(stored) != 1 || stored[0].name != "b" {
			t.Errorf("status %d, %+v\n%s", status, stored, out)
		}
	}
}
