package npmexec

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"safepublish/classify/npm"
)

// Config returns npm's configuration for a publish with these arguments, all
// levels merged, the command line first, as npm itself reads it; publishConfig
// is not in it, and neither is any credential (npm leaves those out). It is nil
// where npm did not answer. The answer is kept: it costs npm a fifth of a second.
func (r *Runner) Config(ctx context.Context, args []string) map[string]string {
	r.memo.mu.Lock()
	defer r.memo.mu.Unlock()
	key := strings.Join(args, "\x00")
	if known, ok := r.memo.config[key]; ok {
		return known
	}
	open, secrets := apart(args)
	all := append([]string{"config", "list", "--json", "--loglevel=error", "--no-update-notifier"}, configFlags(open)...)
	env := without(withEnv(r.Env, secrets...), "otp", "json", "workspace", "workspaces", "include-workspace-root", "loglevel")
	a := r.question(ctx, r.Dir, env, all...)
	if a.code == "ENOWORKSPACES" {
		// npm config refuses to run in a workspace's folder; npm reads the root's .npmrc there.
		if prefix := strings.TrimSpace(r.question(ctx, r.Dir, env, "prefix").out); filepath.IsAbs(prefix) {
			a = r.question(ctx, prefix, env, all...)
		}
	}
	if !a.ok || !gjson.Valid(a.out) {
		return nil
	}
	config := map[string]string{}
	for k, v := range gjson.Parse(a.out).Map() {
		if v.Type != gjson.Null {
			config[k] = v.String()
		}
	}
	if r.memo.config == nil {
		r.memo.config = map[string]map[string]string{}
	}
	r.memo.config[key] = config
	return config
}

// configFlags returns the flags of a publish that npm config can be given: no
// workspaces, which it refuses, no credential, and no word that is no flag.
func configFlags(args []string) []string {
	var flags []string
	args = beforeDashes(args)
	for i := 0; i < len(args); i++ {
		name, _, assigned := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		switch {
		case slices.Contains([]string{"w", "workspace"}, name):
			if !assigned {
				i++
			}
		case slices.Contains([]string{"ws", "iwr", "workspaces", "include-workspace-root", "no-workspaces", "json", "no-json", "otp"}, name):
		case strings.HasPrefix(name, "//"), strings.HasPrefix(name, "_"):
		default:
			flags = append(flags, args[i])
		}
	}
	return flags
}

// Registry returns the registry that npm publish with these arguments sends the
// package name to, "" where npm does not say: for a scoped package what
// @scope:registry says at any level, then the scope setting's, then registry
// (npm-registry-fetch, lib/index.js, pickRegistry). publishConfig beats every
// setting but the command line, and up to npm 9 that too (npm 9.9.4,
// lib/commands/publish.js).
func (r *Runner) Registry(ctx context.Context, name string, npmArgs []string, publishConfig map[string]string) string {
	config := r.Config(ctx, npmArgs)
	old := major(r.Version(ctx)) < 10
	get := func(key string) string {
		if _, given := flag(npmArgs, key); given && !old {
			return config[key]
		}
		if v := publishConfig[key]; v != "" {
			return v
		}
		return config[key]
	}
	if scope := scopeOf(name); scope != "" {
		if v := get(scope + ":registry"); v != "" {
			return v
		}
	}
	if scope := get("scope"); scope != "" {
		if v := get("@" + strings.TrimPrefix(scope, "@") + ":registry"); v != "" {
			return v
		}
	}
	return get("registry")
}

// Tag returns the dist-tag that npm is set to publish under with these
// arguments, environment and .npmrc included, "latest" where nothing says
// otherwise, "" where npm does not say. publishConfig.tag, which beats all but
// the command line, is not looked at.
func (r *Runner) Tag(ctx context.Context, args []string) string {
	return r.Config(ctx, args)["tag"]
}

// DryRun reports whether npm is set to publish nothing: by a flag, the environment
// or an .npmrc, and by nothing that npm prints. npm is asked only where one of them
// says something about it that is not plain.
func (r *Runner) DryRun(ctx context.Context, args []string) bool {
	if word, given := npm.Get(args, "dry-run", r.Major(ctx)); given && (word == "true" || word == "false") {
		return word == "true"
	}
	if !r.sources(args).sets("dry-run") {
		return false
	}
	return r.Config(ctx, args)["dry-run"] == "true"
}
