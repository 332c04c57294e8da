package logs

import (
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
)

// A text may end where a script of the publish failed, before npm says so.

// scriptFailed are a program's words for its end: execa's and node's, npm's and yarn's,
// node's code of an error, tsc's.
var scriptFailed = pattern.Any(`(?i)\b(?:command failed|(?:exit|exited with)(?: exit| status)? code [1-9]\d*)\b`,
	`\bERR_[A-Z]+_[A-Z_]+\b`, `\berror TS\d{4}\b`)

// scriptEnds notes a line of a script of the publish that says that it failed.
func (r *run) scriptEnds(place int, text string) bool {
	if c, ok := commandOf(text); ok && c.verb == "publish" || r.script == "" || r.failed || r.over || !scriptFailed.MatchString(text) {
		return false
	}
	r.ended, r.place.last = errorLine(place, text), place
	return true
}

// endedInScript makes a failure of a run whose last words are those of a script, in a
// text that speaks of a publish.
func (rd *reader) endedInScript(t *transcript.Transcript, r *run) bool {
	if t.Failed || r.script == "" || r.over || r.ended.Text == "" {
		return false
	}
	installs := r.script == "prepare" || r.script == "prepublish" // an installation runs them as well
	if r.typed.verb != "publish" && (r.typed.verb != "" || installs || !rd.publishes) {
		return false
	}
	t.Failed, t.Code, t.Message = true, "1", []transcript.Line{r.ended}
	return true
}
