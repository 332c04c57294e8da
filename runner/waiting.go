package runner

import (
	"fmt"
	"strings"

	"safepublish/classify/transcript"
	"safepublish/prompts"
	"safepublish/remedy/edit"
	"safepublish/runner/npmexec"
)

// besideNPM is what is shown of what npm waits for without a word.
func (r *release) besideNPM(w npmexec.Waiting) string {
	return r.ui.Beside(waitingFor(w))
}

// waitingFor says what npm waits for: what failed, which try of how many it was, and when
// the next one is.
func waitingFor(w npmexec.Waiting) string {
	var text, upload string
	if w.Upload {
		upload = " to upload"
	}
	switch {
	case w.Failed == "":
		return fmt.Sprintf("no answer from %s for %s", w.Host, prompts.Clock(w.Silent))
	case transcript.Unsent(w.Failed):
		text = fmt.Sprintf("npm cannot reach %s%s (%s)", w.Host, upload, w.Failed)
	case w.Failed[0] >= '1' && w.Failed[0] <= '9':
		text = fmt.Sprintf("npm asked %s%s and got %s", w.Host, upload, w.Failed)
	default:
		text = fmt.Sprintf("the connection to %s broke (%s)", w.Host, w.Failed)
	}
	if w.Of == 0 {
		return fmt.Sprintf("%s: try %d failed", text, w.Try)
	}
	return fmt.Sprintf("%s: try %d of %d failed, the next in %s", text, w.Try, w.Of, prompts.Clock(w.Next))
}

// setsRetries tells whether a package may say itself how often npm tries a request again:
// npm takes publishConfig for settings of its own (lib/commands/publish.js).
func setsRetries(pkg edit.Package) bool {
	if pkg.Kind != "folder" && pkg.Kind != "tarball" {
		return true
	}
	for key := range pkg.Config {
		if strings.HasPrefix(key, "fetch-retr") {
			return true
		}
	}
	return false
}
