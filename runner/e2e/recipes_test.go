//go:build !windows

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Every recipe that the README links is run as it stands in testdata/recipes.

// large leaves a test that takes long, or whose tool takes long to install, to .ci/soak.
func large(t *testing.T) {
	t.Helper()
	if wanted == "" {
		t.Skip("it takes long: .ci/soak runs it")
	}
}

// recipe returns the text of one recipe.
func recipe(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "recipes", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// kitchen is a package whose folder every recipe can be tried in.
func kitchen(t *testing.T) (*project, *stub) {
	t.Helper()
	reg := newStub(t).holds("demo", "0.9.0")
	p := newProject(t, npm11, reg.URL, demo)
	path := &p.env[len(p.env)-1]
	for i := range p.env {
		if strings.HasPrefix(p.env[i], "PATH=") {
			path = &p.env[i]
		}
	}
	*path = "PATH=" + filepath.Dir(p.npm) + ":" + filepath.Dir(program) + ":" + strings.TrimPrefix(*path, "PATH=")
	return p, reg
}

// merged writes package.json with the keys of a recipe added to it.
func (p *project) merged(t *testing.T, fragment string) {
	t.Helper()
	var doc map[string]any
	for _, text := range []string{p.read("package.json"), fragment} {
		if err := json.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
	}
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	p.write("package.json", string(text)+"\n")
}

// publishes checks that a command publishes one version, once, however often it
// is run.
func publishes(t *testing.T, p *project, reg *stub, version string, argv ...string) {
	t.Helper()
	for range 2 {
		if out, status := p.run(argv...); status != 0 {
			t.Fatalf("%q ended with %d\n%s", argv, status, out)
		}
	}
	if _, stored := reg.got(); len(stored) != 1 || stored[0].version != version {
		t.Errorf("stored %+v", stored)
	}
}

func TestRealRecipePackageJSON(t *testing.T) {
	t.Parallel()
	p, reg := kitchen(t)
	p.merged(t, recipe(t, "package.json"))
	publishes(t, p, reg, "1.0.0", "npm", "run", "release", "--", "--tag", "beta")
}

func TestRealRecipeShell(t *testing.T) {
	t.Parallel()
	p, reg := kitchen(t)
	script := filepath.Join(p.home, "release.sh")
	if err := os.WriteFile(script, []byte(recipe(t, "release.sh")), 0o755); err != nil {
		t.Fatal(err)
	}
	publishes(t, p, reg, "1.0.0", script)
	reg.holds("demo", "1.0.1")
	p.write("package.json", strings.Replace(demo, "1.0.0", "1.0.1", 1))
	out, status := p.run(script)
	if status != 65 || !strings.HasSuffix(out, "change the package: raise its version, for example\n") {
		t.Errorf("status %d\n%s", status, out)
	}
	if doc := validReport(t, filepath.Join(p.dir, "release.json")); *doc.Exit != 65 {
		t.Errorf("the report: %+v", doc)
	}
}

// steps are the commands of a CI's job that are shell.
func steps(t *testing.T, text string) []string {
	t.Helper()
	var doc struct {
		Jobs    map[string]struct{ Steps []struct{ Run string } }
		Publish struct{ Script []string }
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	all := doc.Publish.Script
	for _, s := range doc.Jobs["publish"].Steps {
		if s.Run != "" {
			all = append(all, s.Run)
		}
	}
	if len(all) < 2 {
		t.Fatalf("only %q", all)
	}
	return all
}

func TestRealRecipesOfCIs(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]string{"github-actions.yml": "GITHUB_ACTIONS=true", "gitlab-ci.yml": "GITLAB_CI=true"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			p, reg := kitchen(t)
			p.write("package-lock.json", `{"name":"demo","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"demo","version":"1.0.0"}}}`)
			p.env = append(p.env, "CI=true", env, "RUNNER_TEMP="+p.home)
			publishes(t, p, reg, "1.0.0", "bash", "-e", "-c", strings.Join(steps(t, recipe(t, name)), "\n"))
		})
	}
}

func TestRealRecipeAlias(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"sh", "bash"} {
		p, reg := kitchen(t)
		publishes(t, p, reg, "1.0.0", shell, "-c", recipe(t, "bashrc.sh")+"npm publish --tag beta && npm --version")
	}
}

