package npmexec

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"safepublish/classify/npm"
	"safepublish/classify/pattern"
	"safepublish/classify/transcript"
	"safepublish/runner/npmrc"
)

// Attempt is one run of npm publish.
type Attempt struct {
	Args       []string // npm's arguments after "publish"
	Env        []string // additions to the environment: "npm_config_otp=…", never in argv
	HoldStdout bool     // hold npm's stdout back in Result.Stdout where it is no terminal: of --json only the last attempt's may be seen
	Stage      bool     // npm stage publish
	AskNobody  bool     // npm's input is not the person's, although one may be asked: the one-time password comes from us
	// DryRun says that npm is set to publish nothing (Runner.DryRun); what npm prints
	// about it is not asked.
	DryRun   bool
	Several  bool   // npm is to publish several workspaces
	Manifest string // the package.json that is published, "" where it is not one file
	// OnUpload, where not nil, is called with Manifest as it is when npm's log shows that
	// the upload begins, from another goroutine.
	OnUpload func(manifest []byte)
	// OnWaiting, where not nil, is told what npm waits for without a word on the terminal,
	// and returns what is then shown beside what npm shows: whole lines, or "". It is
	// called from another goroutine.
	OnWaiting func(Waiting) string
	// Aside, where not nil, is asked now and then for what else is to be shown among what
	// npm shows, "" for nothing.
	Aside      func() string
	OwnRetries bool // the package may say itself how often npm tries a request again (publishConfig)
	// BeforeStart, where not nil, is called right before npm is started, with the folder
	// of its debug log, "" where npm writes none into our StateDir. Its error keeps npm
	// from being started, and is Publish's.
	BeforeStart func(logs string) error
}

// Result is what one run of npm publish did. A refused publish is a Result, not
// an error.
type Result struct {
	transcript.Transcript
	// Manifest is Attempt.Manifest as it was when npm's log showed that the upload
	// began, nil where that was not seen. npm has read it by then, after every script
	// that runs before the upload; ManifestLate tells that the upload was answered before it
	// was read, so that a script that runs afterwards may have changed it.
	Manifest     []byte
	ManifestLate bool
	Stdout       *Held     // npm's stdout where it was held back, else nil: the caller passes the last one on, and closes each
	Lost         error     // why npm's stdout, or the end of it, did not reach ours (a full disk); nil where it did or nobody reads it
	SignalToUs   os.Signal // the signal that asked us to end while npm ran: the status is 128 plus its number, whatever npm made of it
	Elapsed      time.Duration
}

// Publish runs npm publish once and returns what happened. The error is nil
// unless npm could not be started or its streams could not be set up. When ctx
// ends npm is asked to end (SIGTERM), and killed if it does not within ten
// seconds. Signals that ask us to end are passed on to npm meanwhile, so the caller
// must not end the process on them while Publish runs: it reads Result.SignalToUs.
func (r *Runner) Publish(ctx context.Context, a Attempt) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	s, err := r.openStreams(r.Ask && !a.AskNobody, a.HoldStdout)
	if err != nil {
		return Result{}, err
	}
	version := r.Version(ctx)
	r.LearnSecrets(ctx, a.Args)
	logs := r.openLogs(ctx, a.Args)
	cmd := r.NPM.start(logs.argv(a)...)
	cmd.Dir, cmd.Env = r.Dir, npmrc.WithEnv(npmrc.WithEnv(r.Env, a.Env...), append(logs.env(), underWay+"="+r.Dir)...)
	if a.BeforeStart != nil {
		if err := a.BeforeStart(logs.dir); err != nil {
			s.close()
			logs.discard()
			return Result{}, err
		}
	}
	uploaded := watchUpload(logs.dir, a.Manifest, a.OnUpload)
	waits := r.watchWaits(ctx, logs.dir, a, s.beside)
	end, err := r.run(ctx, cmd, s)
	waits()
	manifest, late := uploaded()
	if err != nil {
		logs.discard()
		return Result{}, err
	}
	in, held := s.captured()
	in.Exit, in.Signal, in.DryRun = end.exit, end.signal, a.DryRun
	in.Ours = transcript.Ours{Run: true, Several: a.Several, Logs: (!version.Known() || version.Has(npm.LogsDir)) && logs.writable()}
	path, text := logs.find()
	in.Log = text
	in.Ours.Between = end.signal != "" && r.cutBetween(ctx, path, a)
	r.learnFrom(ctx, path, a.Args)
	logs.keep(r.Redactor)
	logs.leave(path)
	return Result{
		Transcript: transcript.Read(in), Manifest: manifest, ManifestLate: late,
		Stdout: held, Lost: s.lost(), SignalToUs: end.got, Elapsed: end.elapsed,
	}, nil
}

