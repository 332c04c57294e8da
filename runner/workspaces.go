package runner

import (
	"context"

	"github.com/tidwall/gjson"

	"safepublish/runner/npmargs"
)

// Workspace is the manifest of one workspace, as far as it says how it is published.
type Workspace struct {
	Name, Version string
	Private       bool
	PublishConfig map[string]string // values as npm would read them
}

// Workspaces returns the workspaces that npm publish with these arguments would
// go through, in its order, as npm pkg tells them; nil where it does not (npm 7.19
// and older).
func (r *Runner) Workspaces(ctx context.Context, args []string) []Workspace {
	given := npmargs.Parse(args, r.Major(ctx))
	words := []string{"pkg", "get", "name", "version", "private", "publishConfig", "--json", "--loglevel=error"}
	for _, key := range []string{"workspace", "workspaces", "include-workspace-root"} {
		for _, v := range given.Values[key] {
			words = append(words, "--"+key+"="+v)
		}
	}
	a := r.question(ctx, r.Dir, without(r.Env, "otp", "json", "loglevel"), words...)
	if !a.ok || !gjson.Valid(a.out) {
		return nil
	}
	var all []Workspace
	gjson.Parse(a.out).ForEach(func(_, m gjson.Result) bool {
		w := Workspace{Name: m.Get("name").String(), Version: m.Get("version").String(), Private: m.Get("private").Bool(), PublishConfig: map[string]string{}}
		m.Get("publishConfig").ForEach(func(key, value gjson.Result) bool {
			w.PublishConfig[key.String()] = value.String()
			return true
		})
		all = append(all, w)
		return true
	})
	return all
}
