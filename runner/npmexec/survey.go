package npmexec

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/carry"
	"safepublish/classify/preflight"
	"safepublish/runner/npmrc"
)

// Subject is what a survey is about: the package as it was read.
type Subject struct {
	Args          []string          // npm's arguments
	Spec          string            // what npm is told to publish: a folder, a tarball, "" for the current folder
	Dir           string            // the package's folder
	PublishConfig map[string]string // as npm would read the values
}

// Settle fills in what npm's settings say of a publish: where it goes, with which
// tag, access and credential. It costs one run of npm, which is remembered.
func (r *Runner) Settle(ctx context.Context, f *preflight.Facts, s Subject) {
	f.NPM = r.Version(ctx)
	f.Settings = r.Config(ctx, s.Args)
	f.Npmrc = r.Npmrc(ctx, s.Args)
	f.CI, f.Signs = ci(r.Env), signs(r.Env)
	if f.Tag == "" && f.Settings["tag"] != "latest" {
		f.Tag = f.Settings["tag"]
	}
	if f.Access == "" {
		f.Access = f.Settings["access"]
	}
	f.Registry = r.Registry(ctx, f.Name, s.Args, s.PublishConfig)
	_, workspace := npmrc.Project(r.Dir)
	f.Workspace = workspace != ""
}

// Survey fills in everything that is known before a publish. All that does not
// wait for something else is asked at once. Nothing is changed: npm packs without
// writing and without a script, and asks the registry to read.
func (r *Runner) Survey(ctx context.Context, f *preflight.Facts, s Subject) {
	if f.Kind == "tarball" { // only npm knows its name
		f.Contents, f.Name, f.Version = r.pack(ctx, s)
	}
	contents, packed := f.Contents, func() {}
	if f.Kind == "folder" {
		packed = carry.Go(func() { contents, _, _ = r.pack(ctx, s) })
	}
	remote := carry.Go(func() { f.Remote = r.remote(ctx, s.Dir) })
	r.Settle(ctx, f, s)
	var account preflight.Account
	asked := func() {}
	if !f.NoLogin() {
		asked = carry.Go(func() { account = r.account(ctx, f.Registry, f.Name) })
	}
	f.Answers = r.Facts(ctx, f.Registry, f.Name, f.Version, questionsBefore(f))
	if preflight.LikeNPM(f.Registry) {
		f.Similar = r.similar(ctx, f.Registry, f.Lookalikes())
	}
	packed()
	remote()
	asked()
	f.Account, f.Contents = account, contents
}

// questionsBefore leaves out what nobody answers to somebody without a login.
func questionsBefore(f *preflight.Facts) []classify.Question {
	questions := []classify.Question{classify.AskPackument, classify.AskThis, classify.AskIdentity}
	if !f.NoLogin() {
		questions = append(questions, classify.AskAccess, classify.AskScope, classify.AskMember)
	}
	return questions
}

// signs reports whether npm can make provenance: where it can, and how it is known
// that the job may (libnpmpublish 12.2.0, lib/publish.js, ensureProvenanceGeneration).
func signs(env []string) bool {
	if npmrc.Getenv(env, "GITHUB_ACTIONS") != "" {
		return npmrc.Getenv(env, "ACTIONS_ID_TOKEN_REQUEST_URL") != ""
	}
	return npmrc.Getenv(env, "GITLAB_CI") != "" && npmrc.Getenv(env, "SIGSTORE_ID_TOKEN") != ""
}

// similar returns those of the names that are there.
func (r *Runner) similar(ctx context.Context, registry string, names []string) []string {
	there := make([]bool, len(names))
	var all []func()
	for i, name := range names {
		all = append(all, func() { there[i] = r.ask(ctx, registry, name, "view", name, "name", "--tag=latest").ok })
	}
	carry.All(all...)
	var found []string
	for i, name := range names {
		if there[i] {
			found = append(found, name)
		}
	}
	return found
}

// account asks who is logged in and with which second factor. Granular tokens may
// not ask.
func (r *Runner) account(ctx context.Context, registry, name string) preflight.Account {
	if registry == "" {
		return preflight.Account{}
	}
	a := r.ask(ctx, registry, name, "profile", "get")
	doc := gjson.Parse(a.out)
	if !a.ok || !doc.Get("tfa").Exists() {
		return preflight.Account{}
	}
	verified := doc.Get("email_verified")
	return preflight.Account{
		Known: true, SecondFactor: doc.Get("tfa.mode").String(),
		Unverified: verified.Exists() && !verified.Bool() && doc.Get("email").String() != "", // Verdaccio has neither
	}
}