// inGit makes the package a repository with a remote, as release tools want it.
func (p *project) inGit(t *testing.T) {
	t.Helper()
	p.env = append(p.env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	origin := filepath.Join(p.home, "origin.git")
	script := "git init -q -b main && git config user.name a && git config user.email a@example.com && git add . && git commit -qm 'feat: first' && git init -q --bare -b main " + origin +
		" && git remote add origin " + origin + " && git push -q -u origin main"
	if out, status := p.run("sh", "-c", script); status != 0 {
		t.Fatal(out)
	}
}

// served is a package whose folder a recipe for another tool can be tried in.
func served(t *testing.T, pkg, version string, more ...string) (*project, *stub) {
	t.Helper()
	p, reg := kitchen(t)
	p.withTool(t, pkg, version, more...)
	p.env = append(p.env, "npm_config_registry="+reg.URL+"/", "NX_DAEMON=false", "NX_NO_CLOUD=true")
	return p, reg
}

func TestRealRecipeChangesets(t *testing.T) {
	t.Parallel()
	p, reg := served(t, "@changesets/cli", "3.0.3")
	p.merged(t, recipe(t, "changesets.package.json"))
	p.write(".npmignore", ".changeset\n")
	p.write(".changeset/config.json", `{"changelog": false, "commit": false, "access": "public", "baseBranch": "main"}`)
	p.write(".changeset/brave-dogs-run.md", "---\n\"demo\": patch\n---\n\nsmaller\n")
	p.inGit(t)
	if out, status := p.run("changeset", "version"); status != 0 {
		t.Fatal(out)
	}
	publishes(t, p, reg, "1.0.1", "npm", "run", "release")
	p.write("index.js", "module.exports = 2\n") // a push without a changeset
	publishes(t, p, reg, "1.0.1", "npm", "run", "release")
	if tags, _ := p.run("git", "tag"); tags != "v1.0.1\n" {
		t.Errorf("the tags are %q", tags)
	}
}

// The hook of release-it has no terminal, also where release-it has one: a code comes
// from SAFEPUBLISH_OTP_COMMAND alone.
func TestRealRecipeReleaseIt(t *testing.T) {
	t.Parallel()
	p, reg := served(t, "release-it", "21.1.2")
	p.write(".release-it.json", recipe(t, "release-it.json"))
	p.inGit(t)
	reg.wantsOTP("123456")
	if out, status := p.run("release-it", "patch", "--ci"); status == 0 {
		t.Errorf("a publish that was refused ended well\n%s", out)
	}
	if tags, _ := p.run("git", "tag"); tags != "" {
		t.Errorf("after a refused publish there are the tags %q", tags)
	}
	if out, status := p.run("git", "checkout", "-q", "."); status != 0 {
		t.Fatal(out)
	}
	p.env = append(p.env, "SAFEPUBLISH_OTP_COMMAND=echo 123456")
	if out, status := p.run("release-it", "patch", "--ci"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	if _, stored := reg.got(); len(stored) != 1 || stored[0].version != "1.0.1" {
		t.Errorf("stored %+v", stored)
	}
	if tags, _ := p.run("git", "tag"); tags != "1.0.1\n" {
		t.Errorf("the tags are %q", tags)
	}
}

func TestRealRecipeSemanticRelease(t *testing.T) {
	large(t)
	t.Parallel()
	p, reg := served(t, "semantic-release", "25.0.9", withExec...)
	p.write(".releaserc.json", recipe(t, "semantic-release.json"))
	p.inGit(t)
	publishes(t, p, reg, "1.0.0", "semantic-release", "--no-ci")
	if tags := reg.tagged("demo"); !slices.Contains(tags, "latest=1.0.0") {
		t.Errorf("the dist-tags are %q", tags)
	}
}

// The recipes for the monorepos of other clients: their own ranges are real ones on the
// registry, and a second run sends nothing.
func TestRealRecipesOfClients(t *testing.T) {
	t.Parallel()
	large(t)
	for name, c := range map[string]client{"pnpm.package.json": clients[0], "yarn.package.json": clients[3], "bun.package.json": clients[4]} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			reg := newStub(t).holds("a", "1.2.0")
			p := linked(t, c.npm, c.name, c.pkg, c.version, reg)
			p.withOnPath(filepath.Dir(program))
			p.merged(t, recipe(t, name))
			publishes(t, p, reg, "1.0.0", c.name, "run", "release")
			if got := needed(reg); got != "^1.2.0" {
				t.Errorf("b needs a %s", got)
			}
		})
	}
}

