package npmexec

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"safepublish/classify"
	"safepublish/classify/npm"
	"safepublish/runner/npmrc"
)

// settings reads what npm is set to for a publish with these arguments. They are wanted a
// dozen times before npm runs, and kept for as long as no file changes. No process is
// started but for a Version that is not known yet.
func (n *NPM) settings(ctx context.Context, args []string) *npmrc.Settings {
	from := npmrc.Source{NPM: n.Path, Via: n.Via, Version: n.Version(ctx), Dir: n.Dir, Args: args, Env: n.Env}
	key := fmt.Sprintf("%q", from)
	n.mu.Lock()
	kept := n.kept[key]
	n.mu.Unlock()
	if kept == nil || !kept.Fresh() {
		kept = npmrc.Read(from)
		n.mu.Lock()
		if n.kept == nil || len(n.kept) >= mostKept {
			n.kept = map[string]*npmrc.Settings{}
		}
		n.kept[key] = kept
		n.mu.Unlock()
	}
	return kept.Clone()
}

// mostKept bounds the settings that are kept: each package of a queue has its own.
const mostKept = 8

// Config returns npm's configuration for a publish with these arguments, all
// levels merged, the command line first, as npm itself reads it; publishConfig
// is not in it, and neither is any credential (npm leaves those out). What is not set
// is "". It is nil where npm did not answer. Where all that is wanted of it is plain no
// process is started; an answer of npm's is kept, which costs a fifth of a second.
func (n *NPM) Config(ctx context.Context, args []string) npmrc.Config {
	if merged, plain := n.settings(ctx, args).Merged(); plain {
		return merged
	}
	key := strings.Join(configFlags(args), "\x00")
	n.mu.Lock()
	ask, known := n.config[key]
	if !known {
		ask = sync.OnceValue(func() npmrc.Config { return n.askConfig(ctx, args) })
		if n.config == nil {
			n.config = map[string]func() npmrc.Config{}
		}
		n.config[key] = ask
	}
	n.mu.Unlock()
	config := ask() // without the lock: other questions need not wait for npm
	if config == nil {
		n.forgetConfig()
	}
	return config
}

func (n *NPM) askConfig(ctx context.Context, args []string) npmrc.Config {
	dir := n.Dir
	if root, workspace := npmrc.Project(dir, args); workspace != "" {
		dir = root // npm config refuses to run in a workspace's folder; npm reads the root's .npmrc there
	}
	a := n.question(ctx, localTime, dir, npmrc.Without(n.Env, notAsked...), append([]string{"config", "list"}, configFlags(args)...)...)
	if !a.ok || !gjson.Valid(a.out) {
		return nil
	}
	config := npmrc.Config{}
	for k, v := range gjson.Parse(a.out).Map() {
		config[k] = npm.Value(k, v.String())
	}
	return config
}

// forgetConfig lets npm be asked again.
func (n *NPM) forgetConfig() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.config = nil
}

// configFlags returns the flags of a publish that npm config can be given: no
// selection of workspaces, which it refuses, and no credential.
func configFlags(args []string) []string {
	given := npm.Parse(args)
	keys := slices.DeleteFunc(slices.Sorted(maps.Keys(given.Values)), func(key string) bool {
		return slices.Contains(notAsked, key) || strings.HasPrefix(key, "//") || strings.HasPrefix(key, "_")
	})
	return append(alone(args), flags(given, keys)...)
}

// flags returns the flags that give the keys the values that a command line gives them.
func flags(given npm.Parsed, keys []string) (flags []string) {
	for _, key := range keys {
		for _, value := range given.Values[key] {
			flags = append(flags, "--"+key+"="+value)
		}
	}
	return flags
}

// Npmrc returns every setting about registries and credentials that npm reads for a
// publish with these arguments, in npm's order and without a credential's value.
func (n *NPM) Npmrc(ctx context.Context, args []string) classify.Npmrc {
	return n.settings(ctx, args).Ordered(n.Config(ctx, args), n.WorkspaceFolder(ctx, args))
}

// Registry returns the registry that npm publish with these arguments sends the
// package name to, "" where npm does not say.
func (n *NPM) Registry(ctx context.Context, name string, args []string, publishConfig map[string]string) string {
	return n.settings(ctx, args).Registry(n.Config(ctx, args), name, publishConfig)
}

// Proxy returns the proxy that npm goes through to a registry, and what sets it; "" for
// none. No process is started.
func (n *NPM) Proxy(ctx context.Context, args []string, registry string) (proxy, from string) {
	return n.settings(ctx, args).Proxy(registry)
}

// DryRun reports whether npm is set to publish nothing. npm is asked only where
// something says about it what is not plain.
func (n *NPM) DryRun(ctx context.Context, args []string) bool {
	if dry, known := n.settings(ctx, args).DryRun(); known {
		return dry
	}
	return n.Config(ctx, args)["dry-run"] == "true"
}
