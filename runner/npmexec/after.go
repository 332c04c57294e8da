package npmexec

import (
	"context"
	"strconv"

	"safepublish/classify/npm"
	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

// RunAfter runs the scripts that npm publish runs after the upload, for a publish that
// was given --ignore-scripts, and puts into result what that makes of it: a script
// that fails ends the run with its status, as in npm publish. npm run --ignore-scripts
// runs the script that it names and none before or after it (npm docs, run).
func (r *Runner) RunAfter(ctx context.Context, a Attempt, result *Result, scripts []string) {
	given := npm.Parse(a.Args, r.Major(ctx))
	for _, script := range scripts {
		argv := []string{"npm", "run", "--ignore-scripts", "--if-present", script}
		for _, spec := range given.Specs {
			argv = append(argv, "--prefix="+npmrc.Resolve(r.Dir, spec))
		}
		for _, key := range packFlags {
			for _, v := range given.Values[key] {
				argv = append(argv, "--"+key+"="+v)
			}
		}
		status, err := r.Interactive(ctx, "", argv, append(a.Env, underWay+"="+r.Dir))
		if err != nil {
			status = 1
		}
		if status == 0 {
			continue
		}
		result.Exit, result.Failed, result.Code = status, true, strconv.Itoa(status)
		result.Message = []transcript.Line{{From: "npm run", Level: "error", Text: "command failed: " + script}}
		return
	}
}
