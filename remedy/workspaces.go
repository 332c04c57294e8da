package remedy

import (
	"fmt"

	"safepublish/classify/npm"
)

var publishWorkspaces = Remedy{
	ID: WorkspacesID, Title: "publish the packages of the workspace", Safety: NeedsUser, Plan: queues,
	Fixes: []string{"private-package", "version-invalid", "name-invalid"}, // npm minds a version that is missing first
}

// WorkspacesID is the remedy that goes on with several packages in place of the one that
// was refused.
const WorkspacesID = "workspaces"

// queues offers, at the private root of a workspace, what was most likely meant: to publish
// the packages that it holds.
func queues(p *Problem) []Offer {
	if p.Workspaces == 0 || len(npm.Parse(p.Args).Specs) > 0 {
		return nil
	}
	what := fmt.Sprintf("its %d packages", p.Workspaces)
	if p.Workspaces == 1 {
		what = "its package"
	}
	title := "Publish " + what + ": " + Typed(p.Case.Shell, nil, append([]string{"--workspaces"}, p.Args...))
	if !p.Ask {
		return advise(title)
	}
	return []Offer{{Title: title, Safety: NeedsUser, Plan: Plan{Flag{"workspaces", "true"}}}}
}