// remote returns the address of the git remote origin, "" where there is none.
func (r *Runner) remote(ctx context.Context, dir string) string {
	out, _ := r.git(ctx, dir, "remote", "get-url", "origin")
	return strings.TrimSpace(out)
}

// pack asks npm what it would pack. It runs no script and writes nothing.
func (r *Runner) pack(ctx context.Context, s Subject) (c preflight.Contents, name, version string) {
	env, done, ok := r.scriptless(ctx, npmrc.Without(npmrc.WithEnv(r.Env, carried(r.Args, r.Major(ctx))...), probeDrops...))
	if !ok {
		return c, "", ""
	}
	defer done()
	args := []string{"pack"}
	if s.Spec != "" {
		args = append(args, s.Spec)
	}
	a := r.question(ctx, r.Dir, env, append(args, "--dry-run", "--json", "--ignore-scripts", "--loglevel=error", "--no-update-notifier", "--no-progress")...)
	doc := gjson.Parse(jsonIn(a.out))
	if e := doc.Get("error"); !a.ok || e.Exists() {
		return preflight.Contents{Problem: problemOf(a)}, "", ""
	}
	doc.ForEach(func(_, first gjson.Result) bool { // a list up to npm 11, an object in npm 12
		doc = first
		return false
	})
	c = preflight.Contents{
		Known: doc.Get("files").IsArray(), Size: doc.Get("size").Int(), Unpacked: doc.Get("unpackedSize").Int(), Shasum: doc.Get("shasum").String(),
	}
	smell := smellsIn(s.Dir)
	if file := r.tarball(s.Spec); file != "" {
		smell = smellsInTarball(file)
	}
	for _, file := range doc.Get("files").Array() {
		path := file.Get("path").String()
		c.Files = append(c.Files, preflight.File{Path: path, Size: file.Get("size").Int(), Secret: smell(path)})
	}
	return c, doc.Get("name").String(), doc.Get("version").String()
}

// scriptless returns an environment in which npm pack runs no script, and what
// takes it away again. --ignore-scripts does not keep npm 10 and older from it:
// 8.19.4 runs prepack, prepare and postpack all the same, 10.9.0 prepare
// (measured; libnpmpack 4, pacote 13 and 19 pass the setting on to nobody). What
// runs them is the sh on PATH, so that npm gets one that does nothing. On Windows
// it is no sh; there only a npm that obeys is asked.
func (r *Runner) scriptless(ctx context.Context, env []string) (_ []string, done func(), ok bool) {
	if major(r.Version(ctx)) >= 12 {
		return env, func() {}, true
	}
	nothing, err := exec.LookPath("true")
	if err != nil || runtime.GOOS == "windows" {
		return nil, nil, false
	}
	dir, err := os.MkdirTemp("", "safepublish-")
	if err != nil {
		return nil, nil, false
	}
	done = func() { _ = os.RemoveAll(dir) }
	shell := filepath.Join(dir, "sh")
	err = os.WriteFile(shell, []byte("#!"+nothing+"\n"), 0o700) // no link: busybox would look at the name, and be a shell
	if err != nil || exec.CommandContext(ctx, shell, "-c", "exit 1").Run() != nil {
		done() // a folder where nothing may be executed: the next sh on PATH would be taken
		return nil, nil, false
	}
	path := dir + string(os.PathListSeparator) + npmrc.Getenv(env, "PATH")
	return npmrc.WithEnv(env, "PATH="+path, "npm_config_script_shell="+shell), done, true
}

// jsonIn returns the JSON document at the end of what npm printed: up to npm 10
// the names of scripts stand before it.
func jsonIn(out string) string {
	for at := range len(out) {
		if (at == 0 || out[at-1] == '\n') && (out[at] == '[' || out[at] == '{') && gjson.Valid(out[at:]) {
			return out[at:]
		}
	}
	return ""
}

// problemOf returns the first line of what npm says of a failure; "" where npm
// did not end by itself.
func problemOf(a answer) string {
	if !a.came {
		return ""
	}
	for _, text := range []string{a.out, a.err} {
		if at := strings.IndexByte(text, '{'); at >= 0 {
			if line, _, _ := strings.Cut(strings.TrimSpace(gjson.Get(text[at:], "error.summary").String()), "\n"); line != "" {
				return line
			}
		}
	}
	line, _, _ := strings.Cut(strings.TrimSpace(a.err), "\n")
	return line
}