// RunAfter runs the scripts that npm publish runs after the upload, for a publish that
// was given --ignore-scripts, and returns what that makes of its result: a script
// that fails ends the run with its status, as in npm publish. npm run --ignore-scripts
// runs the script that it names and none before or after it (npm docs, run). folder is
// that of the package.
func (r *Runner) RunAfter(ctx context.Context, a Attempt, folder string, result Result, scripts []string) Result {
	for _, script := range scripts {
		argv := []string{"npm", "run", "--ignore-scripts", "--if-present", script}
		status, err := r.Interactive(ctx, folder, argv, append(a.Env, underWay+"="+r.Dir))
		if err != nil {
			status = 1
		}
		if status == 0 {
			continue
		}
		result.Exit, result.Failed, result.Code = status, true, strconv.Itoa(status)
		result.Message = []transcript.Line{{From: "npm run", Level: "error", Text: "command failed: " + script}}
		break
	}
	return result
}

// ReadInterrupted reads the debug log of an npm publish that was cut off together with the
// safepublish that ran it: folder is what Attempt.BeforeStart was told. What npm wrote
// there is redacted, as at the end of every attempt. HasLog is false where nothing
// tells what it did; an npm that had not even begun its log had sent nothing, and
// leaves a log without packages.
func (r *Runner) ReadInterrupted(ctx context.Context, folder string) transcript.Transcript {
	l := logs{dir: folder, root: filepath.Join(r.StateDir, logFolder), cwd: r.Dir}
	if r.StateDir == "" || filepath.Dir(folder) != l.root || !attemptFolder.MatchString(filepath.Base(folder)) {
		return transcript.Transcript{}
	}
	if entries, err := os.ReadDir(folder); err == nil && len(entries) == 0 && r.Version(ctx).Has(npm.LogsDir) {
		l.discard()
		return transcript.Transcript{HasLog: true}
	}
	path, text := l.find()
	r.learnFrom(ctx, path, r.Args)
	l.keep(r.Redactor)
	return transcript.Read(transcript.Input{Log: text, Exit: -1, Signal: "killed", Ours: transcript.Ours{Run: true}})
}

// LearnSecrets tells the redactor every secret that npm may read for a publish with these
// arguments.
func (r *Runner) LearnSecrets(ctx context.Context, args []string) { r.learnFrom(ctx, "", args) }

// learnFrom is LearnSecrets, and reads the files that npm says it has loaded, at the
// beginning of the log at path, "" for none.
func (r *Runner) learnFrom(ctx context.Context, path string, args []string) {
	s := r.settings(ctx, args)
	for _, m := range loaded.FindAllSubmatch(startOf(path), -1) {
		s.Also(string(m[1]))
	}
	for _, secret := range s.Secrets() {
		r.Redactor.Add(secret)
	}
}

// loaded is how npm 9 and later ("silly config load:file:/x/.npmrc") and npm 7 and
// 8 ("timing config:load:file:/x/.npmrc Completed in 1ms") log it.
var loaded = pattern.New(`(?m)^\d+ \w+ config[: ]load:file:(.+?)(?: Completed in \S+)?\r?$`)
