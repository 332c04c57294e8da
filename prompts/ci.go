package prompts

import (
	"fmt"
	"strings"
	"time"

	"safepublish/classify/pattern"
)

// What a CI makes of a log. GitHub Actions and Azure Pipelines obey commands in
// the lines that a job prints, GitLab folds what stands between two markers. All
// of ours go to stderr, like our other words: stdout is npm's and nothing else.
//
// We never ask a CI to mask a secret: the command that does so prints it.

// ci returns whose log we print into: "github", "gitlab" or "azure", "" for none.
func ci(env []string) string {
	switch {
	case getenv(env, "GITHUB_ACTIONS") == "true":
		return "github"
	case getenv(env, "GITLAB_CI") == "true":
		return "gitlab"
	case getenv(env, "TF_BUILD") != "":
		return "azure"
	}
	return ""
}

// atStart matches a workflow command of GitHub, which may stand behind blanks
// (actions/runner, ActionCommand.cs, TryParseV2); anywhere an older one, and one
// of Azure.
var (
	atStart  = pattern.New(`(?m)^([\s\p{Z}]*)::`)
	anywhere = pattern.New(`##(\[|vso\[)`)
)

// escapeCICommands takes the power out of what a CI would obey. What a registry or a script
// said stands in our lines too, and must not set a variable of the job.
func (u *UI) escapeCICommands(s string) string {
	if u.ci == "" {
		return s
	}
	return anywhere.ReplaceAllString(atStart.ReplaceAllString(s, "${1}: :"), "# #$1")
}

// command prints a line that the CI is to obey.
func (u *UI) command(s string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.erase()
	u.out(s + "\n")
}

// Folds tells whether Group does, so that nobody sees what was printed there.
func (u *UI) Folds() bool { return !u.terminal && (u.ci == "github" || u.ci == "gitlab") }

// Group folds what is printed until the function it returns is called, where the
// log of a CI can do that. npm's own lines pass through as they are, those that
// the CI obeys too: a build may well mask its own secret by one.
func (u *UI) Group(title string) (end func()) {
	title = u.clean(title)
	switch {
	case !u.Folds():
	case u.ci == "github":
		u.command("::group::" + data(title))
		return func() { u.command("::endgroup::") }
	default:
		u.sections++
		name := fmt.Sprintf("safepublish_%d", u.sections)
		u.command(fmt.Sprintf("\x1b[0Ksection_start:%d:%s\r\x1b[0K%s", time.Now().Unix(), name, title))
		return func() { u.command(fmt.Sprintf("\x1b[0Ksection_end:%d:%s\r\x1b[0K", time.Now().Unix(), name)) }
	}
	return func() {}
}

// Annotate marks the job, where the CI shows such marks, with the first thing to do, ""
// where nothing is known, what went wrong, and the commands that would go on from there.
func (u *UI) Annotate(cause, title, first string, commands []string) {
	if u.ci != "github" || u.terminal {
		return
	}
	text := u.clean(title)
	if first != "" {
		text = u.clean(first) + "\n" + text
	}
	for i, c := range commands {
		if i == 0 {
			text += "\n" + GoOn
		}
		text += "\n" + u.clean(c)
	}
	u.command("::error title=" + property("safepublish: "+cause) + "::" + data(text))
}

// data and property escape as GitHub's own toolkit does (actions/toolkit,
// packages/core/src/command.ts).
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(data(s))
}
