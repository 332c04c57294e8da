package runner

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/tidwall/gjson"

	"safepublish/classify/transcript"
	"safepublish/runner/npmargs"
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
	return transcript.Read(transcript.Input{Log: text, Exit: -1, Signal: "killed"})
}

// packDrops are the settings that npm pack must not have for its answer to be one
// document about the same package.
var packDrops = []string{"otp", "dry-run", "json", "tag", "loglevel", "foreground-scripts", "logs-max"}

// packFlags are the flags of npm publish that decide what is packed.
var packFlags = []string{"workspace", "workspaces", "include-workspace-root", "ignore-scripts"}

// packTime bounds npm pack, the scripts of packing included.
const packTime = 10 * time.Minute

// Packs returns the shasum of what npm publish with these arguments would send of
// that name and version now, "" where npm pack does not say. The scripts of
// packing run, without a terminal; those of publishing alone (prepublishOnly) do
// not. Packing is reproducible from npm 7 on (pacote, lib/util/tar-create-options.js)
// as long as the scripts are.
func (r *Runner) Packs(ctx context.Context, args []string, name, version string) string {
	ctx, cancel := context.WithTimeout(ctx, packTime)
	defer cancel()
	given := npmargs.Parse(args, r.Major(ctx))
	words := append([]string{"pack"}, given.Specs...)
	words = append(words, "--dry-run", "--json", "--loglevel=error", "--foreground-scripts=false", "--no-update-notifier")
	for _, key := range packFlags {
		for _, v := range given.Values[key] {
			words = append(words, "--"+key+"="+v)
		}
	}
	a := r.answer(ctx, r.Dir, without(r.Env, packDrops...), words...)
	shasum := ""
	gjson.Parse(jsonIn(a.out)).ForEach(func(_, p gjson.Result) bool { // a list; in npm 12 an object by name
		if a.ok && p.Get("name").String() == name && p.Get("version").String() == version {
			shasum = p.Get("shasum").String()
		}
		return true
	})
	return shasum
}
