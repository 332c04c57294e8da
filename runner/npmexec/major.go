package npmexec

import "context"

// Major returns npm's major version, 0 if it cannot be found out.
func (r *Runner) Major(ctx context.Context) int { return major(r.Version(ctx)) }
