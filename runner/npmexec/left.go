package npmexec

import (
	"context"
	"os"
	"path/filepath"

	"safepublish/classify/transcript"
)

// Left reads the debug log of an npm publish that was cut off together with the
// safepublish that ran it: folder is what Attempt.Begins was told. What npm wrote
// there is redacted, as at the end of every attempt. HasLog is false where nothing
// tells what it did; a npm that had not even begun its log had sent nothing, and
// leaves a log without packages.
func (r *Runner) Left(ctx context.Context, folder string) transcript.Transcript {
	l := logs{dir: folder, root: filepath.Join(r.StateDir, logFolder), cwd: r.Dir}
	if r.StateDir == "" || filepath.Dir(folder) != l.root || !attemptFolder.MatchString(filepath.Base(folder)) {
		return transcript.Transcript{}
	}
	if entries, err := os.ReadDir(folder); err == nil && len(entries) == 0 && r.Major(ctx) >= 8 { // 7 and older know no logs-dir
		l.discard()
		return transcript.Transcript{HasLog: true}
	}
	_, text := l.find(r, transcript.Input{})
	r.learnFrom(text, r.Args)
	l.keep(r.Redactor)
	return transcript.Read(transcript.Input{Log: text, Exit: -1, Signal: "killed", Ours: transcript.Ours{Run: true}})
}
