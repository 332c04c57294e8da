package npmexec

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// settings reads what npm is set to for a publish with these arguments. No process
// is started, so up to the first Version a shim's npm is of an unknown one.
func (r *Runner) settings(args []string) *npmrc.Settings {
	return npmrc.Read(npmrc.Source{NPM: r.NPM, Major: major(r.installed()), Dir: r.Dir, Args: args, Env: r.Env})
}

// Learn tells the redactor every secret that npm may read for a publish with these
// arguments. It starts no process.
func (r *Runner) Learn(args []string) { r.learn(r.settings(args)) }

func (r *Runner) learn(s *npmrc.Settings) {
	for _, secret := range s.Secrets() {
		r.Redactor.Add(secret)
	}
}

// learnFrom is Learn, and reads the files that npm says in its log it has loaded.
func (r *Runner) learnFrom(log []byte, args []string) {
	s := r.settings(args)
	for _, m := range loaded.FindAllSubmatch(log[:min(len(log), 1<<16)], -1) { // npm loads them first
		s.Also(string(m[1]))
	}
	r.learn(s)
}

// loaded is how npm 9 and later ("silly config load:file:/x/.npmrc") and npm 7 and
// 8 ("timing config:load:file:/x/.npmrc Completed in 1ms") log it.
var loaded = regexp.MustCompile(`(?m)^\d+ \w+ config[: ]load:file:(.+?)(?: Completed in \S+)?\r?$`)

// Config returns npm's configuration for a publish with these arguments, all
// levels merged, the command line first, as npm itself reads it; publishConfig
// is not in it, and neither is any credential (npm leaves those out). It is nil
// where npm did not answer. The answer is kept: it costs npm a fifth of a second.
func (r *Runner) Config(ctx context.Context, args []string) npmrc.Config {
	version := r.Major(ctx)
	r.memo.mu.Lock()
	defer r.memo.mu.Unlock()
	key := strings.Join(args, "\x00")
	if known, ok := r.memo.config[key]; ok {
		return known
	}
	words := append([]string{"config", "list", "--json", "--loglevel=error", "--no-update-notifier"}, configFlags(args, version)...)
	env := npmrc.Without(r.Env, "otp", "json", "workspace", "workspaces", "include-workspace-root", "loglevel")
	a := r.question(ctx, r.Dir, env, words...)
	if a.code == "ENOWORKSPACES" {
		// npm config refuses to run in a workspace's folder; npm reads the root's .npmrc there.
		if prefix := strings.TrimSpace(r.question(ctx, r.Dir, env, "prefix").out); filepath.IsAbs(prefix) {
			a = r.question(ctx, prefix, env, words...)
		}
	}
	if !a.ok || !gjson.Valid(a.out) {
		return nil
	}
	config := npmrc.Config{}
	for k, v := range gjson.Parse(a.out).Map() {
		if v.Type != gjson.Null {
			config[k] = v.String()
		}
	}
	if r.memo.config == nil {
		r.memo.config = map[string]npmrc.Config{}
	}
	r.memo.config[key] = config
	return config
}

// configFlags returns the flags of a publish that npm config can be given: no
// workspaces, which it refuses, and no credential.
func configFlags(args []string, major int) []string {
	left := []string{"workspace", "workspaces", "include-workspace-root", "json", "otp"}
	values := npm.Parse(args, major).Values
	var flags []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if slices.Contains(left, key) || strings.HasPrefix(key, "//") || strings.HasPrefix(key, "_") {
			continue
		}
		for _, value := range values[key] {
			flags = append(flags, "--"+key+"="+value)
		}
	}
	return flags
}

// Npmrc returns every setting about registries and credentials that npm reads for a
// publish with these arguments, in npm's order and without a credential's value.
func (r *Runner) Npmrc(ctx context.Context, args []string) classify.Npmrc {
	return r.settings(args).Ordered(r.Config(ctx, args))
}

// Registry returns the registry that npm publish with these arguments sends the
// package name to, "" where npm does not say.
func (r *Runner) Registry(ctx context.Context, name string, args []string, publishConfig map[string]string) string {
	r.Version(ctx)
	return r.settings(args).Registry(r.Config(ctx, args), name, publishConfig)
}

// Tag returns the dist-tag that npm is set to publish under with these
// arguments, environment and .npmrc included, "latest" where nothing says
// otherwise, "" where npm does not say. publishConfig.tag, which beats all but
// the command line, is not looked at.
func (r *Runner) Tag(ctx context.Context, args []string) string {
	return r.Config(ctx, args)["tag"]
}

// DryRun reports whether npm is set to publish nothing. npm is asked only where
// something says about it what is not plain.
func (r *Runner) DryRun(ctx context.Context, args []string) bool {
	r.Version(ctx)
	if dry, known := r.settings(args).DryRun(); known {
		return dry
	}
	return r.Config(ctx, args)["dry-run"] == "true"
}