func TestRealRecipeLerna(t *testing.T) {
	large(t)
	t.Parallel()
	p, reg := served(t, "lerna", "10.1.1")
	p.two()
	p.write("lerna.json", `{"version":"1.0.0"}`)
	p.merged(t, recipe(t, "lerna.package.json"))
	p.inGit(t)
	reg.holds("a", "1.0.0")
	publishes(t, p, reg, "1.0.0", "npm", "run", "release")
}

func TestRealRecipeNx(t *testing.T) {
	large(t)
	t.Parallel()
	p, reg := served(t, nxJS, nxVersion)
	nx(t, p)
	p.merged(t, recipe(t, "nx.package.json"))
	p.inGit(t)
	reg.holds("a", "1.0.0").wantsOTP("123456")
	p.env = append(p.env, "SAFEPUBLISH_OTP_COMMAND=echo 123456")
	publishes(t, p, reg, "1.0.0", "npm", "run", "release")
}

func TestRealRecipeMakefile(t *testing.T) {
	t.Parallel()
	p, reg := kitchen(t)
	p.write(".npmignore", "Makefile\n")
	p.write("Makefile", recipe(t, "Makefile"))
	if out, status := p.run("make", "check", "ARGS=--tag beta"); status != 0 {
		t.Fatalf("%d\n%s", status, out)
	}
	publishes(t, p, reg, "1.0.0", "make", "release", "ARGS=--tag beta")
	if tags := reg.tagged("demo"); !slices.Contains(tags, "beta=1.0.0") {
		t.Errorf("the dist-tags are %q", tags)
	}
}

// Any tool that starts an npm publishes through the shim.
func TestRealRecipeThroughShim(t *testing.T) {
	t.Parallel()
	p, reg := served(t, "@changesets/cli", "3.0.3")
	argv := changesets(t, p)
	script := filepath.Join(p.home, "through-shim.sh")
	if err := os.WriteFile(script, []byte(recipe(t, "through-shim.sh")), 0o755); err != nil {
		t.Fatal(err)
	}
	p.inGit(t)
	reg.holds("a", "1.0.0").wantsOTP("123456")
	p.env = append(p.env, "SAFEPUBLISH_OTP_COMMAND=echo 123456", "CI=true")
	publishes(t, p, reg, "1.0.0", append([]string{script}, argv...)...)
}

// The outputs of a step say which packages get a git tag.
func TestRealRecipeOfAWorkflowForWorkspaces(t *testing.T) {
	large(t)
	t.Parallel()
	p, reg := kitchen(t)
	p.two()
	p.inGit(t)
	reg.holds("a", "1.0.0")
	all := steps(t, recipe(t, "github-actions-workspaces.yml"))
	output := filepath.Join(p.home, "output")
	if err := os.WriteFile(output, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.env = append(p.env, "CI=true", "GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+output)
	publishes(t, p, reg, "1.0.0", "bash", "-e", "-c", strings.Join(all[:2], "\n"))
	read, err := os.ReadFile(output)
	if err != nil || !strings.HasPrefix(string(read), "outcome=published\npublished=true\n") {
		t.Fatal(err, string(read))
	}
	_, packages, _ := strings.Cut(string(read), "\npackages=")
	packages, _, _ = strings.Cut(packages, "\n")
	p.env = append(p.env, "PACKAGES="+packages)
	if out, status := p.run("bash", "-e", "-c", all[2]); status != 0 {
		t.Fatal(out)
	}
	if tags, _ := p.run("git", "ls-remote", "--tags"); !strings.Contains(tags, "refs/tags/b@1.0.0\n") || strings.Contains(tags, "a@") {
		t.Errorf("the tags are %q", tags)
	}
}

func TestEveryRecipeIsRunAndLinked(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, err := os.ReadFile("recipes_test.go")
	if err != nil {
		t.Fatal(err)
	}
	all, err := os.ReadDir(filepath.Join("..", "..", "testdata", "recipes"))
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	for _, r := range all {
		if !bytes.Contains(tests, []byte(`"`+r.Name()+`"`)) {
			t.Errorf("no test runs %s", r.Name())
		}
		if !bytes.Contains(readme, []byte("(testdata/recipes/"+r.Name()+")")) {
			t.Errorf("the README does not link %s", r.Name())
		}
	}
}
