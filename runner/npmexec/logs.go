package npmexec

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

const (
	logFolder = "logs"
	logsKept  = 10 // attempts whose logs are kept: npm prints the path, and people open it
)

// logs is where npm writes the debug log of one attempt.
//
// Every attempt has a fresh folder, and npm may keep many logs there: a build
// that runs npm a dozen times made npm, which keeps ten, clean away the very log
// that we need (measured).
type logs struct {
	dir  string // ours; "" where we cannot write
	root string // the folder of such folders
	cwd  string // where npm publish runs

	wanted   string // the folder in which the user wants npm's logs, "" for none
	unwanted bool   // the user wants none
}

// openLogs makes the folder for the log of one attempt. It is ours whatever the user
// has said of npm's logs: that is honoured by what is left behind (see leave).
func (r *Runner) openLogs(ctx context.Context, args []string) logs {
	l := logs{cwd: r.Dir}
	if r.settings(ctx, args).Sets(logKeys...) {
		config := r.Config(ctx, args)
		if dir := config["logs-dir"]; dir != "" {
			l.wanted = npmrc.Resolve(r.Dir, dir)
		}
		l.unwanted = config["logs-max"] == "0"
	}
	if r.StateDir == "" {
		return l
	}
	l.root = filepath.Join(r.StateDir, logFolder)
	if os.MkdirAll(l.root, 0o700) != nil {
		return l
	}
	l.dir, _ = os.MkdirTemp(l.root, time.Now().UTC().Format("2006-01-02T15_04_05.000Z-*"))
	return l
}

// logKeys are npm's settings about its logs. As flags they would beat ours, which
// stand in the environment.
var logKeys = []string{"logs-dir", "logs-max"}

// argv returns npm's arguments of an attempt, without what sends its log elsewhere.
func (l logs) argv(a Attempt) []string {
	args := a.Args
	if l.dir != "" {
		for _, key := range logKeys {
			args = npm.Remove(args, key)
		}
	}
	if a.Stage {
		return append([]string{"stage", "publish"}, args...)
	}
	return append([]string{"publish"}, args...)
}

// leave puts the log of npm publish, once it is redacted, where the user wants npm's
// logs, or takes it away where none is wanted.
func (l logs) leave(path string) {
	switch {
	case path == "":
		return
	case l.unwanted:
		l.discard()
		return
	}
	text, err := os.ReadFile(path)
	if l.wanted == "" || err != nil || os.MkdirAll(l.wanted, 0o700) != nil {
		return
	}
	_ = os.WriteFile(filepath.Join(l.wanted, filepath.Base(path)), text, 0o600) // ours is kept all the same
}

// writable tells whether npm could still write its log there.
func (l logs) writable() bool {
	if l.dir == "" {
		return false
	}
	probe, err := os.CreateTemp(l.dir, ".probe-")
	if err != nil {
		return false
	}
	err = probe.Close()
	return os.Remove(probe.Name()) == nil && err == nil
}

func (l logs) env() []string {
	if l.dir == "" {
		return nil
	}
	return []string{"npm_config_logs_dir=" + l.dir, "npm_config_logs_max=1000"}
}

// find returns the debug log of npm publish itself, its path and its text, "" and nil
// where there is none: npm 7 and older know no logs-dir. npm runs that scripts start
// write theirs into the same folder; the one we look for started first, so it sorts
// first.
func (l logs) find() (string, []byte) {
	for _, path := range logFiles(l.dir) {
		if !transcript.Publishes(startOf(path)) {
			continue
		}
		text := readLog(path)
		if dir := transcript.RanIn(text); dir == "" || samePath(dir, l.cwd) { // npm says it only where it failed
			return path, text
		}
	}
	return "", nil
}

// logFiles returns the first file of each npm run's log in a folder, oldest first.
func logFiles(dir string) (files []string) {
	entries, _ := os.ReadDir(dir) // sorted by name, which begins with the time
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-debug-0.log") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// keep rewrites what npm wrote into our folder redacted, for npm writes its argv
// there in clear, and removes the folders of attempts long ago. It does nothing
// to a user's own logs. What cannot be redacted is not kept, nor is what goes
// beyond a bound.
func (l logs) keep(redactor *transcript.Redactor) {
	keepRedacted(l.dir, redactor)
	os.Remove(l.dir) // succeeds only where npm wrote nothing
	prune(l.root)
}

func (l logs) discard() { os.RemoveAll(l.dir) }

// attemptFolder is the form of our own folders' names; nothing else is removed.
var attemptFolder = pattern.New(`^\d{4}-\d\d-\d\dT\d\d_\d\d_\d\d\.\d{3}Z-\d+$`)

func prune(root string) {
	entries, _ := os.ReadDir(root) // sorted by name, which begins with the time
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool {
		return !e.IsDir() || !attemptFolder.MatchString(e.Name())
	})
	for _, e := range entries[:max(0, len(entries)-logsKept)] {
		os.RemoveAll(filepath.Join(root, e.Name()))
	}
}
